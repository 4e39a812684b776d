//! What a ring keeps of a thread is a part of what an unbounded session has of it, with the same ancestors: whatever the
//! thread did, in whatever order its guards were dropped. The clock is a mock, so that times tell spans apart.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeMap;

use common::{accounted, alone, assert_sound, spawn};
use proptest::{collection, prelude::any, prop_assert, prop_assert_eq, proptest, test_runner::Config};
use traceme::__private::mock;
use traceme::trace::Span;
use traceme::{Memory, Session, SpanGuard, Trace, append, instant, span};

const CHUNK: usize = 256 << 10;
/// Fills a chunk with a hundred of them.
const TEXT: &str = include_str!("suffix.rs");

/// Does what the numbers say: each is an act, and which of the open spans it is about.
fn act(acts: &[(u8, u8)]) {
    let mut open: Vec<SpanGuard> = Vec::new();
    for (at, &(act, which)) in acts.iter().cycle().take(3_000).enumerate() {
        mock(1_000 + 10 * at as u64);
        let which = usize::from(which) % open.len().max(1);
        match act % 12 {
            0..=3 if open.len() < 120 => open.push(span!("span", meta(at))),
            4 if open.len() < 120 => open.push(span!("long", meta(text = TEXT))),
            5..=7 => drop(open.pop()),
            8 if !open.is_empty() => drop(open.remove(which)),
            9 if !open.is_empty() => append!(open[which], at),
            10 => instant!("long instant", meta(text = TEXT)),
            _ => instant!("instant", meta(at)),
        }
    }
    // Some are open at the end, some are ended out of order.
    open.drain(..open.len() / 2).for_each(drop);
    mock(1_000 + 10 * 3_000);
}

fn recorded(memory: Memory, acts: &[(u8, u8)]) -> Trace {
    mock(1_000);
    let session = Session::builder().memory(memory).start().unwrap();
    let acts = acts.to_vec();
    spawn("work", move || act(&acts)).join().unwrap();
    session.stop()
}

/// What is to be the same of a span: its name, its times, whether it ended, and its ancestors by when they began.
fn of(span: Span<'_>) -> (String, u64, Option<u64>, Vec<u64>) {
    let ancestors = std::iter::successors(span.parent(), |span| span.parent()).map(|span| span.start());
    (span.name().to_string(), span.start(), span.end(), ancestors.collect())
}

proptest! {
    #![proptest_config(Config { cases: 48, failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_a_ring_keeps_is_a_part_of_the_whole_with_the_same_ancestors(
        acts in collection::vec((any::<u8>(), any::<u8>()), 20..400),
        chunks in 2..5_usize,
    ) {
        let _alone = alone();
        let (whole, kept) = (recorded(Memory::default(), &acts), recorded(Memory::ring(chunks * CHUNK), &acts));
        assert_sound(&whole);
        prop_assert!(whole.losses().is_empty());
        prop_assert_eq!(accounted(&kept), accounted(&whole));
        let spans: BTreeMap<u64, _> = whole.spans().map(|span| (span.start(), of(span))).collect();
        prop_assert_eq!(spans.len(), whole.spans().len());
        for span in kept.spans() {
            prop_assert_eq!(Some(&of(span)), spans.get(&span.start()));
        }
        let inside = |trace: &Trace| -> BTreeMap<u64, Option<u64>> {
            trace.instants().map(|instant| (instant.time(), instant.span().map(|span| span.start()))).collect()
        };
        let (all, rest) = (inside(&whole), inside(&kept));
        prop_assert!(rest.iter().all(|instant| all.get(instant.0) == Some(instant.1)), "instants inside the same spans");
        // The newest: all from the first instant that is kept.
        let since = rest.keys().next().copied().unwrap_or(u64::MAX);
        prop_assert_eq!(all.range(since..).count(), rest.len());
    }
}
