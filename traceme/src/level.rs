//! How much detail a callsite belongs to, and how much a session records.

use core::fmt;

use crate::error::Error;

/// The level up to which callsites are compiled in, set with `TRACEME_MAX_LEVEL` when traceme is built.
const MAX_COMPILED: u8 = match option_env!("TRACEME_MAX_LEVEL") {
    Some(text) => match u8::from_str_radix(text, 10) {
        Ok(level) => level,
        Err(_) => panic!("TRACEME_MAX_LEVEL is not a number from 0 to 255"),
    },
    None => 255,
};

/// A verbosity from 1 to 255: a session of level `n` records every callsite whose level is at most `n`.
///
/// Plain integers convert: `Session::start(2)` and `level = 2` mean the same level.
///
/// ```
/// use traceme::Level;
///
/// assert_eq!(Level::try_from(2), Ok(Level::INFO));
/// assert!(Level::try_from(0).is_err());
/// assert!(Level::CRITICAL < Level::VERBOSE);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// What must never be missing from a trace: the default of `#[traceme]`.
    pub const CRITICAL: Self = Self(1);
    /// The phases that a person asks about first.
    pub const INFO: Self = Self(2);
    /// Inner loops and details.
    pub const VERBOSE: Self = Self(3);
    /// Every callsite there is.
    pub const ALL: Self = Self(255);

    /// The level as a number from 1 to 255.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Whether callsites of the level of this number are compiled in.
    #[doc(hidden)]
    #[allow(clippy::absurd_extreme_comparisons, reason = "not where a limit was set at build time")]
    pub const fn is_compiled_in(level: u8) -> bool {
        level <= MAX_COMPILED
    }

    /// What the macros call on a `level = ..` argument; wrong numbers fail to compile.
    #[doc(hidden)]
    pub const fn from_macro(level: u8) -> Self {
        assert!(level != 0, "a traceme level lies in 1..=255");
        Self(level)
    }
}

impl Default for Level {
    /// [`Level::CRITICAL`], the level of an annotation that names none.
    fn default() -> Self {
        Self::CRITICAL
    }
}

impl fmt::Debug for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Level({})", self.0)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.0
    }
}

macro_rules! from_integer {
    ($($integer:ty)*) => {$(
        impl TryFrom<$integer> for Level {
            type Error = Error;

            fn try_from(level: $integer) -> Result<Self, Error> {
                match u8::try_from(level) {
                    Ok(level) if level != 0 => Ok(Self(level)),
                    _ => Err(Error::level(level)),
                }
            }
        }
    )*};
}
from_integer!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);
