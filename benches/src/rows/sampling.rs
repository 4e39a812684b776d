//! Sampling: what an event costs that is left out, and whether a budget is held.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use traceme::session::Builder;
use traceme::{Memory, Session, Trace, trace_scope};

use crate::clock::ns_per_tick;
use crate::quiet::quietly;
use crate::sessions::start;
use crate::slices::{Outcome, Patience, Times, columns, time};
use crate::work::wide;

/// Calls in a slice: 400 us.
const COUNT: u64 = 10_000;
const SLICES: usize = 400;

/// What a span that is left out adds to a function that takes 40 ns.
pub(super) fn left_out() -> Outcome {
    let ns = ns_per_tick() / COUNT as f64;
    Patience::of_row(|patience| {
        let slices = patience.gather(SLICES, |slices| {
            let session = start();
            annotated(COUNT);
            for _ in 0..50 {
                slices.extend(quietly(|| [time(|| bare(COUNT)), time(|| annotated(COUNT))]));
            }
            let trace = session.stop();
            assert_eq!(trace.event_count() + trace.losses().left_out(), 51 * COUNT, "{:?}", trace.losses());
        })?;
        let [floor, times] = columns(&slices);
        let (bare, with) = (floor.p10() * ns, times.p10() * ns);
        let note = format!("to a function of {bare:.2} ns; the medians {:.2}", (times.median() - floor.median()) * ns);
        Ok(Outcome::of(&[&floor], with - bare, note))
    })
}

#[inline(never)]
fn annotated(count: u64) {
    let mut n = 1;
    for _ in 0..count {
        trace_scope!("left out", rate = 0.000_001);
        n = wide(n);
    }
    black_box(n);
}

#[inline(never)]
fn bare(count: u64) {
    let mut n = 1;
    for _ in 0..count {
        n = wide(n);
    }
    black_box(n);
}

/// How many events of such a session are neither recorded nor counted, or are twice.
pub(super) fn unaccounted() -> Outcome {
    let load = Load::run(Session::builder().memory(Memory::bounded(256 << 20)).budget(0.01), budgeted);
    let (attempts, summary) = (load.slices * COUNT, load.trace.summary());
    let counted = load.trace.event_count() + load.trace.losses().left_out() + load.trace.losses().total();
    let estimated = summary.span("hot").map_or(0, |hot| hot.estimated);
    let off = counted.abs_diff(attempts).max((estimated + load.trace.losses().total()).abs_diff(attempts));
    Outcome::Measured(off as f64, format!("of {attempts}; {} recorded", load.trace.event_count()))
}

/// Of what two threads do, how much is recording, in points, when all that they do is to be recorded at a budget of 1 %:
/// 50 M calls a second, or as many as the machine can do.
pub(super) fn budget() -> Outcome {
    Patience::of_row(|_| {
        let load = Load::run(Session::builder().memory(Memory::ring(64 << 20)).budget(0.01), budgeted);
        let used = load.trace.budget().map_or(0.0, |budget| budget.used) * 100.0;
        let (calls, points) = (load.calls_per_second() / 1e6, load.points());
        let note = format!("{calls:.0} M calls/s; {used:.2} by its own account; {}", load.note());
        Ok(Outcome::of(&[&load.bare], points, note))
    })
}

/// Two threads that do nothing but call a function, in slices: with an annotation and, one time in ten, without.
struct Load {
    trace: Trace,
    bare: Times,
    with: Times,
    /// The slices with an annotation.
    slices: u64,
}

const THREADS: usize = 2;
const SECONDS: u64 = 4;

impl Load {
    fn run(session: Builder, annotated: fn(u64)) -> Self {
        let over = AtomicBool::new(false);
        let session = session.start().expect("no session runs");
        let mut bare = Vec::new();
        let mut with = Vec::new();
        let mut slices = 0;
        thread::scope(|scope| {
            let work = || {
                let (mut bares, mut withs, mut slices) = (Vec::new(), Vec::new(), 0);
                // Relaxed: nothing else is to be seen.
                while !over.load(Ordering::Relaxed) {
                    bares.push(time(|| self::bare(COUNT)));
                    withs.extend((0..9).map(|_| time(|| annotated(COUNT))));
                    slices += 9;
                }
                // What was there before the budget was known, and the first look.
                (bares.split_off(bares.len() / 4), withs.split_off(withs.len() / 4), slices)
            };
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
            thread::sleep(Duration::from_secs(SECONDS));
            over.store(true, Ordering::Relaxed);
            for thread in threads {
                let (bares, withs, count) = thread.join().expect("no panic");
                bare.extend(bares);
                with.extend(withs);
                slices += count;
            }
        });
        let trace = session.stop();
        Self { trace, bare: Times::new(bare), with: Times::new(with), slices }
    }

    fn calls_per_second(&self) -> f64 {
        (self.slices * COUNT) as f64 / SECONDS as f64
    }

    /// How much of the time of calls with an annotation it takes, by the medians, in points.
    fn points(&self) -> f64 {
        (1.0 - self.bare.median() / self.with.median()) * 100.0
    }

    fn note(&self) -> String {
        let ns = ns_per_tick() / COUNT as f64;
        let (bare, with) = (self.bare.median() * ns, self.with.median() * ns);
        let all = self.slices * COUNT;
        let (kept, quiet) = (self.trace.event_count(), (1.0 - self.bare.p10() / self.with.p10()) * 100.0);
        format!("{bare:.2} ns a call without, {with:.2} with; by the 10th percentiles {quiet:.2}; {kept} kept of {all}")
    }
}

#[inline(never)]
fn budgeted(count: u64) {
    let mut n = 1;
    for _ in 0..count {
        trace_scope!("hot");
        n = wide(n);
    }
    black_box(n);
}
