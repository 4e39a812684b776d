//! Sets of numbers that count up, of which most are there.

use std::collections::HashMap;

/// Ids, 64 to an entry: those of tasks and flows are given in blocks. (Those of flows of a name are not: they take an entry each.)
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids(HashMap<u64, u64>);

impl Ids {
    pub(crate) fn has(&self, id: u64) -> bool {
        self.0.get(&(id / 64)).is_some_and(|bits| bits & 1 << (id % 64) != 0)
    }

    /// Whether it wasn't there.
    pub(crate) fn insert(&mut self, id: u64) -> bool {
        let (entry, bit) = (self.0.entry(id / 64).or_default(), 1 << (id % 64));
        let is_new = *entry & bit == 0;
        *entry |= bit;
        is_new
    }
}
