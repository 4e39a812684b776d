//! What events refer to, besides the words that they are made of.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::carried::Carried;
use crate::callsite::Callsite;
use crate::record::args::Values;
use crate::record::value::{Text, Written};
use crate::record::wire::Record;

/// The callsites of a trace, and the names of its tasks.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) callsites: Vec<&'static Callsite>,
    /// Of a batch: what those before it leave to it.
    pub(super) carried: Carried,
    /// The names that were made at run time, by task: polls have none. Once they are gathered.
    tasks: OnceLock<HashMap<u64, String>>,
}

impl Known {
    pub(super) fn new(callsites: Vec<&'static Callsite>, carried: Carried) -> Self {
        Self { callsites, carried, tasks: OnceLock::new() }
    }

    /// Takes the names of the tasks that begin in the recording.
    pub(super) fn name_tasks(&self, names: HashMap<u64, String>) {
        // Nobody else does: the index is made once.
        let _ = self.tasks.set(names);
    }

    /// The name that a task was given at run time, if its beginning is known.
    pub(super) fn name_of(&self, task: u64) -> Option<Text<'_>> {
        if let Some(name) = self.tasks.get().and_then(|tasks| tasks.get(&task)) {
            return Some(name.as_str().into());
        }
        match self.carried.record(task) {
            Some(Record::ActivityBegin { values, .. }) => name_in(values),
            _ => self.carried.name_of_ended(task).map(Text::from),
        }
    }
}

/// The name among an event's values.
pub(super) fn name_in(mut values: Values<'_>) -> Option<Text<'_>> {
    values.find_map(|value| match value {
        Written::Name(text) => Some(text),
        _ => None,
    })
}
