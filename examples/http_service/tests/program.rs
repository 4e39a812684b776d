//! The program as it is started: its flags, what it prints, what it leaves.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_http_service"));
    command.args(arguments).env_remove("TRACEME").output().unwrap()
}

/// A directory of this test's own, empty.
fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    path
}

#[track_caller]
fn assert_line(text: &str, beginning: &str) {
    assert!(text.lines().any(|line| line.starts_with(beginning)), "no line begins with {beginning:?}:\n{text}");
}

#[test]
fn both_mistakes_are_told_of() {
    let out = directory("http_service");
    let output = program(&["--slow-handler", "--blocking-call", "--out", out.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    assert_line(&text, "256 requests over 8 connections: 224 answered, 32 timed out; 224 counted");
    assert_line(&text, "Nothing was lost.");
    assert_line(&text, "what blocks a thread: `search_notes`, longest poll ");
    assert_line(&text, "what waits: `list_notes`, idle ");
    let file = out.join("http.pftrace");
    assert!(fs::metadata(&file).unwrap().len() > 10_000);
    assert_line(&text, &format!("saved {}", file.display()));
    fs::remove_dir_all(out).unwrap();
}

#[test]
fn flags_that_there_are() {
    let help = program(&["--help"]);
    assert!(help.status.success());
    assert_line(&String::from_utf8(help.stdout).unwrap(), "  --slow-handler ");
    let mistake = program(&["--slow"]);
    assert_eq!(mistake.status.code(), Some(2));
    assert!(String::from_utf8(mistake.stderr).unwrap().contains("--slow"));
}
