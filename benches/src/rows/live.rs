//! Sinks: how soon they have an event.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Barrier};
use std::thread::Builder;
use std::time::Duration;

use traceme::{Memory, Session, Trace, instant, trace_scope};

use crate::clock::{ns_per_tick, pairs, ticks};
use crate::slices::{Outcome, Patience, columns, time};

/// Threads that have a span open, and do nothing.
const IDLE: usize = 1000;

/// Threads that have recorded much, and go on with 100 events a second.
const BUSY: usize = 100;

/// From an event of a thread that does nothing else until a sink has it.
pub(super) fn delay() -> Outcome {
    beside(IDLE, "idle", |meet, _| {
        trace_scope!("idle");
        meet.wait();
        meet.wait();
    })
}

/// The same where each batch has something of many chunks, which hold much that was in other ones.
pub(super) fn delay_beside_work() -> Outcome {
    beside(BUSY, "busy", |meet, over| {
        for _ in 0..9000 {
            trace_scope!("busy", level = 1);
        }
        meet.wait();
        // Relaxed: nothing but the end of the loop depends on it.
        while !over.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(10));
            instant!("tick", level = 1);
        }
        meet.wait();
    })
}

/// The delay beside so many threads, which meet when they have started and before they end.
fn beside(count: usize, name: &'static str, run: fn(&Barrier, &AtomicBool)) -> Outcome {
    const EVENTS: usize = 300;
    let ms = ns_per_tick() / 1e6;
    let (have, had) = mpsc::channel();
    let sink = move |batch: &Trace| {
        let events = batch.instants().filter(|instant| instant.name() == "event".into()).count();
        (0..events).for_each(|_| have.send(ticks()).expect("somebody listens"));
    };
    // A chunk for each thread.
    let session = Session::builder().memory(Memory::bounded((count + 10) << 18)).sink(sink).start();
    let session = session.expect("no session runs");
    let shared = Arc::new((Barrier::new(count + 1), AtomicBool::new(false)));
    let spawn = |_| {
        let shared = Arc::clone(&shared);
        let thread = Builder::new().name(name.into()).spawn(move || run(&shared.0, &shared.1));
        thread.expect("a thread")
    };
    let threads: Vec<_> = (0..count).map(spawn).collect();
    let (meet, over) = &*shared;
    meet.wait();
    let mut random = 1_u64;
    let mut record = || {
        // At any moment of the session's turn.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros(random >> 50));
        let recorded = ticks();
        instant!("event", level = 1);
        let delay = had.recv().expect("it comes").saturating_sub(recorded);
        [delay, time(|| pairs(20_000))]
    };
    let outcome = Patience::of_row(|_| {
        let events: Vec<_> = (0..EVENTS).map(|_| record()).collect();
        let [delays, floor] = columns(&events);
        let [median, p99, longest] = [0.5, 0.99, 1.0].map(|part| delays.quantile(part) * ms);
        let note =
            format!("p99 of {EVENTS}, beside {count} {name} threads; median {median:.2}, the longest {longest:.2}");
        Ok(Outcome::of(&[&floor], p99, note))
    });
    // Relaxed: see there.
    over.store(true, Ordering::Relaxed);
    meet.wait();
    threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
    drop(session);
    outcome
}
