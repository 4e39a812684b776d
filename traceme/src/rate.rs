//! Rates: which part of its events a callsite records.

use std::fmt;

/// A part of all: above 0, at most 1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Those of an `f64`: two rates are the same if these are.
    bits: u64,
}

impl Rate {
    /// All of it.
    pub(crate) const WHOLE: Self = Self { bits: 1_f64.to_bits() };

    /// This part, if it is one.
    pub(crate) const fn new(rate: f64) -> Option<Self> {
        if rate > 0.0 && rate <= 1.0 { Some(Self { bits: rate.to_bits() }) } else { None }
    }

    pub(crate) const fn get(self) -> f64 {
        f64::from_bits(self.bits)
    }

    pub(crate) fn is_whole(self) -> bool {
        self == Self::WHOLE
    }
}

/// In its shortest form: `1e-9` has no zeros to count.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.get() < 1e-4 { fmt::LowerExp::fmt(&self.get(), f) } else { self.get().fmt(f) }
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
