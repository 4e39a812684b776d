//! The ledger: what is attempted is recorded, lost or late, to the unit, whatever happens. 64 threads at once, most of them
//! short-lived, trace in all ways; sessions of random kinds start and stop, are looked at and rotated, have slow sinks; a
//! signal handler traces too, and so do threads that are torn down.
//!
//! Attempts are counted outside the library, by their metadata: it is evaluated for the events that find a session.
//! `TRACEME_LEDGER_ATTEMPTS` says how many there are to be, `TRACEME_LEDGER_SEED` what is done; both are printed.
#![allow(unsafe_code, reason = "signals")]
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::disallowed_methods, reason = "tests")]
#![cfg(target_os = "linux")]

mod common;

use std::cell::{Cell, RefCell};
use std::env;
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{accounted, alone, spawn};
use traceme::session::Sink;
use traceme::trace::Cause;
use traceme::{Level, Memory, Session, Trace, active, append, counter, instant, span, trace_scope};

traceme::categories! {
    NOISE = "noise";
}

const THREADS: usize = 64;
const CHUNK: usize = 256 << 10;
const TEXT: &str = "a text that takes some words of a chunk, so that chunks are used up sooner than by numbers alone";

/// Attempts of threads that have ended, of parts of those that have not, and of handlers and destructors.
static ATTEMPTS: AtomicU64 = AtomicU64::new(0);
static STOP: AtomicBool = AtomicBool::new(false);
/// Set while a trace is looked at, so that threads leave the processors to that.
static PAUSED: AtomicBool = AtomicBool::new(false);
static SPAWNED: AtomicU64 = AtomicU64::new(0);
static SIGNALS: AtomicU64 = AtomicU64::new(0);

/// The threads that are at work. A signal to one that has ended comes to nothing, or to one that blocks it.
static TIDS: [AtomicI32; THREADS] = [const { AtomicI32::new(0) }; THREADS];

thread_local! {
    static MINE: Cell<u64> = const { Cell::new(0) };
    static AT_END: RefCell<Option<AtEnd>> = const { RefCell::new(None) };
}

/// Metadata of an event of a thread.
fn mine() -> u64 {
    MINE.set(MINE.get() + 1);
    MINE.get()
}

/// Metadata of an event of a handler or a destructor, which interrupts a thread or comes behind its end.
fn other() -> u64 {
    ATTEMPTS.fetch_add(1, Ordering::Relaxed)
}

/// Traces while its thread is torn down.
struct AtEnd;

impl Drop for AtEnd {
    fn drop(&mut self) {
        trace_scope!("teardown", meta(n = other()));
        instant!("in teardown", meta(n = other()));
    }
}

/// A generator of numbers that look random (splitmix64).
#[derive(Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// Traces some events, inside each other.
fn turn(random: &mut Random) {
    match random.below(64) {
        0 => {
            let text = TEXT;
            trace_scope!("long", meta(n = mine(), text, again = text));
        }
        1 => {
            // Out of order.
            let (outer, inner) = (span!("outer", meta(n = mine())), span!("inner", meta(n = mine())));
            drop(outer);
            instant!("inside", meta(n = mine()));
            drop(inner);
        }
        2 => {
            let guard = span!("appended to", meta(n = mine()));
            append!(guard, n = mine());
        }
        3 => counter!("sample", mine()),
        6..16 => instant!("noise", category = NOISE, meta(n = mine())),
        4 if random.one_in(20) => deep(random.below(150)),
        5 if random.one_in(50) => {
            #[expect(clippy::mem_forget, reason = "a guard that is never dropped")]
            mem::forget(span!("forgotten", meta(n = mine())));
        }
        _ => {
            trace_scope!("turn", meta(n = mine()));
            instant!("point", meta(n = mine()));
        }
    }
}

fn deep(depth: u64) {
    if depth > 0 {
        trace_scope!("deep", meta(n = mine()));
        deep(depth - 1);
    }
}

/// A thread, from its first event to its last; one of so many at once.
fn work(at: usize, mut random: Random) {
    if random.one_in(4) {
        AT_END.with(|slot| *slot.borrow_mut() = Some(AtEnd));
    }
    // Most are short-lived; some live as long as several sessions.
    let turns = if random.one_in(8) { random.below(300_000) } else { random.below(3_000) };
    // SAFETY: the call takes no arguments and can't fail.
    TIDS[at].store(unsafe { libc::gettid() }, Ordering::Relaxed);
    let signals = random.one_in(2);
    for n in 0..turns {
        if n % 256 == 0 {
            flush();
            if STOP.load(Ordering::Relaxed) {
                break;
            }
            // A handler traces only where the thread is not inside the allocator: it joins a session there, perhaps.
            mask(if signals { libc::SIG_UNBLOCK } else { libc::SIG_BLOCK });
        }
        while PAUSED.load(Ordering::Relaxed) {
            thread::park_timeout(Duration::from_millis(1));
        }
        if !active(Level::CRITICAL) {
            thread::yield_now();
        }
        turn(&mut random);
    }
    mask(libc::SIG_BLOCK);
    flush();
}

fn flush() {
    ATTEMPTS.fetch_add(MINE.take(), Ordering::Relaxed);
}

extern "C" fn handler(_: libc::c_int) {
    SIGNALS.fetch_add(1, Ordering::Relaxed);
    trace_scope!("handler", meta(n = other()));
    instant!("in handler", meta(n = other()));
}

/// Blocks or unblocks the signal on this thread.
fn mask(how: libc::c_int) {
    // SAFETY: a set of signals is plain memory.
    let mut set = unsafe { mem::zeroed() };
    // SAFETY: the pointer is valid for the call; so below.
    let emptied = unsafe { libc::sigemptyset(&raw mut set) };
    // SAFETY: as above.
    let added = unsafe { libc::sigaddset(&raw mut set, libc::SIGUSR1) };
    // SAFETY: as above; what the mask was before is not asked for.
    let masked = unsafe { libc::pthread_sigmask(how, &raw const set, ptr::null_mut()) };
    assert_eq!([emptied, added, masked], [0; 3]);
}

/// Takes its time, now and then.
struct Slow(Random);

impl Sink for Slow {
    fn batch(&mut self, batch: &Trace) {
        let pause = if batch.event_count() > 0 && self.0.one_in(4) { self.0.below(40) } else { 0 };
        thread::park_timeout(Duration::from_millis(pause));
    }
}

/// What all traces together account for.
#[derive(Debug, Default)]
struct Sums {
    recorded: u64,
    lost: [u64; Cause::ALL.len()],
    late: u64,
    sessions: u64,
    snapshots: u64,
    rotations: u64,
}

impl Sums {
    /// Adds a part that was given away, or the last one.
    fn add(&mut self, part: &Trace) {
        self.recorded += part.event_count();
        self.late += part.losses().late();
        for (sum, &cause) in self.lost.iter_mut().zip(Cause::ALL) {
            *sum += part.losses().by_cause(cause);
        }
    }

    fn total(&self) -> u64 {
        self.recorded + self.lost.iter().sum::<u64>() + self.late
    }

    /// A session of a random kind, and what is done to it.
    fn session(&mut self, random: &mut Random) {
        // Each thread that runs takes a chunk: mostly there are enough, and a few are used up.
        let least = if random.one_in(8) { 1 } else { THREADS };
        let chunks = least + usize::try_from(random.below(64)).unwrap();
        let memory = match random.below(4) {
            0 => Memory::bounded(chunks * CHUNK),
            1 => Memory::for_last(Duration::from_millis(random.below(20)), (chunks + 1) * CHUNK),
            _ => Memory::ring((chunks + 1) * CHUNK),
        };
        let mut builder = Session::builder().memory(memory);
        for _ in 0..random.below(6).saturating_sub(3) {
            builder = builder.sink(Slow(Random(random.next())));
        }
        let session = builder.start().unwrap();
        let mut before = 0;
        for _ in 0..random.below(6) {
            progress(random, 17);
            if random.one_in(4) {
                session.set_filter(if random.one_in(2) { "1" } else { "1,cat:noise=off" }).unwrap();
            }
            if random.one_in(3) {
                let part = session.rotate();
                checked(&part, |part| self.add(part));
                self.rotations += 1;
                before = 0;
            } else {
                let snapshot = session.snapshot();
                let now = checked(&snapshot, accounted);
                assert!(now >= before, "{now} after {before}");
                before = now;
                self.snapshots += 1;
            }
        }
        progress(random, 16);
        let trace = session.stop();
        checked(&trace, |trace| self.add(trace));
        self.sessions += 1;
        // Mostly the next one starts at once.
        (0..random.below(8).saturating_sub(4)).for_each(|_| pause());
    }
}

/// Waits until a few events more have been attempted, or many: up to 2 to the power of less than `most`.
fn progress(random: &mut Random, most: u64) {
    let most = 1 << random.below(most);
    let until = ATTEMPTS.load(Ordering::Relaxed) + random.below(most);
    while ATTEMPTS.load(Ordering::Relaxed) < until {
        pause();
    }
}

/// Lets others run, but not all of them before it is this thread's turn again.
fn pause() {
    thread::park_timeout(Duration::from_micros(100));
}

/// Checks what is told of losses, and takes what `figures` says.
fn checked<R>(trace: &Trace, figures: impl FnOnce(&Trace) -> R) -> R {
    PAUSED.store(true, Ordering::Relaxed);
    let losses = trace.losses();
    assert_eq!(losses.damaged_words(), 0);
    assert_eq!(losses.iter().map(|loss| loss.count).sum::<u64>(), losses.total());
    for loss in losses.iter() {
        assert!(loss.count > 0 && loss.first <= loss.last && loss.last <= trace.duration(), "{loss:?}");
    }
    let figures = figures(trace);
    PAUSED.store(false, Ordering::Relaxed);
    figures
}

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn attempts_are_recorded_lost_or_late_to_the_unit() {
    let _alone = alone();
    let least = number("TRACEME_LEDGER_ATTEMPTS", 2_000_000);
    let seed = number("TRACEME_LEDGER_SEED", 1);
    eprintln!("TRACEME_LEDGER_SEED={seed} TRACEME_LEDGER_ATTEMPTS={least}");
    let mut random = Random(seed);
    mask(libc::SIG_BLOCK);
    // SAFETY: the handler touches atomics and traces only.
    assert_ne!(unsafe { libc::signal(libc::SIGUSR1, handler as *const () as libc::sighandler_t) }, libc::SIG_ERR);
    let began = Instant::now();
    // Each of these has one thread at work, and another one when that has ended.
    let start = |at: usize| {
        let mut random = Random(seed.wrapping_mul(1_000).wrapping_add(at as u64));
        spawn(&format!("starter {at}"), move || {
            while !STOP.load(Ordering::Relaxed) {
                let random = Random(random.next());
                spawn(&format!("work {at}"), move || work(at, random)).join().unwrap();
                SPAWNED.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    let starters: Vec<_> = (0..THREADS).map(start).collect();
    let signals = spawn("signals", || {
        for tid in
            TIDS.iter().cycle().map(|tid| tid.load(Ordering::Relaxed)).take_while(|_| !STOP.load(Ordering::Relaxed))
        {
            let process = libc::pid_t::try_from(std::process::id()).unwrap();
            // SAFETY: a signal to a thread of this process, or to none. There is a handler.
            unsafe { libc::syscall(libc::SYS_tgkill, process, tid, libc::SIGUSR1) };
            pause();
        }
    });
    let mut sums = Sums::default();
    while ATTEMPTS.load(Ordering::Relaxed) < least || sums.sessions < 3 {
        sums.session(&mut random);
    }
    STOP.store(true, Ordering::Relaxed);
    starters.into_iter().chain([signals]).for_each(|thread| thread.join().unwrap());
    // What was late for the last session is told of by the next one.
    sums.add(&Session::start(1).unwrap().stop());
    let attempts = ATTEMPTS.load(Ordering::Relaxed);
    eprintln!(
        "{attempts} attempts of {} threads and {} handlers",
        SPAWNED.load(Ordering::Relaxed),
        SIGNALS.load(Ordering::Relaxed)
    );
    eprintln!("{:?} {sums:?} in {:?}", Cause::ALL, began.elapsed());
    assert_eq!(sums.total(), attempts, "with TRACEME_LEDGER_SEED={seed}");
    assert!(sums.recorded > 0 && sums.lost.iter().sum::<u64>() > 0);
}
