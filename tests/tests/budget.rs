//! Sessions with a budget: what is hot is thinned out, what is rare stays whole, and all of it is counted.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use common::{accounted, alone, assert_sound};
use traceme::trace::{Cause, Read};
use traceme::{Memory, Session, Trace, activity, append, counter, instant, span, trace_scope};

fn left_out(trace: &Trace, name: &str) -> u64 {
    let losses = trace.losses().iter().filter(|loss| loss.cause == Cause::Sampled);
    let name_of = |id| trace.tables().callsite(id).map(|site| site.name.as_str());
    losses.filter(|loss| loss.callsite.and_then(name_of) == Some(name)).map(|loss| loss.count).sum()
}

fn recorded(trace: &Trace, name: &str) -> u64 {
    trace.spans().filter(|span| span.name() == name.into()).count() as u64
}

/// Two threads that do nothing but trace, until one callsite has run so often.
fn storm(count: u64) {
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for n in 0..count {
                    trace_scope!("hot");
                    instant!("hot, too");
                    if n % 10_000 == 0 {
                        let rare = span!("rare", meta(n));
                        append!(rare, appended = n);
                        counter!("counter", n);
                        drop(activity!("rare activity"));
                    }
                    trace_scope!("rated", rate = 0.001);
                }
            });
        }
    });
}

const COUNT: u64 = 2_000_000;

#[test]
fn counts_are_exact_and_what_is_rare_is_whole() {
    let _alone = alone();
    let session = Session::builder().budget(0.01).start().unwrap();
    storm(COUNT);
    let trace = session.stop();
    assert_sound(&trace);
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
    let (rare, all) = (2 * COUNT / 10_000, 2 * COUNT);
    for (name, happened) in [("hot", all), ("rare", rare), ("rare activity", rare), ("rated", all)] {
        assert_eq!(recorded(&trace, name) + left_out(&trace, name), happened, "{name}");
    }
    assert_eq!(trace.instants().len() as u64 + left_out(&trace, "hot, too"), all);
    // An activity is two events, an append and a sample are kept.
    let others = recorded(&trace, "rare") + recorded(&trace, "rare activity") + rare;
    assert_eq!(accounted(&trace) + trace.losses().left_out(), 3 * all + 2 * rare + others);
    assert_eq!((recorded(&trace, "rare"), recorded(&trace, "rare activity")), (rare, rare));
    assert_eq!(trace.counters().count() as u64, rare);
    assert!(recorded(&trace, "hot") < all / 5, "{} of {all}", recorded(&trace, "hot"));
    assert!(recorded(&trace, "rated") < all / 500, "its rate is the most");

    let budget = trace.budget().unwrap();
    assert!(budget.share == 0.01 && budget.used > 0.0, "{budget:?}");
    let summary = trace.summary();
    let estimated = |name: &str| summary.span(name).unwrap().estimated;
    assert_eq!((estimated("hot"), estimated("rare"), estimated("rated")), (all, rare, all));
    assert_eq!(summary.budget, Some(budget));
    let text = summary.to_string();
    assert!(text.contains("of the processor time, by an estimate") && text.contains(" is 1.00 %."), "{text}");
}

macro_rules! hot {
    () => {
        [hot!(2), hot!(2), hot!(2), hot!(2), hot!(2), hot!(2), hot!(2), hot!(2), hot!(2), hot!(2)]
    };
    (2) => {
        [hot!(1), hot!(1), hot!(1), hot!(1), hot!(1), hot!(1), hot!(1), hot!(1), hot!(1), hot!(1)]
    };
    (1) => {
        (|| drop(span!("hot"))) as fn()
    };
}

type Tens<T> = [[T; 10]; 10];

/// Each a callsite of its own.
const HOT: [Tens<fn()>; 2] = [hot!(), hot!()];

#[test]
fn from_a_cold_start_many_hot_callsites_take_nothing_from_rare_ones() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(64 << 20)).budget(0.01).start().unwrap();
    let (calls, rare) = (1000, 5);
    let work = || {
        for call in 0..calls {
            HOT.as_flattened().as_flattened().iter().for_each(|hot| hot());
            if call % (calls / rare) == 0 {
                trace_scope!("rare");
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let trace = session.stop();
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
    assert_eq!((recorded(&trace, "rare"), left_out(&trace, "rare")), (2 * rare, 0));
    let all = 2 * calls * 200;
    assert_eq!(recorded(&trace, "hot") + left_out(&trace, "hot"), all);
    // The first two of each on each thread, and what a thread may in any case, between two looks: of 400,000 not many.
    let hot = recorded(&trace, "hot");
    assert!((2 * 200..all / 10).contains(&hot), "{hot} of {all}");
}

#[test]
fn what_is_recorded_without_a_budget_is_not_owed_by_the_next_session() {
    let _alone = alone();
    let rare = || {
        trace_scope!("rare by itself");
    };
    let session = Session::builder().filter("all@0.5").start().unwrap();
    (0..100_000).for_each(|_| rare());
    drop(session.stop());
    let session = Session::builder().budget(0.5).start().unwrap();
    (0..100).for_each(|_| rare());
    let trace = session.stop();
    assert_eq!((recorded(&trace, "rare by itself"), trace.losses().left_out()), (100, 0));
}

#[test]
fn what_fits_is_whole() {
    let _alone = alone();
    let session = Session::builder().budget(1.0).start().unwrap();
    for n in 0..300_u64 {
        trace_scope!("now and then");
        (0..10_000_u64).for_each(|step| {
            black_box(step + n);
        });
    }
    let trace = session.stop();
    assert_eq!((recorded(&trace, "now and then"), trace.losses().left_out()), (300, 0));
    assert!(trace.spans().all(|span| span.weight() == 1));
}

#[test]
fn the_next_session_begins_anew() {
    let _alone = alone();
    for memory in [Memory::ring(4 << 20), Memory::summary_only()] {
        let session = Session::builder().memory(memory).budget(0.001).start().unwrap();
        storm(200_000);
        let trace = session.stop();
        assert_eq!(trace.budget().map(|budget| budget.share), Some(0.001));
        let session = Session::start(1).unwrap();
        storm(1000);
        let trace = session.stop();
        assert_eq!((recorded(&trace, "hot"), left_out(&trace, "hot"), trace.budget()), (2000, 0, None));
        assert!(recorded(&trace, "rated") < 100);
    }
}

#[test]
fn parts_of_a_session_add_up() {
    let _alone = alone();
    let session = Session::builder().budget(0.01).start().unwrap();
    let calls = AtomicU64::new(0);
    let mut found = 0;
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            for _ in 0..COUNT {
                trace_scope!("hot");
            }
            calls.fetch_add(COUNT, Ordering::Relaxed);
        });
        while !worker.is_finished() {
            let _ = session.snapshot();
            let part = session.rotate();
            found += accounted(&part) + part.losses().left_out();
            thread::yield_now();
        }
    });
    let rest = session.stop();
    assert_eq!(found + accounted(&rest) + rest.losses().left_out(), calls.load(Ordering::Relaxed));
}

#[test]
fn a_budget_is_a_share() {
    let _alone = alone();
    for wrong in [0.0, -0.5, 1.01, f64::NAN, f64::INFINITY] {
        let error = Session::builder().budget(wrong).start().unwrap_err();
        assert!(error.is_budget(), "{error}");
        assert!(error.to_string().contains("above 0 and up to 1: 0.01 is 1 %"), "{error}");
    }
    let error = Session::builder().budget(0.01).in_children(true).start().unwrap_err();
    assert!(error.is_budget() && error.to_string().contains("give callsites a `rate`"), "{error}");
    drop(Session::start(1).expect("none of these runs"));
}
