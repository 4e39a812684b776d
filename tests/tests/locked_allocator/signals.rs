//! The same with signals, which come whenever they come.

use std::hint::black_box;
use std::os::unix::thread::JoinHandleExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{JoinHandle, yield_now};

use crate::common::{alone, in_child, spawn};
use crate::{assert_nothing_lost, event, recorded, with_room_for};

static SIGNALS: AtomicU64 = AtomicU64::new(0);

extern "C" fn handler(_signal: libc::c_int) {
    event();
    SIGNALS.fetch_add(1, Ordering::Relaxed);
}

/// A thread that allocates and frees until it is told to end.
struct Allocating {
    thread: JoinHandle<()>,
    ready: Arc<AtomicBool>,
    end: Arc<AtomicBool>,
}

impl Allocating {
    fn start() -> Self {
        let (ready, end) = <(Arc<AtomicBool>, Arc<AtomicBool>)>::default();
        let thread = spawn("allocates", {
            let (ready, end) = (Arc::clone(&ready), Arc::clone(&end));
            move || {
                ready.store(true, Ordering::Relaxed);
                while !end.load(Ordering::Relaxed) {
                    for size in [1, 30, 200, 2_000, 30_000, 200_000].repeat(10) {
                        drop(black_box(Vec::<u8>::with_capacity(size)));
                    }
                    // The lock isn't fair. Not more often: a signal would come here.
                    yield_now();
                }
            }
        });
        Self { thread, ready, end }
    }

    /// Interrupts it, and waits until the handler is through.
    fn interrupt(&self) {
        while !self.ready.load(Ordering::Relaxed) {
            yield_now();
        }
        let before = SIGNALS.load(Ordering::Relaxed);
        // SAFETY: the thread has not been joined.
        assert_eq!(unsafe { libc::pthread_kill(self.thread.as_pthread_t(), libc::SIGUSR1) }, 0);
        while SIGNALS.load(Ordering::Relaxed) == before {
            yield_now();
        }
    }

    fn end(self) {
        self.end.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}

fn install() {
    // SAFETY: the handler touches atomics and traces only.
    let before = unsafe { libc::signal(libc::SIGUSR1, handler as *const () as libc::sighandler_t) };
    assert_ne!(before, libc::SIG_ERR);
}

#[test]
fn at_threads_that_allocate_and_record_nothing_else() {
    const THREADS: usize = 320;
    const SIGNALS_EACH: usize = 3;
    in_child("signals::at_threads_that_allocate_and_record_nothing_else", || {
        let _alone = alone();
        install();
        let trace = recorded(with_room_for(THREADS), event, |session| {
            for n in 0..THREADS / 4 {
                let threads: Vec<_> = (0..4).map(|_| Allocating::start()).collect();
                (0..SIGNALS_EACH).for_each(|_| threads.iter().for_each(Allocating::interrupt));
                if n % 10 == 0 {
                    assert!(session.snapshot().event_count() > 0);
                }
                threads.into_iter().for_each(Allocating::end);
            }
        });
        assert_nothing_lost(&trace);
        assert_eq!(trace.event_count(), (1 + THREADS * SIGNALS_EACH) as u64);
    });
}
