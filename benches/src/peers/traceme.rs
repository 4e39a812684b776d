//! traceme, as everybody else.

use std::path::Path;

use traceme::trace::{Event, Read};
use traceme::{Session, trace_scope};

use super::peer::{About, Peer, Subjects};
use crate::sessions::{assert_whole, start};
use crate::subjects::{instants, spans, spans_with_values};

pub(super) const ABOUT: About = About {
    name: "traceme",
    packages: &["traceme"],
    is_timed: true,
    how: "A session a round; off is without one. Read is each event of the trace. Saved in both formats.",
    subjects: Subjects {
        off: Some(spans),
        span: Some(spans),
        values: Some(spans_with_values),
        instant: Some(instants),
        deep: Some(deep),
    },
    slice: 20_000,
    holds: true,
    reads: true,
    formats: &["pftrace", "json"],
    start: || Box::new(Sessions(None)),
};

#[inline(never)]
fn deep(count: u64) {
    for _ in 0..count / 8 {
        trace_scope!("1");
        trace_scope!("2");
        trace_scope!("3");
        trace_scope!("4");
        trace_scope!("5");
        trace_scope!("6");
        trace_scope!("7");
        trace_scope!("8");
    }
}

struct Sessions(Option<Session>);

impl Sessions {
    fn session(&mut self) -> Session {
        self.0.take().expect("a round has begun")
    }
}

impl Peer for Sessions {
    fn begin(&mut self) {
        self.0 = Some(start());
    }

    fn end(&mut self, events: u64) {
        assert_whole(&self.session().stop(), events);
    }

    fn read(&mut self, events: u64) {
        let trace = self.session().stop();
        let (mut begun, mut duration) = (0, 0_u64);
        for track in trace.tracks() {
            for event in trace.events(track.id) {
                match event {
                    Event::Begin { ns, .. } => (begun, duration) = (begun + 1, duration.wrapping_sub(ns)),
                    Event::End { ns, .. } => duration = duration.wrapping_add(ns),
                    _ => {}
                }
            }
        }
        assert!(begun == events && duration > 0, "{begun} spans of {events}");
    }

    fn save(&mut self, file: &Path, record: &mut dyn FnMut()) {
        self.begin();
        record();
        self.session().stop().save(file).expect("a file");
    }
}
