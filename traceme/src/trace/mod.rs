//! Reading a recording: from the words that threads wrote to spans that a person or a program can look at.
//!
//! What enters are the chunks of a session, and what a [`TraceBuilder`] was given; what leaves is a [`Trace`].
//! Nothing is decoded before somebody asks for it, and then step by step:
//!
//! | file | makes |
//! |---|---|
//! | `scan.rs` | the sections of each chunk. A quick look at the words |
//! | `seam.rs` | the first section of a thread where what is before was given away |
//! | `index.rs` | the sections of each thread, in order; tracks; losses |
//! | `decode.rs` | one thread's events, in time order, a record at a time |
//! | `shared.rs` | what belongs to no thread, gathered: samples of counters |
//! | `activities.rs` | and activities, tasks, spans measured elsewhere, put together from their parts |
//! | `ids.rs` | sets of ids, of which most are there |
//! | `keys.rs` | the keys of spans that were measured elsewhere, as strings |
//! | `known.rs` | what events refer to: callsites, and names of tasks |
//! | `carried.rs` | what goes on over the seams between a sink's batches |
//! | `events.rs` | the events of any track |
//! | `read.rs` | the interface to that: [`Read`], [`Event`], which exporters and analyses are written against |
//! | `meta.rs` | what an event is called and carries: [`Meta`] |
//! | `flags.rs` | what is special about a span: [`Flags`] |
//! | `losses.rs` | the ledger as it is read: [`Losses`] |
//! | `forest.rs` | spans with parents and children, made from the events |
//! | `tasks.rs` | each task with its polls: [`Task`] |
//! | `model.rs` | [`Trace`], its [`Process`] and its clock |
//! | `track.rs` | its timelines: [`Track`] |
//! | `view.rs` | what it holds, one at a time: [`Span`], [`Instant`], [`Sample`] |
//! | `selection.rs` | which part of a trace to show: [`Selection`] |
//! | `selected.rs` | what is in that |
//! | `builder.rs` | events that were not recorded here, a device's say: how they come in, [`TraceBuilder`] |
//! | `given.rs` | how they are kept |
//! | `text.rs` | a trace as indented text |
//!
//! Decoding is total: whatever the words are, they give events, or are counted as damaged from the first one on
//! that makes no sense. It never panics and never gives an event that was not recorded.

mod activities;
mod builder;
mod carried;
mod decode;
mod events;
mod flags;
mod forest;
mod given;
mod ids;
mod index;
mod keys;
mod known;
mod losses;
mod meta;
mod model;
mod read;
mod scan;
mod seam;
mod selected;
mod selection;
mod shared;
mod tasks;
mod text;
mod track;
mod view;

#[cfg(all(test, not(loom)))]
mod tests;

pub use builder::{Added, TraceBuilder};
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) use carried::Carried;
pub use flags::Flags;
pub(crate) use ids::Ids;
pub use losses::{Loss, Losses};
pub use meta::{FlowEnd, Meta};
pub use model::{ClockInfo, Process, Trace};
pub use read::{CallsiteId, Event, Read, Tables};
pub use selection::Selection;
pub use tasks::Task;
pub use text::TraceText;
pub use track::{Track, TrackId, TrackKind};
pub use view::{Instant, Sample, Span};

pub use crate::record::budget::Budget;
pub use crate::record::loss::Cause;
pub use crate::record::time::ClockSource;
pub use crate::record::value::{Numbers, Text, Value};
