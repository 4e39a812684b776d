//! Recording as the environment asks, from a place that the program chooses.

use std::mem;
use std::path::PathBuf;

use crate::error::Error;
use crate::session::environment;

/// Records if the environment asks for it, until the guard is dropped, and then saves the trace.
///
/// | variable | |
/// |---|---|
/// | `TRACEME` | what to record: a level (`2`, `info`) or the directives of a [`Filter`](crate::Filter); unset, empty or `off` for nothing. If it is unset and one of the others is not, a line on standard error says so |
/// | `TRACEME_OUT` | the file to save the trace in, with `%p` for the id of the process; `traceme-%p.pftrace` if it is unset. Its extension says in which [format](crate::export::Format); with `.txt` it has the [summary](crate::Trace::summary) as text instead. `-` is no file: the summary is printed to standard error |
/// | `TRACEME_MEMORY` | the MiB of memory for events, a whole number; 256 if it is unset. What does not fit is lost, and counted. `ring:64` keeps the newest events instead, `last:30s:64` those of the last 30 seconds: see [`Memory`](crate::Memory) |
///
/// ```
/// fn main() -> Result<(), traceme::Error> {
///     let tracing = traceme::init()?;
///     work();
///     if let Some(file) = tracing.finish()? {
///         println!("the trace is in {}", file.display());
///     }
///     Ok(())
/// }
///
/// #[traceme::traceme]
/// fn work() {}
/// ```
///
/// A program need not call this: without it the first callsite that runs reads the same variables, and the trace is
/// saved when the process exits: `main` returns, also with a panic, or something calls `exit`; where panics abort, at
/// the panic; where a [signal](#signals) ends it. A line on standard error says where it is, and others how many events were
/// lost, if any were, and which directives of `TRACEME` apply to no callsite of the program: `net=3` is not the module `net`
/// of a program `app`, which is `app::net`. What `init` adds is that mistakes are errors, not such a line, and that the
/// program knows where the trace is and may [be silent](InitGuard::finish). Call it, too, in a program whose first callsite
/// can be in a signal handler, where nothing can be started. (On Windows `std::process::exit` saves nothing: finish the guard
/// before.)
///
/// If the program starts a [`Session`](crate::Session) before any callsite has run, the
/// variables are ignored. So they are in a program that runs with more rights than whoever started it (setuid; on Linux,
/// Android and macOS). The session that they ask for is that of [`recorder`](crate::recorder): if the program
/// [`stop`](crate::recorder::stop)s it, it has the trace, and nothing is saved.
///
/// A file that `TRACEME_OUT` names is replaced if it was there when the session began. One that has come since, of another copy of
/// traceme in the process or of a program that this one has started, is not, nor is any under the name that is taken without
/// `TRACEME_OUT`: then the new one is called `trace-2.pftrace`, or `-3`. (A copy that begins when another has saved already
/// takes that one's file for an old one, unless the name is the default.)
///
/// A process made by `fork` is recorded too, and saves its own file when it exits, if the name has `%p`, as the one that is
/// taken without `TRACEME_OUT` has. It begins with its first event; one without any saves nothing. With another name it is not
/// recorded, for it would overwrite the parent's file.
///
/// # Signals
///
/// SIGINT (Ctrl-C), SIGTERM and SIGHUP save the trace, and then end the process as they would have: whoever waits for it sees
/// that signal. That takes as long as to save a trace does; a second one of the same kind ends the process at once, without a
/// trace, unless it comes within half a second: then it is taken for the same request. What the program does itself with a signal is left alone: one that it ignores or handles when the session starts, and
/// one for which it installs a handler later, also if that calls the handler that was there. A process made by `fork` that is
/// recorded saves its own trace so. SIGQUIT, which asks for a core, saves nothing.
///
/// For that the session has a thread, `traceme-sink`, which wakes up every 4 ms; it is the one that
/// [triggers](crate::recorder::on) need. A program that takes these signals from all threads, by `sigwait` or a `signalfd`,
/// has to block them before its first callsite runs. Of two copies of traceme in a process, the first one acts on a signal.
///
/// # Errors
///
/// - [`is_filter`](Error::is_filter): `TRACEME` has a mistake; the message points at it.
/// - [`is_environment`](Error::is_environment): the directory of `TRACEME_OUT` doesn't exist, `TRACEME` is not UTF-8,
///   `TRACEME_MEMORY` is no memory.
/// - [`is_file`](Error::is_file): `TRACEME_OUT` has an extension that names no format, or no file can be created there.
/// - [`is_running`](Error::is_running): the program has started a session itself. It is not touched. (A session that
///   `TRACEME` has started, at a callsite that ran before, is not in the way: the guard takes it over.)
/// - [`is_memory`](Error::is_memory): the system gives no thread to keep memory in stock.
/// - [`is_forked`](Error::is_forked): the process was made by a `fork` from inside the recorder: see [`Session`](crate::Session#forks).
/// - [`is_disabled`](Error::is_disabled): `TRACEME` asks for a trace, but recording is compiled out, or the target
///   [can't record](crate#platforms).
pub fn init() -> Result<InitGuard, Error> {
    Ok(InitGuard { saves: environment::start()? })
}

/// Saves the trace that the environment asked for when it is dropped; made by [`init`].
#[must_use = "the trace ends when the guard is dropped: bind it, `let tracing = traceme::init()?`"]
#[derive(Debug)]
pub struct InitGuard {
    /// Whether there is something to save.
    saves: bool,
}

impl InitGuard {
    /// Whether the session is running that the environment asked for.
    pub fn is_recording(&self) -> bool {
        self.saves && environment::is_recording()
    }

    /// Stops to record and saves the trace; gives the file, or `None` if there is nothing to save.
    ///
    /// It prints nothing, also if events were lost: the trace tells. Only where `TRACEME_OUT` is `-` it prints the summary, and
    /// gives no file.
    ///
    /// # Errors
    ///
    /// Those of [`Trace::save`](crate::Trace::save).
    pub fn finish(mut self) -> Result<Option<PathBuf>, Error> {
        if mem::take(&mut self.saves) { environment::finish() } else { Ok(None) }
    }
}

impl Drop for InitGuard {
    /// Saves the trace; lines on standard error say where it is, how many events were lost, or what failed.
    fn drop(&mut self) {
        if self.saves {
            environment::finish_or_tell();
        }
    }
}
