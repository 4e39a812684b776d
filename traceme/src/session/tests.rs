//! Figures that are summed up part by part, against those of the whole recording.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread::{Builder, JoinHandle};

use crate::Activity;
use crate::analysis::{CounterSummary, Summary, Sums, TrackSummary};
use crate::filter::Filter;
use crate::record::chunk::{Reader, Recorded};
use crate::record::held::Held;
use crate::record::recorder::{self, Config, Recording};
use crate::record::supply::{Supply, WhenFull};
use crate::trace::{Trace, TraceBuilder, TrackKind};
use crate::{Traced, activity, append, counter, instant, span, trace_scope, traced};

/// A generator of numbers that look random.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

fn nest(state: &mut u64, depth: u64) {
    trace_scope!("nest");
    for _ in 0..random(state) % 4 {
        match random(state) % 8 {
            7 => poll_one(state),
            6 => {
                // Some are ended by another thread, much later.
                let mut open = OPEN.lock().expect("no panic");
                open.push(activity!("request", meta(depth)));
                if open.len() > 30 {
                    let at = usize::try_from(random(state)).expect("64 bits") % 30;
                    open.swap_remove(at).end();
                }
            }
            0 => instant!("point", meta(depth)),
            1 => counter!("level", depth),
            2 => {
                trace_scope!(name = format!("made {}", depth % 3));
            }
            3 => {
                trace_scope!("leaf", meta(depth));
            }
            _ if depth < 12 => nest(state, depth + 1),
            _ => {}
        }
    }
}

static OPEN: Mutex<Vec<Activity>> = Mutex::new(Vec::new());

/// Ready when it is polled for the nth time.
struct After(u64);

impl Future for After {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        append!(left = self.0);
        self.0 = self.0.saturating_sub(1);
        if self.0 == 0 { Poll::Ready(()) } else { Poll::Pending }
    }
}

static TASKS: Mutex<Vec<Pin<Box<Traced<After>>>>> = Mutex::new(Vec::new());

/// Makes a task, or takes one of some thread's; polls it. Some are dropped then.
fn poll_one(state: &mut u64) {
    let other = TASKS.lock().expect("no panic").pop().filter(|_| random(state) % 4 > 0);
    let mut task = other.unwrap_or_else(|| Box::pin(traced!(After(1 + random(state) % 4), "task")));
    let is_ready = task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
    if !is_ready && random(state) % 8 > 0 {
        TASKS.lock().expect("no panic").push(task);
    }
}

/// How many threads have done all but to end the span that is open all the time.
static DONE: AtomicUsize = AtomicUsize::new(0);

/// A thread that fills some chunks, starts other ones meanwhile, and ends after `stay`.
fn work(seed: u64, stay: mpsc::Receiver<()>) -> JoinHandle<()> {
    let run = move || {
        let mut state = seed;
        let outer = span!("all the time");
        for turn in 0..12_000 {
            nest(&mut state, 0);
            if turn % 4_000 == 1_000 {
                let inner = move || (0..100).for_each(|at| nest(&mut (seed + at), 5));
                let short = Builder::new().name("short".into()).spawn(inner).expect("a thread");
                short.join().expect("no panic");
            }
        }
        DONE.fetch_add(1, Ordering::SeqCst);
        let _ = stay.recv();
        outer.stop();
    };
    Builder::new().name(format!("work {seed}")).spawn(run).expect("a thread")
}

fn start() -> Recording {
    let (filter, categories) = (Filter::default(), None);
    let config = Config {
        filter,
        categories,
        memory: 256 << 20,
        when_full: WhenFull::Lose,
        age: None,
        in_children: false,
        live: true,
        has_budget: false,
    };
    recorder::decide();
    recorder::start(config).expect("no other session runs")
}

/// What doesn't depend on how threads are told apart: by name here, by thread there.
fn by_name(summary: Summary) -> Summary {
    let mut tracks: Vec<TrackSummary> = Vec::new();
    for track in summary.tracks {
        match tracks.iter_mut().find(|same| same.name == track.name) {
            Some(same) => {
                same.busy += track.busy;
                same.spans += track.spans;
                same.instants += track.instants;
            }
            None => tracks.push(track),
        }
    }
    for track in &mut tracks {
        track.kind = TrackKind::Activity;
        track.utilisation = 0.0;
    }
    tracks.sort_by(|a, b| a.name.cmp(&b.name));
    // Of activities that overlap, the times add up in parts.
    let (is_thread, mut spans) = (|name: &str| name != "request", summary.spans);
    spans.iter_mut().filter(|span| !is_thread(&span.name)).for_each(|span| (span.total, span.self_time) = (0, 0));
    tracks.iter_mut().filter(|track| !is_thread(&track.name)).for_each(|track| track.busy = 0);
    spans.sort_by(|a, b| a.name.cmp(&b.name));
    Summary { tracks, spans, ..summary }
}

/// Runs the threads in sessions, while `take` gives parts; then compares the sums of these with what all is together.
fn compare(take: impl Fn(&Supply) -> Vec<Reader>, given_away: bool) {
    for seed in 1..3 {
        let recording = start();
        let view = recording.view();
        let supply = &view.run().supply;
        let (stays, threads): (Vec<_>, Vec<_>) = (0..2)
            .map(|at| {
                let (stay, stays) = mpsc::channel::<()>();
                (stay, work(10 * seed + at, stays))
            })
            .unzip();
        let mut parts = Vec::new();
        while DONE.load(Ordering::SeqCst) < threads.len() {
            parts.push(take(supply));
            std::thread::yield_now();
        }
        DONE.store(0, Ordering::SeqCst);
        let mut recorded = recording.stop();
        let news = std::mem::take(&mut recorded.news).chunks;
        if given_away {
            parts.push(recorded.chunks.iter().map(Reader::again).collect());
            recorded.chunks = parts.iter().flatten().map(Reader::again).collect();
        } else {
            parts.push(news);
        }
        drop(stays);
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
        assert_same(recorded, parts);
    }
}

fn events(chunks: &[Reader]) -> u64 {
    chunks.iter().map(Reader::events).sum()
}

fn assert_same(recorded: Recorded, parts: Vec<Vec<Reader>>) {
    let (clock, all) = (recorded.clock, events(&recorded.chunks));
    assert_eq!((parts.iter().map(|part| events(part)).sum::<u64>(), recorded.lost.len()), (all, 0));
    let mut sums = Sums::default();
    for chunks in parts {
        sums.add(Recorded { chunks, ..Recorded::of(clock) });
    }
    let whole = Trace::new(recorded, TraceBuilder::default()).summary();
    let summed = sums.summary(&Trace::new(Recorded::of(clock), TraceBuilder::default()));
    assert_eq!(summed.losses.recorded, all);
    assert!(whole.spans.iter().any(|span| span.name == "made 1"));
    let (whole, summed) = (by_name(whole), by_name(summed));
    assert_eq!((summed.spans, summed.tasks), (whole.spans, whole.tasks));
    assert_eq!((summed.instants, summed.tracks), (whole.instants, whole.tracks));
    let counters = |summary: Vec<CounterSummary>| {
        summary.into_iter().map(|counter| (counter.name, counter.samples, counter.min, counter.max)).collect::<Vec<_>>()
    };
    assert_eq!(counters(summed.counters), counters(whole.counters));
    assert_eq!(summed.losses, whole.losses);
}

#[test]
fn sums_of_parts_are_those_of_the_whole() {
    // One after the other: a process has one session at a time.
    compare(|supply| supply.with_held(Held::news).chunks, false);
    compare(|supply| supply.rotate(true, |_| ()).0.chunks, true);
}
