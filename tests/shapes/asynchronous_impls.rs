//! `async fn`s with `impl` in their signatures, and bare twins of them.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Debug;

use traceme::traceme;

use super::asynchronous::{block_on, later, tasks};
use super::support::traced;

trait Executor<'a> {
    fn run(self, query: &'a str) -> usize;
}

impl<'a> Executor<'a> for &'a mut Vec<&'a str> {
    fn run(self, query: &'a str) -> usize {
        self.push(query);
        self.len()
    }
}

/// Functions and methods two times, from the same tokens.
macro_rules! twins {
    ($({$($header:tt)*} $body:block)+ $(impl {$($method:tt)*} $method_body:block)+) => {
        mod bare {
            use super::*;
            $($($header)* $body)+
            pub(super) struct Store(pub(super) usize);
            impl Store {
                $($($method)* $method_body)+
            }
        }
        mod annotated {
            use super::*;
            $(#[traceme] $($header)* $body)+
            pub(super) struct Store(pub(super) usize);
            #[traceme]
            impl Store {
                $($($method)* $method_body)+
            }
        }
    };
}

twins! {
    {pub(super) async fn executor(executor: impl Executor<'_>, (a, b): (u8, u8)) -> usize} {
        later().await;
        executor.run("query") + usize::from(a + b)
    }

    {pub(super) async fn cow(text: impl Into<Cow<'_, str>>) -> String} {
        let text = text.into();
        later().await;
        text.into_owned()
    }

    {pub(super) async fn items(mut items: impl Iterator<Item = &u32>, by: &mut u32) -> u32} {
        later().await;
        *by += items.next().copied().unwrap_or_default();
        items.sum::<u32>() + *by
    }

    {pub(super) async fn slices(list: &[impl AsRef<[&str]>]) -> usize} {
        later().await;
        list.iter().map(|each| each.as_ref().concat().len()).sum()
    }

    {pub(super) async fn objects(items: impl Iterator<Item = Box<dyn Debug + '_>>) -> String} {
        later().await;
        items.map(|item| format!("{item:?}")).collect()
    }

    {pub(super) async fn part_of_a_result(x: u8) -> Result<impl Debug, Box<dyn Error>>} {
        later().await;
        if x == 0 {
            return Err(Box::new(std::fmt::Error));
        }
        let _: u8 = x.to_string().parse()?;
        Ok(x)
    }

    {pub(super) async fn beside_an_object(x: u8) -> (Box<dyn Fn(u8) -> u8>, [impl Debug + Clone; 1])} {
        later().await;
        (Box::new(move |y| y + x), [x])
    }

    {pub(super) async fn items_of_an_object(text: &str) -> Box<dyn Iterator<Item = impl Debug + '_> + '_>} {
        later().await;
        Box::new(text.chars())
    }

    {#[must_use] pub(super) async fn in_a_header_that_stays(x: u8) -> Option<(impl Debug, Box<dyn Debug>)>} {
        later().await;
        Some((x.checked_sub(1)?, Box::new(x)))
    }

    impl {pub(super) async fn select(&mut self, executor: impl Executor<'_>) -> usize} {
        later().await;
        self.0 += 1;
        executor.run("query") + self.0
    }

    impl {pub(super) async fn count(self, text: impl Into<Cow<'_, str>> + Send, (a, _): (usize, u8)) -> Option<usize>} {
        let text = text.into();
        later().await;
        Some(text.len().checked_sub(a)? + self.0)
    }
}

/// The tasks of the annotated ones, which give what the bare ones do.
macro_rules! gives_the_same {
    ($($call:expr),+) => {{
        let bare = {
            use bare::*;
            ($(block_on($call)),+)
        };
        let trace = traced(1, || {
            use annotated::*;
            assert_eq!(($(block_on($call)),+), bare);
        });
        tasks(&trace)
    }};
}

#[test]
fn arguments_may_have_lifetimes_without_names() {
    let text = String::from("text");
    let recorded = gives_the_same!(
        executor(&mut vec!["a"], (1, 2)),
        cow(text.as_str()),
        items([1, 2].iter(), &mut 3),
        slices(&[["a", "bc"]]),
        objects(std::iter::once(Box::new(&text) as Box<dyn Debug>)),
        Store(1).select(&mut Vec::new()),
        Store(1).count("text", (1, 2)),
        Store(1).count(text.clone(), (5, 2))
    );
    assert_eq!(recorded, "count\ncount\ncow\nexecutor\nitems\nobjects\nselect\nslices");
}

#[test]
fn types_that_are_returned_may_have_parts_without_names() {
    let recorded = gives_the_same!(
        async { format!("{:?}", part_of_a_result(1).await) },
        async { format!("{:?}", part_of_a_result(0).await) },
        async {
            let (add, [one]) = beside_an_object(1).await;
            format!("{} {:?}", add(2), one)
        },
        async { format!("{:?}", items_of_an_object("ab").await.collect::<Vec<_>>()) },
        async { format!("{:?}", in_a_header_that_stays(0).await) },
        async { format!("{:?}", in_a_header_that_stays(2).await) }
    );
    let expected = "beside_an_object\nin_a_header_that_stays\nin_a_header_that_stays\nitems_of_an_object\n\
                    part_of_a_result\npart_of_a_result";
    assert_eq!(recorded, expected);
}
