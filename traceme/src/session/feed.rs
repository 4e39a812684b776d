//! The thread that feeds a session's sinks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use crate::error::Error;
use crate::record::chunk::{Reader, Recorded};
use crate::record::recorder::{self, Recording, Started};
use crate::session::Sink;
use crate::trace::{Trace, TraceBuilder};

/// How often the thread looks for full chunks.
const PERIOD: Duration = Duration::from_millis(10);

pub(super) struct Feed {
    /// Takes the recording to be stopped.
    stop: Sender<Recording>,
    thread: JoinHandle<Option<Recorded>>,
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
        let (stop, stopped) = bounded::<Recording>(1);
        let run = move || loop {
            match stopped.recv_timeout(PERIOD) {
                Err(RecvTimeoutError::Timeout) => batches.give_full(),
                Err(RecvTimeoutError::Disconnected) => return None,
                Ok(recording) => return Some(batches.finish(recording)),
            }
        };
        let thread = Builder::new().name("traceme-sink".into()).spawn(run);
        let thread =
            thread.map_err(|error| Error::memory(format!("the thread of the sinks can't be started: {error}")))?;
        Ok(Self { stop, thread })
    }

    /// Stops the recording, and gives the sinks what they haven't had.
    pub(super) fn stop(self, recording: Recording) -> Recorded {
        match self.stop.send(recording) {
            // A thread that ends with nothing has panicked, though not in a sink, whose panics are caught.
            Ok(()) => self.thread.join().ok().flatten().unwrap_or_default(),
            Err(returned) => returned.into_inner().stop(Vec::new()),
        }
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
            self.give(Recorded { chunks, shared: recorder::is_shared(), ..Recorded::of(self.started.clock()) });
        }
    }

    fn finish(mut self, recording: Recording) -> Recorded {
        let mut recorded = recording.stop(std::mem::take(&mut self.open));
        let chunks = recorded.chunks.iter().filter_map(Reader::share).collect();
        self.give(Recorded {
            chunks,
            lost: recorded.lost.clone(),
            shared: recorded.shared,
            ..Recorded::of(recorded.clock)
        });
        recorded.chunks.append(&mut self.given);
        recorded
    }

    /// A sink that panics gets no further batch.
    fn give(&mut self, batch: Recorded) {
        let batch = Trace::new(batch, TraceBuilder::default());
        self.sinks.retain_mut(|sink| catch_unwind(AssertUnwindSafe(|| sink.batch(&batch))).is_ok());
    }
}
