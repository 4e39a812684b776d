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
//! | `names.rs`, `durations.rs` | what is kept for each name, and of its durations |
//! | `table.rs`, `format.rs` | the figures as text for a terminal |

mod durations;
mod format;
mod gather;
mod names;
mod open;
mod summary;
mod table;

#[cfg(all(test, not(loom)))]
mod tests;

pub use summary::{CauseSummary, CounterSummary, LossSummary, NameCount, SpanSummary, Summary, TrackSummary};
pub use table::{SortBy, Table};
