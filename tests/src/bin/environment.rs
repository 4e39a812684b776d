//! What `tests/environment` runs in processes of their own: a traced program that ends in the way it is told to.
//!
//! It prints how many events were attempted while something was recording.
#![allow(unsafe_code, reason = "fork")]
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a test program")]

use std::process::exit;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::{self, Builder};

use traceme::{Level, Session, activity_end, activity_start, append, instant, recorder, span};

/// How many spans are recorded: counted on this side.
static RECORDED: AtomicU64 = AtomicU64::new(0);

mod inner {
    pub(crate) fn detail() {
        traceme::instant!("detail", level = 3, meta(mark = "inside"));
    }
}

/// Two modules of one name.
mod first {
    pub(crate) mod twin {
        pub(crate) fn detail() {
            traceme::instant!("twin", level = 3);
        }
    }
}

mod second {
    pub(crate) mod twin {
        pub(crate) fn detail() {
            traceme::instant!("twin", level = 3);
        }
    }
}

/// Begins a span, which is marked in the file, and counts it if it is recorded.
fn attempt(level: Level) -> traceme::SpanGuard {
    let span = if level == Level::INFO {
        span!("work", level = 2, meta(mark = "attempt"))
    } else {
        span!("work", level = 1, meta(mark = "attempt"))
    };
    RECORDED.fetch_add(u64::from(span.is_recorded()), Ordering::Relaxed);
    span
}

fn work() {
    let outer = attempt(Level::INFO);
    for n in 0..100 {
        let _inner = attempt(Level::CRITICAL);
        append!(outer, n = n + 1);
        inner::detail();
    }
}

fn many() {
    (0..100_000).for_each(|_| drop(attempt(Level::CRITICAL)));
}

fn report() {
    println!("recorded {}", RECORDED.load(Ordering::Relaxed));
}

/// Many threads come to their first callsite at once.
fn race() {
    const THREADS: usize = 8;
    let barrier = Arc::new(Barrier::new(THREADS));
    let start = |n: usize| {
        let barrier = Arc::clone(&barrier);
        let run = move || {
            barrier.wait();
            while !attempt(Level::CRITICAL).is_recorded() {
                thread::yield_now();
            }
            work();
        };
        Builder::new().name(format!("racer {n}")).spawn(run).unwrap()
    };
    let threads: Vec<_> = (0..THREADS).map(start).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn panic_in_thread() {
    let run = || {
        let _span = attempt(Level::CRITICAL);
        panic!("as planned");
    };
    assert!(Builder::new().name("panics".into()).spawn(run).unwrap().join().is_err());
}

/// Runs `work` in a child, which exits then, and waits for that.
fn in_child(work: impl FnOnce()) {
    // SAFETY: no other thread runs.
    let child = unsafe { libc::fork() };
    if child == 0 {
        work();
        exit(0);
    }
    let mut status = 0;
    // SAFETY: waits for the child made above, and writes to a place for its status.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!((waited, status), (child, 0));
}

/// Records what is marked so in the file.
fn mark(mark: &str) {
    println!("{mark} {}", std::process::id());
    drop(span!("marked", meta(mark)));
}

fn fork() {
    work();
    in_child(|| mark("child"));
    work();
}

/// Children that go elsewhere, fork again, record nothing, or have `init` called.
fn fork_often() {
    work();
    in_child(|| {
        std::env::set_current_dir("/").unwrap();
        in_child(|| mark("first grandchild"));
        mark("wanderer");
        in_child(|| mark("second grandchild"));
        in_child(|| {});
    });
    in_child(|| {
        let tracing = traceme::init().unwrap();
        mark("starter");
        println!("file {}", tracing.finish().unwrap().unwrap().display());
    });
    in_child(|| {
        println!("stopped {}", recorder::stop().event_count());
        mark("stopper");
    });
}

/// The file is a pipe that a thread of this program reads to its first end.
#[cfg(unix)]
fn pipe() {
    // SAFETY: the name is a string that ends with 0.
    assert_eq!(unsafe { libc::mkfifo(c"pipe.json".as_ptr(), 0o600) }, 0);
    let read = || std::fs::read_to_string("pipe.json").unwrap().matches("attempt").count();
    let reader = Builder::new().name("reads".into()).spawn(read).unwrap();
    let tracing = traceme::init().unwrap();
    work();
    tracing.finish().unwrap();
    println!("read {}", reader.join().unwrap());
}

/// A library that has a copy of traceme of its own is recorded, too.
#[cfg(unix)]
fn plugin() {
    work();
    let file = std::ffi::CString::new(std::env::args().nth(2).unwrap()).unwrap();
    // SAFETY: reads a text that ends with a zero. Loading the library runs nothing of it.
    let library = unsafe { libc::dlopen(file.as_ptr(), libc::RTLD_NOW) };
    assert!(!library.is_null());
    // SAFETY: the library was loaded, and the text ends with a zero.
    let work = unsafe { libc::dlsym(library, c"work".as_ptr()) };
    assert!(!work.is_null());
    // SAFETY: the library has a function of this name and this type.
    let work = unsafe { std::mem::transmute::<*mut libc::c_void, extern "C" fn()>(work) };
    work();
}

/// The program's own session comes first.
fn explicit() {
    let session = Session::start(1).unwrap();
    work();
    println!("session {}", session.stop().spans().count());
    work();
}

fn init() -> Result<(), traceme::Error> {
    let tracing = traceme::init()?;
    println!("is recording: {}", tracing.is_recording());
    work();
    let file = tracing.finish()?;
    println!("file: {}", file.map_or_else(|| "none".into(), |file| file.display().to_string()));
    println!("active: {}", traceme::active(Level::CRITICAL));
    Ok(())
}

/// Waits until somebody has begun to save: then there is a file in the working directory.
fn wait_for_file() {
    while std::fs::read_dir(".").unwrap().next().is_none() {
        thread::yield_now();
    }
}

/// Starts a thread that says what was recorded, and saves it: so much that the process may end meanwhile.
fn save_in_thread() {
    let tracing = traceme::init().unwrap();
    let run = move || {
        (0..1000).for_each(|_| work());
        report();
        tracing.finish().unwrap();
        thread::park();
    };
    Builder::new().name("saves".into()).spawn(run).unwrap();
    wait_for_file();
}

/// The other way round: the thread ends the process.
fn save_in_main() {
    let tracing = traceme::init().unwrap();
    let run = || {
        wait_for_file();
        exit(3);
    };
    Builder::new().name("ends".into()).spawn(run).unwrap();
    (0..1000).for_each(|_| work());
    report();
    tracing.finish().unwrap();
    loop {
        thread::park();
    }
}

/// A thread panics, which saves where panics abort; then another does.
fn panic_twice() {
    let _tracing = traceme::init().unwrap();
    let run = || {
        (0..1000).for_each(|_| work());
        report();
        panic!("as planned");
    };
    Builder::new().name("panics".into()).spawn(run).unwrap();
    wait_for_file();
    panic!("as well");
}

fn run(how: &str) {
    match how {
        "return" => work(),
        "nothing" => {}
        "selftest" => traceme::selftest().map(|_| work()).unwrap(),
        "many" => many(),
        "exit" => {
            work();
            report();
            exit(3);
        }
        "panic" => {
            work();
            let _span = attempt(Level::CRITICAL);
            report();
            panic!("as planned");
        }
        "thread" => {
            panic_in_thread();
            work();
        }
        "race" => race(),
        "fork" => fork(),
        "fork often" => fork_often(),
        "explicit" => explicit(),
        "active" => println!(
            "active: {} {} {}",
            recorder::active(Level::CRITICAL),
            traceme::active(Level::INFO),
            traceme::active(Level::VERBOSE)
        ),
        "stop" => {
            work();
            println!("stopped {}", recorder::stop().spans().count());
            work();
        }
        "start" => {
            work();
            println!("{}", Session::start(1).unwrap_err());
            assert!(!recorder::start(Level::ALL));
        }
        "raw" => {
            let id = activity_start("raw", Level::INFO);
            RECORDED.fetch_add(u64::from(id != 0), Ordering::Relaxed);
            activity_end(id);
        }
        "instant at exit" => {
            extern "C" fn last() {
                instant!("last", meta(mark = "attempt"));
            }
            // SAFETY: the function can be called at any time.
            assert_eq!(unsafe { libc::atexit(last) }, 0);
            RECORDED.fetch_add(1, Ordering::Relaxed);
        }
        "return while a thread saves" => return save_in_thread(),
        "exit while main saves" => save_in_main(),
        "panic twice" => panic_twice(),
        _ => run_with_init(how),
    }
    report();
}

fn run_with_init(how: &str) {
    match how {
        "init" => {
            if let Err(error) = init() {
                println!("{error}");
            }
        }
        "twins" => {
            first::twin::detail();
            second::twin::detail();
        }
        "init late" => {
            work();
            init().unwrap();
        }
        "init after start" => {
            let session = Session::start(1).unwrap();
            println!("{}", traceme::init().unwrap_err());
            drop(session);
        }
        "init dropped" => {
            let _tracing = traceme::init().unwrap();
            work();
        }
        "many finished" => {
            let tracing = traceme::init().unwrap();
            many();
            tracing.finish().unwrap();
        }
        "init and exit" => {
            let _tracing = traceme::init().unwrap();
            work();
            report();
            exit(0);
        }
        _ => run_with_file(how),
    }
}

fn run_with_file(how: &str) {
    match how {
        "elsewhere" => {
            work();
            std::env::set_current_dir("/").unwrap();
        }
        "folder" => {
            std::fs::create_dir("folder.json").unwrap();
            work();
        }
        "gone" => {
            std::fs::create_dir("gone").unwrap();
            work();
            std::fs::remove_dir("gone").unwrap();
        }
        "old file" => {
            std::fs::write("out.json", "old").unwrap();
            work();
        }
        "file of another" => {
            work();
            std::fs::write("out.json", "another's").unwrap();
        }
        "file of another in place of an old one" => {
            std::fs::write("out.json", "old").unwrap();
            work();
            std::fs::write("another", "of 3").unwrap();
            std::fs::rename("another", "out.json").unwrap();
        }
        "name taken" => {
            for number in ["", "-2", "-3"] {
                std::fs::write(format!("traceme-{}{number}.pftrace", std::process::id()), "old").unwrap();
            }
            work();
        }
        "init twice" => {
            for _ in 0..2 {
                let tracing = traceme::init().unwrap();
                work();
                println!("file: {}", tracing.finish().unwrap().unwrap().display());
            }
        }
        #[cfg(unix)]
        "plugin" => plugin(),
        #[cfg(unix)]
        "pipe" => pipe(),
        _ => panic!("no such way to run: {how}"),
    }
}

fn main() {
    run(&std::env::args().nth(1).unwrap_or_default());
}
