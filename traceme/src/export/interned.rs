//! Names that are written once and then referred to by number.
//!
//! A sequence of packets can refer only to what it has said itself, so each one says again what it needs. The numbers
//! stay the same: those that were given first are the shortest.

use std::collections::HashMap;

use super::origins::Origins;
use super::proto;
use crate::callsite::Callsite;
use crate::trace::{CallsiteId, Tables};

/// Fields of `InternedData`.
const EVENT_CATEGORIES: u32 = 1;
const EVENT_NAMES: u32 = 2;
const DEBUG_ANNOTATION_NAMES: u32 = 3;
const SOURCE_LOCATIONS: u32 = 4;

/// The strings of one field, numbered from 1.
#[derive(Debug)]
struct Strings {
    field: u32,
    numbers: HashMap<String, u64>,
    /// By number: the last sequence that has said it.
    said: Vec<u32>,
}

impl Strings {
    fn new(field: u32) -> Self {
        Self { field, numbers: HashMap::new(), said: vec![0] }
    }

    /// The number of a string, which is said in `data` if the sequence hasn't yet.
    fn number(&mut self, text: &str, sequence: u32, data: &mut Vec<u8>) -> u64 {
        let number = match self.numbers.get(text) {
            Some(&number) => number,
            None => {
                let number = self.said.len() as u64;
                self.said.push(0);
                self.numbers.insert(text.into(), number);
                number
            }
        };
        let said = usize::try_from(number).ok().and_then(|number| self.said.get_mut(number));
        if said.is_some_and(|said| std::mem::replace(said, sequence) != sequence) {
            proto::message(data, self.field, |entry| {
                proto::uint(entry, 1, number);
                proto::bytes(entry, 2, text.as_bytes());
            });
        }
        number
    }
}

/// What the events of a callsite refer to.
#[derive(Clone, Debug, Default)]
pub(super) struct Site {
    /// The sequence that has said all this; 0 is none.
    sequence: u32,
    /// 0 if the name is made at run time.
    pub(super) name: u64,
    pub(super) category: u64,
    /// Where it is; 0 if no other callsite has its name.
    pub(super) source: u64,
    /// The place of each key, and its number.
    keys: Vec<(*const u8, u64)>,
}

/// All names of a trace.
#[derive(Debug)]
pub(super) struct Interned {
    names: Strings,
    categories: Strings,
    keys: Strings,
    /// By callsite.
    sites: Vec<Site>,
    origins: Origins,
    /// The sequence that is written.
    sequence: u32,
    /// What the next packet has to say.
    pub(super) data: Vec<u8>,
}

impl Interned {
    pub(super) fn new(tables: &Tables) -> Self {
        Self {
            origins: Origins::of(tables),
            names: Strings::new(EVENT_NAMES),
            categories: Strings::new(EVENT_CATEGORIES),
            keys: Strings::new(DEBUG_ANNOTATION_NAMES),
            sites: Vec::new(),
            sequence: 0,
            data: Vec::new(),
        }
    }

    /// Begins a sequence, which has said nothing.
    pub(super) fn begin(&mut self, sequence: u32) {
        self.sequence = sequence;
    }

    /// The numbers of a callsite.
    #[inline]
    pub(super) fn site(&mut self, id: CallsiteId, callsite: &Callsite) -> &Site {
        if self.sites.get(id.index()).is_none_or(|site| site.sequence != self.sequence) {
            self.say(id, callsite);
        }
        &self.sites[id.index()]
    }

    #[cold]
    fn say(&mut self, id: CallsiteId, callsite: &Callsite) {
        let (sequence, data) = (self.sequence, &mut self.data);
        let name = if callsite.name.is_empty() { 0 } else { self.names.number(&callsite.name, sequence, data) };
        let category = self.categories.number(&callsite.category, sequence, data);
        let keys = callsite.keys.iter();
        let keys = keys.map(|key| (key.name.as_ptr(), self.keys.number(&key.name, sequence, data))).collect();
        let source = if self.origins.are_said(id) { id.index() as u64 + 1 } else { 0 };
        if source != 0 {
            proto::message(data, SOURCE_LOCATIONS, |location| {
                proto::uint(location, 1, source);
                proto::bytes(location, 2, callsite.file.as_bytes());
                proto::bytes(location, 3, callsite.module.as_bytes());
                proto::uint(location, 4, u64::from(callsite.line));
            });
        }
        if self.sites.len() <= id.index() {
            self.sites.resize(id.index() + 1, Site::default());
        }
        self.sites[id.index()] = Site { sequence, name, category, source, keys };
    }

    /// The number of a category that no callsite names.
    pub(super) fn category(&mut self, category: &str) -> u64 {
        self.categories.number(category, self.sequence, &mut self.data)
    }

    /// The number of a key, `at` among those of its event.
    #[inline]
    pub(super) fn key(&mut self, id: Option<CallsiteId>, at: usize, key: &str) -> u64 {
        let site = id.and_then(|id| self.sites.get(id.index())).filter(|site| site.sequence == self.sequence);
        match site.and_then(|site| site.keys.get(at)) {
            // The same bytes at the same place are the same key.
            Some(&(place, number)) if place == key.as_ptr() => number,
            _ => self.keys.number(key, self.sequence, &mut self.data),
        }
    }
}
