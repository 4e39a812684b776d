//! How much memory the process may have.

/// Limits the process to the addresses that it has and `more` bytes.
pub(crate) fn limit(more: u64) {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let now = statm.split(' ').next().unwrap().parse::<u64>().unwrap() * 4096;
    let limit = libc::rlimit { rlim_cur: now + more, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: reads the limit from where the pointer points.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }, 0);
}
