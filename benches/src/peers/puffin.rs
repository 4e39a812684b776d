//! puffin: scopes of a frame, as a stream of bytes.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use puffin::{FrameData, GlobalProfiler, Reader, Stream, profile_scope};

use super::peer::{About, Peer, Subjects, in_parts};
use crate::subjects::SHORT;

pub(super) const ABOUT: About = About {
    name: "puffin",
    packages: &["puffin"],
    is_timed: true,
    how: "`profile_scope!` in a scope of 8,000, since an outermost one takes a lock; values are one formatted string; \
          no instants. Off is `set_scopes_on(false)`. A round is a frame, which a sink takes; read with its `Reader`. \
          Saved with `FrameData::write_into`, compressed.",
    subjects: Subjects { off: Some(off), span: Some(spans), values: Some(values), instant: None, deep: Some(deep) },
    slice: 20_000,
    holds: true,
    reads: true,
    formats: &["puffin"],
    start: || {
        puffin::set_scopes_on(true);
        GlobalProfiler::lock().add_sink(Box::new(|frame| {
            *FRAME.lock().unwrap_or_else(PoisonError::into_inner) = Some(frame);
        }));
        Box::new(Puffin)
    },
};

/// The last frame.
static FRAME: Mutex<Option<Arc<FrameData>>> = Mutex::new(None);

fn off(count: u64) {
    for _ in 0..count {
        profile_scope!("span");
    }
}

fn spans(count: u64) {
    in_parts(count, |part| {
        profile_scope!("outermost");
        for _ in 0..part {
            profile_scope!("span");
        }
    });
}

fn values(count: u64) {
    let kind = black_box(SHORT);
    in_parts(count, |part| {
        profile_scope!("outermost");
        for request in 0..part {
            profile_scope!("request", format!("{request} {} {kind}", request * 512));
        }
    });
}

fn deep(count: u64) {
    in_parts(count, |part| {
        profile_scope!("outermost");
        for _ in 0..part / 8 {
            profile_scope!("1");
            profile_scope!("2");
            profile_scope!("3");
            profile_scope!("4");
            profile_scope!("5");
            profile_scope!("6");
            profile_scope!("7");
            profile_scope!("8");
        }
    });
}

/// The scopes side by side from here on, and those in them; adds up what they take.
fn count_scopes(stream: &Stream, offset: u64, total: &mut i64) -> u64 {
    let mut count = 0;
    for scope in Reader::with_offset(stream, offset).expect("an offset of the stream") {
        let scope = scope.expect("a whole stream");
        *total += scope.record.duration_ns;
        count += 1;
        if scope.child_begin_position < scope.child_end_position {
            count += count_scopes(stream, scope.child_begin_position, total);
        }
    }
    count
}

struct Puffin;

impl Puffin {
    /// The frame of this round.
    fn frame() -> Arc<FrameData> {
        GlobalProfiler::lock().new_frame();
        FRAME.lock().unwrap_or_else(PoisonError::into_inner).take().expect("the sink was called")
    }
}

/// Checks a number of scopes, among which are the outermost ones.
fn assert_all(scopes: u64, events: u64) {
    assert!(scopes > events && scopes <= events + events / 5_000 + 8, "{scopes} scopes of {events}");
}

impl Peer for Puffin {
    fn begin(&mut self) {}

    fn end(&mut self, events: u64) {
        assert_all(Self::frame().meta().num_scopes as u64, events);
    }

    fn read(&mut self, events: u64) {
        let frame = Self::frame().unpacked().expect("it is not packed");
        let (mut scopes, mut total) = (0, 0);
        for thread in frame.thread_streams.values() {
            scopes += count_scopes(&thread.stream, 0, &mut total);
        }
        assert!(total > 0, "scopes take time");
        assert_all(scopes, events);
    }

    fn save(&mut self, file: &Path, record: &mut dyn FnMut()) {
        record();
        let mut out = BufWriter::new(File::create(file).expect("a file"));
        GlobalProfiler::lock().emit_scope_snapshot();
        Self::frame().write_into(None, &mut out).expect("space");
        out.flush().expect("space");
    }
}
