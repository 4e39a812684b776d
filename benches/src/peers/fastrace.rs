//! fastrace: spans of a thread inside a root, which its collector turns into records.

use std::borrow::Cow;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use fastrace::collector::{Config, Reporter, SpanContext, SpanRecord};
use fastrace::{Event, Span, local::LocalSpan};

use super::peer::{About, Peer, Subjects, in_parts, write_event};
use crate::subjects::SHORT;

pub(super) const ABOUT: About = About {
    name: "fastrace",
    packages: &["fastrace"],
    is_timed: true,
    how: "`LocalSpan`s in a root of 8,000, since more than 10,240 are dropped in silence; an instant is an event. Off is \
          without a root. A round ends with `flush()`, which is what collecting is. It brings no exporter for files: \
          saved as JSON with `writeln!` in a reporter.",
    subjects: Subjects {
        off: Some(off),
        span: Some(spans),
        values: Some(values),
        instant: Some(instants),
        deep: Some(deep),
    },
    slice: 20_000,
    holds: true,
    reads: true,
    formats: &["json"],
    start: || {
        fastrace::set_reporter(Out, Config::default().report_interval(std::time::Duration::from_secs(3600)));
        Box::new(Fastrace)
    },
};

const ROOT: &str = "root";

fn off(count: u64) {
    for _ in 0..count {
        let _span = LocalSpan::enter_with_local_parent("span");
    }
}

fn in_roots(count: u64, record: impl Fn(u64)) {
    in_parts(count, |part| {
        let root = Span::root(ROOT, SpanContext::random());
        let _parent = root.set_local_parent();
        record(part);
    });
}

fn spans(count: u64) {
    in_roots(count, |part| {
        for _ in 0..part {
            let _span = LocalSpan::enter_with_local_parent("span");
        }
    });
}

fn values(count: u64) {
    let kind = black_box(SHORT);
    in_roots(count, |part| {
        for request in 0..part {
            let _span = LocalSpan::enter_with_local_parent("request").with_properties(|| {
                [
                    ("request", Cow::from(request.to_string())),
                    ("size", (request * 512).to_string().into()),
                    ("kind", kind.into()),
                ]
            });
        }
    });
}

fn instants(count: u64) {
    in_roots(count, |part| {
        for _ in 0..part {
            LocalSpan::add_event(Event::new("instant"));
        }
    });
}

fn deep(count: u64) {
    in_roots(count, |part| {
        for _ in 0..part / 8 {
            let _span1 = LocalSpan::enter_with_local_parent("1");
            let _span2 = LocalSpan::enter_with_local_parent("2");
            let _span3 = LocalSpan::enter_with_local_parent("3");
            let _span4 = LocalSpan::enter_with_local_parent("4");
            let _span5 = LocalSpan::enter_with_local_parent("5");
            let _span6 = LocalSpan::enter_with_local_parent("6");
            let _span7 = LocalSpan::enter_with_local_parent("7");
            let _span8 = LocalSpan::enter_with_local_parent("8");
        }
    });
}

/// What has come out in this round, and where to write it.
type Reported = (u64, Option<BufWriter<File>>);

fn reported() -> MutexGuard<'static, Reported> {
    static REPORTED: Mutex<Reported> = Mutex::new((0, None));
    REPORTED.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Out;

impl Reporter for Out {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        let (count, file) = &mut *reported();
        for span in &spans {
            *count += u64::from(span.name != ROOT) + span.events.len() as u64;
            if let Some(file) = file {
                write_event(file, &span.name, span.begin_time_unix_ns, span.duration_ns).expect("space");
            }
        }
        assert!(spans.iter().map(|span| span.duration_ns).sum::<u64>() > 0 || spans.is_empty(), "spans take time");
    }
}

struct Fastrace;

impl Peer for Fastrace {
    fn begin(&mut self) {
        *reported() = (0, None);
    }

    fn end(&mut self, events: u64) {
        fastrace::flush();
        assert_eq!(reported().0, events);
    }

    fn read(&mut self, events: u64) {
        self.end(events);
    }

    fn save(&mut self, file: &Path, record: &mut dyn FnMut()) {
        let mut out = BufWriter::new(File::create(file).expect("a file"));
        out.write_all(b"[\n").expect("space");
        *reported() = (0, Some(out));
        record();
        fastrace::flush();
        let mut out = reported().1.take().expect("it was put there");
        out.write_all(b"{}]\n").and_then(|()| out.flush()).expect("space");
    }
}
