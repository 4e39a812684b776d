//! tracing, with nobody who listens: what its own side of a span costs.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber, info, info_span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::peer::{About, Peer, Subjects};
use crate::subjects::SHORT;

pub(super) const SUBJECTS: Subjects =
    Subjects { off: Some(spans), span: Some(spans), values: Some(values), instant: Some(instants), deep: Some(deep) };

pub(super) const NULL: About = About {
    name: "tracing, null subscriber",
    packages: &["tracing"],
    is_timed: false,
    how: "`info_span!(..).entered()` and `info!`, with a subscriber that wants all and does nothing; off is without \
          one. Reads no clock, records nothing.",
    subjects: SUBJECTS,
    slice: 20_000,
    holds: false,
    reads: false,
    formats: &[],
    start: || start(Null),
};

pub(super) const REGISTRY: About = About {
    name: "tracing, Registry + no-op layer",
    packages: &["tracing-subscriber"],
    how: "The same with what layers are built on, which keeps the open spans. Reads no clock, records nothing.",
    start: || start(tracing_subscriber::registry().with(Null)),
    ..NULL
};

fn spans(count: u64) {
    for _ in 0..count {
        let _span = info_span!("span").entered();
    }
}

fn values(count: u64) {
    let kind = black_box(SHORT);
    for request in 0..count {
        let _span = info_span!("request", request, size = request * 512, kind).entered();
    }
}

fn instants(count: u64) {
    for _ in 0..count {
        info!("instant");
    }
}

fn deep(count: u64) {
    for _ in 0..count / 8 {
        let _span1 = info_span!("1").entered();
        let _span2 = info_span!("2").entered();
        let _span3 = info_span!("3").entered();
        let _span4 = info_span!("4").entered();
        let _span5 = info_span!("5").entered();
        let _span6 = info_span!("6").entered();
        let _span7 = info_span!("7").entered();
        let _span8 = info_span!("8").entered();
    }
}

/// Whether anything came in this round.
static SEEN: AtomicBool = AtomicBool::new(false);

fn see() {
    // Relaxed: it is looked at after the threads were waited for. Loaded first, since stores contend.
    if !SEEN.load(Ordering::Relaxed) {
        SEEN.store(true, Ordering::Relaxed);
    }
}

struct Null;

impl Subscriber for Null {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        see();
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        see();
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Null {
    fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        see();
    }

    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        see();
    }
}

fn start(subscriber: impl Subscriber + Send + Sync) -> Box<dyn Peer> {
    tracing::subscriber::set_global_default(subscriber).expect("the first one");
    Box::new(Listening)
}

#[derive(Debug)]
struct Listening;

impl Peer for Listening {
    fn begin(&mut self) {
        // Relaxed: no other thread records now.
        SEEN.store(false, Ordering::Relaxed);
    }

    fn end(&mut self, events: u64) {
        // Relaxed: all threads were waited for.
        assert!(SEEN.load(Ordering::Relaxed), "none of {events} events came");
    }
}
