//! The one error type of the crate.

use std::error;
use std::fmt;
use std::io;
use std::sync::Arc;

/// What went wrong, in words that say what to do; the predicates tell the kinds apart.
///
/// The kinds are not an enum, so that a new one breaks nobody. Where the system refused to write a file, its own error
/// is the [`source`](error::Error::source); the message has its text already.
///
/// ```
/// use traceme::Session;
///
/// let session = Session::start(1)?;
/// let second = Session::start(3).unwrap_err();
/// assert!(second.is_running());
/// # drop(session);
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// ```
/// use std::error::Error;
/// use std::io;
///
/// let error = traceme::Trace::default().save("no/such/folder/trace.json").unwrap_err();
/// let system = error.source().and_then(|source| source.downcast_ref::<io::Error>());
/// assert_eq!(system.map(io::Error::kind), Some(io::ErrorKind::NotFound));
/// ```
#[derive(Clone)]
pub struct Error {
    kind: Kind,
    message: String,
    /// Where in the text that it is about, in bytes.
    offset: Option<usize>,
    /// The system's error, if it is one of those: the message tells of it too.
    system: Option<Arc<io::Error>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Level,
    Running,
    Memory,
    #[cfg_attr(feature = "enable", allow(dead_code, reason = "told only where recording is compiled out"))]
    Disabled,
    Source,
    File,
    Filter,
    Encode,
    Environment,
    Forked,
    Trigger,
    Budget,
}

impl Error {
    fn new(kind: Kind, message: String) -> Self {
        Self { kind, message, offset: None, system: None }
    }

    pub(crate) fn level(level: impl fmt::Display) -> Self {
        Self::new(
            Kind::Level,
            format!("level {level} is not in 1..=255: 1 is critical, 2 info, 3 verbose, 255 everything"),
        )
    }

    pub(crate) fn running() -> Self {
        Self::new(
            Kind::Running,
            "a session is running in this process; it was left alone: stop or drop it first".into(),
        )
    }

    pub(crate) fn memory(message: String) -> Self {
        Self::new(Kind::Memory, message)
    }

    #[cfg_attr(feature = "enable", allow(dead_code, reason = "told only where recording is compiled out"))]
    pub(crate) fn disabled() -> Self {
        Self::new(
            Kind::Disabled,
            "recording is compiled out of this build: turn on the feature `enable` of traceme".into(),
        )
    }

    /// On a target that hasn't what a session needs.
    #[cfg_attr(not(feature = "enable"), allow(dead_code, reason = "told only where recording is compiled in"))]
    pub(crate) fn missing(what: &str) -> Self {
        let message = format!(
            "this target can't record: it has not {what}, as far as Rust's standard library offers them. The annotations do \
             nothing here"
        );
        Self::new(Kind::Disabled, message)
    }

    pub(crate) fn file(message: String) -> Self {
        Self::new(Kind::File, message)
    }

    /// The same error, which an error of the system led to.
    pub(crate) fn caused_by(self, error: io::Error) -> Self {
        Self { system: Some(Arc::new(error)), ..self }
    }

    pub(crate) fn running_as_requested() -> Self {
        let message = "a session is running in this process: `TRACEME` in the environment started it. \
                       Unset that, or call `traceme::recorder::stop()` first";
        Self::new(Kind::Running, message.into())
    }

    #[cfg_attr(not(feature = "enable"), allow(dead_code, reason = "told only where recording is compiled in"))]
    pub(crate) fn environment(message: String) -> Self {
        Self::new(Kind::Environment, message)
    }

    #[cfg_attr(not(feature = "enable"), allow(dead_code, reason = "told only where recording is compiled in"))]
    pub(crate) fn forked() -> Self {
        let message = "this process can't record: it was made by a `fork` from inside the recorder, in a signal handler or \
                       an allocator. Fork elsewhere, or start another program";
        Self::new(Kind::Forked, message.into())
    }

    pub(crate) fn selftest_in_child() -> Self {
        let message = "no self-test in a process made by `fork`: it needs a thread of its own, which may never begin here. Run it \
                       in the first process";
        Self::new(Kind::Forked, message.into())
    }

    /// The same error, of the thing of this name.
    pub(crate) fn about(self, name: &str) -> Self {
        Self { message: format!("{name}: {}", self.message), ..self }
    }

    pub(crate) fn filter(message: String, offset: usize) -> Self {
        Self { offset: Some(offset), ..Self::new(Kind::Filter, message) }
    }

    /// An error of a [`Source`](crate::session::Source) that could not start.
    pub fn of_source(message: impl Into<String>) -> Self {
        Self::new(Kind::Source, message.into())
    }

    #[cfg_attr(not(feature = "enable"), allow(dead_code, reason = "told only where recording is compiled in"))]
    pub(crate) fn trigger(message: String) -> Self {
        Self::new(Kind::Trigger, message)
    }

    #[cfg_attr(not(feature = "enable"), allow(dead_code, reason = "told only where recording is compiled in"))]
    pub(crate) fn budget(message: String) -> Self {
        Self::new(Kind::Budget, message)
    }

    pub(crate) fn encode(message: String) -> Self {
        Self::new(Kind::Encode, message)
    }

    /// Whether a level was outside 1..=255.
    pub fn is_level(&self) -> bool {
        self.kind == Kind::Level
    }

    /// Whether a session was running already. It was left as it was.
    pub fn is_running(&self) -> bool {
        self.kind == Kind::Running
    }

    /// Whether a [budget](crate::session::Builder::budget) was no share, or can't be held.
    pub fn is_budget(&self) -> bool {
        self.kind == Kind::Budget
    }

    /// Whether the memory asked for was too little, or could not be had.
    pub fn is_memory(&self) -> bool {
        self.kind == Kind::Memory
    }

    /// Whether recording is compiled out of this build, or the target can't record: WebAssembly.
    pub fn is_disabled(&self) -> bool {
        self.kind == Kind::Disabled
    }

    /// Whether a trace could not be saved: the message says which file, and why. If the system is why, its
    /// [`io::Error`] is the [`source`](error::Error::source).
    pub fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    /// Whether what `TRACEME`, `TRACEME_OUT` or `TRACEME_MEMORY` in the environment ask for can't be done: see [`init`](crate::init).
    pub fn is_environment(&self) -> bool {
        self.kind == Kind::Environment
    }

    /// Whether the process can't record, or run a [`selftest`](crate::selftest()), because it was made by a `fork`: see
    /// [`Session`](crate::Session#forks).
    pub fn is_forked(&self) -> bool {
        self.kind == Kind::Forked
    }

    /// Whether the text of a [`Filter`](crate::Filter) has a mistake, at [`offset`](Self::offset).
    pub fn is_filter(&self) -> bool {
        self.kind == Kind::Filter
    }

    /// Where the mistake is in the text that was given, in bytes from its beginning, if it was text.
    pub fn offset(&self) -> Option<usize> {
        self.offset
    }

    /// Whether a [`Source`](crate::session::Source) could not start.
    pub fn is_source(&self) -> bool {
        self.kind == Kind::Source
    }

    /// Whether a [`Trigger`](crate::session::Trigger) can't be watched on this system, or at all; or what it called panicked.
    pub fn is_trigger(&self) -> bool {
        self.kind == Kind::Trigger
    }

    /// Whether a name or its metadata can't be written in the text form: see [`encode`](crate::encode()).
    pub fn is_encode(&self) -> bool {
        self.kind == Kind::Encode
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.system.as_deref().map(|error| error as _)
    }
}

/// Errors of one kind that say the same are equal.
impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.message, self.offset) == (other.kind, &other.message, other.offset)
    }
}

impl Eq for Error {}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}
