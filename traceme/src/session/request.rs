//! What the environment asks for: `TRACEME`, `TRACEME_OUT` and `TRACEME_MEMORY`.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Error;
use crate::export::Format;
use crate::filter::Filter;
use crate::record::process;
use crate::session::Memory;

/// A session to start, and the file to save its trace in.
#[derive(Debug)]
pub(crate) struct Request {
    pub(super) filter: Filter,
    pub(super) memory: Memory,
    pub(super) output: Output,
}

/// The file to save a trace in.
#[derive(Debug)]
pub(crate) struct Output {
    /// As it is named, with `%p`, and the working directory of that moment: the program may go to another one.
    name: OsString,
    folder: PathBuf,
    /// The file of the process that made this.
    path: PathBuf,
}

impl Request {
    /// What the environment asks for; `None` if for nothing.
    pub(crate) fn read() -> Result<Option<Self>, Error> {
        let Some(directives) = env::var_os("TRACEME").filter(|directives| !directives.is_empty()) else {
            return Ok(None);
        };
        let Some(directives) = directives.to_str() else {
            return Err(Error::environment(format!("TRACEME: {} is not UTF-8", directives.to_string_lossy())));
        };
        let filter: Filter = directives.parse().map_err(|error: Error| error.about("TRACEME"))?;
        if filter.highest() == 0 {
            return Ok(None);
        }
        let memory = memory().map_err(|error| error.about("TRACEME_MEMORY"))?;
        Ok(Some(Self { filter, memory, output: output().map_err(|error| error.about("TRACEME_OUT"))? }))
    }
}

/// The memory that `TRACEME_MEMORY` grants, or as much as any session has.
fn memory() -> Result<Memory, Error> {
    let Some(text) = env::var_os("TRACEME_MEMORY").filter(|text| !text.is_empty()) else {
        return Ok(Memory::default());
    };
    text.to_str().and_then(memory_of).ok_or_else(|| {
        Error::environment(format!(
            "`{}` is no memory: write 512 for 512 MiB, ring:64 for the newest 64 MiB, last:30s:64 for those of 30 seconds",
            text.to_string_lossy()
        ))
    })
}

fn memory_of(text: &str) -> Option<Memory> {
    let bytes =
        |number: &str| number.parse().ok().filter(|&number| number > 0).map(|n: usize| n.saturating_mul(1 << 20));
    match *text.split(':').collect::<Vec<_>>().as_slice() {
        [number] => bytes(number).map(Memory::bounded),
        ["ring", number] => bytes(number).map(Memory::ring),
        ["last", time, number] => {
            let seconds = time.strip_suffix('s')?.parse().ok()?;
            bytes(number).map(|bytes| Memory::for_last(Duration::from_secs(seconds), bytes))
        }
        _ => None,
    }
}

/// The file that `TRACEME_OUT` names, or one in the working directory of this moment.
fn output() -> Result<Output, Error> {
    let name = env::var_os("TRACEME_OUT").filter(|name| !name.is_empty());
    let output = Output::new(name.unwrap_or_else(|| DEFAULT.into()), env::current_dir().unwrap_or_default());
    Format::of_path(&output.path)?;
    match output.path.parent() {
        Some(folder) if !folder.is_dir() => {
            Err(Error::environment(format!("there is no directory {}: create it first", folder.display())))
        }
        _ => Ok(output),
    }
}

/// The name of the file unless one is given.
const DEFAULT: &str = "traceme-%p.pftrace";
/// What stands for the id of the process.
const PROCESS: &str = "%p";

impl Output {
    fn new(name: OsString, folder: PathBuf) -> Self {
        let file = name.to_str().map(|text| text.replace(PROCESS, &process::id().to_string()));
        let path = folder.join(file.map_or_else(|| name.clone(), OsString::from));
        let path = std::path::absolute(&path).unwrap_or(path);
        Self { name, folder, path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether each process has its own.
    pub(super) fn is_of_each_process(&self) -> bool {
        self.name.to_str().is_some_and(|name| name.contains(PROCESS))
    }

    /// The file of this process, which may have been made by `fork` since.
    pub(super) fn of_this_process(&self) -> Self {
        Self::new(self.name.clone(), self.folder.clone())
    }
}
