//! Measures how long `fork` takes in a process that records, until it returns in the parent.
//!
//! ```text
//! cargo run --release -p benches --bin forks
//! ```
#![allow(unsafe_code, reason = "fork")]
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints a table")]

#[cfg(unix)]
mod forks {
    use std::process::Command;
    use std::time::Instant;

    use traceme::{Memory, Session, instant};

    const TIMES: usize = 2000;

    fn median(times: usize, what: &str, once: impl Fn() -> u128) {
        let mut all: Vec<u128> = (0..times).map(|_| once()).collect();
        all.sort_unstable();
        println!("{:>8.1} us  {what}", all[times / 2] as f64 / 1000.0);
    }

    #[expect(clippy::disallowed_methods, reason = "this measures time")]
    fn fork() -> u128 {
        let began = Instant::now();
        // SAFETY: the child does nothing but end.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: ends the process.
            unsafe { libc::_exit(0) };
        }
        let took = began.elapsed().as_nanos();
        let mut status = 0;
        // SAFETY: waits for the child made above, and writes to a place for its status.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        took
    }

    #[expect(clippy::disallowed_methods, reason = "this measures time")]
    fn spawn() -> u128 {
        let began = Instant::now();
        let mut child = Command::new("true").spawn().unwrap();
        let took = began.elapsed().as_nanos();
        child.wait().unwrap();
        took
    }

    fn both(when: &str) {
        median(TIMES, &format!("fork, {when}"), fork);
        median(TIMES / 4, &format!("Command::spawn, {when}"), spawn);
    }

    pub(super) fn measure() {
        both("before any session");
        let session = Session::builder().memory(Memory::ring(64 << 20)).start().unwrap();
        both("with a session of 64 MiB that has recorded nothing");
        (0..4_000_000_u64).for_each(|n| instant!("tick", meta(n)));
        both("with its 64 MiB in use");
        drop(session);
        both("when it has stopped");
    }
}

fn main() {
    #[cfg(unix)]
    forks::measure();
}
