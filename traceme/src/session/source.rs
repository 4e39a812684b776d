//! Events that others record: a GPU's, a simulator's, those of another tracer.

use super::theirs::Theirs;
use crate::error::Error;
use crate::trace::TraceBuilder;

/// Something that records events of its own while a session runs, and adds them to the session's trace.
///
/// A session calls [`start`](Self::start) before it records, [`stop`](Self::stop) when it has stopped, and
/// [`collect`](Self::collect) last, each once, on the thread that starts and stops the session.
///
/// A panic ends in the source: if it can't start, the session doesn't, and nothing else is lost by one that comes later. What
/// it has added to the trace by then stays there.
pub trait Source: Send {
    /// Begins to record.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from recording, made with [`Error::of_source`]: then the session doesn't start, and the
    /// sources that had started are stopped.
    fn start(&mut self) -> Result<(), Error>;

    /// Ends recording.
    fn stop(&mut self);

    /// Adds the tracks and events that were recorded.
    fn collect(&mut self, trace: &mut TraceBuilder);
}

/// The sources of a session.
#[derive(Default)]
pub(super) struct Sources(Vec<Theirs<Box<dyn Source>>>);

impl Sources {
    pub(super) fn push(&mut self, source: impl Source + 'static) {
        self.0.push(Theirs::new(Box::new(source)));
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Starts all; stops those that have started if one fails to.
    pub(super) fn start(&mut self) -> Result<(), Error> {
        for at in 0..self.count() {
            let mut started = Err(Error::of_source("a source panicked when it was to start"));
            self.0[at].call(|source| started = source.start());
            if started.is_err() {
                stop(&mut self.0[..at]);
                return started;
            }
        }
        Ok(())
    }

    pub(super) fn stop(&mut self) {
        stop(&mut self.0);
    }

    pub(super) fn collect(&mut self, trace: &mut TraceBuilder) {
        for source in &mut self.0 {
            source.call(|source| source.collect(trace));
        }
    }
}

fn stop(sources: &mut [Theirs<Box<dyn Source>>]) {
    for source in sources {
        source.call(|source| source.stop());
    }
}
