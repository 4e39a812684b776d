//! What `tests/environment` runs in processes of their own: a traced program that signals come to.
//!
//! `environment_signals HOW`; it prints how many events it has recorded before the signal.
#![allow(unsafe_code, reason = "signals and forks")]
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a test program")]

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::Builder;
use std::time::Duration;

use libc::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, c_int, pid_t};
use traceme::session::{Action, Trigger};
use traceme::{recorder, span};

const SPANS: usize = 100;

/// How often the program's own handler was called, and what it has replaced, if it calls that.
static HANDLED: AtomicU32 = AtomicU32::new(0);
static REPLACED: AtomicUsize = AtomicUsize::new(0);

fn work() {
    (0..SPANS).for_each(|_| drop(span!("work", meta(mark = "attempt"))));
}

fn report() {
    println!("recorded {SPANS}");
}

/// Goes on until a signal ends the process.
fn wait() -> ! {
    loop {
        std::thread::park();
    }
}

extern "C" fn handle(signal: c_int) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
    let replaced = REPLACED.load(Ordering::Relaxed);
    if replaced != libc::SIG_DFL {
        // SAFETY: it was the handler before. It looks at no more than the first argument.
        let function = unsafe { std::mem::transmute::<usize, extern "C" fn(c_int, usize, usize)>(replaced) };
        function(signal, 0, 0);
    }
}

/// Sets what is done with a signal; gives what was done before.
fn set(signal: c_int, handler: usize) -> usize {
    // SAFETY: the handler above can be called at any time.
    unsafe { libc::signal(signal, handler) }
}

fn own_handler() -> usize {
    let function: extern "C" fn(c_int) = handle;
    function as usize
}

/// Sends a signal to this process.
fn send(signal: c_int) {
    // SAFETY: the call takes no arguments and can't fail.
    send_to(unsafe { libc::getpid() }, signal);
}

fn send_to(process: pid_t, signal: c_int) {
    // SAFETY: what the signal does is what the test is about.
    assert_eq!(unsafe { libc::kill(process, signal) }, 0);
}

/// Has a child do something and wait for a signal, and sends one; gives the signal that ended it.
fn end_child(work: impl FnOnce(), signal: c_int) -> c_int {
    let mut ends = [0; 2];
    // SAFETY: writes to a place for two numbers.
    assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
    // SAFETY: the child has a copy of a process in which no thread was being started.
    let child = unsafe { libc::fork() };
    if child == 0 {
        work();
        // SAFETY: writes a byte to the pipe made above.
        assert_eq!(unsafe { libc::write(ends[1], [0_u8].as_ptr().cast(), 1) }, 1);
        wait();
    }
    // SAFETY: reads a byte from that pipe, to a place for one.
    assert_eq!(unsafe { libc::read(ends[0], [0_u8].as_mut_ptr().cast(), 1) }, 1);
    send_to(child, signal);
    let mut status = 0;
    // SAFETY: waits for that child, and writes to a place for its status.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    if libc::WIFSIGNALED(status) { libc::WTERMSIG(status) } else { 0 }
}

fn child() {
    println!("child {}", std::process::id());
    drop(span!("marked", meta(mark = "child")));
}

/// Saves so much that a signal comes meanwhile.
fn signal_while_main_saves() {
    let tracing = traceme::init().unwrap();
    let run = || {
        while std::fs::read_dir(".").unwrap().next().is_none() {
            std::thread::yield_now();
        }
        send(SIGTERM);
    };
    Builder::new().name("ends".into()).spawn(run).unwrap();
    (0..1000).for_each(|_| work());
    println!("recorded {}", 1000 * SPANS);
    tracing.finish().unwrap();
    wait();
}

/// Threads that never end record at full speed, more than a ring holds.
fn busy() {
    let (tell, busy) = mpsc::channel();
    for n in 0..4 {
        let tell = tell.clone();
        let run = move || {
            (0..1000).for_each(|_| work());
            tell.send(()).unwrap();
            loop {
                work();
            }
        };
        Builder::new().name(format!("busy {n}")).spawn(run).unwrap();
    }
    busy.iter().take(4).for_each(drop);
    send(SIGTERM);
    wait();
}

fn with_a_trigger() {
    work();
    let save = || Action::save("dumps", "json").every(Duration::ZERO);
    assert!(recorder::on(Trigger::signal(SIGTERM), save()).unwrap());
    report();
    send(SIGTERM);
    wait();
}

fn twice_at_once() {
    work();
    // Said first: the trace may be saved, and the process be over, before this thread gets its processor back.
    report();
    send(SIGTERM);
    send(SIGTERM);
}

fn twice_while_an_action_blocks() {
    work();
    let (tell, blocks) = mpsc::channel();
    let block = Action::call(move |_| {
        tell.send(()).unwrap();
        wait();
    });
    assert!(recorder::on(Trigger::manual(), block).unwrap());
    recorder::fire();
    blocks.recv().unwrap();
    send(SIGTERM);
    println!("still there");
    // Not at once: what comes right behind the first one says the same.
    loop {
        send(SIGTERM);
    }
}

fn run(how: &str) {
    match how {
        "busy" => busy(),
        "trigger" => with_a_trigger(),
        "twice" => return twice_while_an_action_blocks(),
        "one right behind the other" => twice_at_once(),
        "while main saves" => signal_while_main_saves(),
        "ignored" => {
            set(SIGTERM, libc::SIG_IGN);
            work();
            send(SIGTERM);
            assert_eq!(set(SIGTERM, libc::SIG_IGN), libc::SIG_IGN);
        }
        "handler" => {
            set(SIGTERM, own_handler());
            work();
            assert_eq!(set(SIGTERM, own_handler()), own_handler());
            send(SIGTERM);
        }
        "handler later" => {
            work();
            set(SIGTERM, own_handler());
            send(SIGTERM);
        }
        "handler later that calls" => {
            work();
            REPLACED.store(set(SIGTERM, own_handler()), Ordering::Relaxed);
            let looked = looked();
            send(SIGTERM);
            send(SIGTERM);
            looked();
        }
        "finished" => {
            let tracing = traceme::init().unwrap();
            work();
            tracing.finish().unwrap();
            assert_eq!(set(SIGTERM, libc::SIG_DFL), libc::SIG_DFL, "nobody watches any more");
            report();
            send(SIGTERM);
        }
        "stopped" => {
            work();
            report();
            send(SIGINT);
            recorder::stop();
            println!("goes on");
        }
        "child" => {
            work();
            println!("ended by {}", end_child(child, SIGTERM));
        }
        signal => {
            work();
            report();
            send(signal.parse().unwrap());
            wait();
        }
    }
    println!("handled {}", HANDLED.load(Ordering::Relaxed));
    report();
}

/// Gives what waits until the session's thread has looked at what has happened by then.
fn looked() -> impl Fn() {
    let (tell, told) = mpsc::channel();
    assert!(recorder::on(Trigger::manual(), Action::call(move |_| tell.send(()).unwrap())).unwrap());
    move || {
        // The round that acts on the first may have looked at signals before.
        for _ in 0..2 {
            recorder::fire();
            told.recv().unwrap();
        }
    }
}

fn main() {
    // Whoever starts the tests may ignore some of them: below `nohup`, or in the background of a script.
    for signal in [SIGTERM, SIGINT, SIGHUP, SIGQUIT] {
        set(signal, libc::SIG_DFL);
    }
    run(&std::env::args().nth(1).unwrap_or_default());
}
