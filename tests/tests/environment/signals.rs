//! Signals that end the program: its trace is saved, and the signal does what it would have done.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use libc::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use crate::program::{Outcome, Program};

/// The program to which signals come in this way, told to record in a file.
fn recording(how: &str, file: &str) -> Program {
    let program = Path::new(env!("CARGO_BIN_EXE_environment_signals"));
    Program::of(program, "signals").argument(how).env("TRACEME", "info").env("TRACEME_OUT", file)
}

fn ended(how: &str) -> Outcome {
    recording(how, "out.json").run()
}

#[track_caller]
fn assert_signal(outcome: &Outcome, signal: i32) {
    assert_eq!(outcome.status.signal(), Some(signal), "{} {} {}", outcome.status, outcome.stdout, outcome.stderr);
}

#[test]
fn on_request_save_the_trace_and_end_the_program() {
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        let outcome = ended(&signal.to_string());
        assert_signal(&outcome, signal);
        outcome.assert_saved_anyhow("out.json", 100);
        assert_eq!(outcome.count("out.json", "span_costs_ns"), 0, "nothing is measured meanwhile");
    }
}

#[test]
fn are_handled_by_threads_that_record_at_full_speed() {
    for _ in 0..3 {
        let outcome = recording("busy", "out.json").env("TRACEME_MEMORY", "ring:2").run();
        assert_signal(&outcome, SIGTERM);
        outcome.assert_told("out.json");
        assert_eq!(outcome.files, ["out.json"]);
        // Whoever loses its processor at the wrong moment has others lose events, in so small a ring.
        assert!(
            outcome.errors().lines().all(|line| line.contains(" events were lost (overwritten: ")),
            "{}",
            outcome.stderr
        );
        let json: serde_json::Value = serde_json::from_str(&outcome.file("out.json")).unwrap();
        let events = json["traceEvents"].as_array().unwrap();
        let spans = events.iter().filter(|event| event["name"] == "work").count();
        assert!((10_000..(2 << 20) / 16).contains(&spans), "what fits 2 MiB: {spans}");
    }
}

#[test]
fn that_ask_for_a_core_are_left_alone() {
    let outcome = ended(&SIGQUIT.to_string());
    assert_signal(&outcome, SIGQUIT);
    assert!(!outcome.files.iter().any(|file| file.contains("out.json")), "{:?}", outcome.files);
}

#[test]
fn that_the_program_ignores_or_handles_are_its_own() {
    for (how, handled) in [("ignored", 0), ("handler", 1), ("handler later", 1), ("handler later that calls", 2)] {
        let outcome = ended(how);
        assert!(outcome.status.success(), "{how}: {} {}", outcome.status, outcome.stderr);
        assert_eq!(outcome.stdout, format!("handled {handled}\nrecorded 100\n"), "{how}");
        outcome.assert_saved_anyhow("out.json", 100);
    }
}

#[test]
fn are_acted_on_by_triggers_of_the_program_too() {
    for _ in 0..5 {
        let outcome = ended("trigger");
        assert_signal(&outcome, SIGTERM);
        assert_eq!(
            (outcome.files.as_slice(), outcome.count("out.json", "attempt")),
            (&["dumps".into(), "out.json".into()][..], 100)
        );
        assert_eq!(outcome.files_in("dumps").len(), 1);
    }
}

#[test]
fn wait_for_who_is_saving() {
    for _ in 0..5 {
        let outcome = ended("while main saves");
        assert_signal(&outcome, SIGTERM);
        outcome.assert_saved_anyhow("out.json", 100_000);
    }
}

#[test]
fn that_come_twice_for_one_end_save_the_trace() {
    let outcome = ended("one right behind the other");
    assert_signal(&outcome, SIGTERM);
    outcome.assert_saved_anyhow("out.json", 100);
}

#[test]
fn wait_for_nothing_when_they_come_twice() {
    let outcome = ended("twice");
    assert_signal(&outcome, SIGTERM);
    assert_eq!((outcome.stdout.as_str(), outcome.files.len()), ("still there\n", 0));
}

#[test]
fn end_a_program_that_has_saved_or_stopped_as_ever() {
    let outcome = ended("finished");
    assert_signal(&outcome, SIGTERM);
    outcome.assert_saved_anyhow("out.json", 100);
    let outcome = ended("stopped");
    assert_signal(&outcome, SIGINT);
    // Who came first has the trace: who stops a session that is being saved goes on until that is done.
    if outcome.files.is_empty() {
        assert_eq!(outcome.stdout, "recorded 100\n");
    } else {
        outcome.assert_saved_anyhow("out.json", 100);
    }
}

#[test]
fn save_the_trace_of_a_child_that_has_a_file_of_its_own() {
    let outcome = recording("child", "out-%p.json").run();
    assert!(outcome.status.success() && outcome.stdout.contains("ended by 15\n"), "{}", outcome.stdout);
    let [parent, child] = ["recorded", "child"].map(|who| outcome.file_of(who));
    assert_eq!(outcome.files.len(), 2, "{:?}", outcome.files);
    assert_eq!((outcome.count(&parent, "attempt"), outcome.count(&parent, "\"child\"")), (100, 0));
    assert_eq!((outcome.count(&child, "attempt"), outcome.count(&child, "\"child\"")), (0, 1));

    let outcome = recording("child", "out.json").run();
    assert!(outcome.status.success() && outcome.stdout.contains("ended by 15\n"), "{}", outcome.stdout);
    outcome.assert_saved_anyhow("out.json", 100);
}
