//! What was measured elsewhere: spans that are recorded when they are over.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::cell::Cell;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{accounted, alone, assert_sound, spawn, traced};
use traceme::session::Sink;
use traceme::trace::{Cause, Event, Read, Selection, Span, TrackKind, Value};
use traceme::{Memory, Session, Timestamp, Trace, activity, now, record_span, trace_scope};

const MS: Duration = Duration::from_millis(1);

fn args(span: Span<'_>) -> String {
    span.args().map(|(key, value)| format!("{key}={value:?}")).collect::<Vec<_>>().join(" ")
}

fn spans(trace: &Trace) -> Vec<(String, u64, u64)> {
    trace.spans().map(|span| (span.name().to_string(), span.start(), span.end().unwrap())).collect()
}

#[test]
fn a_span_is_on_a_track_of_its_name_with_all_that_was_given() {
    let trace = traced(2, || {
        spawn("driver", || {
            trace_scope!("callback");
            let start = now();
            let end = start + MS;
            let text = String::from("copy");
            while now() < end {}
            record_span("kernel", start..end, &[("bytes", &4096_u64), ("stream", &text), ("grid", &[1_u32, 2, 3])]);
            record_span(&format!("made {}", 1), start..start, &[("none", &None::<u8>), ("time", &MS), ("of", &"x")]);
        })
        .join()
        .unwrap();
    });
    assert_sound(&trace);
    assert_eq!((trace.event_count(), trace.losses().is_empty()), (3, true));
    assert_eq!(
        trace.text().to_string(),
        "thread driver\n  callback\nactivity kernel\n  kernel bytes=4096 stream=\"copy\" grid=[1, 2, 3]\n\
         activity made 1\n  made 1 none=none time=1ms of=\"x\"\n"
    );
    let kernel = trace.spans().find(|span| span.name() == "kernel".into()).unwrap();
    assert_eq!(
        (&kernel.track().kind, kernel.parent(), kernel.flags().names().count()),
        (&TrackKind::Activity, None, 0)
    );
    assert!(kernel.duration().unwrap().abs_diff(1_000_000) < 10_000, "{kernel:?}: by the rate of the clock");
}

#[test]
fn they_overlap_each_other_and_activities_of_the_name() {
    let trace = traced(2, || {
        let activity = activity!("copy", level = 2);
        let start = now();
        record_span("copy", start - MS..start, &[("n", &1)]);
        record_span("copy", start - 2 * MS..start - MS / 2, &[("n", &2)]);
        activity.end();
    });
    assert_sound(&trace);
    let activities = trace.tracks().iter().filter(|track| track.kind == TrackKind::Activity);
    assert_eq!(activities.map(|track| track.name.as_str()).collect::<Vec<_>>(), ["copy"]);
    // A beginning, an end, and two that are one event each.
    assert_eq!((trace.spans().len(), trace.event_count()), (3, 4));
    let measured = trace.events(trace.spans().next().unwrap().track().id);
    let measured = measured.filter(|event| matches!(event, Event::Begin { meta, .. } if meta.is_measured()));
    assert_eq!(measured.count(), 2);
    let summary = trace.summary();
    assert_eq!((summary.losses.recorded, summary.span("copy").unwrap().count), (4, 3));
}

#[test]
fn times_before_the_session_and_times_to_come_are_left_out() {
    let _alone = alone();
    let before = now();
    while now() - before < MS {}
    let session = Session::start(2).unwrap();
    let start = now();
    record_span("begun before", before..start, &[]);
    record_span("over before", before..before + MS / 2, &[]);
    record_span("backwards", start..before, &[]);
    record_span("ends later", start..start + 3_600_000 * MS, &[]);
    record_span("begins later", start + 1_800_000 * MS..start + 3_600_000 * MS, &[]);
    let trace = session.stop();
    assert_sound(&trace);
    let spans = spans(&trace);
    let span = |name: &str| spans.iter().find(|span| span.0 == name).map(|&(_, start, end)| (start, end)).unwrap();
    let (at, until) = span("begun before");
    assert!(at == 0 && until > 0);
    assert_eq!(span("over before"), (0, 0));
    assert_eq!(span("backwards"), (until, until));
    assert!(span("ends later").0 == until && span("ends later").1 <= trace.duration());
    let (start, end) = span("begins later");
    assert!(start == end && end >= until && end <= trace.duration());
}

#[test]
fn of_too_many_values_the_first_are_kept_and_the_others_counted() {
    let keys: Vec<String> = (0..20).map(|n| format!("k{n}")).collect();
    let trace = traced(2, || {
        let start = now();
        let values: Vec<u64> = (0..20).collect();
        let args: Vec<(&str, &dyn traceme::AnyValue)> =
            keys.iter().zip(&values).map(|(key, value)| (key.as_str(), value as _)).collect();
        for count in [0, 12, 13, 14, 20] {
            record_span(&format!("{count:02}"), start..start, &args[..count]);
        }
    });
    assert_sound(&trace);
    let shown = |kept: usize| (0..kept).map(|n| format!("k{n}=U64({n})")).collect::<Vec<_>>().join(" ");
    let expected =
        [shown(0), shown(12), shown(13), shown(12) + " args_left_out=U64(2)", shown(12) + " args_left_out=U64(8)"];
    assert_eq!(trace.spans().map(args).collect::<Vec<_>>(), expected);
}

#[test]
fn long_names_keys_and_values_are_cut() {
    let long = "é".repeat(3000);
    let trace = traced(2, || {
        let start = now();
        record_span(&long, start..start, &[(&long, &long), (&long, &7), ("", &8)]);
    });
    assert_sound(&trace);
    let span = trace.spans().next().unwrap();
    let kept = &long[..4094];
    assert!(span.name().is_cut() && span.name() == kept.into() && span.track().name == kept);
    let args: Vec<_> = span.args().collect();
    assert_eq!(args[1..], [(kept, Value::I64(7)), ("", Value::I64(8))]);
    assert!(args[0].0 == kept && matches!(args[0].1, Value::Str(text) if text.is_cut()));
}

#[test]
fn values_are_evaluated_once_and_only_if_the_span_is_recorded() {
    struct Counted<'a>(&'a Cell<u32>);
    impl traceme::Value for Counted<'_> {
        type Encoded<'a>
            = u64
        where
            Self: 'a;
        fn value(&self) -> u64 {
            self.0.set(self.0.get() + 1);
            self.0.get().into()
        }
    }
    let _alone = alone();
    let evaluated = Cell::new(0);
    let counted = Counted(&evaluated);
    let work = || record_span("work", now()..now(), &[("first", &counted), ("second", &counted)]);
    work();
    for filter in ["1", "off"] {
        let session = Session::builder().filter(filter).start().unwrap();
        work();
        assert!(session.stop().is_empty(), "{filter}");
    }
    assert_eq!(evaluated.get(), 0);
    // A filter doesn't know the name.
    let session = Session::builder().filter("info,name:work=off").start().unwrap();
    work();
    let trace = session.stop();
    assert_eq!(trace.spans().map(args).collect::<Vec<_>>(), ["first=U64(1) second=U64(2)"]);
    assert_eq!(trace.select(&Selection::from(traceme::Level::CRITICAL)).event_count(), 0);
    assert_eq!(trace.select(&Selection::from(traceme::Level::INFO)).event_count(), 1);
}

#[test]
fn a_rate_thins_none_of_them_out() {
    let _alone = alone();
    let session = Session::builder().filter("info@0.01").start().unwrap();
    for _ in 0..1000 {
        record_span("kernel", now()..now(), &[]);
        trace_scope!("work", level = 2, {});
    }
    let trace = session.stop();
    let spans = |name: &'static str| trace.spans().filter(move |span| span.name() == name.into());
    assert_eq!(spans("kernel").count(), 1000);
    assert!(spans("work").count() < 500, "{}", spans("work").count());
}

#[test]
fn each_is_whole_in_one_part() {
    let _alone = alone();
    let session = Session::start(2).unwrap();
    let start = now();
    record_span("first", start..now(), &[("n", &1)]);
    let first = session.rotate();
    // It began before the part in which it is recorded.
    record_span("second", start..now(), &[("n", &2)]);
    let snapshot = session.snapshot();
    record_span("third", start..now(), &[("n", &3)]);
    let last = session.stop();
    let names = |trace: &Trace| spans(trace).into_iter().map(|(name, ..)| name).collect::<Vec<_>>();
    assert_eq!((names(&first), names(&last)), (vec!["first".into()], vec!["second".into(), "third".into()]));
    assert!(names(&snapshot).ends_with(&["second".into()]), "{snapshot:?}");
    for trace in [&first, &snapshot, &last] {
        assert_sound(trace);
        assert_eq!(trace.summary().losses.recorded, trace.event_count());
    }
    let begins: Vec<u64> = [&first, &last].into_iter().flat_map(spans).map(|(_, start, _)| start).collect();
    assert!(begins.iter().all(|&begin| begin.abs_diff(begins[0]) < 1000), "the same moment: {begins:?}");
    assert!(last.start() > begins[0]);
}

/// Keeps the spans of all batches.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

impl Sink for Kept {
    fn batch(&mut self, batch: &Trace) {
        self.0.lock().unwrap().extend(batch.spans().map(|span| format!("{} {}", span.name(), args(span))));
    }
}

#[test]
fn a_sink_gets_each_once() {
    let _alone = alone();
    let kept = Kept::default();
    let session = Session::builder().filter("info").sink(kept.clone()).start().unwrap();
    let threads: Vec<_> = (0..3)
        .map(|thread| {
            spawn("measures", move || {
                for n in 0..2000 {
                    let start = now();
                    record_span("kernel", start - MS..start, &[(["a", "b", "c"][thread], &n)]);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(session.stop().event_count(), 6000);
    let mut shown = std::mem::take(&mut *kept.0.lock().unwrap());
    let mut expected: Vec<String> =
        ["a", "b", "c"].iter().flat_map(|key| (0..2000).map(move |n| format!("kernel {key}=I64({n})"))).collect();
    shown.sort();
    expected.sort();
    assert_eq!(shown, expected);
}

#[test]
fn a_summary_alone_counts_them() {
    let _alone = alone();
    let session = Session::builder().filter("info").memory(Memory::summary_only()).start().unwrap();
    let begun = now();
    while now() - begun < MS {}
    for _ in 0..1000 {
        let end = now();
        record_span("kernel", end - MS..end, &[("n", &1)]);
    }
    activity!("kernel").end();
    let summary = session.stop().summary();
    let kernel = summary.span("kernel").unwrap();
    assert_eq!((kernel.count, kernel.incomplete, summary.losses.recorded), (1001, 0, 1002));
    assert!(kernel.p50.abs_diff(1_000_000) < 20_000, "{kernel:?}");
}

#[test]
fn every_one_is_recorded_or_counted() {
    const THREADS: u64 = 4;
    const EACH: u64 = 20_000;
    let _alone = alone();
    for memory in [Memory::bounded(2 << 20), Memory::ring(2 << 20)] {
        let session = Session::builder().filter("info").memory(memory).start().unwrap();
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                spawn("measures", || {
                    for n in 0..EACH {
                        record_span("kernel", now()..now(), &[("n", &n), ("text", &"some bytes more")]);
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let trace = session.stop();
        assert_eq!((trace.losses().damaged_words(), trace.losses().unmatched_ends()), (0, 0));
        assert_eq!(accounted(&trace), THREADS * EACH);
        assert_eq!(trace.spans().len() as u64, trace.event_count());
        assert!(trace.losses().total() > 0, "it is too much for 2 MiB");
        let causes = [Cause::Full, Cause::Overwritten, Cause::Pinned];
        assert_eq!(causes.map(|cause| trace.losses().by_cause(cause)).iter().sum::<u64>(), trace.losses().total());
    }
}

#[test]
fn timestamps_are_times() {
    let (first, second) = (now(), now());
    assert!(first <= second && second - first < Duration::from_secs(60) && first - second <= Duration::ZERO);
    // A rate that is known better by the second time may differ in the last digits.
    let off = |a: Timestamp, b: Timestamp| (a - b).max(b - a);
    assert!(off(first + MS - MS, first) < MS / 100);
    assert!(off(second, first + (second - first)) < MS / 100);
    assert!(first - Duration::MAX <= first && first + Duration::MAX >= first);
    let (before, instant, after) = (now(), Instant::now(), now());
    let same = Timestamp::from(instant);
    assert!(off(same, before) <= (after - before) + MS / 10, "{:?}", off(same, before));
    assert!(off(Timestamp::from(instant - MS), same - MS) < MS / 10);
    assert!(off(Timestamp::from(instant + MS), same + MS) < MS / 10);
}
