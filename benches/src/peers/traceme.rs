//! traceme, as everybody else.

use std::path::Path;

use traceme::trace::{Event, Read};
use traceme::{Session, Trace, trace_scope};

use super::peer::{About, Peer, Subjects};
use crate::sessions::{assert_whole, start};
use crate::subjects::{instants, spans, spans_with_values};

pub(super) const ABOUT: About = About {
    name: "traceme",
    packages: &["traceme"],
    is_timed: true,
    how: "One session, of which a round is a part (`rotate`); off is without one. Collected is by `stop`, and each event is \
          looked at. Saved in both formats.",
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
    fn stop(&mut self) -> Trace {
        self.0.take().expect("a round has begun").stop()
    }
}

impl Peer for Sessions {
    fn begin(&mut self) {
        self.0.get_or_insert_with(start);
    }

    fn end(&mut self, events: u64) {
        assert_whole(&self.0.as_ref().expect("a round has begun").rotate(), events);
    }

    fn read(&mut self, events: u64) {
        let trace = self.stop();
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
        self.stop().save(file).expect("a file");
    }
}
