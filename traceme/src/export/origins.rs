//! Which callsites share their name with others: without their place nothing in a viewer would tell them apart.

use std::collections::HashMap;

use crate::trace::{CallsiteId, Tables};

/// By callsite: whether others have its name.
#[derive(Debug)]
pub(super) struct Origins(Vec<bool>);

impl Origins {
    pub(super) fn of(tables: &Tables) -> Self {
        let mut shared = vec![false; tables.callsites().len()];
        let mut first = HashMap::new();
        for (at, callsite) in tables.callsites().enumerate().filter(|(_, callsite)| !callsite.name.is_empty()) {
            let earlier = *first.entry(callsite.name.as_str()).or_insert(at);
            if earlier != at {
                (shared[earlier], shared[at]) = (true, true);
            }
        }
        Self(shared)
    }

    /// Whether events of this callsite have to say where they come from.
    #[inline]
    pub(super) fn are_said(&self, id: CallsiteId) -> bool {
        self.0.get(id.index()).is_some_and(|&shared| shared)
    }
}
