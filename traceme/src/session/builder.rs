//! What a session is told before it starts.

use crate::category::Category;
use crate::error::Error;
use crate::filter::Filter;
use crate::level::Level;
use crate::session::sink::Taker;
use crate::session::source::Sources;
use crate::session::theirs::Theirs;
use crate::session::{Action, Alert, Memory, Session, Sink, Source, Trigger};
use crate::trace::Selection;

/// The settings of a session; made with [`Session::builder`].
pub struct Builder {
    pub(super) filter: Result<Filter, Error>,
    pub(super) categories: Option<Vec<Category>>,
    pub(super) memory: Memory,
    pub(super) sources: Sources,
    pub(super) sinks: Result<Vec<Taker>, Error>,
    pub(super) rules: Vec<(Trigger, Action)>,
    pub(super) in_children: bool,
    pub(super) budget: Option<f64>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            filter: Ok(Filter::default()),
            categories: None,
            memory: Memory::default(),
            sources: Sources::default(),
            sinks: Ok(Vec::new()),
            rules: Vec::new(),
            in_children: false,
            budget: None,
        }
    }

    /// Records callsites up to this level, a number from 1 to 255 or a [`Level`]; all of them by default.
    ///
    /// It replaces the [`filter`](Self::filter): of these two, what is called last holds.
    #[must_use]
    pub fn level<L: TryInto<Level, Error: Into<Error>>>(mut self, level: L) -> Self {
        self.filter = level.try_into().map(Filter::from).map_err(Into::into);
        self
    }

    /// Records the callsites that a filter lets through: a [`Filter`], or its text.
    ///
    /// It replaces the [`level`](Self::level): of these two, what is called last holds. Each callsite is compared
    /// once in a session, when it first runs: an event costs the same, however many directives there are.
    ///
    /// ```
    /// use traceme::Session;
    ///
    /// let session = Session::builder().filter("info,net::*=3,cat:alloc=off").start()?;
    /// # drop(session);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    #[must_use]
    pub fn filter<F: TryInto<Filter, Error: Into<Error>>>(mut self, filter: F) -> Self {
        self.filter = filter.try_into().map_err(Into::into);
        self
    }

    /// Records only callsites of these categories; those that name none belong to [`Category::DEFAULT`].
    #[must_use]
    pub fn categories(mut self, only: impl IntoIterator<Item = Category>) -> Self {
        self.categories = Some(only.into_iter().collect());
        self
    }

    /// Bounds the memory for events; 256 MiB by default.
    #[must_use]
    pub fn memory(mut self, memory: Memory) -> Self {
        self.memory = memory;
        self
    }

    /// Adds the events of a source to the trace.
    #[must_use]
    pub fn source(mut self, source: impl Source + 'static) -> Self {
        self.sources.push(source);
        self
    }

    /// Gives all events to a sink while the session runs.
    #[must_use]
    pub fn sink(self, sink: impl Sink + 'static) -> Self {
        self.taker(Ok((None, Theirs::new(Box::new(sink)))))
    }

    /// Gives events to a sink while the session runs: those that a [`Selection`] shows. It can be given as a level, a
    /// [`Filter`] or its text, too. What the session itself doesn't record no sink can have.
    ///
    /// ```
    /// use std::sync::mpsc::{self, Sender};
    /// use traceme::trace::Selection;
    /// use traceme::{Level, Session, Trace, instant};
    ///
    /// fn names(to: Sender<String>) -> impl FnMut(&Trace) + Send {
    ///     move |batch| batch.instants().for_each(|instant| drop(to.send(instant.name().to_string())))
    /// }
    ///
    /// let ((low, lows), (none, nothing)) = (mpsc::channel(), mpsc::channel());
    /// let session = Session::builder()
    ///     .sink_of(Level::INFO, names(low))
    ///     .sink_of(Selection::default().rate(0.0), names(none))
    ///     .start()?;
    /// instant!("often", level = 3);
    /// instant!("seldom", level = 2);
    /// assert_eq!(lows.recv().as_deref(), Ok("seldom"), "while the session runs");
    /// assert_eq!(session.stop().event_count(), 2);
    /// assert_eq!(nothing.iter().count(), 0);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    #[must_use]
    pub fn sink_of<S>(self, selection: S, sink: impl Sink + 'static) -> Self
    where
        S: TryInto<Selection, Error: Into<Error>>,
    {
        let selection = selection.try_into().map_err(Into::into);
        self.taker(selection.map(|selection| (Some(selection), Theirs::new(Box::new(sink) as Box<dyn Sink>))))
    }

    fn taker(mut self, taker: Result<Taker, Error>) -> Self {
        match (&mut self.sinks, taker) {
            (Ok(sinks), Ok(taker)) => sinks.push(taker),
            (Ok(_), Err(error)) => self.sinks = Err(error),
            (Err(_), _) => {}
        }
        self
    }

    /// Does something when something happens, while the session runs: see [`Session::on`].
    ///
    /// ```
    /// use std::time::Duration;
    /// use traceme::{Memory, Session};
    /// use traceme::session::{Action, Trigger};
    ///
    /// # let dumps = std::env::temp_dir().join(format!("traceme-builder-{}", std::process::id()));
    /// let session = Session::builder()
    ///     .memory(Memory::ring(16 << 20))
    ///     .on(Trigger::panic(), Action::save(&dumps, "pftrace"))
    ///     .on(Trigger::span_over("db::*", Duration::from_millis(5)), Action::save(&dumps, "pftrace"))
    ///     .start()?;
    /// # drop(session);
    /// # let _ = std::fs::remove_dir_all(&dumps);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    #[must_use]
    pub fn on(mut self, trigger: Trigger, action: Action) -> Self {
        self.rules.push((trigger, action));
        self
    }

    /// Calls a handler for each span that takes as long as its alert says, `#[traceme(alert = "5ms")]`, or longer: the same
    /// as [`on`](Self::on) with [`Trigger::alert`] and [`Action::call`].
    ///
    /// The handler is called when the span has ended, within about 4 ms, on a thread of the session, `traceme-sink`, where
    /// sinks are called too: each waits for the others, and the threads that record wait for none of them. When the session
    /// stops, it is told the rest before [`Session::stop`] gives the trace. At most 1,024 alerts
    /// wait for it: further ones are counted, by [`Trace::missed_alerts`](crate::Trace::missed_alerts).
    /// A handler that panics isn't called again. With or without one, the spans are flagged in the trace:
    /// [`Flags::is_alerted`](crate::trace::Flags::is_alerted).
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use traceme::{Session, traceme};
    ///
    /// #[traceme(alert = "1ns")]
    /// fn slow() {
    ///     (0..10_000).for_each(|n| { std::hint::black_box(n); })
    /// }
    ///
    /// let (slow_ones, heard) = mpsc::channel();
    /// let session = Session::builder().on_alert(move |alert| { let _ = slow_ones.send(alert.name()); }).start()?;
    /// slow();
    /// let trace = session.stop();
    /// assert_eq!(heard.iter().collect::<Vec<_>>(), ["slow"]);
    /// assert_eq!(trace.missed_alerts(), 0);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    #[must_use]
    pub fn on_alert(self, mut handler: impl FnMut(&Alert) + Send + 'static) -> Self {
        let call = Action::call(move |fired| fired.alert().into_iter().for_each(&mut handler));
        self.on(Trigger::alert(), call)
    }

    /// Records processes made by `fork` too, each for itself; they record nothing by default.
    ///
    /// A child begins with its first event: it has the session's filter as it was at the start, unless the child itself has
    /// [set](Session::set_filter) another one by then, its categories and as much memory of its own, but no sources, sinks and
    /// triggers. The child's copy of the [`Session`] then gives the child's
    /// trace, with its own process id and nothing of the parent's; it must be stopped there, for a process that ends saves
    /// nothing by itself. See [forks](Session#forks).
    ///
    /// Sums are not for children, which have no thread that sums up: [`start`](Self::start) refuses
    /// [`Memory::summary_only`] together with this.
    ///
    /// ```
    /// # #[cfg(unix)]
    /// # fn main() -> Result<(), traceme::Error> {
    /// use traceme::{Session, instant};
    ///
    /// let session = Session::builder().in_children(true).start()?;
    /// instant!("in the parent");
    /// # #[allow(unsafe_code)]
    /// // SAFETY: this example has one thread.
    /// let child = unsafe { libc::fork() };
    /// instant!("in both");
    /// let trace = session.stop();
    /// assert_eq!(trace.event_count(), if child == 0 { 1 } else { 2 });
    /// assert_eq!(trace.process().pid, std::process::id());
    /// # Ok(())
    /// # }
    /// # #[cfg(not(unix))]
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn in_children(mut self, record: bool) -> Self {
        self.in_children = record;
        self
    }

    /// Keeps what recording costs, by the recorder's own estimate, within a share of the time that the program runs on
    /// processors: above 0 and up to 1. 0.01 is 1 %.
    ///
    /// The estimate is one figure for all programs. A program whose work leaves room in the processor loses less than that; one
    /// that fills it loses more, because all that is left out is counted, which takes time as well: up to 2 ns a call. At a budget of
    /// 1 %, two threads that do nothing but call a function of 40 ns which fills the processor, 42 million times a second, lost 3.7 % of
    /// the calls; a function of 17 ns whose calls don't wait for each other got 10 % slower, one of 250 ns some 2 %.
    ///
    /// As long as all events fit, all are recorded. Where they don't, those callsites that run most are thinned out until
    /// the rest fits, and what is rare stays whole. A thread of the session, `traceme-budget`, looks every 10 ms. What is left
    /// out is counted, exactly, and what is recorded has a [weight](crate::trace::Span::weight): see
    /// [sampling](crate::guide::sampling). The `rate` of a callsite, or of a filter's directive, is the most that it records.
    /// Counters, additions to spans, and what makes its name at run time are never left out, and not in the account.
    /// [`Trace::budget`](crate::Trace::budget) says what was used.
    ///
    /// ```
    /// use traceme::{Session, trace_scope};
    ///
    /// let session = Session::builder().budget(0.01).start()?;
    /// for n in 0..1_000_000_u64 {
    ///     trace_scope!("hot");
    ///     if n % 100_000 == 0 {
    ///         trace_scope!("rare");
    ///     }
    /// }
    /// let summary = session.stop().summary();
    /// let estimated = |name| summary.span(name).map(|span| span.estimated);
    /// assert_eq!((estimated("hot"), estimated("rare")), (Some(1_000_000), Some(10)));
    /// println!("{summary}");
    /// # Ok::<(), traceme::Error>(())
    /// ```
    #[must_use]
    pub fn budget(mut self, share: f64) -> Self {
        self.budget = Some(share);
        self
    }

    /// Whether there can be a session with such a budget.
    pub(super) fn check_budget(&self) -> Result<(), Error> {
        let Some(share) = self.budget else { return Ok(()) };
        if !(share > 0.0 && share <= 1.0) {
            let message = format!(
                "a budget of {share:?}: it is a share of the program's processor time, above 0 and up to 1: 0.01 is 1 %"
            );
            return Err(Error::budget(message));
        }
        if self.in_children {
            let message = "a process made by `fork` has no thread that holds a budget: with `in_children`, give callsites a \
                           `rate`, or leave it out and start a session in each process";
            return Err(Error::budget(message.into()));
        }
        Ok(())
    }

    /// Starts to record. As with [`Session::start`], `TRACEME` in the environment is ignored if this comes first.
    ///
    /// # Errors
    ///
    /// - [`is_level`](Error::is_level): the level is outside 1..=255.
    /// - [`is_filter`](Error::is_filter): the text of the filter, or of a sink's, has a mistake.
    /// - [`is_running`](Error::is_running): a session is running. It is not touched.
    /// - [`is_memory`](Error::is_memory): the memory is less than one chunk of 256 KiB, or it is for sums while children are to
    ///   record too, or the system gives no thread to keep it in stock.
    /// - [`is_budget`](Error::is_budget): the budget is no share, or is to be held in children.
    /// - [`is_source`](Error::is_source): a source could not start.
    /// - Those of [`Session::on`].
    /// - [`is_forked`](Error::is_forked): the process was made by a `fork` from inside the recorder.
    /// - [`is_disabled`](Error::is_disabled): recording is compiled out, or the target [can't record](crate#platforms).
    pub fn start(self) -> Result<Session, Error> {
        Session::start_with(self)
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("filter", &self.filter)
            .field("categories", &self.categories)
            .field("memory", &self.memory)
            .field("sources", &self.sources.count())
            .field("sinks", &self.sinks.as_ref().map(Vec::len))
            .field("rules", &self.rules)
            .field("in_children", &self.in_children)
            .field("budget", &self.budget)
            .finish()
    }
}
