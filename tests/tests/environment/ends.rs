//! However the program ends.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::Program;
use crate::recording;

#[test]
fn by_exit() {
    let outcome = recording("exit", "info").run();
    assert_eq!((outcome.status.code(), outcome.errors().as_str()), (Some(3), ""));
    outcome.assert_saved_anyhow("out.json", 101);
    outcome.assert_told("out.json");
}

#[test]
fn by_a_panic_in_main() {
    let outcome = recording("panic", "info").run();
    assert_eq!(outcome.status.code(), Some(101));
    assert!(outcome.stderr.contains("as planned") && !outcome.errors().contains("traceme:"), "{}", outcome.stderr);
    outcome.assert_saved_anyhow("out.json", 102);
    assert_eq!(outcome.count("out.json", "panicked"), 1, "the span that the panic ended");
}

#[test]
fn after_a_panic_in_a_thread() {
    let outcome = recording("thread", "info").run();
    assert!(outcome.status.success(), "{}", outcome.stderr);
    outcome.assert_saved_anyhow("out.json", 102);
    assert_eq!(outcome.count("out.json", "panicked"), 1, "the span that the panic ended");
}

#[test]
fn no_end_has_costs_measured() {
    for how in ["exit", "panic", "return", "init dropped"] {
        assert_eq!(recording(how, "info").run().count("out.json", "span_costs_ns"), 0, "{how}");
    }
    let outcome = recording("selftest", "info").run();
    outcome.assert_saved("out.json", 101);
    assert_eq!(outcome.count("out.json", "span_costs_ns"), 1, "what is known is said");
}

/// Panics abort where the program and all of its crates are compiled so: it is built for this.
#[test]
fn by_a_panic_that_aborts() {
    let outcome = Program::of(&aborting(), "aborting").argument("panic");
    let outcome = outcome.env("TRACEME", "info").env("TRACEME_OUT", "out.json").run();
    assert!(outcome.status.code() != Some(101) && !outcome.status.success(), "{}", outcome.status);
    assert!(outcome.stderr.contains("as planned"), "the hook that was there is called: {}", outcome.stderr);
    outcome.assert_saved_anyhow("out.json", 102);
    assert_eq!(outcome.count("out.json", "span_costs_ns"), 0, "nothing is measured meanwhile");

    let outcome = Program::of(&aborting(), "aborting").argument("thread");
    let outcome = outcome.env("TRACEME", "info").env("TRACEME_OUT", "out.json").run();
    assert_eq!((outcome.files.as_slice(), outcome.count("out.json", "attempt")), (&["out.json".to_string()][..], 1));

    let outcome = Program::of(&aborting(), "aborting").argument("panic twice");
    let outcome = outcome.env("TRACEME", "info").env("TRACEME_OUT", "out.json").run();
    assert!(!outcome.status.success() && !outcome.errors().contains("traceme:"), "{}", outcome.stderr);
    outcome.assert_saved_anyhow("out.json", 101_000);

    let outcome = Program::of(&aborting(), "aborting").argument("return").run();
    assert!(outcome.status.success() && outcome.files.is_empty(), "{}", outcome.stderr);
}

fn aborting() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("environment-aborting");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--offline", "--bin", "environment", "--config", "profile.dev.panic=\"abort\""]);
    cargo.arg("--manifest-path").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    let output = cargo.arg("--target-dir").arg(&target).env_remove("TRACEME_MAX_LEVEL").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    target.join("debug/environment")
}

/// The file is there, and not a part of it, whoever of the two is faster.
#[test]
fn while_another_thread_saves() {
    let outcome = recording("return while a thread saves", "info").run();
    outcome.assert_saved_in_silence("out.json", 101_000);
    let outcome = recording("exit while main saves", "info").run();
    assert_eq!((outcome.status.code(), outcome.stderr.as_str()), (Some(3), ""), "`finish` is silent");
    outcome.assert_saved_anyhow("out.json", 101_000);
}

#[test]
fn after_a_race_of_first_callsites() {
    for _ in 0..20 {
        let outcome = recording("race", "info").run();
        let recorded = outcome.recorded();
        assert!(recorded >= 8 * 102, "{recorded}");
        outcome.assert_saved("out.json", recorded);
    }
}

#[test]
fn with_an_allocator_that_traces() {
    for _ in 0..5 {
        let program = Program::of(Path::new(env!("CARGO_BIN_EXE_environment_allocator")), "allocator");
        let outcome = program.env("TRACEME", "info").env("TRACEME_OUT", "out.json").run();
        let recorded = outcome.recorded();
        assert!(recorded >= 400 && outcome.status.success(), "{recorded} {}", outcome.stderr);
        outcome.assert_saved_anyhow("out.json", recorded);
        // The recorder allocates too, and that the allocator traces.
        assert!(
            outcome.errors().starts_with("traceme: ") && outcome.stderr.contains("(re-entrant: "),
            "{}",
            outcome.stderr
        );
        assert_eq!(outcome.stderr.lines().count(), 2, "{}", outcome.stderr);
    }
}

#[test]
fn with_a_child_made_by_fork_which_writes_nothing() {
    let outcome = recording("fork", "info").run();
    outcome.assert_saved("out.json", 202);
    assert_eq!(outcome.count("out.json", "child"), 0);
}

#[test]
fn with_children_that_have_files_of_their_own() {
    let outcome = Program::new("fork").env("TRACEME", "info").env("TRACEME_OUT", "out-%p.json").run();
    assert!(outcome.status.success() && outcome.errors().is_empty(), "{}", outcome.stderr);
    let [parent, child] = ["recorded", "child"].map(|who| outcome.file_of(who));
    assert_eq!(outcome.files.len(), 2, "{:?}", outcome.files);
    assert_eq!((outcome.count(&parent, "attempt"), outcome.count(&parent, "\"child\"")), (202, 0));
    assert_eq!((outcome.count(&child, "attempt"), outcome.count(&child, "\"child\"")), (0, 1));
    let id = format!("\"pid\":{},", outcome.id_of("child"));
    assert_eq!(outcome.count(&child, "\"pid\":"), outcome.count(&child, &id), "all is of the child");
}

#[test]
fn with_children_of_all_kinds() {
    let outcome = Program::new("fork often").env("TRACEME", "info").env("TRACEME_OUT", "out-%p.json").run();
    assert!(outcome.status.success() && outcome.errors().is_empty(), "{}", outcome.stderr);
    let children = ["wanderer", "first grandchild", "second grandchild", "starter"];
    for child in children {
        let file = outcome.file_of(child);
        let marks = children.iter().map(|other| outcome.count(&file, &format!("\"{other}\""))).sum::<u64>();
        let own = outcome.count(&file, &format!("\"{child}\""));
        assert_eq!((own, marks, outcome.count(&file, "attempt")), (1, 1, 0), "{file}");
    }
    assert_eq!(outcome.count(&outcome.file_of("recorded"), "attempt"), 101);
    assert_eq!(outcome.files.len(), 1 + children.len(), "who records nothing, and who stops, saves nothing");
    assert!(outcome.stdout.contains("stopped 0\n"), "{}", outcome.stdout);
}

/// The default name has the process's id too.
#[test]
fn with_a_child_under_the_default_name() {
    let outcome = Program::new("fork").env("TRACEME", "info").run();
    let mut files = [outcome.pid, outcome.id_of("child")].map(|id| format!("traceme-{id}.pftrace"));
    files.sort();
    assert_eq!((outcome.files.as_slice(), outcome.errors().as_str()), (&files[..], ""));
}

#[test]
fn with_the_first_callsite_at_the_exit() {
    recording("instant at exit", "info").run().assert_saved("out.json", 1);
}
