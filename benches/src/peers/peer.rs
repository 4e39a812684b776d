//! What every peer is asked.

use std::io::{self, Write};
use std::path::Path;

/// A way to trace, used as its documentation recommends it where costs matter.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// What it is called.
    pub name: &'static str,
    /// The packages whose versions matter.
    pub packages: &'static [&'static str],
    /// Whether each event has a time.
    pub is_timed: bool,
    /// How it is used, in a sentence or two.
    pub how: &'static str,
    /// What it records.
    pub subjects: Subjects,
    /// Spans in a slice: at best more than it takes to fill a buffer, and less than a millisecond.
    pub slice: u64,
    /// Whether it keeps events in memory until somebody asks for them.
    pub holds: bool,
    /// Whether it gives them back as records.
    pub reads: bool,
    /// The extensions of the files that it saves.
    pub formats: &'static [&'static str],
    /// Makes it ready to be used, once in a process.
    pub start: fn() -> Box<dyn Peer>,
}

/// Functions that do one thing as often as they are told; `None` where a peer has nothing that compares.
#[derive(Clone, Copy, Debug)]
pub struct Subjects {
    /// A span without metadata, while nothing is recorded. The peer has not been started.
    pub off: Option<fn(u64)>,
    /// A span without metadata.
    pub span: Option<fn(u64)>,
    /// A span with two integers and a string of 4 bytes.
    pub values: Option<fn(u64)>,
    /// A point in time.
    pub instant: Option<fn(u64)>,
    /// Spans 8 deep; the count is of spans.
    pub deep: Option<fn(u64)>,
}

/// A peer that has been started. A round begins, records, and comes to one of three ends.
pub trait Peer {
    /// Makes ready for a round.
    fn begin(&mut self);

    /// Ends the round in the cheapest way.
    ///
    /// # Panics
    ///
    /// If it sees that it has not recorded this many events.
    fn end(&mut self, events: u64);

    /// Ends the round with records in memory, and looks at each.
    ///
    /// # Panics
    ///
    /// If it gives no records, or another number of them.
    fn read(&mut self, events: u64) {
        panic!("gives no records, so not {events}");
    }

    /// A whole round that ends with a file.
    ///
    /// # Panics
    ///
    /// If it writes no files, or this one can't be written.
    fn save(&mut self, file: &Path, record: &mut dyn FnMut()) {
        record();
        panic!("writes no {}", file.display());
    }
}

/// Calls `record` with parts of the count: where spans belong into another one, which can't have any number of them.
pub fn in_parts(count: u64, mut record: impl FnMut(u64)) {
    const PART: u64 = 8_000;
    for part in 0..count.div_ceil(PART) {
        record(PART.min(count - part * PART));
    }
}

/// Writes a span as one of Chrome's events, as one does it by hand.
///
/// # Errors
///
/// Those of `out`.
pub fn write_event(mut out: impl Write, name: &str, ns: u64, duration: u64) -> io::Result<()> {
    writeln!(
        out,
        r#"{{"ph":"X","pid":1,"tid":1,"name":"{name}","ts":{}.{:03},"dur":{}.{:03}}},"#,
        ns / 1000,
        ns % 1000,
        duration / 1000,
        duration % 1000
    )
}
