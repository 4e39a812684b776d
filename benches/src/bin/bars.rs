//! Measures every bar of the design on this machine.
//!
//! ```text
//! cargo run --release -p benches --bin bars [-- [--json] [--check] [--row NAME] | --selftest]
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints a table")]

use std::process::ExitCode;

use benches::allocations::Counting;
use benches::report::{Bar, Verdict, head};
use benches::rows::{BARS, in_fresh_process};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const USAGE: &str = "\
usage: bars [--json] [--check] [--row NAME]...
  --json      print a list of {name, measured, bar, met}; measured is null if the machine was too busy
  --check     exit with 1 if a bar is missed
  --row NAME  only the bars whose name contains NAME; several for several
       bars --selftest
  print what the library itself finds that recording costs here, instead";

#[derive(Default)]
struct Options {
    json: bool,
    check: bool,
    rows: Vec<String>,
}

fn options(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => options.json = true,
            "--check" => options.check = true,
            "--row" => options.rows.push(arguments.next()?),
            _ => return None,
        }
    }
    Some(options)
}

fn main() -> ExitCode {
    if let Some(numbers) = std::env::args().nth(1).as_deref().and_then(in_fresh_process) {
        println!("{numbers}");
        return ExitCode::SUCCESS;
    }
    if std::env::args().skip(1).eq(["--selftest"]) {
        return match traceme::selftest() {
            Ok(costs) => {
                print!("{costs}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    let Some(options) = options(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let chosen = |bar: &&Bar| options.rows.is_empty() || options.rows.iter().any(|row| bar.name.contains(row));
    let bars: Vec<&Bar> = BARS.iter().filter(chosen).collect();
    if bars.is_empty() {
        eprintln!("no bar has such a name: {}", options.rows.join(", "));
        return ExitCode::from(2);
    }
    if !options.json {
        println!("{}", head());
    }
    let mut verdicts = Vec::new();
    for bar in bars {
        let verdict = Verdict { name: bar.name.into(), limit: bar.limit, outcome: (bar.measure)() };
        if !options.json {
            println!("{}", verdict.line());
        }
        verdicts.push(verdict);
    }
    if options.json {
        let objects: Vec<String> = verdicts.iter().map(|verdict| format!("  {}", verdict.json())).collect();
        println!("[\n{}\n]", objects.join(",\n"));
    } else {
        println!("\nCompiled out: not timed. That it leaves no instruction behind is the test `off` of traceme-tests.");
    }
    let missed = verdicts.iter().filter(|verdict| !verdict.is_met()).count();
    if missed > 0 {
        eprintln!("{missed} of {} bars missed", verdicts.len());
    }
    if options.check && missed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
