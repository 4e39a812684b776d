//! Activities without a macro where recording is compiled out: there are none.

use crate::level::Level;

/// Begins no activity: recording is compiled out. Gives 0.
#[inline(always)]
pub fn activity_start(_name: &str, _level: Level) -> u64 {
    0
}

/// Ends nothing: recording is compiled out.
#[inline(always)]
pub fn activity_end(_id: u64) {}
