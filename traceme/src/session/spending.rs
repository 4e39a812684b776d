//! How many events each callsite may record so that a session keeps to its budget: figures in, periods out.
//!
//! Callsites whose events fit are kept whole. The others are cut down to one rate that all of them share, the cap: so what is
//! rare stays, and what is hot pays. The cap is what the budget allows for the processor time that the program uses, corrected
//! by what was used too much or too little in the last second.

use crate::record::allowance::Count;
use crate::record::periods::Period;

/// What things take, in ns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Costs {
    /// An event that is left out.
    pub(super) skip: f64,
    /// How much more that is where very many callsites are hot.
    pub(super) crowd: f64,
    /// A span that is recorded, its end included.
    pub(super) span: f64,
}

/// How long averages reach back, and how long debts are paid off, in ns.
const REACH: f64 = 1e8;
const MEMORY: f64 = 1e9;
/// Each callsite may record so many events a second, whatever else there is. One that has no more is never cut: it may have
/// spared as many as these.
const LEAST: f64 = 10.0;
/// So many events between two looks are no burst, however short that is.
const FEW: f64 = 4.0;
/// And all of them together this part of the budget, one in so many, whatever is owed.
const LEAST_PART: f64 = 20.0;

/// Where so many callsites are hot, it is half of what leaving out takes more.
const HALF_A_CROWD: f64 = 24.0;

#[derive(Debug)]
pub(super) struct Spending {
    share: f64,
    costs: Costs,
    /// By callsite id.
    sites: Vec<Site>,
    /// Processor time the program uses in a ns of time: as many as it keeps processors busy.
    processors: f64,
    /// What looking takes, in a ns of time.
    looking: f64,
    /// What was left of the budget lately, in ns; below 0 what is owed.
    left: f64,
    /// All processor time, and what of it was used for recording, in ns.
    all: f64,
    used: f64,
}

#[derive(Clone, Copy, Debug)]
struct Site {
    seen: Count,
    /// Attempts in a ns.
    rate: f64,
    /// How many events more it could have had at the rate of [`LEAST`]; below 0 it has had more.
    spared: f64,
    /// What an event takes, of what a span does. Of tasks, with as many polls as they had so far.
    part: f64,
    /// The same without polls.
    alone: f64,
}

/// What happened since the last look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'a> {
    /// How long ago that was, in ns.
    pub(super) time: f64,
    /// How much processor time the program has used, in ns.
    pub(super) processor_time: f64,
    /// How much of it went into looking.
    pub(super) overhead: f64,
    /// By callsite id, since the program's start.
    pub(super) counts: &'a [Count],
}

impl Spending {
    /// Nothing costs anything until it is known.
    pub(super) fn new(share: f64) -> Self {
        let costs = Costs { skip: 0.0, crowd: 0.0, span: 0.0 };
        Self { share, costs, sites: Vec::new(), processors: 0.0, looking: 0.0, left: 0.0, all: 0.0, used: 0.0 }
    }

    pub(super) fn set_costs(&mut self, costs: Costs) {
        self.costs = costs;
    }

    /// What was used so far, of all processor time.
    pub(super) fn used(&self) -> f64 {
        if self.all > 0.0 { self.used / self.all } else { 0.0 }
    }

    /// How many callsites are known.
    pub(super) fn known(&self) -> usize {
        self.sites.len()
    }

    /// There are further callsites, the next ids: what they counted before, and what an event of theirs takes, of a span.
    pub(super) fn add(&mut self, seen: Count, part: f64) {
        self.sites.push(Site { seen, rate: 0.0, spared: LEAST, part, alone: part });
    }

    /// Takes a look in. Then `set` is called for each callsite that has run lately, with its id, the period that its rate says,
    /// and the one to keep to. Gives how many events may be recorded until the next look, all together.
    pub(super) fn look(
        &mut self,
        look: Look<'_>,
        own: impl Fn(usize) -> Period,
        mut set: impl FnMut(usize, Period),
    ) -> f64 {
        let time = look.time.max(1.0);
        let new = 1.0 - (-time / REACH).exp();
        let skip = self.skip(look.counts);
        let mut used = look.overhead;
        let mut skips = 0.0;
        let mut demands = Vec::new();
        for (id, (site, &count)) in self.sites.iter_mut().zip(look.counts).enumerate() {
            let attempts = (count.attempts - site.seen.attempts) as f64;
            let chosen = (count.chosen - site.seen.chosen) as f64;
            let polls = (count.polls - site.seen.polls) as f64;
            site.seen = count;
            site.part = site.alone + count.polls as f64 / count.chosen.max(1) as f64;
            used += (chosen * site.alone + polls) * self.costs.span + (attempts - chosen) * skip;
            site.rate += (attempts / time - site.rate) * new;
            // At once up, slowly down: what bursts must not be waited for.
            let rate = site.rate.max((attempts - FEW) / time);
            skips += rate * skip;
            site.spared = ((site.spared + LEAST / 1e9 * time).min(LEAST) - attempts).max(-LEAST);
            if site.spared >= 0.0 {
                set(id, own(id));
            } else if rate > 1e-12 {
                demands.push((rate / own(id).events(), rate, id));
            }
        }
        self.processors += (look.processor_time / time - self.processors) * if self.all > 0.0 { new } else { 1.0 };
        (self.all, self.used) = (self.all + look.processor_time, self.used + used);
        let granted = self.share * self.processors;
        let bound = granted * MEMORY;
        self.left = (self.left * (-time / MEMORY).exp() + self.share * look.processor_time - used).clamp(-bound, bound);
        self.looking += (look.overhead / time - self.looking) * new;
        let open = granted + self.left / (MEMORY / 2.0) - skips - self.looking;
        let open = open.max(granted / LEAST_PART);
        let cap = self.cap(&mut demands, open).max(LEAST / 1e9);
        for &(demand, rate, id) in &demands {
            set(id, if demand > cap { Period::new(rate / cap) } else { own(id) });
        }
        open / self.costs.span.max(1.0) * time
    }

    /// What it takes to leave an event out, by how many callsites the attempts since the last look spread over: docs/sampling.md.
    fn skip(&self, counts: &[Count]) -> f64 {
        let attempts = self.sites.iter().zip(counts).map(|(site, count)| (count.attempts - site.seen.attempts) as f64);
        let (sum, squares) = attempts.fold((0.0, 0.0), |(sum, squares), n| (sum + n, squares + n * n));
        let callsites = if squares > 0.0 { sum * sum / squares } else { 1.0 };
        self.costs.skip + self.costs.crowd * (callsites - 1.0) / (callsites + HALF_A_CROWD)
    }

    /// The rate that no callsite may exceed so that all together take no more than `open` ns in a ns. Of each callsite there is
    /// what it records without.
    fn cap(&self, demands: &mut [(f64, f64, usize)], open: f64) -> f64 {
        demands.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
        let part = |id: usize| self.sites.get(id).map_or(1.0, |site| site.part) * self.costs.span;
        let mut rest: f64 = demands.iter().map(|&(.., id)| part(id)).sum();
        let mut open = open;
        for &(demand, _, id) in &*demands {
            if demand * rest > open {
                return open / rest;
            }
            open -= demand * part(id);
            rest -= part(id);
        }
        f64::INFINITY
    }
}
