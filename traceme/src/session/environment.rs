//! The session that the environment asks for: the first callsite that runs starts it, the end of the process saves it.
//!
//! Who comes first decides, once for a process: a callsite, or [`init`](crate::init), has the environment read; a
//! session that the program starts itself has it ignored.

use std::cell::Cell;
use std::panic;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::output::Output;
use super::recorder::{self, Requested, Wait};
use super::report;
use super::request::{self, Request};
use crate::callsite::CallsiteCell;
use crate::error::Error;
use crate::instrument::{self, SpanGuard, costs, span};
use crate::level::Level;
use crate::record;
use crate::record::fork;
use crate::record::os::{self, signal::End};
use crate::record::recorder::Settle;
use crate::terminal::tell;
use crate::trace::Trace;

thread_local! {
    /// Whether it is this thread that saves.
    static SAVES: Cell<bool> = const { Cell::new(false) };
}

/// What decides when a callsite runs before it is decided whether to record.
#[derive(Debug)]
pub(super) struct Environment;

impl Settle for Environment {
    #[cold]
    fn settle() {
        // Decided first: what is traced while the environment is read finds that nothing records, and never waits.
        if record::recorder::decide() {
            let decided = if fork::follows() { follow_parent() } else { follow().map(drop) };
            if let Err(error) = decided {
                tell(&error);
            }
        }
    }
}

/// Begins a span.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn enter(site: &'static CallsiteCell) -> SpanGuard {
    span::begin::<Environment>(site)
}

/// The callsite's word if its event, whose values are still to be evaluated, is to be recorded; else 0.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn admit(site: &'static CallsiteCell) -> u64 {
    record::recorder::admit::<Environment>(site)
}

/// Whether a session records callsites of this level now.
///
/// ```
/// use traceme::Level;
///
/// if traceme::active(Level::VERBOSE) {
///     // Prepare what only a trace of this detail needs.
/// }
/// ```
#[inline(always)]
pub fn active(level: Level) -> bool {
    instrument::active(level) && (record::recorder::is_decided() || is_active_once_settled(level))
}

#[cold]
#[inline(never)]
fn is_active_once_settled(level: Level) -> bool {
    Environment::settle();
    instrument::active(level)
}

/// Starts the session that the environment asks for, if it asks for one that does not run yet; gives whether it runs.
pub(crate) fn start() -> Result<bool, Error> {
    record::recorder::decide();
    follow()
}

fn follow() -> Result<bool, Error> {
    if os::is_privileged() {
        return Ok(false);
    }
    let Some(request) = Request::read()? else {
        if let Some(variable) = request::alone() {
            tell(format!("{variable} is set, and TRACEME is not: nothing is recorded; TRACEME=info would"));
        }
        return Ok(false);
    };
    if let Some(what) = os::MISSING {
        return Err(Error::missing(what).about("TRACEME"));
    }
    if !recorder::is_requested() {
        // At the exit it would be too late: all that was recorded would be for nothing.
        request.output.check().map_err(about_output)?;
    }
    prepare_end()?;
    recorder::start_requested(request)?;
    Ok(true)
}

/// In a process made by `fork`: records what the parent's session lets it. What calls functions at the exit is there.
fn follow_parent() -> Result<(), Error> {
    let output = recorder::output_in_child();
    output.as_ref().map_or(Ok(()), Output::check).map_err(about_output)?;
    recorder::start_in_child(fork::follow, output)
}

fn about_output(error: Error) -> Error {
    error.about("TRACEME_OUT")
}

/// Whether the session that the environment asked for is running.
pub(crate) fn is_recording() -> bool {
    recorder::is_requested()
}

/// Sees to it that the end of the process saves what was recorded.
fn prepare_end() -> Result<(), Error> {
    static PREPARED: AtomicBool = AtomicBool::new(false);
    // Relaxed: nothing else depends on who does it.
    if PREPARED.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    if !os::at_exit(at_exit) {
        return Err(Error::environment("TRACEME: the system calls no further functions when the process exits".into()));
    }
    // Where panics unwind, spans end and the process exits. (A thread that panics may not change the hook.)
    if cfg!(panic = "abort") && !thread::panicking() {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            previous(info);
            // The thread may have panicked anywhere.
            save_or_tell(Wait::No);
        }));
    }
    Ok(())
}

extern "C" fn at_exit() {
    // A panic can't leave a function that C has called.
    if panic::catch_unwind(finish_or_tell).is_err() {
        tell("the trace could not be saved");
    }
}

/// Stops the session that the environment asked for, if it runs, and saves its trace; gives the file.
pub(crate) fn finish() -> Result<Option<PathBuf>, Error> {
    save(Wait::Yes, |_, _, saved| saved.map(|(_, file)| file)).transpose().map(Option::flatten)
}

/// The same where nobody takes the file or an error, and nobody looks at the trace's losses: lines on the terminal tell.
pub(crate) fn finish_or_tell() {
    save_or_tell(Wait::Yes);
}

/// Ends the process as a signal would have, behind the session that the environment asked for. Called on the thread of a
/// session.
pub(super) fn end(end: End) {
    save_or_tell(Wait::Never);
    // Who is saving it does so behind that, and may be waiting for this thread.
    if !recorder::is_being_saved() {
        end.follow();
    }
}

fn save_or_tell(wait: Wait) {
    save(wait, |output, directives, saved| match saved {
        Ok((trace, file)) => report::lines(trace, file.as_deref().map(|file| output.as_named(file)), directives)
            .into_iter()
            .for_each(tell),
        Err(error) => tell(error),
    });
}

/// Saves the trace, and does something before a signal ends the process that came meanwhile; `None` if nothing is to be saved.
fn save<R>(wait: Wait, then: impl FnOnce(&Output, &str, Result<(&Trace, Option<PathBuf>), Error>) -> R) -> Option<R> {
    // Who panics while saving must not wait for itself.
    if !recorder::was_requested() || SAVES.replace(true) {
        return None;
    }
    // Who comes second, and finds that no session runs any more, waits for the first: the process may end right after.
    let saved = recorder::take_requested(wait).map(|(session, Requested { output, directives, ends }, saving)| {
        let trace = session.stop();
        // The process ends: nothing is measured for that.
        let saved = costs::in_haste(|| output.save(&trace));
        let done = then(&output, &directives, saved.map(|file| (&trace, file)));
        // Before those who wait end the process in another way.
        drop(ends);
        drop(saving);
        done
    });
    SAVES.set(false);
    saved
}
