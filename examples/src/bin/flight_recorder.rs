//! A recorder that is left on: a service keeps its newest events in a ring, and saves them by itself when a request is slow.
//!
//! `cargo run --release -p examples --bin flight_recorder`

#![allow(clippy::print_stdout, reason = "a program that prints")]
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, thread};

use traceme::session::{Action, Trigger};
use traceme::trace::Cause;
use traceme::{Memory, Session, trace_scope, traceme};

const REQUESTS: u32 = 20_000;
/// The one that finds the lock of the table taken.
const SLOW: u32 = 15_000;

#[traceme(level = 2, meta(request))]
fn handle(request: u32) -> usize {
    let rows = query(request);
    trace_scope!("render", level = 2, meta(rows));
    (0..rows).map(|row| row % 7).sum()
}

#[traceme(level = 2, name = "db::query")]
fn query(request: u32) -> usize {
    if request == SLOW {
        trace_scope!("wait for the table", level = 2);
        thread::sleep(Duration::from_millis(20));
    }
    10 + request as usize % 10
}

/// The only file in a folder.
fn dump_in(folder: &Path) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let files: Vec<_> = fs::read_dir(folder)?.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>()?;
    match &files[..] {
        [dump] => Ok(dump.clone()),
        _ => Err(format!("expected one dump, found {files:?}").into()),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("traceme-dumps-{}", std::process::id()));
    let session = Session::builder().level(2).memory(Memory::ring(16 << 20)).start()?;
    session.on(Trigger::span_over("db::*", Duration::from_millis(10)), Action::save(&folder, "json"))?;

    let workers = (0..2).map(|worker| {
        let requests = (0..REQUESTS).filter(move |request| request % 2 == worker);
        thread::Builder::new().name(format!("worker {worker}")).spawn(|| requests.map(handle).sum::<usize>())
    });
    let workers = workers.collect::<Result<Vec<_>, _>>()?;
    let checksum: usize = workers.into_iter().filter_map(|worker| worker.join().ok()).sum();

    // Where time went, of all that the ring has kept: three spans a request, or less.
    let trace = session.stop();
    println!("{}", trace.summary());
    println!(
        "{REQUESTS} requests, checksum {checksum}; {} events kept, {} overwritten",
        trace.event_count(),
        trace.losses().by_cause(Cause::Overwritten)
    );

    let dump = dump_in(&folder)?;
    let text = fs::read_to_string(&dump)?;
    assert!(text.contains("wait for the table"), "the dump has what made the request slow");
    println!("the request that was slow is in {}", dump.display());
    fs::remove_dir_all(&folder)?;
    Ok(())
}
