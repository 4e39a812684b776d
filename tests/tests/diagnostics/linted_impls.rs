//! Impls whose one right form clippy knows: it has nothing against these.
#![warn(clippy::all, clippy::pedantic, missing_docs)]
#![allow(clippy::expl_impl_clone_on_copy)]
use std::cmp::Ordering;

/// A place.
#[derive(Copy, PartialEq, Eq, Debug)]
pub struct Place(u32);

impl Clone for Place {
    #[traceme]
    fn clone(&self) -> Self {
        *self
    }
}
impl PartialOrd for Place {
    #[traceme]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Place {
    #[traceme]
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
