//! What `tests/environment` runs in a process of its own: a program whose allocator traces, so that the first callsite
//! runs before `main` or in the middle of whatever allocates first.
//!
//! It prints how many events were recorded.
#![allow(unsafe_code, reason = "a global allocator")]
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a test program")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

struct Tracing;

static RECORDED: AtomicU64 = AtomicU64::new(0);
static STOPPED: AtomicBool = AtomicBool::new(false);

/// How many threads are in [`attempt`]: the recorder's own one may allocate at any time.
static ATTEMPTING: AtomicU64 = AtomicU64::new(0);

fn attempt() {
    // Sequentially consistent, and the stop too: who isn't counted before the stop sees it.
    ATTEMPTING.fetch_add(1, Ordering::SeqCst);
    if !STOPPED.load(Ordering::SeqCst) {
        let span = traceme::span!("allocator", meta(mark = "attempt"));
        RECORDED.fetch_add(u64::from(span.is_recorded()), Ordering::Relaxed);
    }
    ATTEMPTING.fetch_sub(1, Ordering::SeqCst);
}

// SAFETY: all is left to the system's allocator.
unsafe impl GlobalAlloc for Tracing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        attempt();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        attempt();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Tracing = Tracing;

fn main() {
    let name = thread::current().name().map(String::from);
    let words: Vec<String> = (0..100).map(|n| format!("{n} {name:?}")).collect();
    thread::Builder::new().spawn(move || drop(words)).unwrap().join().unwrap();
    STOPPED.store(true, Ordering::SeqCst);
    while ATTEMPTING.load(Ordering::SeqCst) != 0 {
        thread::yield_now();
    }
    println!("recorded {}", RECORDED.load(Ordering::Relaxed));
}
