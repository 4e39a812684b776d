//! Rates: which part of its events a callsite records. What is left out is counted to the unit, by thread and callsite, and
//! what is recorded stands for it.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, RwLock};
use std::thread;

use common::{accounted, alone, assert_sound, spawn, threads, traced};
use traceme::trace::{Cause, Event, Read, Span, Value};
use traceme::{Memory, Session, Trace, activity, append, counter, instant, span, trace_scope, traceme};

/// How often the callsites of a name were left out.
fn left_out(trace: &Trace, name: &str) -> u64 {
    let is_of = |id| trace.tables().callsite(id).is_some_and(|site| site.name == name);
    let losses = trace.losses().iter().filter(|loss| loss.cause == Cause::Sampled && loss.callsite.is_some_and(is_of));
    losses.map(|loss| loss.count).sum()
}

fn recorded(trace: &Trace, name: &str) -> u64 {
    let spans = trace.spans().filter(|span| span.name() == name.into()).count();
    let instants = trace.instants().filter(|instant| instant.name() == name.into()).count();
    (spans + instants) as u64
}

/// What the recorded events of a name stand for.
fn weights(trace: &Trace, name: &str) -> u64 {
    let spans = trace.spans().filter(|span| span.name() == name.into()).map(|span| span.weight());
    let instants = trace.instants().filter(|instant| instant.name() == name.into()).map(|instant| instant.weight());
    spans.chain(instants).sum()
}

/// The numbers that the spans of a name have, those that began in the trace, and their weights.
fn numbers(trace: &Trace, name: &str) -> Vec<(u64, u64)> {
    let spans = trace.spans().filter(|span| span.name() == name.into() && span.start() >= trace.start());
    let number = |span: Span<'_>| match span.args().next() {
        Some((_, Value::U64(n))) => Some((n, span.weight())),
        _ => None,
    };
    spans.filter_map(number).collect()
}

/// Checks that so many events of a name happened, of which about this part is recorded.
#[track_caller]
fn check(trace: &Trace, name: &str, happened: u64, rate: f64) {
    let (recorded, left_out) = (recorded(trace, name), left_out(trace, name));
    assert_eq!(recorded + left_out, happened, "{name}: {recorded} recorded, {left_out} left out");
    let expected = happened as f64 * rate;
    let off = (recorded as f64 - expected).abs();
    assert!(off <= 5.0 * expected.sqrt() + 2.0, "{name}: {recorded} recorded instead of {expected}");
}

#[traceme(rate = 0.1)]
fn annotated(n: u64) -> u64 {
    n + 1
}

const TENTH: f64 = 0.1;

struct Annotated;

#[traceme(rate = TENTH, level = 2)]
impl Annotated {
    fn method(&self) {}
}

#[traceme(rate = 0.1)]
async fn asynchronous() {}

const CALLS: u64 = 20_000;

#[test]
fn each_form_has_a_rate() {
    let work = || {
        for n in 0..CALLS {
            drop(span!("span", rate = 0.1));
            drop(span!("span with a value", rate = 0.1, meta(n), level = 2));
            trace_scope!("scope", rate = TENTH);
            trace_scope!("block", category = traceme::Category::DEFAULT, rate = 0.1, { n });
            instant!("instant", rate = 0.1, meta(n));
            drop(activity!("activity", rate = 0.1));
            trace_scope!("whole", rate = 1);
            counter!("counter", n);
            annotated(n);
            Annotated.method();
            let mut future = std::pin::pin!(asynchronous());
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(future.as_mut().poll(&mut context).is_ready());
        }
    };
    let trace = traced(3, || spawn("work", work).join().unwrap());
    assert_sound(&trace);
    let names = ["span", "span with a value", "scope", "block", "instant", "activity", "annotated", "method"];
    names.iter().for_each(|name| check(&trace, name, CALLS, 0.1));
    check(&trace, "whole", CALLS, 1.0);
    let left_out_tasks = left_out(&trace, "asynchronous");
    assert_eq!(trace.tasks().len() as u64 + left_out_tasks, CALLS, "a task has polls, which don't count");
    assert!(names.iter().all(|name| weights(&trace, name) <= CALLS), "what is behind the last one has no weight");
    assert_eq!(trace.counters().count() as u64, CALLS);
    assert!(trace.losses().is_empty() && trace.losses().total() == 0, "on purpose: {:?}", trace.losses());
    let all = names.iter().map(|name| left_out(&trace, name)).sum::<u64>() + left_out_tasks;
    assert_eq!(trace.losses().left_out(), all);
    let values = numbers(&trace, "span with a value");
    assert_eq!(values[0], (0, 1), "the first one is recorded");
    let is_between = values.windows(2).all(|pair| pair[1].0 - pair[0].0 == pair[1].1);
    assert!(is_between, "a weight is what lies between: {values:?}");
}

#[test]
fn directives_say_the_rate() {
    let work = || {
        for _ in 0..CALLS {
            trace_scope!("tick", rate = 0.5);
            trace_scope!("tock");
            trace_scope!("deep", level = 3);
            let made = trace_scope!(name = format!("made {}", 1), { 1 });
            assert_eq!(made, 1);
        }
    };
    let cases = [
        ("all", [0.5, 1.0, 1.0]),
        ("all@0.01", [0.01, 0.01, 0.01]),
        ("info,name:tick=all@0.001", [0.001, 1.0, 0.0]),
        ("info,name:t*ck=all@1,sampling=3@0.25", [0.25, 0.25, 0.25]),
        ("all@0.1,name:tick=all", [0.5, 0.1, 0.1]),
        ("all@0.1,cat:*=3@0.02", [0.02, 0.02, 0.02]),
    ];
    let _alone = alone();
    for (filter, [tick, tock, deep]) in cases {
        let session = Session::builder().filter(filter).start().unwrap();
        work();
        let trace = session.stop();
        check(&trace, "tick", CALLS, tick);
        check(&trace, "tock", CALLS, tock);
        check(&trace, "deep", if deep > 0.0 { CALLS } else { 0 }, deep);
        assert_eq!(recorded(&trace, "made 1"), CALLS, "{filter}: a name that is made at run time is kept");
    }
}

#[test]
fn a_filter_changes_rates_while_it_runs() {
    let _alone = alone();
    let session = Session::builder().filter("all@1e-10").start().unwrap();
    let tick = || (0..CALLS).for_each(|_| drop(span!("tick")));
    tick();
    let first = session.rotate();
    assert_eq!((recorded(&first, "tick"), left_out(&first, "tick")), (1, CALLS - 1));
    session.set_filter("all@0.1").unwrap();
    tick();
    let second = session.rotate();
    check(&second, "tick", CALLS, 0.1);
    let weight = second.spans().next().unwrap().weight();
    assert_eq!(weight, CALLS, "the first one behind the change stands for all that were left out before it");
    session.set_filter("all").unwrap();
    tick();
    let third = session.stop();
    assert_eq!((recorded(&third, "tick"), left_out(&third, "tick")), (CALLS, 0));
    let events = first.event_count() + second.event_count() + third.event_count();
    assert_eq!(events + first.losses().left_out() + second.losses().left_out(), 3 * CALLS);
}

#[test]
fn what_is_left_out_is_counted_by_thread_and_callsite() {
    const THREADS: u64 = 4;
    let trace = traced(1, || {
        let work = |thread: u64| {
            move || {
                (0..CALLS * thread).for_each(|_| drop(span!("one", rate = 0.01)));
                (0..CALLS).for_each(|_| instant!("two", rate = 0.02));
            }
        };
        let threads: Vec<_> = (1..=THREADS).map(|thread| spawn(&format!("work {thread}"), work(thread))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    check(&trace, "two", CALLS * THREADS, 0.02);
    for track in threads(&trace) {
        let thread: u64 = track.name.trim_start_matches("work ").parse().unwrap();
        let mut left_out = BTreeMap::new();
        for loss in trace.losses().iter().filter(|loss| loss.track == Some(track.id)) {
            *left_out.entry(trace.tables().callsite(loss.callsite.unwrap()).unwrap().name.as_str()).or_insert(0) +=
                loss.count;
        }
        let begun = |event| matches!(event, Event::Begin { .. });
        let happened = |event| matches!(event, Event::Instant { .. });
        let spans = trace.events(track.id).filter(|&event| begun(event)).count() as u64;
        let instants = trace.events(track.id).filter(|&event| happened(event)).count() as u64;
        assert_eq!(left_out["one"] + spans, CALLS * thread, "{track:?}");
        assert_eq!(left_out["two"] + instants, CALLS, "{track:?}");
        assert!(trace.events(track.id).all(|event| !matches!(event, Event::Gap { .. })), "no gap on purpose");
    }
}

/// Threads go on while sessions end. What they attempt while one runs is counted beside; in between it is nothing.
#[test]
fn the_ledger_is_exact_while_sessions_stop() {
    let _alone = alone();
    let (running, stop, attempts) = (RwLock::new(()), AtomicBool::new(false), AtomicU64::new(0));
    let mut found = 0;
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let running = running.read().unwrap();
                    for _ in 0..100 {
                        trace_scope!("hot", rate = 0.01);
                        instant!("warm", rate = 0.5);
                        trace_scope!("whole");
                    }
                    attempts.fetch_add(300, Ordering::Relaxed);
                    drop(running);
                }
            });
        }
        for round in 0..40 {
            let stopped = running.write().unwrap();
            let memory = if round % 3 == 0 { Memory::bounded(1 << 20) } else { Memory::ring(2 << 20) };
            let before = attempts.load(Ordering::Relaxed);
            let session = Session::builder().memory(memory).start().unwrap();
            drop(stopped);
            while attempts.load(Ordering::Relaxed) < before + 30_000 {
                thread::yield_now();
            }
            let part = (round % 2 == 0).then(|| accounted_all(&session.rotate()));
            let stopped = running.write().unwrap();
            let trace = session.stop();
            let happened = attempts.load(Ordering::Relaxed) - before;
            assert_eq!(part.unwrap_or(0) + accounted_all(&trace), happened, "{trace:?}");
            found += happened;
            drop(stopped);
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(found > 0);
}

/// Sessions end under threads that don't wait: what is counted late is there, and no more than was attempted.
#[test]
fn nothing_is_counted_twice_behind_a_stop() {
    let _alone = alone();
    let (stop, calls) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut found = 0;
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    for _ in 0..100 {
                        trace_scope!("hot", rate = 0.01);
                    }
                    calls.fetch_add(100, Ordering::Relaxed);
                }
            });
        }
        for _ in 0..100 {
            let session = Session::start(1).unwrap();
            (0..10).for_each(|_| thread::yield_now());
            found += accounted_all(&session.stop());
        }
        stop.store(true, Ordering::Relaxed);
    });
    let late = Session::start(1).unwrap().stop();
    assert_eq!((late.event_count(), late.losses().left_out()), (0, 0));
    assert!(found + late.losses().late() <= calls.load(Ordering::Relaxed));
}

fn accounted_all(trace: &Trace) -> u64 {
    accounted(trace) + trace.losses().left_out()
}

#[test]
fn a_rare_callsite_is_seen_whole_beside_a_hot_one() {
    let trace = traced(1, || {
        for n in 0..100_000 {
            trace_scope!("hot", rate = 0.0001);
            if n % 1000 == 0 {
                trace_scope!("rare");
            }
            if n == 99_999 {
                trace_scope!("once", rate = 0.0001);
            }
        }
    });
    assert_eq!((recorded(&trace, "rare"), recorded(&trace, "once")), (100, 1));
    check(&trace, "hot", 100_000, 0.0001);
}

#[test]
fn weights_are_right_in_rings_and_snapshots_and_rotations() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::ring(1 << 20)).start().unwrap();
    let tick = |n: u64| drop(span!("tick", rate = 0.5, meta(n)));
    let steps = |trace: &Trace| {
        let spans = numbers(trace, "tick");
        assert!(spans.windows(2).all(|pair| pair[1].0 - pair[0].0 == pair[1].1), "{spans:?}");
        spans.last().map(|last| last.0)
    };
    let outer = span!("outer", rate = 0.5);
    (0..200_000).for_each(tick);
    let snapshot = session.snapshot();
    assert!(snapshot.losses().by_cause(Cause::Overwritten) > 0, "the ring went round");
    let last = steps(&snapshot).unwrap();
    assert_eq!(steps(&session.rotate()), Some(last));
    (200_000..200_010).for_each(tick);
    steps(&session.rotate());
    (200_010..300_000).for_each(tick);
    drop(outer);
    let trace = session.stop();
    assert_eq!((trace.losses().damaged_words(), trace.losses().missing_sections()), (0, 0));
    steps(&trace);
}

#[test]
fn an_append_goes_with_its_span() {
    let trace = traced(1, || {
        for n in 0_u64..1000 {
            let outer = span!("outer");
            let inner = span!("inner", rate = 0.1, meta(n));
            append!(inner, named = n);
            append!(innermost = n);
            drop(inner);
            drop(outer);
        }
    });
    let keys = |name: &'static str| {
        let spans = trace.spans().filter(move |span| span.name() == name.into());
        spans.map(|span| span.args().map(|(key, _)| key.to_owned()).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    assert!(keys("inner").iter().all(|keys| keys == &["n", "named", "innermost"]));
    let outer = keys("outer");
    assert_eq!(
        outer.iter().filter(|keys| keys.len() == 1).count(),
        1000 - keys("inner").len(),
        "else it is the one around"
    );
    assert_eq!(outer.len(), 1000);
}

#[test]
fn sums_and_batches_have_weights_too() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::summary_only()).start().unwrap();
    let tick = || (0..CALLS).for_each(|_| drop(span!("tick", rate = 0.01)));
    spawn("work", tick).join().unwrap();
    let first = session.rotate().summary();
    spawn("work", tick).join().unwrap();
    let second = session.stop().summary();
    assert_eq!([&first, &second].map(|part| part.span("tick").unwrap().estimated), [CALLS; 2]);

    let (batches, heard) = mpsc::channel();
    let weigh = move |batch: &Trace| {
        let tick = batch.summary().span("tick").map_or(0, |tick| tick.estimated);
        batches.send((tick, weights(batch, "tick"))).unwrap();
    };
    let session = Session::builder().sink(weigh).start().unwrap();
    let work = spawn("work", tick);
    work.join().unwrap();
    let trace = session.stop();
    let (estimated, stand_for) = heard.iter().fold((0, 0), |(a, b), (tick, weight)| (a + tick, b + weight));
    assert_eq!((estimated, stand_for), (weights(&trace, "tick"), weights(&trace, "tick")));
}

#[test]
fn exports_say_the_weight_and_draw_no_gap() {
    let trace = traced(1, || (0..1000).for_each(|_| drop(span!("tick", rate = 0.1))));
    let folder = std::env::temp_dir().join(format!("traceme-sampling-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("trace.json");
    trace.save(&file).unwrap();
    let json = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let heavy = trace.spans().filter(|span| span.weight() > 1).count();
    assert!(heavy > 20);
    assert_eq!(json.matches("\"weight\":").count(), heavy);
    assert!(!json.contains("lost"), "{json}");
    let text = trace.text().to_string();
    let line = format!("left out by sampling: {} of tick on ", left_out(&trace, "tick"));
    assert!(text.contains(&line), "{text}");
}

#[test]
fn nobody_waits_for_what_a_left_out_span_would_have_told() {
    #[traceme(rate = 0.01, alert = "1ns")]
    fn slow() {}
    let told = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&told);
    let _alone = alone();
    let session = Session::builder()
        .on_alert(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        })
        .start()
        .unwrap();
    (0..CALLS).for_each(|_| slow());
    let trace = session.stop();
    assert_eq!(told.load(Ordering::Relaxed) + trace.missed_alerts(), recorded(&trace, "slow"));
}
