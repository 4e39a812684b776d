//! The first event of a thread in a session happens while the thread has the allocator's lock.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;
use std::time::Duration;

use traceme::{Memory, Session, instant};

use crate::allocator::under_lock;
use crate::common::{alone, in_child, spawn, threads};
use crate::{assert_accounted, assert_nothing_lost, attempt, event, recorded, with_room_for};

/// How many events a thread records that has been under the lock once.
const EACH: usize = 2;

#[test]
fn of_threads_one_after_the_other() {
    const THREADS: usize = 200;
    in_child("first_events::of_threads_one_after_the_other", || {
        let _alone = alone();
        let trace = recorded(with_room_for(THREADS), event, |_| {
            (0..THREADS).for_each(|_| spawn("first", || under_lock(event)).join().unwrap());
        });
        assert_nothing_lost(&trace);
        let named = threads(&trace).iter().filter(|track| track.name == "first").count();
        assert_eq!((named, trace.event_count()), (THREADS, (1 + EACH * THREADS) as u64));
    });
}

#[test]
fn of_hundreds_of_threads_at_once() {
    const THREADS: usize = 400;
    in_child("first_events::of_hundreds_of_threads_at_once", || {
        let _alone = alone();
        let trace = recorded(with_room_for(THREADS), event, |_| at_once(THREADS));
        assert_nothing_lost(&trace);
        assert_eq!(trace.event_count(), (1 + EACH * THREADS) as u64);
    });
}

fn at_once(count: usize) {
    let all = Arc::new(Barrier::new(count));
    let first = |_| {
        let all = Arc::clone(&all);
        spawn("first", move || {
            all.wait();
            under_lock(event);
            all.wait();
        })
    };
    let first: Vec<_> = (0..count).map(first).collect();
    first.into_iter().for_each(|thread| thread.join().unwrap());
}

/// Threads that record whenever they are told to, until nobody can tell them any more.
struct Told {
    tell: Vec<std::sync::mpsc::Sender<()>>,
    done: Receiver<()>,
    threads: Vec<JoinHandle<()>>,
}

impl Told {
    fn start(count: usize) -> Self {
        let (done_in, done) = channel();
        let start = |_| {
            let ((tell, told), done) = (channel(), done_in.clone());
            let thread = spawn("told", move || {
                for () in told {
                    under_lock(event);
                    done.send(()).unwrap();
                }
            });
            (tell, thread)
        };
        let (tell, threads) = (0..count).map(start).unzip();
        Self { tell, done, threads }
    }

    fn record(&self) {
        self.tell.iter().for_each(|tell| tell.send(()).unwrap());
        self.tell.iter().for_each(|_| self.done.recv().unwrap());
    }

    fn end(self) {
        drop(self.tell);
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

/// Between the sessions in which these threads record there is one of another kind in which they don't. Nobody else keeps
/// anything of the session before.
#[test]
fn of_threads_that_were_in_a_session_before() {
    const THREADS: usize = 8;
    in_child("first_events::of_threads_that_were_in_a_session_before", || {
        let _alone = alone();
        let threads = Told::start(THREADS);
        let between =
            [Memory::ring(1 << 20), Memory::for_last(Duration::from_secs(1), 1 << 20), Memory::summary_only()];
        for memory in between {
            let trace = recorded(with_room_for(THREADS), event, |_| threads.record());
            assert_nothing_lost(&trace);
            assert_eq!(trace.event_count(), (1 + EACH * THREADS) as u64);
            drop(trace);
            drop(Session::builder().memory(memory).start().unwrap());
        }
        threads.end();
    });
}

/// The session hasn't met the callsite, only the process has.
#[test]
fn at_callsites_that_another_session_has_met() {
    in_child("first_events::at_callsites_that_another_session_has_met", || {
        let _alone = alone();
        let known = || instant!("known", meta(n = attempt()));
        drop(recorded(with_room_for(1), known, |_| {}));
        for _ in 0..5 {
            let session = with_room_for(1).start().unwrap();
            spawn("first", move || under_lock(known)).join().unwrap();
            let trace = session.stop();
            assert_accounted(&[&trace]);
            assert_nothing_lost(&trace);
            assert_eq!(trace.event_count(), EACH as u64);
        }
    });
}
