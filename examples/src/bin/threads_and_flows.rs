//! Flows: arrows from what caused something to what it caused, on whatever thread that is.
//!
//! A producer sends jobs to two workers in turns. Each job carries a [`Flow`]: a trace viewer draws an
//! arrow from the span that sent it to the span that did it. `cargo run --release -p examples --bin threads_and_flows`

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::collections::BTreeMap;
use std::thread::{self, Builder};

use crossbeam_channel::{Receiver, Sender, bounded};
use traceme::trace::FlowEnd;
use traceme::{Flow, Session, append, trace_scope, traceme};

const JOBS: u64 = 8;

/// A flow is a number, to be sent along.
struct Job {
    flow: Flow,
    number: u64,
}

#[traceme(level = 1)]
fn produce(workers: &[Sender<Job>]) {
    for (number, jobs) in (0..JOBS).zip(workers.iter().cycle()) {
        let flow = Flow::new();
        trace_scope!("send", flow_out = flow, meta(number));
        jobs.send(Job { flow, number }).expect("a worker takes jobs until there are no more");
    }
}

#[traceme(level = 1)]
fn work(jobs: &Receiver<Job>) {
    for Job { flow, number } in jobs {
        trace_scope!("job", flow_in = flow, meta(number));
        append!(result = (1..=number).product::<u64>());
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let session = Session::start(2)?;
    thread::scope(|scope| -> std::io::Result<()> {
        let mut workers = Vec::new();
        for number in 0..2 {
            let (sender, jobs) = bounded(2);
            workers.push(sender);
            // The names of threads are those of their tracks.
            Builder::new().name(format!("worker-{number}")).spawn_scoped(scope, move || work(&jobs))?;
        }
        Builder::new().name("producer".into()).spawn_scoped(scope, move || produce(&workers))?;
        Ok(())
    })?;
    let trace = session.stop();
    println!("{}", trace.text());

    // Where each flow leaves, and where it arrives.
    let mut ends = BTreeMap::<u64, [&str; 2]>::new();
    for span in trace.spans() {
        for end in span.flows() {
            let (flow, side) = match end {
                FlowEnd::Out(flow) => (flow, 0),
                FlowEnd::In(flow) => (flow, 1),
                _ => continue,
            };
            ends.entry(flow).or_default()[side] = &span.track().name;
        }
    }
    for (flow, [from, to]) in &ends {
        println!("flow {flow}: from {from} to {to}");
    }
    let ways: Vec<[&str; 2]> = ends.into_values().collect();
    assert_eq!(ways, [["producer", "worker-0"], ["producer", "worker-1"]].repeat(4));
    Ok(())
}
