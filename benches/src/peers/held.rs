//! A million spans: what they take of memory, what it costs to collect them, and to save them.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::cost::least;
use super::figures::{Figure, Saved};
use super::peer::Peer;
use crate::slices::Patience;

const SPANS: u64 = 1_000_000;

/// The bytes by which resident memory grows, a span, once a million is there: what a peer needs in any case doesn't count.
pub(super) fn bytes(peer: &mut dyn Peer, record: fn(u64)) -> Figure {
    peer.begin();
    record(SPANS);
    let before = resident_soon();
    record(2 * SPANS);
    let value = (resident_soon() - before) / (2 * SPANS) as f64;
    peer.end(3 * SPANS);
    Figure { value, of_floor: 0.0, is_steady: true }
}

/// The bytes of this process that are in memory, once threads that prepare some ahead have done so.
fn resident_soon() -> f64 {
    thread::sleep(Duration::from_millis(300));
    let status = fs::read_to_string("/proc/self/status").expect("a Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line of it");
    line.split_whitespace().next().and_then(|word| word.parse::<f64>().ok()).expect("a number of KiB") * 1024.0
}

/// What a clock of processor time says, in ns.
fn processor_ns(clock: ClockId) -> f64 {
    let now = clock_gettime(clock);
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}

/// What collecting costs a span: all processor time of the process but that of the thread that records, while it does.
pub(super) fn collect(peer: &mut dyn Peer, record: fn(u64), patience: Patience) -> Figure {
    let (least, is_steady) = least(patience, || {
        peer.begin();
        let all = processor_ns(ClockId::ProcessCPUTime);
        let thread = processor_ns(ClockId::ThreadCPUTime);
        record(SPANS);
        let recording = processor_ns(ClockId::ThreadCPUTime) - thread;
        peer.read(SPANS);
        processor_ns(ClockId::ProcessCPUTime) - all - recording
    });
    Figure { value: least / SPANS as f64, of_floor: 0.0, is_steady }
}

/// What it takes from the first span to a whole file.
pub(super) fn save(peer: &mut dyn Peer, record: fn(u64), format: &str, patience: Patience) -> Saved {
    let file = Scratch(std::env::temp_dir().join(format!("traceme-peers-{}.{format}", std::process::id())));
    let mut bytes = 0;
    let (least, is_steady) = least(patience, || {
        let before = processor_ns(ClockId::ProcessCPUTime);
        peer.save(&file.0, &mut || record(SPANS));
        let ns = processor_ns(ClockId::ProcessCPUTime) - before;
        bytes = fs::metadata(&file.0).expect("it was saved").len();
        ns
    });
    assert!(bytes > SPANS, "{bytes} bytes of {SPANS} spans");
    Saved { format: format.into(), rate: SPANS as f64 * 1e3 / least, bytes: bytes as f64 / SPANS as f64, is_steady }
}

/// A file that goes when it is dropped.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
