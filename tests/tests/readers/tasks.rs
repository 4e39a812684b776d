//! Exported tasks: each one a slice of its own, beside the threads' polls, which arrows tie to each other.

use std::future::pending;
use std::path::Path;
use std::sync::PoisonError;
use std::thread;

use traceme::trace::TrackKind;
use traceme::{Session, Trace, append, trace_scope, traced};

use crate::exports::SESSION;
use crate::polling::{flags, poll_once};
use crate::processor::{Cell, Processor, rows};

const TASKS: usize = 40;

/// Tasks that one thread makes, inside a span, and four poll; every other one is dropped after its polls, the others stay.
fn recorded() -> Trace {
    let _alone = SESSION.lock().unwrap_or_else(PoisonError::into_inner);
    let session = Session::start(1).unwrap();
    let mut tasks: Vec<_> = {
        trace_scope!("spawn all");
        let work = async || {
            trace_scope!("work", {});
            pending::<()>().await;
        };
        (0..TASKS).map(|n| Box::pin(traced!(work(), "fetch", meta(n)))).collect()
    };
    for _round in 0..3 {
        thread::scope(|scope| {
            for tasks in tasks.chunks_mut(TASKS / 4) {
                let worker = thread::Builder::new().name("worker".into());
                let polls = move || tasks.iter_mut().for_each(|task| poll_once(task.as_mut()));
                worker.spawn_scoped(scope, polls).unwrap();
            }
        });
    }
    let mut last = Box::pin(traced!(
        async {
            append!(answer = 6 * 7);
            let child = traced!(pending::<()>(), name = format!("child {}", 1));
            child.await;
        },
        "parent"
    ));
    poll_once(last.as_mut());
    drop(last);
    let kept: Vec<_> = tasks.into_iter().enumerate().filter_map(|(n, task)| (n % 2 == 0).then_some(task)).collect();
    let trace = session.stop();
    drop(kept);
    trace
}

fn number(cell: &Cell) -> u64 {
    match cell {
        Cell::Int(number) => u64::try_from(*number).unwrap(),
        other => panic!("not a number: {other:?}"),
    }
}

#[track_caller]
fn check(extension: &str, args: &str) {
    let trace = recorded();
    // Perfetto's own format counts from where the system does.
    let start = if extension == "pftrace" { trace.clock().monotonic_ns } else { 0 };
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tasks.{extension}"));
    trace.save(&path).unwrap();
    let processor = Processor::load(&path);
    // Slices of tracks that are no thread's main one have an id of a task too; what tells a task is that its track has its name.
    let slices = format!(
        "SELECT extract_arg(s.arg_set_id, '{args}.task'), s.ts, s.dur, s.name, IFNULL(th.name, t.name),
            extract_arg(s.arg_set_id, '{args}.traceme_flags'), extract_arg(s.arg_set_id, '{args}.made_in')
        FROM slice s JOIN track t ON t.id = s.track_id
        LEFT JOIN thread_track tt ON tt.id = s.track_id LEFT JOIN thread th ON th.utid = tt.utid
        WHERE extract_arg(s.arg_set_id, '{args}.task') IS NOT NULL"
    );
    let flows = "SELECT a.name, b.name, COUNT(*) FROM flow f JOIN slice a ON a.id = f.slice_out
        JOIN slice b ON b.id = f.slice_in GROUP BY 1, 2 ORDER BY 1, 2";
    let [slices, flows] = processor.query(&[&slices, flows]).try_into().unwrap();
    // From where it is made through its polls; the last of half of them is that of the drop.
    let per_task = i64::try_from(3 * TASKS + TASKS / 2).unwrap();
    assert_eq!(flows.rows, rows![["child 1", "child 1", 2], ["fetch", "fetch", per_task], ["parent", "parent", 2]]);
    for task in trace.tasks() {
        let of_task = slices.rows.iter().filter(|row| number(&row[0]) == task.id());
        let name = task.name().to_string();
        let own = |row: &&Vec<Cell>| matches!(&row[4], Cell::Str(track) if track.split(" (lane").next() == Some(&name));
        let whole: Vec<_> = of_task.clone().filter(own).collect();
        assert_eq!(whole.len(), 1, "{task:?}");
        assert_eq!(Some(number(&whole[0][1]) - start), task.created());
        let flags = flags(task).join(", ");
        assert_eq!(whole[0][5], if flags.is_empty() { ().into() } else { flags.as_str().into() });
        assert_eq!(task.parent_id(), if whole[0][6] == Cell::Null { None } else { Some(number(&whole[0][6])) });
        match task.end() {
            Some(end) => assert_eq!(Some(number(&whole[0][2])), task.created().map(|created| end - created)),
            // Perfetto's own format says that it never ended; the other, that it lasts to the end.
            None => assert!(flags.contains("incomplete")),
        }
        let polls = of_task.filter(|row| !own(row));
        let (polls, busy) = polls.fold((0, 0), |(polls, busy), row| (polls + 1, busy + number(&row[2])));
        // One slice without length is where it was made.
        assert_eq!((polls, busy), (1 + task.polls().len(), task.busy()), "{task:?}");
    }
    let cancelled = trace.tasks().filter(|task| task.flags().is_cancelled()).count();
    assert_eq!((trace.tasks().len(), cancelled), (TASKS + 2, TASKS / 2 + 2));
    assert_eq!(trace.tracks().iter().filter(|track| track.kind == TrackKind::Task).count(), 3);
}

#[test]
fn tasks_in_perfetto() {
    check("pftrace", "debug");
}

#[test]
fn tasks_in_chrome_json() {
    check("json", "args");
}
