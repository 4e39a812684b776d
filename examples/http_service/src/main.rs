//! Serves notes over HTTP, sends itself requests, and shows where their time went:
//! `cargo run --release -p http_service -- --slow-handler --blocking-call`, or `-- --help` behind that.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints")]

mod options;

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use http_service::client::CONNECTIONS;
use http_service::{Failed, Run, findings};
use options::{Command, HELP, Options};

fn main() -> ExitCode {
    let options = match options::parse(lexopt::Parser::from_env()) {
        Ok(Command::Run(options)) => options,
        Ok(Command::Help) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("http_service: {error}\n`http_service --help` says what is understood");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("http_service: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failed> {
    fs::create_dir_all(&options.out).map_err(|error| format!("{}: {error}", options.out.display()))?;
    let run = http_service::run(options.planted)?;
    let path = options.out.join("http.pftrace");
    run.trace.save(&path)?;
    report(&mut io::stdout().lock(), &run)?;
    println!("\nsaved {}, for ui.perfetto.dev", path.display());
    // There is room for all, and every thread had ended before the session stopped.
    if run.trace.losses().is_empty() { Ok(()) } else { Err("the trace is not whole".into()) }
}

fn report(out: &mut impl Write, run: &Run) -> io::Result<()> {
    let answers = &run.answers;
    writeln!(
        out,
        "{} requests over {CONNECTIONS} connections: {} answered, {} timed out; {} counted\n",
        answers.sent, answers.answered, answers.timed_out, run.counted
    )?;
    let summary = run.trace.summary();
    writeln!(out, "{summary}")?;
    writeln!(out, "Of the handlers, in the table of tasks:")?;
    if let Some(tasks) = findings::what_blocks(&summary) {
        let longest = Duration::from_nanos(tasks.longest_poll);
        writeln!(out, "what blocks a thread: `{}`, longest poll {longest:.2?}", tasks.name)?;
    }
    if let Some((tasks, idle)) = findings::what_waits(&summary) {
        let (idle, count) = (Duration::from_nanos(idle), tasks.count);
        writeln!(out, "what waits: `{}`, idle {idle:.2?} in each of {count} tasks", tasks.name)?;
    }
    Ok(())
}
