//! The same survey with recording off and on, side by side.
#![allow(clippy::disallowed_methods, reason = "the time of whole runs is taken, from outside")]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use traceme::{Level, Session, Trace, trace_scope};

use crate::findings::Findings;
use crate::options::Options;
use crate::pipeline;
use crate::progress::Progress;

/// How many runs of each kind are compared.
const PAIRS: usize = 3;

/// What came out of the runs.
pub(crate) struct Runs {
    /// The same from each run.
    pub(crate) findings: Findings,
    /// Of the last run that was recorded.
    pub(crate) trace: Trace,
    /// How long runs took with recording off and on.
    pub(crate) off: Vec<Duration>,
    pub(crate) on: Vec<Duration>,
    /// What a span with a path costs here.
    pub(crate) ns_per_span: f64,
}

impl Runs {
    /// A single run, recorded.
    pub(crate) fn once(root: &Path, options: &Options) -> Result<Self, Box<dyn Error>> {
        let session = Session::start(options.level)?;
        let (findings, took) = run(root, options, "recording".into())?;
        Ok(Self { findings, trace: session.stop(), off: Vec::new(), on: vec![took], ns_per_span: 0.0 })
    }

    /// One run that reads all files into the system's cache, then runs with recording off and on, in turns.
    pub(crate) fn alternating(root: &Path, options: &Options) -> Result<Self, Box<dyn Error>> {
        // First: a program that has started a session is not recorded as `TRACEME` says.
        let ns_per_span = ns_per_span(root)?;
        let (findings, _) = run(root, options, "warming up".into())?;
        let mut runs = Self { findings, trace: Trace::default(), off: Vec::new(), on: Vec::new(), ns_per_span };
        for number in 1..=PAIRS {
            let off = run(root, options, format!("recording off, {number} of {PAIRS}"))?;
            runs.off.push(runs.same(off)?);
            // The memory of the trace before is used again.
            runs.trace = Trace::default();
            let session = Session::start(options.level)?;
            let on = run(root, options, format!("recording on, {number} of {PAIRS}"))?;
            runs.trace = session.stop();
            runs.on.push(runs.same(on)?);
        }
        Ok(runs)
    }

    /// How long a run takes.
    pub(crate) fn took(&self) -> Duration {
        median(if self.off.is_empty() { &self.on } else { &self.off })
    }

    /// The time of a run that found the same as the first one.
    fn same(&self, (findings, took): (Findings, Duration)) -> Result<Duration, &'static str> {
        if findings == self.findings { Ok(took) } else { Err("two runs found different things: did files change?") }
    }
}

fn run(root: &Path, options: &Options, text: String) -> Result<(Findings, Duration), Box<dyn Error>> {
    let progress = Progress::new(text);
    let start = Instant::now();
    let findings = pipeline::survey(root, options.threads, &progress)?;
    let took = start.elapsed();
    if findings.files == 0 {
        return Err(format!("there is no Rust file below {}: pass a directory that has some", root.display()).into());
    }
    Ok((findings, took))
}

/// How long it takes to record a span with a path and a number, one after the other, in ns. Few events of a survey cost
/// as much.
fn ns_per_span(path: &Path) -> Result<f64, traceme::Error> {
    const SPANS: u32 = 200_000;
    let mut ns = f64::MAX;
    for _ in 0..PAIRS {
        let session = Session::start(Level::CRITICAL)?;
        let start = Instant::now();
        for n in 0..SPANS {
            trace_scope!("span", level = 1, meta(path = %path.display(), n));
        }
        ns = ns.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(SPANS));
        drop(session);
    }
    Ok(ns)
}

/// The middle one of some times.
pub(crate) fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
