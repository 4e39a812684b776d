//! The futures of annotated `async fn`s: as large, as movable as the bare ones, and what they drop when.

use std::cell::Cell;
use std::future::Future;
use std::mem::size_of_val;
use std::rc::Rc;

use traceme::traceme;

use super::asynchronous::{activities, block_on, later, poll};
use super::support::{Loud, traced};

/// Functions two times, as `twins!` has them.
macro_rules! async_twins {
    ($(#[traceme $options:tt] async fn $name:ident $arguments:tt $(-> $result:ty)? { $($body:tt)* })+) => {
        mod bare {
            use super::*;
            $(pub(super) async fn $name $arguments $(-> $result)? { $($body)* })+
        }
        mod annotated {
            use super::*;
            $(#[traceme $options] pub(super) async fn $name $arguments $(-> $result)? { $($body)* })+
        }
    };
}

async_twins! {
    #[traceme()]
    async fn nothing() {}

    #[traceme(level = 2)]
    async fn one_await(x: u64) -> u64 {
        later().await;
        x
    }

    #[traceme(meta(x, name = %name, length = name.len(), debug = ?name))]
    async fn borrowed_by_metadata(x: u64, name: String) -> usize {
        later().await;
        name.len() + usize::from(x > 1)
    }

    #[traceme(name = name.clone(), meta(first = list[0]))]
    async fn several(name: String, list: [u64; 8]) -> u64 {
        let mut sum = 0;
        for x in list.iter() {
            later().await;
            sum += x;
        }
        let held = [sum; 4];
        later().await;
        held[name.len()]
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

    #[traceme(meta(length = a.len()))]
    async fn drops(a: Loud, b: Loud, _: Loud, _d: Loud) -> usize {
        let _variable = Loud("variable");
        let held = a;
        later().await;
        let _late = Loud("late");
        drop(b);
        Loud("temporary").len() + held.len()
    }
}

#[test]
fn futures_grow_by_16_bytes_at_most() {
    fn assert_size<A: Future, B: Future>(bare: A, annotated: B) {
        let (bare, annotated) = (size_of_val(&bare), size_of_val(&annotated));
        assert!(bare <= annotated && annotated <= bare + 16, "{} bytes, bare {}", annotated, bare);
    }
    let (name, cell) = (|| String::from("name"), || Cell::new(1));
    assert_size(bare::nothing(), annotated::nothing());
    assert_size(bare::one_await(1), annotated::one_await(1));
    assert_size(bare::borrowed_by_metadata(1, name()), annotated::borrowed_by_metadata(1, name()));
    assert_size(bare::several(name(), [1; 8]), annotated::several(name(), [1; 8]));
    assert_size(bare::cells(cell(), cell()), annotated::cells(cell(), cell()));
    assert_size(bare::shared_only_in_metadata(&1), annotated::shared_only_in_metadata(&1));
}

#[test]
fn futures_stay_send_whatever_metadata_borrows() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let trace = traced(1, || {
        assert_eq!(block_on(is_send(annotated::cells(Cell::new(1), Cell::new(2)))), 3);
        assert_eq!(block_on(is_send(annotated::shared_only_in_metadata(&1))), 1);
        assert_eq!(block_on(is_send(annotated::borrowed_by_metadata(1, String::from("name")))), 4);
    });
    let expected = "borrowed_by_metadata x=1 name=\"name\" length=4 debug=\"\\\"name\\\"\"\n\
                    cells x=1 y=\"Cell { value: 2 }\"\nshared_only_in_metadata x=1 count=1";
    assert_eq!(activities(&trace), expected);
}

/// The instants that a piece of work records.
fn instants(work: impl FnOnce()) -> Vec<String> {
    traced(1, work).instants().map(|point| point.name().to_string()).collect()
}

#[test]
fn arguments_and_variables_are_dropped_as_in_the_bare_function() {
    let loud = || (Loud("a"), Loud("b"), Loud("c"), Loud("d"));
    let bare = || {
        let (a, b, c, d) = loud();
        Box::pin(bare::drops(a, b, c, d))
    };
    let annotated = || {
        let (a, b, c, d) = loud();
        Box::pin(annotated::drops(a, b, c, d))
    };
    let whole = instants(|| assert_eq!(block_on(annotated()), 10));
    assert_eq!(whole, instants(|| assert_eq!(block_on(bare()), 10)));
    assert_eq!(whole.len(), 7);
    let never_polled = instants(|| drop(annotated()));
    assert_eq!(never_polled, instants(|| drop(bare())));
    assert_eq!(never_polled, ["a", "b", "c", "d"]);
    let cancelled = instants(|| assert_eq!(poll(&mut annotated()), None));
    assert_eq!(cancelled, instants(|| assert_eq!(poll(&mut bare()), None)));
    assert_eq!(cancelled, ["a", "variable", "d", "c", "b"]);
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

    fn boxed<'a>(&'a self) -> std::pin::Pin<Box<dyn Future<Output = u8> + 'a>> {
        Box::pin(self.default())
    }
}

impl InABlock for u8 {}

#[test]
fn methods_of_traits() {
    let twice = traced(1, || assert_eq!(block_on(1_u8.fetch_twice(2)), 6));
    assert_eq!(activities(&twice), "fetch u8 id=2 from=1\nfetch u8 id=2 from=1\nfetch_twice id=2");
    let boxed = |level| traced(level, || assert_eq!(block_on(1_u8.boxed()), 1));
    assert_eq!(activities(&boxed(2)), "default");
    assert_eq!(boxed(2).spans().count(), 2, "`boxed` is no `async fn`: it is a span");
    assert_eq!(boxed(1).spans().count(), 0);
}
