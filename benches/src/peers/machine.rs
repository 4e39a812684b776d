//! What the page says of where it was measured, and of which versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ALL;
use super::page::Note;

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// This machine, its system, its compiler, and the day.
pub fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // What is behind the second number is the vendor's.
    let kernel: Vec<&str> = kernel.trim().split('.').take(2).collect();
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let of = |key: &str| {
        let line = processor.lines().find(|line| line.split(':').next().is_some_and(|name| name.trim() == key));
        line.and_then(|line| line.split(':').nth(1)).unwrap_or("?").trim().to_owned()
    };
    format!(
        "{cores} cores of {} (family {}, model {}), Linux {}, {}, {}",
        of("model name"),
        of("cpu family"),
        of("model"),
        kernel.join("."),
        said("rustc", "--version"),
        said("date", "+%F")
    )
}

/// The first words that a program says.
fn said(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    output.map_or_else(|_| format!("no {program}"), |output| String::from_utf8_lossy(&output.stdout).trim().into())
}

/// What there is to say of each peer, with the versions of our lock file.
///
/// # Panics
///
/// If the lock file can't be read, or doesn't name a peer's package.
pub fn notes() -> Vec<Note> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("the lock file");
    let version = |package: &&str| {
        let from =
            lock.split(&format!("name = \"{package}\"\nversion = \"")).nth(1).expect("a package of the lock file");
        format!("{package} {}", from.split('"').next().unwrap_or_default())
    };
    let note = |about: &super::peer::About| Note {
        name: about.name,
        versions: about.packages.iter().map(version).collect::<Vec<_>>().join(", "),
        how: about.how,
    };
    ALL.iter().map(note).collect()
}
