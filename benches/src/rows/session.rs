//! What a whole session costs: from cold, to stop, to read.

use std::hint::black_box;
use std::process::Command;

use traceme::Trace;
use traceme::trace::{Event, Read};

use crate::clock::{ns_per_tick, pairs, ticks};
use crate::sessions::{assert_whole, start, warm_up};
use crate::slices::{Attempt, Outcome, Times, until_quiet};
use crate::subjects::spans;

const SPANS: u64 = 1_000_000;

/// The argument by which `bars` asks a process of its own for [`cold_session`].
pub const COLD_SESSION: &str = "--cold-session";

/// A million spans in the first session of this process: the ticks of the start and of the spans, then those of a
/// million reads of the clock twice each, in slices.
pub fn cold_session() -> String {
    const SLICES: u64 = 50;
    let before = ticks();
    let session = start();
    let started = ticks();
    spans(SPANS);
    let ended = ticks();
    assert_whole(&session.stop(), SPANS);
    let mut floor = Times::default();
    for _ in 0..SLICES {
        floor.time(|| pairs(SPANS / SLICES));
    }
    format!("{} {} {}", started - before, ended - started, floor.p10() * SLICES as f64)
}

/// The first session of a process.
pub(super) fn cold() -> Outcome {
    const PROCESSES: usize = 20;
    let ns = ns_per_tick();
    until_quiet(|| {
        let (mut starts, mut sessions, mut floors) = (Times::default(), Times::default(), Times::default());
        for _ in 0..PROCESSES {
            let [start, session, floor] = cold_process();
            starts.add(start);
            sessions.add(session);
            floors.add(floor);
        }
        let figure = sessions.p10() / floors.p10();
        let note = format!(
            "{:.2} ns a span, median {:.2}; the clock {:.2} ns; start {:.0} us, median {:.0}",
            sessions.p10() * ns / SPANS as f64,
            sessions.median() * ns / SPANS as f64,
            floors.p10() * ns / SPANS as f64,
            starts.p10() * ns / 1e3,
            starts.median() * ns / 1e3,
        );
        Attempt { floors: vec![floors], figure, note }
    })
}

/// The three times that [`cold_session`] gives in a process of its own.
fn cold_process() -> [u64; 3] {
    let program = std::env::current_exe().expect("the path of this program");
    let output = Command::new(program).arg(COLD_SESSION).output().expect("another process");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "a cold session failed: {}", String::from_utf8_lossy(&output.stderr));
    let times: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    times.try_into().unwrap_or_else(|_| panic!("a cold session gave {text:?}, not three times"))
}

/// The end of a session.
pub(super) fn stop() -> Outcome {
    let us = ns_per_tick() / 1e3;
    measure_sessions(|sessions, times| {
        let note = format!("median of {sessions}; p10 {:.1}, p90 {:.1}", times.p10() * us, times.quantile(0.9) * us);
        (times.median() * us, note)
    }, |times| {
        let session = start();
        spans(SPANS);
        let mut trace = Trace::default();
        times.time(|| trace = session.stop());
        assert_whole(&trace, SPANS);
    })
}

/// All events of a trace, in order, the first look at it included.
pub(super) fn decode() -> Outcome {
    let ns = ns_per_tick() / SPANS as f64;
    measure_sessions(|sessions, times| {
        (times.p10() * ns, format!("p10 of {sessions}; median {:.2}", times.median() * ns))
    }, |times| {
        let session = start();
        spans(SPANS);
        let trace = session.stop();
        let mut begun = 0;
        times.time(|| begun = read_all(&trace));
        assert_eq!(begun, SPANS);
        assert_whole(&trace, SPANS);
    })
}

/// Reads every event; gives how many spans begin.
fn read_all(trace: &Trace) -> u64 {
    let mut begun = 0;
    for track in trace.tracks() {
        for event in trace.events(track.id) {
            match event {
                Event::Begin { ns, span, meta } => {
                    black_box((ns, span, meta.callsite_id()));
                    begun += 1;
                }
                Event::End { ns, span, .. } => {
                    black_box((ns, span));
                }
                _ => {}
            }
        }
    }
    begun
}

/// Times something in each of a number of sessions, with slices of the floor between, and makes a figure of it.
fn measure_sessions(figure: impl Fn(usize, &Times) -> (f64, String), mut session: impl FnMut(&mut Times)) -> Outcome {
    const SESSIONS: usize = 21;
    const FLOOR: u64 = 20_000;
    warm_up();
    until_quiet(|| {
        let (mut times, mut floor) = (Times::default(), Times::default());
        for _ in 0..SESSIONS {
            session(&mut times);
            for _ in 0..5 {
                floor.time(|| pairs(FLOOR));
            }
        }
        let (figure, note) = figure(SESSIONS, &times);
        Attempt { floors: vec![floor], figure, note }
    })
}
