//! All that is printed.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints")]

use std::error::Error;
use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use traceme::Trace;

use crate::findings::{Findings, Top};
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

pub(crate) fn start(root: &Path, options: &Options) {
    println!("surveying {}, {} threads parse\n", root.display(), options.threads);
}

pub(crate) fn findings(findings: &Findings, took: Duration) {
    let Findings { files, bytes, lines, functions, .. } = findings;
    let seconds = took.as_secs_f64();
    println!(
        "{} files, {} lines, {}, {} functions, in {seconds:.2} s\n",
        grouped(*files),
        grouped(*lines),
        size(*bytes),
        grouped(*functions),
    );
    top("largest functions", "lines", &findings.largest, LARGEST);
    top("deepest nesting", "deep", &findings.deepest, DEEPEST);
    unsafety(findings);
    failures(findings);
}

fn top(title: &str, unit: &str, top: &Top, count: usize) {
    println!("{title}");
    for place in top.iter().take(count) {
        println!("{:>8} {unit}  {}  {}:{}", grouped(place.score.0), place.name, place.path, place.line);
    }
    println!();
}

fn unsafety(findings: &Findings) {
    let mut packages: Vec<_> = findings.unsafety.iter().collect();
    packages.sort_by_key(|(_, unsafety)| std::cmp::Reverse(unsafety.blocks + unsafety.functions));
    let total = packages.iter().fold(Unsafety::default(), |sum, (_, each)| sum + **each);
    println!("crates with unsafe code: {}\n{:>8} {:>10}", packages.len(), "blocks", "functions");
    for (package, unsafety) in packages.iter().take(UNSAFE) {
        println!("{:>8} {:>10}  {package}", grouped(unsafety.blocks), grouped(unsafety.functions));
    }
    println!("{:>8} {:>10}  in all\n", grouped(total.blocks), grouped(total.functions));
}

fn failures(findings: &Findings) {
    let failures = &findings.failures;
    if failures.is_empty() {
        return println!("every file parses\n");
    }
    println!("{} files don't parse", grouped(failures.len()));
    for failure in failures.iter().take(FAILURES) {
        println!("    {}: {}", failure.path, failure.error);
    }
    if failures.len() > FAILURES {
        println!("    ...");
    }
    println!();
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

/// What the trace holds.
pub(crate) fn trace(trace: &Trace) {
    println!("{} events recorded, {} lost\n", grouped(trace.event_count()), grouped(lost_or_late(trace)));
}

/// What recording cost.
pub(crate) fn overhead(runs: &Runs, options: &Options) {
    let (off, on) = (median(&runs.off).as_secs_f64(), median(&runs.on).as_secs_f64());
    println!("what recording costs: {} runs of each kind, in turns, after one that warms up", runs.off.len());
    println!("{:>26} {:>10} {:>10} {:>10}", "", "median", "fastest", "slowest");
    times("recording off", &runs.off);
    times(&format!("recording on, level {}", options.level), &runs.on);
    let (difference, noise) = (100.0 * (on / off - 1.0), 100.0 * spread(&runs.off).max(spread(&runs.on)));
    println!("    {difference:+.2} %, where runs of one kind differ by up to {noise:.2} %");
    if difference.abs() <= noise {
        println!("    The difference is within the noise of this machine. From what one event costs:");
    }
    let events = runs.trace.event_count();
    let ns = runs.ns_per_span * as_f64(events);
    let share = 100.0 * ns / (off * 1e9 * as_f64(options.threads as u64));
    println!(
        "    {} events, {:.1} ns for a span with two numbers here: {:.2} ms of computing, {share:.3} % of {} threads' time\n",
        grouped(events),
        runs.ns_per_span,
        ns / 1e6,
        options.threads,
    );
}

fn times(kind: &str, times: &[Duration]) {
    let ms = |time: Option<&Duration>| format!("{:.1} ms", time.map_or(0.0, |time| time.as_secs_f64() * 1e3));
    let (fastest, slowest) = (times.iter().min(), times.iter().max());
    println!("{kind:>26} {:>10} {:>10} {:>10}", ms(Some(&median(times))), ms(fastest), ms(slowest));
}

/// How much longer the slowest took than the fastest, as a part of the median.
fn spread(times: &[Duration]) -> f64 {
    let (fastest, slowest) = (times.iter().min(), times.iter().max());
    let spread = slowest.zip(fastest).map_or(Duration::ZERO, |(slowest, fastest)| *slowest - *fastest);
    spread.as_secs_f64() / median(times).as_secs_f64()
}

fn lost_or_late(trace: &Trace) -> u64 {
    trace.losses().total() + trace.losses().late()
}

#[allow(clippy::cast_precision_loss, reason = "far fewer than 2^53 events")]
fn as_f64(number: u64) -> f64 {
    number as f64
}
