//! What is evaluated when: levels, metadata that is expensive, work that only a trace needs.
//!
//! The same program runs without a session and at three levels, and counts what its annotations make it do.
//! `cargo run --release -p examples --bin conditional_tracing`

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::cell::Cell;

use traceme::{Level, Session, Trace, append, instant, span, trace_scope};

/// Something that takes long, such as printing a large structure.
#[derive(Default)]
struct Expensive {
    times: Cell<u32>,
}

impl Expensive {
    fn checksum(&self, numbers: &[u64]) -> u64 {
        self.times.set(self.times.get() + 1);
        numbers.iter().sum()
    }
}

fn work(numbers: &[u64], expensive: &Expensive) {
    // Metadata is evaluated only if the span is recorded: nothing has to be guarded here. Nor a name made at run time.
    trace_scope!("work", level = 2, meta(checksum = expensive.checksum(numbers)));
    for (number, chunk) in numbers.chunks(2).enumerate() {
        let span = span!(name = format!("chunk {number}"), level = 3);
        // Without a guard it would go to the innermost span that is recorded: "work", where level 3 is not.
        append!(span, sum = chunk.iter().sum::<u64>());
    }

    // Work of several statements that is for the trace only: ask for its level.
    if traceme::active(Level::VERBOSE) {
        let odd: Vec<u64> = numbers.iter().copied().filter(|number| number % 2 == 1).collect();
        instant!("odd numbers", level = 3, meta(sum = expensive.checksum(&odd)));
    }

    // Or ask a span whether it is recorded, which tells a category's filter too.
    let span = span!("last", level = 2);
    if span.is_recorded() {
        let last = numbers.last().map(|last| expensive.checksum(&[*last]));
        append!(span, last);
    }
}

/// The trace of a level, and how often the expensive thing was done for it.
fn recorded(level: u8) -> Result<(Trace, u32), traceme::Error> {
    let expensive = Expensive::default();
    let session = Session::start(level)?;
    work(&[3, 4, 5, 6], &expensive);
    Ok((session.stop(), expensive.times.get()))
}

fn main() -> Result<(), traceme::Error> {
    let expensive = Expensive::default();
    work(&[3, 4, 5, 6], &expensive);
    assert_eq!(expensive.times.get(), 0, "nothing is recorded, nothing is evaluated");

    for (level, spans, instants, evaluated) in [(1, 0, 0, 0), (2, 2, 0, 2), (3, 4, 1, 3)] {
        let (trace, times) = recorded(level)?;
        println!("level {level}: {times} expensive values\n{}", trace.text());
        assert_eq!((trace.spans().len(), trace.instants().len(), times), (spans, instants, evaluated));
    }
    Ok(())
}
