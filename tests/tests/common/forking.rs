//! Processes made by `fork`, for tests.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::sleep;
use std::time::Duration;

/// What a child found wrong.
pub(crate) type Found = Result<(), String>;

/// How long a child may take before it is taken to hang, and is killed: 2 minutes, in looks at it.
const LOOKS: usize = 240_000;
const PAUSE: Duration = Duration::from_micros(500);

/// Fails with a message unless the condition holds: a child doesn't panic, for it may not be able to print that.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+));
        }
    };
}
pub(crate) use ensure;

/// A child that runs.
pub(crate) struct Child(libc::pid_t);

/// Forks; the child runs `work`, and ends without anything that ends a program.
pub(crate) fn fork(work: impl FnOnce() -> Found) -> Child {
    // SAFETY: what the child needs is consistent: the system's memory, and what this library promises.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "no process can be made");
    if pid == 0 {
        run(work);
    }
    Child(pid)
}

/// Runs the child's `work` to its end, and the process's.
pub(crate) fn run(work: impl FnOnce() -> Found) -> ! {
    let found = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("it panicked".into()));
    let code = found.map_or_else(
        |message| {
            say(&message);
            1
        },
        |()| 0,
    );
    // SAFETY: ends the process.
    unsafe { libc::_exit(code) }
}

/// Prints without a lock: another thread may have held it in the parent.
fn say(message: &str) {
    let line = format!("child: {message}\n");
    // SAFETY: the pointer and the length are of the string.
    unsafe { libc::write(2, line.as_ptr().cast(), line.len()) };
}

impl Child {
    pub(crate) fn id(&self) -> u32 {
        u32::try_from(self.0).unwrap()
    }

    /// The status that it gave at its end, when it has ended.
    pub(crate) fn status(self) -> Result<i32, String> {
        let status = self.wait()?;
        ensure!(libc::WIFEXITED(status), "a child was killed: {status:#x}");
        Ok(libc::WEXITSTATUS(status))
    }

    /// The signal that has ended it, when it has ended.
    pub(crate) fn signal(self) -> Result<i32, String> {
        let status = self.wait()?;
        ensure!(libc::WIFSIGNALED(status), "a child was not killed: {status:#x}");
        Ok(libc::WTERMSIG(status))
    }

    /// How it ended, when it has ended.
    fn wait(self) -> Result<i32, String> {
        for _ in 0..LOOKS {
            if let Some(status) = self.look(libc::WNOHANG)? {
                return Ok(status);
            }
            sleep(PAUSE);
        }
        // SAFETY: the child has not been waited for: the number is still its own.
        unsafe { libc::kill(self.0, libc::SIGKILL) };
        self.look(0)?;
        Err("a child hangs: it was killed after 2 minutes".into())
    }

    /// How it ended, if it has ended.
    fn look(&self, flags: i32) -> Result<Option<i32>, String> {
        let mut status = 0;
        // SAFETY: waits for the child of this number, and writes to a place for its status.
        match unsafe { libc::waitpid(self.0, &raw mut status, flags) } {
            0 => Ok(None),
            child if child == self.0 => Ok(Some(status)),
            _ => Err(format!("the child {} is not there", self.0)),
        }
    }

    /// What it found, when it has ended.
    pub(crate) fn end(self) -> Found {
        let status = self.status()?;
        ensure!(status == 0, "a child ended with {status}: 1 for what it has said above");
        Ok(())
    }

    /// The same where a child that finds something fails the test.
    #[track_caller]
    pub(crate) fn join(self) {
        self.end().unwrap();
    }
}
