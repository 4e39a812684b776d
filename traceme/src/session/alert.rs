//! Spans that took too long, told while the session runs.

use std::fmt;
use std::time::Duration;

use crate::callsite::Callsite;

/// A span that took as long as its alert says, or longer: see [`Builder::on_alert`](super::Builder::on_alert).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Alert {
    /// The span's callsite, with its name (empty if that is made at run time), file and line.
    pub callsite: &'static Callsite,
    /// When it began, in ns from the session's start, as [`Span::start`](crate::trace::Span::start). A trace can differ by far
    /// less than a microsecond: each compares the clocks anew.
    pub start: u64,
    /// How long it took, by the rate of the clock as it was known when the session started. The trace, whose rate is that of
    /// the whole session, can differ by some millionths.
    pub duration: Duration,
    /// How long it may take.
    pub limit: Duration,
    /// The id that the operating system gives the thread that it ran on: that of one
    /// [track](crate::trace::TrackKind::Thread), which has the thread's name.
    pub os_tid: u32,
}

impl Alert {
    /// The span's name; file and line of a callsite whose name is made at run time.
    pub fn name(&self) -> String {
        match self.callsite.name.as_str() {
            "" => format!("{}:{}", self.callsite.file, self.callsite.line),
            name => name.into(),
        }
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { duration, limit, os_tid, .. } = self;
        write!(f, "{} took {duration:?} on thread {os_tid}, its alert is at {limit:?}", self.name())
    }
}
