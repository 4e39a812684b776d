//! Summaries of hand-made traces. Those of recorded ones are in the end-to-end tests.

mod figures;
mod oracle;
mod overhead;
mod tasks;
mod text;

use super::{SpanSummary, Summary};
use crate::trace::{Trace, TraceBuilder, TrackKind};

const GPU: TrackKind = TrackKind::Device { ordinal: 0 };

/// A span of a device: name, start, end.
type Given = (&'static str, u64, Option<u64>);

/// The trace of these spans, a list for each device.
fn trace(tracks: &[&[Given]]) -> Trace {
    let mut builder = TraceBuilder::default();
    for spans in tracks {
        let track = builder.add_track("gpu", GPU, None).expect("a track");
        for &(name, start, end) in *spans {
            builder.span(track, name, start, end, &[]).expect("a span");
        }
    }
    builder.build()
}

fn summary(tracks: &[&[Given]]) -> Summary {
    trace(tracks).summary()
}

/// Name, count, total and self time of each name, in order.
fn times(summary: &Summary) -> Vec<(&str, u64, u64, u64)> {
    let times = |span: &'_ SpanSummary| (span.count, span.total, span.self_time);
    summary.spans.iter().map(|span| (span.name.as_str(), times(span))).map(|(n, (c, t, s))| (n, c, t, s)).collect()
}
