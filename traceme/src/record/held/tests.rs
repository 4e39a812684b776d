//! Which chunk is given up, and whose its events were.

use super::Held;
use crate::record::chunk::{Committed, Writer};
use crate::record::loss::{Cause, Lost};
use crate::record::pool::Pool;

/// A chunk of `thread` with so many events of so many threads, which was left at `ticks`.
fn take(held: &mut Held, thread: u64, events: u64, sections: usize, ticks: u64) -> Writer {
    let (writer, reader) = Pool::with_room(1).take().expect("memory").split();
    (0..sections).for_each(|_| writer.begin_section());
    Committed::NOTHING.plus(1, events).publish(writer.chunk().committed());
    writer.leave_at(ticks);
    held.add(thread, reader);
    writer
}

fn lost(thread: impl Into<Option<u64>>, count: u64, first: u64, last: u64) -> Lost {
    Lost { cause: Cause::Overwritten, thread: thread.into(), callsite: 0, count, first, last }
}

#[test]
fn who_holds_most_gives_up_its_oldest_and_of_equals_the_oldest_goes() {
    let mut held = Held::new(8);
    for (thread, events) in [(2, 1), (1, 10), (1, 20), (3, 3), (1, 30)] {
        drop(take(&mut held, thread, events, 1, events));
    }
    let written = [4, 5].map(|thread| take(&mut held, thread, thread * 100, 1, 0));
    let evicted: Vec<u64> = std::iter::from_fn(|| held.evict()).map(|reader| reader.events()).collect();
    assert_eq!(evicted, [10, 20, 1, 3, 30], "and those that are written stay");
    drop(written);
    let evicted: Vec<u64> = std::iter::from_fn(|| held.evict()).map(|reader| reader.events()).collect();
    assert_eq!(evicted, [400, 500]);
}

#[test]
fn losses_are_those_of_a_thread_as_long_as_it_holds_anything() {
    let mut held = Held::new(8);
    for (thread, events, sections, ticks) in [(1, 10, 1, 5), (1, 20, 1, 6), (1, 30, 1, 7), (2, 7, 2, 4), (2, 0, 1, 9)] {
        drop(take(&mut held, thread, events, sections, ticks));
    }
    let evict = |held: &mut Held, times: usize| (0..times).for_each(|_| drop(held.evict().expect("one is left")));
    evict(&mut held, 2);
    assert_eq!(held.overwritten(), [lost(1, 30, 5, 6)]);
    evict(&mut held, 1);
    assert_eq!(held.overwritten(), [lost(1, 30, 5, 6), lost(None, 7, 4, 4)], "a shared chunk is nobody's");
    evict(&mut held, 2);
    assert_eq!(held.overwritten(), [lost(None, 67, 4, 7)], "nothing of no events");
}
