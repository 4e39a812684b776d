//! The threads of a session.

use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, bounded};

use crate::error::Error;
use crate::record::fork;

/// How long a thread may take to begin in a process made by `fork`.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts a thread that somebody will wait for.
///
/// A thread that was just being started in the parent when that forked can hold a lock of the standard library, in the
/// child for ever: there, threads are made and never begin. So nobody is to wait for one that has not begun.
pub(super) fn start<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, Error> {
    let (begins, begun) = bounded::<()>(0);
    let thread = Builder::new().name(name.into()).spawn(move || {
        drop(begins);
        run()
    });
    let thread = thread.map_err(|error| Error::memory(format!("the thread {name} can't be started: {error}")))?;
    if fork::forks() > 0 && begun.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
        return Err(Error::memory(format!(
            "the thread {name} doesn't begin: this process was made by `fork` while another thread was being started"
        )));
    }
    Ok(thread)
}
