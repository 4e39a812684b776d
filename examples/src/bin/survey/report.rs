//! All that is printed.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints")]

use std::error::Error;
use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use traceme::Trace;

use crate::findings::{Failure, Findings, Top};
use crate::measure::Unsafety;
use crate::options::{HELP, Options};
use crate::runs::{Runs, median};

/// How many entries of a list are printed.
const LARGEST: usize = 10;
const DEEPEST: usize = 5;
const UNSAFE: usize = 10;
const FAILURES: usize = 5;

pub(crate) fn help() {
    print!("{HELP}");
}

pub(crate) fn usage_error(error: &lexopt::Error) {
    eprintln!("survey: {error}\n`survey --help` says what is understood");
}

pub(crate) fn error(error: &dyn Error) {
    eprintln!("survey: {error}");
}

pub(crate) fn start(out: &mut impl Write, root: &Path, options: &Options) -> io::Result<()> {
    if std::env::var_os("TRACEME").is_some() {
        writeln!(out, "TRACEME in the environment is ignored: the survey records itself, --level says how much")?;
    }
    writeln!(out, "surveying {} with {} threads\n", root.display(), options.threads)
}

/// What was found.
pub(crate) fn findings(out: &mut impl Write, findings: &Findings, took: Duration) -> io::Result<()> {
    let [files, lines, functions] = [findings.files, findings.lines, findings.functions].map(grouped);
    let (bytes, seconds) = (size(findings.bytes), took.as_secs_f64());
    writeln!(out, "{files} files, {lines} lines, {bytes}, {functions} functions, in {seconds:.2} s\n")?;
    top(out, "largest functions", "lines", &findings.largest, LARGEST)?;
    top(out, "deepest nesting", "blocks", &findings.deepest, DEEPEST)?;
    unsafety(out, findings)?;
    failures(out, &findings.failures)
}

fn top(out: &mut impl Write, title: &str, unit: &str, top: &Top, count: usize) -> io::Result<()> {
    writeln!(out, "{title}")?;
    for place in top.iter().take(count) {
        writeln!(out, "{:>8} {unit}  {}  {}:{}", grouped(place.score.0), place.name, place.path, place.line)?;
    }
    writeln!(out)
}

fn unsafety(out: &mut impl Write, findings: &Findings) -> io::Result<()> {
    let mut packages: Vec<_> = findings.unsafety.iter().map(|(package, unsafety)| (&**package, *unsafety)).collect();
    packages.sort_by_key(|(_, unsafety)| std::cmp::Reverse(unsafety.blocks + unsafety.functions));
    let total = packages.iter().fold(Unsafety::default(), |sum, (_, each)| sum + *each);
    writeln!(out, "unsafe code, in {} crates\n{:>8} {:>10}", packages.len(), "blocks", "functions")?;
    for (name, Unsafety { blocks, functions }) in packages.into_iter().take(UNSAFE).chain([("in all", total)]) {
        writeln!(out, "{:>8} {:>10}  {name}", grouped(blocks), grouped(functions))?;
    }
    writeln!(out)
}

fn failures(out: &mut impl Write, failures: &[Failure]) -> io::Result<()> {
    match failures.len() {
        0 => writeln!(out, "every file parses")?,
        1 => writeln!(out, "1 file doesn't parse")?,
        count => writeln!(out, "{} files don't parse", grouped(count))?,
    }
    for failure in failures.iter().take(FAILURES) {
        writeln!(out, "    {}: {}", failure.path, failure.error)?;
    }
    if failures.len() > FAILURES {
        writeln!(out, "    and so on")?;
    }
    writeln!(out)
}

/// What the trace tells.
pub(crate) fn trace(out: &mut impl Write, trace: &Trace) -> io::Result<()> {
    writeln!(out, "the trace of that, in short\n\n{}", trace.summary())
}

/// What was written, and what to do with it.
pub(crate) fn files(out: &mut impl Write, paths: &[PathBuf]) -> io::Result<()> {
    for path in paths {
        writeln!(out, "wrote {}, {}", path.display(), size(fs::metadata(path)?.len()))?;
    }
    writeln!(out, "    ui.perfetto.dev, \"Open trace file\", takes both; chrome://tracing and profiler.firefox.com")?;
    writeln!(out, "    take trace.json. None of them uploads it.\n")
}

/// What recording cost.
pub(crate) fn overhead(out: &mut impl Write, runs: &Runs, options: &Options) -> io::Result<()> {
    writeln!(out, "what recording costs: {} runs with and without, in turns, after one to warm up", runs.off.len())?;
    writeln!(out, "{:>26} {:>10} {:>10} {:>10}", "", "median", "fastest", "slowest")?;
    times(out, "recording off", &runs.off)?;
    times(out, &format!("recording on, level {}", options.level), &runs.on)?;

    let (off, on) = (median(&runs.off).as_secs_f64(), median(&runs.on).as_secs_f64());
    let (difference, noise) = (100.0 * (on / off - 1.0), 100.0 * spread(&runs.off).max(spread(&runs.on)));
    write!(out, "    difference {difference:+.2} %, where runs of one kind differ by {noise:.2} %")?;
    writeln!(out, "{}", if difference.abs() <= noise { ": it drowns in noise" } else { "" })?;

    let events = runs.trace.event_count();
    let seconds = runs.ns_per_span * 1e-9 * as_f64(events);
    let share = 100.0 * seconds / (off * as_f64(options.threads as u64));
    let (events, ns, ms) = (grouped(events), runs.ns_per_span, seconds * 1e3);
    writeln!(
        out,
        "    reckoned: a span with a path, which few events are as dear as, takes {ns:.0} ns here in a loop;"
    )?;
    writeln!(out, "    {events} of it are {ms:.2} ms, {share:.3} % of the time of {} threads\n", options.threads)
}

fn times(out: &mut impl Write, kind: &str, times: &[Duration]) -> io::Result<()> {
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    let (fastest, slowest) = extremes(times);
    writeln!(out, "{kind:>26} {:>10} {:>10} {:>10}", ms(median(times)), ms(fastest), ms(slowest))
}

/// How much longer the slowest took than the fastest, as a part of the median.
fn spread(times: &[Duration]) -> f64 {
    let (fastest, slowest) = extremes(times);
    (slowest - fastest).as_secs_f64() / median(times).as_secs_f64()
}

fn extremes(times: &[Duration]) -> (Duration, Duration) {
    let (fastest, slowest) = (times.iter().min(), times.iter().max());
    fastest.zip(slowest).map_or_else(Default::default, |(fastest, slowest)| (*fastest, *slowest))
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} KB", grouped(bytes / 1_000)),
        _ => format!("{} MB", grouped(bytes / 1_000_000)),
    }
}

/// A number with commas.
fn grouped(number: impl Display) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[allow(clippy::cast_precision_loss, reason = "far fewer than 2^53 events")]
fn as_f64(number: u64) -> f64 {
    number as f64
}
