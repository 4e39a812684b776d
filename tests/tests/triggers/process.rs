//! Programs that end, in processes of their own: the dump is there.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// What a program left behind.
struct Outcome {
    status: ExitStatus,
    stdout: String,
    stderr: String,
    /// The text of its dumps.
    dumps: Vec<String>,
}

/// Runs a program for five minutes at most: it is to end in this way.
#[track_caller]
fn run(program: &Path, how: &str) -> Outcome {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("triggers-{}-process-{number}", std::process::id()));
    let mut command = Command::new(program);
    command.arg(how).arg(&folder).env_remove("TRACEME").env("RUST_BACKTRACE", "0");
    if how.ends_with("TRACEME asks") {
        fs::create_dir_all(&folder).unwrap();
        command.env("TRACEME", "info").env("TRACEME_OUT", folder.join("whole.json"));
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let is_over = (0..30_000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        child.try_wait().unwrap().is_some()
    });
    if !is_over {
        child.kill().unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let dumps = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let outcome = Outcome { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr), dumps };
    assert!(is_over, "{how} hangs: it was killed after 5 minutes: {} {}", outcome.stdout, outcome.stderr);
    fs::remove_dir_all(&folder).unwrap();
    outcome
}

impl Outcome {
    /// Checks that there are so many whole dumps, each with the program's work.
    #[track_caller]
    fn assert_dumps(&self, count: usize) -> &Self {
        assert_eq!(self.dumps.len(), count, "{} {}", self.stdout, self.stderr);
        for dump in &self.dumps {
            let json: serde_json::Value = serde_json::from_str(dump).unwrap();
            let events = json["traceEvents"].as_array().unwrap();
            assert_eq!(events.iter().filter(|event| event["name"] == "work").count(), 100);
        }
        let told = self.stderr.lines().filter(|line| line.starts_with("traceme: "));
        assert_eq!(told.filter(|line| !line.starts_with("traceme: wrote ")).count(), 0, "{}", self.stderr);
        self
    }

    #[track_caller]
    fn assert_code(&self, code: i32) {
        assert_eq!(self.status.code(), Some(code), "{} {} {}", self.status, self.stdout, self.stderr);
    }

    #[track_caller]
    fn assert_signal(&self, signal: i32) {
        assert_eq!(self.status.signal(), Some(signal), "{} {} {}", self.status, self.stdout, self.stderr);
    }
}

fn ended(how: &str) -> Outcome {
    run(Path::new(env!("CARGO_BIN_EXE_triggers")), how)
}

#[test]
fn by_panics() {
    let outcome = ended("panic in a thread");
    outcome.assert_dumps(1).assert_code(0);
    assert!(outcome.dumps[0].contains("risky"));
    for how in ["panic in main", "panic in main, recorded by all"] {
        let outcome = ended(how);
        outcome.assert_dumps(1).assert_code(101);
        assert!(outcome.stderr.contains("as planned"), "{}", outcome.stderr);
    }
}

/// Panics abort where the program and all of its crates are compiled so: it is built for this.
#[test]
fn by_panics_that_abort() {
    let aborting = aborting();
    for how in ["panic in a thread", "panic in main", "panic in main, recorded by all"] {
        let outcome = run(&aborting, how);
        outcome.assert_dumps(1).assert_signal(libc::SIGABRT);
        assert!(outcome.stderr.contains("as planned"), "{}", outcome.stderr);
    }
    run(&aborting, "exit behind a firing").assert_dumps(1).assert_code(3);
    // The dump, and the trace that is saved at the end.
    run(&aborting, "panic in main, recorded as TRACEME asks").assert_dumps(2).assert_signal(libc::SIGABRT);
    ended("panic in main, recorded as TRACEME asks").assert_dumps(2).assert_code(101);
}

fn aborting() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("environment-aborting");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--offline", "--bin", "triggers", "--config", "profile.dev.panic=\"abort\""]);
    cargo.arg("--manifest-path").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    let output = cargo.arg("--target-dir").arg(&target).env_remove("TRACEME_MAX_LEVEL").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    target.join("debug/triggers")
}

#[test]
fn by_an_exit_right_behind_a_firing() {
    for _ in 0..10 {
        ended("exit behind a firing").assert_dumps(1).assert_code(3);
    }
}

#[test]
fn by_signals_as_without_a_session() {
    for _ in 0..5 {
        ended("SIGTERM").assert_dumps(1).assert_signal(libc::SIGTERM);
    }
    // All that watch it have acted by then, also one that had looked just before.
    ended("SIGTERM between two looks").assert_dumps(2).assert_signal(libc::SIGTERM);
    let outcome = ended("SIGTERM, and stopped at once");
    outcome.assert_dumps(1).assert_signal(libc::SIGTERM);
    assert!(outcome.stdout.is_empty());
}

#[test]
fn a_second_signal_waits_for_nothing() {
    let outcome = ended("SIGTERM twice, while an action blocks");
    outcome.assert_dumps(0).assert_signal(libc::SIGTERM);
    assert_eq!(outcome.stdout, "still there\n");
}

#[test]
fn a_child_made_by_fork_ends_by_a_signal_that_its_parent_watches() {
    let outcome = ended("SIGTERM to a child");
    outcome.assert_dumps(0).assert_code(0);
    assert_eq!(outcome.stdout, format!("ended by {}\n", libc::SIGTERM));
}

#[test]
fn not_by_a_signal_that_asks_for_a_dump_as_long_as_the_session_runs() {
    let outcome = ended("SIGUSR2");
    outcome.assert_dumps(3).assert_signal(libc::SIGUSR2);
    assert_eq!(outcome.stdout, "goes on\n");
}

#[test]
fn not_by_a_signal_that_the_program_handles() {
    let outcome = ended("SIGTERM with a handler");
    outcome.assert_dumps(3).assert_code(0);
    assert_eq!(outcome.stdout, "handled 2\n", "each is handled once, with a session and without");
    let outcome = ended("a handler in front");
    outcome.assert_dumps(0).assert_code(0);
    assert_eq!(outcome.stdout, "handled 3\n");
}

#[test]
fn signals_that_cant_be_watched_are_errors() {
    let outcome = ended("no such signal");
    outcome.assert_code(0);
    assert_eq!(outcome.stdout.lines().count(), 5);
    assert!(outcome.stdout.lines().all(|line| line.contains(" can't be watched: ")), "{}", outcome.stdout);
}
