//! Runs the scripts in `tests/readers`, and says what to do where they cannot run.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// What a script prints about a trace, or its complaint.
pub(crate) fn run(script: &str, trace: &Path, input: &str) -> Result<Value, String> {
    let installed = workspace().join("target/readers/installed");
    assert!(installed.exists(), "the readers of traces are not installed: run ./ci/readers.sh");
    let script = workspace().join("tests/readers").join(script);
    let mut command = Command::new("node");
    command.arg(script).arg(trace).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("node does not run ({error}): run ./ci/readers.sh"));
    // Where the script has ended early its complaint says more than the broken pipe.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().into())
    }
}

/// Writes a file that only the calling test uses.
pub(crate) fn file(name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, contents).unwrap();
    path
}
