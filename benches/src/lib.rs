//! What traceme costs, measured: what the programs and the criterion benches share.
//!
//! [`subjects`] are what is measured, in a crate of their own: inside traceme the optimiser could know the level.
//! [`slices`] is how: in turn with the floor, bare reads of the [`clock`]. [`rows`] are the bars, one function each.
//! [`peers`] is the same work, traced by others.
//! [`compile_time`] stands by itself: what the attribute costs before a program runs.
#![allow(clippy::missing_panics_doc, reason = "a measurement that is not what it says it is must panic")]

pub mod allocations;
pub mod clock;
pub mod compile_time;
pub mod peers;
pub mod quiet;
pub mod report;
pub mod rows;
pub mod sessions;
pub mod shapes;
pub mod slices;
pub mod subjects;
pub mod two_threads;
