//! What the environment asks for: `TRACEME`, `TRACEME_OUT` and `TRACEME_MEMORY`.

use std::env;
use std::time::Duration;

use crate::error::Error;
use crate::filter::Filter;
use crate::session::Memory;
use crate::session::output::Output;

/// A session to start, and the file to save its trace in.
#[derive(Debug)]
pub(crate) struct Request {
    pub(super) filter: Filter,
    /// The same as it is written.
    pub(super) directives: String,
    pub(super) memory: Memory,
    pub(super) output: Output,
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
        let directives = directives.into();
        Ok(Some(Self {
            filter,
            directives,
            memory,
            output: Output::read().map_err(|error| error.about("TRACEME_OUT"))?,
        }))
    }
}

/// The variable that says how to record, if none says what: who has forgotten that wants to know.
pub(super) fn alone() -> Option<&'static str> {
    let is_set = |variable: &&str| env::var_os(variable).is_some_and(|value| !value.is_empty());
    ["TRACEME_OUT", "TRACEME_MEMORY"].into_iter().find(is_set).filter(|_| env::var_os("TRACEME").is_none())
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
            let seconds = time.strip_suffix('s')?.parse().ok().filter(|&seconds: &u64| seconds > 0)?;
            bytes(number).map(|bytes| Memory::for_last(Duration::from_secs(seconds), bytes))
        }
        _ => None,
    }
}
