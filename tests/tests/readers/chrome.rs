//! What the trace processor and DevTools make of Chrome JSON.

use std::path::PathBuf;

use crate::devtools::{self, Panel};
use crate::node::file;
use crate::processor::{Processor, rows};

const SLICES: &str = "SELECT s.ts, s.dur, s.name, s.depth, parent.name FROM slice s
    LEFT JOIN slice parent ON parent.id = s.parent_id ORDER BY s.id";
const FLOWS: &str = "SELECT begin.name, end.name FROM flow JOIN slice begin ON begin.id = slice_out
    JOIN slice end ON end.id = slice_in ORDER BY flow.id";
const ARGS: &str = "SELECT key, value_type, int_value, string_value, real_value FROM args WHERE key GLOB 'args.*'";

/// A file of events. Those start a line each, so that a complaint tells which it is about.
fn trace(test: &str, events: &[impl AsRef<str>]) -> PathBuf {
    let events: Vec<_> = events.iter().map(AsRef::as_ref).collect();
    file(&format!("{test}.json"), format!("{{\"traceEvents\":[\n{}\n]}}\n", events.join(",\n")))
}

/// An event of thread 5 in process 77, or another thread where `more` says so.
fn event(ph: char, name: &str, ts: &str, more: &str) -> String {
    let thread = if more.contains("\"tid\"") { "" } else { r#","tid":5"# };
    format!(r#"{{"ph":"{ph}","name":"{name}","cat":"c","pid":77,"ts":{ts}{thread}{more}}}"#)
}

fn span(name: &str, ts: &str, dur: &str) -> String {
    event('X', name, ts, &format!(r#","dur":{dur}"#))
}

/// A span of 10 µs in a thread of its own.
fn span_in(tid: u64, ts: &str) -> String {
    event('X', &format!("in {tid}"), ts, &format!(r#","dur":10.000,"tid":{tid}"#))
}

fn flow(ph: char, tid: u64, ts: &str, id: &str) -> String {
    event(ph, "flow", ts, &format!(r#","tid":{tid},"id":{id},"bp":"e""#))
}

/// The names and depths of the first thread's entries in DevTools.
fn depths(panel: &Panel) -> Vec<(&str, Option<u64>)> {
    panel.threads[0].entries.iter().map(|entry| (entry.name.as_str(), entry.depth)).collect()
}

#[test]
fn spans_instants_counters_and_names() {
    let metadata = |name: &str, value: &str| event('M', name, "0", &format!(r#","args":{{"name":"{value}"}}"#));
    let path = trace(
        "all",
        &[
            metadata("process_name", "program"),
            metadata("thread_name", r#"w\"orker é"#),
            span("outer", "1.000", "10.500"),
            span("inner", "2.001", "1.002"),
            event('I', "instant", "2.500", r#","s":"t""#),
            event('C', "memory", "3.000", r#","args":{"bytes":1.5}"#),
            event('C', "memory", "4.000", r#","args":{"bytes":"NaN"}"#),
        ],
    );
    Processor::load(&path).assert_rows([
        (
            SLICES,
            rows![[1000, 10500, "outer", 0, ()], [2001, 1002, "inner", 1, "outer"], [2500, 0, "instant", 2, "inner"]],
        ),
        ("SELECT DISTINCT category FROM slice", rows![["c"]]),
        ("SELECT pid, name FROM process WHERE pid > 0", rows![[77, "program"]]),
        ("SELECT tid, name FROM thread WHERE tid = 5", rows![[5, "w\"orker é"]]),
        (
            "SELECT ts, value, name FROM counter JOIN counter_track ON counter_track.id = track_id",
            rows![[3000, 1.5, "memory bytes"], [4000, (), "memory bytes"]],
        ),
    ]);
    let panel = devtools::load(&path).unwrap();
    assert_eq!(depths(&panel), [("outer", Some(0)), ("inner", Some(1)), ("instant", Some(2))]);
    let [thread] = &panel.threads[..] else { panic!("{panel:?}") };
    assert_eq!((thread.process.as_deref(), thread.name.as_deref()), (Some("program"), Some("w\"orker é")));
    assert_eq!((thread.tid, thread.entries[1].ts, thread.entries[1].dur), (5, 2.001, Some(1.002)));
    assert!(panel.counts.contains(&("memory".into(), "C".into(), 2)), "{panel:?}");
}

#[test]
fn values_of_every_type() {
    let args = r#"{"i64":-9223372036854775808,"u64":"18446744073709551615","f64":0.1,"whole":2.0,"large":1e22,
        "nan":"NaN","yes":true,"text":"a\"b é","list":[1,["x"]],"null":null}"#;
    let path = trace("values", &[event('X', "span", "1.000", &format!(r#","dur":1.000,"args":{args}"#))]);
    Processor::load(&path).assert_rows([(
        ARGS,
        rows![
            ["args.i64", "int", i64::MIN, (), ()],
            ["args.u64", "string", (), "18446744073709551615", ()],
            ["args.f64", "real", (), (), 0.1],
            ["args.whole", "real", (), (), 2.0],
            ["args.large", "real", (), (), 1e22],
            ["args.nan", "string", (), "NaN", ()],
            ["args.yes", "bool", 1, (), ()],
            ["args.text", "string", (), "a\"b é", ()],
            ["args.list[0]", "int", 1, (), ()],
            ["args.list[1][0]", "string", (), "x", ()],
        ],
    )]);
    let panel = devtools::load(&path).unwrap();
    assert_eq!(panel.threads[0].entries[0].args["text"], "a\"b é");
}

/// Each drops or changes the value, and what follows it, without a word.
#[test]
fn numbers_that_the_trace_processor_misreads() {
    for (test, value, expected) in [
        ("too_large", "1e400", rows![]),
        ("no_exponent", "100000000000000000000000.0", rows![["real", 200_376_420_520_689_660.0], ["int", ()]]),
        ("above_i64", "18446744073709551615", rows![["real", -1.0], ["int", ()]]),
        ("subnormal", "5e-324", rows![["real", 0.0], ["int", ()]]),
    ] {
        let args = format!(r#","dur":1.000,"args":{{"value":{value},"behind":1}}"#);
        let path = trace(test, &[event('X', "span", "1.000", &args)]);
        let statement = "SELECT value_type, real_value FROM args WHERE key GLOB 'args.*'";
        Processor::load(&path).assert_rows([(statement, expected)]);
    }
}

/// The trace processor takes a text as it stands in the file, unless there is an escaped quote in it.
#[test]
fn escapes_in_texts() {
    for (test, written, seen, meant) in [
        ("escapes", r"a\nb\\c\u0001", r"a\nb\\c\u0001", "a\nb\\c\u{1}"),
        ("quote", r#"a\nb\\c\u0001\""#, "a\nb\\c\u{1}\"", "a\nb\\c\u{1}\""),
        ("last_backslash", r"C:\\dir\u005c", r"C:\\dir\u005c", r"C:\dir\"),
    ] {
        let args = format!(r#","dur":1.000,"args":{{"{written}":"{written}"}}"#);
        let path = trace(test, &[event('X', written, "1.000", &args)]);
        Processor::load(&path).assert_rows([
            (SLICES, rows![[1000, 1000, seen, 0, ()]]),
            (ARGS, rows![[&*format!("args.{seen}"), "string", (), seen, ()]]),
        ]);
        let panel = devtools::load(&path).unwrap();
        let entry = &panel.threads[0].entries[0];
        assert_eq!((entry.name.as_str(), &entry.args[meant]), (meant, &meant.into()));
    }
    // JSON, but the trace processor takes the closing quote for an escaped one.
    let path = trace("escaped_backslash", &[span(r"C:\\", "1.000", "1.000")]);
    assert!(Processor::load(&path).try_query(&[SLICES]).unwrap_err().contains("Failure parsing JSON"));
    assert_eq!(depths(&devtools::load(&path).unwrap()), [(r"C:\", Some(0))]);
}

/// The order in the file decides between spans of the same times.
#[test]
fn spans_of_the_same_times() {
    let path = trace(
        "same_times",
        &[
            span("outer", "1.000", "10.000"),
            span("middle", "1.000", "10.000"),
            span("inner", "1.000", "0.000"),
            span("zero", "20.000", "0.000"),
            span("in zero", "20.000", "0.000"),
            // Adjacent, as DevTools sees it at small times only.
            span("left", "30.000", "5.000"),
            span("right", "35.000", "5.000"),
            // At the end of its parent, which makes it a sibling.
            span("at end", "40.000", "0.000"),
        ],
    );
    Processor::load(&path).assert_rows([(
        SLICES,
        rows![
            [1000, 10000, "outer", 0, ()],
            [1000, 10000, "middle", 1, "outer"],
            [1000, 0, "inner", 2, "middle"],
            [20000, 0, "zero", 0, ()],
            [20000, 0, "in zero", 1, "zero"],
            [30000, 5000, "left", 0, ()],
            [35000, 5000, "right", 0, ()],
            [40000, 0, "at end", 0, ()],
        ],
    )]);
    let panel = devtools::load(&path).unwrap();
    let expected = [0, 1, 2, 0, 0, 0, 0, 0].map(Some);
    assert_eq!(depths(&panel).into_iter().map(|(_, depth)| depth).collect::<Vec<_>>(), expected);
}

/// Also a span in front of another one comes to lie in it, if it has no length.
#[test]
fn a_span_without_length_in_front_of_another_one() {
    let path = trace("in_front", &[span("zero", "1.000", "0.000"), span("next", "1.000", "5.000")]);
    let expected = rows![[1000, 5000, "next", 0, ()], [1000, 0, "zero", 1, "next"]];
    Processor::load(&path).assert_rows([(SLICES, expected)]);
}

#[test]
fn overlaps_and_missing_durations_are_problems() {
    for (test, second, problem) in [
        ("overlap", span("second", "5.000", "10.000"), "slice_drop_overlapping_complete_event"),
        ("no_duration", event('X', "second", "5.000", ""), "json_parser_failure"),
        ("negative", span("second", "-5.000", "1.000"), "trace_sorter_negative_timestamp_dropped"),
    ] {
        let path = trace(test, &[span("first", "1.000", "10.000"), second]);
        let (tables, problems) = Processor::load(path).query_damaged(&[SLICES]);
        assert_eq!(tables[0].rows, rows![[1000, 10000, "first", 0, ()]], "{test}");
        assert_eq!(problems, rows![[problem, 1]]);
    }
}

#[test]
fn times_are_exact() {
    let times = ["0.001", "123456789.123", "999999999999.999", "4000000000000.001"];
    // On a thread each: they overlap.
    let spans = times.iter().zip(6..).map(|(ts, tid)| event('X', "span", ts, &format!(r#","dur":{ts},"tid":{tid}"#)));
    let processor = Processor::load(trace("times", &spans.collect::<Vec<_>>()));
    assert_eq!(
        processor.rows("SELECT ts, dur FROM slice ORDER BY ts"),
        rows![
            [1, 1],
            [123_456_789_123, 123_456_789_123],
            [999_999_999_999_999, 999_999_999_999_999],
            [4_000_000_000_000_001, 4_000_000_000_000_001],
        ]
    );
}

#[test]
fn flows() {
    let spans = || vec![span_in(1, "10.000"), span_in(2, "30.000"), span_in(3, "50.000")];
    let with = |flows: Vec<String>| [spans(), flows].concat();
    let cases = [
        // Each `f` closes an arrow from the one `s`; DevTools sees the first only.
        (
            "flow_ends",
            with(vec![flow('s', 1, "10.000", "7"), flow('f', 2, "30.000", "7"), flow('f', 3, "50.000", "7")]),
            rows![["in 1", "in 2"], ["in 1", "in 3"]],
            vec![vec!["in 1", "in 2"]],
        ),
        // `t` makes a chain of it.
        (
            "flow_steps",
            with(vec![flow('s', 1, "10.000", "7"), flow('t', 2, "30.000", "7"), flow('f', 3, "50.000", "7")]),
            rows![["in 1", "in 2"], ["in 2", "in 3"]],
            vec![vec!["in 1", "in 2", "in 3"]],
        ),
        // An id for each arrow is what both understand.
        (
            "flow_ids",
            with(vec![
                flow('s', 1, "10.000", "7"),
                flow('s', 1, "10.000", "8"),
                flow('f', 2, "30.000", "7"),
                flow('f', 3, "50.000", "8"),
            ]),
            rows![["in 1", "in 2"], ["in 1", "in 3"]],
            vec![vec!["in 1", "in 2"], vec!["in 1", "in 3"]],
        ),
        // Within a span: for DevTools it has to be at its start.
        (
            "flow_within",
            with(vec![flow('s', 1, "12.000", "7"), flow('f', 2, "32.000", "7")]),
            rows![["in 1", "in 2"]],
            vec![],
        ),
    ];
    for (test, events, arrows, shown) in cases {
        let path = trace(test, &events);
        Processor::load(&path).assert_rows([(FLOWS, arrows)]);
        assert_eq!(devtools::load(&path).unwrap().flows, shown, "{test}");
    }
}

#[test]
fn flows_that_are_problems() {
    let spans = [span_in(1, "10.000"), span_in(2, "30.000"), span_in(3, "50.000")];
    for (test, flows, arrows, problems) in [
        (
            "flow_twice",
            vec![flow('s', 1, "10.000", "7"), flow('s', 2, "30.000", "7"), flow('f', 3, "50.000", "7")],
            rows![["in 1", "in 3"]],
            rows![["flow_duplicate_id", 1]],
        ),
        (
            "flow_outside",
            vec![flow('s', 1, "5.000", "7"), flow('f', 2, "30.000", "7")],
            rows![],
            rows![["flow_no_enclosing_slice", 1]],
        ),
        // Without a word.
        ("flow_back", vec![flow('s', 2, "30.000", "7"), flow('f', 1, "10.000", "7")], rows![], rows![]),
        (
            "flow_category",
            vec![flow('s', 1, "10.000", "7"), flow('f', 2, "30.000", "7").replace(r#""cat":"c""#, r#""cat":"d""#)],
            rows![],
            rows![],
        ),
    ] {
        let path = trace(test, &[spans.to_vec(), flows].concat());
        let (tables, found) = Processor::load(path).query_damaged(&[FLOWS]);
        assert_eq!((&tables[0].rows, found), (&arrows, problems), "{test}");
    }
}

/// Deeper spans have no parent; their times are right, other than in Perfetto's own format.
#[test]
fn a_thread_has_512_levels() {
    let spans: Vec<_> = (0..600).map(|at| span("span", &at.to_string(), &(2000 - 2 * at).to_string())).collect();
    let path = trace("depth", &spans);
    Processor::load(&path).assert_rows([(
        "SELECT count(*), max(depth), sum(parent_id IS NULL), sum(dur = 2000000 - 2 * ts) FROM slice",
        rows![[600, 511, 89, 600]],
    )]);
    assert_eq!(depths(&devtools::load(&path).unwrap())[599], ("span", Some(599)));
}

#[test]
fn broken_files_are_refused() {
    let whole = format!("{{\"traceEvents\":[{}]}}", span("span", "1.000", "1.000"));
    for (test, contents, expected) in
        [("cut", &whole[..60], "incomplete"), ("list", "[]", "Unknown trace type"), ("empty", "", "the file is empty")]
    {
        let path = file(&format!("broken_{test}.json"), contents);
        let complaint = Processor::load(&path).try_query(&["SELECT * FROM slice"]).unwrap_err();
        assert!(complaint.contains(expected), "{test}: {complaint}");
    }
    let path = file("broken.json", &whole[..60]);
    assert!(devtools::load(&path).unwrap_err().contains("JSON"));
    let nameless = file("nameless.json", whole.replace(r#""name":"span","#, ""));
    assert!(devtools::load(&nameless).unwrap_err().contains("endsWith"));
}

#[test]
fn an_empty_trace_is_a_trace() {
    let path = trace("no_events", &[""; 0]);
    Processor::load(&path).assert_rows([("SELECT count(*) FROM slice", rows![[0]])]);
    assert_eq!(devtools::load(&path).unwrap().threads.len(), 0);
}
