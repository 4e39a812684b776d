//! Methods of traits: declared, provided, implemented for every kind of type, called through objects.

use std::fmt;
use std::future::Future;
use std::ops::{Add, AddAssign, Deref, DerefMut, Index, IndexMut, Neg};
use std::pin::{Pin, pin};
use std::str::FromStr;
use std::task::{Context, Poll, Waker};

use traceme::traceme;

use super::support::recorded;

trait Shape {
    const SIDES: u8;
    type Unit: fmt::Debug + Default;

    fn area(&self) -> u32;

    #[traceme(meta(sides = Self::SIDES, area = self.area()))]
    fn provided(&self) -> (u32, Self::Unit) {
        (self.area() * 2, Self::Unit::default())
    }

    #[traceme(meta(size = size_of::<Self>()))]
    fn provided_for_sized(self) -> Self
    where
        Self: Sized,
    {
        self
    }

    #[traceme(name = std::any::type_name::<T>())]
    fn provided_generic<T: Default>(&self, _: &T) -> T {
        T::default()
    }
}

impl Shape for u32 {
    const SIDES: u8 = 4;
    type Unit = u8;

    #[traceme(name = "u32::area", level = 2)]
    fn area(&self) -> u32 {
        self * self
    }
}

impl Shape for &str {
    const SIDES: u8 = 1;
    type Unit = ();

    #[traceme]
    fn area(&self) -> u32 {
        1
    }

    #[traceme]
    fn provided(&self) -> (u32, Self::Unit) {
        (0, ())
    }
}

#[test]
fn declared_and_provided_methods() {
    // Metadata is evaluated before the span begins: its own span is not inside.
    let text = recorded(2, || assert_eq!(3.provided(), (18, 0_u8)));
    assert_eq!(text, "u32::area\nprovided sides=4 area=9\n  u32::area");
    let text = recorded(1, || {
        assert_eq!(3.provided_for_sized(), 3);
        assert_eq!(3.provided_generic(&'x'), '\0');
        assert_eq!("".provided().0 + "".area(), 1);
    });
    assert_eq!(text, "provided_for_sized size=4\nchar\nprovided\narea");
}

trait Visit {
    fn visit(&self, seen: &mut Vec<u8>);

    #[traceme]
    fn all(&self) -> Vec<u8> {
        let mut seen = Vec::new();
        self.visit(&mut seen);
        seen
    }
}

impl Visit for u8 {
    #[traceme(name = "u8", meta(value = *self))]
    fn visit(&self, seen: &mut Vec<u8>) {
        seen.push(*self);
    }
}

impl<T: Visit + ?Sized> Visit for &T {
    #[traceme(name = "reference")]
    fn visit(&self, seen: &mut Vec<u8>) {
        (**self).visit(seen);
    }
}

impl<T: Visit> Visit for [T] {
    #[traceme(name = "slice", meta(len = self.len()))]
    fn visit(&self, seen: &mut Vec<u8>) {
        self.iter().for_each(|item| item.visit(seen));
    }
}

impl<T: Visit, const N: usize> Visit for [T; N] {
    #[traceme(name = "array")]
    fn visit(&self, seen: &mut Vec<u8>) {
        self[..].visit(seen)
    }
}

impl Visit for Box<dyn Visit> {
    #[traceme(name = "box")]
    fn visit(&self, seen: &mut Vec<u8>) {
        self.as_ref().visit(seen)
    }
}

impl<A: Visit, B: Visit> Visit for (A, B) {
    #[traceme(name = "pair")]
    fn visit(&self, seen: &mut Vec<u8>) {
        let (first, second) = self;
        first.visit(seen);
        second.visit(seen);
    }
}

impl Visit for () {
    #[traceme(name = "unit")]
    fn visit(&self, _: &mut Vec<u8>) {}
}

impl Visit for fn() -> u8 {
    #[traceme(name = "pointer")]
    fn visit(&self, seen: &mut Vec<u8>) {
        seen.push(self());
    }
}

impl dyn Visit {
    #[traceme]
    fn of_the_object(&self) -> usize {
        self.all().len()
    }
}

#[test]
fn implementations_for_every_kind_of_type() {
    let text = recorded(1, || assert_eq!((&1_u8, [2_u8]).all(), [1, 2]));
    assert_eq!(text, "all\n  pair\n    reference\n      u8 value=1\n    array\n      slice len=1\n        u8 value=2");
    let text = recorded(1, || {
        let boxed: Box<dyn Visit> = Box::new(((), (|| 7) as fn() -> u8));
        assert_eq!(boxed.all(), [7]);
        assert_eq!(boxed.as_ref().of_the_object(), 1);
    });
    let expected = "all\n  box\n    pair\n      unit\n      pointer\n\
                    of_the_object\n  all\n    pair\n      unit\n      pointer";
    assert_eq!(text, expected);
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Point(i8, i8);

impl Add for Point {
    type Output = Self;

    #[traceme(meta(x = other.0))]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }
}

impl<'a> Add<&'a Point> for &'a Point {
    type Output = Point;

    #[traceme(name = "add references")]
    fn add(self, Point(x, y): &'a Point) -> Point {
        Point(self.0 + x, self.1 + y)
    }
}

impl AddAssign<i8> for Point {
    #[traceme]
    fn add_assign(&mut self, both: i8) {
        *self = Self(self.0 + both, self.1 + both);
    }
}

impl Neg for Point {
    type Output = Point;

    #[traceme]
    fn neg(self) -> Self::Output {
        Point(-self.0, -self.1)
    }
}

impl PartialOrd for Point {
    #[traceme]
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.0.partial_cmp(&other.0)
    }
}

impl From<(i8, i8)> for Point {
    #[traceme]
    fn from((x, y): (i8, i8)) -> Self {
        Self(x, y)
    }
}

impl FromStr for Point {
    type Err = std::num::ParseIntError;

    #[traceme(meta(text))]
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (x, y) = text.split_once(',').unwrap_or((text, "0"));
        Ok(Self(x.parse()?, y.parse()?))
    }
}

impl Default for Point {
    #[traceme]
    fn default() -> Self {
        Self(0, 0)
    }
}

impl fmt::Display for Point {
    #[traceme]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, {})", self.0, self.1)
    }
}

#[test]
fn operators_conversions_and_formatting() {
    let text = recorded(1, || {
        let mut point = Point(1, 2) + Point(3, 4);
        point += 1;
        let (a, b) = (&point, &Point(1, 1));
        assert_eq!(a + b, Point(6, 8));
        assert_eq!(-point, (-5, -7).into());
        assert!(point > Point::default());
        assert_eq!("1,2".parse(), Ok(Point(1, 2)));
        assert_eq!(point.to_string(), "(5, 7)");
    });
    let expected = "add x=3\nadd_assign\nadd references\nneg\nfrom\ndefault\npartial_cmp\n\
                    from_str text=\"1,2\"\nfmt";
    assert_eq!(text, expected);
}

/// A list that dereferences, indexes, iterates and drops.
struct List(Vec<u8>);

impl Deref for List {
    type Target = [u8];

    #[traceme]
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for List {
    #[traceme]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Index<&str> for List {
    type Output = u8;

    #[traceme(meta(which))]
    fn index(&self, which: &str) -> &u8 {
        &self.0[which.len()]
    }
}

impl IndexMut<&str> for List {
    #[traceme]
    fn index_mut(&mut self, which: &str) -> &mut u8 {
        &mut self.0[which.len()]
    }
}

impl Iterator for List {
    type Item = u8;

    #[traceme(level = 2)]
    fn next(&mut self) -> Option<u8> {
        self.0.pop()
    }
}

impl Extend<u8> for List {
    #[traceme]
    fn extend<I: IntoIterator<Item = u8>>(&mut self, items: I) {
        self.0.extend(items);
    }
}

impl Drop for List {
    #[traceme(meta(left = self.0.len()))]
    fn drop(&mut self) {
        self.0.clear();
    }
}

#[test]
fn smart_pointers_indices_iterators_and_drop() {
    let text = recorded(2, || {
        let mut list = List(vec![1, 2]);
        assert!(list.contains(&1));
        list.reverse();
        assert_eq!(list["x"], 1);
        list["x"] = 5;
        list.extend([7]);
        assert_eq!(list.by_ref().take(2).map(u32::from).sum::<u32>(), 12);
    });
    let expected = "deref\nderef_mut\nindex which=\"x\"\nindex_mut\nextend\nnext\nnext\ndrop left=1";
    assert_eq!(text, expected);
}

/// Is ready the second time.
struct Second(bool);

impl Future for Second {
    type Output = &'static str;

    #[traceme(meta(ready = self.0))]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.0 {
            return Poll::Ready("done");
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Lends what it has: a generic associated type.
trait Lend {
    type Lent<'a>
    where
        Self: 'a;

    fn lend<'a>(&'a mut self) -> Self::Lent<'a>;
}

impl Lend for Vec<u8> {
    type Lent<'a> = &'a mut [u8];

    #[traceme]
    fn lend(&mut self) -> Self::Lent<'_> {
        &mut self[1..]
    }
}

#[traceme]
fn uses_a_lender<L>(lender: &mut L) -> usize
where
    L: for<'a> Lend<Lent<'a> = &'a mut [u8]>,
{
    lender.lend().len()
}

#[test]
fn futures_and_generic_associated_types() {
    let text = recorded(1, || {
        let mut future = pin!(Second(false));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(future.as_mut().poll(&mut context), Poll::Pending);
        assert_eq!(future.poll(&mut context), Poll::Ready("done"));
        assert_eq!(*vec![1, 2, 3].lend(), [2, 3]);
        assert_eq!(uses_a_lender(&mut vec![1, 2, 3]), 2);
    });
    assert_eq!(text, "poll ready=false\npoll ready=true\nlend\nuses_a_lender\n  lend");
}
