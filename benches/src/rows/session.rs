//! What a whole session costs: from cold, and to stop.

use traceme::Trace;

use super::fresh;
use crate::clock::{ns_per_tick, pairs};
use crate::quiet::quietly;
use crate::sessions::{assert_whole, start, warm_up};
use crate::slices::{Outcome, Patience, columns, time};
use crate::subjects::spans;

const SPANS: u64 = 1_000_000;

/// The argument by which `bars` asks a process of its own for [`cold_session`].
pub(super) const COLD_SESSION: &str = "--cold-session";

/// A million spans in the first session of this process: the ticks of the start and of the spans, then those of a
/// million times two reads of the clock. Nothing if the machine is busy.
pub(super) fn cold_session() -> String {
    const PARTS: usize = 50;
    let mut session = None;
    let Some([started, recorded]) = quietly(|| [time(|| session = Some(start())), time(|| spans(SPANS))]) else {
        return String::new();
    };
    assert_whole(&session.expect("it started").stop(), SPANS);
    let slices = Patience::of_process().gather(PARTS, |slices| {
        slices.extend(quietly(|| [time(|| pairs(SPANS / PARTS as u64))]));
    });
    let Ok(slices) = slices else { return String::new() };
    let [floor] = columns(&slices);
    format!("{started} {recorded} {}", floor.p10() * PARTS as f64)
}

/// The first session of a process.
pub(super) fn cold() -> Outcome {
    Patience::of_row(measure_cold)
}

fn measure_cold(patience: Patience) -> Result<Outcome, Outcome> {
    const PROCESSES: usize = 20;
    let (us, ns) = (ns_per_tick() / 1e3, ns_per_tick() / SPANS as f64);
    let processes = patience.gather(PROCESSES, |processes| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers of ticks")]
        processes.extend(fresh::numbers::<3>(COLD_SESSION).map(|numbers| numbers.map(|ticks| ticks as u64)));
    })?;
    let [started, recorded, floor] = columns(&processes);
    let note = format!(
        "{:.2} ns a span, median {:.2}; the clock {:.2} ns; start {:.0} us, median {:.0}",
        recorded.p10() * ns,
        recorded.median() * ns,
        floor.p10() * ns,
        started.p10() * us,
        started.median() * us,
    );
    Ok(Outcome::of(&[&floor], recorded.p10() / floor.p10(), note))
}

/// The end of a session.
pub(super) fn stop() -> Outcome {
    const SESSIONS: usize = 21;
    let us = ns_per_tick() / 1e3;
    warm_up();
    Patience::of_row(|patience| {
        let sessions = patience.gather(SESSIONS, |sessions| {
            let session = start();
            spans(SPANS);
            let mut trace = Trace::default();
            sessions.extend(quietly(|| [time(|| trace = session.stop()), time(|| pairs(20_000))]));
            assert_whole(&trace, SPANS);
        })?;
        let [stop, floor] = columns(&sessions);
        let note = format!("the median; p10 {:.1}, p90 {:.1}", stop.p10() * us, stop.quantile(0.9) * us);
        Ok(Outcome::of(&[&floor], stop.median() * us, note))
    })
}
