//! What a recording says as a whole: pure functions of a [`Read`](crate::trace::Read).
//!
//! [`Trace::summary`](crate::Trace::summary) and [`Summary::of`] tell where the time went, by name. They read
//! a track after the other, once as a rule, and keep some memory for each name, none for each span.
//!
//! | file | |
//! |---|---|
//! | `summary.rs` | the figures, as a reader gets them |
//! | `gather.rs` | from events to figures |
//! | `open.rs` | which spans of a track are open, and which one is innermost |
//! | `names.rs` | one item for each name, found by callsite where the source has the name |
//! | `spans.rs` | what is kept of the spans of one name |
//! | `durations.rs` | their durations, in little memory |
//! | `samples.rs` | what is kept of the samples of one counter |
//! | `tracks.rs` | what is counted of each track |
//! | `tasks.rs` | the tasks of each name, from their events to their table |
//! | `sampled.rs` | what sampling left out, and what follows for the figures |
//! | `spread.rs` | how far estimates may be off |
//! | `overhead.rs` | what recording took |
//! | `taken.rs` | of how much time |
//! | `ledger.rs` | what was lost, by cause |
//! | `sums.rs` | the figures of a recording that is read part by part |
//! | `table.rs` | the figures as text for a terminal |
//! | `format.rs` | numbers and names in there: short, and of one width |

mod durations;
mod format;
mod gather;
mod ledger;
mod names;
mod open;
mod overhead;
mod sampled;
mod samples;
mod spans;
mod spread;
mod summary;
#[cfg(all(feature = "enable", not(loom)))]
mod sums;
mod table;
mod taken;
mod tasks;
mod tracks;

#[cfg(all(test, not(loom)))]
mod tests;

pub use summary::{
    CauseSummary, CounterSummary, LossSummary, NameCount, Overhead, SpanSummary, Summary, TaskSummary, TrackSummary,
};
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) use sums::Sums;
pub use table::{SortBy, Table};
