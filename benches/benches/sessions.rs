//! What a session costs as a whole: its start and stop, reading it, and how writers bear each other.
#![allow(missing_docs, reason = "criterion's macros make public functions")]
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the time")]

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use benches::sessions::{assert_whole, start, warm_up};
use benches::subjects::{spans, trees};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use traceme::Trace;
use traceme::trace::Read;

const SPANS: u64 = 1_000_000;

fn recorded() -> Trace {
    let session = start();
    spans(SPANS);
    session.stop()
}

fn start_and_stop(criterion: &mut Criterion) {
    warm_up();
    let mut group = criterion.benchmark_group("session");
    group.bench_function("start and stop, empty", |bencher| {
        bencher.iter(|| assert!(start().stop().is_empty()));
    });
    group.bench_function("stop, 1M spans", |bencher| {
        bencher.iter_custom(|sessions| {
            let mut time = Duration::ZERO;
            for _ in 0..sessions {
                let session = start();
                spans(SPANS);
                let start = Instant::now();
                let trace = session.stop();
                time += start.elapsed();
                assert_whole(&trace, SPANS);
            }
            time
        });
    });
    group.finish();
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(SPANS));
    group.bench_function("1M spans", |bencher| {
        bencher.iter_custom(|traces| {
            let mut time = Duration::ZERO;
            for _ in 0..traces {
                let trace = recorded();
                let start = Instant::now();
                let events: usize = trace.tracks().iter().map(|track| trace.events(track.id).count()).sum();
                time += start.elapsed();
                assert_eq!(events as u64, 2 * SPANS, "a begin and an end of each span");
                assert_whole(&trace, SPANS);
            }
            time
        });
    });
    group.finish();
}

fn summary(criterion: &mut Criterion) {
    fn names_made_at_run_time(count: u64) {
        for n in 0..count {
            traceme::trace_scope!(name = format!("batch {}", n % 100));
        }
    }
    let mut group = criterion.benchmark_group("summary");
    group.throughput(Throughput::Elements(SPANS));
    let kinds = [
        ("1M spans", spans as fn(u64)),
        ("1M spans in trees", trees),
        ("1M spans of 100 run-time names", names_made_at_run_time),
    ];
    for (name, record) in kinds {
        let session = start();
        record(SPANS);
        let trace = session.stop();
        assert_whole(&trace, SPANS);
        group.bench_function(name, |bencher| bencher.iter(|| trace.summary()));
    }
    group.finish();
}

fn threads(criterion: &mut Criterion) {
    const EACH: u64 = 200_000;
    let mut group = criterion.benchmark_group("threads");
    for writers in [1_u64, 2, 4] {
        group.throughput(Throughput::Elements(writers * EACH));
        group.bench_function(BenchmarkId::from_parameter(writers), |bencher| {
            bencher.iter_custom(|sessions| (0..sessions).map(|_| time_writers(writers, EACH)).sum());
        });
    }
    group.finish();
}

/// The time in which so many threads record `each` spans at once.
fn time_writers(writers: u64, each: u64) -> Duration {
    let barrier = Barrier::new(usize::try_from(writers).expect("a few") + 1);
    let session = start();
    let time = thread::scope(|scope| {
        for number in 0..writers {
            let write = || {
                barrier.wait();
                spans(each);
                barrier.wait();
            };
            thread::Builder::new().name(format!("writer {number}")).spawn_scoped(scope, write).expect("a thread");
        }
        barrier.wait();
        let start = Instant::now();
        barrier.wait();
        start.elapsed()
    });
    assert_whole(&session.stop(), writers * each);
    time
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = start_and_stop, decode, summary, threads
}
criterion_main!(benches);
