//! What sinks get that are shown a part of what a session records.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use common::{accounted, alone};
use traceme::session::Sink;
use traceme::trace::{Selection, Value};
use traceme::{Level, Memory, Session, Trace, trace_scope};

/// The numbers of the roots that batches show, each with how many spans began in its tree, over all of them.
#[derive(Default)]
struct Roots {
    trees: BTreeMap<u64, u64>,
    names: BTreeSet<String>,
    events: u64,
}

fn roots() -> (impl Sink, Arc<Mutex<Roots>>) {
    let roots = Arc::<Mutex<Roots>>::default();
    let to = Arc::clone(&roots);
    let sink = move |batch: &Trace| {
        let mut roots = to.lock().unwrap();
        roots.events += batch.event_count();
        for span in batch.spans() {
            let root = std::iter::successors(Some(span), |span| span.parent()).last().unwrap();
            let number = root.args().map(|(_, value)| value).next();
            let Some(Value::U64(number)) = number else { panic!("{root:?} has a number") };
            *roots.trees.entry(number).or_default() += u64::from(!span.flags().is_continuing());
            roots.names.insert(span.name().to_string());
        }
    };
    (sink, roots)
}

#[test]
fn each_sink_has_a_selection_of_its_own() {
    const ROOTS: u64 = 20_000;
    let _alone = alone();
    let sinks = [roots(), roots(), roots(), roots()];
    let [(all, all_of), (low, low_of), (some, some_of), (few, few_of)] = sinks;
    let half = Selection::default().rate(0.5);
    let builder = Session::builder().sink(all).sink_of(Level::INFO, low).sink_of(half, some);
    let few_leaves = "all,name:node=off".parse::<Selection>().unwrap().rate(0.1);
    let session = builder.sink_of(few_leaves, few).start().unwrap();
    for n in 0..ROOTS {
        trace_scope!("root", meta(n = n));
        trace_scope!("node", level = 3);
        trace_scope!("leaf", level = 2);
    }
    let trace = session.stop();
    assert_eq!(trace.event_count(), 3 * ROOTS);
    let of = |roots: &Arc<Mutex<Roots>>| std::mem::take(&mut *roots.lock().unwrap());
    let [all, low, some, few] = [all_of, low_of, some_of, few_of].map(|roots| of(&roots));
    for (sink, roots, spans) in
        [(&all, ROOTS..=ROOTS, 3), (&low, ROOTS..=ROOTS, 2), (&some, 9_700..=10_300, 3), (&few, 1_800..=2_200, 2)]
    {
        assert!(roots.contains(&(sink.trees.len() as u64)), "{} roots", sink.trees.len());
        assert!(sink.trees.values().all(|&tree| tree == spans), "whole trees");
        assert_eq!(sink.events, spans * sink.trees.len() as u64);
        assert_eq!(sink.names.contains("node"), spans == 3);
    }
    assert!(few.trees.keys().all(|root| some.trees.contains_key(root)), "a higher rate has all of a lower one");
    // What is shown of the trace is what the batches showed.
    let shown = trace.select(&Selection::default().rate(0.5));
    assert_eq!(shown.event_count(), some.events);
}

#[test]
fn a_wrong_selection_is_told_and_nothing_starts() {
    let _alone = alone();
    let ((sink, _), (other, _)) = (roots(), roots());
    let error = Session::builder().sink_of("net=loud", sink).sink(other).start().unwrap_err();
    assert!(error.is_filter() && error.offset() == Some(4), "{error}");
    drop(Session::start(1).unwrap());
}

#[test]
fn a_sink_may_keep_what_is_selected_of_a_batch() {
    const SPANS: u64 = 200_000;
    let _alone = alone();
    let kept = Arc::<Mutex<Vec<Trace>>>::default();
    let to = Arc::clone(&kept);
    let keep = move |batch: &Trace| to.lock().unwrap().push(batch.select(&Selection::default()));
    let session = Session::builder().memory(Memory::ring(1 << 20)).sink(keep).start().unwrap();
    for n in 0..SPANS {
        trace_scope!("work", meta(n = n));
    }
    drop(session);
    let kept = kept.lock().unwrap();
    let begun = kept.iter().flat_map(Trace::spans).filter(|span| !span.flags().is_continuing());
    let numbers = begun.flat_map(|span| span.args());
    let numbers: Vec<u64> =
        numbers.filter_map(|(_, value)| if let Value::U64(n) = value { Some(n) } else { None }).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "what was written over since is still there");
    assert_eq!(kept.iter().map(accounted).sum::<u64>(), SPANS);
    assert_eq!(kept.iter().map(Trace::event_count).sum::<u64>(), numbers.len() as u64);
}
