//! Where the trace is saved: what was there before, and what must not be replaced.

use crate::program::{Outcome, Program};
use crate::recording;

#[track_caller]
fn assert_files<const N: usize>(outcome: &Outcome, files: [(&str, u64); N]) {
    assert!(outcome.status.success(), "{} {}", outcome.status, outcome.stderr);
    let there: Vec<_> = outcome.files.iter().map(|file| (file.as_str(), outcome.count(file, "attempt"))).collect();
    assert_eq!(there, files, "{}", outcome.stderr);
}

#[test]
fn the_file_of_an_older_run_is_replaced() {
    assert_files(&recording("old file", "info").run(), [("out.json", 101)]);
}

#[test]
fn a_file_that_has_come_since_is_left_alone() {
    let outcome = recording("file of another", "info").run();
    assert_files(&outcome, [("out-2.json", 101), ("out.json", 0)]);
    assert_eq!(outcome.file("out.json"), "another's");
    let outcome = recording("file of another in place of an old one", "info").run();
    assert_files(&outcome, [("out-2.json", 101), ("out.json", 0)]);
    assert_eq!(outcome.file("out.json"), "of 3");
}

#[test]
fn under_the_default_name_nothing_is_replaced() {
    let outcome = Program::new("name taken").env("TRACEME", "info").run();
    let name = |number: &str| format!("traceme-{}{number}.pftrace", outcome.pid);
    assert_eq!(outcome.files, [name("-2"), name("-3"), name("-4"), name("")]);
    for number in ["", "-2", "-3"] {
        assert_eq!(outcome.file(&name(number)), "old");
    }
}

#[test]
fn a_second_session_has_a_file_of_its_own() {
    let outcome = recording("init twice", "info").run();
    assert_files(&outcome, [("out-2.json", 101), ("out.json", 101)]);
    let named: Vec<_> =
        outcome.stdout.lines().filter_map(|line| line.strip_prefix("file: ")?.rsplit('/').next()).collect();
    assert_eq!(named, ["out.json", "out-2.json"]);
}

/// The summary is a table, with a line for each name: 101 spans in all.
#[track_caller]
fn assert_summary(text: &str) {
    let lines: Vec<_> = text.lines().filter(|line| line.contains("work")).collect();
    assert!(lines.len() == 1 && lines[0].split_whitespace().any(|word| word == "101"), "{text}");
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text}");
}

#[test]
fn a_text_has_the_summary() {
    for name in ["out.txt", "out.TXT"] {
        let outcome = Program::new("return").env("TRACEME", "info").env("TRACEME_OUT", name).run();
        assert!(outcome.status.success() && outcome.errors().is_empty(), "{}", outcome.stderr);
        outcome.assert_told(name);
        assert_eq!(outcome.files, [name]);
        assert_summary(&outcome.file(name));
    }
}

#[test]
fn without_a_file_the_summary_is_printed() {
    let outcome = Program::new("return").env("TRACEME", "info").env("TRACEME_OUT", "-").run();
    assert!(outcome.status.success() && outcome.files.is_empty(), "{:?}", outcome.files);
    assert_summary(&outcome.stderr);
    assert_eq!((outcome.told().as_str(), outcome.stdout.as_str()), ("", "recorded 101\n"));

    // What was lost stands in there; a directive does not.
    let outcome =
        Program::new("many").env("TRACEME", "info,inner=3").env("TRACEME_OUT", "-").env("TRACEME_MEMORY", "1").run();
    assert_eq!(outcome.told().lines().count(), 1, "{}", outcome.stderr);
    assert!(
        outcome.told().contains("the directive `inner=3`") && outcome.stderr.contains("full"),
        "{}",
        outcome.stderr
    );

    let outcome = Program::new("init").env("TRACEME", "info").env("TRACEME_OUT", "-").run();
    assert_summary(&outcome.stderr);
    assert_eq!(outcome.stdout, "is recording: true\nfile: none\nactive: false\nrecorded 101\n");
}

/// Two copies of traceme in one process.
#[cfg(target_os = "linux")]
#[test]
fn a_library_with_a_recorder_of_its_own_has_its_own_file() {
    use std::path::Path;

    use crate::build::{Code, Kind, Profile, compile};

    let plugin = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libtraceme_environment_plugin.so");
    let arguments = ["--crate-type=cdylib".into(), "-o".into(), plugin.clone().into_os_string()];
    compile(Kind::On, Profile::Dev, Code::Annotated, "environment/plugin.rs", &arguments);
    let program = |out: &str| {
        let program = Program::new("plugin").argument(plugin.to_str().unwrap());
        program.env("TRACEME", "info").env("TRACEME_OUT", out).run()
    };
    for (outcome, names) in [("out.json", ["out.json", "out-2.json"])].map(|(out, names)| (program(out), names)) {
        assert_eq!(outcome.files.len(), 2, "{:?} {}", outcome.files, outcome.stderr);
        let sum = |what: &str| names.map(|name| outcome.count(name, what));
        let (host, plugin) = (sum("attempt"), sum("in the plugin"));
        assert!([[101, 0], [0, 101]].contains(&host), "{host:?}");
        assert_eq!(plugin, host.map(|count| if count == 0 { 50 } else { 0 }));
    }
    let outcome = program("");
    assert_eq!(outcome.files, ["-2", ""].map(|number| format!("traceme-{}{number}.pftrace", outcome.pid)));
}
