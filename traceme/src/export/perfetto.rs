//! Perfetto's protobuf: what <https://ui.perfetto.dev> and its `trace_processor` read.
//!
//! A trace is a list of packets, described in `protos/perfetto/trace/` of Perfetto's sources. Each track is a sequence
//! of packets of its own, so that most packets are small: names and keys are said once and then referred to by
//! number, the track is said once, and times count from the packet before.
//!
//! | what | becomes |
//! |---|---|
//! | span | `SLICE_BEGIN` and `SLICE_END`; on a track of its own if it outlives the span it began in |
//! | span that never ended | `SLICE_BEGIN` alone, which the reader shows as such |
//! | instant, sample | `INSTANT`, `COUNTER` |
//! | metadata | debug annotations |
//! | task | as a span, on a track of its own; where it was made, `INSTANT`, from which a flow goes through its polls |
//! | flow | `flow_ids` |
//! | what was lost | by cause, slices on the track "lost events"; each gap, an instant on its thread's track |

use std::io::{self, Write};

use super::annotation::{annotation, annotations, text};
use super::interned::Interned;
use super::lanes::Lanes;
use super::packets::Packets;
use super::proto::{bytes, fixed64, int, message, uint};
use super::rows::{Hole, Lost, Rows, full_name, lane_name, lost};
use super::whole::{Step, Whole, WholeSpan};
use crate::category::Category;
use crate::instrument::costs;
use crate::trace::{Event, Flags, FlowEnd, Meta, Read, Tables, Track, TrackId, TrackKind, Value};

/// Fields of `TrackEvent`.
mod event {
    pub(super) const CATEGORY_IIDS: u32 = 3;
    pub(super) const TYPE: u32 = 9;
    pub(super) const NAME_IID: u32 = 10;
    pub(super) const TRACK: u32 = 11;
    pub(super) const NAME: u32 = 23;
    pub(super) const COUNTER_VALUE: u32 = 30;
    pub(super) const SOURCE_LOCATION_IID: u32 = 34;
    pub(super) const DOUBLE_COUNTER_VALUE: u32 = 44;
    pub(super) const FLOW_IDS: u32 = 47;
}

const SLICE_BEGIN: u64 = 1;
const SLICE_END: u64 = 2;
const INSTANT: u64 = 3;
const COUNTER: u64 = 4;

/// Writes a recording as a Perfetto trace.
///
/// It is written as it is read, in memory that grows with what is open at one time (a forgotten guard's span is open to
/// the end), not with its length. The first call in a process may [measure costs](crate::export#costs) for some 15 ms.
///
/// ```
/// let session = traceme::Session::start(1)?;
/// {
///     traceme::trace_scope!("work", meta(n = 3));
/// }
/// let trace = session.stop();
/// let mut file = Vec::new();
/// traceme::export::perfetto(&trace, &mut file)?;
/// assert!(file.windows(4).any(|bytes| bytes == b"work"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Those of `out`.
pub fn perfetto<R: Read>(recording: &R, out: impl Write) -> io::Result<()> {
    let tables = recording.tables();
    let mut perfetto = Perfetto::new(tables, out);
    perfetto.process(tables);
    let mut uuids = Vec::new();
    for track in recording.tracks() {
        uuids.push(perfetto.track(recording, track)?);
    }
    let holes = std::mem::take(&mut perfetto.holes);
    if let Some(Lost { trace, totals, gaps }) = lost(recording, &holes) {
        perfetto.track(&trace, &trace.tracks()[totals.index()])?;
        for (track, gaps) in gaps {
            perfetto.instants(&trace, gaps, uuids[track.index()])?;
        }
    }
    perfetto.packets.finish()
}

/// Writes a recording as a Perfetto trace whose packets are compressed: a tenth of the size for spans without
/// metadata, a sixth for random numbers, and for several times the time. It may [measure costs](crate::export#costs) too.
///
/// ```
/// let trace = traceme::Session::start(1)?.stop();
/// traceme::export::perfetto_compressed(&trace, &mut std::io::sink())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Those of `out`.
#[cfg(feature = "gzip")]
pub fn perfetto_compressed<R: Read>(recording: &R, out: impl Write) -> io::Result<()> {
    perfetto(recording, super::packets::Packed(out))
}

struct Perfetto<W> {
    packets: Packets<W>,
    rows: Rows,
    holes: Vec<Hole>,
    /// The id of the process's track; those of the others count from there.
    process: u64,
    tracks: u64,
    /// The ends of spans that never ended, with their tracks; said only if more follows.
    unsaid: Vec<(u64, Option<u64>)>,
}

impl<W: Write> Perfetto<W> {
    fn new(tables: &Tables, out: W) -> Self {
        let rows = Rows::new(tables);
        // Ids of tracks are one space for all files that are opened together.
        let seed = tables.clock.wall_ns ^ u64::from(rows.pid) << 40;
        Self {
            packets: Packets::new(tables, out),
            process: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) & !0xffff_ffff | 1,
            rows,
            holes: Vec::new(),
            tracks: 0,
            unsaid: Vec::new(),
        }
    }

    fn process(&mut self, tables: &Tables) {
        let (uuid, pid) = (self.process, self.rows.pid);
        let name = if tables.process.name.is_empty() { "traceme" } else { &tables.process.name };
        self.packets.descriptor(|descriptor| {
            uint(descriptor, 1, uuid);
            message(descriptor, 3, |process| {
                uint(process, 1, u64::from(pid));
                bytes(process, 6, name.as_bytes());
                if let Some(costs) = costs::known_in(tables.process.pid) {
                    let label = format!("a span costs {:.1} ns, an instant {:.1} ns", costs.span_ns, costs.instant_ns);
                    bytes(process, 8, label.as_bytes());
                }
            });
        });
    }

    /// Writes a track; gives its id.
    fn track<R: Read>(&mut self, recording: &R, track: &Track) -> io::Result<u64> {
        self.packets.turn()?;
        let name = full_name(recording.tracks(), track);
        let main = self.announce(track, &name);
        self.packets.begin_sequence(main);
        let mut lanes = Lanes::of(track);
        let mut uuids = vec![None];
        for step in Whole::new(|| recording.events(track.id)) {
            if !matches!(step, Step::End { flags, .. } if flags.is_incomplete()) {
                self.say_unsaid();
            }
            match step {
                Step::Begin(span) => {
                    let drawn = lanes.begin(&span);
                    if drawn.lane >= uuids.len() {
                        uuids.push(Some(self.announce_lane(track, main, &name, drawn.lane)));
                    }
                    self.slice_begin(&span, drawn.flags, uuids[drawn.lane]);
                }
                Step::End { ns, span, flags } => {
                    let (lane, ends) = lanes.end(span);
                    for _ in 0..ends {
                        if flags.is_incomplete() {
                            self.unsaid.push((ns, uuids[lane]));
                        } else {
                            self.slice_end(ns, uuids[lane]);
                        }
                    }
                }
                Step::Instant { ns, meta } => self.instant(ns, &meta, None),
                Step::Spawn { ns, meta } => self.instant(ns, &meta, meta.task()),
                Step::Sample { ns, meta } => self.sample(ns, meta.value()),
                Step::Hole { ns, end } => self.holes.push(Hole { track: name.clone(), ns, end }),
            }
            self.packets.turn()?;
        }
        self.unsaid.clear();
        Ok(main)
    }

    /// Writes the instants of a track on the one of this id, in a sequence of their own.
    fn instants<R: Read>(&mut self, recording: &R, track: TrackId, uuid: u64) -> io::Result<()> {
        self.packets.begin_sequence(uuid);
        for event in recording.events(track) {
            if let Event::Instant { ns, meta } = event {
                self.instant(ns, &meta, None);
            }
            self.packets.turn()?;
        }
        Ok(())
    }

    #[inline]
    fn slice_begin(&mut self, span: &WholeSpan<'_>, flags: Flags, lane: Option<u64>) {
        let process = self.process;
        self.packets.event(span.start, true, |event, interned| {
            begin(event, interned, SLICE_BEGIN, &span.meta);
            annotations(event, &span.meta, &span.appended, interned);
            if let Some(flags) = super::flags(flags) {
                let key = interned.key(None, 0, super::FLAGS);
                annotation(event, key, Value::Str(flags.as_str().into()));
            }
            flows(event, &span.meta, span.meta.poll_of(), process);
            if let Some(uuid) = lane {
                uint(event, event::TRACK, uuid);
            }
        });
    }

    #[inline]
    fn slice_end(&mut self, ns: u64, lane: Option<u64>) {
        // It refers to nothing that was said before but the defaults: these hold without being asked for.
        self.packets.event(ns, false, |event, _| {
            uint(event, event::TYPE, SLICE_END);
            if let Some(uuid) = lane {
                uint(event, event::TRACK, uuid);
            }
        });
    }

    /// Writes an instant, or where a task is made.
    fn instant(&mut self, ns: u64, meta: &Meta<'_>, task: Option<u64>) {
        let process = self.process;
        self.packets.event(ns, true, |event, interned| {
            begin(event, interned, INSTANT, meta);
            annotations(event, meta, &[], interned);
            flows(event, meta, task, process);
        });
    }

    fn sample(&mut self, ns: u64, value: Value<'_>) {
        let number = match value {
            Value::U64(number) => i64::try_from(number).map_err(|_| number as f64),
            Value::I64(number) => Ok(number),
            Value::U128(number) => i64::try_from(number).map_err(|_| number as f64),
            Value::I128(number) => i64::try_from(number).map_err(|_| number as f64),
            Value::F64(number) => Err(number),
            _ => return,
        };
        self.packets.event(ns, false, |event, _| {
            uint(event, event::TYPE, COUNTER);
            match number {
                Ok(number) => int(event, event::COUNTER_VALUE, number),
                Err(number) => fixed64(event, event::DOUBLE_COUNTER_VALUE, number.to_bits()),
            }
        });
    }

    /// Says the ends that were held back: more follows them.
    #[inline]
    fn say_unsaid(&mut self) {
        if !self.unsaid.is_empty() {
            for (ns, lane) in std::mem::take(&mut self.unsaid) {
                self.slice_end(ns, lane);
            }
        }
    }

    /// Says what a track is; gives its id.
    fn announce(&mut self, track: &Track, name: &str) -> u64 {
        let (uuid, process) = (self.next_uuid(), self.process);
        let (pid, tid) = (u64::from(self.rows.pid), u64::from(self.rows.of_track(track)));
        self.packets.descriptor(|descriptor| {
            uint(descriptor, 1, uuid);
            match &track.kind {
                TrackKind::Thread { .. } => message(descriptor, 4, |thread| {
                    uint(thread, 1, pid);
                    uint(thread, 2, tid);
                    bytes(thread, 5, name.as_bytes());
                }),
                TrackKind::Counter { unit } => {
                    uint(descriptor, 5, process);
                    bytes(descriptor, 2, name.as_bytes());
                    message(descriptor, 8, |counter| {
                        if !unit.is_empty() {
                            bytes(counter, 6, unit.as_bytes());
                        }
                    });
                }
                _ => {
                    uint(descriptor, 5, process);
                    bytes(descriptor, 2, name.as_bytes());
                }
            }
        });
        uuid
    }

    /// Says what an extra row of a track is; gives its id.
    fn announce_lane(&mut self, track: &Track, main: u64, name: &str, lane: usize) -> u64 {
        let uuid = self.next_uuid();
        // Tracks of one name side by side are shown as one, of as many rows as it needs: so are activities and tasks.
        let (main, name) = match track.kind {
            TrackKind::Activity | TrackKind::Task => (self.process, name.to_string()),
            _ => (main, lane_name(name, lane)),
        };
        self.packets.descriptor(|descriptor| {
            uint(descriptor, 1, uuid);
            uint(descriptor, 5, main);
            bytes(descriptor, 2, name.as_bytes());
        });
        uuid
    }

    fn next_uuid(&mut self) -> u64 {
        self.tracks += 1;
        self.process + self.tracks
    }
}

/// Writes the type, the category and the name of an event.
#[inline]
fn begin(event: &mut Vec<u8>, interned: &mut Interned, kind: u64, meta: &Meta<'_>) {
    uint(event, event::TYPE, kind);
    let (category, name, source) = match (meta.callsite_id(), meta.callsite()) {
        (Some(id), Some(callsite)) => {
            let site = interned.site(id, callsite);
            (site.category, site.name, site.source)
        }
        _ => (interned.category(Category::DEFAULT.name()), 0, 0),
    };
    uint(event, event::CATEGORY_IIDS, category);
    if name == 0 {
        text(event, event::NAME, meta.name());
    } else {
        uint(event, event::NAME_IID, name);
    }
    if source != 0 {
        uint(event, event::SOURCE_LOCATION_IID, source);
    }
}

/// Writes the ends of arrows at an event of this process; if it makes a task or polls one, the task's.
#[inline]
fn flows(event: &mut Vec<u8>, meta: &Meta<'_>, task: Option<u64>, process: u64) {
    let ends = meta.flows().map(|(FlowEnd::Out(id) | FlowEnd::In(id))| id);
    for id in ends.chain(task) {
        // The ids of two processes may be the same, but not their flows.
        fixed64(event, event::FLOW_IDS, id ^ process);
    }
}
