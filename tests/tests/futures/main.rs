//! The futures of annotated functions, beside those of the bare ones: their sizes, their traits, and how deep they go.

mod auto_traits;
#[path = "../off/build.rs"]
#[allow(dead_code, reason = "shared with the tests of code that is compiled out")]
mod build;
mod chains;
mod sizes;
