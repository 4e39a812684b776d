//! Functions that are not `async` and give a future: it is the task, from the call on.

use std::future::{self, Future};
use std::pin::Pin;

use traceme::{append, traceme};

use super::asynchronous::{block_on, later, tasks};
use super::support::{recorded, traced};

fn is_send<T: Send>(value: T) -> T {
    value
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[traceme(meta(x))]
fn opaque(x: u8) -> impl Future<Output = u8> {
    async move {
        later().await;
        x
    }
}

#[traceme(meta(length = text.len()), span = s)]
fn with_statements<'a>(text: &'a str) -> impl Future<Output = usize> + Send + 'a {
    let length = text.len();
    append!(s, twice = length * 2);
    async move {
        later().await;
        append!(s, late = true);
        length
    }
}

#[traceme]
fn with_returns(x: u8) -> impl Future<Output = usize> + Unpin {
    if x == 0 {
        return future::ready(0);
    }
    let text = x.to_string();
    future::ready(text.len())
}

#[traceme]
fn with_a_macro(x: u8, list: &mut Vec<u8>) -> impl Future<Output = usize> + '_ {
    macro_rules! leave {
        ($x:expr) => {
            if x == 0 {
                return future::ready($x);
            }
        };
    }
    leave!(7);
    list.push(x);
    future::ready(list.len())
}

#[traceme(meta(depth))]
fn pinned<'a>(depth: u8, text: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
    let deeper = depth.checked_sub(1);
    Box::pin(async move {
        match deeper {
            Some(depth) => pinned(depth, text).await + 1,
            None => text.len(),
        }
    })
}

#[traceme]
fn pinned_by_name(x: u8) -> BoxFuture<'static, Option<u8>> {
    ::std::boxed::Box::pin(async move {
        let x = x.checked_sub(1)?;
        later().await;
        Some(x)
    })
}

#[traceme(meta(way))]
fn pinned_in_many_ways(way: u8, value: &mut u8) -> Pin<Box<dyn Future<Output = u8> + '_>> {
    if way == 0 {
        return Box::pin(future::ready(*value));
    }
    if way == 1 { Box::pin(opaque(way)) } else { Box::pin(async move { *value }) }
}

#[traceme(meta(x = x.unwrap_or(9)))]
fn pinned_with_a_return_inside(x: Option<u8>) -> Pin<Box<dyn Future<Output = u8>>> {
    Box::pin(match x {
        Some(x) => later_of(x),
        None => return Box::pin(future::ready(0)),
    })
}

struct Own(u8);

impl Future for Own {
    type Output = u8;

    fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<u8> {
        std::task::Poll::Ready(self.0)
    }
}

#[traceme]
fn a_type_of_its_own(x: u8) -> Own {
    Own(x)
}

#[traceme]
fn of_more_traits(x: u8) -> impl Future<Output = u8> + Clone {
    future::ready(x)
}

trait Load {
    fn load(&self, id: u8) -> impl Future<Output = u8> + Send;

    #[traceme(level = 2, meta(id))]
    fn load_twice(&self, id: u8) -> impl Future<Output = u8>
    where
        Self: Sync,
    {
        async move { self.load(id).await + self.load(id).await }
    }
}

#[traceme]
impl Load for u8 {
    fn load(&self, id: u8) -> impl Future<Output = u8> + Send {
        let sum = self + id;
        async move {
            later().await;
            sum
        }
    }
}

#[traceme(ret)]
fn opaque_result(x: u8) -> impl Future<Output = u8> {
    async move { x }
}

#[traceme(err, ret)]
fn pinned_result<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Result<u8, std::num::ParseIntError>> + Send + 'a>> {
    Box::pin(async move {
        later().await;
        text.parse()
    })
}

#[traceme(ret(Value))]
fn pinned_result_in_many_ways(x: u8) -> BoxFuture<'static, u8> {
    if x == 0 { Box::pin(later_of(x)) } else { Box::pin(future::ready(x)) }
}

async fn later_of(x: u8) -> u8 {
    later().await;
    x
}

#[test]
fn are_tasks() {
    let work = || {
        assert_eq!(block_on(is_send(opaque(1))), 1);
        assert_eq!(block_on(is_send(with_statements("abc"))), 3);
        assert_eq!(block_on(with_returns(0)) + block_on(with_returns(10)), 2);
        let mut list = vec![1];
        assert_eq!(block_on(with_a_macro(0, &mut list)) + block_on(with_a_macro(1, &mut list)), 9);
        assert_eq!(block_on(is_send(pinned(2, "abc"))), 5);
        assert_eq!((block_on(pinned_by_name(0)), block_on(pinned_by_name(2))), (None, Some(1)));
        let way = |way| block_on(pinned_in_many_ways(way, &mut 7));
        assert_eq!([way(0), way(1), way(2)], [7, 1, 7]);
        let inside = |x| block_on(pinned_with_a_return_inside(x));
        assert_eq!((inside(None), inside(Some(1))), (0, 1));
        assert_eq!(block_on(1_u8.load_twice(2)), 6);
    };
    let expected = "load\nload\nload_twice id=2\nopaque x=1\nopaque x=1\npinned depth=2\npinned depth=1\npinned depth=0\n\
                    pinned_by_name\npinned_by_name\npinned_in_many_ways way=0\npinned_in_many_ways way=1\n\
                    pinned_in_many_ways way=2\npinned_with_a_return_inside x=9\npinned_with_a_return_inside x=1\nwith_a_macro\nwith_a_macro\nwith_returns\nwith_returns\n\
                    with_statements length=3 twice=6 late=true";
    assert_eq!(tasks(&traced(2, work)), expected);
    work();
}

#[test]
fn record_what_the_future_gives() {
    let trace = traced(1, || {
        assert_eq!(block_on(opaque_result(3)), 3);
        assert_eq!(block_on(is_send(pinned_result("4"))), Ok(4));
        assert!(block_on(pinned_result("x")).is_err());
        assert_eq!(block_on(pinned_result_in_many_ways(0)) + block_on(pinned_result_in_many_ways(5)), 5);
    });
    let expected = "opaque_result ret=\"3\"\npinned_result ret=\"4\"\n\
                    pinned_result err=\"invalid digit found in string\" (failed)\n\
                    pinned_result_in_many_ways ret=0\npinned_result_in_many_ways ret=5";
    assert_eq!(tasks(&trace), expected);
}

#[test]
fn others_are_spans() {
    let text = recorded(1, || assert_eq!(block_on(a_type_of_its_own(1)) + block_on(of_more_traits(2)), 3));
    assert_eq!(text, "a_type_of_its_own\nof_more_traits");
}
