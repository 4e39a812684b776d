//! Forks from inside the recorder, where the thread may hold its locks: nobody waits, and a child that can't record says
//! so. The parent goes on.
#![cfg(target_os = "linux")]
#![allow(unsafe_code, reason = "fork, signals and a global allocator")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod common;
#[path = "common/forking.rs"]
mod forking;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use common::{accounted, alone, in_child, spawn};
use forking::{ensure, fork};
use traceme::session::{Action, Failures, Trigger};
use traceme::{Level, Memory, Session, Trace, active, instant, recorder, trace_scope};

/// How many children could record, how many could not, and how many hung or found something wrong.
static ABLE: AtomicU64 = AtomicU64::new(0);
static UNABLE: AtomicU64 = AtomicU64::new(0);
static WRONG: AtomicU64 = AtomicU64::new(0);

/// A trace of one span that children have a copy of.
static TRACE: Mutex<Option<Trace>> = Mutex::new(None);

/// The parent's session, in a test that asks what children see of it.
static SESSION: Mutex<Option<Arc<Session>>> = Mutex::new(None);

/// What a child does, wherever it was made; whether it can record.
fn child() -> Result<bool, String> {
    instant!("of the child");
    ensure!(!active(Level::CRITICAL), "the parent's session is active");
    ensure!(recorder::snapshot().is_empty() && recorder::stop().is_empty(), "the process has a trace");
    if let Some(session) = &*SESSION.lock().unwrap_or_else(PoisonError::into_inner) {
        let (failures, shown) = (session.failures(), format!("{session:?}"));
        ensure!(failures == Failures::default() && !shown.is_empty(), "the parent's: {failures:?}");
        ensure!(session.on(Trigger::manual(), Action::call(|_| {})).is_err(), "it takes a trigger");
        session.fire();
        ensure!(session.set_filter("off").is_ok(), "it knows of filters");
        ensure!(session.snapshot().is_empty() && session.rotate().is_empty(), "it has a trace");
    }
    traceme::init().map(drop).map_err(|error| error.to_string())?;
    let trace = TRACE.lock().unwrap_or_else(PoisonError::into_inner).take();
    ensure!(trace.is_none_or(|trace| trace.spans().count() == 1), "the trace is another one");
    let session = match Session::start(255) {
        Ok(session) => session,
        Err(error) => {
            ensure!(error.is_forked() && !recorder::start(Level::ALL), "{error}");
            fork(|| {
                instant!("of the grandchild");
                ensure!(Session::start(255).is_err_and(|error| error.is_forked()), "a grandchild can record");
                Ok(())
            })
            .end()?;
            return Ok(false);
        }
    };
    instant!("of its session");
    let trace = session.stop();
    ensure!(trace.event_count() == 1, "{} events", trace.event_count());
    Ok(true)
}

/// Forks, and counts what becomes of the child. It ends as programs do, with what is called then.
fn fork_here() {
    let forked = fork(|| {
        let able = child()?;
        // SAFETY: ends the process. The parent tells the two apart.
        unsafe { libc::exit(if able { ABLE_STATUS } else { UNABLE_STATUS }) }
    });
    let count = match forked.status() {
        Ok(ABLE_STATUS) => &ABLE,
        Ok(UNABLE_STATUS) => &UNABLE,
        _ => &WRONG,
    };
    count.fetch_add(1, Ordering::Relaxed);
}

const ABLE_STATUS: i32 = 10;
const UNABLE_STATUS: i32 = 11;

/// Children that could record, and that could not, since the last call.
fn children() -> (u64, u64) {
    assert_eq!(WRONG.load(Ordering::Relaxed), 0, "children hang, or have said above what is wrong");
    (ABLE.swap(0, Ordering::Relaxed), UNABLE.swap(0, Ordering::Relaxed))
}

/// Makes the trace that children have a copy of.
fn trace_for_children() {
    let session = Session::start(1).unwrap();
    {
        trace_scope!("before");
    }
    let trace = session.stop();
    assert_eq!(trace.spans().count(), 1);
    *TRACE.lock().unwrap() = Some(trace);
}

struct Forking;

thread_local! {
    /// Whether each allocation of this thread forks first.
    static FORKS: Cell<bool> = const { Cell::new(false) };
}

// SAFETY: all is left to the system's allocator.
unsafe impl GlobalAlloc for Forking {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if FORKS.replace(false) {
            fork_here();
            FORKS.set(true);
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Forking = Forking;

/// Runs `work`, in which each allocation forks; gives children that could record, and that could not.
fn forking<T>(work: impl FnOnce() -> T) -> (T, (u64, u64)) {
    FORKS.set(true);
    let made = work();
    FORKS.set(false);
    (made, children())
}

#[test]
fn each_allocation_of_the_recorder_forks() {
    in_child("each_allocation_of_the_recorder_forks", || {
        let _alone = alone();
        trace_for_children();
        let (session, (_, unable)) = forking(|| Session::builder().memory(Memory::ring(1 << 20)).start().unwrap());
        assert!(unable > 0, "starting a session allocates nothing inside the recorder");
        // The first events of a thread, the first of a place.
        let work = || {
            forking(|| {
                instant!("first", meta(text = "the first"));
                trace_scope!("second", meta(text = %"printed"));
            })
        };
        let ((), (_, unable)) = spawn("work", work).join().unwrap();
        assert!(unable > 0, "the first event of a thread allocates nothing inside the recorder");
        let (snapshot, (_, unable)) = forking(|| session.snapshot());
        assert!(unable > 0 && snapshot.event_count() == 2, "{unable} {}", snapshot.event_count());
        let (trace, (_, unable)) = forking(|| session.stop());
        assert!(unable > 0 && trace.event_count() == 2, "{unable} {}", trace.event_count());
        let (spans, (able, unable)) = forking(|| trace.spans().count());
        assert!(able > 0 && unable == 0 && spans == 1, "reading is outside the recorder: {able} {unable}");

        let (started, (_, unable)) = forking(|| recorder::start(Level::ALL));
        assert!(started && unable > 0);
        instant!("in the session of the process");
        let (snapshot, _) = forking(recorder::snapshot);
        let (trace, _) = forking(recorder::stop);
        assert_eq!((snapshot.event_count(), trace.event_count()), (1, 1));
    });
}

/// The copy is asked for all that it can tell, while its locks are held by who forks.
#[test]
fn what_a_session_has_locked_is_not_waited_for_in_a_child() {
    in_child("what_a_session_has_locked_is_not_waited_for_in_a_child", || {
        let _alone = alone();
        let session = Arc::new(Session::start(255).unwrap());
        *SESSION.lock().unwrap() = Some(Arc::clone(&session));
        let on = |trigger| {
            let action = Action::call(|fired| assert!(fired.suppressed() > 0, "it fails, as planned"));
            session.on(trigger, action).unwrap();
        };
        let ((), (able, _)) = forking(|| on(Trigger::manual()));
        assert!(able > 0);
        let ((), (_, unable)) = forking(|| on(Trigger::signal(libc::SIGUSR2)));
        assert!(unable > 0, "watching a signal allocates nothing inside the recorder");
        session.fire();
        while session.failures().count == 0 {
            std::thread::yield_now();
        }
        let (failures, (able, unable)) = forking(|| session.failures());
        assert!(able > 0 && unable == 0 && failures.count == 1, "{able} {unable} {failures:?}");
        let ((), _) = forking(|| session.set_filter("all").unwrap());
        let (rotated, _) = forking(|| session.rotate());
        assert!(rotated.is_empty());
        SESSION.lock().unwrap().take();
        assert_eq!(Arc::into_inner(session).unwrap().stop().event_count(), 0);
    });
}

/// How often the handler ran.
static SIGNALS: AtomicU64 = AtomicU64::new(0);

extern "C" fn handler(_signal: libc::c_int) {
    fork_here();
    SIGNALS.fetch_add(1, Ordering::Release);
}

/// The thread allocates nothing where it is interrupted: forks wait for the system's memory.
#[test]
fn a_signal_handler_forks() {
    in_child("a_signal_handler_forks", || {
        let _alone = alone();
        trace_for_children();
        // SAFETY: the handler forks, which this system can do there as long as no allocation is interrupted.
        let before = unsafe { libc::signal(libc::SIGUSR1, handler as *const () as libc::sighandler_t) };
        assert_ne!(before, libc::SIG_ERR);
        let session = Session::builder().memory(Memory::ring(1 << 20)).start().unwrap();
        let (ready, stop) = <(Arc<AtomicBool>, Arc<AtomicBool>)>::default();
        let thread = spawn("interrupted", {
            let (ready, stop) = (Arc::clone(&ready), Arc::clone(&stop));
            move || {
                let mut n = 0_u64;
                while !stop.load(Ordering::Acquire) {
                    trace_scope!("work", meta(n));
                    n += 1;
                    ready.store(n > 100, Ordering::Release);
                }
                n
            }
        });
        while !ready.load(Ordering::Acquire) {
            std::hint::spin_loop();
        }
        for signal in 0..150 {
            // SAFETY: the thread has not been joined.
            assert_eq!(unsafe { libc::pthread_kill(thread.as_pthread_t(), libc::SIGUSR1) }, 0);
            while SIGNALS.load(Ordering::Acquire) == signal {
                std::thread::yield_now();
            }
        }
        stop.store(true, Ordering::Release);
        let attempts = thread.join().unwrap();
        let trace = session.stop();
        let (able, unable) = children();
        eprintln!("{able} children could record, {unable} could not");
        assert_eq!((able + unable, accounted(&trace)), (150, attempts));
        assert!(able > 0 && unable > 0, "{able} {unable}");
    });
}
