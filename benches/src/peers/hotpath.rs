//! hotpath: how often and how long, by name; no timeline.

use std::fs;
use std::path::{Path, PathBuf};

use hotpath::{Format, HotpathGuard, HotpathGuardBuilder, measure_block};

use super::peer::{About, Peer, Subjects};

pub(super) const ABOUT: About = About {
    name: "hotpath",
    packages: &["hotpath"],
    is_timed: true,
    how: "`measure_block!`; it keeps counts and durations by name, no timeline, and takes no values and no instants. Off \
          is compiled in, without its guard. A round is a guard, which ends with its report. Its collecting is its \
          thread's summing up.",
    subjects: Subjects { off: Some(spans), span: Some(spans), values: None, instant: None, deep: Some(deep) },
    slice: 5_000,
    holds: false,
    reads: true,
    formats: &[],
    start: || Box::new(Hotpath(None)),
};

/// As constants: of a literal the macro makes a symbol for the linker, which is what `unsafe_code` denies.
const SPAN: &str = "span";
const NAMES: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];

fn spans(count: u64) {
    for _ in 0..count {
        measure_block!(SPAN, {});
    }
}

fn deep(count: u64) {
    for _ in 0..count / 8 {
        measure_block!(NAMES[0], measure_block!(NAMES[1], measure_block!(NAMES[2], measure_block!(NAMES[3], inner()))));
    }
}

#[inline(always)]
fn inner() {
    measure_block!(NAMES[4], measure_block!(NAMES[5], measure_block!(NAMES[6], measure_block!(NAMES[7], {}))));
}

struct Hotpath(Option<HotpathGuard>);

fn report() -> PathBuf {
    std::env::temp_dir().join(format!("traceme-peers-hotpath-{}.json", std::process::id()))
}

/// All numbers that stand behind `"calls":` in a report, added up.
fn calls(report: &Path) -> u64 {
    let text = fs::read_to_string(report).expect("a report");
    let number = |part: &str| part.trim_start().split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok();
    text.split("\"calls\":").skip(1).filter_map(number).sum()
}

impl Peer for Hotpath {
    fn begin(&mut self) {
        self.0 = Some(HotpathGuardBuilder::new("peers").format(Format::Json).output_path(report()).build());
    }

    fn end(&mut self, events: u64) {
        drop(self.0.take());
        let calls = calls(&report());
        fs::remove_file(report()).expect("it was written");
        // The guard counts itself.
        assert!(calls == events || calls == events + 1, "{calls} calls of {events}");
    }

    fn read(&mut self, events: u64) {
        self.end(events);
    }
}
