//! Triggers: what they cost a span that fires none, and how long it takes until a session acts.

use std::sync::mpsc;
use std::time::Duration;

use traceme::Session;
use traceme::session::{Action, Trigger};

use crate::clock::{ns_per_tick, pairs, ticks};
use crate::quiet::quietly;
use crate::sessions::{assert_whole, start, steady_slices, warm_up};
use crate::slices::{Outcome, Patience, columns, time};
use crate::subjects::{SPAN, spans};

/// Spans in a slice: more than a chunk holds, so that each slice pays for one.
const SPANS: u64 = 20_000;
const SLICES: usize = 200;

/// A span against two reads of the clock, while a trigger watches spans of this name and none takes as long.
pub(super) fn span() -> Outcome {
    warm_up();
    let ns = ns_per_tick() / SPANS as f64;
    Patience::of_row(|patience| {
        let slices = patience.gather(SLICES, |slices| {
            let session = start();
            let hour = Duration::from_secs(3600);
            session.on(Trigger::span_over("name:span", hour), Action::call(|_| ())).expect("it can be watched");
            let of_session = steady_slices(&SPAN, SPANS);
            for _ in 0..of_session {
                slices.extend(quietly(|| [time(|| pairs(SPANS)), time(|| spans(SPANS))]));
            }
            assert_whole(&session.stop(), of_session * SPANS);
        })?;
        let [floor, times] = columns(&slices);
        let above = (times.p10() - floor.p10()) * ns;
        let note = format!("{:.2} ns, {above:.2} above the clock; median {:.2}", times.p10() * ns, times.median() * ns);
        Ok(Outcome::of(&[&floor], times.p10() / floor.p10(), note))
    })
}

/// From a firing until the session acts on it.
pub(super) fn delay() -> Outcome {
    const FIRINGS: usize = 1000;
    let ms = ns_per_tick() / 1e6;
    let session = Session::start(1).expect("no session runs");
    let (act, acted) = mpsc::channel();
    let action = Action::call(move |_| act.send(ticks()).expect("somebody listens"));
    session.on(Trigger::manual(), action).expect("it can be watched");
    let mut random = 1_u64;
    let mut fire = || {
        // At any moment of the session's turn.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros(random >> 52));
        let fired = ticks();
        session.fire();
        let delay = acted.recv().expect("it fires").saturating_sub(fired);
        [delay, time(|| pairs(SPANS))]
    };
    Patience::of_row(|_| {
        let firings: Vec<_> = (0..FIRINGS).map(|_| fire()).collect();
        let [delays, floor] = columns(&firings);
        let [median, p99, longest] = [0.5, 0.99, 1.0].map(|part| delays.quantile(part) * ms);
        let note = format!("p99 of {FIRINGS}; median {median:.2}, the longest {longest:.2}");
        Ok(Outcome::of(&[&floor], p99, note))
    })
}
