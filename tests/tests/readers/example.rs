//! The traces that the example leaves: both formats show the same, and as much as the example says it recorded.

use std::path::Path;
use std::process::Command;

use crate::expected::Slice;
use crate::processor::{Cell, Processor};
use crate::shown::Shown;

#[test]
fn the_traces_of_the_survey() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("survey");
    std::fs::create_dir_all(&out).unwrap();
    let survey = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--package", "examples", "--bin", "survey", "--", "--once", "--out"])
        .args([&out, &workspace.join("traceme")])
        .current_dir(workspace)
        .output()
        .unwrap();
    let said = String::from_utf8(survey.stdout).unwrap();
    assert!(survey.status.success(), "{said}{}", String::from_utf8_lossy(&survey.stderr));
    assert!(said.contains("Nothing was lost."), "{said}");
    let line = said.lines().find(|line| line.contains(" recorded in survey")).unwrap();
    let [spans, instants, samples] = ["spans", "instants", "samples"].map(|what| count(line, what));

    let perfetto = Processor::load(out.join("trace.pftrace")).shown();
    let chrome = Processor::load(out.join("trace.json")).shown();
    for Shown { lost, slices, samples: shown, flows } in [&perfetto, &chrome] {
        assert!(lost.is_empty());
        assert_eq!((slices.len(), shown.len()), (spans + instants, samples));
        let batches = slices.iter().filter(|slice| slice.name == "batch").count();
        assert_eq!(flows.len(), batches, "an arrow from the walker to each batch");
        assert!(batches > 0);
    }
    // From the first event on, and without what the formats spell differently.
    let zero = |slices: &[Slice]| slices.iter().map(|slice| slice.ts).min().unwrap();
    let (perfetto_zero, chrome_zero) = (zero(&perfetto.slices), zero(&chrome.slices));
    for (a, b) in perfetto.slices.iter().zip(&chrome.slices) {
        assert_eq!((a.ts - perfetto_zero, a.dur, &a.name, &a.track), (b.ts - chrome_zero, b.dur, &b.name, &b.track));
        let parent = |slice: &Slice, zero| slice.parent.clone().flatten().map(|(name, ts)| (name, ts - zero));
        assert_eq!(parent(a, perfetto_zero), parent(b, chrome_zero), "around {a:?}");
        assert_eq!(args(a), args(b));
    }
    for (a, b) in perfetto.samples.iter().zip(&chrome.samples) {
        assert_eq!(a[2], b[2]);
    }
    let tracks: std::collections::BTreeSet<&str> = perfetto.slices.iter().map(|slice| slice.track.as_str()).collect();
    assert!(["survey", "walker", "worker-0"].iter().all(|name| tracks.contains(name)), "{tracks:?}");
}

fn count(line: &str, what: &str) -> usize {
    let (before, _) = line.split_once(&format!(" {what}")).unwrap();
    before.rsplit(' ').next().unwrap().parse().unwrap()
}

/// Metadata by key, as both formats call it.
fn args(slice: &Slice) -> Vec<(&str, &Cell)> {
    slice.args.iter().map(|(key, (_, value))| (key.split_once('.').unwrap().1, value)).collect()
}
