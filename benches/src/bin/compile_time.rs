//! Measures what an annotation costs to compile, beside tracing's. Linux only.
//!
//! ```text
//! cargo run --release -p benches --bin compile_time [-- [--json] [--check] [--rounds N]]
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints a table")]

use std::process::ExitCode;

use benches::compile_time::{Annotation, Build, Measured, measure};
use benches::report::{Limit, Verdict, head};
use benches::slices::Outcome;

const USAGE: &str = "\
usage: compile_time [--json] [--check] [--rounds N]
  --json      print a list of {name, measured, bar, met}; measured is null if the machine was too busy
  --check     exit with 1 if a bar is missed
  --rounds N  compile every crate N times instead of 5";

/// Where rounds spread by more, the machine was too busy.
const VOID: f64 = 0.1;

struct Options {
    json: bool,
    check: bool,
    rounds: usize,
}

fn options(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options { json: false, check: false, rounds: 5 };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => options.json = true,
            "--check" => options.check = true,
            "--rounds" => options.rounds = arguments.next()?.parse().ok().filter(|&rounds| rounds > 0)?,
            _ => return None,
        }
    }
    Some(options)
}

/// The bars: what each attribute may add, with and without values.
fn verdicts(measured: &Measured) -> Vec<Verdict> {
    let pairs = [
        ("", Annotation::Traceme, Annotation::Tracing),
        (" with 2 values", Annotation::TracemeMeta, Annotation::TracingMeta),
    ];
    let mut verdicts = Vec::new();
    for (what, ours, theirs) in pairs {
        for (build, command, ratio, most_ms) in
            [(Build::Check, "check", 0.333, Some(2.5)), (Build::Release, "release", 0.4, None)]
        {
            let (added, added_by_tracing) = (measured.added_ms(build, ours), measured.added_ms(build, theirs));
            let spread = measured.spread(build);
            let note = format!(
                "adds {added:.2} ms a function, tracing {added_by_tracing:.2}; bare {:.2} s, rounds spread by {:.0} %",
                measured.seconds(build, Annotation::None),
                spread * 100.0
            );
            let mut push = |name, most, figure| {
                let note = note.clone();
                let outcome = if spread > VOID { Outcome::Void(note) } else { Outcome::Measured(figure, note) };
                verdicts.push(Verdict { name, limit: Limit::AtMost(most), outcome });
            };
            push(format!("{command}{what}, of what tracing adds"), ratio, added / added_by_tracing);
            if let Some(most) = most_ms {
                push(format!("{command}{what}, added ms a function"), most, added);
            }
        }
    }
    verdicts
}

fn main() -> ExitCode {
    let Some(options) = options(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let measured = match measure(options.rounds) {
        Ok(measured) => measured,
        Err(error) => {
            eprintln!("compile_time: {error}");
            return ExitCode::from(2);
        }
    };
    let verdicts = verdicts(&measured);
    if options.json {
        let objects: Vec<String> = verdicts.iter().map(|verdict| format!("  {}", verdict.json())).collect();
        println!("[\n{}\n]", objects.join(",\n"));
    } else {
        println!("{}", head());
        verdicts.iter().for_each(|verdict| println!("{}", verdict.line()));
    }
    let missed = verdicts.iter().filter(|verdict| !verdict.is_met()).count();
    if missed > 0 {
        eprintln!("{missed} of {} bars missed", verdicts.len());
    }
    if options.check && missed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
