//! The directory to survey: the one that was asked for, or the crates that Cargo has unpacked.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The directory, or a sentence that says what to do.
pub(crate) fn to_survey(asked: Option<&Path>) -> Result<PathBuf, String> {
    match asked {
        Some(directory) if directory.is_dir() => Ok(directory.to_owned()),
        Some(other) => Err(format!("{} is not a directory", other.display())),
        None => unpacked_crates(),
    }
}

/// Where Cargo unpacks the crates that it builds: a directory for each registry, of which there is usually one.
fn unpacked_crates() -> Result<PathBuf, String> {
    const INSTEAD: &str = "pass a directory: survey DIRECTORY";
    let user = || env::var_os("HOME").or_else(|| env::var_os("USERPROFILE"));
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(PathBuf::from(user()?).join(".cargo")));
    let home = home.ok_or_else(|| format!("there is no home directory with Cargo's crates in it; {INSTEAD}"))?;
    let sources = home.join("registry").join("src");
    let entries = fs::read_dir(&sources).into_iter().flatten().filter_map(Result::ok);
    let mut registries: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    match registries.len() {
        0 => Err(format!("Cargo has unpacked no crates in {}; {INSTEAD}", sources.display())),
        1 => Ok(registries.remove(0)),
        _ => Ok(sources),
    }
}
