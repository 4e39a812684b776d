//! What `tests/triggers` runs in processes of their own: a program that leaves a dump, however it ends.
//!
//! `triggers HOW FOLDER`; it prints what happens.
#![allow(unsafe_code, reason = "signals")]
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic, reason = "a test program")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::Sender;
use std::thread::Builder;
use std::time::Duration;

use traceme::session::{Action, Trigger};
use traceme::{Level, Session, recorder, span, trace_scope};

/// How often the program's own handler was called.
static HANDLED: AtomicU32 = AtomicU32::new(0);

extern "C" fn handle(_: libc::c_int) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

fn own_handler(signal: libc::c_int) {
    let function: extern "C" fn(libc::c_int) = handle;
    // SAFETY: the handler only counts.
    unsafe { libc::signal(signal, function as libc::sighandler_t) };
}

fn raise(signal: libc::c_int) {
    // SAFETY: the call takes no arguments and can't fail.
    let process = unsafe { libc::getpid() };
    // SAFETY: sends a signal to this process.
    unsafe { libc::kill(process, signal) };
}

fn save(folder: &str) -> Action {
    Action::save(folder, "json").every(Duration::ZERO)
}

fn blocking(tell: Sender<()>) -> Action {
    Action::call(move |_| {
        tell.send(()).unwrap();
        loop {
            std::thread::park();
        }
    })
}

fn work() {
    for n in 0..100 {
        trace_scope!("work", level = 2, meta(n));
    }
}

/// The signal that ends a child made by `fork` to which this one is sent.
fn signal_of_child(signal: libc::c_int) -> libc::c_int {
    // SAFETY: the child waits for a signal, and needs no lock for that.
    let child = unsafe { libc::fork() };
    if child == 0 {
        loop {
            // SAFETY: waits for a signal.
            unsafe { libc::pause() };
        }
    }
    let mut status = 0;
    // SAFETY: sends a signal to the child made above.
    assert_eq!(unsafe { libc::kill(child, signal) }, 0);
    // SAFETY: waits for that child, and writes to a place for its status.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    libc::WTERMSIG(status)
}

/// Waits until so many dumps are there.
fn wait_for_dumps(folder: &str, count: usize) {
    let dumps =
        || std::fs::read_dir(folder).unwrap().filter(|entry| is_dump(&entry.as_ref().unwrap().file_name())).count();
    while dumps() < count {
        std::thread::yield_now();
    }
}

fn is_dump(name: &std::ffi::OsStr) -> bool {
    name.to_str().unwrap().starts_with("traceme-")
}

fn panic_in_thread() {
    let run = || {
        let _span = span!("risky", level = 1);
        panic!("as planned");
    };
    assert!(Builder::new().name("panics".into()).spawn(run).unwrap().join().is_err());
}

fn main() {
    let [how, folder] = [1, 2].map(|at| std::env::args().nth(at).unwrap());
    let folder = folder.as_str();
    match how.as_str() {
        "panic in a thread" => {
            let session = Session::start(3).unwrap();
            session.on(Trigger::panic(), save(folder)).unwrap();
            work();
            panic_in_thread();
            drop(session);
        }
        "panic in main" | "panic in main, recorded by all" => {
            let mut own = None;
            if how.ends_with("all") {
                assert!(recorder::start(Level::ALL));
                recorder::on(Trigger::panic(), save(folder)).unwrap();
            } else {
                own = Some(Session::builder().on(Trigger::panic(), save(folder)).start().unwrap());
            }
            work();
            assert!(own.is_none() || own.is_some_and(|_session| panic!("as planned")));
            panic!("as planned");
        }
        "panic in main, recorded as TRACEME asks" => {
            work();
            assert!(recorder::on(Trigger::panic(), save(folder)).unwrap());
            panic!("as planned");
        }
        "exit behind a firing" => {
            assert!(recorder::start(Level::ALL));
            recorder::on(Trigger::manual(), save(folder)).unwrap();
            work();
            recorder::fire();
            std::process::exit(3);
        }
        how => by_signal(how, folder),
    }
}

fn by_signal(how: &str, folder: &str) {
    match how {
        "SIGUSR2" => {
            let session = Session::builder().on(Trigger::signal(libc::SIGUSR2), save(folder)).start().unwrap();
            work();
            (1..=3).for_each(|count| {
                raise(libc::SIGUSR2);
                wait_for_dumps(folder, count);
            });
            drop(session);
            println!("goes on");
            raise(libc::SIGUSR2);
            println!("not without a session");
        }
        "no such signal" => {
            let session = Session::start(1).unwrap();
            for signal in [0, -1, 64_000, libc::SIGKILL, libc::SIGSEGV] {
                let error = session.on(Trigger::signal(signal), save(folder)).unwrap_err();
                assert!(error.is_trigger(), "{error:?}");
                println!("{error}");
            }
        }
        how => by_the_end(how, folder),
    }
}

fn by_the_end(how: &str, folder: &str) {
    match how {
        "SIGTERM" => {
            let _session = Session::builder().on(Trigger::signal(libc::SIGTERM), save(folder)).start().unwrap();
            work();
            raise(libc::SIGTERM);
            loop {
                std::thread::park();
            }
        }
        "SIGTERM between two looks" => {
            let session = Session::start(3).unwrap();
            session.on(Trigger::signal(libc::SIGTERM), save(folder)).unwrap();
            // SAFETY: sends a signal to the thread that looks.
            let raise = Action::call(|_| assert_eq!(unsafe { libc::raise(libc::SIGTERM) }, 0));
            session.on(Trigger::manual(), raise).unwrap();
            session.on(Trigger::signal(libc::SIGTERM), save(folder)).unwrap();
            work();
            session.fire();
            loop {
                std::thread::park();
            }
        }
        "SIGTERM, and stopped at once" => {
            let session = Session::builder().on(Trigger::signal(libc::SIGTERM), save(folder)).start().unwrap();
            work();
            raise(libc::SIGTERM);
            session.stop();
            println!("goes on");
        }
        "SIGTERM twice, while an action blocks" => {
            let (tell, blocks) = std::sync::mpsc::channel();
            let session = Session::builder().on(Trigger::manual(), blocking(tell));
            let session = session.on(Trigger::signal(libc::SIGTERM), save(folder)).start().unwrap();
            session.fire();
            blocks.recv().unwrap();
            raise(libc::SIGTERM);
            println!("still there");
            // Not at once: what comes right behind the first one says the same.
            loop {
                raise(libc::SIGTERM);
            }
        }
        "SIGTERM to a child" => {
            let session = Session::builder().on(Trigger::signal(libc::SIGTERM), save(folder)).start().unwrap();
            println!("ended by {}", signal_of_child(libc::SIGTERM));
            drop(session);
        }
        how => by_signal_with_a_handler(how, folder),
    }
}

fn by_signal_with_a_handler(how: &str, folder: &str) {
    match how {
        "SIGTERM with a handler" => {
            own_handler(libc::SIGTERM);
            let rules = [0; 3].map(|_| (Trigger::signal(libc::SIGTERM), save(folder)));
            let session = rules.into_iter().fold(Session::builder(), |all, (on, act)| all.on(on, act)).start().unwrap();
            work();
            raise(libc::SIGTERM);
            wait_for_dumps(folder, 3);
            drop(session);
            raise(libc::SIGTERM);
            println!("handled {}", HANDLED.load(Ordering::Relaxed));
        }
        "a handler in front" => {
            let session = Session::builder().on(Trigger::signal(libc::SIGUSR1), save(folder)).start().unwrap();
            own_handler(libc::SIGUSR1);
            work();
            raise(libc::SIGUSR1);
            drop(session);
            raise(libc::SIGUSR1);
            let session = Session::builder().on(Trigger::signal(libc::SIGUSR1), save(folder)).start().unwrap();
            drop(session);
            raise(libc::SIGUSR1);
            println!("handled {}", HANDLED.load(Ordering::Relaxed));
        }
        other => panic!("no such way: {other}"),
    }
}
