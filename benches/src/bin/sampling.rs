//! What sampling costs a function of some 40 ns, by what the function does and by rate: figures for docs/sampling.md.
//! Then what a budget costs two threads that do nothing but call one of these functions, in calls for each second of
//! processor time, with such a session and without any. Both also with many callsites in turn.
#![allow(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use benches::clock::{ns_per_tick, pairs};
use benches::processor;
use benches::quiet::quietly;
use benches::slices::{columns, time};
use benches::work::{chain, full, wide};
use traceme::{Memory, Session, trace_scope};

const COUNT: u64 = 10_000;
const SLICES: usize = 150;
/// Slices after which the machine is taken to be busy.
const PATIENCE: usize = 3000;

macro_rules! loads {
    ($($work:ident $bare:ident $annotated:ident;)*) => {
        $(
            #[inline(never)]
            fn $bare(count: u64) {
                let mut n = 1;
                for _ in 0..count {
                    n = $work(n);
                }
                black_box(n);
            }

            #[inline(never)]
            fn $annotated(count: u64) {
                let mut n = 1;
                for _ in 0..count {
                    trace_scope!("hot");
                    n = $work(n);
                }
                black_box(n);
            }
        )*
        const LOADS: &[(&str, fn(u64), fn(u64))] = &[$((stringify!($work), $bare, $annotated)),*];
    };
}
loads! {
    chain bare_chain annotated_chain;
    wide bare_wide annotated_wide;
    full bare_full annotated_full;
}

macro_rules! sites {
    (10 $($annotation:tt)*) => {
        sites!(x sites!(1 $($annotation)*))
    };
    (1 $($annotation:tt)*) => {
        sites!(x (|n| { $($annotation)* wide(n) }) as fn(u64) -> u64)
    };
    (x $site:expr) => {
        [$site, $site, $site, $site, $site, $site, $site, $site, $site, $site]
    };
    ($($annotation:tt)*) => {
        [sites!(10 $($annotation)*), sites!(10 $($annotation)*)]
    };
}

/// Two hundred functions.
type Sites = [[[fn(u64) -> u64; 10]; 10]; 2];

/// The same function two hundred times, without an annotation and with one: each is a callsite of its own.
const BARE_SITES: Sites = sites!();
const SITES: Sites = sites!(trace_scope!("hot"););

/// Calls these in turn.
#[inline(never)]
fn in_turn(sites: &[fn(u64) -> u64], count: u64) {
    let mut n = 1;
    for site in sites.iter().cycle().take(usize::try_from(count).unwrap_or(usize::MAX)) {
        n = site(n);
    }
    black_box(n);
}

/// How many callsites are hot at the same time, and how far apart their numbers are.
const MANY: [(usize, usize); 6] = [(1, 1), (2, 1), (2, 32), (40, 1), (100, 1), (200, 1)];

/// `count` of them, `apart` from each other.
fn some(sites: &Sites, (count, apart): (usize, usize)) -> Vec<fn(u64) -> u64> {
    sites.as_flattened().as_flattened().iter().copied().step_by(apart).take(count).collect()
}

/// How much fewer calls two threads make in the same processor time with a budget than without a session, in points.
fn throughput(annotated: impl Fn(u64) + Sync, budget: f64) -> (f64, f64, f64) {
    const ROUNDS: usize = 15;
    let (calls, over) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                // Relaxed, both: a flag and a count by themselves.
                while !over.load(Ordering::Relaxed) {
                    annotated(1000);
                    calls.fetch_add(1000, Ordering::Relaxed);
                }
            });
        }
        let rate = || {
            thread::sleep(Duration::from_millis(100));
            let before = (calls.load(Ordering::Relaxed), processor::of_process());
            thread::sleep(Duration::from_millis(500));
            (calls.load(Ordering::Relaxed) - before.0) as f64 * 1e9 / (processor::of_process() - before.1)
        };
        let mut points = Vec::new();
        let (mut used, mut offered) = (0.0, 0.0);
        for _ in 0..ROUNDS {
            let before = rate();
            let session = Session::builder().memory(Memory::ring(64 << 20)).budget(budget).start();
            let session = session.expect("no session runs");
            let with = rate();
            used += session.stop().budget().map_or(0.0, |budget| budget.used) / ROUNDS as f64;
            let behind = rate();
            offered += 2.0 * before / ROUNDS as f64;
            points.push((1.0 - with / f64::midpoint(before, behind)) * 100.0);
        }
        over.store(true, Ordering::Relaxed);
        points.sort_by(f64::total_cmp);
        println!("    all rounds: {}", points.iter().map(|points| format!("{points:.2} ")).collect::<String>());
        (points[ROUNDS / 2], used * 100.0, offered)
    })
}

fn main() {
    // The part that is asked for, or all.
    let part = std::env::args().nth(1);
    for (name, run) in [("costs", costs as fn()), ("callsites", callsites), ("budget", budgets)] {
        if part.as_deref().is_none_or(|part| part == name) {
            run();
        }
    }
}

fn costs() {
    let ns = ns_per_tick() / COUNT as f64;
    let clock = columns(&(0..SLICES).filter_map(|_| quietly(|| [time(|| pairs(COUNT))])).collect::<Vec<_>>());
    println!("two reads of the clock: {:.2} ns", clock[0].p10() * ns);
    for &(name, bare, annotated) in LOADS {
        let mut skip = 0.0;
        for rate in [1e-9, 0.01, 0.05, 0.1, 0.5, 1.0] {
            let mut slices = Vec::new();
            for _ in 0..PATIENCE / 50 {
                if slices.len() >= SLICES {
                    break;
                }
                let memory = Memory::ring(16 << 20);
                let session = Session::builder().filter(format!("all@{rate}")).memory(memory).start();
                let session = session.expect("no session runs");
                annotated(COUNT);
                let both = || [time(|| bare(COUNT)), time(|| annotated(COUNT))];
                slices.extend((0..50).filter_map(|_| quietly(both)));
                drop(session);
            }
            if slices.is_empty() {
                println!("{name} at {rate}: the machine is busy");
                continue;
            }
            let [bare, with] = columns(&slices).map(|times| times.p10() * ns);
            let added = with - bare;
            if rate < 1e-6 {
                skip = added;
            }
            let recorded = (added - skip * (1.0 - rate)) / rate;
            let recorded = if rate < 1e-6 { String::new() } else { format!(": {recorded:.1} ns a recorded one") };
            println!("{name} of {bare:.2} ns at {rate}: {added:+.3} ns a call{recorded}");
        }
    }
}

/// The same where many callsites are hot.
fn callsites() {
    // They get their numbers in this order.
    drop(Session::start(1).map(|_session| in_turn(&some(&SITES, (200, 1)), 200)));
    let ns = ns_per_tick() / COUNT as f64;
    for many in MANY {
        let (bare, annotated) = (some(&BARE_SITES, many), some(&SITES, many));
        let mut slices = Vec::new();
        for _ in 0..PATIENCE / 50 {
            if slices.len() >= SLICES {
                break;
            }
            let session = Session::builder().filter("all@1e-9").memory(Memory::ring(16 << 20)).start();
            let session = session.expect("no session runs");
            in_turn(&annotated, COUNT);
            let both = || [time(|| in_turn(&bare, COUNT)), time(|| in_turn(&annotated, COUNT))];
            slices.extend((0..50).filter_map(|_| quietly(both)));
            drop(session);
        }
        let (count, apart) = many;
        if slices.is_empty() {
            println!("{count} callsites, {apart} apart: the machine is busy");
            continue;
        }
        let [bare, with] = columns(&slices).map(|times| times.p10() * ns);
        println!("{count} callsites, {apart} apart, of {bare:.2} ns: {:+.3} ns a call", with - bare);
    }
    for many in MANY {
        let annotated = some(&SITES, many);
        let (points, used, offered) = throughput(|count| in_turn(&annotated, count), 0.01);
        let (offered, (count, apart)) = (offered / 1e6, many);
        println!(
            "2 threads, {count} callsites, {apart} apart, budget 0.01: {points:+.2} points, {used:.2} by its own account; \
             {offered:.0} M calls/s offered"
        );
    }
}

fn budgets() {
    for &(name, _, annotated) in LOADS {
        for budget in [0.01, 0.05] {
            let (points, used, offered) = throughput(annotated, budget);
            let account = format!("{used:.2} by its own account");
            let offered = offered / 1e6;
            println!(
                "2 threads, {name}, budget {budget}: {points:+.2} points, {account}; {offered:.0} M calls/s offered"
            );
        }
    }
}
