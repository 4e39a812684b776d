//! Flows: arrows between events, on whatever threads.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::mpsc;

use common::{alone, assert_sound, recorded, spawn, traced};
use traceme::trace::{Event, FlowEnd, Read, Value};
use traceme::{Flow, Session, instant, span, trace_scope};

#[test]
fn a_flow_goes_from_thread_to_thread() {
    let trace = traced(1, || {
        let (send, jobs) = mpsc::channel::<(Flow, u64)>();
        let consumer = spawn("2 consumer", move || {
            for (flow, n) in jobs {
                trace_scope!("consume", flow_in = flow, meta(n));
            }
        });
        let producer = spawn("1 producer", move || {
            for n in 0..3 {
                let flow = Flow::new();
                trace_scope!("produce", meta(n), flow_out = flow);
                send.send((flow, n)).unwrap();
            }
        });
        producer.join().unwrap();
        consumer.join().unwrap();
    });
    assert_sound(&trace);
    let expected = "thread 1 producer\n  produce n=0 -> #1\n  produce n=1 -> #2\n  produce n=2 -> #3\n\
        thread 2 consumer\n  consume n=0 <- #1\n  consume n=1 <- #2\n  consume n=2 <- #3\n";
    assert_eq!(trace.text().to_string(), expected);
}

#[test]
fn every_event_with_options_can_have_flows() {
    let text = recorded(|| {
        let (a, b, c) = (Flow::new(), Flow::new(), Flow::new());
        let both = span!("both", flow_in = a, flow_out = b, level = 2, category = traceme::Category::DEFAULT);
        instant!(name = format!("made {}", 1), flow_in = b, flow_out = a, meta(k = "literal", n = 2 + 3));
        let sum = trace_scope!("block", flow_in = a, flow_in = b, flow_in = c, { 1 + 2 });
        instant!("no flow", meta(sum));
        drop(both);
    });
    let expected = "both <- #1 -> #2\n  * made 1 k=\"literal\" n=5 <- #2 -> #1\n\
        \x20 block <- #1 <- #2 <- #3\n  * no flow sum=3";
    assert_eq!(text, expected);
}

#[test]
fn readers_find_flows_apart_from_metadata() {
    let flow = Flow::new();
    let trace = traced(1, || {
        let _span = span!("span", flow_out = flow, meta(first = 1 + 1, k = "literal", last = 2.5));
        instant!("instant", flow_in = flow, meta(key = %"shown"));
    });
    let span = trace.spans().next().unwrap();
    assert_eq!(span.flows().collect::<Vec<_>>(), [FlowEnd::Out(flow.id())]);
    let args: Vec<_> = span.args().collect();
    let literal = Value::Str("literal".into());
    assert_eq!(args, [("first", Value::I64(2)), ("k", literal), ("last", Value::F64(2.5))]);
    let instant = trace.instants().next().unwrap();
    assert_eq!(instant.flows().collect::<Vec<_>>(), [FlowEnd::In(flow.id())]);
    assert_eq!(instant.args().collect::<Vec<_>>(), [("key", Value::Str("shown".into()))]);
    for event in trace.events(span.track().id) {
        match event {
            Event::Begin { meta, .. } => {
                assert_eq!((meta.flows().count(), meta.value()), (1, Value::I64(2)));
            }
            Event::Instant { meta, .. } => assert_eq!(meta.flows().count(), 1),
            _ => {}
        }
    }
}

#[test]
fn flows_are_evaluated_only_if_the_event_is_recorded() {
    let _alone = alone();
    let evaluated = Cell::new(0);
    let flow = || {
        evaluated.set(evaluated.get() + 1);
        Flow::new()
    };
    let work = || {
        trace_scope!("scope", level = 2, flow_out = flow());
        instant!("instant", level = 2, flow_in = flow());
        trace_scope!("block", level = 2, flow_in = flow(), { 1 })
    };
    work();
    assert_eq!(evaluated.get(), 0, "no session");
    let session = Session::start(1).unwrap();
    work();
    assert!(session.stop().is_empty());
    assert_eq!(evaluated.get(), 0, "above the session's level");
    let session = Session::start(2).unwrap();
    work();
    assert_eq!(session.stop().event_count(), 3);
    assert_eq!(evaluated.get(), 3, "once an event");
}

#[test]
fn all_fourteen_values_can_be_flows() {
    let text = recorded(|| {
        let f = Flow::new();
        #[rustfmt::skip]
        instant!("many", flow_in = f, flow_in = f, flow_in = f, flow_in = f, flow_in = f, flow_in = f, flow_in = f,
            flow_out = f, flow_out = f, flow_out = f, flow_out = f, flow_out = f, flow_out = f, flow_out = f);
    });
    assert_eq!(text, format!("* many{}{}", " <- #1".repeat(7), " -> #1".repeat(7)));
}

#[test]
fn flows_differ_across_threads() {
    let flows = || (0..1000).map(|_| Flow::new().id()).collect::<Vec<_>>();
    let started: Vec<_> = (0..4).map(|n| spawn(&format!("{n}"), flows)).collect();
    let ids: BTreeSet<u64> = started.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    assert_eq!(ids.len(), 4000);
    assert!(!ids.contains(&0));
}

#[test]
fn both_sides_know_a_flow_by_name_and_number() {
    let trace = traced(1, || {
        // The sides share nothing but the number.
        let (send, requests) = mpsc::channel::<u64>();
        let consumer = spawn("2 consumer", move || {
            for request in requests {
                trace_scope!("serve", flow_in = Flow::of("rpc", request), meta(request));
            }
        });
        let producer = spawn("1 producer", move || {
            for request in [9, 8] {
                trace_scope!("call", flow_out = Flow::of("rpc", request), meta(request));
                send.send(request).unwrap();
            }
        });
        producer.join().unwrap();
        consumer.join().unwrap();
    });
    let expected = "thread 1 producer\n  call request=9 -> #1\n  call request=8 -> #2\n\
        thread 2 consumer\n  serve request=9 <- #1\n  serve request=8 <- #2\n";
    assert_eq!(trace.text().to_string(), expected);
}

#[test]
fn a_flow_of_a_name_is_the_same_in_every_build() {
    const AT_COMPILE_TIME: Flow = Flow::of("rpc", 7);
    let name = String::from("rpc");
    assert_eq!(Flow::of(&name, 7), AT_COMPILE_TIME);
    // Written down: processes of other builds have the same.
    assert_eq!(AT_COMPILE_TIME.id(), 0x8a21_72d2_7b78_351b);
    assert_eq!(Flow::of("", 0).id(), 0xdb21_f68f_fa77_f14c);
}

#[test]
fn flows_of_names_differ_from_each_other_and_from_all_others() {
    let mut ids = BTreeSet::new();
    for name in ["", "rpc", "rpd", "cpr", "\0", "gpu launch"] {
        // Small numbers, addresses, and what differs in the highest bit only.
        for number in 0..10_000 {
            ids.extend([number, number << 4 | 0x7fff_0000_0000, number | 1 << 63].map(|n| Flow::of(name, n).id()));
        }
    }
    assert_eq!(ids.len(), 6 * 30_000);
    assert!(ids.iter().all(|id| id >> 63 == 1), "the bit that those of `Flow::new` don't have");
    assert_eq!(Flow::new().id() >> 63, 0);
}
