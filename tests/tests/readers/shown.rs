//! What the trace processor shows of a trace, to be compared with what is expected.

use std::collections::BTreeMap;

use crate::expected::{Slice, sorted};
use crate::processor::{Cell, Processor, Row};

const SLICES: &str = "SELECT s.id, IFNULL(th.name, t.name), s.ts, s.dur, s.name, s.category, p.name, p.ts
    FROM slice s JOIN track t ON t.id = s.track_id LEFT JOIN slice p ON p.id = s.parent_id
    LEFT JOIN thread_track tt ON tt.id = s.track_id LEFT JOIN thread th ON th.utid = tt.utid";
const ARGS: &str = "SELECT s.id, a.key, a.value_type, a.int_value, a.string_value, a.real_value
    FROM slice s JOIN args a ON a.arg_set_id = s.arg_set_id";
const SAMPLES: &str =
    "SELECT t.name, c.ts, c.value FROM counter c JOIN counter_track t ON t.id = c.track_id ORDER BY t.name, c.id";
const FLOWS: &str = "SELECT a.name, a.ts, b.name, b.ts FROM flow f
    JOIN slice a ON a.id = f.slice_out JOIN slice b ON b.id = f.slice_in";

/// All that is compared of a trace.
pub(crate) struct Shown {
    /// What was lost: by cause, and each gap.
    pub(crate) lost: Vec<Slice>,
    pub(crate) slices: Vec<Slice>,
    pub(crate) samples: Vec<Row>,
    pub(crate) flows: Vec<Row>,
}

impl Processor {
    /// What is shown of a trace without problems.
    #[track_caller]
    pub(crate) fn shown(&self) -> Shown {
        let [slices, args, samples, mut flows] = self.query(&[SLICES, ARGS, SAMPLES, FLOWS]).try_into().unwrap();
        let mut args_of: BTreeMap<i64, BTreeMap<String, (String, Cell)>> = BTreeMap::new();
        for row in args.rows {
            let [slice, key, kind, int, string, real] = row.try_into().unwrap();
            let value = match string {
                Cell::Null if int == Cell::Null => real,
                Cell::Null => int,
                string => string,
            };
            // Perfetto adds where a trace has several machines, and other things of its own.
            let key = text(key);
            if ["debug.", "args.", "source."].iter().any(|group| key.starts_with(group)) {
                args_of.entry(number(&slice)).or_default().insert(key, (text(kind), value));
            }
        }
        let slices = slices.rows.into_iter().map(|row| {
            let [id, track, ts, dur, name, category, parent, parent_ts] = row.try_into().unwrap();
            let parent = (parent != Cell::Null).then(|| (text(parent), number(&parent_ts)));
            let track = text(track);
            Slice {
                track: track.split(" (lane ").next().unwrap().into(),
                ts: number(&ts),
                dur: number(&dur),
                name: text(name),
                category: text(category),
                parent: Some(parent),
                args: args_of.remove(&number(&id)).unwrap_or_default(),
            }
        });
        let is_lost = |slice: &Slice| slice.track == "lost events" || slice.name.starts_with("gap: ");
        let (lost, slices) = sorted(slices.collect()).into_iter().partition(is_lost);
        flows.rows.sort_by_cached_key(|flow| format!("{flow:?}"));
        Shown { lost, slices, samples: samples.rows, flows: flows.rows }
    }
}

fn text(cell: Cell) -> String {
    match cell {
        Cell::Str(text) => text,
        Cell::Null => String::new(),
        other => panic!("not a text: {other:?}"),
    }
}

fn number(cell: &Cell) -> i64 {
    match cell {
        Cell::Int(number) => *number,
        other => panic!("not an integer: {other:?}"),
    }
}
