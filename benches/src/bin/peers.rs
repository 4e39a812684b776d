//! Measures traceme and other tracers side by side on this machine.
//!
//! ```text
//! ./ci/peers.sh [--write] [--check] [--json] [--peer NAME]
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints a table")]

use std::process::ExitCode;
use std::{fs, io};

use benches::peers::figures::{Faster, Figures, faster, floor};
use benches::peers::page::page;
use benches::peers::plot::plot;
use benches::peers::run::{TASK, in_fresh_process, measure};
use benches::peers::{ALL, machine, table};

const USAGE: &str = "\
usage: peers [--write] [--check] [--json] [--peer NAME]...
  --write      write docs/peers.md and docs/peers.svg
  --check      exit with 1 if a peer that takes times is faster than traceme in a row of ns
  --json       print a list of objects instead of the table
  --peer NAME  only traceme and the peers whose names contain NAME; several for several";

#[derive(Default)]
struct Options {
    write: bool,
    check: bool,
    json: bool,
    peers: Vec<String>,
}

fn options(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--write" => options.write = true,
            "--check" => options.check = true,
            "--json" => options.json = true,
            "--peer" => options.peers.push(arguments.next()?),
            _ => return None,
        }
    }
    // A page tells of all of them.
    (!options.write || options.peers.is_empty()).then_some(options)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == TASK) {
        let Some(figures) = in_fresh_process(&arguments[1..]) else { return ExitCode::from(2) };
        print!("{figures}");
        return ExitCode::SUCCESS;
    }
    let Some(mut options) = options(arguments.into_iter()) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    if !options.peers.is_empty() {
        options.peers.push(ALL[0].name.into());
    }
    let all = measure(&options.peers, |figures| eprintln!("measured {}", figures.name));
    print!("{}", if options.json { table::json(&all) } else { table::text(&all) });
    if let Some(ns) = floor(&all).filter(|_| !options.json) {
        println!(
            "\n(times two bare reads of the clock: {ns:.1} ns)   – nothing that compares   ~ the machine was too busy"
        );
    }
    if let Err(error) = if options.write { write(&all) } else { Ok(()) } {
        eprintln!("docs/peers.md: {error}");
        return ExitCode::FAILURE;
    }
    let faster: Vec<Faster> = faster(&all).into_iter().filter(|faster| faster.is_timed).collect();
    for Faster { row, name, ns: (ours, theirs), .. } in &faster {
        eprintln!("{}: {name} takes {theirs:.2}, traceme {ours:.2}", row.title());
    }
    if options.check && !faster.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn write(all: &[Figures]) -> io::Result<()> {
    let docs = machine::root().join("docs");
    fs::write(docs.join("peers.md"), page(all, &machine::describe(), &machine::notes()))?;
    fs::write(docs.join("peers.svg"), plot(all))
}
