//! A session: from start to stop.

use std::fmt;
use std::sync::Arc;

use crate::error::Error;
use crate::filter::Filter;
use crate::level::Level;
use crate::record::recorder::{self, Config, Recording};
use crate::record::supply::WhenFull;
use crate::session::environment;
use crate::session::feed::{Feed, Telling};
use crate::session::{Builder, Source};
use crate::trace::{Trace, TraceBuilder};

/// Records from its start until it is stopped or dropped. There is at most one in a process.
///
/// ```
/// use traceme::{Session, trace_scope};
///
/// let session = Session::start(2)?;
/// {
///     trace_scope!("work", level = 2);
/// }
/// let trace = session.stop();
/// assert_eq!(trace.spans().count(), 1);
/// # Ok::<(), traceme::Error>(())
/// ```
#[must_use = "a session that is dropped records nothing: keep it, and call `stop` for its trace"]
pub struct Session {
    recording: Option<Recording>,
    sources: Vec<Box<dyn Source>>,
    feed: Option<Feed>,
}

impl Session {
    /// Starts to record callsites up to `level`, a number from 1 to 255 or a [`Level`], in at most 256 MiB.
    ///
    /// If no callsite has run before, this decides that the program, not its environment, says what to record: `TRACEME`
    /// is ignored, also when this session has stopped, unless the program calls [`init`](crate::init) then.
    ///
    /// # Errors
    ///
    /// Those of [`Builder::start`]; a session that is running already is not touched.
    pub fn start<L: TryInto<Level, Error: Into<Error>>>(level: L) -> Result<Self, Error> {
        Self::builder().level(level).start()
    }

    /// The settings of a session to start.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(super) fn start_with(builder: Builder) -> Result<Self, Error> {
        let Builder { filter, categories, memory, mut sources, sinks, handlers } = builder;
        let (alerts, telling) = Telling::of(handlers);
        let when_full = if memory.is_ring() { WhenFull::Overwrite } else { WhenFull::Lose };
        let age = memory.age().map(|age| u64::try_from(age.as_nanos()).unwrap_or(u64::MAX));
        let config = Config { filter: filter?, categories, memory: memory.bytes(), when_full, age, alerts };
        // Before any callsite: the program decides, not the environment.
        recorder::decide();
        if recorder::epoch() != 0 {
            // Before any source is touched: the running session may use it.
            return Err(Self::is_running());
        }
        for at in 0..sources.len() {
            if let Err(error) = sources[at].start() {
                sources[..at].iter_mut().for_each(|source| source.stop());
                return Err(error);
            }
        }
        let mut session = Self { recording: None, sources, feed: None };
        match recorder::start(config) {
            Ok(recording) => session.recording = Some(recording),
            Err(error) => {
                session.sources.iter_mut().for_each(|source| source.stop());
                return Err(if error.is_running() { Self::is_running() } else { error });
            }
        }
        if let (Some(recording), false) = (&session.recording, sinks.is_empty() && telling.is_empty()) {
            // An error drops the session, which stops it.
            session.feed = Some(Feed::start(recording, sinks, telling)?);
        }
        Ok(session)
    }

    fn is_running() -> Error {
        if environment::is_recording() { Error::running_as_requested() } else { Error::running() }
    }

    /// Stops to record, and gives what was recorded.
    ///
    /// This takes the chunks over and looks into none of them: it takes about as long for a million spans as for
    /// none. Spans that are open are in the trace, marked incomplete.
    pub fn stop(mut self) -> Trace {
        self.finish()
    }

    /// What is held at this moment; the session goes on, and [`stop`](Self::stop) gives all of it again.
    ///
    /// Writers don't wait for it. Of each thread the snapshot has everything up to some moment during the call. Spans that
    /// are open then are marked incomplete, and the ledger has what was lost so far. What [sources](super::Source) record
    /// is not in it: they are asked when the session stops. An activity that ends during the call, on another thread than
    /// it began on, can be there with its end only: see [`unmatched_ends`](crate::trace::Losses::unmatched_ends).
    ///
    /// It copies nothing: it holds the chunks, and nothing is written over them while it exists. So it keeps up to as much
    /// memory from being used again as the session may use; the session takes other memory instead.
    ///
    /// ```
    /// use traceme::{Memory, Session, instant, trace_scope};
    ///
    /// let session = Session::builder().memory(Memory::ring(16 << 20)).start()?;
    /// trace_scope!("request");
    /// instant!("something odd");
    /// let snapshot = session.snapshot();
    /// assert_eq!(snapshot.spans().next().and_then(|span| span.end()), None, "it is still open");
    /// assert_eq!(snapshot.event_count(), 2);
    ///
    /// instant!("all is well");
    /// assert_eq!(session.stop().event_count(), 3);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    pub fn snapshot(&self) -> Trace {
        let snapshot = self.recording.as_ref().map(|recording| recording.view().snapshot());
        snapshot.map_or_else(Trace::default, |recorded| Trace::new(recorded, TraceBuilder::default()))
    }

    /// Gives what was recorded since the start, or since the last call, and goes on without it: nothing is in two parts,
    /// and nothing in none.
    ///
    /// Writers don't wait for it. What is given away is the session's no more: its memory is free for what comes. So a
    /// program that runs for weeks can save a file an hour. Times go on counting from the session's start, and
    /// [`Trace::start`] says when a part begins.
    ///
    /// A span that is open at the seam is in both parts: incomplete in the first one, whole in the next, from its true
    /// start on, with its metadata unless that was written 256 KiB of events ago. As an event it counts in the first. What
    /// [sources](super::Source) record is in the last part, which [`stop`](Self::stop) gives. Of an activity that begins
    /// in one part and ends in another, the beginning is in the first, incomplete; so is a span that had outlived the one
    /// that it began in.
    ///
    /// ```
    /// use traceme::{Session, instant, trace_scope};
    ///
    /// let session = Session::start(2)?;
    /// trace_scope!("all the time");
    /// instant!("first");
    /// let first = session.rotate();
    /// instant!("second");
    /// let second = session.stop();
    ///
    /// assert_eq!((first.event_count(), second.event_count()), (2, 1));
    /// assert_eq!((first.spans().count(), second.spans().count()), (1, 1), "it is open in both");
    /// assert!(first.start() == 0 && second.start() > 0);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    pub fn rotate(&self) -> Trace {
        let part = self.recording.as_ref().map(|recording| recording.view().rotate());
        part.map_or_else(Trace::default, |recorded| Trace::new(recorded, TraceBuilder::default()))
    }

    /// Records from here on the callsites that a filter lets through: a [`Filter`], its text, or a [`Level`]. Any thread may call
    /// it, while others record.
    ///
    /// It takes as long for a thousand callsites as for one: each is compared again when it next runs. What runs at the same
    /// time is recorded by the filter that was there or by the new one. Spans that are open go on, and end as ever. The
    /// [categories](Builder::categories) of the session stay. A filter that an action has raised is
    /// replaced too, and stays replaced when that time is over.
    ///
    /// ```
    /// use traceme::{Session, trace_scope};
    ///
    /// let session = Session::builder().filter("info").start()?;
    /// let work = || { trace_scope!("detail", level = 3); };
    /// work();
    /// session.set_filter("info,name:detail=verbose")?;
    /// work();
    /// session.set_filter("off")?;
    /// work();
    /// assert_eq!(session.stop().spans().count(), 1);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_filter`](Error::is_filter): the filter's text has a mistake. What was recorded is recorded still.
    pub fn set_filter<F: TryInto<Filter, Error: Into<Error>>>(&self, filter: F) -> Result<(), Error> {
        let filter = filter.try_into().map_err(Into::into)?;
        if let Some(recording) = &self.recording {
            recorder::set_filter(recording.view().run().epoch, Arc::new(filter), None);
        }
        Ok(())
    }

    fn finish(&mut self) -> Trace {
        let Some(recording) = self.recording.take() else { return Trace::default() };
        let recorded = match self.feed.take() {
            Some(feed) => feed.stop(recording),
            None => recording.stop(),
        };
        self.sources.iter_mut().for_each(|source| source.stop());
        let mut builder = TraceBuilder::new(&recorded.clock);
        for source in &mut self.sources {
            source.collect(&mut builder);
        }
        Trace::new(recorded, builder)
    }
}

impl Drop for Session {
    /// Stops recording; what was recorded is dropped.
    fn drop(&mut self) {
        self.finish();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("recording", &self.recording.is_some()).finish_non_exhaustive()
    }
}
