//! Builds traceme in the ways that matter, and the shapes with it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How traceme is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The feature `enable` is off.
    Off,
    /// All annotations are above `TRACEME_MAX_LEVEL`.
    AboveMaxLevel,
    /// Annotations can record.
    On,
}

/// Whether a source is compiled with its annotations. Without them it still has traceme among its dependencies, so
/// that it finds the same instances of generic functions there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    Bare,
    Annotated,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    Dev,
    Release,
}

/// A folder of this package.
pub(crate) fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// A folder for what is built, created if need be.
pub(crate) fn folder(kind: Kind, profile: Profile, code: Code) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shapes-{kind:?}-{profile:?}-{code:?}"));
    fs::create_dir_all(&folder).expect("a folder below the target folder");
    folder
}

/// Compiles a source, with further arguments, against traceme.
pub(crate) fn compile(kind: Kind, profile: Profile, code: Code, source: &str, arguments: &[OsString]) {
    compile_at(kind, profile, code, &sources().join(source), arguments);
}

/// The same with a source from anywhere.
pub(crate) fn compile_at(kind: Kind, profile: Profile, code: Code, source: &Path, arguments: &[OsString]) {
    run(rustc(kind, profile, code, source).args(arguments));
}

/// The compiler with a source and traceme.
pub(crate) fn rustc(kind: Kind, profile: Profile, code: Code, source: &Path) -> Command {
    let built = library(kind, profile);
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.arg(source).args(["--edition=2024", "--check-cfg=cfg(annotated)", "-Ccodegen-units=1"]);
    rustc.arg("--extern").arg(with_path("traceme=", &built.join("libtraceme.rlib")));
    rustc.arg("-L").arg(with_path("dependency=", &built.join("deps")));
    match profile {
        Profile::Dev => rustc.args(["-Copt-level=0", "-Cdebug-assertions=on"]),
        Profile::Release => rustc.arg("-Copt-level=3"),
    };
    if code == Code::Annotated {
        rustc.arg("--cfg=annotated");
    }
    rustc
}

fn with_path(start: &str, path: &Path) -> OsString {
    let mut text = OsString::from(start);
    text.push(path);
    text
}

/// Builds traceme; returns the folder that it is in.
pub(crate) fn library(kind: Kind, profile: Profile) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("traceme-{kind:?}"));
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../traceme/Cargo.toml");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--offline", "--lib", "--no-default-features", "--manifest-path"]).arg(manifest);
    cargo.arg("--target-dir").arg(&target).env_remove("TRACEME_MAX_LEVEL");
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    if kind != Kind::Off {
        cargo.arg("--features=enable");
    }
    if kind == Kind::AboveMaxLevel {
        cargo.env("TRACEME_MAX_LEVEL", "0");
    }
    run(&mut cargo);
    target.join(if profile == Profile::Release { "release" } else { "debug" })
}

/// Runs a program to its end; returns what it printed.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} could not be started: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed with {}:\n{errors}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned() + &errors
}
