//! Writing a recording in the formats of the viewers that people use.
//!
//! What enters is a [`Read`](crate::trace::Read), what leaves are bytes. Nothing here changes a recording, and nothing
//! is kept of it but a window of events and what is open for longer: any length is written in the same memory.
//!
//! # Names that several callsites have
//!
//! A span of such a name says where it comes from: its file, line and module to Perfetto (`source.file_name` and so on in
//! its queries), `callsite` among the metadata in JSON. So does an instant. Of other names nothing is written.
//!
//! # Costs
//!
//! A file says what recording [costs](crate::selftest()) in the process that writes it, if that is the one that was recorded.
//! The first file, or [summary](crate::Trace::summary), in a process that doesn't know it yet has it measured: it waits for a
//! thread that takes some 15 ms. To have that time elsewhere, call [`selftest`](crate::selftest()) earlier. What is known is
//! all that a file says, and nothing is measured, where nobody should wait: in the dump of an
//! [action](crate::session::Action::save), in the file that `TRACEME` asks for, on a thread that panics, and in a process made
//! by `fork`.
//!
//! # Inside
//!
//! | file | |
//! |---|---|
//! | `whole.rs` | the events of a track, each with all that is known of it |
//! | `args.rs` | the metadata of an event, each key once |
//! | `lanes.rs` | which row a span is drawn on |
//! | `rows.rs` | the ids and the names of rows; what was lost as a row of its own |
//! | `origins.rs` | which callsites share their name with others |
//! | `chrome.rs` | Chrome's JSON |
//! | `json.rs` | texts, numbers and metadata in it |
//! | `perfetto.rs` | Perfetto's protobuf |
//! | `packets.rs` | its packets, a sequence for each track |
//! | `interned.rs` | names that are written once, and then referred to by number |
//! | `annotation.rs` | metadata in it |
//! | `proto.rs` | messages and fields, as bytes |
//! | `format.rs` | which format a file's name asks for |
//! | `save.rs` | files that are whole or not there |
//! | `out.rs` | bytes on their way out |

mod annotation;
mod args;
mod chrome;
mod format;
mod interned;
mod json;
mod lanes;
mod origins;
mod out;
mod packets;
mod perfetto;
mod proto;
mod rows;
mod save;
mod whole;

#[cfg(all(test, not(loom)))]
mod tests;

pub use chrome::chrome;
pub use format::Format;
pub use perfetto::perfetto;
#[cfg(feature = "gzip")]
pub use perfetto::perfetto_compressed;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) use save::check;
pub use save::save;

use crate::trace::Flags;

/// The metadata key under which the flags of a span are written, such as `incomplete`.
const FLAGS: &str = "traceme_flags";
/// The key under which is written where an event comes from, if other callsites have its name.
const CALLSITE: &str = "callsite";
/// The key under which is written how many events one stands for, if that is more than itself.
const WEIGHT: &str = "weight";

/// The flags of a span as metadata; `None` if there are none.
fn flags(flags: Flags) -> Option<String> {
    if flags == Flags::default() {
        return None;
    }
    let mut names = flags.names();
    let first = names.next()?;
    Some(names.fold(first.into(), |all, name| all + ", " + name))
}
