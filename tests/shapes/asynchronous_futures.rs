//! The futures of annotated `async fn`s: as movable as the bare ones, and what they drop when.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use traceme::traceme;

use super::asynchronous::{block_on, later, poll, tasks};
use super::support::{Loud, traced};

/// Functions two times, as `twins!` has them.
macro_rules! async_twins {
    ($(#[traceme $options:tt] $(#[$further:ident])? async fn $name:ident $arguments:tt -> usize { $($body:tt)* })+) => {
        mod bare {
            use super::*;
            $($(#[$further])? pub(super) async fn $name $arguments -> usize { $($body)* })+
        }
        mod annotated {
            use super::*;
            $(#[traceme $options] $(#[$further])? pub(super) async fn $name $arguments -> usize { $($body)* })+
        }
        /// Each annotated function drops all in the order of its bare twin.
        #[test]
        fn arguments_and_variables_are_dropped_as_in_the_bare_function() {
            $(
                let never_polled = same_drops(
                    stringify!($name),
                    || Box::pin(bare::$name(Loud("a"), Loud("b"), Loud("c"), Loud("d"))),
                    || Box::pin(annotated::$name(Loud("a"), Loud("b"), Loud("c"), Loud("d"))),
                );
                assert_eq!(never_polled, ["a", "b", "c", "d"]);
            )+
        }
    };
}

async_twins! {
    #[traceme(meta(length = a.len()))]
    async fn moves(a: Loud, b: Loud, _: Loud, _d: Loud) -> usize {
        let _variable = Loud("variable");
        let held = a;
        later().await;
        let _late = Loud("late");
        drop(b);
        Loud("temporary").len() + held.len()
    }

    #[traceme(span = _s)]
    async fn uses_none(_a: Loud, _: Loud, _c: Loud, mut _d: Loud) -> usize {
        later().await;
        let _variable = Loud("variable");
        Loud("temporary").len()
    }

    #[traceme(meta(length = b.len()))]
    async fn uses_some(a: Loud, mut b: Loud, ref c: Loud, _: Loud) -> usize {
        let length = b.len();
        later().await;
        b = Loud("other");
        if a.len() == length {
            return b.len() + c.len();
        }
        Loud("temporary").len()
    }

    #[traceme(ret)]
    async fn gives_a_result(a: Loud, _b: Loud, c: Loud, _d: Loud) -> usize {
        let _variable = Loud("variable");
        later().await;
        c.len() + a.len()
    }

    #[traceme()]
    #[must_use]
    async fn stays_async(a: Loud, _b: Loud, c: Loud, _d: Loud) -> usize {
        let _variable = Loud("variable");
        later().await;
        c.len() + a.len()
    }
}

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// Whether all is dropped in the same order if the future is polled to its end, never, and once. Returns the order in which
/// it is if that is never.
pub(super) fn same_drops(name: &str, bare: fn() -> Boxed<usize>, annotated: fn() -> Boxed<usize>) -> Vec<String> {
    let whole = instants(|| assert!(block_on(annotated()) > 0));
    assert_eq!(whole, instants(|| assert!(block_on(bare()) > 0)), "{} to its end", name);
    assert!(whole.len() >= 5, "{:?}", whole);
    let never_polled = instants(|| drop(annotated()));
    assert_eq!(never_polled, instants(|| drop(bare())), "{} never polled", name);
    let cancelled = instants(|| assert_eq!(poll(&mut annotated()), None));
    assert_eq!(cancelled, instants(|| assert_eq!(poll(&mut bare()), None)), "{} cancelled", name);
    never_polled
}

#[test]
fn futures_stay_send_whatever_metadata_borrows() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let trace = traced(1, || {
        assert_eq!(block_on(is_send(cells(Cell::new(1), Cell::new(2)))), 3);
        assert_eq!(block_on(is_send(shared_only_in_metadata(&1))), 1);
        assert_eq!(block_on(is_send(borrowed_by_metadata(1, String::from("name")))), 4);
    });
    let expected = "borrowed_by_metadata x=1 name=\"name\" length=4 debug=\"\\\"name\\\"\"\n\
                    cells x=1 y=\"Cell { value: 2 }\"\nshared_only_in_metadata x=1 count=1";
    assert_eq!(tasks(&trace), expected);
}

#[traceme(meta(x, name = %name, length = name.len(), debug = ?name))]
async fn borrowed_by_metadata(x: u64, name: String) -> usize {
    later().await;
    name.len() + usize::from(x > 1)
}

#[traceme(meta(x = x.get(), y = ?y))]
async fn cells(x: Cell<u8>, y: Cell<u8>) -> u8 {
    later().await;
    x.get() + y.get()
}

#[traceme(meta(x = *x, count = Rc::strong_count(&Rc::new(1))))]
async fn shared_only_in_metadata(x: &u8) -> u8 {
    later().await;
    *x
}

/// The instants that a piece of work records.
pub(super) fn instants(work: impl FnOnce()) -> Vec<String> {
    traced(1, work).instants().map(|point| point.name().to_string()).collect()
}

trait Fetch {
    #[allow(async_fn_in_trait, reason = "a shape")]
    async fn fetch(&self, id: u8) -> u8;

    #[traceme(meta(id))]
    async fn fetch_twice(&self, id: u8) -> u8 {
        self.fetch(id).await + self.fetch(id).await
    }
}

impl Fetch for u8 {
    #[traceme(name = "fetch u8", meta(id, from = *self))]
    async fn fetch(&self, id: u8) -> u8 {
        later().await;
        self + id
    }
}

#[traceme(level = 2)]
trait InABlock {
    async fn default(&self) -> u8 {
        later().await;
        1
    }

    fn boxed<'a>(&'a self) -> Pin<Box<dyn Future<Output = u8> + 'a>> {
        Box::pin(self.default())
    }
}

impl InABlock for u8 {}

#[test]
fn methods_of_traits() {
    let twice = traced(1, || assert_eq!(block_on(1_u8.fetch_twice(2)), 6));
    assert_eq!(tasks(&twice), "fetch u8 id=2 from=1\nfetch u8 id=2 from=1\nfetch_twice id=2");
    let boxed = |level| traced(level, || assert_eq!(block_on(1_u8.boxed()), 1));
    assert_eq!(tasks(&boxed(2)), "boxed\ndefault");
    assert_eq!(boxed(1).spans().count(), 0);
}
