//! What the environment asks for: `TRACEME`, `TRACEME_OUT` and `TRACEME_MEMORY`.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::Error;
use crate::export::Format;
use crate::filter::Filter;
use crate::session::Memory;

/// A session to start, and the file to save its trace in.
#[derive(Debug)]
pub(crate) struct Request {
    pub(super) filter: Filter,
    pub(super) memory: Memory,
    pub(super) file: PathBuf,
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
        Ok(Some(Self { filter, memory, file: file().map_err(|error| error.about("TRACEME_OUT"))? }))
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
fn file() -> Result<PathBuf, Error> {
    let process = std::process::id();
    let file = match env::var_os("TRACEME_OUT").filter(|file| !file.is_empty()) {
        Some(file) => {
            file.to_str().map_or_else(|| file.clone().into(), |text| text.replace("%p", &process.to_string()).into())
        }
        None => PathBuf::from(format!("traceme-{process}.pftrace")),
    };
    Format::of_path(&file)?;
    // The program may go to another directory before it ends.
    let file = std::path::absolute(&file).unwrap_or(file);
    match file.parent() {
        Some(folder) if !folder.is_dir() => {
            Err(Error::environment(format!("there is no directory {}: create it first", folder.display())))
        }
        _ => Ok(file),
    }
}
