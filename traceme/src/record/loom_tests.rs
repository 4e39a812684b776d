//! The chunk protocol under loom: every order in which its atomic operations can take effect.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p traceme --release --lib loom_tests`

use loom::sync::{Arc, Mutex};
use loom::thread;

use crate::record::chunk::{Committed, Reader, Writer};
use crate::record::held::Held;
use crate::record::loss::Cause;
use crate::record::pool::Pool;
use crate::record::value::load;
use crate::sync::Ordering;

/// Writes and publishes an event for each value behind `committed`, as the hot path does: the thread keeps the
/// length itself. (It must not read what it publishes: loom then forgets that another thread has read it.)
fn record(writer: &Writer, mut committed: Committed, values: impl IntoIterator<Item = u64>) {
    for value in values {
        writer.chunk().words()[committed.words()].store(value, Ordering::Relaxed);
        committed = committed.plus(1, 1);
        committed.publish(writer.chunk().committed());
    }
}

/// A chunk's halves, and the pool that it goes back to.
fn halves() -> (&'static Pool, Writer, Reader) {
    let pool = Pool::with_room(2);
    let (writer, reader) = pool.take().expect("memory").split();
    (pool, writer, reader)
}

fn values(reader: &Reader) -> Vec<u64> {
    reader.words().iter().map(load).collect()
}

#[test]
fn each_event_is_taken_or_late_and_what_is_taken_is_whole() {
    loom::model(|| {
        let (pool, writer, mut reader) = halves();
        let thread = thread::spawn(move || record(&writer, Committed::NOTHING, [11, 12]));
        let closed: Committed = reader.close();
        let taken = values(&reader);
        assert_eq!(taken, [11, 12][..closed.words()]);
        thread.join().expect("no panic");
        assert_eq!(reader.events() + pool.take_late(), 2);
        assert_eq!(values(&reader), taken, "what is late stays out");
    });
}

#[test]
fn a_reader_that_never_closed_took_nothing() {
    loom::model(|| {
        let (pool, writer, reader) = halves();
        let thread = thread::spawn(move || record(&writer, Committed::NOTHING, [11]));
        drop(reader);
        thread.join().expect("no panic");
        assert_eq!(pool.take_late(), 1);
    });
}

#[test]
fn a_chunk_is_handed_over_between_threads() {
    loom::model(|| {
        let (pool, writer, mut reader) = halves();
        let orphan = Arc::new(Mutex::new(None));
        let first = {
            let orphan = Arc::clone(&orphan);
            thread::spawn(move || {
                record(&writer, Committed::NOTHING, [11]);
                *orphan.lock().expect("no panic") = Some(writer);
            })
        };
        let second = thread::spawn(move || {
            let writer = orphan.lock().expect("no panic").take();
            writer.map(|writer| record(&writer, writer.committed(), [12])).is_some()
        });
        reader.close();
        let taken = values(&reader);
        assert_eq!(taken, [11, 12][..taken.len()]);
        first.join().expect("no panic");
        let events = 1 + u64::from(second.join().expect("no panic"));
        if events == 2 {
            assert_eq!(reader.events() + pool.take_late(), events);
        }
    });
}

#[test]
fn a_chunk_lives_again_only_when_nobody_holds_it() {
    loom::model(|| {
        let (pool, writer, mut reader) = halves();
        let chunk = std::ptr::from_ref(writer.chunk());
        record(&writer, Committed::NOTHING, [11]);
        let closed = reader.close();
        let shared = reader.share(Committed::NOTHING, closed);
        let others: Vec<_> = std::iter::from_fn(|| pool.warm_chunk()).collect();
        let thread = thread::spawn(move || drop(writer));
        drop(reader);
        assert!(pool.warm_chunk().is_none(), "a reader still holds it");
        assert_eq!(values(&shared), [11]);
        drop(shared);
        thread.join().expect("no panic");
        let again = pool.warm_chunk().expect("all halves are dropped");
        assert_eq!(std::ptr::from_ref(again), chunk);
        assert!(others.iter().all(|&other| std::ptr::from_ref(other) != chunk));
        let (writer, mut reader) = again.split();
        assert_eq!((writer.committed().words(), reader.close().words()), (0, 0), "a new life begins empty");
    });
}

#[test]
fn two_threads_never_get_one_chunk() {
    loom::model(|| {
        let pool = Pool::with_room(2);
        let (first, second) = (pool.take().expect("memory").split(), pool.take().expect("memory").split());
        let take = move || std::ptr::from_ref(pool.take().expect("memory")).addr();
        let giving = thread::spawn(move || drop(first));
        let taking = thread::spawn(take);
        drop(second);
        let mine = take();
        let theirs = taking.join().expect("no panic");
        giving.join().expect("no panic");
        assert_ne!(mine, theirs);
    });
}

/// The events that a session has or has counted: in chunks, and overwritten.
fn held(held: &mut Held) -> u64 {
    let closed = held.close();
    let lost = closed.overwritten.iter().inspect(|lost| assert_eq!(lost.cause, Cause::Overwritten));
    let lost: u64 = lost.map(|lost| lost.count).sum();
    closed.chunks.iter().map(Reader::events).sum::<u64>() + lost
}

#[test]
fn a_chunk_is_evicted_when_its_writer_is_through_and_each_event_is_counted_once() {
    loom::model(|| {
        let (pool, writer, reader) = halves();
        let mut session = Held::new(4);
        session.add(1, reader);
        let others: Vec<_> = std::iter::from_fn(|| pool.warm_chunk()).collect();
        let thread = thread::spawn(move || record(&writer, Committed::NOTHING, [11, 12]));
        let evicted = session.evict();
        if let Some(evicted) = evicted {
            assert_eq!((evicted.events(), values(&evicted)), (2, vec![11, 12]));
            drop(evicted);
            thread.join().expect("no panic");
            assert!(pool.warm_chunk().is_some(), "it can be used again");
        } else {
            thread.join().expect("no panic");
            assert!(pool.warm_chunk().is_none(), "it is held");
        }
        assert_eq!((held(&mut session), pool.take_late(), others.len()), (2, 0, 7));
    });
}

#[test]
fn a_peek_sees_what_is_committed_and_nothing_is_late_for_it() {
    loom::model(|| {
        let (pool, writer, reader) = halves();
        let mut session = Held::new(4);
        session.add(1, reader);
        let thread = thread::spawn(move || record(&writer, Committed::NOTHING, [11, 12]));
        let first = session.peek();
        let second = session.peek();
        let (first, second) = (values(&first[0]), values(&second[0]));
        assert_eq!((&first[..], &second[..]), (&[11, 12][..first.len()], &[11, 12][..second.len()]));
        assert!(first.len() <= second.len());
        thread.join().expect("no panic");
        assert_eq!((held(&mut session), pool.take_late()), (2, 0));
    });
}

#[test]
fn parts_have_each_event_once_and_a_chunk_is_given_away_when_its_writer_is_through() {
    loom::model(|| {
        let (pool, writer, reader) = halves();
        let mut session = Held::new(4);
        session.set_live(true);
        session.add(1, reader);
        let others: Vec<_> = std::iter::from_fn(|| pool.warm_chunk()).collect();
        let thread = thread::spawn(move || record(&writer, Committed::NOTHING, [11, 12]));
        let first = session.rotate(false);
        let news = session.news();
        let second = session.rotate(false);
        thread.join().expect("no panic");
        let rest = session.close();
        let events = |readers: &[Reader]| readers.iter().map(Reader::events).sum::<u64>();
        let parts = [&first.chunks[..], &second.chunks, &rest.chunks].map(events);
        assert_eq!((parts.iter().sum::<u64>(), pool.take_late()), (2, 0));
        assert_eq!(events(&news.chunks) + events(&rest.news.chunks), 2, "who takes live has it all too");
        let words = first.chunks.iter().chain(&second.chunks).chain(&rest.chunks);
        assert!(
            words.map(values).all(|values| values == [11, 12][..values.len()]),
            "what is before a part can be read"
        );
        assert!(first.given_away + second.given_away <= 1);
        assert_eq!(rest.chunks.len(), 1 - first.given_away - second.given_away);
        drop((first, news, second, rest));
        assert!(pool.warm_chunk().is_some(), "it can be used again");
        assert_eq!(others.len(), 7);
    });
}

#[test]
fn what_a_peek_holds_is_not_used_again() {
    loom::model(|| {
        let (pool, writer, reader) = halves();
        let mut session = Held::new(4);
        session.add(1, reader);
        let others: Vec<_> = std::iter::from_fn(|| pool.warm_chunk()).collect();
        let thread = thread::spawn(move || record(&writer, Committed::NOTHING, [11]));
        let snapshot = session.peek();
        let before = values(&snapshot[0]);
        thread.join().expect("no panic");
        drop(session.evict().expect("nobody writes it any more"));
        assert!(pool.warm_chunk().is_none(), "the snapshot holds it");
        assert_eq!(values(&snapshot[0]), before);
        drop(snapshot);
        assert!(pool.warm_chunk().is_some(), "nobody holds it");
        assert_eq!((held(&mut session), others.len()), (1, 7));
    });
}

#[test]
fn a_peek_has_nothing_of_a_thread_without_what_came_before_it() {
    loom::model(|| {
        let pool = Pool::with_room(2);
        let (own, mine) = pool.take().expect("memory").split();
        let (rest, other) = pool.take().expect("memory").split();
        // Of a thread that has ended.
        rest.begin_section();
        record(&rest, Committed::NOTHING, [1]);
        let mut session = Held::new(4);
        // The thread's own chunk is looked at first.
        session.add(1, mine);
        session.add(2, other);
        let thread = thread::spawn(move || {
            own.begin_section();
            record(&own, Committed::NOTHING, [11]);
            rest.begin_section();
            record(&rest, rest.committed(), [12]);
        });
        let snapshot = session.peek();
        let (mine, other) = (values(&snapshot[0]), values(&snapshot[1]));
        assert_eq!(other, [1, 12][..other.len()]);
        assert!(mine == [11] || other == [1], "{mine:?} before {other:?}");
        thread.join().expect("no panic");
        assert_eq!(held(&mut session), 3);
    });
}
