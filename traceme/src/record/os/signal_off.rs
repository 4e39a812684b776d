//! Signals where there are none.

use std::io;

/// A signal that is watched: there is none.
#[derive(Debug)]
pub(crate) enum Watched {}

/// The end of the process, by a signal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {}

/// Fails.
pub(crate) fn watch(_number: i32) -> io::Result<Watched> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "only Unix has signals"))
}

/// There is none to count.
pub(crate) fn watch_ends() -> Vec<Watched> {
    Vec::new()
}

impl Watched {
    pub(crate) fn count(&self) -> u64 {
        match *self {}
    }

    pub(crate) fn end(&self) -> Option<End> {
        match *self {}
    }

    pub(crate) fn close(self) -> Option<End> {
        match self {}
    }

    pub(crate) fn number(&self) -> i32 {
        match *self {}
    }
}

impl End {
    pub(crate) fn follow(self) {
        match self {}
    }
}
