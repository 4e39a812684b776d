//! `traceme::init`, in a program that calls it.

use crate::program::Program;
use crate::recording;

#[test]
fn finishing_tells_where_the_trace_is() {
    let outcome = recording("init", "info").run();
    outcome.assert_saved_in_silence("out.json", 101);
    let lines: Vec<_> = outcome.stdout.lines().collect();
    assert!(lines[1].starts_with("file: /") && lines[1].ends_with("/out.json"), "{}", outcome.stdout);
    assert_eq!([lines[0], lines[2], lines[3]], ["is recording: true", "active: false", "recorded 101"]);
}

#[test]
fn without_a_request_the_guard_does_nothing() {
    for program in [Program::new("init"), recording("init", "off"), recording("init", "")] {
        let outcome = program.run();
        outcome.assert_nothing("");
        assert_eq!(outcome.stdout, "is recording: false\nfile: none\nactive: false\nrecorded 0\n");
    }
}

#[test]
fn a_guard_saves_when_it_is_dropped_and_when_it_is_not() {
    recording("init dropped", "info").run().assert_saved("out.json", 101);
    recording("init and exit", "info").run().assert_saved("out.json", 101);
}

#[test]
fn a_session_that_the_environment_started_before_is_taken_over() {
    let outcome = recording("init late", "info").run();
    outcome.assert_saved_in_silence("out.json", 202);
    assert!(outcome.stdout.starts_with("is recording: true\nfile: /"), "{}", outcome.stdout);
}

#[test]
fn mistakes_are_errors_that_point_at_them() {
    let errors = |program: Program| {
        let outcome = program.run();
        outcome.assert_nothing("");
        outcome.stdout.strip_suffix("recorded 0\n").unwrap().to_string()
    };
    assert_eq!(
        errors(recording("init", "info,net=loud")),
        "TRACEME: wrong filter directive `net=loud`: expected a level: critical, info, verbose, all, off, or a number \
         from 1 to 255\n  info,net=loud\n           ^\n"
    );
    let error = errors(Program::new("init").env("TRACEME", "1").env("TRACEME_OUT", "nowhere/x.json"));
    assert!(error.starts_with("TRACEME_OUT: there is no directory /") && error.contains("/nowhere: "), "{error}");
    let error = errors(Program::new("init").env("TRACEME", "1").env("TRACEME_OUT", "x.unknown"));
    assert!(error.starts_with("TRACEME_OUT: ") && error.contains("x.unknown"), "{error}");
    let error = errors(recording("init", "1").env("TRACEME_MEMORY", "1 GiB"));
    assert_eq!(
        error,
        "TRACEME_MEMORY: `1 GiB` is no memory: write 512 for 512 MiB, ring:64 for the newest 64 MiB, last:30s:64 for those of 30 seconds\n"
    );
    if cfg!(target_os = "linux") {
        let error = errors(Program::new("init").env("TRACEME", "1").env("TRACEME_OUT", "/proc/x.json"));
        assert!(error.starts_with("TRACEME_OUT: can't write /proc/x.json: "), "{error}");
    }
    let error = errors(recording("init after start", "info"));
    assert!(error.starts_with("a session is running in this process"), "{error}");
}
