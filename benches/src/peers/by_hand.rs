//! No library: two looks at the standard library's clock, and a push.
#![allow(clippy::disallowed_methods, reason = "what is measured")]

use std::cell::RefCell;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::peer::{About, Peer, Subjects, write_event};
use crate::subjects::SHORT;

pub(super) const ABOUT: About = About {
    name: "std Instant, by hand",
    packages: &[],
    is_timed: true,
    how: "Two `Instant::now()` and a push of name and times to a thread's `Vec` that has room; an instant is one of \
          each. Nothing to collect. Saved as JSON with `writeln!`.",
    subjects: Subjects {
        off: None,
        span: Some(spans),
        values: Some(values),
        instant: Some(instants),
        deep: Some(deep),
    },
    slice: 20_000,
    holds: true,
    reads: false,
    formats: &["json"],
    start: || Box::new(ByHand { base: Instant::now() }),
};

/// Room for what is recorded in a round.
const ROOM: usize = 3_000_000;

type Span = (&'static str, Instant, Instant);
type SpanWithValues = (Span, u64, u64, &'static str);

/// What a thread has pushed, and in which round.
struct Records<T> {
    round: u64,
    records: Vec<T>,
}

thread_local! {
    static SPANS: RefCell<Records<Span>> = RefCell::new(Records::new());
    static WITH_VALUES: RefCell<Records<SpanWithValues>> = RefCell::new(Records::new());
    static INSTANTS: RefCell<Records<(&'static str, Instant)>> = RefCell::new(Records::new());
}

/// The round, and how much all threads have pushed in it.
static ROUND: AtomicU64 = AtomicU64::new(0);
static PUSHED: AtomicU64 = AtomicU64::new(0);

impl<T> Records<T> {
    fn new() -> Self {
        Self { round: 0, records: Vec::with_capacity(ROOM) }
    }

    fn record(&mut self, record: impl FnOnce(&mut Vec<T>)) {
        // Relaxed, here and below: threads are waited for before a round begins, and before anybody looks.
        let round = ROUND.load(Ordering::Relaxed);
        if self.round != round {
            self.round = round;
            self.records.clear();
        }
        let before = self.records.len();
        record(&mut self.records);
        PUSHED.fetch_add((black_box(&self.records).len() - before) as u64, Ordering::Relaxed);
    }
}

fn spans(count: u64) {
    SPANS.with_borrow_mut(|records| {
        records.record(|spans| {
            for _ in 0..count {
                let start = Instant::now();
                spans.push(("span", start, Instant::now()));
            }
        });
    });
}

fn values(count: u64) {
    let kind = black_box(SHORT);
    WITH_VALUES.with_borrow_mut(|records| {
        records.record(|spans| {
            for request in 0..count {
                let start = Instant::now();
                spans.push((("request", start, Instant::now()), request, request * 512, kind));
            }
        });
    });
}

fn instants(count: u64) {
    INSTANTS.with_borrow_mut(|records| {
        records.record(|instants| {
            for _ in 0..count {
                instants.push(("instant", Instant::now()));
            }
        });
    });
}

fn deep(count: u64) {
    const NAMES: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];
    SPANS.with_borrow_mut(|records| {
        records.record(|spans| {
            for _ in 0..count / 8 {
                let starts = NAMES.map(|name| (name, Instant::now()));
                for (name, start) in starts.into_iter().rev() {
                    spans.push((name, start, Instant::now()));
                }
            }
        });
    });
}

struct ByHand {
    base: Instant,
}

impl Peer for ByHand {
    fn begin(&mut self) {
        ROUND.fetch_add(1, Ordering::Relaxed);
        PUSHED.store(0, Ordering::Relaxed);
    }

    fn end(&mut self, events: u64) {
        assert_eq!(PUSHED.load(Ordering::Relaxed), events);
    }

    fn save(&mut self, file: &Path, record: &mut dyn FnMut()) {
        self.begin();
        record();
        let mut out = BufWriter::new(File::create(file).expect("a file"));
        let ns = |duration: std::time::Duration| u64::try_from(duration.as_nanos()).expect("less than 500 years");
        out.write_all(b"[\n").expect("space");
        SPANS.with_borrow(|spans| {
            for &(name, start, end) in &spans.records {
                write_event(&mut out, name, ns(start - self.base), ns(end - start)).expect("space");
            }
        });
        out.write_all(b"{}]\n").and_then(|()| out.flush()).expect("space");
    }
}
