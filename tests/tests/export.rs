//! Recorded traces as Chrome's JSON, read back: what the exporters make of what only a recording has.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{spawn, traced};
use serde_json::Value;
use traceme::trace::{Cause, Event, Read, Tables, Track, TrackId};
use traceme::{Flow, Memory, Session, Trace, append, export, instant, span, trace_scope};

fn events(recording: &impl Read) -> Vec<Value> {
    let mut json = Vec::new();
    export::chrome(recording, &mut json).unwrap();
    let mut json: Value = serde_json::from_slice(&json).unwrap();
    match json["traceEvents"].take() {
        Value::Array(events) => events,
        other => panic!("{other}"),
    }
}

fn named<'e>(events: &'e [Value], name: &str) -> Vec<&'e Value> {
    events.iter().filter(|event| event["name"] == name).collect()
}

#[test]
fn a_long_span_has_all_that_was_appended_and_its_duration() {
    const INSIDE: u64 = 100_000;
    let trace = traced(1, || {
        let outer = span!("outer", meta(first = 1));
        for n in 0..INSIDE {
            let inner = span!("inner", meta(n));
            if n % 10_000 == 0 {
                append!(outer, late = n);
                append!(inner, tenth = true);
            }
        }
    });
    let events = events(&trace);
    let [outer] = named(&events, "outer")[..] else { panic!("one outer span") };
    assert_eq!(outer["args"].to_string(), r#"{"first":1,"late":90000}"#);
    let span = trace.spans().next().unwrap();
    let ns = |us: &Value| (us.as_f64().unwrap() * 1000.0).round();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let expected = (span.start() as f64, span.duration().unwrap() as f64);
    assert_eq!((ns(&outer["ts"]), ns(&outer["dur"])), expected);
    let inner = named(&events, "inner");
    assert_eq!(inner.len() as u64, INSIDE);
    assert_eq!(inner.iter().filter_map(|inner| inner["args"]["n"].as_u64()).sum::<u64>(), INSIDE * (INSIDE - 1) / 2);
    assert_eq!(inner.iter().filter(|inner| inner["args"]["tenth"] == true).count(), 10);
    let place = |event: &Value| events.iter().position(|other| other == event).unwrap();
    assert!(place(outer) < place(inner[0]), "parents come first");
}

#[test]
fn spans_that_overlap_are_on_rows_of_their_own() {
    let trace = traced(1, || {
        for _ in 0..100 {
            let first = span!("first");
            let second = span!("second");
            drop(first);
            trace_scope!("third");
            drop(second);
        }
    });
    let events = events(&trace);
    let row_of = |name: &str| {
        let mut rows: Vec<i64> = named(&events, name).iter().map(|event| event["tid"].as_i64().unwrap()).collect();
        assert_eq!(rows.len(), 100);
        rows.dedup();
        let [row] = rows[..] else { panic!("{name} is on the rows {rows:?}") };
        row
    };
    assert_eq!(row_of("first"), row_of("third"));
    assert_ne!(row_of("first"), row_of("second"));
    assert!(named(&events, "second").iter().all(|event| event["args"]["traceme_flags"] == "overlapping"));
    let names = named(&events, "thread_name");
    let name = names.iter().find(|event| event["tid"] == row_of("second")).unwrap()["args"]["name"].as_str().unwrap();
    assert!(name.ends_with(" (lane 2)"), "{name}");
}

#[test]
fn losses_are_on_a_row_of_their_own() {
    let _alone = common::alone();
    let session = Session::builder().memory(Memory::bounded(256 << 10)).start().unwrap();
    let attempts = 100_000;
    for _ in 0..attempts {
        instant!("event");
    }
    let trace = session.stop();
    let events = events(&trace);
    let [lost] = named(&events, "lost: full")[..] else { panic!("one loss") };
    let count = lost["args"]["count"].as_u64().unwrap();
    assert_eq!(count, trace.losses().by_cause(Cause::Full));
    assert_eq!(count + named(&events, "event").len() as u64, attempts);
    assert_eq!((&lost["args"]["of event"], &lost["args"]["cause"]), (&count.into(), &"full".into()));
    assert_eq!(lost["args"]["threads"], 1);
    let names = named(&events, "thread_name");
    let row = names.iter().find(|event| event["args"]["name"] == "lost events").unwrap();
    assert_eq!(row["tid"], lost["tid"]);
}

/// The system gives the id of a thread that has ended to another one.
#[test]
fn rows_of_threads_have_different_ids() {
    let trace = traced(1, || {
        for n in 0..300 {
            spawn(&format!("thread {n}"), || {
                trace_scope!("work");
            })
            .join()
            .unwrap();
        }
    });
    let events = events(&trace);
    let mut rows: Vec<i64> = named(&events, "work").iter().map(|event| event["tid"].as_i64().unwrap()).collect();
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), 300);
    assert!(rows.iter().all(|&row| i32::try_from(row).is_ok()));
    assert_eq!(
        named(&events, "thread_name").iter().filter(|name| rows.contains(&name["tid"].as_i64().unwrap())).count(),
        300
    );
}

#[test]
fn spans_that_never_end_reach_to_the_end_and_say_so() {
    let _alone = common::alone();
    let session = Session::start(1).unwrap();
    let open = span!("open");
    trace_scope!("inside");
    let trace = session.stop();
    drop(open);
    let events = events(&trace);
    for name in ["open", "inside"] {
        let [span] = named(&events, name)[..] else { panic!("one {name}") };
        assert_eq!(span["args"]["traceme_flags"], "incomplete");
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let end = trace.duration() as f64 / 1000.0;
        assert!((span["ts"].as_f64().unwrap() + span["dur"].as_f64().unwrap() - end).abs() < 0.002);
    }
}

#[test]
fn a_key_that_is_appended_again_is_written_once_with_its_last_value() {
    let trace = traced(1, || {
        let span = span!("span", meta(rows = 0));
        for rows in 1..=3 {
            append!(span, rows);
        }
        append!(span, other = true);
        append!(span, rows = "many");
    });
    let mut json = Vec::new();
    export::chrome(&trace, &mut json).unwrap();
    let json = String::from_utf8(json).unwrap();
    assert!(json.contains(r#""args":{"rows":"many","other":true}}"#), "{json}");
}

/// Leaves out the spans of one name.
struct Without<'t>(&'t Trace, &'static str);

impl Read for Without<'_> {
    fn tables(&self) -> &Tables {
        self.0.tables()
    }

    fn tracks(&self) -> &[Track] {
        Trace::tracks(self.0)
    }

    fn events(&self, track: TrackId) -> impl Iterator<Item = Event<'_>> {
        let mut left_out = std::collections::HashSet::new();
        self.0.events(track).filter(move |event| match *event {
            Event::Begin { span, meta, .. } => meta.name() != self.1.into() || !left_out.insert(span),
            Event::End { span, .. } | Event::Append { span, .. } => !left_out.contains(&span),
            _ => true,
        })
    }
}

#[test]
fn an_adapter_may_leave_spans_out() {
    let trace = traced(1, || {
        for n in 0..1000 {
            let kept = span!("kept", meta(n));
            for _ in 0..30 {
                trace_scope!("noise");
                trace_scope!("inner");
            }
            append!(kept, late = n);
        }
    });
    let all = events(&trace);
    let rest: Vec<_> = all.iter().filter(|event| event["name"] != "noise").cloned().collect();
    assert_eq!(rest.len(), all.len() - 30_000);
    assert_eq!(events(&Without(&trace, "noise")), rest);
}

#[test]
fn a_flow_begins_once() {
    let flow = Flow::new();
    let trace = traced(1, || {
        trace_scope!("out", flow_out = flow);
        trace_scope!("out", flow_out = flow);
        trace_scope!("in", flow_in = flow);
    });
    let events = events(&trace);
    let ends: Vec<_> = named(&events, "flow").iter().map(|end| end["ph"].as_str().unwrap()).collect();
    assert_eq!(ends, ["s", "f", "f"]);
}
