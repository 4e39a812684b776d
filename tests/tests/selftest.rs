//! What recording costs, as the library measures it itself, and what becomes of that.
#![allow(unsafe_code, reason = "fork")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[cfg(unix)]
#[path = "common/forking.rs"]
mod forking;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{alone, assert_sound, in_child, span_names, spawn, traced};
#[cfg(unix)]
use forking::{ensure, fork};
use traceme::session::{Action, Trigger};
use traceme::trace::{ClockSource, Read, TraceBuilder, TrackKind};
use traceme::{Memory, Selftest, Session, instant, now, record_span, selftest, trace_scope};

#[track_caller]
fn assert_plausible(costs: &Selftest) {
    assert!(costs.clock != ClockSource::Mock);
    let Selftest { clock_read_ns, span_ns, span_with_values_ns, instant_ns, not_recording_ns, .. } = *costs;
    for ns in [clock_read_ns, span_ns, span_with_values_ns, instant_ns, not_recording_ns] {
        assert!(ns > 0.0 && ns < 1e6, "{costs:?}");
    }
    // Other programs may be in the way of one test, and of another one: only what differs by far is compared, and not once.
    let is_in_order = |costs: &Selftest| {
        let Selftest { clock_read_ns, span_ns, span_with_values_ns, not_recording_ns, .. } = *costs;
        span_ns > clock_read_ns && span_with_values_ns > clock_read_ns && span_ns > 2.0 * not_recording_ns
    };
    assert!(is_in_order(costs) || (0..100).any(|_| is_in_order(&selftest().unwrap())), "{costs:?}, and 100 more");
}

#[test]
fn it_needs_no_session_and_leaves_nothing_to_the_next() {
    let _alone = alone();
    let costs = selftest().unwrap();
    assert_plausible(&costs);
    let shown = costs.to_string();
    assert_eq!(shown.lines().count(), 5, "{shown}");
    let session = Session::start(255).unwrap();
    trace_scope!("work", { 1 });
    let trace = session.stop();
    assert_eq!((span_names(&trace), trace.losses().is_empty()), (vec!["work".into()], true));
}

#[test]
fn it_records_nothing_into_a_session_that_runs() {
    let _alone = alone();
    for memory in [Memory::default(), Memory::ring(1 << 20), Memory::summary_only()] {
        let session = Session::builder().filter("all").memory(memory).start().unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let recorded = Arc::new(AtomicU64::new(0));
        let (stop, count) = (Arc::clone(&done), Arc::clone(&recorded));
        let worker = spawn("works", move || {
            while !stop.load(Ordering::Relaxed) {
                trace_scope!("work", meta(n = count.fetch_add(1, Ordering::Relaxed)));
            }
        });
        let tests: Vec<_> = (0..2).map(|_| spawn("tests", || selftest().unwrap())).collect();
        // What is recorded may change meanwhile.
        session.set_filter("all,cat:none=off").unwrap();
        tests.into_iter().for_each(|test| assert_plausible(&test.join().unwrap()));
        trace_scope!("beside", { 1 });
        done.store(true, Ordering::Relaxed);
        worker.join().unwrap();
        let trace = session.stop();
        let attempts = recorded.load(Ordering::Relaxed) + 1;
        let losses = trace.summary().losses;
        assert_eq!((losses.recorded + losses.lost, losses.late), (attempts, 0));
        assert!(trace.summary().tracks.iter().all(|track| track.name != "traceme-selftest"));
        assert!(trace.summary().spans.iter().all(|span| ["work", "beside"].contains(&span.name.as_str())));
    }
}

#[test]
fn a_session_may_start_and_stop_meanwhile() {
    let _alone = alone();
    let test = spawn("tests", || (0..5).map(|_| selftest().unwrap()).collect::<Vec<_>>());
    let mut sessions = 0;
    while !test.is_finished() {
        let session = Session::start(255).unwrap();
        trace_scope!("work", { 1 });
        let trace = session.stop();
        assert_sound(&trace);
        assert_eq!((trace.event_count(), trace.losses().is_empty()), (1, true));
        sessions += 1;
    }
    assert!(sessions > 0);
    test.join().unwrap().iter().for_each(assert_plausible);
}

#[cfg(unix)]
#[test]
fn a_process_made_by_fork_runs_none_and_knows_what_its_parent_found() {
    let _alone = alone();
    let known = traced_summary();
    let child = fork(move || {
        let error = selftest().err().map(|error| (error.is_forked(), error.to_string()));
        let says = |(is_forked, text): &(bool, String)| {
            *is_forked && text.starts_with("no self-test in a process made by `fork`")
        };
        ensure!(error.as_ref().is_some_and(says), "{error:?}: a thread may never begin here");
        let overhead = traced_summary();
        ensure!(overhead == known, "{overhead:?} and not {known:?}");
        Ok(())
    });
    child.join();
}

/// What one span of a session costs.
fn traced_summary() -> Option<f64> {
    let session = Session::start(1).unwrap();
    trace_scope!("work", {});
    session.stop().summary().overhead.map(|overhead| overhead.event_ns)
}

#[test]
fn a_summary_estimates_what_recording_took() {
    let begun = now();
    let trace = traced(2, || {
        let threads: Vec<_> = (0..2)
            .map(|_| {
                spawn("works", || {
                    for n in 0..1000 {
                        trace_scope!("work");
                        instant!("point", meta(n));
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        record_span("copy", begun..now(), &[]);
    });
    let summary = trace.summary();
    let overhead = summary.overhead.unwrap();
    assert_eq!(overhead.events, 4001);
    // The same figures as in all summaries of the process.
    assert_eq!(trace.summary().overhead, Some(overhead));
    let cost = overhead.event_ns * 4001.0;
    assert!((cost - overhead.total as f64).abs() < 2.0, "{overhead:?}");
    // Two that work, from their first event to their last, and the one that records what was measured, of which no more is known.
    let works = trace.tracks().iter().filter(|track| track.name == "works").map(|track| {
        let times: Vec<u64> = trace.events(track.id).map(|event| event.ns()).collect();
        times.last().unwrap() - times.first().unwrap()
    });
    let time = (works.sum::<u64>() + trace.duration()) as f64;
    assert!((overhead.share - cost / time).abs() < 1e-9 && overhead.share > 0.0, "{overhead:?}");
    let shown = summary.to_string();
    let line = shown.lines().nth(1).unwrap();
    assert!(
        line.starts_with("overhead: 4001 events x ")
            && line.ends_with(" % of the threads' time, besides what values take"),
        "{shown}"
    );
}

#[test]
fn what_was_not_recorded_here_has_no_overhead() {
    let mut builder = TraceBuilder::default();
    let gpu = builder.add_track("gpu", TrackKind::Device { ordinal: 0 }, None).unwrap();
    builder.span(gpu, "kernel", 0, Some(10), &[]).unwrap();
    let trace = builder.build();
    assert_eq!(trace.summary().overhead, None);
    let mut json = Vec::new();
    traceme::export::chrome(&trace, &mut json).unwrap();
    assert!(!String::from_utf8(json).unwrap().contains("span_costs_ns"));
    assert_eq!(traced(1, || ()).summary().overhead, None, "nothing was recorded");
}

#[test]
fn a_session_of_sums_estimates_too_and_starts_and_stops_without_a_test() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::summary_only()).start().unwrap();
    for _ in 0..100 {
        trace_scope!("work");
    }
    let trace = session.stop();
    let summary = trace.summary();
    assert_eq!(summary.overhead.map(|overhead| overhead.events), Some(100));
}

#[test]
fn exported_files_say_what_recording_costs() {
    let trace = traced(1, || trace_scope!("work", {}));
    let (mut json, mut perfetto) = (Vec::new(), Vec::new());
    traceme::export::chrome(&trace, &mut json).unwrap();
    traceme::export::perfetto(&trace, &mut perfetto).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let cost = |key: &str| json["otherData"][key].as_str().unwrap().parse::<f64>().unwrap();
    assert!(cost("span_costs_ns") > 0.0 && cost("instant_costs_ns") > 0.0);
    let label = format!("a span costs {:.1} ns, an instant {:.1} ns", cost("span_costs_ns"), cost("instant_costs_ns"));
    assert!(perfetto.windows(label.len()).any(|bytes| bytes == label.as_bytes()), "{label}");
}

/// Whether the only file in a folder says what recording costs; then it is removed.
fn says_costs(folder: &Path) -> bool {
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [file] = &files[..] else { panic!("{files:?}") };
    let json = fs::read_to_string(file).unwrap();
    fs::remove_file(file).unwrap();
    assert!(json.contains("work"), "{json}");
    json.contains("span_costs_ns")
}

/// In a process in which no self-test has run.
#[test]
fn dumps_and_panics_start_none_and_say_what_is_known() {
    in_child("dumps_and_panics_start_none_and_say_what_is_known", || {
        let name = format!("selftest-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let dump_says_costs = || {
            let session = Session::start(1).unwrap();
            session.on(Trigger::manual(), Action::save(&folder, "json")).unwrap();
            trace_scope!("work", {});
            session.fire();
            drop(session);
            says_costs(&folder)
        };
        struct SavedOnDrop<'a>(&'a Path);
        impl Drop for SavedOnDrop<'_> {
            fn drop(&mut self) {
                traced(1, || trace_scope!("work", {})).save(self.0.join("dropped.json")).unwrap();
            }
        }
        let saved_in_a_panic_says_costs = || {
            let panic = catch_unwind(AssertUnwindSafe(|| {
                let _saved = SavedOnDrop(&folder);
                resume_unwind(Box::new("as planned"));
            }));
            assert!(panic.is_err());
            says_costs(&folder)
        };
        assert_eq!((dump_says_costs(), saved_in_a_panic_says_costs()), (false, false));
        drop(SavedOnDrop(&folder));
        assert!(says_costs(&folder), "the first file that somebody waits for has them measured");
        assert_eq!((dump_says_costs(), saved_in_a_panic_says_costs()), (true, true));
        fs::remove_dir(&folder).unwrap();
    });
}
