//! Each cause for which an event is lost, with how many, on which thread, at which callsite and from when to when: in the
//! losses, as a gap of its thread, in the summary, and in exports. The clock is a mock, so that intervals are exact.
#![allow(unsafe_code, reason = "a global allocator, and a key of the system")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/thread_end.rs"]
mod thread_end;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{accounted, alone, in_child, spawn};
use serde_json::{Value, json};
use thread_end::behind_our_end;
use traceme::__private::{CallsiteCell, enter, mock};
use traceme::Category;
use traceme::callsite::MAX_CALLSITES;
use traceme::trace::{Cause, Event, Loss, Read, TrackId};
use traceme::{Memory, Session, Trace, append, export, instant, span, trace_scope};

const CHUNK: usize = 256 << 10;
/// When sessions start.
const START: u64 = 1_000;

/// What is expected of the losses for one cause.
struct Lost {
    cause: Cause,
    thread: Option<&'static str>,
    callsite: Option<&'static str>,
    count: u64,
    /// From the first one to the last one, in ns from the session's start.
    interval: (u64, u64),
}

impl Lost {
    /// Checks all places where losses are told of; there are no others in the trace.
    #[track_caller]
    fn check(&self, trace: &Trace) {
        let losses: Vec<&Loss> = trace.losses().iter().collect();
        let [loss] = losses[..] else { panic!("{losses:?}") };
        let track = loss.track.map(|track| trace.tracks()[track.index()].name.as_str());
        let callsite = loss.callsite.map(|id| trace.tables().callsite(id).unwrap().name.as_str());
        assert_eq!((loss.cause, track, callsite, loss.count), (self.cause, self.thread, self.callsite, self.count));
        assert_eq!((loss.first, loss.last), self.interval);
        let gaps: Vec<(TrackId, u64, u64, u64)> =
            trace.tracks().iter().flat_map(|track| gaps(trace, track.id)).collect();
        let expected = loss.track.map(|track| (track, loss.count, loss.first, loss.last));
        assert_eq!(gaps, Vec::from_iter(expected), "a gap of its thread");
        self.check_summary(trace);
        self.check_chrome(trace);
    }

    fn check_summary(&self, trace: &Trace) {
        let summary = trace.summary();
        let callsite = self.callsite.unwrap_or("unknown callsite");
        assert_eq!((summary.losses.lost, summary.losses.recorded), (self.count, trace.event_count()));
        let [cause] = &summary.losses.causes[..] else { panic!("{:?}", summary.losses) };
        assert_eq!((cause.cause, cause.count, (cause.first, cause.last)), (self.cause, self.count, self.interval));
        assert_eq!((cause.callsites[0].name.as_str(), cause.callsites[0].count), (callsite, self.count));
        let lost = summary.tracks.iter().find(|track| Some(track.name.as_str()) == self.thread).map(|track| track.lost);
        assert_eq!(lost, self.thread.map(|_| self.count));
        let text = summary.to_string();
        let line = text.lines().last().unwrap();
        assert!(line.starts_with(&format!("    {}: {}, ", self.cause, self.count)), "{text}");
        assert!(line.contains(" to ") && line.contains(&format!(" ({callsite} ")), "{text}");
    }

    fn check_chrome(&self, trace: &Trace) {
        let events = chrome(trace);
        let ((first, last), cause) = (self.interval, self.cause.name());
        let row = |name: &str| {
            let mut names = events.iter().filter(|event| event["name"] == "thread_name");
            names.find(|event| event["args"]["name"] == name).unwrap()["tid"].clone()
        };
        let named = |name: &str| events.iter().filter(|event| event["name"] == name).collect::<Vec<_>>();
        let [total] = named(&format!("lost: {cause}"))[..] else { panic!("one total") };
        let of = format!("of {}", self.callsite.unwrap_or("unknown"));
        assert_eq!(total["args"], json!({ "count": self.count, "cause": cause, "threads": 1, of: self.count }));
        assert_eq!((ns(&total["ts"]), ns(&total["dur"]), &total["tid"]), (first, last - first, &row("lost events")));
        let [gap] = named(&format!("gap: {cause}"))[..] else { panic!("one gap") };
        let mut args = json!({ "count": self.count, "cause": cause, "for_ns": last - first });
        if let Some(callsite) = self.callsite {
            args["callsite"] = callsite.into();
        }
        assert_eq!((ns(&gap["ts"]), &gap["args"]), (first, &args));
        assert_eq!(gap["tid"], row(self.thread.unwrap_or("lost events")), "on the row of its thread");
    }
}

fn chrome(trace: &Trace) -> Vec<Value> {
    let mut json = Vec::new();
    export::chrome(trace, &mut json).unwrap();
    let mut json: Value = serde_json::from_slice(&json).unwrap();
    serde_json::from_value(json["traceEvents"].take()).unwrap()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "times are small")]
fn ns(us: &Value) -> u64 {
    (us.as_f64().unwrap() * 1000.0).round() as u64
}

/// The gaps of a track: count, start, end.
fn gaps(trace: &Trace, track: TrackId) -> impl Iterator<Item = (TrackId, u64, u64, u64)> {
    trace.events(track).filter_map(move |event| match event {
        Event::Gap { ns, end, loss: Some(loss) } => Some((track, loss.count, ns, end)),
        _ => None,
    })
}

fn start(memory: Memory) -> Session {
    mock(START);
    Session::builder().memory(memory).start().unwrap()
}

fn tick(ns: u64) {
    mock(START + ns);
    instant!("tick");
}

#[test]
fn full() {
    let _alone = alone();
    let session = start(Memory::bounded(CHUNK));
    spawn("work", || (0..60_000).for_each(tick)).join().unwrap();
    let trace = session.stop();
    let kept = trace.event_count();
    let interval = (kept, 59_999);
    Lost { cause: Cause::Full, thread: Some("work"), callsite: Some("tick"), count: 60_000 - kept, interval }
        .check(&trace);
}

#[test]
fn overwritten() {
    let _alone = alone();
    let session = start(Memory::ring(4 * CHUNK));
    spawn("work", || (0..300_000).for_each(tick)).join().unwrap();
    let trace = session.stop();
    let count = 300_000 - trace.event_count();
    let interval = (0, count - 1);
    Lost { cause: Cause::Overwritten, thread: Some("work"), callsite: None, count, interval }.check(&trace);
}

#[test]
fn too_deep() {
    let _alone = alone();
    let session = start(Memory::default());
    spawn("work", || {
        let guards: Vec<_> = (0..131).map(|n| (mock(START + n), span!("deep")).1).collect();
        guards.into_iter().rev().for_each(drop);
    })
    .join()
    .unwrap();
    let lost =
        Lost { cause: Cause::TooDeep, thread: Some("work"), callsite: Some("deep"), count: 3, interval: (128, 130) };
    lost.check(&session.stop());
}

/// An allocator that traces, as often as it is told.
struct Tracing;

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(0) };
    static APPENDS: Cell<bool> = const { Cell::new(false) };
}

// SAFETY: all is left to the system's allocator.
unsafe impl GlobalAlloc for Tracing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(left) = LEFT.get().checked_sub(1) {
            LEFT.set(left);
            instant!("allocation");
        }
        if APPENDS.replace(false) {
            append!(at = ?mock(START + 30));
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Tracing = Tracing;

#[test]
fn re_entrant() {
    let _alone = alone();
    let session = start(Memory::default());
    spawn("work", || {
        instant!("first");
        LEFT.set(1);
        drop(std::hint::black_box(Box::new(1)));
        mock(START + 70);
        LEFT.set(1);
        // Entered into the table: that allocates.
        instant!("met for the first time");
    })
    .join()
    .unwrap();
    let (cause, callsite) = (Cause::Reentrant, Some("allocation"));
    let trace = session.stop();
    Lost { cause, thread: Some("work"), callsite, count: 1, interval: (70, 70) }.check(&trace);
    assert_eq!(trace.event_count(), 3);
}

/// Where the recorder is interrupted at a moment at which it can't look up whose callsite that is.
#[test]
fn re_entrant_at_a_callsite_that_is_not_known_yet() {
    let _alone = alone();
    let session = start(Memory::default());
    spawn("work", || {
        trace_scope!("work");
        APPENDS.set(true);
        // Entered into the table: that allocates.
        instant!("met for the first time, too");
    })
    .join()
    .unwrap();
    let trace = session.stop();
    let interval = (30, 30);
    Lost { cause: Cause::Reentrant, thread: Some("work"), callsite: None, count: 1, interval }.check(&trace);
    assert_eq!(trace.event_count(), 2);
}

#[test]
fn teardown() {
    let _alone = alone();
    let session = start(Memory::default());
    spawn("work", || {
        behind_our_end(|| (50..=52).for_each(tick));
        instant!("first");
    })
    .join()
    .unwrap();
    let trace = session.stop();
    // The thread has given back all that told who it was.
    Lost { cause: Cause::Teardown, thread: None, callsite: Some("tick"), count: 3, interval: (50, 52) }.check(&trace);
}

/// Callsites of generated code, as many as a process can have, and more.
#[test]
fn table_full() {
    in_child("table_full", || {
        let _alone = alone();
        mock(START);
        let session = Session::builder().filter("1,left_out=off").start().unwrap();
        spawn("work", || {
            let enter = |module| {
                let site = CallsiteCell::span("generated", 1, Category::DEFAULT, module, &[]);
                drop(enter(Box::leak(Box::new(site))));
            };
            instant!("first");
            // What a filter leaves out takes no number.
            (0..1000).for_each(|_| enter("left_out"));
            (1..MAX_CALLSITES).for_each(|_| enter("known"));
            (0..1000).for_each(|_| enter("left_out"));
            for n in 10..13 {
                mock(START + n);
                enter("recorded");
            }
        })
        .join()
        .unwrap();
        let trace = session.stop();
        let lost = Lost { cause: Cause::TableFull, thread: Some("work"), callsite: None, count: 3, interval: (10, 12) };
        lost.check(&trace);
        assert_eq!(trace.event_count(), MAX_CALLSITES as u64);
    });
}

/// Snapshots are taken without a pause, until a writer has found one in its way: twice, for there is a chunk to spare.
#[test]
fn pinned() {
    static STOP: AtomicBool = AtomicBool::new(false);
    let _alone = alone();
    let session = start(Memory::ring(2 * CHUNK));
    let thread = spawn("work", || {
        let numbers = (0..).take_while(|_| !STOP.load(Ordering::Relaxed));
        numbers.inspect(|&n| tick(n)).count() as u64
    });
    while session.snapshot().losses().by_cause(Cause::Pinned) == 0 {
        (0..100).for_each(|_| drop(session.snapshot()));
    }
    STOP.store(true, Ordering::Relaxed);
    let attempts = thread.join().unwrap();
    let trace = session.stop();
    assert_eq!(accounted(&trace), attempts);
    let pinned = || trace.losses().iter().filter(|loss| loss.cause == Cause::Pinned);
    let [loss] = pinned().collect::<Vec<_>>()[..] else { panic!("{:?}", trace.losses()) };
    assert_eq!(trace.tables().callsite(loss.callsite.unwrap()).unwrap().name, "tick");
    assert_eq!(loss.track, Some(trace.tracks()[0].id));
    assert!(loss.first < loss.last || loss.count == 1);
    let total = trace.summary().losses.causes.iter().find(|cause| cause.cause == Cause::Pinned).unwrap().count;
    let events = chrome(&trace);
    let gap = events.iter().find(|event| event["name"] == "gap: pinned").unwrap();
    assert_eq!((total, gap["args"]["count"].as_u64()), (loss.count, Some(loss.count)));
}

#[test]
fn late() {
    static SESSION: std::sync::Mutex<Option<Session>> = std::sync::Mutex::new(None);
    static STOPPED: AtomicU64 = AtomicU64::new(0);
    let _alone = alone();
    *SESSION.lock().unwrap() = Some(start(Memory::default()));
    let stop = || {
        let trace = SESSION.lock().unwrap().take().unwrap().stop();
        assert!(trace.losses().is_empty());
        STOPPED.fetch_add(1, Ordering::Relaxed)
    };
    // Its session stops between its metadata and its time.
    instant!("late", meta(n = stop()));
    let trace = start(Memory::default()).stop();
    assert_eq!((trace.event_count(), trace.losses().total(), trace.losses().late()), (0, 0, 1));
    let summary = trace.summary();
    assert_eq!((summary.losses.late, summary.losses.lost), (1, 0));
    assert!(summary.to_string().contains("NOT EVERYTHING WAS RECORDED: 1 event late"), "{summary}");
    let events = chrome(&trace);
    assert_eq!(events.iter().find(|event| event["name"] == "late").unwrap()["args"], json!({ "count": 1 }));
}
