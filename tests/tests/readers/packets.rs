//! Packets of a Perfetto trace that a test writes by hand. The numbers are those of fields in Perfetto's .proto files.

use crate::protobuf::{bytes, message, number};

/// The clock that the sequences here define: the time since the packet before.
pub(crate) const DELTA_CLOCK: u64 = 64;

/// What kind of event: the values of `TrackEvent.Type`.
pub(crate) const BEGIN: u64 = 1;
pub(crate) const END: u64 = 2;
pub(crate) const INSTANT: u64 = 3;
pub(crate) const COUNTER: u64 = 4;

pub(crate) const PID: u64 = 77;

/// A packet as it stands in a trace.
pub(crate) fn packet<const N: usize>(fields: [Vec<u8>; N]) -> Vec<u8> {
    message(1, fields)
}

/// The process that all threads are of.
pub(crate) fn process(uuid: u64) -> Vec<u8> {
    descriptor(uuid, [message(3, [number(1, PID), bytes(6, "program")])])
}

pub(crate) fn thread(uuid: u64, tid: u64, name: &str) -> Vec<u8> {
    descriptor(uuid, [message(4, [number(1, PID), number(2, tid), bytes(5, name)])])
}

/// A track below another one.
pub(crate) fn child(uuid: u64, parent: u64, name: &str) -> Vec<u8> {
    descriptor(uuid, [bytes(2, name), number(5, parent)])
}

pub(crate) fn counter(uuid: u64, parent: u64, name: &str, unit: &str) -> Vec<u8> {
    descriptor(uuid, [bytes(2, name), number(5, parent), message(8, [bytes(6, unit)])])
}

fn descriptor<const N: usize>(uuid: u64, fields: [Vec<u8>; N]) -> Vec<u8> {
    packet([message(60, [number(1, uuid), fields.concat()])])
}

/// A sequence of packets of one thread, with all that keeps its events small.
pub(crate) struct Sequence(pub(crate) u64);

impl Sequence {
    /// Opens the sequence at a time: events are on a track, and say how long after the last they are.
    pub(crate) fn open(&self, track: u64, now: u64) -> Vec<u8> {
        let clock =
            |id: u64, is_incremental: u64| message(1, [number(1, id), number(2, now), number(3, is_incremental)]);
        packet([
            number(10, self.0),
            number(13, 1),
            number(87, 1),
            message(59, [number(58, DELTA_CLOCK), message(11, [number(11, track)])]),
            message(6, [clock(6, 0), clock(DELTA_CLOCK, 1)]),
        ])
    }

    /// An event of a kind, some time after the one before.
    pub(crate) fn event<const N: usize>(&self, delta: u64, kind: u64, fields: [Vec<u8>; N]) -> Vec<u8> {
        let event = message(11, [number(9, kind), fields.concat()]);
        packet([number(8, delta), number(10, self.0), number(13, 2), event])
    }
}

/// The name of an event, written out.
pub(crate) fn name(name: &str) -> Vec<u8> {
    bytes(23, name)
}

/// The track of an event, if it isn't the thread's.
pub(crate) fn on(track: u64) -> Vec<u8> {
    number(11, track)
}
