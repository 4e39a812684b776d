//! What an annotation costs to compile: the same 1,000 functions, bare, with `#[traceme]`, and with tracing's attribute.
//!
//! The figures are processor time of Cargo and all that it starts, which other jobs on the machine disturb less than
//! the time that passes. They disturb it all the same, by the caches, and only ever add to it: crates take turns, and
//! the least of all rounds counts.

mod source;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use source::COUNT;

/// What stands above each function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Annotation {
    /// Nothing.
    None,
    /// `#[traceme]` alone.
    Traceme,
    /// `#[traceme]` with a level and two values.
    TracemeMeta,
    /// `#[instrument]` that records no arguments.
    Tracing,
    /// `#[instrument]` with a level and two values.
    TracingMeta,
}

const ANNOTATIONS: [Annotation; 5] =
    [Annotation::None, Annotation::Traceme, Annotation::Tracing, Annotation::TracemeMeta, Annotation::TracingMeta];

impl Annotation {
    fn attribute(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Traceme => "#[traceme::traceme]",
            Self::TracemeMeta => "#[traceme::traceme(level = 2, meta(a, n = data.len()))]",
            Self::Tracing => "#[tracing::instrument(skip_all)]",
            Self::TracingMeta => "#[tracing::instrument(level = \"debug\", skip_all, fields(a, n = data.len()))]",
        }
    }

    /// The name of the crate.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "bare",
            Self::Traceme => "traceme_plain",
            Self::TracemeMeta => "traceme_meta",
            Self::Tracing => "tracing_plain",
            Self::TracingMeta => "tracing_meta",
        }
    }
}

/// How a crate is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// `cargo check`.
    Check,
    /// `cargo build --release`.
    Release,
}

const BUILDS: [Build; 2] = [Build::Check, Build::Release];

/// Processor time of every crate, built in every way, in every round.
#[derive(Clone, Debug)]
pub struct Measured {
    times: Vec<(Build, Annotation, Vec<f64>)>,
}

impl Measured {
    /// What a crate takes, in seconds.
    pub fn seconds(&self, build: Build, annotation: Annotation) -> f64 {
        self.sorted(build, annotation)[0]
    }

    /// What an annotation adds to a function, in milliseconds.
    pub fn added_ms(&self, build: Build, annotation: Annotation) -> f64 {
        (self.seconds(build, annotation) - self.seconds(build, Annotation::None)) * 1e3 / COUNT as f64
    }

    /// How far the round in the middle is above the least, of the crate where it is farthest; 0.1 is 10 %.
    pub fn spread(&self, build: Build) -> f64 {
        let spreads = ANNOTATIONS.iter().map(|&annotation| {
            let seconds = self.sorted(build, annotation);
            seconds[seconds.len() / 2] / seconds[0] - 1.0
        });
        spreads.fold(0.0, f64::max)
    }

    fn sorted(&self, build: Build, annotation: Annotation) -> Vec<f64> {
        let row = self.times.iter().find(|row| (row.0, row.1) == (build, annotation));
        let mut seconds = row.expect("every crate is compiled in every way").2.clone();
        seconds.sort_by(f64::total_cmp);
        seconds
    }
}

/// Writes the crates, and compiles each in both ways in every round, by turns. What they depend on is compiled before.
///
/// # Errors
///
/// A file that cannot be written, or what Cargo says if it fails.
pub fn measure(rounds: usize) -> io::Result<Measured> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let folder = root.join("target/compile_time");
    write_crates(&root, &folder)?;
    let mut times: Vec<_> =
        BUILDS.iter().flat_map(|&build| ANNOTATIONS.map(|annotation| (build, annotation, Vec::new()))).collect();
    for round in 0..=rounds {
        for (build, annotation, seconds) in &mut times {
            let took = compile(&folder, *build, *annotation)?;
            // The first round compiles the dependencies too.
            if round > 0 {
                seconds.push(took);
            }
        }
    }
    Ok(Measured { times })
}

/// A workspace with a package for each annotation; versions are those of our own lock file.
fn write_crates(root: &Path, folder: &Path) -> io::Result<()> {
    for annotation in ANNOTATIONS {
        let package = folder.join(annotation.name());
        fs::create_dir_all(package.join("src"))?;
        let manifest = format!("[package]\nname = \"{}\"\nedition = \"2024\"\n{DEPENDENCIES}", annotation.name());
        write_if_new(&package.join("Cargo.toml"), &manifest)?;
        for (name, text) in source::files(annotation.attribute()) {
            write_if_new(&package.join("src").join(name), &text)?;
        }
    }
    let members = ANNOTATIONS.map(Annotation::name);
    write_if_new(&folder.join("Cargo.toml"), &format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n"))?;
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).map(drop)
}

const DEPENDENCIES: &str = "
[dependencies]
traceme = { path = \"../../../traceme\" }
tracing = { version = \"0.1\", default-features = false, features = [\"attributes\", \"std\"] }
";

fn write_if_new(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) { Ok(()) } else { fs::write(path, text) }
}

/// Compiles one crate anew, its dependencies only if need be; gives the processor seconds that it took.
fn compile(folder: &Path, build: Build, annotation: Annotation) -> io::Result<f64> {
    touch(&folder.join(annotation.name()).join("src/lib.rs"))?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(match build {
        Build::Check => &["check"][..],
        Build::Release => &["build", "--release"],
    });
    cargo.args(["--quiet", "--offline", "--package", annotation.name()]).current_dir(folder);
    cargo.env("CARGO_TARGET_DIR", folder.join("target")).env("CARGO_INCREMENTAL", "0").env_remove("RUSTFLAGS");
    let before = seconds_of_children()?;
    let output = cargo.output()?;
    let after = seconds_of_children()?;
    if !output.status.success() {
        io::stderr().write_all(&output.stderr)?;
        return Err(io::Error::other(format!("{cargo:?} failed with {}", output.status)));
    }
    Ok(after - before)
}

fn touch(path: &PathBuf) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "Cargo compares the time of a file with that of the clock")]
    let now = SystemTime::now();
    File::options().append(true).open(path)?.set_modified(now)
}

/// The processor time, of user and system, of all processes that this one has waited for, and of theirs.
fn seconds_of_children() -> io::Result<f64> {
    /// What the kernel calls a clock tick in its files, on every architecture.
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name of the program, in parentheses, may contain anything; `cutime` is the 14th field after it.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: Vec<f64> = fields.skip(13).take(2).filter_map(|ticks| ticks.parse().ok()).collect();
    match ticks[..] {
        [user, system] => Ok((user + system) / TICKS_A_SECOND),
        _ => Err(io::Error::other(format!("/proc/self/stat is not as expected: {stat}"))),
    }
}
