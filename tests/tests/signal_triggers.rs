//! Triggers of signals beside all else that is done with a signal: by children made by `fork`, by handlers of the program
//! that come later, by nobody because it is ignored.
#![cfg(unix)]
#![allow(unsafe_code, reason = "fork and signals")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/forking.rs"]
mod forking;

use std::mem::MaybeUninit;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use common::{alone, in_child};
use forking::{ensure, fork};
use libc::{SIGHUP, SIGTERM, SIGUSR1, SIGUSR2, c_int};
use traceme::session::{Action, Trigger};
use traceme::{Error, Session};

type Handler = extern "C" fn(c_int);

/// Handlers of a program, and what each has replaced and calls: nothing if it is 0.
static HANDLERS: [Handler; 5] = [handle::<0>, handle::<1>, handle::<2>, handle::<3>, handle::<4>];
static REPLACED: [AtomicUsize; 5] = [const { AtomicUsize::new(0) }; 5];
static HANDLED: [AtomicUsize; 5] = [const { AtomicUsize::new(0) }; 5];

extern "C" fn handle<const N: usize>(signal: c_int) {
    HANDLED[N].fetch_add(1, Ordering::Relaxed);
    let replaced = REPLACED[N].load(Ordering::Relaxed);
    if replaced != libc::SIG_DFL {
        // SAFETY: it was the handler before. It looks at no more than the first argument.
        let function = unsafe {
            std::mem::transmute::<usize, extern "C" fn(c_int, *mut libc::siginfo_t, *mut libc::c_void)>(replaced)
        };
        function(signal, ptr::null_mut(), ptr::null_mut());
    }
}

/// Sets what is done with a signal; gives what was done before.
fn set(signal: c_int, handler: usize) -> usize {
    // SAFETY: a handler above can be called at any time.
    let before = unsafe { libc::signal(signal, handler) };
    assert_ne!(before, libc::SIG_ERR);
    before
}

/// Installs a handler in place of what is there; it calls that, or not.
fn install(signal: c_int, number: usize, calls: bool) {
    let before = set(signal, HANDLERS[number] as usize);
    REPLACED[number].store(if calls { before } else { libc::SIG_DFL }, Ordering::Relaxed);
}

/// What is done with a signal.
fn done_with(signal: c_int) -> usize {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: writes to a place for an action, and changes nothing.
    assert_eq!(unsafe { libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) }, 0);
    // SAFETY: the call has written it.
    unsafe { action.assume_init() }.sa_sigaction
}

/// Raises a signal: its handler has run when this returns.
fn raise(signal: c_int) {
    // SAFETY: what the signal does is what the test is about.
    assert_eq!(unsafe { libc::raise(signal) }, 0);
}

/// How often each handler of the program was called.
fn handled() -> [usize; 5] {
    [0, 1, 2, 3, 4].map(|n| HANDLED[n].load(Ordering::Relaxed))
}

/// A session that watches a signal, and what tells of it.
fn watching(signal: c_int) -> Result<(Session, Receiver<()>), Error> {
    let session = Session::start(2)?;
    let (send, heard) = mpsc::channel();
    session.on(Trigger::signal(signal), Action::call(move |_| send.send(()).unwrap_or_default()))?;
    Ok((session, heard))
}

/// Waits until the session has acted.
fn acts(heard: &Receiver<()>) -> bool {
    heard.recv_timeout(Duration::from_secs(20)).is_ok()
}

#[test]
fn a_child_acts_on_a_signal_that_its_parent_watches_too() {
    in_child("a_child_acts_on_a_signal_that_its_parent_watches_too", || {
        let _alone = alone();
        let (session, heard) = watching(SIGUSR2).unwrap();
        let in_child = || {
            let (session, heard) = watching(SIGUSR2).map_err(|error| error.to_string())?;
            raise(SIGUSR2);
            ensure!(acts(&heard), "the child doesn't act");
            drop(session);
            ensure!(heard.iter().count() == 0, "it acts twice");
            ensure!(done_with(SIGUSR2) == libc::SIG_DFL, "it watches without a session");
            Ok(())
        };
        fork(|| {
            in_child()?;
            in_child()?;
            fork(in_child).end()
        })
        .join();
        raise(SIGUSR2);
        assert!(acts(&heard), "the parent doesn't act any more");
        drop(session);
        assert_eq!((heard.iter().count(), done_with(SIGUSR2)), (0, libc::SIG_DFL));
    });
}

#[test]
fn a_child_that_watches_one_signal_ends_by_another_that_its_parent_watches() {
    in_child("a_child_that_watches_one_signal_ends_by_another_that_its_parent_watches", || {
        let _alone = alone();
        let (session, _heard) = watching(SIGTERM).unwrap();
        let child = fork(|| {
            let (_session, heard) = watching(SIGUSR1).map_err(|error| error.to_string())?;
            raise(SIGUSR1);
            ensure!(acts(&heard), "the child doesn't act");
            raise(SIGTERM);
            Err("the child goes on".into())
        });
        assert_eq!(child.signal(), Ok(SIGTERM));
        drop(session);
    });
}

#[test]
fn a_handler_of_the_program_is_all_that_a_signal_does_in_a_child() {
    in_child("a_handler_of_the_program_is_all_that_a_signal_does_in_a_child", || {
        let _alone = alone();
        install(SIGUSR1, 0, false);
        let (session, _heard) = watching(SIGUSR1).unwrap();
        session.on(Trigger::signal(SIGUSR2), Action::call(|_| {})).unwrap();
        install(SIGUSR2, 1, true);
        fork(|| {
            raise(SIGUSR1);
            raise(SIGUSR2);
            ensure!(handled() == [1, 1, 0, 0, 0], "without a session: {:?}", handled());
            let (_session, heard) = watching(SIGUSR2).map_err(|error| error.to_string())?;
            ensure!(done_with(SIGUSR1) == HANDLERS[0] as usize, "the parent's handler is there");
            raise(SIGUSR1);
            raise(SIGUSR2);
            ensure!(acts(&heard) && handled() == [2, 2, 0, 0, 0], "in a session: {:?}", handled());
            Ok(())
        })
        .join();
        drop(session);
    });
}

#[test]
fn a_later_session_watches_behind_a_handler_that_has_replaced_that_of_an_earlier_one() {
    in_child("a_later_session_watches_behind_a_handler_that_has_replaced_that_of_an_earlier_one", || {
        let _alone = alone();
        let (session, heard) = watching(SIGUSR2).unwrap();
        install(SIGUSR2, 0, false);
        raise(SIGUSR2);
        drop(session);
        assert_eq!((heard.iter().count(), handled()[0]), (0, 1), "the signal is the handler's alone");
        let (session, heard) = watching(SIGUSR2).unwrap();
        raise(SIGUSR2);
        assert!(acts(&heard));
        assert_eq!(handled()[0], 2);
        // It is replaced once more, and watched by the same session once more.
        install(SIGUSR2, 1, false);
        let (send, again) = mpsc::channel();
        session.on(Trigger::signal(SIGUSR2), Action::call(move |_| send.send(()).unwrap_or_default())).unwrap();
        raise(SIGUSR2);
        assert!(acts(&again) && acts(&heard));
        drop(session);
        assert_eq!((heard.iter().count(), again.iter().count()), (0, 0));
        raise(SIGUSR2);
        assert_eq!(handled(), [2, 2, 0, 0, 0]);
    });
}

#[test]
fn each_signal_fires_once_where_handlers_call_what_they_have_replaced() {
    in_child("each_signal_fires_once_where_handlers_call_what_they_have_replaced", || {
        let _alone = alone();
        for number in 0..4 {
            let (session, heard) = watching(SIGUSR2).unwrap();
            raise(SIGUSR2);
            assert!(acts(&heard));
            install(SIGUSR2, number, true);
            raise(SIGUSR2);
            assert!(acts(&heard), "the handler calls that of the session");
            drop(session);
            assert_eq!(heard.iter().count(), 0);
            raise(SIGUSR2);
        }
        assert_eq!(handled(), [11, 8, 5, 2, 0]);
        let error = watching(SIGUSR2).unwrap_err();
        assert!(error.is_trigger() && error.to_string().contains("handlers of the program"), "{error}");
        raise(SIGUSR2);
        assert_eq!(handled(), [12, 9, 6, 3, 0]);
    });
}

/// A program that has a SIGHUP sent to itself.
fn hung_up() -> ExitStatus {
    Command::new("sh").args(["-c", "kill -HUP $$"]).status().unwrap()
}

#[test]
fn a_signal_that_is_ignored_fires_and_is_ignored() {
    in_child("a_signal_that_is_ignored_fires_and_is_ignored", || {
        let _alone = alone();
        set(SIGHUP, libc::SIG_IGN);
        assert!(hung_up().success());
        let (session, heard) = watching(SIGHUP).unwrap();
        raise(SIGHUP);
        assert!(acts(&heard));
        fork(|| {
            raise(SIGHUP);
            Ok(())
        })
        .join();
        assert_eq!(hung_up().signal(), Some(SIGHUP), "programs that are started inherit no handler");
        drop(session);
        assert_eq!((heard.iter().count(), done_with(SIGHUP)), (0, libc::SIG_IGN));
        assert!(hung_up().success());
    });
}
