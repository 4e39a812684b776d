//! An annotated program without the feature `enable`: its annotations are gone, and asking for a trace is an error
//! that says why there is none.
//!
//! A package by itself, since it is an application's dependencies that decide: its `Cargo.toml` says
//! `default-features = false`, as that of a library does. Build it by itself, too:
//! `cargo run --release -p compiled_out`

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::sync::atomic::{AtomicU32, Ordering};

use traceme::{Level, Session, SpanGuard, append, counter, instant, span, trace_scope, traceme};

/// How often metadata was evaluated.
static EVALUATED: AtomicU32 = AtomicU32::new(0);

fn size(data: &[u8]) -> usize {
    // Relaxed: there is one thread.
    EVALUATED.fetch_add(1, Ordering::Relaxed);
    data.len()
}

#[traceme(level = 1, meta(size = size(data)))]
fn sum(data: &[u8]) -> u64 {
    trace_scope!("adding up", level = 2, meta(size = size(data)));
    let span = span!("first", level = 1);
    append!(span, size = size(data));
    instant!("half way", level = 1, meta(size = size(data)));
    counter!("bytes", size(data), unit = "B");
    assert!(!span.is_recorded());
    data.iter().copied().map(u64::from).sum()
}

fn main() {
    assert_eq!(sum(&[1, 2, 3]), 6);
    assert_eq!(EVALUATED.load(Ordering::Relaxed), 0, "metadata is type-checked, and never evaluated");
    assert_eq!(size_of::<SpanGuard>(), 0, "there is nothing to keep until the end of a span");
    assert!(!traceme::active(Level::CRITICAL));

    match Session::start(3) {
        Err(error) if error.is_disabled() => println!("Session::start: {error}"),
        other => panic!("built with recording: build this package by itself, `-p compiled_out` ({other:?})"),
    }
}
