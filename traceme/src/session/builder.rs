//! What a session is told before it starts.

use crate::category::Category;
use crate::error::Error;
use crate::filter::Filter;
use crate::level::Level;
use crate::session::{Memory, Session, Sink, Source};

/// The settings of a session; made with [`Session::builder`].
pub struct Builder {
    pub(super) filter: Result<Filter, Error>,
    pub(super) categories: Option<Vec<Category>>,
    pub(super) memory: Memory,
    pub(super) sources: Vec<Box<dyn Source>>,
    pub(super) sinks: Vec<Box<dyn Sink>>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            filter: Ok(Filter::default()),
            categories: None,
            memory: Memory::default(),
            sources: Vec::new(),
            sinks: Vec::new(),
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
            .finish()
    }
}
