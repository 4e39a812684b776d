//! A session: from start to stop.

use std::fmt;
use std::mem;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use crate::error::Error;
use crate::filter::Filter;
use crate::level::Level;
use crate::record::chunk::Recorded;
use crate::record::recorder::{self, Recording};
use crate::record::running::View;
use crate::record::{change, fork};
use crate::session::feed::Feed;
use crate::session::governor::Governor;
use crate::session::rules::{Acting, Shared};
use crate::session::sink::Taker;
use crate::session::source::Sources;
use crate::session::summing::{Figures, Summing};
use crate::session::{Action, Builder, Failures, Trigger, exit};
use crate::sync::lock;
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
///
/// # Forks
///
/// A process that records can `fork` at any time, on any thread; starting a program (`Command::spawn`) costs nothing extra.
/// The parent goes on as if nothing had happened. The child records nothing, and its copy of the session does no harm: it
/// gives an empty trace, takes no triggers, tells of no failures, and stops, saves and calls nothing of the parent's. A signal
/// that the parent [watches](Trigger::signal) does in the child what it would do without. The child can start a session of its
/// own, or the parent can have it recorded, with [`Builder::in_children`]. What the parent's session held when it forked stays
/// where it is in the child's copy of memory, until the child ends or starts another program.
///
/// A child made by a `fork` from inside the recorder, in a signal handler that interrupts it or in an allocator that is traced,
/// can't record: starting a session is an error there. It never waits, as long as it doesn't return to what the signal
/// handler interrupted. It loses the callsites of traces that it reads.
///
/// A thread that another one was just starting in the parent can hold a lock of Rust's standard library, in the child for
/// ever: then no thread that is made in the child begins. A session records there all the same; one that needs a thread, for
/// sinks, triggers or sums, is an error, after 5 s.
#[must_use = "a session that is dropped records nothing: keep it, and call `stop` for its trace"]
pub struct Session {
    pub(super) recording: Option<Recording>,
    /// Nobody else comes here while the session runs: the lock makes it one that threads can share.
    pub(super) sources: Mutex<Sources>,
    pub(super) feed: Mutex<Option<Feed>>,
    pub(super) shared: Arc<Shared>,
    /// If no events are kept.
    pub(super) summing: Option<Summing>,
    pub(super) governor: Option<Governor>,
    /// Then what is late for earlier sessions has been told, whoever gets the trace.
    pub(super) has_sinks: bool,
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

    /// Starts the session's thread, unless it runs.
    pub(super) fn start_feed(&self, sinks: Vec<Taker>) -> Result<(), Error> {
        let mut feed = lock(&self.feed);
        if let (None, Some(recording)) = (feed.as_ref(), &self.recording) {
            *feed = Some(Feed::start(recording.view(), sinks, &self.shared)?);
        }
        Ok(())
    }

    /// Stops to record, and gives what was recorded.
    ///
    /// This takes the chunks over and looks into none of them: it takes about as long for a million spans as for
    /// none. Spans that are open are in the trace, marked incomplete.
    ///
    /// An action or a sink of the session may call it. Then what the sinks haven't had, and what the other actions haven't
    /// heard of, they get when that one is through, behind this call; and alerts for which no handler is left by then are not
    /// in [`Trace::missed_alerts`].
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
    #[must_use = "it is made to be looked at, and changes nothing"]
    pub fn snapshot(&self) -> Trace {
        if let Some(figures) = self.figures() {
            return figures.snapshot();
        }
        self.view().map_or_else(Trace::default, |view| snapshot_of(&view))
    }

    /// What sums up, if no events are kept. In a process made by `fork` it is not there.
    fn figures(&self) -> Option<&Figures> {
        self.summing.as_ref().filter(|_| !self.is_of_parent()).map(Summing::figures)
    }

    /// Whether it is a copy: of a session of the process from which this one was made by `fork`. What the parent's threads lock
    /// is never locked here.
    fn is_of_parent(&self) -> bool {
        self.view().is_some_and(|view| view.is_of_parent())
    }

    /// For whoever looks at the session without keeping it from being stopped.
    pub(super) fn view(&self) -> Option<View> {
        self.recording.as_ref().map(Recording::view)
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
    /// in one part and ends in another, the beginning is in the first, incomplete; so is a span that had outlived its parent.
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
    #[must_use = "what was recorded is in it, and nowhere else any more"]
    pub fn rotate(&self) -> Trace {
        if let Some(figures) = self.figures() {
            return figures.rotate();
        }
        let part = self.view().map(|view| view.rotate());
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
        if let Some(epoch) = self.view().and_then(|view| view.epoch_or_heir(&filter)) {
            change::set_filter(epoch, Arc::new(filter), None);
        }
        Ok(())
    }

    /// Does something when something happens, from here on: a [`Trigger`] and an [`Action`]. A session can have any number
    /// of them.
    ///
    /// The session's thread, `traceme-sink`, looks every 4 ms at what has fired, and acts: one thing after the other, and in turn
    /// with the [sinks](super::Sink). No thread that records waits for it. What has fired before the session is stopped is acted on before
    /// [`stop`](Self::stop) gives the trace. If the process exits without that, it waits for what has fired, for up to a
    /// minute.
    ///
    /// ```
    /// use std::time::Duration;
    /// use traceme::{Memory, Session};
    /// use traceme::session::{Action, Trigger};
    ///
    /// let session = Session::builder().memory(Memory::ring(16 << 20)).start()?;
    /// session.on(
    ///     Trigger::span_over("db::*", Duration::from_millis(5)),
    ///     Action::call(|fired| eprintln!("{fired}; {} events are held", fired.snapshot().event_count())),
    /// )?;
    /// # drop(session);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`is_filter`](Error::is_filter): the pattern of a [`span_over`](Trigger::span_over) or the filter of a
    ///   [`raise`](Action::raise) has a mistake; [`is_level`](Error::is_level) for its level.
    /// - [`is_file`](Error::is_file): a [`save`](Action::save) can't write to its folder, or has no such format.
    /// - [`is_trigger`](Error::is_trigger): the trigger can't be watched on this system, or the session is that of a process
    ///   from which this one was made by `fork`.
    /// - [`is_memory`](Error::is_memory): the system gives no thread to act on.
    pub fn on(&self, trigger: Trigger, action: Action) -> Result<(), Error> {
        self.acting().map_or(Ok(()), |acting| acting?.on(trigger, action))
    }

    /// Sees to it that somebody acts on what fires; gives what rules are made with, for whoever may not hold the session meanwhile.
    pub(super) fn acting(&self) -> Option<Result<Acting, Error>> {
        Some(self.acting_until_exit()?.inspect(|_| exit::wait_for(&self.shared)))
    }

    /// The same where the end of the process need not wait for it.
    pub(super) fn acting_until_exit(&self) -> Option<Result<Acting, Error>> {
        let view = self.view()?;
        if view.is_of_parent() {
            let message = "this process was made by `fork`, without the session's thread: start a session here";
            return Some(Err(Error::trigger(message.into())));
        }
        let started = self.start_feed(Vec::new());
        Some(started.map(|()| Acting { view, shared: Arc::clone(&self.shared) }))
    }

    /// Fires the [manual](Trigger::manual) triggers, from any thread. It waits for nothing and takes no lock: a signal handler may
    /// call it. The session acts within about 4 ms, or when it is through with what it does.
    pub fn fire(&self) {
        // Release: what this thread recorded before is in a snapshot.
        self.shared.fired().fetch_add(1, Ordering::Release);
    }

    /// Which actions have failed so far: dumps that could not be saved, functions that panicked. Of each action, the first
    /// failure to save is told on the terminal too. In a process made by `fork`, none of the parent's.
    pub fn failures(&self) -> Failures {
        if self.is_of_parent() { Failures::default() } else { self.shared.failures() }
    }

    /// Whether it records this process: not in one made by `fork`, unless it is for children.
    pub(super) fn goes_on(&self) -> bool {
        self.recording.as_ref().is_some_and(Recording::goes_on)
    }

    fn finish(&mut self) -> Trace {
        let Some((recorded, figures)) = self.end() else { return Trace::default() };
        let mut builder = TraceBuilder::new(&recorded.clock);
        lock(&self.sources).collect(&mut builder);
        match figures {
            Some(figures) => figures.finish(recorded, builder),
            None => Trace::new(recorded, builder),
        }
    }

    /// Stops to record, unless it has stopped; gives what was recorded, and what sums up, if no events are kept.
    pub(super) fn end(&mut self) -> Option<(Recorded, Option<Figures>)> {
        let recording = self.recording.take()?;
        if recording.view().is_of_parent() {
            // Their threads are not there, and what they have in hand is the parent's.
            fork::leak((mem::take(&mut self.feed), mem::take(&mut self.sources)));
            fork::leak((self.summing.take(), self.governor.take(), mem::take(&mut self.shared)));
        }
        // First: what it would take behind the stop is not this session's.
        let figures = self.summing.take().map(Summing::end);
        self.governor.take().into_iter().for_each(Governor::end);
        let feed = lock(&self.feed).take();
        let recorded = match feed {
            Some(feed) => feed.stop(recording),
            None => recording.stop(),
        };
        lock(&self.sources).stop();
        Some((recorded, figures))
    }
}

/// What a session holds at this moment.
pub(super) fn snapshot_of(view: &View) -> Trace {
    Trace::new(view.snapshot(), TraceBuilder::default())
}

impl Drop for Session {
    /// Stops recording; what was recorded is dropped.
    fn drop(&mut self) {
        let late = self.finish().late();
        // Of earlier sessions: if no sink was told, the next session tells.
        if !self.has_sinks {
            recorder::count_late(late);
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("recording", &self.recording.is_some()).finish_non_exhaustive()
    }
}
