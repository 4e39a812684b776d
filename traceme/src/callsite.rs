//! The static description of one place in source, and the process's table of those that have run.
//!
//! A place is a [`CallsiteCell`], a static that a macro writes into the user's code. When it first runs it is
//! copied, strings and all, into the table here, and is known by its index from then on: decoding never looks
//! at the static again, because a plugin that holds it can have been unloaded.

use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use crate::category::Category;
use crate::level::Level;
use crate::rate::Rate;
use crate::sync::lock;

/// Ids have 18 bits; 0 means that a place has none.
pub(crate) const ID_BITS: u32 = 18;
/// How many run-time values one event can carry; a name made at run time counts as one, and so does a flow.
pub(crate) const MAX_VALUES: usize = 14;
/// A word that is neither of a session, which are numbered from 1, nor of none.
const UNMET: u64 = 2 << ID_BITS;
/// The largest number of callsites in a process; what further ones record is counted as lost.
pub const MAX_CALLSITES: usize = (1 << ID_BITS) - 1;

static TABLE: Mutex<Vec<&'static Callsite>> = Mutex::new(Vec::new());

/// What a callsite records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallsiteKind {
    /// A timed span.
    Span,
    /// A point in time.
    Instant,
    /// A sampled number.
    Counter,
    /// Metadata added to a span that is open.
    Append,
    /// A timed span that belongs to no thread.
    Activity,
    /// A future: from its making to its end, and each of its polls.
    Task,
}

/// A metadata key of a callsite.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Key {
    /// The key's name.
    pub name: String,
    /// The value, if it is a literal in the source: then no event carries it.
    pub literal: Option<Literal>,
}

/// The value of a metadata key that is a literal in the source.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Literal {
    /// An integer that fits 64 signed bits.
    I64(i64),
    /// A larger positive integer.
    U64(u64),
    /// A floating point number, or an integer beyond 64 bits.
    F64(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A character.
    Char(char),
    /// A string.
    Str(String),
}

/// The description of one place in source.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Callsite {
    /// What it records.
    pub kind: CallsiteKind,
    /// The name of its spans, instants or samples; empty for an append, or if the name is made at run time.
    pub name: String,
    /// Its level.
    pub level: Level,
    /// The name of its category.
    pub category: String,
    /// The module path, as `module_path!()` gives it.
    pub module: String,
    /// The source file, as `file!()` gives it.
    pub file: String,
    /// The line in the file, from 1.
    pub line: u32,
    /// The column in the line, from 1.
    pub column: u32,
    /// The metadata keys, in source order.
    pub keys: Vec<Key>,
    /// The unit of a counter; empty elsewhere.
    pub unit: String,
}

impl Callsite {
    /// Its file and line.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// Its name; its place if the name is made at run time, or is none.
    pub(crate) fn title(&self) -> String {
        if self.name.is_empty() { self.place() } else { self.name.clone() }
    }
}

/// A metadata key as a macro writes it: its name, and its value as it is spelt and as `concat!` prints it if that is a
/// literal. A tuple, because it costs the user's compiler less than names do.
#[doc(hidden)]
pub type StaticKey = (&'static str, &'static str, &'static str);

/// What a macro knows of a place at compile time.
#[doc(hidden)]
#[derive(Debug)]
pub struct StaticCallsite {
    pub kind: CallsiteKind,
    pub name: &'static str,
    pub level: Level,
    pub category: Category,
    pub module: &'static str,
    pub file: &'static str,
    pub line: u32,
    pub column: u32,
    pub keys: &'static [StaticKey],
    pub unit: &'static str,
    pub(crate) rate: Rate,
}

/// A place in source: its description and the words that the hot path reads.
#[doc(hidden)]
pub struct CallsiteCell {
    description: StaticCallsite,
    /// Index into the table plus one; 0 until registered, or if the table is full.
    id: AtomicU32,
    /// Session epoch (23 bits) << 40 | generation of its filter (21) << 19 | whether some events are left out << 18 | id, or id 0 if that leaves the place out. At
    /// first it is [`UNMET`].
    word: AtomicU64,
    /// Set while it is known that nothing is recorded here: all that user code looks at then.
    rests: AtomicBool,
}

impl CallsiteCell {
    /// The place of a span where this is called: with all that most annotations need, and nothing that costs the user's
    /// compiler time.
    #[track_caller]
    pub const fn span(
        name: &'static str,
        level: u8,
        category: Category,
        module: &'static str,
        keys: &'static [StaticKey],
    ) -> Self {
        Self::new(StaticCallsite::new(CallsiteKind::Span, name, level, category, module, keys))
    }

    /// A place of this description.
    pub const fn new(description: StaticCallsite) -> Self {
        Self { description, id: AtomicU32::new(0), word: AtomicU64::new(UNMET), rests: AtomicBool::new(false) }
    }

    pub(crate) fn description(&self) -> &StaticCallsite {
        &self.description
    }

    /// Whether the recorder has to be asked. All that an annotation costs while nothing is recorded.
    #[inline(always)]
    pub fn is_awake(&self) -> bool {
        // Relaxed: it only opens the way; whoever passes joins the session under a lock.
        !self.rests.load(Ordering::Relaxed)
    }

    /// Until the next [`wake`](Self::wake) the recorder is not to be asked. Under the lock of what is recorded at present,
    /// so that no change to that is missed.
    pub(crate) fn rest(&self) {
        // Relaxed: ordered by the lock that the caller holds.
        self.rests.store(true, Ordering::Relaxed);
    }

    /// The recorder is to be asked. Under the same lock.
    pub(crate) fn wake(&self) {
        // Relaxed: as above. Looked at first, so that pages of what never rested stay as they were loaded.
        if self.rests.load(Ordering::Relaxed) {
            self.rests.store(false, Ordering::Relaxed);
        }
    }

    #[inline(always)]
    pub(crate) fn word(&self) -> u64 {
        // Relaxed: the word stands for itself; whoever finds it stale takes the cold path, which synchronises.
        self.word.load(Ordering::Relaxed)
    }

    pub(crate) fn set_word(&self, word: u64) {
        // Relaxed: as above. A thread that comes late may store the word of an older session: it is found stale.
        self.word.store(word, Ordering::Relaxed);
    }

    /// The id of this place, if it has been entered into the table.
    pub(crate) fn id(&self) -> Option<u32> {
        // Relaxed: an id is only a number; what it names is read under the table's lock.
        Some(self.id.load(Ordering::Relaxed)).filter(|&id| id != 0)
    }

    /// The id of this place, entered into the table on the first call; `None` once the table is full.
    pub(crate) fn register(&self) -> Option<u32> {
        if let Some(known) = self.id() {
            return Some(known);
        }
        let copy = Box::new(self.description.to_owned());
        let mut table = lock(&TABLE);
        // Relaxed: all stores happen under the lock that is held here.
        let known = self.id.load(Ordering::Relaxed);
        if known != 0 {
            return Some(known);
        }
        let id = u32::try_from(table.len() + 1).ok().filter(|&id| id as usize <= MAX_CALLSITES)?;
        // Kept for the rest of the process, like the place itself: traces refer to it by id.
        table.push(Box::leak(copy));
        // Relaxed: see the load above.
        self.id.store(id, Ordering::Relaxed);
        Some(id)
    }
}

impl fmt::Debug for CallsiteCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.description.fmt(f)
    }
}

impl StaticCallsite {
    /// The place where this is called. Its arguments have no names: a macro writes them once for each annotation.
    ///
    /// # Panics
    ///
    /// At compile time, if the level is 0, or if there are more run-time values than an event can carry.
    #[track_caller]
    pub const fn new(
        kind: CallsiteKind,
        name: &'static str,
        level: u8,
        category: Category,
        module: &'static str,
        keys: &'static [StaticKey],
    ) -> Self {
        let place = Location::caller();
        let description = Self {
            kind,
            name,
            level: Level::from_macro(level),
            category,
            module,
            file: place.file(),
            line: place.line(),
            column: place.column(),
            keys,
            unit: "",
            rate: Rate::WHOLE,
        };
        description.with_flows(0)
    }

    /// The same, with so many flows.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    pub const fn with_flows(self, flows: usize) -> Self {
        // A name that is made at run time is a value too.
        let mut values = flows + if self.name.is_empty() && !matches!(self.kind, CallsiteKind::Append) { 1 } else { 0 };
        let mut key = 0;
        while key < self.keys.len() {
            values += if self.keys[key].1.is_empty() { 1 } else { 0 };
            key += 1;
        }
        assert!(
            values <= MAX_VALUES,
            "an event carries at most 14 values that are not literals, its name and flows included"
        );
        assert!(
            values < MAX_VALUES || !matches!(self.kind, CallsiteKind::Task),
            "a task carries at most 13 values that are not literals, its name and flows included: its parent is one"
        );
        self
    }

    /// The same, of a counter in this unit.
    pub const fn in_unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// The same, of which this part is recorded.
    ///
    /// # Panics
    ///
    /// At compile time, if it is no part, or if the name is made at run time.
    pub const fn with_rate(self, rate: f64) -> Self {
        assert!(
            !self.name.is_empty(),
            "a rate is for what has its name in the source: what makes it at run time is kept whole"
        );
        let Some(rate) = Rate::new(rate) else { panic!("a rate is above 0 and at most 1, as in `rate = 0.01`") };
        Self { rate, ..self }
    }

    pub(crate) fn to_owned(&self) -> Callsite {
        Callsite {
            kind: self.kind,
            name: self.name.into(),
            level: self.level,
            category: self.category.name().into(),
            module: self.module.into(),
            file: self.file.into(),
            line: self.line,
            column: self.column,
            keys: self.keys.iter().map(Key::parse).collect(),
            unit: self.unit.into(),
        }
    }
}

impl Key {
    fn parse(&(name, spelt, text): &StaticKey) -> Self {
        let name = name.strip_prefix("r#").unwrap_or(name);
        Self { name: name.into(), literal: (!spelt.is_empty()).then(|| Literal::parse(spelt, text)) }
    }
}

impl Literal {
    /// A literal from its spelling, which tells its type, and its text as `concat!` prints it.
    fn parse(spelt: &str, text: &str) -> Self {
        match spelt.as_bytes().first() {
            Some(b'\'') => text.chars().next().map_or_else(|| Self::Str(text.into()), Self::Char),
            Some(b't' | b'f') => Self::Bool(text == "true"),
            Some(b'-' | b'0'..=b'9')
                if spelt.ends_with("f64") || spelt.ends_with("f32") && !spelt.starts_with("0x") =>
            {
                text.parse().map_or_else(|_| Self::Str(text.into()), Self::F64)
            }
            Some(b'-' | b'0'..=b'9') => {
                if let Ok(number) = text.parse() {
                    Self::I64(number)
                } else if let Ok(number) = text.parse() {
                    Self::U64(number)
                } else {
                    text.parse().map_or_else(|_| Self::Str(text.into()), Self::F64)
                }
            }
            _ => Self::Str(text.into()),
        }
    }
}

/// The table, which nobody else reads or changes until the guard is dropped.
pub(crate) fn hold() -> MutexGuard<'static, Vec<&'static Callsite>> {
    lock(&TABLE)
}

/// The callsites registered so far: the one with id `i` is at index `i - 1`.
pub(crate) fn registered() -> Vec<&'static Callsite> {
    lock(&TABLE).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_keeps_its_type() {
        for (spelt, text, expected) in [
            ("5u8", "5", Literal::I64(5)),
            ("-5", "-5", Literal::I64(-5)),
            ("18446744073709551615", "18446744073709551615", Literal::U64(u64::MAX)),
            ("1.5", "1.5", Literal::F64(1.5)),
            ("1e3", "1e3", Literal::F64(1000.0)),
            ("1f32", "1", Literal::F64(1.0)),
            ("0x1f32", "7986", Literal::I64(7986)),
            ("true", "true", Literal::Bool(true)),
            ("'x'", "x", Literal::Char('x')),
            ("\"true\"", "true", Literal::Str("true".into())),
            ("r\"5\"", "5", Literal::Str("5".into())),
        ] {
            assert_eq!(Literal::parse(spelt, text), expected, "{spelt}");
        }
    }
}
