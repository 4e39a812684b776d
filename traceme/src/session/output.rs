//! The file in which the trace is saved that the environment asked for.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use crate::error::Error;
use crate::export::{self, Format};
use crate::record::process;
use crate::trace::Trace;

/// The name of the file unless one is given.
const DEFAULT: &str = "traceme-%p.pftrace";
/// What stands for the id of the process.
const PROCESS: &str = "%p";
/// The name that is no file.
const TERMINAL: &str = "-";

/// The file to save a trace in.
///
/// What an older run of the program has left under a name of its choice is replaced. What has come there since the session began
/// is not: another copy of traceme in this process has saved it, or a process that was started by this one. Under the name
/// that is taken without `TRACEME_OUT` nothing is replaced: in containers many processes have the same id.
#[derive(Debug)]
pub(crate) struct Output {
    /// As it is named, with `%p`, and the working directory of that moment: the program may go to another one.
    name: OsString,
    folder: PathBuf,
    /// The file of the process that made this.
    path: PathBuf,
    /// The file there that may be replaced.
    old: Option<Identity>,
    kind: Kind,
}

/// What of the trace is saved, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Trace(Format),
    /// The summary, as text.
    Summary,
    /// The same on the terminal, in no file.
    Terminal,
}

impl Kind {
    /// What a name asks for.
    fn of(name: &OsStr) -> Result<Self, Error> {
        let extension = Path::new(name).extension().unwrap_or_default();
        if name == TERMINAL {
            return Ok(Self::Terminal);
        }
        if extension.eq_ignore_ascii_case("txt") {
            return Ok(Self::Summary);
        }
        let format = Format::of_path(name);
        format
            .map(Self::Trace)
            .map_err(|error| Error::file(format!("{error}; .txt or {TERMINAL} for the summary as text")))
    }
}

/// What tells a file from another one that is put in its place.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    length: u64,
    modified: Option<SystemTime>,
    /// The system's number of it.
    number: u64,
}

impl Output {
    /// The file that `TRACEME_OUT` names, or one in the working directory of this moment.
    pub(super) fn read() -> Result<Self, Error> {
        let name = env::var_os("TRACEME_OUT").filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| DEFAULT.into());
        let kind = Kind::of(&name)?;
        let output = Self::new(name, env::current_dir().unwrap_or_default(), kind);
        match output.path.parent() {
            Some(folder) if kind != Kind::Terminal && !folder.is_dir() => {
                Err(Error::environment(format!("there is no directory {}: create it first", folder.display())))
            }
            _ => Ok(output),
        }
    }

    fn new(name: OsString, folder: PathBuf, kind: Kind) -> Self {
        let file = name.to_str().map(|text| text.replace(PROCESS, &process::id().to_string()));
        let path = folder.join(file.map_or_else(|| name.clone(), OsString::from));
        let path = std::path::absolute(&path).unwrap_or(path);
        let old = if name == DEFAULT { None } else { Identity::of(&path) };
        Self { name, folder, path, old, kind }
    }

    /// Whether each process has its own.
    pub(super) fn is_of_each_process(&self) -> bool {
        self.name.to_str().is_some_and(|name| name.contains(PROCESS))
    }

    /// The file of this process, which may have been made by `fork` since.
    pub(super) fn of_this_process(&self) -> Self {
        Self::new(self.name.clone(), self.folder.clone(), self.kind)
    }

    /// A file that was saved, as it is called where the program was started: whoever looks at the terminal is there.
    pub(super) fn as_named<'f>(&self, file: &'f Path) -> &'f Path {
        let is_relative = Path::new(&self.name).is_relative();
        file.strip_prefix(&self.folder).ok().filter(|_| is_relative).unwrap_or(file)
    }

    /// Finds out whether a file could be written there now.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.kind == Kind::Terminal { Ok(()) } else { export::check(&self.path) }
    }

    /// Saves a trace, or its summary; gives the file, if there is one.
    pub(super) fn save(&self, trace: &Trace) -> Result<Option<PathBuf>, Error> {
        let summary = || format!("{}\n", trace.summary().to_string().trim_end());
        match self.kind {
            Kind::Trace(format) => self.write(|file| format.write(trace, file)).map(Some),
            Kind::Summary => self.write(|mut file| file.write_all(summary().as_bytes())).map(Some),
            Kind::Terminal => {
                // Perhaps nobody listens.
                let _ = io::stderr().write_all(summary().as_bytes());
                Ok(None)
            }
        }
    }

    fn write(&self, writes: impl FnOnce(File) -> io::Result<()>) -> Result<PathBuf, Error> {
        // What this copy saved before is of this process, too.
        static SAVED: AtomicBool = AtomicBool::new(false);
        // Relaxed: who saves first is the one who finds the old file.
        let is_first = !SAVED.swap(true, Ordering::Relaxed);
        let is_old = |place: &Path| is_first && self.old.is_some() && Identity::of(place) == self.old;
        export::save_new(&self.path, is_old, writes)
    }
}

impl Identity {
    /// That of the file at this path, if there is one.
    fn of(path: &Path) -> Option<Self> {
        let there = fs::metadata(path).ok()?;
        Some(Self { length: there.len(), modified: there.modified().ok(), number: number_of(&there) })
    }
}

#[cfg(unix)]
fn number_of(there: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(there)
}

/// Elsewhere the other two have to do.
#[cfg(not(unix))]
fn number_of(_there: &Metadata) -> u64 {
    0
}
