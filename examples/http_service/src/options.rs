//! The command line.

use std::path::PathBuf;

use http_service::service::Planted;
use lexopt::prelude::{Long, Short};

pub(crate) const HELP: &str = "\
Serves notes from a database over HTTP, sends itself some hundred requests, and traces both.

usage: http_service [options]

  --slow-handler   one handler waits 50 ms
  --blocking-call  one handler blocks the thread that polls it, for 30 ms
  --out DIR        where to write http.pftrace; default: the working directory
  --help           prints this
";

pub(crate) enum Command {
    Run(Options),
    Help,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) planted: Planted,
    pub(crate) out: PathBuf,
}

pub(crate) fn parse(mut arguments: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = Options { planted: Planted::default(), out: ".".into() };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("slow-handler") => options.planted.slow_handler = true,
            Long("blocking-call") => options.planted.blocking_call = true,
            Long("out") => options.out = arguments.value()?.into(),
            Long("help") | Short('h') => return Ok(Command::Help),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Command::Run(options))
}
