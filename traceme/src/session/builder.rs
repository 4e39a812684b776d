//! What a session is told before it starts.

use crate::category::Category;
use crate::error::Error;
use crate::level::Level;
use crate::session::{Memory, Session, Sink, Source};

/// The settings of a session; made with [`Session::builder`].
pub struct Builder {
    pub(super) level: Result<Level, Error>,
    pub(super) categories: Option<Vec<Category>>,
    pub(super) memory: Memory,
    pub(super) sources: Vec<Box<dyn Source>>,
    pub(super) sinks: Vec<Box<dyn Sink>>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            level: Ok(Level::ALL),
            categories: None,
            memory: Memory::default(),
            sources: Vec::new(),
            sinks: Vec::new(),
        }
    }

    /// Records callsites up to this level, a number from 1 to 255 or a [`Level`]; all of them by default.
    #[must_use]
    pub fn level<L: TryInto<Level, Error: Into<Error>>>(mut self, level: L) -> Self {
        self.level = level.try_into().map_err(Into::into);
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

    /// Starts to record.
    ///
    /// # Errors
    ///
    /// - [`is_level`](Error::is_level): the level is outside 1..=255.
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
            .field("level", &self.level)
            .field("categories", &self.categories)
            .field("memory", &self.memory)
            .field("sources", &self.sources.len())
            .field("sinks", &self.sinks.len())
            .finish()
    }
}
