//! What it costs to write a trace in the formats of viewers.

use std::fs;
use std::path::PathBuf;

use traceme::{Session, Trace, export};

use super::fresh;
use crate::clock::{ns_per_tick, pairs};
use crate::peers::trees::record_with_tracing_chrome;
use crate::quiet::quietly;
use crate::sessions::{assert_whole, start};
use crate::slices::{Outcome, Patience, columns, time};
use crate::subjects::{trees_with_values, varied_spans};

/// Trees of 40 spans with two integers each, all of them inside one span.
const SPANS: u64 = 1_000_000;

/// The arguments by which `bars` asks for processes of their own.
pub(super) const GROWTH: &str = "--export-growth";
pub(super) const TRACING_CHROME: &str = "--tracing-chrome";
pub(super) const RECORD_AND_SAVE: &str = "--record-and-save";

pub(super) fn perfetto() -> Outcome {
    rate("pftrace")
}

pub(super) fn chrome() -> Outcome {
    rate("json")
}

fn record() -> Trace {
    let session = start();
    trees_with_values(SPANS);
    let trace = session.stop();
    assert_whole(&trace, SPANS + 1);
    trace
}

/// A file of this process's, removed when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(extension: &str) -> Self {
        Self(std::env::temp_dir().join(format!("traceme-bars-{}.{extension}", std::process::id())))
    }

    fn bytes(&self) -> u64 {
        fs::metadata(&self.0).expect("it was saved").len()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Millions of spans a second, saved to a file.
fn rate(extension: &str) -> Outcome {
    const TIMES: usize = 7;
    let (trace, file) = (record(), Scratch::new(extension));
    assert_eq!(trace.tracks().len(), 1, "found before the clock runs");
    Patience::of_row(|patience| {
        let times = patience.gather(TIMES, |times| {
            times.extend(quietly(|| [time(|| trace.save(&file.0).expect("a file")), time(|| pairs(20_000))]));
        })?;
        let [saved, floor] = columns(&times);
        let a_second = |ticks: f64| SPANS as f64 * 1e3 / (ticks * ns_per_tick());
        let bytes = file.bytes() as f64 / SPANS as f64;
        let note = format!("median {:.2}; {bytes:.1} bytes a span with 2 integers", a_second(saved.median()));
        Ok(Outcome::of(&[&floor], a_second(saved.p10()), note))
    })
}

/// The bytes of a span without metadata, of spans that take 20 ns to 20 us.
pub(super) fn bytes() -> Outcome {
    size(|trace, out| export::perfetto(trace, out))
}

/// The same, compressed.
pub(super) fn compressed_bytes() -> Outcome {
    size(|trace, out| export::perfetto_compressed(trace, out))
}

fn size(export: fn(&Trace, &mut Vec<u8>) -> std::io::Result<()>) -> Outcome {
    const SPANS: u64 = 100_000;
    let session = start();
    varied_spans(SPANS);
    let trace = session.stop();
    assert_whole(&trace, SPANS);
    let mut bytes = Vec::new();
    export(&trace, &mut bytes).expect("memory");
    let note = format!("{} KiB for {SPANS} spans of 8 callsites", bytes.len() / 1024);
    Outcome::Measured(bytes.len() as f64 / SPANS as f64, note)
}

/// How far the peak of resident memory rises.
pub(super) fn growth() -> Outcome {
    match fresh::numbers::<2>(GROWTH) {
        Some([perfetto, chrome]) => {
            let note = format!("Perfetto {perfetto:.1}, Chrome {chrome:.1}; of a trace of {SPANS} spans");
            Outcome::Measured(perfetto.max(chrome), note)
        }
        None => Outcome::Void("this system doesn't tell the peak of resident memory".into()),
    }
}

/// The MiB by which saving in each format raises the peak of resident memory. Nothing if the system doesn't tell.
pub(super) fn growths() -> String {
    let trace = record();
    assert_eq!(trace.tracks().len(), 1);
    let growth = |extension: &str| {
        let file = Scratch::new(extension);
        // Makes the peak what is resident now: see proc(5).
        fs::write("/proc/self/clear_refs", "5").ok()?;
        let before = peak()?;
        trace.save(&file.0).expect("a file");
        Some(peak()? - before)
    };
    match (growth("pftrace"), growth("json")) {
        (Some(perfetto), Some(chrome)) => format!("{perfetto} {chrome}"),
        _ => String::new(),
    }
}

/// The peak of resident memory in MiB.
fn peak() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
}

/// Recording and saving as JSON against tracing-chrome, which does both at the same time.
pub(super) fn of_tracing_chrome() -> Outcome {
    let (Some([ours]), Some([theirs])) = (fresh::numbers::<1>(RECORD_AND_SAVE), fresh::numbers::<1>(TRACING_CHROME))
    else {
        return Outcome::Void("the machine is busy".into());
    };
    let a_second = |ns: f64| SPANS as f64 * 1e3 / ns;
    let note = format!("{:.2} M spans/s against {:.2}; from start to a whole file", a_second(ours), a_second(theirs));
    Outcome::Measured(ours / theirs, note)
}

/// The ns that it takes to record and save.
pub(super) fn record_and_save() -> String {
    let ns_per_tick = ns_per_tick();
    let file = Scratch::new("json");
    let ticks = time(|| record().save(&file.0).expect("a file"));
    format!("{}", ticks as f64 * ns_per_tick)
}

/// The ns that it takes tracing-chrome to record the same.
pub(super) fn tracing_chrome() -> String {
    let ns_per_tick = Session::start(1).expect("no session runs").stop().clock().ns_per_tick;
    let file = Scratch::new("json");
    let ticks = time(|| record_with_tracing_chrome(&file.0, SPANS));
    assert!(file.bytes() > 100 * SPANS, "it is all there");
    format!("{}", ticks as f64 * ns_per_tick)
}
