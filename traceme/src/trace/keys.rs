//! The keys of spans that were measured elsewhere. They are texts in the words of the recording, which may not be borrowed
//! as strings: here each of them is one.

use std::collections::BTreeSet;

use crate::record::value::Text;

/// All keys, each once.
#[derive(Debug, Default)]
pub(super) struct Keys(BTreeSet<String>);

/// None.
pub(super) static NO_KEYS: Keys = Keys(BTreeSet::new());

impl Keys {
    /// Adds a key, unless it is there.
    pub(super) fn add(&mut self, key: Text<'_>) {
        let key = key.to_str();
        if !self.0.contains(&*key) {
            self.0.insert(key.into_owned());
        }
    }

    /// The same key as a string.
    pub(super) fn find(&self, key: Text<'_>) -> Option<&str> {
        self.0.get(&*key.to_str()).map(String::as_str)
    }
}
