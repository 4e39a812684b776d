//! Prints what the futures of functions drop whose header says `async` still, polled so often and then dropped.
#![allow(clippy::all)]

extern crate traceme as _;

use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

#[cfg(annotated)]
use traceme::traceme;

thread_local! {
    static DROPPED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

struct Loud(&'static str);

impl Drop for Loud {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push(self.0));
    }
}

struct Two(Loud, #[allow(dead_code)] Loud);

/// Not ready at the first poll.
struct Later(bool);

impl Future for Later {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

async fn body(_: &[&Loud]) {
    let _variable = Loud("variable");
    Later(false).await;
}

#[cfg_attr(annotated, traceme)]
#[must_use]
async fn tuples(x: Loud, (a, _): (Loud, Loud), (mut b, (c, _), _): (Loud, (Loud, Loud), Loud), y: Loud) {
    Later(false).await;
    b.0 = "b";
    body(&[&a, &b, &c, &x, &y]).await;
}

#[cfg_attr(annotated, traceme(ret))]
#[must_use]
async fn left_first(_: Loud, (_, a): (Loud, Loud), _: Loud, (): ()) -> usize {
    body(&[&a]).await;
    1
}

#[cfg_attr(annotated, traceme(meta(length = x.0.len())))]
#[must_use]
async fn others((_, a): (Loud, Loud), Two(b, _): Two, _: Loud, mut x: Loud, ref y: Loud, (c, _): (Loud, Loud)) {
    x.0 = "x";
    body(&[&a, &b, &c, y]).await;
}

#[cfg_attr(annotated, traceme(meta(x = x.0)))]
#[must_use]
async fn unused(_: Loud, (_, _a): (Loud, Loud), x: Loud, Two(_b, _): Two, _y: Loud, (_, _): (Loud, Loud)) {
    body(&[]).await;
}

/// What is taken apart must not hide the guard, nor be expected to be used.
#[cfg_attr(annotated, traceme(span = a))]
#[must_use]
async fn taken_apart_inside(
    (a, _): (Loud, Loud),
    _: Loud,
    #[expect(unused_mut)] (mut b, _): (Loud, Loud),
    mut x: Loud,
) {
    x.0 = "x";
    body(&[&a, &b]).await;
}

struct Service(#[allow(dead_code)] Loud);

impl Service {
    #[cfg_attr(annotated, traceme)]
    #[must_use]
    async fn method(self, (_, a): (Loud, Loud), _: Loud) {
        body(&[&a]).await;
    }

    #[cfg_attr(annotated, traceme)]
    async fn never(&self, a: Loud, (b, _): (Loud, Loud), Two(_, _c): Two) -> ! {
        drop(b);
        loop {
            body(&[&a]).await;
        }
    }
}

fn print<F: Future>(name: &str, make: impl Fn() -> F) {
    for polls in 0..4 {
        {
            let mut future = pin!(make());
            let mut context = Context::from_waker(Waker::noop());
            let _ = (0..polls).find(|_| future.as_mut().poll(&mut context).is_ready());
        }
        println!("{name} {polls}: {}", DROPPED.take().join(" "));
    }
}

fn main() {
    let pair = |first, second| (Loud(first), Loud(second));
    let two = |first, second| Two(Loud(first), Loud(second));
    print("tuples", || tuples(Loud("x"), pair("a", "A"), (Loud("b"), pair("c", "C"), Loud("B")), Loud("y")));
    print("left_first", || left_first(Loud("1"), pair("A", "a"), Loud("2"), ()));
    print("others", || others(pair("A", "a"), two("b", "B"), Loud("1"), Loud("x"), Loud("y"), pair("c", "C")));
    print("unused", || unused(Loud("1"), pair("A", "a"), Loud("x"), two("b", "B"), Loud("y"), pair("2", "3")));
    print("taken_apart_inside", || taken_apart_inside(pair("a", "A"), Loud("1"), pair("b", "B"), Loud("x")));
    print("method", || Service(Loud("self")).method(pair("A", "a"), Loud("1")));
    let service = std::mem::ManuallyDrop::new(Service(Loud("self")));
    print("never", || service.never(Loud("a"), pair("b", "B"), two("C", "c")));
}
