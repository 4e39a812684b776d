//! Hammers the recorder and counts to the unit, for tools that watch a process while it runs: `ci/sanitizers.sh`
//! runs it. Threads that trace are born and die while sessions of all sizes start and stop and traces are read on
//! two threads at once. The threads are made with `pthread_create` and share nothing but relaxed atomics, so that
//! nothing here orders what the recorder itself has to.
//!
//! usage: hammer [SECONDS]
//!
//! Fails if an event is in two traces or in none without being counted, or if a trace changes once it is there.
#![allow(unsafe_code, reason = "threads without std")]
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a test")]

use std::ffi::c_void;
use std::fmt;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use traceme::session::{Sink, Source};
use traceme::trace::{Cause, Event, Read, TraceBuilder, TrackKind, Value};
use traceme::{Error, Level, Memory, Session, SpanGuard, Trace};
use traceme::{active, append, counter, instant, span, trace_scope};

/// Threads that trace all the time, and threads that start threads all the time which trace a little.
const WRITERS: usize = 3;
const STARTERS: usize = 2;

/// One chunk, four, and more than ever gets full. The lengths of these lists have no common divisor: all
/// combinations occur.
const MEMORY: [usize; 3] = [256 << 10, 1 << 20, 64 << 20];
/// How many events are attempted, at least, before a session is stopped.
const EVENTS: [u64; 4] = [0, 100, 20_000, 50_000];
/// Whether there is a source, and a sink.
const FEEDS: [(bool, bool); 5] = [(false, false), (true, false), (false, true), (true, true), (false, false)];

/// How many events were attempted: their metadata counts them.
static ATTEMPTS: AtomicU64 = AtomicU64::new(0);
static STOP: AtomicBool = AtomicBool::new(false);
/// The events that the sink of a session was given.
static SUNK: AtomicU64 = AtomicU64::new(0);
/// Whose destructor traces.
static KEY: AtomicU32 = AtomicU32::new(0);

/// Counts an attempt; its number, which no other event has.
fn attempt() -> u64 {
    ATTEMPTS.fetch_add(1, Relaxed)
}

type Work = extern "C" fn(*mut c_void) -> *mut c_void;

/// A thread that std knows nothing of.
struct Thread(libc::pthread_t);

impl Thread {
    fn start(work: Work, argument: *mut c_void) -> Self {
        let mut id = 0;
        // SAFETY: there is room for an id; `work` knows what it is given.
        let error = unsafe { libc::pthread_create(&raw mut id, std::ptr::null(), work, argument) };
        assert_eq!(error, 0, "no thread");
        Self(id)
    }

    fn join(self) {
        // SAFETY: the thread was started, and is joined only here.
        assert_eq!(unsafe { libc::pthread_join(self.0, null_mut()) }, 0);
    }
}

fn sleep(microseconds: u32) {
    // SAFETY: touches no memory.
    unsafe { libc::usleep(microseconds) };
}

fn seconds() -> libc::time_t {
    // SAFETY: a null pointer says that the time is only returned.
    unsafe { libc::time(null_mut()) }
}

/// Prints in pieces, which takes the recorder's slow way.
struct Pieces(u64);

impl fmt::Display for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.0).try_for_each(|n| write!(f, "piece {n}, "))
    }
}

/// One event of each kind; `n` is the number of the attempt.
fn turn(i: u64) {
    let outer = span!("outer", meta(n = attempt(), text = "as it is", numbers = [i, i]));
    if outer.is_recorded() {
        // Not where nothing was recorded before: the recorder keeps for ever what it gives to a thread that is
        // torn down already.
        // SAFETY: the key was made; the value is no pointer to anything.
        unsafe { libc::pthread_setspecific(KEY.load(Relaxed), std::ptr::without_provenance(1)) };
    }
    trace_scope!("inner", level = 2, meta(n = attempt()));
    instant!("point", meta(n = attempt(), text = %Pieces(i % 8)));
    counter!("sample", attempt());
    append!(outer, n = attempt());
    if i % 256 == 0 {
        nest(140);
    }
    if i % 4 == 0 {
        stop_in_order(outer, span!("across", meta(n = attempt())));
    }
}

/// Ends the first span first, though the second began inside it.
fn stop_in_order(first: SpanGuard, second: SpanGuard) {
    first.stop();
    second.stop();
}

/// More spans in each other than the recorder keeps.
fn nest(depth: u64) {
    trace_scope!("nested", meta(n = attempt()));
    if depth > 0 {
        nest(depth - 1);
    }
}

extern "C" fn write(_: *mut c_void) -> *mut c_void {
    let mut i = 0;
    while !STOP.load(Relaxed) {
        turn(i);
        i += 1;
        if !active(Level::CRITICAL) {
            sleep(20);
        }
    }
    null_mut()
}

extern "C" fn start_threads(_: *mut c_void) -> *mut c_void {
    while !STOP.load(Relaxed) {
        trace_scope!("starts", meta(n = attempt()));
        let threads = [(); 2].map(|()| Thread::start(write_little, null_mut()));
        threads.into_iter().for_each(Thread::join);
    }
    null_mut()
}

extern "C" fn write_little(_: *mut c_void) -> *mut c_void {
    (0..50).for_each(turn);
    null_mut()
}

/// Runs when std and the recorder have torn down what they had of the thread.
extern "C" fn trace_at_the_end(_: *mut c_void) {
    instant!("end", meta(n = attempt()));
}

struct Count;

impl Sink for Count {
    fn batch(&mut self, batch: &Trace) {
        SUNK.fetch_add(Contents::of(batch).numbers.len() as u64, Relaxed);
    }
}

/// Adds a span to the trace.
struct Device;

impl Source for Device {
    fn start(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn stop(&mut self) {}

    fn collect(&mut self, trace: &mut TraceBuilder) {
        let track = trace.add_track("device", TrackKind::Device { ordinal: 0 }, None).unwrap();
        trace.span(track, "kernel", 100, Some(200), &[("n", Value::U64(attempt()))]).unwrap();
    }
}

/// What can be read of a trace.
#[derive(Default, PartialEq, Eq)]
struct Contents {
    /// The numbers of the attempts that it holds.
    numbers: Vec<u64>,
    spans: u64,
    /// The times, added up.
    times: u64,
}

impl Contents {
    fn of(trace: &Trace) -> Self {
        let mut contents = Self::default();
        for event in trace.tracks().iter().flat_map(|track| trace.events(track.id)) {
            contents.times = contents.times.wrapping_add(event.ns());
            contents.numbers.extend(number(&event));
        }
        for span in trace.spans() {
            contents.spans += 1;
            contents.times = contents.times.wrapping_add(span.duration().unwrap_or(0));
        }
        contents
    }
}

/// Which attempt an event was.
fn number(event: &Event<'_>) -> Option<u64> {
    let value = match event {
        // Of one that goes on from an earlier batch it was counted there.
        Event::Begin { meta, .. } if meta.continues() => return None,
        Event::Begin { meta, .. } => meta.args().find(|(key, _)| *key == "n")?.1,
        Event::Instant { meta, .. } | Event::Append { meta, .. } => meta.args().next()?.1,
        Event::Counter { meta, .. } => meta.value(),
        _ => return None,
    };
    let Value::U64(number) = value else { panic!("{event:?} has no number") };
    Some(number)
}

/// A trace that two threads read.
struct Shared<'t> {
    trace: &'t Trace,
    contents: Contents,
}

extern "C" fn read(shared: *mut c_void) -> *mut c_void {
    // SAFETY: the thread that started this one does nothing with it until it has joined this one.
    let shared = unsafe { &mut *shared.cast::<Shared<'_>>() };
    shared.contents = Contents::of(shared.trace);
    null_mut()
}

/// The contents of a trace, which two threads find at the same time.
fn read_twice(trace: &Trace) -> Contents {
    const fn is_shared_safely<T: Sync>() {}
    const { is_shared_safely::<Trace>() };
    let mut shared = Shared { trace, contents: Contents::default() };
    let reader = Thread::start(read, (&raw mut shared).cast());
    let contents = Contents::of(trace);
    reader.join();
    assert!(contents == shared.contents, "two threads read the same from a trace");
    contents
}

/// The sums over all traces.
#[derive(Default)]
struct Sums {
    sessions: usize,
    recorded: u64,
    lost: u64,
    late: u64,
    torn_down: u64,
    /// One bit for each attempt: whether it is in a trace.
    seen: Vec<u64>,
    /// The last trace and what was in it.
    last: Option<(Trace, Contents)>,
}

impl Sums {
    /// Starts a session and stops it.
    fn session(&mut self) {
        let n = self.sessions;
        let (source, sink) = FEEDS[n % FEEDS.len()];
        let mut session = Session::builder().level(if n % 2 == 0 { 1 } else { 255 });
        session = session.memory(Memory::bounded(MEMORY[n % MEMORY.len()]));
        session = if source { session.source(Device) } else { session };
        session = if sink { session.sink(Count) } else { session };
        SUNK.store(0, Relaxed);
        let until = ATTEMPTS.load(Relaxed) + EVENTS[n % EVENTS.len()];
        let session = session.start().unwrap();
        while ATTEMPTS.load(Relaxed) < until {
            sleep(20);
        }
        let snapshot = session.snapshot();
        let trace = session.stop();
        read_twice(&snapshot);
        assert_eq!((snapshot.losses().damaged_words(), snapshot.losses().missing_sections()), (0, 0));
        drop(snapshot);
        assert!(!sink || SUNK.load(Relaxed) + u64::from(source) == trace.event_count(), "a sink is given all events");
        if let Some((trace, contents)) = self.last.take() {
            assert!(Contents::of(&trace) == contents, "a trace stays as it is while other sessions run");
        }
        let contents = read_twice(&trace);
        self.add(&trace, &contents.numbers);
        self.last = Some((trace, contents));
    }

    fn add(&mut self, trace: &Trace, numbers: &[u64]) {
        let losses = trace.losses();
        assert_eq!((losses.damaged_words(), losses.missing_sections()), (0, 0));
        assert_eq!(numbers.len() as u64, trace.event_count());
        for &number in numbers {
            let (word, bit) = (usize::try_from(number / 64).unwrap(), 1 << (number % 64));
            self.seen.resize(self.seen.len().max(word + 1), 0);
            assert_eq!(self.seen[word] & bit, 0, "event {number} is in one trace, once");
            self.seen[word] |= bit;
        }
        self.sessions += 1;
        self.recorded += trace.event_count();
        self.lost += losses.total();
        self.late += losses.late();
        self.torn_down += losses.by_cause(Cause::Teardown);
    }
}

extern "C" fn nothing(_: *mut c_void) -> *mut c_void {
    null_mut()
}

/// How many threads the process has.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count)
}

fn main() {
    let length = std::env::args().nth(1).map_or(5, |text| text.parse().expect("usage: hammer [SECONDS]"));
    // SAFETY: touches no memory; the signal ends a process that hangs.
    unsafe { libc::alarm(300) };
    // Some sanitizers have a thread of their own, from the program's first thread on.
    Thread::start(nothing, null_mut()).join();
    let alone = threads();
    let mut key = 0;
    // SAFETY: there is room for a key; the destructor takes any value.
    assert_eq!(unsafe { libc::pthread_key_create(&raw mut key, Some(trace_at_the_end)) }, 0);
    KEY.store(key, Relaxed);
    let writers = [(); WRITERS].map(|()| Thread::start(write, null_mut()));
    let starters = [(); STARTERS].map(|()| Thread::start(start_threads, null_mut()));
    let mut sums = Sums::default();
    let end = seconds() + length;
    while seconds() < end || sums.sessions < 12 {
        sums.session();
    }
    STOP.store(true, Relaxed);
    writers.into_iter().chain(starters).for_each(Thread::join);
    // What was late for the last session.
    let rest = Session::start(1).unwrap().stop();
    assert!(rest.is_empty());
    sums.add(&rest, &[]);
    let attempts = ATTEMPTS.load(Relaxed);
    let Sums { sessions, recorded, lost, late, torn_down, .. } = sums;
    println!(
        "{sessions} sessions, {attempts} attempts: {recorded} recorded, {lost} lost ({torn_down} in teardown), {late} late"
    );
    assert_eq!(recorded + lost + late, attempts, "every attempt is recorded, lost or late");
    assert!(recorded > 0 && lost > 0, "both happened");
    // A thread that begins or ends just now owns what a sanitizer would take for leaked.
    while threads() > alone {
        std::thread::yield_now();
    }
}
