//! What a session is told before it starts.

use crate::category::Category;
use crate::error::Error;
use crate::filter::Filter;
use crate::level::Level;
use crate::session::alert::{Alert, Handler};
use crate::session::{Memory, Session, Sink, Source};

/// The settings of a session; made with [`Session::builder`].
pub struct Builder {
    pub(super) filter: Result<Filter, Error>,
    pub(super) categories: Option<Vec<Category>>,
    pub(super) memory: Memory,
    pub(super) sources: Vec<Box<dyn Source>>,
    pub(super) sinks: Vec<Box<dyn Sink>>,
    pub(super) handlers: Vec<Handler>,
    pub(super) in_children: bool,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            filter: Ok(Filter::default()),
            categories: None,
            memory: Memory::default(),
            sources: Vec::new(),
            sinks: Vec::new(),
            handlers: Vec::new(),
            in_children: false,
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
        self.sources.push(Box::new(source));
        self
    }

    /// Gives chunks of events to a sink while the session runs.
    #[must_use]
    pub fn sink(mut self, sink: impl Sink + 'static) -> Self {
        self.sinks.push(Box::new(sink));
        self
    }

    /// Calls a handler for each span that takes as long as its alert says, `#[traceme(alert = "5ms")]`, or longer.
    ///
    /// The handler is called when the span has ended, within about 10 ms, on a thread of the session, `traceme-sink`, where
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
    pub fn on_alert(mut self, handler: impl FnMut(&Alert) + Send + 'static) -> Self {
        self.handlers.push(Box::new(handler));
        self
    }

    /// Records processes made by `fork` too, each for itself; they record nothing by default.
    ///
    /// A child begins with its first event: it has the session's filter as it was at the start, its categories and as much
    /// memory of its own, but no sources, sinks and handlers. The child's copy of the [`Session`] then gives the child's
    /// trace, with its own process id and nothing of the parent's; it must be stopped there, for a process that ends saves
    /// nothing by itself. See [forks](Session#forks).
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

    /// Starts to record. As with [`Session::start`], `TRACEME` in the environment is ignored if this comes first.
    ///
    /// # Errors
    ///
    /// - [`is_level`](Error::is_level): the level is outside 1..=255.
    /// - [`is_filter`](Error::is_filter): the filter's text has a mistake.
    /// - [`is_running`](Error::is_running): a session is running. It is not touched.
    /// - [`is_memory`](Error::is_memory): the memory is less than one chunk of 256 KiB, or the system gives no
    ///   thread to keep it in stock.
    /// - [`is_source`](Error::is_source): a source could not start.
    /// - [`is_forked`](Error::is_forked): the process was made by a `fork` from inside the recorder.
    /// - [`is_disabled`](Error::is_disabled): recording is compiled out.
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
            .field("sources", &self.sources.len())
            .field("sinks", &self.sinks.len())
            .field("handlers", &self.handlers.len())
            .field("in_children", &self.in_children)
            .finish()
    }
}
