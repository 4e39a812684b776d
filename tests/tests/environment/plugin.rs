//! A library that a program loads, with a copy of traceme that is its own: both are told to record.

use traceme::instant;

/// Records 50 points in time.
#[unsafe(no_mangle)]
pub extern "C" fn work() {
    (0..50).for_each(|n| instant!("there", meta(mark = "in the plugin", n)));
}
