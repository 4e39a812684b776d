//! What a running session records: its filter, which can be changed while it runs, and the limits of spans.
//!
//! A callsite is compared with it once: what was decided is in the callsite's word, with the number of the session and that
//! of the selection, its generation. So a change is one store: words of another generation are found stale, one by one,
//! when their callsites run next. Of generations there are 2^21 in a session, then they are used again.

use std::sync::Arc;

use crate::callsite::{Callsite, CallsiteKind, StaticCallsite};
use crate::category::Category;
use crate::filter::{Filter, Pattern};
use crate::rate::Rate;
use crate::record::wire::{self, GENERATION_BITS};

/// Which callsites a session records.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    pub(crate) filter: Arc<Filter>,
    /// Callsites of other categories are left out, if this is given.
    categories: Option<Arc<[Category]>>,
    /// Counts the changes of the filter.
    generation: u64,
    /// Whether any callsite can be left out, to keep to a budget.
    has_budget: bool,
    /// How long spans may take, in ns.
    limits: Vec<(Pattern, u64)>,
}

impl Selection {
    pub(crate) fn new(filter: Filter, categories: Option<Vec<Category>>, has_budget: bool) -> Self {
        let (filter, categories) = (Arc::new(filter), categories.map(Into::into));
        Self { filter, categories, generation: 0, has_budget, limits: Vec::new() }
    }

    /// Whether events of this callsite are recorded.
    pub(crate) fn selects(&self, site: &StaticCallsite) -> bool {
        let in_category = || self.categories.as_ref().is_none_or(|only| only.contains(&site.category));
        // What is appended goes with its span.
        site.kind == CallsiteKind::Append || in_category() && self.filter.selects(site)
    }

    /// The same of the copy of a callsite.
    pub(crate) fn selects_copy(&self, site: &Callsite) -> bool {
        let in_category =
            || self.categories.as_ref().is_none_or(|only| only.iter().any(|it| it.name() == site.category));
        site.kind == CallsiteKind::Append || in_category() && self.filter.selects(site)
    }

    /// Which part of a callsite's events is recorded, if the callsite is; `None` if none may be left out, not even to keep to a
    /// budget. What is appended goes with its span, and a counter's sample says nothing of those before it. A name that is
    /// made at run time is not known here, so that its events are kept.
    pub(crate) fn rate_of(&self, site: &StaticCallsite) -> Option<Rate> {
        let is_kept = matches!(site.kind, CallsiteKind::Append | CallsiteKind::Counter) || site.name.is_empty();
        let rate = self.filter.rate_of(site).unwrap_or(site.rate);
        Some(rate).filter(|rate| !is_kept && (self.has_budget || !rate.is_whole()))
    }

    /// The highest level that is recorded anywhere; 0 if nothing is.
    pub(crate) fn highest(&self) -> u32 {
        self.filter.highest().into()
    }

    /// How long spans of this callsite may take, in ns.
    pub(crate) fn limit_of(&self, site: &StaticCallsite) -> Option<u64> {
        let applies = |pattern: &Pattern| pattern.applies(site);
        let limits = self.limits.iter().filter(|(pattern, _)| site.kind == CallsiteKind::Span && applies(pattern));
        limits.map(|&(_, limit)| limit).min()
    }

    /// The same with one more limit.
    pub(crate) fn with_limit(&self, pattern: Pattern, limit: u64) -> Self {
        let mut this = self.clone();
        this.limits.push((pattern, limit));
        this
    }

    /// The same with another filter.
    pub(crate) fn with_filter(&self, filter: Arc<Filter>) -> Self {
        let generation = (self.generation + 1) % (1 << GENERATION_BITS);
        Self { filter, generation, ..self.clone() }
    }

    /// What a callsite's word that was decided by this has above the callsite's id, in the session of this number.
    pub(crate) fn stamp(&self, epoch: u64) -> u64 {
        wire::stamp(epoch, self.generation)
    }
}
