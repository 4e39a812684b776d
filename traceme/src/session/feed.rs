//! The thread that feeds a session's sinks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use crate::error::Error;
use crate::record::chunk::{Reader, Recorded};
use crate::record::recorder::{Recording, Started};
use crate::session::Sink;
use crate::trace::{Trace, TraceBuilder};

/// How often the thread looks for full chunks.
const PERIOD: Duration = Duration::from_millis(10);

pub(super) struct Feed {
    /// Dropped to end the thread.
    running: Sender<()>,
    thread: JoinHandle<Batches>,
}

struct Batches {
    sinks: Vec<Box<dyn Sink>>,
    started: Started,
    taken: Receiver<Reader>,
    /// Chunks that are being written, and chunks that the sinks have had.
    open: Vec<Reader>,
    given: Vec<Reader>,
}

impl Feed {
    pub(super) fn start(recording: &Recording, sinks: Vec<Box<dyn Sink>>) -> Result<Self, Error> {
        let (taken, started) = (recording.taken(), recording.started());
        let mut batches = Batches { sinks, started, taken, open: Vec::new(), given: Vec::new() };
        let (running, ended) = bounded::<()>(0);
        let run = move || {
            while ended.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
                batches.give_full();
            }
            batches
        };
        let thread = Builder::new().name("traceme-sink".into()).spawn(run);
        let thread =
            thread.map_err(|error| Error::memory(format!("the thread of the sinks can't be started: {error}")))?;
        Ok(Self { running, thread })
    }

    /// Stops the recording, and gives the sinks what they haven't had.
    pub(super) fn stop(self, recording: Recording) -> Recorded {
        drop(self.running);
        let Ok(mut batches) = self.thread.join() else {
            // Not by a sink: their panics are caught.
            return recording.stop(Vec::new());
        };
        let mut recorded = recording.stop(std::mem::take(&mut batches.open));
        let chunks = recorded.chunks.iter().filter_map(Reader::share).collect();
        batches.give(Recorded { chunks, lost: recorded.lost.clone(), ..Recorded::of(recorded.clock) });
        recorded.chunks.append(&mut batches.given);
        recorded
    }
}

impl Batches {
    fn give_full(&mut self) {
        self.open.extend(self.taken.try_iter());
        let (mut full, open) = std::mem::take(&mut self.open).into_iter().partition(Reader::is_finished);
        self.open = open;
        full.iter_mut().for_each(|chunk: &mut Reader| {
            chunk.close();
        });
        let chunks: Vec<Reader> = full.iter().filter_map(Reader::share).collect();
        self.given.append(&mut full);
        if !chunks.is_empty() {
            self.give(Recorded { chunks, ..Recorded::of(self.started.clock()) });
        }
    }

    /// A sink that panics gets no further batch.
    fn give(&mut self, batch: Recorded) {
        let batch = Trace::new(batch, TraceBuilder::default());
        self.sinks.retain_mut(|sink| catch_unwind(AssertUnwindSafe(|| sink.batch(&batch))).is_ok());
    }
}
