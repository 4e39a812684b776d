//! Spans that take longer than a trigger says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use traceme::__private::{alert, mock};
use traceme::session::{Action, Trigger};
use traceme::trace::{Event, Read, Value};
use traceme::{Memory, Session, Trace, span, trace_scope};

use crate::common::{alone, assert_sound, below_thread, in_child, spawn};
use crate::sending;

traceme::categories! {
    DISK = "disk";
}

const LIMIT: Duration = Duration::from_micros(50);

/// The spans of a thread that were open when the last span of this name ended, and whether that one is flagged.
fn ancestors(trace: &Trace, thread: &str, name: &str) -> (Vec<String>, bool) {
    let track = trace.tracks().iter().find(|track| track.name == thread).expect("the thread's track");
    let (mut open, mut found) = (Vec::new(), (Vec::new(), false));
    for event in trace.events(track.id) {
        match event {
            Event::Begin { span, meta, .. } => open.push((span, meta.name().to_string())),
            Event::End { span, flags, .. } => {
                let Some(at) = open.iter().position(|&(other, _)| other == span) else { continue };
                let (_, ended) = open.remove(at);
                if ended == name && !flags.is_incomplete() {
                    let outer = open[..at].iter().map(|(_, name)| name.clone()).collect();
                    found = (outer, flags.is_alerted());
                }
            }
            _ => {}
        }
    }
    found
}

/// 500 times, or as often as `TRACEME_TEST_TRIALS` says (with `TRACEME_TEST_CHILD=1`, so that it may take as long as it takes).
/// Every snapshot has the span, ended and flagged, below its ancestors.
#[test]
fn a_snapshot_has_the_span_with_its_ancestors_each_time() {
    in_child("spans::a_snapshot_has_the_span_with_its_ancestors_each_time", || {
        let trials = std::env::var("TRACEME_TEST_TRIALS").map_or(500, |trials| trials.parse::<u32>().unwrap());
        let session = Session::builder().memory(Memory::ring(4 << 20)).start().unwrap();
        let (action, heard) = sending(|fired| {
            let (outer, is_flagged) = ancestors(&fired.snapshot(), "offender", "query");
            (outer, is_flagged, fired.alert().unwrap().duration >= LIMIT)
        });
        session.on(Trigger::span_over("*::db::*", LIMIT), action).unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let load = || {
            let over = Arc::clone(&over);
            spawn("load", move || {
                while !over.load(Ordering::Relaxed) {
                    trace_scope!("busy", level = 2);
                    trace_scope!("busier", level = 2);
                }
            })
        };
        let loads = [load(), load()];
        let offend = move || {
            let good = (0..trials).filter(|_| {
                db::query();
                let (outer, is_flagged, is_over) = heard.next();
                outer == ["request", "handler", "transaction"] && is_flagged && is_over
            });
            good.count()
        };
        let good = spawn("offender", offend).join().unwrap();
        over.store(true, Ordering::Relaxed);
        loads.into_iter().for_each(|load| load.join().unwrap());
        let trace = session.stop();
        assert_eq!((good, trace.missed_alerts()), (trials as usize, 0));
    });
}

mod db {
    pub(super) mod pool {
        pub(crate) fn query() {
            traceme::trace_scope!("query", level = 2);
            // Until it has taken as long by another clock.
            #[expect(clippy::disallowed_methods, reason = "another clock than the one that is tested")]
            let since = std::time::Instant::now();
            while since.elapsed() < 2 * super::super::LIMIT {}
        }
    }

    pub(super) fn query() {
        traceme::trace_scope!("request", level = 2, category = super::DISK);
        traceme::trace_scope!("handler", level = 2, category = super::DISK);
        traceme::trace_scope!("transaction", level = 2, category = super::DISK);
        pool::query();
    }
}

/// Name, duration and limit in ns of the spans that fire, on a clock that stands at 1000 first.
fn fired(rules: &[(&str, u64)], work: impl FnOnce() + Send + 'static) -> (Trace, Vec<(String, u64, u64)>) {
    let _alone = alone();
    mock(1000);
    let session = Session::builder().start().unwrap();
    let (action, heard) = sending(|fired| {
        let alert = fired.alert().unwrap();
        (
            alert.name(),
            u64::try_from(alert.duration.as_nanos()).unwrap(),
            u64::try_from(alert.limit.as_nanos()).unwrap(),
        )
    });
    for (pattern, limit) in rules {
        session.on(Trigger::span_over(pattern, Duration::from_nanos(*limit)), Action::call(|_| ())).unwrap();
    }
    session.on(Trigger::alert(), action).unwrap();
    spawn("work", work).join().unwrap();
    let trace = session.stop();
    assert_sound(&trace);
    let heard = heard.rest();
    assert_eq!(trace.spans().filter(|span| span.flags().is_alerted()).count(), heard.len(), "{heard:?}");
    (trace, heard)
}

fn at(ns: u64) {
    mock(1000 + ns);
}

fn told(name: &str, duration: u64, limit: u64) -> (String, u64, u64) {
    (name.into(), duration, limit)
}

#[test]
fn patterns_are_modules_categories_and_names() {
    let rules = [("db::*", 10), ("cat:disk", 20), ("name:so*", 30)];
    let (trace, heard) = fired(&rules, || {
        let step = |start, end, begin: fn() -> traceme::SpanGuard| {
            at(start);
            let guard = begin();
            at(end);
            drop(guard);
        };
        step(0, 9, || span!("db::load"));
        step(10, 20, || span!("db::load"));
        step(30, 49, || span!("write", category = DISK));
        step(50, 70, || span!("write", category = DISK));
        step(70, 99, || span!("sort"));
        step(100, 130, || span!("sort"));
        step(200, 900, || span!("other"));
        step(900, 990, || span!(name = "so ".to_string() + "so"));
        step(1000, 1090, || span!(name = "made".to_string(), category = DISK));
    });
    let place = |name| trace.spans().find(|span| span.name() == name).unwrap().callsite().unwrap();
    let made = format!("{}:{}", place("made".into()).file, place("made".into()).line);
    let expected = [told("db::load", 10, 10), told("write", 20, 20), told("sort", 30, 30), told(&made, 90, 20)];
    assert_eq!(heard, expected);
}

#[test]
fn of_several_limits_the_lowest_is_told_once() {
    let (trace, heard) = fired(&[("name:both", 50), ("*both*", 80), ("name:attribute first", 50)], || {
        for (start, end) in [(0, 49), (100, 170), (200, 280)] {
            at(start);
            let _guard = span!("both", level = 2);
            at(end);
        }
        for (start, end) in [(300, 339), (400, 440), (500, 560)] {
            at(start);
            let _guard = alert(span!("attribute first", level = 2), 40);
            at(end);
        }
        at(600);
        let _guard = alert(span!("both", level = 3), 1000);
        at(660);
    });
    let both = [told("both", 70, 50), told("both", 80, 50)];
    let attribute = [told("attribute first", 40, 40), told("attribute first", 60, 40)];
    assert_eq!(heard, [&both[..], &attribute, &[told("both", 60, 50)]].concat());
    let expected = "both\nboth (alerted)\nboth (alerted)\nattribute first\nattribute first (alerted)\n\
                    attribute first (alerted)\nboth (alerted)";
    assert_eq!(below_thread(&trace.text().to_string()), expected);
}

#[test]
fn a_rule_fires_from_its_own_limit_on_and_from_when_it_was_made() {
    let _alone = alone();
    mock(1000);
    let session = Session::builder().start().unwrap();
    let step = |start, end| {
        at(start);
        let _guard = span!("step", level = 2);
        at(end);
    };
    let duration = |fired: &traceme::session::Fired<'_>| fired.alert().unwrap().duration.as_nanos();
    step(0, 1);
    let ((low, heard_low), (high, heard_high), (late, heard_late)) =
        (sending(duration), sending(duration), sending(duration));
    session.on(Trigger::span_over("step", Duration::from_nanos(10)), low).unwrap();
    session.on(Trigger::span_over("step", Duration::from_nanos(100)), high).unwrap();
    step(10, 30);
    step(100, 250);
    at(300);
    session.on(Trigger::span_over("step", Duration::from_nanos(10)), late).unwrap();
    // A callsite that has never run.
    let other = span!("step", level = 3);
    at(400);
    drop(other);
    step(500, 509);
    session.stop();
    assert_eq!(heard_low.rest(), [20, 150, 100]);
    assert_eq!(heard_high.rest(), [150, 100]);
    assert_eq!(heard_late.rest(), [100]);
}

/// Callsites that first run, in this process and in each session, while a limit is set for them.
#[test]
fn no_span_that_begins_when_a_limit_is_set_escapes_it() {
    macro_rules! callsites {
        ($($name:literal)*) => { [$(|after| drop(span!($name, level = 2, meta(after)))),*] };
    }
    let steps: [fn(bool); 16] = callsites!["a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p"];
    let _alone = alone();
    for _ in 0..200 {
        let session = Session::start(2).unwrap();
        let is_set = Arc::new(AtomicBool::new(false));
        let sees = Arc::clone(&is_set);
        let runs =
            spawn("runs", move || steps.iter().cycle().take(320).for_each(|step| step(sees.load(Ordering::Acquire))));
        session.on(Trigger::span_over("*::spans", Duration::ZERO), Action::call(|_| ())).unwrap();
        is_set.store(true, Ordering::Release);
        runs.join().unwrap();
        steps.iter().for_each(|step| step(true));
        let trace = session.stop();
        let begun_after = trace.spans().filter(|span| span.args().any(|(_, value)| value == Value::Bool(true)));
        assert!(begun_after.inspect(|span| assert!(span.flags().is_alerted(), "{span:?}")).count() >= steps.len());
    }
}

#[test]
fn a_limit_ends_with_its_session() {
    let _alone = alone();
    mock(1000);
    let session =
        Session::builder().on(Trigger::span_over("step", Duration::ZERO), Action::call(|_| ())).start().unwrap();
    let step = || drop(span!("step", level = 2));
    step();
    let left = span!("step", level = 2);
    assert_eq!(session.stop().spans().filter(|span| span.flags().is_alerted()).count(), 1);
    let (action, heard) = sending(|fired| fired.to_string());
    let session = Session::builder().on(Trigger::alert(), action).start().unwrap();
    drop(left);
    step();
    let trace = session.stop();
    assert!(trace.spans().all(|span| !span.flags().is_alerted()) && trace.spans().len() == 1);
    assert_eq!((heard.rest(), trace.missed_alerts()), (Vec::new(), 0));
}

#[test]
fn wrong_patterns_are_errors_that_point_at_the_mistake() {
    let _alone = alone();
    let trigger = || Trigger::span_over("load file", LIMIT);
    let error = Session::builder().on(trigger(), Action::call(|_| ())).start().unwrap_err();
    assert!(error.is_filter());
    assert_eq!(error.offset(), Some(4));
    assert!(error.to_string().starts_with("the pattern of a trigger: "), "{error}");
    let session = Session::start(1).unwrap();
    assert!(session.on(trigger(), Action::call(|_| ())).unwrap_err().is_filter());
    drop(session);
}
