//! What an event costs the thread that records it, and what it costs while nothing records.
#![allow(missing_docs, reason = "criterion's macros make public functions")]
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the time")]

use std::time::{Duration, Instant};

use benches::sessions::{assert_whole, start, steady_slices, warm_up};
use benches::subjects::{COUNTER, INSTANT, SPAN, SPAN_WITH_LONG_TEXT, SPAN_WITH_VALUES, Subject};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const SUBJECTS: [Subject; 5] = [SPAN, SPAN_WITH_VALUES, SPAN_WITH_LONG_TEXT, INSTANT, COUNTER];

fn time(subject: &Subject, count: u64) -> Duration {
    let start = Instant::now();
    (subject.record)(count);
    start.elapsed()
}

/// The time of `count` events in sessions whose memory was used before, each of which is checked.
fn time_recorded(subject: &Subject, count: u64) -> Duration {
    let most = steady_slices(subject, 1);
    let mut time_of_all = Duration::ZERO;
    let mut left = count;
    while left > 0 {
        let of_session = left.min(most);
        let session = start();
        time_of_all += time(subject, of_session);
        assert_whole(&session.stop(), of_session);
        left -= of_session;
    }
    time_of_all
}

fn events(criterion: &mut Criterion) {
    warm_up();
    let mut group = criterion.benchmark_group("not recording");
    group.throughput(Throughput::Elements(1));
    for subject in SUBJECTS {
        group.bench_function(subject.name, |bencher| bencher.iter_custom(|count| time(&subject, count)));
    }
    group.finish();
    let mut group = criterion.benchmark_group("recording");
    group.throughput(Throughput::Elements(1));
    for subject in SUBJECTS {
        group.bench_function(subject.name, |bencher| bencher.iter_custom(|count| time_recorded(&subject, count)));
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = events
}
criterion_main!(benches);
