//! What it takes to change what is recorded, in a program of 10,000 callsites.

use std::time::Instant;

use traceme::__private::{CallsiteCell, enter};
use traceme::{Category, Session};

use crate::slices::Outcome;

const CALLSITES: usize = 10_000;
const CHANGES: u32 = 100;

/// The longest of a hundred changes from all callsites to none and back, in ms. In between all of them run.
#[expect(clippy::disallowed_methods, reason = "a time that is far longer than a look at the clock")]
pub(super) fn toggle() -> Outcome {
    let mut sites = Vec::with_capacity(CALLSITES);
    gather(&mut sites);
    let session = Session::start(1).expect("no other session runs");
    let run = || sites.iter().filter(|site| enter(site).is_recorded()).count();
    assert_eq!((sites.len(), run()), (CALLSITES, CALLSITES), "a static each, and all are recorded");
    let (mut longest, mut first_runs) = (0.0_f64, 0.0);
    for change in 0..CHANGES {
        let (filter, recorded) = if change % 2 == 0 { ("off", 0) } else { ("all", CALLSITES) };
        let before = Instant::now();
        session.set_filter(filter).expect("a filter");
        let changed = Instant::now();
        assert_eq!(run(), recorded, "all callsites have changed");
        longest = longest.max((changed - before).as_secs_f64() * 1e3);
        first_runs += changed.elapsed().as_secs_f64() * 1e9 / f64::from(CHANGES);
    }
    assert!(session.stop().losses().is_empty());
    let note = format!("the longest of {CHANGES}; {:.0} ns for a callsite to find out", first_runs / CALLSITES as f64);
    Outcome::Measured(longest, note)
}

macro_rules! tenfold {
    ($($code:tt)*) => { $($code)* $($code)* $($code)* $($code)* $($code)* $($code)* $($code)* $($code)* $($code)* $($code)* };
}

#[inline(never)]
fn gather(sites: &mut Vec<&'static CallsiteCell>) {
    tenfold! { tenfold! { tenfold! { tenfold! {
        sites.push(traceme::__static_site!(CallsiteCell::span("of many", 1, Category::DEFAULT, "many", &[])));
    } } } }
}
