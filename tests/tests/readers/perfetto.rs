//! What the trace processor makes of Perfetto's own format.

use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::node::file;
use crate::packets::{BEGIN, COUNTER, END, INSTANT, Sequence, child, counter, name, on, packet, process, thread};
use crate::processor::{Processor, rows};
use crate::protobuf::{bytes, fixed, message, number};

const SLICES: &str = "SELECT s.ts, s.dur, s.name, s.depth, parent.name FROM slice s
    LEFT JOIN slice parent ON parent.id = s.parent_id ORDER BY s.id";
const FLOWS: &str = "SELECT begin.name, end.name FROM flow JOIN slice begin ON begin.id = slice_out
    JOIN slice end ON end.id = slice_in ORDER BY 1, 2";
/// The name of a track, of its thread, and of its process unless it is a thread's.
const TRACKS: &str = "SELECT slice.name, track.name, thread.name, process.name FROM slice
    JOIN track ON track.id = slice.track_id
    LEFT JOIN thread_track ON thread_track.id = track.id LEFT JOIN thread USING (utid)
    LEFT JOIN process_track ON process_track.id = track.id LEFT JOIN process ON process.upid = process_track.upid
    ORDER BY slice.id";

const PROCESS: u64 = 1;
const MAIN: u64 = 2;
const WORKER: u64 = 3;

/// A file with a process, two threads, and what comes behind these.
fn trace(test: &str, packets: &[Vec<u8>]) -> PathBuf {
    let head = [process(PROCESS), thread(MAIN, 5, "main"), thread(WORKER, 6, "worker")].concat();
    file(&format!("{test}.pftrace"), [head, packets.concat()].concat())
}

fn load(test: &str, packets: &[Vec<u8>]) -> Processor {
    Processor::load(trace(test, packets))
}

/// Sequences of the two threads, each beginning at 1000 ns.
fn sequences() -> (Sequence, Sequence, [Vec<u8>; 2]) {
    let (main, worker) = (Sequence(1), Sequence(2));
    let opening = [main.open(MAIN, 1000), worker.open(WORKER, 1000)];
    (main, worker, opening)
}

#[test]
fn interned_names_and_values_of_every_type() {
    let main = Sequence(1);
    let names = |field: u64, name: &str| message(field, [number(1, 1), bytes(2, name)]);
    let interned = message(12, [names(1, "category"), names(2, "outer"), names(3, "key")]);
    let value = |name: &str, value: Vec<u8>| message(4, [bytes(10, name), value]);
    let values = [
        message(4, [number(1, 1), bytes(6, "te\"xt \\ é")]),
        value("empty", bytes(6, "")),
        value("i64", number(4, i64::MIN.cast_unsigned())),
        value("u64", number(3, u64::MAX)),
        value("bool", number(2, 1)),
        value("f64", fixed(5, 5e-324_f64.to_bits())),
        value("zero", fixed(5, (-0.0_f64).to_bits())),
        value("inf", fixed(5, f64::NEG_INFINITY.to_bits())),
        // Becomes NULL in SQL.
        value("nan", fixed(5, f64::NAN.to_bits())),
        // Keys and texts are changed in these two ways.
        value("a.b[1]", bytes(6, "before\0after")),
    ];
    let begin = message(11, [number(9, BEGIN), number(3, 1), number(10, 1), values.concat()]);
    let processor = load(
        "values",
        &[
            main.open(MAIN, 1000),
            packet([number(8, 10), number(10, 1), number(13, 2), interned, begin]),
            main.event(5, BEGIN, [name("inner")]),
            main.event(0, END, []),
            main.event(7, END, []),
        ],
    );
    processor.assert_rows([
        (SLICES, rows![[1010, 12, "outer", 0, ()], [1015, 0, "inner", 1, "outer"]]),
        ("SELECT category FROM slice", rows![["category"], [()]]),
        ("SELECT pid, name FROM process WHERE pid > 0", rows![[77, "program"]]),
        ("SELECT tid, name FROM thread WHERE tid = 5", rows![[5, "main"]]),
        (
            "SELECT key, value_type, int_value, string_value, real_value FROM args WHERE key GLOB 'debug.*'",
            rows![
                ["debug.key", "string", (), "te\"xt \\ é", ()],
                ["debug.empty", "string", (), "", ()],
                ["debug.i64", "int", i64::MIN, (), ()],
                ["debug.u64", "uint", -1, (), ()],
                ["debug.bool", "bool", 1, (), ()],
                ["debug.f64", "real", (), (), 5e-324],
                ["debug.zero", "real", (), (), -0.0],
                ["debug.inf", "real", (), (), f64::NEG_INFINITY],
                ["debug.nan", "real", (), (), ()],
                ["debug.a_b_1_", "string", (), "before", ()],
            ],
        ),
    ]);
}

#[test]
fn events_at_the_same_time_keep_the_order_of_the_file() {
    let (main, worker, opening) = sequences();
    let processor = load(
        "same_time",
        &[
            opening.concat(),
            main.event(10, BEGIN, [name("outer")]),
            main.event(0, BEGIN, [name("inner")]),
            main.event(0, INSTANT, [name("instant")]),
            main.event(0, END, []),
            main.event(0, END, []),
            main.event(0, BEGIN, [name("next")]),
            main.event(0, END, []),
            // An instant in the nanosecond of another one is taken for its child; a span is not.
            main.event(10, INSTANT, [name("earlier")]),
            main.event(0, INSTANT, [name("later")]),
            main.event(0, BEGIN, [name("after instants")]),
            main.event(5, END, []),
            // Nothing to end.
            worker.event(10, END, []),
            worker.event(0, BEGIN, [name("open")]),
            worker.event(5, BEGIN, [name("in open")]),
            worker.event(1, END, []),
        ],
    );
    processor.assert_rows([(
        SLICES,
        rows![
            [1010, 0, "outer", 0, ()],
            [1010, 0, "inner", 1, "outer"],
            [1010, 0, "instant", 2, "inner"],
            [1010, 0, "next", 0, ()],
            [1010, -1, "open", 0, ()],
            [1015, 1, "in open", 1, "open"],
            [1020, 0, "earlier", 0, ()],
            [1020, 0, "later", 1, "earlier"],
            [1020, 5, "after instants", 0, ()],
        ],
    )]);
}

#[test]
fn an_event_without_the_field_timestamp_is_dropped_in_silence() {
    let (main, _, opening) = sequences();
    let without = message(11, [number(9, INSTANT), name("without")]);
    let processor = load(
        "timestamp",
        &[
            opening.concat(),
            main.event(10, INSTANT, [name("before")]),
            packet([number(10, 1), number(13, 2), without]),
            main.event(1, INSTANT, [name("behind")]),
        ],
    );
    processor.assert_rows([(SLICES, rows![[1010, 0, "before", 0, ()], [1011, 0, "behind", 0, ()]])]);
}

#[test]
fn lanes_are_tracks_of_their_thread_or_process() {
    let (main, _, opening) = sequences();
    let (lane, other, of_process) = (20, 21, 22);
    let processor = load(
        "lanes",
        &[
            child(lane, MAIN, "lane"),
            child(other, MAIN, "lane"),
            child(of_process, PROCESS, "device"),
            child(23, PROCESS, "without events"),
            opening.concat(),
            main.event(1, BEGIN, [name("a")]),
            main.event(1, BEGIN, [name("b"), on(lane)]),
            main.event(1, BEGIN, [name("c"), on(lane)]),
            main.event(1, BEGIN, [name("d"), on(other)]),
            main.event(1, BEGIN, [name("e"), on(of_process)]),
            main.event(1, END, []),
            main.event(1, END, [on(lane)]),
            main.event(1, END, [on(lane)]),
            main.event(1, END, [on(other)]),
            main.event(1, END, [on(of_process)]),
        ],
    );
    processor.assert_rows([
        (
            SLICES,
            rows![
                [1001, 5, "a", 0, ()],
                [1002, 6, "b", 0, ()],
                [1003, 4, "c", 1, "b"],
                [1004, 5, "d", 0, ()],
                [1005, 5, "e", 0, ()],
            ],
        ),
        (
            TRACKS,
            rows![
                ["a", (), "main", ()],
                ["b", "lane", "main", ()],
                ["c", "lane", "main", ()],
                ["d", "lane", "main", ()],
                ["e", "device", (), "program"],
            ],
        ),
        ("SELECT DISTINCT track_id FROM slice WHERE name IN ('b', 'c')", rows![[1]]),
        ("SELECT count(*) FROM track WHERE name = 'without events'", rows![[0]]),
    ]);
}

#[test]
fn counters_with_units() {
    let (main, _, opening) = sequences();
    let (memory, queue) = (30, 31);
    let processor = load(
        "counters",
        &[
            counter(memory, PROCESS, "memory", "B"),
            counter(queue, MAIN, "queue", "items"),
            opening.concat(),
            main.event(1, COUNTER, [on(memory), number(30, i64::MIN.cast_unsigned())]),
            main.event(1, COUNTER, [on(memory), number(30, 9_007_199_254_740_993)]),
            main.event(1, COUNTER, [on(queue), fixed(44, 1.5_f64.to_bits())]),
            main.event(1, COUNTER, [on(queue), fixed(44, f64::INFINITY.to_bits())]),
            main.event(1, COUNTER, [on(queue), fixed(44, f64::NAN.to_bits())]),
        ],
    );
    // A counter is a double, whichever field it came in.
    processor.assert_rows([(
        "SELECT ts, value, counter_track.name, counter_track.unit, thread.name, process.name FROM counter
            JOIN counter_track ON counter_track.id = track_id
            LEFT JOIN thread_counter_track ON thread_counter_track.id = track_id LEFT JOIN thread USING (utid)
            LEFT JOIN process_counter_track ON process_counter_track.id = track_id
            LEFT JOIN process ON process.upid = process_counter_track.upid",
        rows![
            [1001, -9_223_372_036_854_775_808.0, "memory", "B", (), "program"],
            [1002, 9_007_199_254_740_992.0, "memory", "B", (), "program"],
            [1003, 1.5, "queue", "items", "main", ()],
            [1004, f64::INFINITY, "queue", "items", "main", ()],
            [1005, (), "queue", "items", "main", ()],
        ],
    )]);
}

#[test]
fn flows_follow_time_and_not_the_file() {
    let flow = |id: u64| fixed(47, id);
    let ending = |id: u64| fixed(48, id);
    let (main, worker, opening) = sequences();
    let span = |of: &Sequence, delta: u64, called: &str, flows: Vec<u8>| {
        [of.event(delta, BEGIN, [name(called), flows]), of.event(1, END, [])].concat()
    };
    let processor = load(
        "flows",
        &[
            opening.concat(),
            // Those who receive come first in the file.
            span(&worker, 500, "second", flow(1)),
            span(&worker, 10, "third", flow(1)),
            span(&worker, 10, "left", ending(2)),
            span(&worker, 10, "right", ending(u64::MAX)),
            span(&worker, 10, "too late", ending(2)),
            worker.event(1, INSTANT, [name("to instant"), flow(0)]),
            worker.event(1, INSTANT, [name("from end"), flow(4)]),
            // One id makes a chain; it takes many to fan out.
            span(&main, 1, "first", flow(1)),
            span(&main, 1, "fan", [flow(2), flow(u64::MAX)].concat()),
            main.event(1, INSTANT, [name("instant"), flow(0)]),
            main.event(1, BEGIN, [name("ends")]),
            main.event(1, END, [flow(4)]),
        ],
    );
    processor.assert_rows([(
        FLOWS,
        rows![
            ["ends", "from end"],
            ["fan", "left"],
            ["fan", "right"],
            ["first", "second"],
            ["instant", "to instant"],
            ["second", "third"],
        ],
    )]);
}

/// Deeper spans have no parent, and the ends of spans go to the wrong ones.
#[test]
fn a_track_has_512_levels() {
    let (main, _, opening) = sequences();
    let nested = |depth: usize| {
        let begins = (0..depth).map(|_| main.event(1, BEGIN, [name("span")]));
        let ends = (0..depth).map(|_| main.event(1, END, []));
        [opening.concat(), begins.chain(ends).collect::<Vec<_>>().concat()]
    };
    let depths = "SELECT count(*), max(depth), sum(dur = 2 * (512 - depth) - 1), sum(dur = -1) FROM slice";
    load("depth_512", &nested(512)).assert_rows([(depths, rows![[512, 511, 512, 0]])]);
    load("depth_513", &nested(513)).assert_rows([(depths, rows![[513, 511, 0, 1]])]);
}

/// A lane for each 512 levels keeps their times, and their thread.
#[test]
fn lanes_take_the_levels_that_a_track_does_not_have() {
    let (main, _, opening) = sequences();
    let lane = |depth: usize| [vec![], on(20), on(21)][depth / 512].clone();
    let begins = (0..1100).map(|depth| main.event(1, BEGIN, [name("span"), lane(depth)]));
    let ends = (0..1100).rev().map(|depth| main.event(1, END, [lane(depth)]));
    let lanes = [child(20, MAIN, "below 512"), child(21, 20, "below 1024")].concat();
    load("deep_lanes", &[lanes, opening.concat(), begins.chain(ends).collect::<Vec<_>>().concat()]).assert_rows([(
        "SELECT track.name, thread.name, count(*), max(depth), sum(dur = 2199 - 2 * (ts - 1001)) FROM slice
            JOIN track ON track.id = track_id LEFT JOIN thread_track ON thread_track.id = track.id
            LEFT JOIN thread USING (utid) GROUP BY track_id",
        rows![[(), "main", 512, 511, 512], ["below 512", "main", 512, 511, 512], ["below 1024", "main", 76, 75, 76]],
    )]);
}

#[test]
fn many_sequences() {
    let packets = (200..500).map(|id| {
        let (thread_track, sequence) = (1000 + id, Sequence(id));
        let span = [sequence.event(id, BEGIN, [name("span")]), sequence.event(1, END, [])];
        [thread(thread_track, id, "thread"), sequence.open(thread_track, 1000), span.concat()].concat()
    });
    load("sequences", &packets.collect::<Vec<_>>()).assert_rows([(
        "SELECT count(*), sum(dur), sum(ts = 1000 + tid) FROM slice
            JOIN thread_track ON thread_track.id = track_id JOIN thread USING (utid)",
        rows![[300, 300, 300]],
    )]);
}

#[test]
fn compressed_packets() {
    let (main, _, opening) = sequences();
    let packets = [opening.concat(), main.event(10, BEGIN, [name("span")]), main.event(5, END, [])];
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&packets.concat()).unwrap();
    let compressed = packet([bytes(50, encoder.finish().unwrap())]);
    load("compressed", &[compressed]).assert_rows([(SLICES, rows![[1010, 5, "span", 0, ()]])]);
}

#[test]
fn broken_files_are_refused() {
    let (main, _, opening) = sequences();
    let whole = || vec![opening.concat(), main.event(1, INSTANT, [name("instant")])];
    for (test, packets, expected) in [
        ("not_compressed", vec![packet([bytes(50, "neither zlib nor packets")])], "Failed to decompress"),
        ("zeros_behind", [whole(), vec![vec![10, 9, 8], vec![0; 64]]].concat(), "Failed"),
    ] {
        let complaint = load(test, &packets).try_query(&["SELECT * FROM slice"]).unwrap_err();
        assert!(complaint.contains(expected), "{test}: {complaint}");
    }
    for (test, contents, expected) in
        [("empty", "", "the file is empty"), ("garbage", "no trace at all", "Unknown trace type")]
    {
        let processor = Processor::load(file(&format!("{test}.pftrace"), contents));
        let complaint = processor.try_query(&["SELECT * FROM slice"]).unwrap_err();
        assert!(complaint.contains(expected), "{test}: {complaint}");
    }
}
