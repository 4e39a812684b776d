//! What a selection of a trace shows: to its views, its summary and its exports alike.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use common::{accounted, alone, assert_sound, below_thread, span_names, spawn, traced};
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::{collection, prop_assert_eq, proptest};
use serde_json::Value;
use traceme::__private::mock;
use traceme::session::Source;
use traceme::trace::{Selection, TraceBuilder, TrackKind};
use traceme::{
    Activity, Error, Filter, Level, Memory, Session, SpanGuard, Trace, activity, append, counter, export, instant,
    span, trace_scope,
};

traceme::categories! {
    DB = "db";
}

/// The part of a trace that a filter lets through.
#[track_caller]
fn selected(trace: &Trace, filter: &str) -> Trace {
    trace.select(&filter.parse().unwrap())
}

/// One event or more of each kind.
fn work() {
    let request = span!("request");
    {
        trace_scope!("parse", level = 3);
        instant!("odd", level = 1);
        let query = span!("query", category = DB);
        append!(query, rows = 7);
        append!(request, bytes = 100);
        instant!("row", level = 3);
        let job = activity!("job", level = 2, category = DB);
        drop(activity!("timer"));
        drop(job);
    }
    counter!("free", 5, level = 1);
    counter!("used", 6, level = 3);
}

fn recorded() -> Trace {
    let trace = traced(255, || spawn("work", work).join().unwrap());
    assert_sound(&trace);
    trace
}

#[test]
fn what_is_inside_of_a_span_that_is_not_shown_is_inside_the_next_one_out() {
    let trace = recorded();
    let short = selected(&trace, "info");
    assert_sound(&short);
    let shown = "thread work\n  request bytes=100\n    * odd\n    query rows=7\n";
    let rest = "counter free\n  = 5\ncounter used\nactivity job\n  job\nactivity timer\n  timer\n";
    let text = short.text().to_string();
    assert_eq!(sorted(&text), sorted(&format!("{shown}{rest}")));
    assert_eq!(below_thread(&text[text.find("thread").unwrap()..]), below_thread(shown));

    let without = selected(&trace, "all,name:request=off,cat:db=off");
    assert_sound(&without);
    let text = without.text().to_string();
    assert_eq!(below_thread(&text[text.find("thread").unwrap()..]), "parse\n  * odd\n  * row");
    let parse = without.spans().next().unwrap();
    assert_eq!((parse.parent(), parse.depth(), parse.args().count()), (None, 0, 0), "what was appended is gone");
    assert_eq!(without.counters().count(), 2);
    let tracks = |trace: &Trace| trace.tracks().to_vec();
    assert_eq!(tracks(&without), tracks(&trace));
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn events_are_counted_as_they_are_shown() {
    let trace = recorded();
    assert_eq!(trace.event_count(), 13);
    let cases =
        [("all", 13), ("info", 10), ("off", 0), ("off,name:job=2", 2), ("off,name:query=1", 2), ("off,name:used=3", 1)];
    for (filter, events) in cases {
        let part = selected(&trace, filter);
        assert_eq!((part.event_count(), part.is_empty()), (events, events == 0), "{filter}");
    }
    assert_eq!(selected(&selected(&trace, "all,name:request=off"), "1").event_count(), 6);
}

/// The names of all that is in a file for Chrome, but for the names of tracks.
fn exported(trace: &Trace) -> BTreeSet<String> {
    let mut json = Vec::new();
    export::chrome(trace, &mut json).unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    let events = json["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] != "M");
    events.map(|event| event["name"].as_str().unwrap().into()).collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.into()).collect()
}

#[test]
fn summaries_and_exports_have_what_is_shown() {
    let trace = recorded();
    let cases: [(&str, &[&str]); 3] = [
        ("all", &["request", "parse", "odd", "query", "row", "job", "timer", "free", "used"]),
        ("info,cat:db=off", &["request", "odd", "timer", "free"]),
        ("off,name:query=all,name:used=all", &["query", "used"]),
    ];
    for (filter, expected) in cases {
        let part = selected(&trace, filter);
        assert_eq!(exported(&part), names(expected), "{filter}");
        let summary = part.summary();
        let spans = summary.spans.iter().map(|times| times.name.clone()).collect::<BTreeSet<_>>();
        let instants = ["odd", "row", "free", "used"];
        assert_eq!(spans, names(expected).difference(&names(&instants)).cloned().collect(), "{filter}");
        let mut perfetto = Vec::new();
        export::perfetto(&part, &mut perfetto).unwrap();
        for name in ["request", "parse", "query"] {
            let is_there = perfetto.windows(name.len()).any(|bytes| bytes == name.as_bytes());
            assert_eq!(is_there, expected.contains(&name), "{name} with {filter}");
        }
    }
}

struct Device;

impl Source for Device {
    fn start(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn stop(&mut self) {}

    fn collect(&mut self, trace: &mut TraceBuilder) {
        let device = trace.add_track("gpu", TrackKind::Device { ordinal: 0 }, None).unwrap();
        trace.span(device, "kernel", 1, Some(3), &[]).unwrap();
        trace.instant(device, "stall", 2, &[]).unwrap();
    }
}

#[test]
fn what_sources_added_and_what_was_lost_stays() {
    let _alone = alone();
    let session = Session::builder().source(Device).memory(Memory::bounded(1 << 18)).start().unwrap();
    spawn("work", || {
        for _ in 0..40_000 {
            trace_scope!("work");
        }
    })
    .join()
    .unwrap();
    let trace = session.stop();
    let nothing = trace.select(&Selection::from("off".parse::<Filter>().unwrap()).rate(0.0));
    assert_eq!(accounted(&trace), 40_002);
    assert_eq!(nothing.losses(), trace.losses());
    assert!(nothing.losses().total() > 10_000, "{}", nothing.losses().total());
    assert_eq!((span_names(&nothing), nothing.event_count()), (vec!["kernel".into()], 2));
    assert_eq!((nothing.duration(), nothing.tracks()), (trace.duration(), trace.tracks()));
}

#[test]
fn a_rate_thins_out_trees_and_neither_samples_nor_activities() {
    const ROOTS: u64 = 20_000;
    let trace = traced(255, || {
        for n in 0..ROOTS {
            {
                trace_scope!("root");
                trace_scope!("leaf", meta(n));
                instant!("inside", level = 1);
            }
            instant!("outside", level = 1);
            counter!("n", n, level = 1);
            drop(activity!("job"));
        }
    });
    let part = trace.select(&Selection::from(Level::ALL).rate(0.25));
    assert_sound(&part);
    let spans = |name: &str| part.spans().filter(|span| span.name() == name.into()).count();
    let instants = |name: &str| part.instants().filter(|instant| instant.name() == name.into()).count();
    let roots = spans("root");
    assert!((4_800..5_200).contains(&roots), "{roots} roots");
    assert_eq!((spans("leaf"), instants("inside")), (roots, roots));
    assert!((4_800..5_200).contains(&instants("outside")), "{} instants", instants("outside"));
    assert_eq!((part.counters().count(), spans("job")), (20_000, 20_000));
    assert_eq!(part.event_count(), 3 * roots as u64 + instants("outside") as u64 + 3 * ROOTS);
}

/// What happens at one ns; guards are chosen among those that are there.
#[derive(Clone, Debug)]
enum Step {
    Begin(usize),
    Drop(Index),
    Append(Index),
    Instant(usize),
    BeginActivity(usize),
    EndActivity(Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4_usize).prop_map(Step::Begin),
        4 => any::<Index>().prop_map(Step::Drop),
        1 => any::<Index>().prop_map(Step::Append),
        2 => (0..2_usize).prop_map(Step::Instant),
        1 => (0..2_usize).prop_map(Step::BeginActivity),
        1 => any::<Index>().prop_map(Step::EndActivity),
    ]
}

fn begin(kind: usize) -> SpanGuard {
    match kind {
        0 => span!("a"),
        1 => span!("b", level = 3),
        2 => span!(name = String::from("c"), level = 2),
        _ => span!("d", category = DB),
    }
}

/// What steps record under a filter.
fn recorded_under(filter: &str, steps: &[Step]) -> Trace {
    mock(1000);
    let session = Session::builder().filter(filter).start().unwrap();
    let steps = steps.to_vec();
    let work = move || {
        let (mut guards, mut activities): (Vec<SpanGuard>, Vec<Activity>) = (Vec::new(), Vec::new());
        for (ns, step) in (1001..).zip(steps) {
            mock(ns);
            match step {
                Step::Begin(kind) => guards.push(begin(kind)),
                Step::Drop(index) if !guards.is_empty() => drop(guards.remove(index.index(guards.len()))),
                Step::Append(index) if !guards.is_empty() => append!(guards[index.index(guards.len())], at = ns),
                Step::Instant(0) => instant!("low", level = 1),
                Step::Instant(_) => instant!("high", level = 3),
                Step::BeginActivity(0) => activities.push(activity!("job")),
                Step::BeginActivity(_) => activities.push(activity!("query", category = DB)),
                Step::EndActivity(index) if !activities.is_empty() => {
                    drop(activities.remove(index.index(activities.len())));
                }
                _ => {}
            }
        }
        mock(2000);
        guards.into_iter().rev().for_each(drop);
    };
    spawn("work", work).join().unwrap();
    mock(3000);
    session.stop()
}

/// The text of a trace without the tracks that have nothing.
fn of_tracks_with_events(trace: &Trace) -> String {
    let text = trace.text().times(true).to_string();
    let lines: Vec<&str> = text.lines().collect();
    let is_below = |line: Option<&&str>| line.is_some_and(|line| line.starts_with(' '));
    let kept = (0..lines.len()).filter(|&at| is_below(lines.get(at)) || is_below(lines.get(at + 1)));
    kept.map(|at| format!("{}\n", lines[at])).collect()
}

proptest! {
    #[test]
    fn a_selection_shows_what_a_session_with_that_filter_records(
        steps in collection::vec(step(), 0..60),
        filter in 0..5_usize,
    ) {
        let _alone = alone();
        let filter = ["info", "all,cat:db=off", "off,cat:db=1", "all,name:a=off", "3,name:b=2,name:job=off"][filter];
        let part = selected(&recorded_under("all", &steps), filter);
        assert_sound(&part);
        let session = recorded_under(filter, &steps);
        prop_assert_eq!(of_tracks_with_events(&part), of_tracks_with_events(&session));
        prop_assert_eq!(part.event_count(), session.event_count());
    }
}
