//! The command line.

use std::path::PathBuf;
use std::thread::available_parallelism;

use lexopt::prelude::{Long, Short, Value, ValueExt};
use traceme::Level;

pub(crate) const HELP: &str = "\
Parses every Rust source file below a directory, says what it found, and traces itself.

usage: survey [options] [DIRECTORY]

  DIRECTORY       what to survey; default: the crates that Cargo has unpacked on this machine
  --threads N     how many threads parse; default: one for each core
  --level N       how much to record, 1 to 255; default: 3, all there is
                  1 phases, 2 batches and files, 3 inside files and waiting
  --out DIR       where to write trace.pftrace and trace.json; default: the working directory
  --once          records one run, and doesn't compare it with runs that are not recorded
  --help          prints this
";

pub(crate) enum Command {
    Run(Options),
    Help,
}

pub(crate) struct Options {
    /// `None` for the default.
    pub(crate) directory: Option<PathBuf>,
    pub(crate) threads: usize,
    pub(crate) level: Level,
    pub(crate) out: PathBuf,
    pub(crate) once: bool,
}

impl Default for Options {
    fn default() -> Self {
        let threads = available_parallelism().map_or(1, usize::from);
        Self { directory: None, threads, level: Level::VERBOSE, out: ".".into(), once: false }
    }
}

pub(crate) fn parse(mut arguments: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("threads") => options.threads = threads(&arguments.value()?.string()?)?,
            Long("level") => options.level = level(&arguments.value()?.string()?)?,
            Long("out") => options.out = arguments.value()?.into(),
            Long("once") => options.once = true,
            Long("help") | Short('h') => return Ok(Command::Help),
            Value(directory) if options.directory.is_none() => options.directory = Some(directory.into()),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Command::Run(options))
}

fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads @ 1..=256) => Ok(threads),
        _ => Err(format!("--threads {text}: not a number from 1 to 256")),
    }
}

fn level(text: &str) -> Result<Level, String> {
    match text.parse::<u8>().map(Level::try_from) {
        Ok(Ok(level)) => Ok(level),
        _ => Err(format!("--level {text}: not a level from 1 to 255")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Options, String> {
        match parse(lexopt::Parser::from_args(arguments)) {
            Ok(Command::Run(options)) => Ok(options),
            Ok(Command::Help) => Err("help".into()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn mistake(arguments: &[&str]) -> String {
        parsed(arguments).err().expect("a mistake")
    }

    #[test]
    fn options_in_any_order() {
        let options = parsed(&["--level=2", "src", "--threads", "7", "--once", "--out", "x"]).expect("options");
        let Options { directory, threads, level, out, once } = options;
        assert_eq!((directory, out), (Some("src".into()), "x".into()));
        assert_eq!((threads, level, once), (7, Level::INFO, true));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(mistake(&["--treads", "2"]).contains("--treads"));
        assert!(mistake(&["--threads", "0"]).contains("--threads 0"));
        assert!(mistake(&["--level", "256"]).contains("--level 256"));
        assert!(mistake(&["one", "two"]).contains("two"));
        assert_eq!(mistake(&["-h"]), "help");
    }
}
