//! Exported traces: the readers show exactly what is in them.

use std::path::Path;
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use traceme::trace::{Cause, TraceBuilder, TrackKind, Value};
use traceme::{Flow, Memory, Session, Trace, activity, append, counter, instant, span, trace_scope};

use crate::devtools;
use crate::expected::{Format, Slice, drawn_end, shares_name, sorted};
use crate::processor::{Cell, Processor};
use crate::random::{self, Random};
use crate::shown::Shown;

traceme::categories! {
    NET = "net";
}

/// A process has one session at a time.
pub(crate) static SESSION: Mutex<()> = Mutex::new(());

/// Saves a trace in a format, has it loaded, and compares all that is shown. Gives what was shown of losses.
#[track_caller]
fn assert_shown(name: &str, trace: &Trace, format: Format) -> Vec<Slice> {
    let extension = if format == Format::Perfetto { "pftrace" } else { "json" };
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.{extension}"));
    trace.save(&path).unwrap();
    let Shown { lost, slices, samples, flows } = Processor::load(&path).shown();
    let expected = format.slices(trace);
    assert_eq!(slices.len(), expected.len(), "slices of {name}, {format:?}");
    for (shown, expected) in slices.iter().zip(&expected) {
        assert_slice(shown, expected, format);
    }
    assert_eq!(samples.len(), trace.counters().count(), "samples of {name}, {format:?}");
    for (shown, expected) in samples.iter().zip(format.samples(trace)) {
        assert_eq!(shown[..2], expected[..2]);
        assert_close(&shown[2], &expected[2], format);
    }
    assert_eq!(flows, format.flows(trace), "flows of {name}, {format:?}");
    lost
}

#[track_caller]
fn assert_slice(shown: &Slice, expected: &Slice, format: Format) {
    let mut shown = shown.clone();
    if expected.parent.is_none() {
        shown.parent = None;
    }
    for (key, (kind, value)) in &mut shown.args {
        if let Some((expected_kind, expected)) = expected.args.get(key) {
            assert_eq!(kind, expected_kind, "the type of {key}");
            assert_close(value, expected, format);
            *value = expected.clone();
        }
    }
    assert_eq!(shown, *expected, "{format:?}");
}

/// The same, but for the last digits that Perfetto's reader of JSON gets wrong.
#[track_caller]
fn assert_close(shown: &Cell, expected: &Cell, format: Format) {
    match (shown, expected) {
        (Cell::Float(shown), Cell::Float(expected)) if format == Format::Chrome => {
            // It takes the smallest numbers for 0, too.
            let most = expected.abs() * 1e-14 + f64::MIN_POSITIVE;
            assert!((shown - expected).abs() <= most, "{shown:?} instead of {expected:?}");
        }
        _ => assert_eq!(shown, expected),
    }
}

#[test]
fn random_traces_in_perfetto() {
    for seed in 0..6 {
        let trace = random::trace(&mut Random::new(seed));
        assert_shown(&format!("random-{seed}"), &trace, Format::Perfetto);
    }
}

#[test]
fn random_traces_in_chrome_json() {
    for seed in 0..6 {
        let trace = random::trace(&mut Random::new(seed));
        assert_shown(&format!("random-{seed}"), &trace, Format::Chrome);
    }
}

#[test]
fn a_thousand_levels() {
    let mut builder = TraceBuilder::default();
    let track = builder.add_track("deep", TrackKind::Device { ordinal: 0 }, None).unwrap();
    for depth in 0..1000 {
        builder.span(track, &format!("level {depth}"), depth, Some(5000 - depth), &[("n", Value::U64(depth))]).unwrap();
        builder.instant(track, "inside", depth, &[]).unwrap();
    }
    let trace = builder.build();
    assert_shown("levels", &trace, Format::Perfetto);
    assert_shown("levels", &trace, Format::Chrome);
}

/// Threads that record all there is, some of it lost.
fn recorded() -> Trace {
    let _alone = SESSION.lock().unwrap_or_else(PoisonError::into_inner);
    let session = Session::start(3).unwrap();
    let (sender, receiver) = std::sync::mpsc::sync_channel::<Flow>(4);
    let producer = thread::Builder::new().name("producer".into());
    let shared = Flow::new();
    let producer = producer.spawn(move || {
        for end in ["first out", "second out"] {
            trace_scope!(name = end, flow_out = shared);
            trace_scope!("inside");
        }
        for end in ["first in", "second in", "third in"] {
            trace_scope!(name = end, flow_in = shared);
            trace_scope!("inside");
        }
        for n in 0..200_u32 {
            let flow = Flow::new();
            trace_scope!("produce", level = 2, flow_out = flow, meta(n, path = "C:\\dir\\", quote = ?"\"é\n"));
            instant!("made", level = 3, meta(half = f64::from(n) / 2.0, nan = f64::NAN, c = '\u{1f980}'));
            counter!("queued", n, unit = "B");
            sender.send(flow).unwrap();
        }
    });
    let consumer = thread::Builder::new().name("consumer \"1\"".into());
    let consumer = consumer.spawn(move || {
        let mut going_on = std::collections::VecDeque::new();
        for (n, flow) in receiver.into_iter().enumerate() {
            // Up to five at a time, of which each ends after the next four have begun.
            going_on.push_back(activity!("fetch", category = NET, meta(n)));
            if going_on.len() == 5 {
                going_on.pop_front();
            }
            let outer = span!("consume", flow_in = flow, meta(largest = u64::MAX, least = i64::MIN));
            trace_scope!(
                name = format!("batch {n}"),
                meta(time = Duration::from_micros(n as u64), list = [1.5, -0.25])
            );
            let first = span!("first");
            let second = span!("second", meta(none = None::<u8>, on = n % 2 == 0));
            drop(first);
            append!(outer, rows = n);
            drop(second);
            if n % 50 == 0 {
                #[expect(clippy::mem_forget, reason = "a guard that is never dropped")]
                std::mem::forget(span!("forgotten"));
            }
            counter!("load", -0.5 * n as f64);
        }
        #[expect(clippy::mem_forget, reason = "an activity that never ends")]
        std::mem::forget(going_on.pop_back());
    });
    producer.unwrap().join().unwrap();
    consumer.unwrap().join().unwrap();
    let open: Vec<_> = (0..130).map(|depth| span!("open", meta(depth))).collect();
    let trace = session.stop();
    drop(open);
    assert_eq!(trace.losses().by_cause(Cause::TooDeep), 2);
    trace
}

#[test]
fn a_recorded_trace() {
    let trace = recorded();
    assert!(trace.spans().filter(|span| span.flags().is_overlapping()).count() >= 200);
    let activities = trace.spans().filter(|span| span.track().kind == TrackKind::Activity);
    assert_eq!(
        activities.map(|span| u64::from(span.flags().is_incomplete())).fold((0, 0), |(n, i), one| (n + 1, i + one)),
        (200, 1)
    );
    for format in [Format::Perfetto, Format::Chrome] {
        let lost = assert_shown("recorded", &trace, format);
        let names: Vec<&str> = lost.iter().map(|lost| lost.name.as_str()).collect();
        assert_eq!(names.len(), 2);
        assert!(names.contains(&"lost: too deep") && names.contains(&"gap: too deep"), "{names:?}");
        assert_lost(&trace, &lost, format);
    }
}

/// Checks what is shown of losses: each gap on its thread with cause, count and callsite, and a total for each cause.
#[track_caller]
fn assert_lost(trace: &Trace, shown: &[Slice], format: Format) {
    let (gaps, totals): (Vec<_>, Vec<_>) = shown.iter().cloned().partition(|slice| slice.name.starts_with("gap: "));
    assert_eq!(gaps.len(), trace.losses().iter().len());
    for (gap, expected) in sorted(gaps).iter().zip(&format.gaps(trace)) {
        assert_slice(gap, expected, format);
    }
    let mut expected: Vec<_> =
        Cause::ALL.iter().map(|&cause| (format!("lost: {cause}"), trace.losses().by_cause(cause))).collect();
    expected.retain(|(_, count)| *count > 0);
    let count = |total: &Slice| match total.args.iter().find(|(key, _)| key.ends_with(".count")) {
        Some((_, (_, Cell::Int(count)))) => u64::try_from(*count).unwrap(),
        other => panic!("{other:?}"),
    };
    let mut totals: Vec<_> = totals.iter().map(|total| (total.name.clone(), count(total))).collect();
    expected.sort();
    totals.sort();
    assert_eq!(totals, expected);
}

/// Two threads that lose events for two causes, one of them at several callsites, inside spans that are open.
fn full() -> Trace {
    let _alone = SESSION.lock().unwrap_or_else(PoisonError::into_inner);
    let session = Session::builder().memory(Memory::bounded(512 << 10)).start().unwrap();
    // Each has a chunk before one of them fills its own.
    let barrier = Arc::new(Barrier::new(2));
    let work = |name: &str| {
        let thread = thread::Builder::new().name(name.into());
        let barrier = Arc::clone(&barrier);
        let work = move || {
            let deep: Vec<_> = (0..130).map(|_| span!("deep")).collect();
            deep.into_iter().rev().for_each(drop);
            barrier.wait();
            trace_scope!("outer");
            for n in 0..3_000 {
                let inner = span!("inner", meta(n, text = "what fills a chunk: forty bytes of it..."));
                instant!("point", meta(n));
                counter!("sample", n);
                append!(inner, n);
            }
        };
        thread.spawn(work).unwrap()
    };
    ["one", "other"].map(work).into_iter().for_each(|thread| thread.join().unwrap());
    // One of which nothing is recorded: it isn't known in the trace.
    let thread = thread::Builder::new().name("nowhere".into());
    thread.spawn(|| (0..3).for_each(|_| instant!("nowhere"))).unwrap().join().unwrap();
    session.stop()
}

#[test]
fn what_was_lost() {
    let trace = full();
    let losses = trace.losses();
    assert_eq!(losses.by_cause(Cause::TooDeep), 4);
    assert!(losses.by_cause(Cause::Full) > 3 && losses.iter().any(|loss| loss.track.is_none() && loss.count == 3));
    for format in [Format::Perfetto, Format::Chrome] {
        let lost = assert_shown("lost", &trace, format);
        assert_lost(&trace, &lost, format);
    }
}

#[test]
fn a_recorded_trace_in_dev_tools() {
    let trace = recorded();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dev-tools.json.gz");
    trace.save(&path).unwrap();
    let panel = devtools::load(&path).unwrap();
    for track in trace.tracks() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 2^53")]
        let ns = |us: f64| (us * 1000.0).round() as u64;
        let spans = trace.spans().filter(|span| span.track().id == track.id);
        let mut expected: Vec<_> = spans
            .map(|span| {
                let end = drawn_end(span).unwrap_or(trace.duration());
                let mut keys = keys(span.args(), span.flags());
                if span.callsite().is_some_and(|callsite| shares_name(&trace, callsite)) {
                    keys.push("callsite".into());
                    keys.sort();
                }
                (span.start(), span.name().to_string(), end - span.start(), keys)
            })
            .collect();
        let instants = trace.instants().filter(|instant| instant.track().id == track.id);
        expected.extend(instants.map(|instant| {
            (instant.time(), instant.name().to_string(), 0, keys(instant.args(), traceme::trace::Flags::default()))
        }));
        let gaps = trace.losses().iter().filter(|loss| loss.track == Some(track.id));
        let of_gap = ["callsite", "cause", "count", "for_ns"].map(String::from).to_vec();
        expected.extend(gaps.map(|loss| (loss.first, format!("gap: {}", loss.cause), 0, of_gap.clone())));
        let rows = panel.threads.iter().filter(|thread| {
            thread.name.as_ref().is_some_and(|name| name.split(" (lane ").next() == Some(track.name.as_str()))
        });
        let entries = rows.flat_map(|row| &row.entries);
        let mut shown: Vec<_> = entries
            .map(|entry| {
                let keys = entry.args.as_object().map_or_else(Vec::new, |args| args.keys().cloned().collect());
                (ns(entry.ts), entry.name.clone(), ns(entry.dur.unwrap_or(0.0)), keys)
            })
            .collect();
        expected.sort();
        shown.sort();
        assert_eq!(shown, expected, "on {track:?}");
    }
}

/// The keys of metadata as JSON has them, sorted.
fn keys<'a>(args: impl Iterator<Item = (&'a str, Value<'a>)>, flags: traceme::trace::Flags) -> Vec<String> {
    let mut keys: Vec<String> = args
        .map(|(key, value)| if matches!(value, Value::Duration(_)) { format!("{key}_ns") } else { key.into() })
        .chain(flags.names().next().map(|_| "traceme_flags".into()))
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

/// Guards that are dropped in any order, or forgotten, with all that can be recorded meanwhile.
fn recorded_at_random(random: &mut Random) -> Trace {
    let _alone = SESSION.lock().unwrap_or_else(PoisonError::into_inner);
    let session = Session::start(3).unwrap();
    let mut guards = Vec::new();
    for n in 0..1500_u32 {
        let which = usize::try_from(random.below(guards.len().max(1) as u64)).unwrap();
        match random.below(10) {
            0..=1 => guards.push(span!("a", meta(n))),
            2 => guards.push(span!("b", category = NET, meta(n, text = %n, literal = "\\"))),
            3 => guards.push(span!(name = format!("run-time {n}"))),
            4 => instant!("point", meta(n, deep = guards.len())),
            5 if !guards.is_empty() => append!(guards[which], n, again = n % 7),
            6 if !guards.is_empty() => append!(guards[which], again = f64::from(n)),
            7 if random.below(8) == 0 && !guards.is_empty() => {
                #[expect(clippy::mem_forget, reason = "a guard that is never dropped")]
                std::mem::forget(guards.swap_remove(which));
            }
            _ if !guards.is_empty() => drop(guards.remove(which)),
            _ => {}
        }
        guards.truncate(100);
    }
    // Some are open.
    let trace = session.stop();
    drop(guards);
    assert!(trace.losses().is_empty());
    trace
}

#[test]
fn traces_recorded_at_random() {
    for seed in 0..4 {
        let trace = recorded_at_random(&mut Random::new(seed));
        for format in [Format::Perfetto, Format::Chrome] {
            assert_shown(&format!("recorded-{seed}"), &trace, format);
        }
    }
}

#[test]
fn compressed_traces() {
    let trace = random::trace(&mut Random::new(100));
    let expected = Format::Perfetto.slices(&trace);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compressed.pftrace.gz");
    trace.save(&path).unwrap();
    let packed = path.with_file_name("packed.pftrace");
    traceme::export::perfetto_compressed(&trace, std::fs::File::create(&packed).unwrap()).unwrap();
    for path in [path, packed] {
        let shown = Processor::load(path).shown();
        assert_eq!(shown.slices.len(), expected.len());
        shown
            .slices
            .iter()
            .zip(&expected)
            .for_each(|(shown, expected)| assert_slice(shown, expected, Format::Perfetto));
    }
}

#[test]
fn an_empty_trace() {
    for format in [Format::Perfetto, Format::Chrome] {
        let lost = assert_shown("empty", &Trace::default(), format);
        assert!(lost.is_empty());
    }
}
