//! What is special about a span.

use std::fmt;

/// What is special about a span.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Flags(u8);

impl Flags {
    /// A span like any other.
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const INCOMPLETE: Self = Self(1);
    pub(crate) const PANICKED: Self = Self(2);
    pub(crate) const OVERLAPPING: Self = Self(4);
    pub(crate) const LEAKED: Self = Self(8);
    pub(crate) const FAILED: Self = Self(16);
    pub(crate) const ALERTED: Self = Self(32);
    pub(crate) const CONTINUES: Self = Self(64);
    pub(crate) const CANCELLED: Self = Self(128);

    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the span was open when the recording stopped, or its end is in a part that was lost.
    pub fn is_incomplete(self) -> bool {
        self.has(Self::INCOMPLETE)
    }

    /// Whether it was ended by a panic.
    pub fn is_panicked(self) -> bool {
        self.has(Self::PANICKED)
    }

    /// Whether it ended in an error.
    pub fn is_failed(self) -> bool {
        self.has(Self::FAILED)
    }

    /// Whether it took as long as its alert says, or longer.
    pub fn is_alerted(self) -> bool {
        self.has(Self::ALERTED)
    }

    /// Whether it ended later than the span that it began in. Only a [`Span`](super::Span) can tell: an
    /// [`Event::End`](super::Event::End) never has this flag.
    pub fn is_overlapping(self) -> bool {
        self.has(Self::OVERLAPPING)
    }

    /// Whether it never ended, though a span around it did.
    pub fn is_leaked(self) -> bool {
        self.has(Self::LEAKED)
    }

    /// Whether it began before the recording does, or in a part of it that was lost, and is here because it was open: as an
    /// event, its beginning is counted there. Only a [`Span`](super::Span) can tell; of an [`Event::Begin`](super::Event::Begin), its
    /// [`Meta::continues`](super::Meta::continues).
    pub fn is_continuing(self) -> bool {
        self.has(Self::CONTINUES)
    }

    /// Whether it is a task whose future was dropped before it was through. Only a task can tell, on its own track.
    pub fn is_cancelled(self) -> bool {
        self.has(Self::CANCELLED)
    }

    /// The names of the flags that are set, as texts and exports spell them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let all = [
            (Self::CONTINUES, "continues"),
            (Self::INCOMPLETE, "incomplete"),
            (Self::PANICKED, "panicked"),
            (Self::FAILED, "failed"),
            (Self::CANCELLED, "cancelled"),
            (Self::ALERTED, "alerted"),
            (Self::OVERLAPPING, "overlapping"),
            (Self::LEAKED, "leaked"),
        ];
        all.into_iter().filter(move |&(flag, _)| self.has(flag)).map(|(_, name)| name)
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
