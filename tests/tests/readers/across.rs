//! What goes across threads, or was measured elsewhere, as the trace processor shows it: activities, flows, steps.

use std::path::Path;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use traceme::trace::{Span, TrackKind};
use traceme::{
    Activity, Flow, Level, Session, Timestamp, Trace, activity, activity_end, activity_start, now, record_span, step,
    trace_scope,
};

use crate::exports::SESSION;
use crate::processor::{Cell, Processor, Row, rows};

/// Of each track with its extra rows, and each name: how many slices, the sum of their durations, how many have none.
const BY_TRACK: &str = "WITH slices AS (SELECT IFNULL(thread.name, track.name) || ' (lane ' AS row, s.name, s.dur
        FROM slice s JOIN track ON track.id = s.track_id
        LEFT JOIN thread_track ON thread_track.id = s.track_id LEFT JOIN thread USING (utid))
    SELECT substr(row, 1, instr(row, ' (lane ') - 1), name, count(*), sum(max(dur, 0)), sum(dur = -1)
    FROM slices GROUP BY 1, 2 ORDER BY 1, 2";
/// The integers of a key, of all slices.
const INTEGERS: &str = "SELECT s.name, int_value FROM slice s JOIN args USING (arg_set_id)
    WHERE key IN ('debug.KEY', 'args.KEY') ORDER BY s.ts, s.id";
const FLOWS: &str = "SELECT begin.name, end.name FROM flow JOIN slice begin ON begin.id = slice_out
    JOIN slice end ON end.id = slice_in ORDER BY 1, 2";

fn on_thread<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    thread::Builder::new().name(name.into()).spawn(work).unwrap()
}

/// Saves a trace in both formats, and has what is loaded of each checked; `true` for Perfetto's own.
fn in_both(name: &str, trace: &Trace, check: impl Fn(&Processor, bool)) {
    for extension in ["pftrace", "json"] {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.{extension}"));
        trace.save(&path).unwrap();
        check(&Processor::load(path), extension == "pftrace");
    }
}

fn traced(work: impl FnOnce()) -> Trace {
    let _alone = SESSION.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let session = Session::start(2).unwrap();
    work();
    session.stop()
}

fn integers(key: &str) -> String {
    INTEGERS.replace("KEY", key)
}

fn int(number: u64) -> Cell {
    Cell::Int(number.try_into().unwrap())
}

/// How long the spans of a name are together.
fn total<'t>(trace: &'t Trace, name: &str) -> Cell {
    let spans = trace.spans().filter(|span: &Span<'t>| span.name() == name.into());
    int(spans.map(|span| span.duration().unwrap()).sum())
}

#[test]
fn activities_are_on_tracks_of_their_own_wherever_they_end() {
    let mut ids = [0; 2];
    let trace = traced(|| {
        let (send, jobs) = mpsc::channel::<Activity>();
        let ender = on_thread("ender", move || jobs.into_iter().for_each(Activity::end));
        let request = activity!("request");
        for n in 0..3 {
            let fetch = activity!("fetch", parent = &request, meta(n));
            ids = [request.id(), fetch.id()];
            let parse = activity!("parse", level = 2, parent = &fetch);
            send.send(fetch).unwrap();
            send.send(parse).unwrap();
        }
        send.send(request).unwrap();
        drop(send);
        ender.join().unwrap();
        // Numbers alone; one of these never ends.
        let raw: Vec<u64> = (0..4).map(|_| activity_start("raw", Level::INFO)).collect();
        on_thread("raw", move || raw[1..].iter().for_each(|&id| activity_end(id))).join().unwrap();
    });
    let incomplete = trace.spans().find(|span| span.flags().is_incomplete()).unwrap();
    let raw = trace.spans().filter(|span| span.name() == "raw".into()).filter_map(|span| span.duration()).sum::<u64>();
    in_both("activities", &trace, |processor, is_perfetto| {
        // JSON has no slice without an end: it goes on to that of the recording.
        let open = if is_perfetto { 0 } else { trace.duration() - incomplete.start() };
        let none = i64::from(is_perfetto);
        processor.assert_rows([(
            BY_TRACK,
            rows![
                ["fetch", "fetch", 3, total(&trace, "fetch"), 0],
                ["parse", "parse", 3, total(&trace, "parse"), 0],
                ["raw", "raw", 4, int(raw + open), none],
                ["request", "request", 1, total(&trace, "request"), 0],
            ],
        )]);
        let parents = processor.rows(&integers("parent"));
        let fetches: Vec<_> = parents.iter().filter(|row| row[0] == "fetch".into()).collect();
        assert_eq!(fetches.len(), 3);
        assert!(fetches.iter().all(|row| row[1] == int(ids[0])), "{fetches:?}");
        let last = parents.iter().filter(|row| row[0] == "parse".into()).map(|row| row[1].clone()).next_back();
        assert_eq!((parents.len(), last), (6, Some(int(ids[1]))));
    });
}

#[test]
fn arrows_go_from_producers_to_consumers_that_share_a_flow_or_a_number() {
    let trace = traced(|| {
        let (send, jobs) = mpsc::channel::<(Flow, u64)>();
        let consumer = on_thread("consumer", move || {
            for (flow, request) in jobs {
                trace_scope!("work", flow_in = flow);
                trace_scope!(name = format!("serve {request}"), flow_in = Flow::of("rpc", request));
            }
        });
        for request in [0, 7, u64::MAX] {
            trace_scope!(name = format!("call {request}"), flow_out = Flow::of("rpc", request));
            let flow = Flow::new();
            trace_scope!("post", flow_out = flow);
            // The same number of another name is another flow.
            trace_scope!("log", flow_out = Flow::of("log", request));
            send.send((flow, request)).unwrap();
        }
        drop(send);
        consumer.join().unwrap();
    });
    in_both("arrows", &trace, |processor, _| {
        processor.assert_rows([(
            FLOWS,
            rows![
                ["call 0", "serve 0"],
                ["call 18446744073709551615", "serve 18446744073709551615"],
                ["call 7", "serve 7"],
                ["post", "work"],
                ["post", "work"],
                ["post", "work"],
            ],
        )]);
    });
}

#[test]
fn steps_have_their_number() {
    let trace = traced(|| {
        on_thread("trainer", || {
            for n in 10..13 {
                step!("train", n, level = 2);
                step!("evaluate", -n, { n });
            }
        })
        .join()
        .unwrap();
    });
    in_both("steps", &trace, |processor, _| {
        let numbers =
            rows![["train", 10], ["evaluate", -10], ["train", 11], ["evaluate", -11], ["train", 12], ["evaluate", -12]];
        let sums = rows![
            ["trainer", "evaluate", 3, total(&trace, "evaluate"), 0],
            ["trainer", "train", 3, total(&trace, "train"), 0],
        ];
        processor.assert_rows([(integers("step_num").as_str(), numbers), (BY_TRACK, sums)]);
    });
}

#[test]
fn what_was_measured_elsewhere_has_its_time_and_metadata_on_its_own_track() {
    const MS: Duration = Duration::from_millis(1);
    let mut times: Vec<[Timestamp; 2]> = Vec::new();
    let trace = traced(|| {
        let zero = now();
        trace_scope!("poll");
        while now() - zero < 4 * MS {}
        for n in 0..3_u32 {
            // Each begins before the one before it ends.
            let [start, end] = [zero + MS * n, zero + MS * (n + 1) + MS / 2];
            times.push([start, end]);
            record_span("kernel", start..end.min(now()), &[("bytes", &(4096 << n)), ("stream", &format!("s{n}"))]);
        }
        record_span("copy", zero..zero, &[]);
    });
    let kernels: Vec<Span<'_>> = trace.spans().filter(|span| span.name() == "kernel".into()).collect();
    assert!(kernels.iter().all(|span| span.track().kind == TrackKind::Activity));
    for (span, [start, end]) in kernels.iter().zip(&times) {
        // The rate of the clock was known less well when the times were made.
        let off = span.duration().unwrap().abs_diff(u64::try_from((*end - *start).as_nanos()).unwrap());
        assert!(off < 10_000, "{span:?} is off by {off} ns");
    }
    in_both("measured", &trace, |processor, is_perfetto| {
        let zero = if is_perfetto { trace.clock().monotonic_ns } else { 0 };
        // Those that overlap are on an extra row.
        let slices = "SELECT substr(track.name, 1, 6), s.ts, s.dur, s.depth FROM slice s
            JOIN track ON track.id = s.track_id WHERE s.name = 'kernel' ORDER BY s.ts";
        let slices = if is_perfetto { slices.into() } else { slices.replace("track.name", "'kernel'") };
        let row = |span: &Span<'_>| -> Row {
            vec!["kernel".into(), int(zero + span.start()), int(span.duration().unwrap()), Cell::Int(0)]
        };
        let texts = "SELECT string_value FROM slice s JOIN args USING (arg_set_id)
            WHERE key IN ('debug.stream', 'args.stream') ORDER BY s.ts";
        processor.assert_rows([
            (slices.as_str(), kernels.iter().map(row).collect()),
            (integers("bytes").as_str(), rows![["kernel", 4096], ["kernel", 8192], ["kernel", 16384]]),
            (texts, rows![["s0"], ["s1"], ["s2"]]),
            ("SELECT count(*), sum(dur) FROM slice WHERE name = 'copy'", rows![[1, 0]]),
        ]);
    });
}

#[test]
fn the_process_says_what_recording_costs() {
    let trace = traced(|| trace_scope!("work", {}));
    in_both("costs", &trace, |processor, is_perfetto| {
        let label = "SELECT string_value FROM process JOIN args USING (arg_set_id) WHERE key GLOB '*process_label*'";
        let labels = processor.rows(label);
        let says = |row: &Row| matches!(&row[0], Cell::Str(text) if text.starts_with("a span costs "));
        assert_eq!(labels.iter().filter(|row| says(row)).count(), usize::from(is_perfetto), "{labels:?}");
    });
}
