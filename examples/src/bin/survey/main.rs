//! Parses every Rust source file below a directory on all cores, says what it found, and traces itself:
//! `cargo run --release -p examples --bin survey`, or `-- --help` behind that.
//!
//! | | |
//! |---|---|
//! | `options` | the command line |
//! | `directory` | the directory to survey |
//! | `pipeline` | one walker, a bounded channel, the workers, one result |
//! | `walk` `work` | what the walker does; what a worker does |
//! | `measure` | what is read off one parsed file |
//! | `findings` | what was found, merged from all workers |
//! | `progress` | how far a run is |
//! | `runs` | the same work with recording off and on, and what that tells |
//! | `report` | all that is printed |
//!
//! Annotations have three levels. 1 is the phases; 2 a span a file, a batch of files, a point for each file that
//! does not parse; 3 what happens inside a file, and who waits for whom.

mod directory;
mod findings;
mod measure;
mod options;
mod pipeline;
mod progress;
mod report;
mod runs;
mod walk;
mod work;

use std::error::Error;
use std::fs;
use std::io;
use std::process::ExitCode;

use options::{Command, Options};
use runs::Runs;

fn main() -> ExitCode {
    let options = match options::parse(lexopt::Parser::from_env()) {
        Ok(Command::Run(options)) => options,
        Ok(Command::Help) => {
            report::help();
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            report::usage_error(&error);
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the report, `head` say, has seen enough.
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            report::error(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let root = directory::to_survey(options.directory.as_deref())?;
    fs::create_dir_all(&options.out).map_err(|error| format!("{}: {error}", options.out.display()))?;
    let out = &mut io::stdout();
    report::start(out, &root, options)?;
    let runs = if options.once { Runs::once(&root, options)? } else { Runs::alternating(&root, options)? };
    report::findings(out, &runs.findings, runs.took())?;
    report::trace(out, &runs.trace)?;
    let paths = ["trace.pftrace", "trace.json"].map(|name| options.out.join(name));
    paths.iter().try_for_each(|path| runs.trace.save(path))?;
    report::files(out, &paths)?;
    if !options.once {
        report::overhead(out, &runs, options)?;
    }
    // In 256 MiB there is room for all events of a survey, and every thread has ended before the session stopped.
    if runs.trace.losses().is_empty() { Ok(()) } else { Err("the trace is not whole".into()) }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
