//! Packets of a Perfetto trace, in sequences: one for each track.

use std::io::{self, Write};

use super::interned::Interned;
use super::out::Out;
use super::proto::{bytes, message, uint};
use crate::trace::{ClockInfo, Tables};

/// Fields of `TracePacket`.
mod packet {
    pub(super) const CLOCK_SNAPSHOT: u32 = 6;
    pub(super) const TIMESTAMP: u32 = 8;
    pub(super) const SEQUENCE: u32 = 10;
    pub(super) const TRACK_EVENT: u32 = 11;
    pub(super) const INTERNED_DATA: u32 = 12;
    pub(super) const SEQUENCE_FLAGS: u32 = 13;
    #[cfg(feature = "gzip")]
    pub(super) const COMPRESSED_PACKETS: u32 = 50;
    pub(super) const DEFAULTS: u32 = 59;
    pub(super) const TRACK_DESCRIPTOR: u32 = 60;
    pub(super) const FIRST_ON_SEQUENCE: u32 = 87;
}

/// The field of `Trace` that packets are in.
const PACKET: u32 = 1;
/// The number of the clock that counts from packet to packet.
const CLOCK: u64 = 64;

/// Writes packets.
#[derive(Debug)]
pub(super) struct Packets<W> {
    out: Out<W>,
    interned: Interned,
    /// The number of the track's sequence, from 1.
    sequence: u32,
    /// The time of the sequence's last packet, in ns.
    latest: u64,
    /// The clocks at the session's start, as every sequence says them.
    clocks: Vec<u8>,
}

impl<W: Write> Packets<W> {
    pub(super) fn new(tables: &Tables, out: W) -> Self {
        let (interned, clocks) = (Interned::new(tables), clocks(&tables.clock));
        Self { out: Out::new(out), interned, sequence: 0, latest: 0, clocks }
    }

    /// Begins the sequence of a track: its clock, and what its packets leave out.
    pub(super) fn begin_sequence(&mut self, track: u64) {
        self.sequence += 1;
        self.latest = 0;
        self.interned.begin(self.sequence);
        let (sequence, clocks) = (u64::from(self.sequence), &self.clocks);
        message(&mut self.out.bytes, PACKET, |packet| {
            uint(packet, packet::SEQUENCE, sequence);
            uint(packet, packet::SEQUENCE_FLAGS, 1);
            uint(packet, packet::FIRST_ON_SEQUENCE, 1);
            bytes(packet, packet::CLOCK_SNAPSHOT, clocks);
            message(packet, packet::DEFAULTS, |defaults| {
                uint(defaults, 58, CLOCK);
                message(defaults, 11, |event| uint(event, 11, track));
            });
        });
    }

    /// Sends a `TrackDescriptor`, which belongs to no sequence.
    pub(super) fn descriptor(&mut self, fill: impl FnOnce(&mut Vec<u8>)) {
        message(&mut self.out.bytes, PACKET, |packet| message(packet, packet::TRACK_DESCRIPTOR, fill));
    }

    /// Sends a `TrackEvent` that `fill` writes. `refers` says whether it refers to names, which it gets from what it is
    /// given.
    #[inline(always)]
    pub(super) fn event(&mut self, ns: u64, refers: bool, fill: impl FnOnce(&mut Vec<u8>, &mut Interned)) {
        let (interned, after) = (&mut self.interned, ns.saturating_sub(self.latest));
        self.latest = self.latest.max(ns);
        message(&mut self.out.bytes, PACKET, |packet| {
            uint(packet, packet::TIMESTAMP, after);
            uint(packet, packet::SEQUENCE, u64::from(self.sequence));
            if refers {
                uint(packet, packet::SEQUENCE_FLAGS, 2);
            }
            message(packet, packet::TRACK_EVENT, |event| fill(event, interned));
            // The names that it is the first to refer to: readers look at them first, wherever they stand.
            if !interned.data.is_empty() {
                bytes(packet, packet::INTERNED_DATA, &interned.data);
                interned.data.clear();
            }
        });
    }

    /// Hands on what there is, if it is much.
    #[inline]
    pub(super) fn turn(&mut self) -> io::Result<()> {
        self.out.turn()
    }

    /// Hands on all that there is.
    pub(super) fn finish(self) -> io::Result<()> {
        self.out.finish()
    }
}

/// A `ClockSnapshot` of the session's start.
fn clocks(info: &ClockInfo) -> Vec<u8> {
    const REALTIME: u64 = 1;
    const MONOTONIC: u64 = 3;
    let mut snapshot = Vec::new();
    let mut clock = |id, ns, incremental| {
        message(&mut snapshot, 1, |clock| {
            uint(clock, 1, id);
            uint(clock, 2, ns);
            if incremental {
                uint(clock, 3, 1);
            }
        });
    };
    clock(CLOCK, 0, true);
    clock(MONOTONIC, info.monotonic_ns, false);
    if info.wall_ns > 0 {
        clock(REALTIME, info.wall_ns, false);
    }
    uint(&mut snapshot, 2, MONOTONIC);
    snapshot
}

/// Packs packets: each write, which must be of whole packets, becomes one packet that holds them compressed.
#[cfg(feature = "gzip")]
#[derive(Debug)]
pub(super) struct Packed<W>(pub(super) W);

#[cfg(feature = "gzip")]
impl<W: Write> Write for Packed<W> {
    fn write(&mut self, packets: &[u8]) -> io::Result<usize> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(packets)?;
        let packed = encoder.finish()?;
        let mut out = Vec::with_capacity(packed.len() + 16);
        message(&mut out, PACKET, |packet| bytes(packet, packet::COMPRESSED_PACKETS, &packed));
        self.0.write_all(&out)?;
        Ok(packets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
