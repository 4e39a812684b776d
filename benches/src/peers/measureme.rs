//! measureme, with which rustc profiles itself: records go to a file, page by page.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::RwLock;

use measureme::{EventId, EventIdBuilder, Profiler, StringId};

use super::peer::{About, Peer, Subjects};
use crate::subjects::SHORT;

pub(super) const ABOUT: About = About {
    name: "measureme",
    packages: &["measureme"],
    is_timed: true,
    how: "`start_recording_interval_event`, names interned before; each value is a string of its table; all threads \
          share a buffer, behind a lock. It has no off, and reading is another crate's. Saved is what it writes anyway.",
    subjects: Subjects {
        off: None,
        span: Some(spans),
        values: Some(values),
        instant: Some(instants),
        deep: Some(deep),
    },
    slice: 20_000,
    holds: false,
    reads: false,
    formats: &["mm_profdata"],
    start: || Box::new(Measureme(None)),
};

/// The profiler of this round, with its names.
static RECORDING: RwLock<Option<Recording>> = RwLock::new(None);

struct Recording {
    profiler: Profiler,
    kind: StringId,
    names: [StringId; 10],
}

const NAMES: [&str; 10] = ["1", "2", "3", "4", "5", "6", "7", "8", "span", "request"];

impl Recording {
    fn new(file: &Path) -> Self {
        let profiler = Profiler::new(file).expect("a file");
        let kind = profiler.alloc_string("kind");
        let names = NAMES.map(|name| profiler.alloc_string(name));
        Self { profiler, kind, names }
    }
}

fn recording(record: impl FnOnce(&Profiler, StringId, [EventId; 10])) {
    let recording = RECORDING.read().expect("nobody panicked");
    let Recording { profiler, kind, names } = recording.as_ref().expect("a round has begun");
    record(profiler, *kind, names.map(EventId::from_label));
}

fn spans(count: u64) {
    recording(|profiler, kind, [.., span, _]| {
        for _ in 0..count {
            let _span = profiler.start_recording_interval_event(kind, span, 1);
        }
    });
}

fn values(count: u64) {
    let text = black_box(SHORT);
    recording(|profiler, kind, [.., request_name]| {
        for request in 0..count {
            let values = [&*request.to_string(), &*(request * 512).to_string(), text];
            let values = values.map(|value| profiler.alloc_string(value));
            let id = EventIdBuilder::new(profiler).from_label_and_args(request_name.to_string_id(), &values);
            let _span = profiler.start_recording_interval_event(kind, id, 1);
        }
    });
}

fn instants(count: u64) {
    recording(|profiler, kind, [.., span, _]| {
        for _ in 0..count {
            profiler.record_instant_event(kind, span, 1);
        }
    });
}

fn deep(count: u64) {
    recording(|profiler, kind, names| {
        for _ in 0..count / 8 {
            let _span1 = profiler.start_recording_interval_event(kind, names[0], 1);
            let _span2 = profiler.start_recording_interval_event(kind, names[1], 1);
            let _span3 = profiler.start_recording_interval_event(kind, names[2], 1);
            let _span4 = profiler.start_recording_interval_event(kind, names[3], 1);
            let _span5 = profiler.start_recording_interval_event(kind, names[4], 1);
            let _span6 = profiler.start_recording_interval_event(kind, names[5], 1);
            let _span7 = profiler.start_recording_interval_event(kind, names[6], 1);
            let _span8 = profiler.start_recording_interval_event(kind, names[7], 1);
        }
    });
}

struct Measureme(Option<PathBuf>);

impl Measureme {
    fn begin_in(file: &Path) {
        *RECORDING.write().expect("nobody panicked") = Some(Recording::new(file));
    }

    fn end_file() {
        // Dropped, it writes what is left.
        drop(RECORDING.write().expect("nobody panicked").take());
    }
}

impl Peer for Measureme {
    fn begin(&mut self) {
        let file = std::env::temp_dir().join(format!("traceme-peers-round-{}.mm_profdata", std::process::id()));
        Self::begin_in(&file);
        self.0 = Some(file);
    }

    fn end(&mut self, events: u64) {
        Self::end_file();
        let file = self.0.take().expect("a round has begun");
        let bytes = fs::metadata(&file).expect("it was written").len();
        fs::remove_file(&file).expect("it is there");
        assert!(bytes >= events * 24, "{bytes} bytes of {events} events");
    }

    fn save(&mut self, file: &Path, record: &mut dyn FnMut()) {
        Self::begin_in(file);
        record();
        Self::end_file();
    }
}
