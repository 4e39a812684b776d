//! `callsites()` lists what is annotated in the program, whether it has run or not, and what becomes of it.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{alone, spawn, threads};
use traceme::__private::{CallsiteCell, enter};
use traceme::callsite::CallsiteKind;
use traceme::trace::Value;
use traceme::{
    CallsiteStatus, Category, Memory, Session, activity, append, callsites, counter, instant, trace_scope, traceme,
};

traceme::categories! {
    IO = "io";
}

#[traceme(level = 2, category = IO, meta(n = n, kind = "test"))]
fn annotated(n: u32) {
    append!(twice = 2 * n);
    instant!("point", level = 3);
    counter!("number", n, unit = "B");
    activity!("going on").end();
}

fn never_runs(really: bool) {
    if really {
        trace_scope!("never run", level = 7);
    }
}

fn generic<T: Default>() -> T {
    trace_scope!("generic");
    T::default()
}

fn find(name: &str) -> CallsiteStatus {
    let all = callsites();
    let mut found = all.into_iter().filter(|status| status.callsite.name == name && status.callsite.file == file!());
    let first = found.next().unwrap_or_else(|| panic!("`{name}` is listed"));
    assert_eq!(found.next(), None, "`{name}` is listed once");
    first
}

#[test]
fn what_has_never_run_is_listed() {
    let _alone = alone();
    // Not known to the optimiser, which would leave nothing of it to be listed.
    never_runs(std::hint::black_box(false));
    let CallsiteStatus { callsite, is_enabled, is_compiled_in, hits, .. } = find("never run");
    assert_eq!((callsite.kind, callsite.level.get(), &*callsite.module), (CallsiteKind::Span, 7, module_path!()));
    assert_eq!((callsite.file.as_str(), is_enabled, is_compiled_in, hits), (file!(), false, true, 0));

    let session = Session::start(6).unwrap();
    assert!(!find("never run").is_enabled);
    session.set_filter("all").unwrap();
    assert!(find("never run").is_enabled);
    drop(session);
    assert!(!find("never run").is_enabled);
}

#[test]
fn each_says_what_it_is() {
    let _alone = alone();
    let listed = find("annotated").callsite;
    let keys: Vec<_> = listed.keys.iter().map(|key| (key.name.as_str(), key.literal.is_some())).collect();
    assert_eq!(
        (listed.category.as_str(), listed.level.get(), &keys[..]),
        ("io", 2, &[("n", false), ("kind", true)][..])
    );
    assert_eq!(find("point").callsite.kind, CallsiteKind::Instant);
    assert_eq!((find("number").callsite.kind, &*find("number").callsite.unit), (CallsiteKind::Counter, "B"));
    assert_eq!(find("going on").callsite.kind, CallsiteKind::Activity);
    assert_eq!(find("").callsite.kind, CallsiteKind::Append);
}

#[test]
fn hits_are_those_of_all_threads_in_the_session() {
    let _alone = alone();
    for memory in [Memory::bounded(64 << 20), Memory::ring(64 << 20)] {
        let session = Session::builder().memory(memory).start().unwrap();
        let threads: Vec<_> = (0..4).map(|_| spawn("work", || (0..30_000).for_each(annotated))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let _ = (generic::<u32>(), generic::<String>());
        for name in ["annotated", "", "point", "number", "going on"] {
            assert_eq!((find(name).hits, find(name).is_enabled), (120_000, true), "{name}");
        }
        assert_eq!(find("generic").hits, 2, "both instances are one place");
        let part = session.rotate();
        assert_eq!(find("annotated").hits, 0, "they were given away");
        annotated(1);
        assert_eq!(find("annotated").hits, 1);
        assert_eq!(session.stop().spans().count(), 2);
        assert_eq!(part.spans().filter(|span| span.name() == "annotated".into()).count(), 120_000);
        assert_eq!((find("annotated").hits, find("annotated").is_enabled), (0, false), "no session runs");
    }
}

/// What another library brings is not in the executable's list.
#[test]
fn what_the_linker_does_not_list_is_listed_once_it_has_run() {
    let _alone = alone();
    let site: &CallsiteCell = Box::leak(Box::new(CallsiteCell::span("elsewhere", 2, Category::DEFAULT, "plugin", &[])));
    let is_listed = || callsites().iter().any(|status| status.callsite.name == "elsewhere");
    drop(enter(site));
    assert!(!is_listed());
    let session = Session::start(1).unwrap();
    drop(enter(site));
    assert!(!is_listed(), "it is left out");
    session.set_filter("all").unwrap();
    drop(enter(site));
    assert_eq!((find("elsewhere").hits, find("elsewhere").is_enabled), (1, true));
    let trace = session.stop();
    assert_eq!(trace.spans().map(|span| span.name().to_string()).collect::<Vec<_>>(), ["elsewhere"]);
    drop(enter(site));
    let session = Session::start(2).unwrap();
    drop(enter(site));
    assert_eq!(session.stop().event_count(), 1, "it is met again in each session");
}

/// Whatever a callsite has found out for itself while nothing recorded it, it is asked again when that changes.
#[test]
fn what_rests_is_woken_by_each_change() {
    let _alone = alone();
    for round in 0..50 {
        annotated(0);
        let session = Session::builder().filter(if round % 2 == 0 { "off" } else { "1" }).start().unwrap();
        annotated(1);
        session.set_filter("2").unwrap();
        annotated(2);
        session.set_filter("cat:io=off").unwrap();
        annotated(3);
        session.set_filter("all").unwrap();
        annotated(4);
        let trace = session.stop();
        let calls: Vec<_> = trace.spans().filter(|span| span.name() == "annotated".into()).collect();
        let points = trace.instants().count();
        assert_eq!((calls.len(), points), (2, 1), "{}", trace.text());
    }
}

#[traceme(level = 1, meta(change))]
fn always(change: u64) -> u64 {
    change
}

#[traceme(level = 3, meta(change))]
fn at_times(change: u64) -> u64 {
    change
}

/// Threads that go through both functions all the time, with the number of the last change.
#[derive(Default)]
struct Turns {
    change: AtomicU64,
    turns: [AtomicU64; 3],
    is_over: AtomicBool,
}

impl Turns {
    fn run(&self, thread: usize) {
        while !self.is_over.load(Ordering::Relaxed) {
            let change = self.change.load(Ordering::Acquire);
            assert_eq!(always(change), at_times(change));
            self.turns[thread].fetch_add(1, Ordering::Release);
            std::thread::yield_now();
        }
    }

    /// Something has changed: waits until each thread has made a turn that began behind that; gives the number that it had.
    fn change(&self) -> u64 {
        let change = self.change.fetch_add(1, Ordering::Release) + 1;
        let start = Instant::now();
        for turns in &self.turns {
            let before = turns.load(Ordering::Acquire);
            while turns.load(Ordering::Acquire) < before + 2 {
                assert!(start.elapsed() < Duration::from_secs(60), "a thread hangs behind change {change}");
                std::thread::yield_now();
            }
        }
        change
    }
}

/// Callsites go to rest on all threads while others wake them: none misses a change.
#[test]
fn threads_that_never_pause_find_each_change() {
    const SESSIONS: usize = 1000;
    const CHANGES: usize = 20;
    let _alone = alone();
    let all = Arc::new(Turns::default());
    let start = |thread: usize| {
        let all = Arc::clone(&all);
        spawn(&format!("turns {thread}"), move || all.run(thread))
    };
    let started: Vec<_> = (0..3).map(start).collect();
    for round in 0..SESSIONS {
        let session = Session::builder().filter(["off", "1", "all"][round % 3]).start().unwrap();
        // Nobody waits here: callsites are on their way to rest when they are woken.
        for change in 0..CHANGES {
            session.set_filter(if (round + change) % 2 == 0 { "off" } else { "1" }).unwrap();
            (0..change).for_each(|_| std::hint::spin_loop());
            session.set_filter("all").unwrap();
        }
        let both = all.change();
        session.set_filter("1").unwrap();
        let one = all.change();
        let trace = session.stop();
        assert_eq!(threads(&trace).len(), 3);
        for track in threads(&trace) {
            for (name, change) in [("always", both), ("at_times", both), ("always", one)] {
                let spans = trace.spans().filter(|span| span.track().id == track.id && span.name() == name.into());
                let is_found = spans.flat_map(|span| span.args()).any(|(_, value)| value == Value::U64(change));
                assert!(is_found, "{name} of {track:?} behind change {change}, in session {round}");
            }
        }
    }
    all.is_over.store(true, Ordering::Relaxed);
    started.into_iter().for_each(|thread| thread.join().unwrap());
}
