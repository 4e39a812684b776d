//! What the environment asks for where recording is compiled out: it can't be had.

use std::path::PathBuf;

use super::request::Request;
use crate::error::Error;
use crate::level::Level;

/// Whether a session records callsites of this level now: never, recording is compiled out.
#[inline(always)]
pub fn active(_level: Level) -> bool {
    false
}

/// Fails if the environment asks for a session.
pub(crate) fn start() -> Result<bool, Error> {
    match Request::read()? {
        Some(_) => Err(Error::disabled().about("TRACEME")),
        None => Ok(false),
    }
}

/// Whether a session is running: none is.
pub(crate) fn is_recording() -> bool {
    false
}

/// Saves nothing.
pub(crate) fn finish() -> Result<Option<PathBuf>, Error> {
    Ok(None)
}

/// Saves nothing.
pub(crate) fn finish_or_tell() {}
