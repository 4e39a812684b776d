//! Arrays that are made when they are first needed, and stay.

use std::sync::OnceLock;

use crate::record::os;

/// An array of the system's memory: a signal handler that has interrupted the allocator can make it.
#[derive(Debug)]
pub(crate) struct Kept<T: 'static>(OnceLock<&'static [T]>);

impl<T: Sync> Kept<T> {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The array, if it has been made.
    pub(crate) fn get(&self) -> Option<&'static [T]> {
        self.0.get().copied()
    }

    /// The array, made of so many values if it hasn't been; `None` if the system gives no memory.
    pub(crate) fn make(&self, count: usize, value: impl Fn() -> T) -> Option<&'static [T]> {
        // Of two that are made at the same moment one is used.
        self.get().or_else(|| os::keep(count, value).map(|new| *self.0.get_or_init(|| new)))
    }
}

impl<T: Sync> Default for Kept<T> {
    fn default() -> Self {
        Self::new()
    }
}
