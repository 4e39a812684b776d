//! One item for each name, found by callsite where the source has the name.

use std::collections::HashMap;

use crate::trace::Meta;

/// The name of those for which there is no room.
pub(super) const OTHERS: &str = "(others)";

#[derive(Clone, Debug)]
pub(super) struct Names<T> {
    /// How many names are told apart at most.
    most: usize,
    /// By callsite: the item's place plus one; 0 if it is not known yet, or the name is made at run time.
    by_callsite: Vec<usize>,
    by_name: HashMap<String, usize>,
    pub(super) items: Vec<T>,
    /// Where the letters of a name are gathered.
    letters: Vec<u8>,
}

impl<T: Default> Names<T> {
    pub(super) fn new(most: usize) -> Self {
        Self { most, by_callsite: Vec::new(), by_name: HashMap::new(), items: Vec::new(), letters: Vec::new() }
    }

    /// The place of an event's name among the items.
    #[inline(always)]
    pub(super) fn place(&mut self, meta: &Meta<'_>) -> usize {
        let known = meta.callsite_id().and_then(|id| self.by_callsite.get(id.index()));
        match known.copied().and_then(|known| known.checked_sub(1)) {
            Some(place) => place,
            None => self.look_up(meta),
        }
    }

    #[cold]
    #[inline(never)]
    fn look_up(&mut self, meta: &Meta<'_>) -> usize {
        self.letters.clear();
        meta.name().append_to(&mut self.letters);
        let letters = std::mem::take(&mut self.letters);
        let place = self.place_of(&String::from_utf8_lossy(&letters));
        self.letters = letters;
        let has_name = meta.callsite().is_some_and(|callsite| !callsite.name.is_empty());
        if let Some(id) = meta.callsite_id().filter(|_| has_name) {
            let length = self.by_callsite.len().max(id.index() + 1);
            self.by_callsite.resize(length, 0);
            self.by_callsite[id.index()] = place + 1;
        }
        place
    }

    /// The place of a name.
    pub(super) fn place_of(&mut self, name: &str) -> usize {
        if let Some(&place) = self.by_name.get(name) {
            return place;
        }
        let name = if self.items.len() < self.most { name } else { OTHERS };
        let (next, items) = (self.items.len(), &mut self.items);
        *self.by_name.entry(name.into()).or_insert_with(|| {
            items.push(T::default());
            next
        })
    }

    /// The name at a place. Looks at all of them.
    pub(super) fn name(&self, place: usize) -> &str {
        self.by_name.iter().find(|&(_, &other)| other == place).map_or("", |(name, _)| name)
    }

    /// The items with their names, in no order.
    pub(super) fn into_named(self) -> impl Iterator<Item = (String, T)> {
        let mut names: Vec<(String, usize)> = self.by_name.into_iter().collect();
        names.sort_unstable_by_key(|&(_, place)| place);
        names.into_iter().map(|(name, _)| name).zip(self.items)
    }
}
