//! A global allocator that traces each allocation, in its own category, and the bytes in use as a counter.
//!
//! The recorder allocates too, rarely: an event of the allocator inside the recorder is counted as lost, and breaks
//! nothing. `cargo run --release -p examples --bin tracing_allocator`

#![allow(unsafe_code, reason = "a global allocator")]
#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use traceme::trace::Cause;
use traceme::{Session, counter, instant, trace_scope};

traceme::categories! {
    /// What the allocator does: a session without this category has none of it.
    ALLOC = "alloc";
}

struct Tracing {
    /// The bytes in use. Relaxed: a number that orders nothing else.
    in_use: AtomicUsize,
}

// SAFETY: all is left to the system's allocator.
unsafe impl GlobalAlloc for Tracing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let in_use = self.in_use.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        instant!("alloc", level = 3, category = ALLOC, meta(size = layout.size(), align = layout.align()));
        counter!("memory", in_use, unit = "B", level = 2, category = ALLOC);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let in_use = self.in_use.fetch_sub(layout.size(), Ordering::Relaxed) - layout.size();
        counter!("memory", in_use, unit = "B", level = 2, category = ALLOC);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Tracing = Tracing { in_use: AtomicUsize::new(0) };

fn work() -> usize {
    trace_scope!("work", level = 1);
    let words: Vec<String> = (0..100).map(|n| format!("{n:>32}")).collect();
    trace_scope!("join", level = 1, { words.concat().len() })
}

fn main() -> Result<(), traceme::Error> {
    let session = Session::start(3)?;
    assert_eq!(work(), 3200);
    let trace = session.stop();

    let allocated = |name: &str| {
        let of = |instant: &traceme::trace::Instant<'_>| instant.span().is_some_and(|span| span.name() == name.into());
        trace.instants().filter(of).count()
    };
    let (strings, joined) = (allocated("work"), allocated("join"));
    let (samples, lost) = (trace.counters().count(), trace.losses().by_cause(Cause::Reentrant));
    println!("{strings} allocations in work, {joined} in join, {samples} samples, {lost} events inside the recorder");
    assert!(strings >= 101, "100 strings and a vector, not {strings}");
    assert_eq!(joined, 1, "the joined string");
    assert!(samples >= 2 * 102, "each string was allocated and freed, not {samples}");
    assert_eq!(trace.losses().total(), lost, "nothing was lost for another reason");

    // Another session leaves the allocator out.
    let session = Session::builder().categories([traceme::Category::DEFAULT]).start()?;
    assert_eq!(work(), 3200);
    let trace = session.stop();
    assert_eq!((trace.spans().len(), trace.instants().len(), trace.counters().count()), (2, 0, 0));
    // What the recorder's own thread allocates may have come too late for the first session: this one tells.
    assert_eq!(trace.losses().total(), 0, "{:?}", trace.losses());
    Ok(())
}
