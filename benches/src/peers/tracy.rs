//! Tracy, by tracy-client, connected to a server in the same process that takes what comes and looks at none of it.

use std::hint::black_box;

use tracy_client::{Client, span_location};

use super::peer::{About, Peer, Subjects};
use super::tracy_server::Server;
use crate::subjects::SHORT;

pub(super) const ABOUT: About = About {
    name: "tracy-client",
    packages: &["tracy-client", "tracy-client-sys"],
    is_timed: true,
    how: "On demand, connected to a loopback server that accepts the handshake and throws the rest away; off is on \
          demand without a server. `Client::span` with a location; values are two `emit_value` and an `emit_text`; an \
          instant is a message. A round ends when the server hears nothing any more. What is collected and saved is \
          the business of Tracy's own server.",
    subjects: Subjects {
        off: Some(off),
        span: Some(spans),
        values: Some(values),
        instant: Some(instants),
        deep: Some(deep),
    },
    slice: 5_000,
    holds: false,
    reads: false,
    formats: &[],
    start: || Box::new(Tracy { server: Server::connect(), before: 0 }),
};

fn off(count: u64) {
    let client = Client::start();
    assert!(!Client::is_connected());
    record_spans(&client, count);
}

fn spans(count: u64) {
    record_spans(&Client::running().expect("it was started"), count);
}

fn record_spans(client: &Client, count: u64) {
    for _ in 0..count {
        let _span = client.clone().span(span_location!("span"), 0);
    }
}

fn values(count: u64) {
    let (client, kind) = (Client::running().expect("it was started"), black_box(SHORT));
    for request in 0..count {
        let span = client.clone().span(span_location!("request"), 0);
        span.emit_value(request);
        span.emit_value(request * 512);
        span.emit_text(kind);
    }
}

fn instants(count: u64) {
    let client = Client::running().expect("it was started");
    for _ in 0..count {
        client.message("instant", 0);
    }
}

fn deep(count: u64) {
    let client = Client::running().expect("it was started");
    for _ in 0..count / 8 {
        let _span1 = client.clone().span(span_location!("1"), 0);
        let _span2 = client.clone().span(span_location!("2"), 0);
        let _span3 = client.clone().span(span_location!("3"), 0);
        let _span4 = client.clone().span(span_location!("4"), 0);
        let _span5 = client.clone().span(span_location!("5"), 0);
        let _span6 = client.clone().span(span_location!("6"), 0);
        let _span7 = client.clone().span(span_location!("7"), 0);
        let _span8 = client.clone().span(span_location!("8"), 0);
    }
}

struct Tracy {
    server: Server,
    /// What had come before the round.
    before: u64,
}

impl Peer for Tracy {
    fn begin(&mut self) {
        self.before = self.server.received();
    }

    fn end(&mut self, events: u64) {
        let bytes = self.server.wait(self.before) - self.before;
        assert!(bytes > events / 16, "{bytes} bytes of {events} events");
    }
}
