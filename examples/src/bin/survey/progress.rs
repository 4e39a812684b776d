//! How far a run is: for the bar on the terminal, and for the counters in the trace.

use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use traceme::counter;

/// Counts the files of one run.
// Relaxed everywhere: the numbers are shown, and order nothing else.
pub(crate) struct Progress {
    bar: ProgressBar,
    found: AtomicU64,
    done: AtomicU64,
    bytes: AtomicU64,
}

impl Progress {
    /// Shows a bar with this text on standard error, if that is a terminal.
    pub(crate) fn new(text: String) -> Self {
        let bar = ProgressBar::new(0).with_message(text);
        if let Ok(style) = ProgressStyle::with_template("{msg:30} {bar:40} {pos} of {len} files") {
            bar.set_style(style);
        }
        let [found, done, bytes] = [const { AtomicU64::new(0) }; 3];
        Self { bar, found, done, bytes }
    }

    /// The walker found a file.
    pub(crate) fn found(&self) {
        let found = self.found.fetch_add(1, Ordering::Relaxed) + 1;
        self.bar.set_length(found);
        counter!("files queued", found.saturating_sub(self.done.load(Ordering::Relaxed)), level = 3);
    }

    /// A worker is through with a file.
    pub(crate) fn done(&self, bytes: u64) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.bar.set_position(done);
        counter!("files queued", self.found.load(Ordering::Relaxed).saturating_sub(done), level = 3);
        counter!("files parsed", done, level = 2);
        counter!("bytes parsed", bytes, unit = "B", level = 2);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
