//! `TRACEME` and `TRACEME_OUT`: what they start, and that nothing of it is lost, however the program ends.
#![allow(clippy::unwrap_used, reason = "tests")]

#[cfg(target_os = "linux")]
#[path = "../off/build.rs"]
#[allow(dead_code, reason = "this test uses a part of it")]
mod build;
mod ends;
mod init;
mod places;
mod program;
#[cfg(unix)]
mod signals;

use program::Program;

/// The program that ends in this way, told to record in a file.
fn recording(how: &str, directives: &str) -> Program {
    Program::new(how).env("TRACEME", directives).env("TRACEME_OUT", "out.json")
}

#[test]
fn nothing_is_recorded_unless_it_is_asked_for() {
    Program::new("return").run().assert_nothing("");
    for directives in ["", "off", "OFF", "off,net=off"] {
        recording("return", directives).run().assert_nothing("");
    }
}

#[test]
fn how_to_record_without_what_is_told() {
    for variable in ["TRACEME_OUT", "TRACEME_MEMORY"] {
        let line = format!("traceme: {variable} is set, and TRACEME is not: nothing is recorded; TRACEME=info would\n");
        for how in ["return", "thread", "fork", "init"] {
            let outcome = Program::new(how).env(variable, "64.json").run();
            assert_eq!((outcome.files.len(), outcome.told().as_str()), (0, line.as_str()), "{how}");
        }
        Program::new("return").env(variable, "").run().assert_nothing("");
        let outcome = Program::new("explicit").env(variable, "64").run();
        assert_eq!(outcome.stderr, "", "the variables are ignored");
    }
}

#[test]
fn what_is_saved_is_told_in_one_line() {
    let outcome = recording("return", "info").run();
    assert_eq!(outcome.stderr, "traceme: wrote out.json (201 events)\n");
    // As it is called where the program was started.
    let outcome = recording("elsewhere", "1").run();
    assert_eq!(outcome.stderr, "traceme: wrote out.json (100 events)\n");
    let outcome = recording("instant at exit", "info").run();
    assert_eq!(outcome.stderr, "traceme: wrote out.json (1 event)\n");
    let folder = std::env::temp_dir();
    let file = folder.join("traceme-told-%p.json");
    let outcome = Program::new("return").env("TRACEME", "info").env("TRACEME_OUT", &file).run();
    let file = folder.join(format!("traceme-told-{}.json", outcome.pid));
    assert_eq!(outcome.stderr, format!("traceme: wrote {} (201 events)\n", file.display()));
    std::fs::remove_file(file).unwrap();
}

#[test]
fn a_level_records() {
    recording("return", "info").run().assert_saved("out.json", 101);
    recording("return", "1").run().assert_saved("out.json", 100);
    let outcome = recording("return", "3").run();
    outcome.assert_saved("out.json", 101);
    assert_eq!(outcome.count("out.json", "inside"), 100, "level 3");
    // A program that runs no callsite leaves no file: it is not traced.
    let outcome = recording("nothing", "info").run();
    assert!(outcome.status.success() && outcome.files.is_empty(), "{:?} {}", outcome.files, outcome.stderr);
}

#[test]
fn an_activity_without_a_macro_can_be_first() {
    let outcome = recording("raw", "info").run();
    assert!(outcome.status.success() && outcome.errors().is_empty(), "{}", outcome.stderr);
    assert_eq!((outcome.recorded(), outcome.files.as_slice()), (1, &["out.json".to_string()][..]));
    assert!(outcome.count("out.json", "raw") > 0);
    recording("raw", "1").run().assert_saved("out.json", 0);
    Program::new("raw").run().assert_nothing("");
}

#[test]
fn directives_record() {
    let outcome = recording("return", "off,environment::inner=all").run();
    outcome.assert_saved("out.json", 0);
    assert_eq!(outcome.count("out.json", "inside"), 100);
    recording("return", "all,environment::inner=off,name:work=1").run().assert_saved("out.json", 100);
}

#[test]
fn directives_without_effect_are_told() {
    let told = |directives: &str| {
        let outcome = recording("return", directives).run();
        outcome.assert_told("out.json");
        let errors = outcome.errors();
        let line = |line: &str| {
            let (directive, rest) =
                line.strip_prefix("traceme: the directive `")?.split_once("` matches none of the program's ")?;
            let (count, hint) = rest.split_once(" callsites")?;
            // At least those that it runs, and no more than it has.
            assert!((5..50).contains(&count.parse().unwrap()), "{line}");
            Some((directive.to_string(), hint.to_string()))
        };
        errors.lines().map(|text| line(text).unwrap_or_else(|| panic!("{text}"))).collect::<Vec<_>>()
    };
    let line = |directive: &str, hint: &str| (directive.to_string(), hint.to_string());
    assert_eq!(told("info, inner=3"), [line("inner=3", " (did you mean `environment::inner=3`?)")]);
    assert_eq!(
        told("info,first::twin=off"),
        [line("first::twin=off", " (did you mean `environment::first::twin=off`?)")]
    );
    // Two modules are called so, none is, a part of one is.
    assert_eq!(told("twin=3@0.5,info,net = 3,ner=all"), ["twin=3@0.5", "net = 3", "ner=all"].map(|of| line(of, "")));
    assert_eq!(
        told("info,cat:none=3,name:none=3,*::none=3"),
        ["cat:none=3", "name:none=3", "*::none=3"].map(|of| line(of, ""))
    );
    let effective =
        "environment=2,environment::inner=3,*::twin=3,environment::second=1,name:work=3,cat:def*=3,*=2,name:d*l=1";
    assert_eq!(told(effective), []);
    let outcome = Program::new("fork").env("TRACEME", "info,inner=3").run();
    assert_eq!(
        (outcome.files.len(), outcome.errors().lines().count()),
        (2, 1),
        "a child doesn't repeat it: {}",
        outcome.stderr
    );
}

#[test]
fn what_is_wrong_is_told_in_one_line_and_the_program_goes_on() {
    let levels = "critical, info, verbose, all, off, or a number from 1 to 255";
    recording("return", "info,net=loud")
        .run()
        .assert_nothing(&format!("traceme: TRACEME: wrong filter directive `net=loud`: expected a level: {levels}\n"));
    for (file, what) in [("no/such/folder/out.json", "/no/such/folder"), ("out.unknown", "out.unknown")] {
        let outcome = Program::new("return").env("TRACEME", "info").env("TRACEME_OUT", file).run();
        assert!(outcome.stderr.starts_with("traceme: TRACEME_OUT: "), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(what) && outcome.stderr.lines().count() == 1, "{}", outcome.stderr);
        outcome.assert_nothing(&outcome.stderr);
    }
}

#[cfg(unix)]
#[test]
fn directives_that_are_not_text_are_told() {
    use std::os::unix::ffi::OsStrExt;

    let directives = std::ffi::OsStr::from_bytes(b"inf\xff");
    let outcome = Program::new("return").env("TRACEME", directives).run();
    outcome.assert_nothing("traceme: TRACEME: inf\u{fffd} is not UTF-8\n");
}

#[test]
fn the_file_is_the_one_that_is_named() {
    let file = |name: &str| Program::new("return").env("TRACEME", "info").env("TRACEME_OUT", name);
    let outcome = file("a %p b.json").run();
    outcome.assert_saved(&format!("a {} b.json", outcome.pid), 101);
    // The default is a file of the working directory at the beginning.
    for outcome in [file("").run(), Program::new("elsewhere").env("TRACEME", "info").run()] {
        assert!(outcome.status.success() && outcome.errors().is_empty(), "{}", outcome.stderr);
        assert_eq!(outcome.files, [format!("traceme-{}.pftrace", outcome.pid)]);
    }
    recording("elsewhere", "info").run().assert_saved("out.json", 101);
}

/// A system folder in which nobody can make files, not even root.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_can_not_be_written_is_told_at_the_start() {
    let outcome = Program::new("return").env("TRACEME", "info").env("TRACEME_OUT", "/proc/out.json").run();
    let start = "traceme: TRACEME_OUT: can't write /proc/out.json: ";
    assert!(outcome.stderr.starts_with(start) && outcome.stderr.lines().count() == 1, "{}", outcome.stderr);
    outcome.assert_nothing(&outcome.stderr);
}

#[test]
fn a_folder_in_the_place_of_the_file_is_told_at_the_start() {
    let outcome = Program::new("folder").env("TRACEME", "info").env("TRACEME_OUT", "folder.json").run();
    assert!(outcome.stderr.starts_with("traceme: TRACEME_OUT: can't write /"), "{}", outcome.stderr);
    assert!(outcome.stderr.ends_with("/folder.json: is a directory\n"), "{}", outcome.stderr);
    assert_eq!((outcome.recorded(), outcome.files.as_slice()), (0, &["folder.json".to_string()][..]));
}

#[test]
fn a_file_that_can_not_be_written_any_more_is_told_in_one_line() {
    let outcome = Program::new("gone").env("TRACEME", "info").env("TRACEME_OUT", "gone/out.json").run();
    assert!(outcome.status.success() && outcome.files.is_empty());
    assert!(outcome.stderr.starts_with("traceme: can't write /"), "{}", outcome.stderr);
    assert_eq!((outcome.recorded(), outcome.stderr.lines().count()), (101, 1), "{}", outcome.stderr);
}

/// Whoever opens a pipe for writing has its reader see the end when it is closed.
#[cfg(unix)]
#[test]
fn a_pipe_is_opened_once_at_the_end() {
    let outcome = Program::new("pipe").env("TRACEME", "info").env("TRACEME_OUT", "pipe.json").run();
    assert!(outcome.status.success() && outcome.errors().is_empty(), "{}", outcome.stderr);
    assert_eq!((outcome.stdout.as_str(), outcome.files.len()), ("read 101\nrecorded 101\n", 1));
}

#[test]
fn losses_are_told_unless_the_program_can_ask() {
    let outcome = recording("many", "info").env("TRACEME_MEMORY", "1").run();
    let recorded = outcome.recorded();
    outcome.assert_saved_anyhow("out.json", recorded);
    assert!((10_000..90_000).contains(&recorded), "what fits 1 MiB: {recorded}");
    let lost = 100_000 - recorded;
    let [recorded_, lost_] = [recorded, lost].map(|count| format!("{},{:03}", count / 1000, count % 1000));
    let lines = format!(
        "traceme: wrote out.json ({recorded_} events)\n\
         traceme: {lost_} of 100,000 events were lost (full: {lost_}); the trace says which\n"
    );
    assert_eq!((outcome.status.code(), outcome.stderr.as_str()), (Some(0), lines.as_str()));

    let outcome = recording("many finished", "info").env("TRACEME_MEMORY", "1").run();
    assert_eq!(outcome.recorded(), recorded);
    assert_eq!(outcome.stderr, "");
    outcome.assert_saved_in_silence("out.json", outcome.recorded());
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_takes_nothing_is_no_reason_to_fail() {
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap().into();
    let outcome = recording("many", "info").env("TRACEME_MEMORY", "1").run_at(full());
    assert_eq!(outcome.status.code(), Some(0), "that events were lost could not be told");
    outcome.assert_saved_in_silence("out.json", outcome.recorded());
    recording("return", "loud").run_at(full()).assert_nothing("");
}

#[test]
fn memory_is_a_number_of_mebibytes_and_what_to_keep() {
    for memory in ["", "64", "99999999999999", "ring:64", "last:3600s:64"] {
        recording("many", "info").env("TRACEME_MEMORY", memory).run().assert_saved("out.json", 100_000);
    }
    for memory in [
        "0",
        "-1",
        "1 MiB",
        "1.5",
        "99999999999999999999999",
        "ring",
        "ring:0",
        "last:30:64",
        "last:0s:64",
        "ring:64:1",
    ] {
        recording("many", "info").env("TRACEME_MEMORY", memory).run().assert_nothing(&format!(
            "traceme: TRACEME_MEMORY: `{memory}` is no memory: write 512 for 512 MiB, ring:64 for the newest 64 MiB, last:30s:64 for those of 30 seconds\n"
        ));
    }
}

#[test]
fn active_tells_the_truth_before_any_callsite() {
    let active = |program: Program| program.run().stdout.lines().next().unwrap_or_default().to_string();
    assert_eq!(active(recording("active", "info")), "active: true true false");
    assert_eq!(active(recording("active", "off")), "active: false false false");
    assert_eq!(active(Program::new("active")), "active: false false false");
}

#[test]
fn a_session_of_the_program_that_comes_first_has_the_environment_ignored() {
    let outcome = recording("explicit", "all").run();
    assert!(outcome.status.success() && outcome.files.is_empty(), "{:?}", outcome.files);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("session 100\nrecorded 100\n", ""));
    let outcome = recording("explicit", "loud").run();
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("session 100\nrecorded 100\n", ""));
}

#[test]
fn a_session_of_the_program_that_comes_later_is_told_who_is_recording() {
    let outcome = recording("start", "info").run();
    outcome.assert_saved("out.json", 101);
    let message = outcome.stdout.lines().next().unwrap();
    assert!(message.contains("`TRACEME` in the environment started it"), "{message}");
}

#[test]
fn a_program_that_stops_it_has_the_trace() {
    let outcome = recording("stop", "info").run();
    assert!(outcome.status.success() && outcome.files.is_empty(), "{:?}", outcome.files);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("stopped 101\nrecorded 101\n", ""));
}
