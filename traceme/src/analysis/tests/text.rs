//! The table.

use super::{GPU, trace};
use crate::analysis::{CauseSummary, NameCount, SortBy, Summary};
use crate::trace::{Budget, Cause, TraceBuilder, TrackKind, Value};

fn name_count(name: &str, count: u64) -> NameCount {
    NameCount { name: name.into(), count, estimated: count }
}

fn example() -> Summary {
    let mut builder = TraceBuilder::default();
    let gpu = builder.add_track("gpu", GPU, None).expect("a track");
    let memory = builder.add_track("memory", TrackKind::Counter { unit: "B".into() }, None).expect("a track");
    builder.span(gpu, "main", 0, Some(3_000_000_000), &[]).expect("a span");
    for n in 0..20 {
        let start = n * 100_000_000;
        builder.span(gpu, "parse", start, Some(start + 1_234_567 + n), &[]).expect("a span");
        builder
            .span(gpu, "compiler::backend::register_allocation", start + 2_000_000, Some(start + 52_000_000), &[])
            .expect("a span");
    }
    builder.span(gpu, "worker", 2_999_000_000, None, &[]).expect("a span");
    builder.instant(gpu, "miss", 5, &[]).expect("an instant");
    builder.sample(memory, 0, Value::U64(4096)).expect("a sample");
    builder.sample(memory, 1_000_000_000, Value::U64(12_000_000)).expect("a sample");
    builder.build().summary()
}

#[test]
fn a_summary_prints_as_a_table() {
    let mut summary = example();
    summary.process.name = "prog".into();
    summary.process.pid = 12;
    let expected = "\
3.00 s recorded in prog (12): 42 spans, 1 instant, 2 samples on 1 track

spans                           count    self self %   total    mean     p50     p95     p99     max
main                                1  1.97 s   65.8  3.00 s  3.00 s  3.00 s  3.00 s  3.00 s  3.00 s
compiler::backe…ter_allocation     20  1.00 s   33.3  1.00 s 50.0 ms 50.0 ms 50.0 ms 50.0 ms 50.0 ms
parse                              20 24.7 ms    0.8 24.7 ms 1.23 ms 1.23 ms 1.23 ms 1.23 ms 1.23 ms
worker                              1 1.00 ms    0.0 1.00 ms       -       -       -       -       -
  without a known end: worker 1

tracks            busy busy %  spans instants   lost
gpu    device 0 3.00 s  100.0     42        1      0

instants  count
miss          1

counters   samples    min   mean    max   last
memory [B]       2   4096 8.00 M 12.0 M 12.0 M

Nothing was lost.
";
    assert_eq!(summary.to_string(), expected);
}

#[test]
fn what_is_said_of_recorded_ones_only_says_so() {
    let mut summary = example();
    for spans in &mut summary.spans {
        spans.failed = u64::from(spans.name != "main");
    }
    let text = summary.to_string();
    assert!(text.contains("\n  ended in an error: ") && !text.contains("of those recorded"), "{text}");
    assert!(!text.contains("busy with"), "{text}");

    let parse = summary.spans.iter_mut().find(|spans| spans.name == "parse").expect("it is there");
    parse.estimated = 400;
    summary.losses.left_out = 380;
    let text = summary.to_string();
    assert!(text.contains("\n  ended in an error, of those recorded: "), "{text}");
    assert!(text.contains("\n  without a known end: worker 1\n"), "{text}");
    assert!(text.contains("\n  busy with what is recorded: what sampling left out is not in it\n"), "{text}");
}

#[test]
fn a_budget_that_was_exceeded_is_told_as_exceeded() {
    let mut summary = example();
    for (used, expected) in [
        (0.009, "0.90 % of the processor time, by an estimate; its budget is 1.00 %."),
        (0.010_01, "1.00 % of the processor time, by an estimate; its budget is 1.00 %."),
        (0.0545, "5.45 % of the processor time, by an estimate: more than its budget, which is 1.00 %."),
    ] {
        summary.budget = Some(Budget { share: 0.01, used });
        let text = summary.to_string();
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn rows_that_are_left_out_are_added_up() {
    let summary = example();
    let text = summary.table().rows(2).sort_by(SortBy::Count).width(110).to_string();
    let expected = "
spans                                   count    self self %   total    mean     p50     p95     p99     max
compiler::backend::register_allocation     20  1.00 s   33.3  1.00 s 50.0 ms 50.0 ms 50.0 ms 50.0 ms 50.0 ms
parse                                      20 24.7 ms    0.8 24.7 ms 1.23 ms 1.23 ms 1.23 ms 1.23 ms 1.23 ms
and 2 more                                  2  1.98 s   65.8
  without a known end: worker 1
";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn any_order_can_be_had() {
    // a: most self time; b: most total; c: longest; d: most often.
    let summary = trace(&[
        &[("b", 0, Some(100)), ("a", 0, Some(70)), ("b", 200, Some(260)), ("a", 200, Some(250))],
        &[("c", 0, Some(110)), ("d", 0, Some(20)), ("d", 20, Some(40)), ("d", 40, Some(60))],
    ])
    .summary();
    let first = |sort_by| {
        let text = summary.table().sort_by(sort_by).to_string();
        text.lines().nth(3).and_then(|line| line.split(' ').next()).map(String::from).expect("a row")
    };
    let orders = [SortBy::SelfTime, SortBy::Total, SortBy::Count, SortBy::Max];
    assert_eq!(orders.map(first), ["a", "b", "d", "c"]);
}

#[test]
fn losses_are_the_second_line_and_the_last() {
    let mut summary = example();
    let callsites = vec![name_count("parse", 100), name_count("lex", 20)];
    summary.losses.lost = 121;
    summary.losses.causes = vec![
        CauseSummary { cause: Cause::Full, count: 120, first: 2_000_000, last: 2_500_000_000, callsites },
        CauseSummary { cause: Cause::TooDeep, count: 1, first: 7, last: 7, callsites: vec![name_count("f", 1)] },
    ];
    (summary.losses.late, summary.losses.damaged_words, summary.losses.missing_sections) = (1, 3, 1);
    let text = summary.to_string();
    let lost = "!!! NOT EVERYTHING WAS RECORDED: 121 events lost, 1 event late, 3 words damaged, 1 section missing";
    assert_eq!(text.lines().nth(1), Some(format!("{lost} (see the end)").as_str()));
    let end = format!(
        "\n\n{lost}\n    full: 120, 2.00 ms to 2.50 s (parse 100, lex 20)\n    too deep: 1, 7 ns to 7 ns (f 1)\n"
    );
    assert!(text.ends_with(&end), "{text}");
}

#[test]
fn hostile_names_break_no_line() {
    let mut builder = TraceBuilder::default();
    let gpu = builder.add_track("gpu\n", GPU, None).expect("a track");
    builder.span(gpu, "a\nb\u{1b}[31m", 0, Some(10), &[]).expect("a span");
    builder.span(gpu, &"é".repeat(5000), 10, None, &[]).expect("a span");
    builder.instant(gpu, "\r", 10, &[]).expect("an instant");
    let text = builder.build().summary().to_string();
    assert!(text.lines().all(|line| line.chars().count() <= 100 && !line.contains(char::is_control)), "{text}");
    assert_eq!(text.lines().count(), 14, "{text}");
}

#[cfg(feature = "serde")]
#[test]
fn a_summary_is_serialised_under_the_names_of_its_fields() {
    let mut summary = trace(&[&[("a", 0, Some(10)), ("b", 2, Some(6)), ("a", 20, None)]]).summary();
    summary.losses.causes =
        vec![CauseSummary { cause: Cause::TooDeep, count: 1, first: 5, last: 6, callsites: Vec::new() }];
    let expected = serde_json::json!({
        "process": { "pid": 0, "name": "" },
        "duration": 20,
        "spans": [
            { "name": "a", "count": 2, "estimated": 2, "incomplete": 1, "panicked": 0, "failed": 0, "alerted": 0,
              "held_across_await": 0, "total": 10, "total_error": 0, "self_time": 6, "min": 10,
              "mean": 10, "p50": 10, "p95": 10, "p99": 10, "max": 10 },
            { "name": "b", "count": 1, "estimated": 1, "incomplete": 0, "panicked": 0, "failed": 0, "alerted": 0,
              "held_across_await": 0, "total": 4, "total_error": 0, "self_time": 4, "min": 4,
              "mean": 4, "p50": 4, "p95": 4, "p99": 4, "max": 4 },
        ],
        "instants": [],
        "tasks": [],
        "tracks": [
            { "name": "gpu", "kind": { "Device": { "ordinal": 0 } }, "busy": 10, "utilisation": 0.5, "spans": 3,
              "instants": 0, "lost": 0 },
        ],
        "counters": [],
        "missed_alerts": 0,
        "overhead": null,
        "budget": null,
        "losses": {
            "recorded": 3, "lost": 0, "left_out": 0, "causes": [{ "cause": "too deep", "count": 1, "first": 5, "last": 6, "callsites": [] }], "late": 0,
            "damaged_words": 0, "missing_sections": 0, "unmatched_ends": 0,
        },
    });
    assert_eq!(serde_json::to_value(&summary).expect("it can be serialised"), expected);
}
