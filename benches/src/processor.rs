//! Processor time, as the system counts it.

use rustix::time::{ClockId, clock_gettime};

/// For how long the threads of this process have run on processors, all together, in ns.
pub fn of_process() -> f64 {
    ns(ClockId::ProcessCPUTime)
}

/// For how long the calling thread has, in ns.
pub fn of_thread() -> f64 {
    ns(ClockId::ThreadCPUTime)
}

fn ns(clock: ClockId) -> f64 {
    let now = clock_gettime(clock);
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}
