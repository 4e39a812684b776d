//! `ret` and `err`: whatever a body does with its arguments, the closure around it does as well.

use std::collections::HashMap;
use std::fmt::{Debug, Display};

use traceme::traceme;

use super::support::recorded;

#[derive(Debug)]
struct Node {
    value: u8,
    next: Option<Box<Node>>,
}

#[traceme(err)]
fn last<'a>(mut node: &'a mut Node) -> Result<&'a mut u8, String> {
    while node.next.is_some() {
        node = node.next.as_mut().ok_or("no next")?;
    }
    Ok(&mut node.value)
}

#[traceme(ret)]
fn nth(mut node: &Node, n: usize) -> Option<&u8> {
    for _ in 0..n {
        node = node.next.as_ref()?;
    }
    Some(&node.value)
}

#[traceme(ret)]
fn skips<'a>(mut rest: &'a mut [u8], n: usize) -> &'a mut [u8] {
    for _ in 0..n {
        rest = match rest {
            [_, others @ ..] => others,
            [] => return &mut [],
        };
    }
    rest
}

#[repr(C, packed)]
#[derive(Clone, Copy)]
struct Packed {
    small: u8,
    large: u32,
}

#[traceme(ret)]
fn packed(mut x: Packed, y: &mut Packed) -> u32 {
    x.large += u32::from(x.small);
    y.large = x.large;
    y.large + 1
}

union Either {
    number: u32,
    bytes: [u8; 4],
}

#[traceme(ret)]
#[allow(unsafe_code, reason = "a shape")]
fn of_a_union(mut x: Either) -> u8 {
    x.number = 7;
    // SAFETY: all bytes are numbers.
    unsafe { x.bytes.iter().sum() }
}

#[traceme(ret)]
fn out_of_a_box(x: Box<(String, String)>) -> String {
    let (first, _) = *x;
    first
}

#[traceme(ret)]
fn ref_patterns(ref mut x: String, ref y: String, &z: &u8) -> usize {
    x.push_str(y);
    x.len() + usize::from(z)
}

#[traceme(ret)]
fn wildcard(x: (String, String)) -> usize {
    let (first, _) = &x;
    let _ = x.1;
    first.len()
}

#[traceme(ret)]
fn replaced(mut x: Vec<u8>) -> Vec<u8> {
    drop(x);
    x = vec![1];
    x.push(2);
    x
}

#[traceme(ret)]
fn nested_closures(mut x: u8, y: &mut Vec<u8>) -> u8 {
    let mut add = |n| {
        x += n;
        y.push(x);
        move || n
    };
    add(1)() + add(2)() + x
}

#[traceme(err)]
fn moved_into_a_thread(x: Vec<u8>) -> Result<usize, String> {
    let thread = std::thread::Builder::new().name("counts".into()).spawn(move || x.len());
    let thread = thread.map_err(|error| error.to_string())?;
    thread.join().map_err(|_| "it panicked".to_string())
}

#[traceme(ret, err)]
fn entry<'a, K: std::hash::Hash + Eq + Clone, V: Default + Debug>(
    map: &'a mut HashMap<K, V>,
    key: &K,
) -> Result<&'a mut V, String> {
    Ok(map.entry(key.clone()).or_default())
}

#[traceme(ret)]
fn calls_it(mut f: impl FnMut(u8) -> u8, g: &mut dyn FnMut() -> u8, h: impl FnOnce() -> u8) -> u8 {
    f(1) + g() + h()
}

#[traceme(err)]
fn unused(_: String, _x: u8) -> Result<(), String> {
    Ok(())
}

#[traceme(ret)]
fn diverges(x: u8) -> u8 {
    if x == 0 { panic!("never") } else { return x }
}

#[traceme(err)]
fn infallible(x: &str) -> Result<usize, std::convert::Infallible> {
    Ok(x.len())
}

#[traceme(ret, err)]
fn inner_attributes(x: u8) -> Result<u8, String> {
    #![allow(unused_variables, unused_mut, reason = "inner attributes stay first")]
    let mut unused = 1;
    use std::string::String as Text;
    const ONE: u8 = 1;
    fn inner(x: u8) -> Result<u8, Text> {
        return Ok(x);
    }
    inner(x + ONE)
}

#[traceme(ret)]
fn array(
    x: u8,
) -> [u8; {
    const N: usize = 2;
    N
}] {
    [x; 2]
}

trait Lend {
    type Lent<'a>: Debug
    where
        Self: 'a;

    fn lend<'a>(&'a mut self) -> Self::Lent<'a>;
}

impl Lend for Vec<u8> {
    type Lent<'a> = &'a mut [u8];

    #[traceme(ret)]
    fn lend(&mut self) -> Self::Lent<'_> {
        &mut self[1..]
    }
}

#[traceme(ret)]
fn lends<L: Lend>(lender: &mut L) -> L::Lent<'_> {
    lender.lend()
}

#[traceme(err)]
fn dynamic<'a>(x: &'a dyn Display, y: Option<&'a (dyn Display + Send)>) -> Result<Box<dyn Display + 'a>, String> {
    let y = y.ok_or("none")?;
    Ok(Box::new(format!("{}{}", x, y)))
}

#[test]
fn references_that_move_along() {
    let mut list = Node { value: 1, next: Some(Box::new(Node { value: 2, next: None })) };
    let text = recorded(1, || {
        assert_eq!(last(&mut list), Ok(&mut 2));
        assert_eq!((nth(&list, 1), nth(&list, 2)), (Some(&2), None));
        assert_eq!(skips(&mut [1, 2, 3], 2), [3]);
    });
    assert_eq!(text, "last\nnth ret=\"Some(2)\"\nnth ret=\"None\"\nskips ret=\"[3]\"");
}

#[test]
fn arguments_of_every_kind() {
    let mut vec = vec![1, 2];
    let text = recorded(1, || {
        let mut other = Packed { small: 0, large: 0 };
        assert_eq!(packed(Packed { small: 1, large: 2 }, &mut other), 4);
        assert_eq!(of_a_union(Either { bytes: [0; 4] }), 7);
        assert_eq!(out_of_a_box(Box::new(("a".into(), "b".into()))), "a");
        assert_eq!(ref_patterns("ab".into(), "c".into(), &1), 4);
        assert_eq!(wildcard(("a".into(), "b".into())), 1);
        assert_eq!(replaced(vec![]), [1, 2]);
        assert_eq!(nested_closures(1, &mut vec), 7);
        assert_eq!(moved_into_a_thread(vec![1, 2, 3]), Ok(3));
        *entry(&mut HashMap::<u8, u8>::new(), &1).expect("it is new") += 1;
        assert_eq!(calls_it(|x| x + 1, &mut || 2, || 3), 7);
        assert_eq!(unused("a".into(), 1), Ok(()));
        assert_eq!(diverges(1), 1);
        assert_eq!(infallible("ab"), Ok(2));
        assert_eq!(inner_attributes(1), Ok(2));
        assert_eq!(array(1), [1, 1]);
        assert_eq!(lends(&mut vec).len(), 3);
        assert!(dynamic(&1, None).is_err());
        assert_eq!(dynamic(&1, Some(&2)).map(|text| text.to_string()), Ok("12".into()));
    });
    let expected = "packed ret=\"4\"\nof_a_union ret=\"7\"\nout_of_a_box ret=\"\\\"a\\\"\"\nref_patterns ret=\"4\"\n\
                    wildcard ret=\"1\"\nreplaced ret=\"[1, 2]\"\nnested_closures ret=\"7\"\nmoved_into_a_thread\n\
                    entry ret=\"0\"\ncalls_it ret=\"7\"\nunused\ndiverges ret=\"1\"\ninfallible\n\
                    inner_attributes ret=\"2\"\narray ret=\"[1, 1]\"\nlends ret=\"[2, 2, 4]\"\n  \
                    lend ret=\"[2, 2, 4]\"\ndynamic err=\"none\" (failed)\ndynamic";
    assert_eq!(text, expected);
}
