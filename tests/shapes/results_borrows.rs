//! `ret` and `err` on functions that hand out a part of what they were given: the closure's borrows leave it.

use std::error::Error;
#[allow(unused_imports, reason = "in the prelude since 2024")]
use std::future::Future;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use traceme::traceme;

use super::asynchronous::block_on;
use super::support::recorded;

#[derive(Debug, Default)]
struct List {
    next: Option<Box<List>>,
}

#[traceme(ret)]
fn end<'a>(mut node: &'a mut Option<Box<List>>) -> &'a mut Option<Box<List>> {
    while node.is_some() {
        node = &mut node.as_mut().expect("it is some").next;
    }
    node
}

#[traceme(err)]
fn end_of_options(mut node: Option<&mut List>) -> Result<&mut List, &'static str> {
    loop {
        match node {
            Some(list) if list.next.is_none() => return Ok(list),
            Some(list) => node = list.next.as_deref_mut(),
            None => return Err("no list"),
        }
    }
}

#[traceme(err)]
fn matched(x: &mut Option<u8>) -> Result<&mut u8, &str> {
    match x {
        Some(x) => Ok(x),
        None => Err("none"),
    }
}

#[traceme(ret)]
fn of_two<'a>((a, b): (&'a mut u8, &'a mut u8), first: bool) -> &'a mut u8 {
    if first { a } else { b }
}

#[traceme(ret)]
fn destructured<'a>(&mut (ref mut a, _): &'a mut (u8, u8)) -> &'a mut u8 {
    *a += 1;
    a
}

#[traceme(ret)]
fn of_an_option(x: Option<&mut u8>) -> Option<&mut u8> {
    let x = x?;
    *x += 1;
    Some(x)
}

#[traceme(err)]
fn advances<'a>(texts: &mut impl Iterator<Item = &'a str>) -> Result<&'a str, Box<dyn Error + Send + Sync + 'static>> {
    Ok(texts.next().ok_or("no more")?)
}

struct Parser<'a> {
    rest: &'a mut [u8],
    taken: usize,
}

impl<'a> Parser<'a> {
    #[traceme(ret)]
    fn cut(&mut self, n: usize) -> &'a mut [u8] {
        let (taken, rest) = std::mem::take(&mut self.rest).split_at_mut(n);
        self.rest = rest;
        self.taken += n;
        taken
    }

    #[traceme(ret)]
    fn parts(&mut self) -> (&mut [u8], &mut usize) {
        let Self { rest, taken } = self;
        (rest, taken)
    }

    #[traceme(err)]
    fn finish(mut self, n: usize) -> Result<&'a mut [u8], String> {
        for _ in 0..n {
            self.rest = &mut self.rest[1..];
        }
        Ok(self.rest)
    }
}

impl Read for Parser<'_> {
    #[traceme(ret, err)]
    fn read(&mut self, mut buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.len() > self.rest.len() {
            buffer = &mut buffer[..self.rest.len()];
        }
        let taken = self.cut(buffer.len());
        buffer.copy_from_slice(taken);
        Ok(buffer.len())
    }
}

struct Countdown(u8);

impl Future for Countdown {
    type Output = u8;

    #[traceme(ret)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.0 == 0 {
            return Poll::Ready(0);
        }
        self.as_mut().get_mut().0 -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Iterator for Countdown {
    type Item = u8;

    #[traceme(ret)]
    fn next(&mut self) -> Option<Self::Item> {
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}

trait Decode<'de>: Sized {
    fn decode<D: Decoder<'de>>(decoder: D) -> Result<Self, D::Error>;
}

trait Decoder<'de> {
    type Error: std::fmt::Display;

    fn text(self) -> Result<&'de str, Self::Error>;
}

impl<'de> Decode<'de> for &'de str {
    #[traceme(ret, err)]
    fn decode<D: Decoder<'de>>(decoder: D) -> Result<Self, D::Error> {
        decoder.text()
    }
}

impl<'de> Decoder<'de> for &'de [u8] {
    type Error = std::str::Utf8Error;

    #[traceme(err)]
    fn text(self) -> Result<&'de str, Self::Error> {
        std::str::from_utf8(self)
    }
}

#[test]
fn parts_of_arguments() {
    let mut list = Some(Box::new(List::default()));
    let text = recorded(1, || {
        *end(&mut list) = Some(Box::default());
        assert!(end_of_options(list.as_deref_mut()).is_ok() && end_of_options(None).is_err());
        assert!(matched(&mut Some(1)).is_ok());
        assert_eq!(of_two((&mut 1, &mut 2), false), &2);
        assert_eq!(destructured(&mut (1, 2)), &2);
        assert_eq!(of_an_option(Some(&mut 1)), Some(&mut 2));
        let mut texts = ["a"].iter().copied();
        assert_eq!(advances(&mut texts).ok(), Some("a"));
        assert!(advances(&mut texts).is_err());
    });
    let expected = "end ret=\"None\"\nend_of_options\nend_of_options err=\"no list\" (failed)\nmatched\nof_two ret=\"2\"\n\
                    destructured ret=\"2\"\nof_an_option ret=\"Some(2)\"\nadvances\nadvances err=\"no more\" (failed)";
    assert_eq!(text, expected);
}

#[test]
fn parts_of_receivers() {
    let text = recorded(1, || {
        let mut bytes = [1, 2, 3, 4];
        let mut parser = Parser { rest: &mut bytes, taken: 0 };
        assert_eq!(parser.cut(1), [1]);
        assert_eq!(parser.parts(), (&mut [2, 3, 4][..], &mut 1));
        assert_eq!(parser.read(&mut [0; 2]).ok(), Some(2));
        assert_eq!(parser.finish(1).map(|rest| rest.len()), Ok(0));
        assert_eq!(block_on(Countdown(1)), 0);
        assert_eq!(Countdown(1).sum::<u8>(), 0);
        assert!(<&str>::decode(&b"a"[..]).is_ok() && <&str>::decode(&b"\xff"[..]).is_err());
    });
    let wrong = "err=\"invalid utf-8 sequence of 1 bytes from index 0\" (failed)";
    let expected = format!(
        "cut ret=\"[1]\"\nparts ret=\"([2, 3, 4], 1)\"\nread ret=\"2\"\n  cut ret=\"[2, 3]\"\nfinish\n\
         poll ret=\"Pending\"\npoll ret=\"Ready(0)\"\nnext ret=\"Some(0)\"\nnext ret=\"None\"\n\
         decode ret=\"\\\"a\\\"\"\n  text\ndecode {0}\n  text {0}",
        wrong
    );
    assert_eq!(text, expected);
}

#[derive(Debug, PartialEq)]
enum Tree {
    Leaf,
    Node(Vec<Tree>),
}

/// What is looked through and then handed out isn't `mut`.
#[traceme(ret)]
fn grow(tree: &mut Tree) -> &mut Tree {
    if let Tree::Leaf = tree {
        *tree = Tree::Node(vec![Tree::Leaf]);
    }
    match tree {
        Tree::Node(nodes) => nodes.last_mut().expect("there is one"),
        leaf => panic!("still {:?}", leaf),
    }
}

impl Tree {
    #[traceme(err)]
    fn first<'a>(&'a mut self, _: &mut u8) -> Result<&'a mut Tree, &'static str> {
        match self {
            Tree::Node(nodes) if !nodes.is_empty() => Ok(&mut nodes[0]),
            Tree::Node(_) => Err("empty"),
            Tree::Leaf => Err("a leaf"),
        }
    }
}

/// The result holds nothing of what moves along.
#[traceme(ret(Value))]
fn fill(n: u8, mut to: &mut [u8]) -> usize {
    let mut written = 0;
    while !to.is_empty() {
        to[0] = n;
        to = &mut to[1..];
        written += 1;
    }
    written
}

#[test]
fn mutable_references_that_are_looked_through() {
    let mut tree = Tree::Leaf;
    let text = recorded(1, || {
        *grow(&mut tree) = Tree::Node(Vec::new());
        assert_eq!(tree.first(&mut 0).map(|tree| tree.first(&mut 0).is_err()), Ok(true));
        let mut bytes = [0; 3];
        assert_eq!((fill(7, &mut bytes), bytes), (3, [7; 3]));
    });
    assert_eq!(text, "grow ret=\"Leaf\"\nfirst\nfirst err=\"empty\" (failed)\nfill ret=3");
}
