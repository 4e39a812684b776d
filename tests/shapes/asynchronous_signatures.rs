//! The signatures of `async fn`s: what they become is what they were, to everybody who calls them.

use std::cell::RefCell;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

use traceme::traceme;

use super::asynchronous::{block_on, later, poll, tasks};
use super::support::traced;

fn is_send<T: Send>(value: T) -> T {
    value
}

#[traceme(meta(a, b))]
async fn elided(a: &str, b: &str, c: &mut Vec<String>) -> usize {
    later().await;
    c.push(a.to_string() + b);
    c.len()
}

#[traceme]
async fn named<'a, 'b: 'a>(a: &'a str, b: &'b str, longer: bool) -> &'a str {
    later().await;
    if longer { b } else { a }
}

#[traceme(meta(first = list.first().copied()))]
async fn early_bound<'a, T>(list: &'a [u8], value: T) -> &'a [u8]
where
    T: Into<usize> + 'a,
{
    later().await;
    &list[value.into()..]
}

#[traceme]
async fn impl_arguments(a: impl Display, f: impl Fn(&str) -> usize + Send, b: &(impl Debug + ?Sized)) -> usize {
    later().await;
    f(&format!("{}{:?}", a, b))
}

#[traceme]
async fn const_generic<const N: usize, T: Default + Copy>() -> [T; N] {
    later().await;
    [T::default(); N]
}

#[traceme]
async fn elided_in_types(cell: &RefCell<Vec<&str>>, object: &dyn Display, boxed: Box<dyn Debug + '_>) -> String {
    later().await;
    let all = cell.borrow().concat();
    format!("{}{}{:?}", all, object, boxed)
}

#[traceme]
async fn gives_an_object<'a>(text: &'a str) -> Box<dyn Display + 'a> {
    later().await;
    if text.is_empty() {
        return Box::new(1);
    }
    Box::new(text)
}

#[traceme]
async fn gives_an_elided_object(text: &str) -> Result<Box<dyn Display + '_>, Box<dyn std::error::Error>> {
    let _: u8 = text.parse()?;
    if text == "7" {
        return Err("seven".into());
    }
    Ok(Box::new(text))
}

#[traceme]
async fn higher_ranked<F>(f: F) -> usize
where
    F: for<'a> Fn(&'a str) -> &'a str,
{
    later().await;
    f("abc").len()
}

async fn called_with<'a, F, R>(f: F, text: &'a str) -> usize
where
    F: Fn(&'a str) -> R,
    R: Future<Output = usize> + 'a,
{
    f(text).await
}

#[traceme]
async fn for_any_lifetime(text: &str) -> usize {
    later().await;
    text.len()
}

#[traceme]
async fn recurses(depth: u8) -> u8 {
    if depth == 0 {
        return 0;
    }
    let deeper: Pin<Box<dyn Future<Output = u8>>> = Box::pin(recurses(depth - 1));
    deeper.await + Box::pin(recurses(0)).await + 1
}

#[traceme]
async fn never(text: &str) -> ! {
    later().await;
    if text.is_empty() {
        panic!("expected");
    }
    loop {
        later().await;
    }
}

#[traceme]
async fn gives_an_impl<'a>(text: &'a str) -> impl Iterator<Item = char> + 'a {
    later().await;
    text.chars().rev()
}

#[traceme(meta(b))]
async fn patterns(
    (mut a, [b, ..]): (u8, [u8; 2]),
    _: &str,
    mut c: u8,
    ref d: String,
    Wrapper(e): Wrapper,
    _unused: u8,
) -> usize {
    a += b;
    c += a;
    later().await;
    d.len() + usize::from(c + e)
}

#[traceme]
async fn more_patterns(&a: &u8, Wrapper(e): Wrapper, _: &str, mut b: u8) -> u8 {
    b += a;
    later().await;
    b + e
}

struct Wrapper(u8);

/// With documentation.
#[traceme(level = 2, meta(x))]
#[must_use]
#[inline]
#[allow(clippy::unused_async, reason = "a shape")]
async fn attributes(
    #[allow(unused_variables, reason = "a shape")] unused: u8,
    #[allow(unused_mut, reason = "a shape")] mut x: u8,
    #[cfg(not(any()))] y: u8,
    #[cfg(any())] y: NoType,
) -> u8 {
    x + y
}

#[traceme]
async fn arguments_with_conditions(#[cfg(not(any()))] y: u8, #[cfg(any())] y: NoType, #[cfg(any())] z: u8) -> u8 {
    later().await;
    y
}

#[traceme]
#[must_use]
async fn conditions_in_a_header_that_stays(
    mut x: u8,
    #[cfg(any())] gone: NoType,
    #[cfg(not(any()))] y: u8,
    #[cfg(any())] (c, _): (NoType, NoType),
    #[cfg(not(any()))] (z, _): (u8, u8),
    #[cfg(any())] (a, b): NoType,
) -> u8 {
    later().await;
    x += y + z;
    x
}

#[traceme(ret)]
fn conditions_of_what_a_closure_owns(#[cfg(any())] mut gone: &mut NoType, x: &mut u8) -> u8 {
    *x += 1;
    *x
}

#[traceme]
fn conditions_where_a_future_is_returned(
    #[cfg(any())] gone: &mut NoType,
    #[cfg(not(any()))] x: &mut u8,
) -> impl Future<Output = u8> {
    if *x == 0 {
        return std::future::ready(1);
    }
    *x -= 1;
    std::future::ready(*x)
}

#[traceme]
async fn tail_temporaries(m: Mutex<String>, cell: RefCell<u8>) -> usize {
    later().await;
    *cell.borrow_mut() += 1;
    m.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).len()
}

#[traceme]
#[allow(unsafe_code, reason = "a shape")]
pub(crate) async unsafe fn reads<T: Copy>(x: *const T) -> T {
    // SAFETY: the caller gives a pointer to a value that lives on.
    unsafe { *x }
}

struct Counter<'a, T> {
    name: &'a str,
    all: Vec<T>,
}

#[traceme]
impl<'a, T: Clone + Default> Counter<'a, T> {
    async fn new(name: &'a str) -> Self {
        later().await;
        Self { name, all: vec![T::default()] }
    }

    async fn shared(&self, text: &str) -> (&'a str, &T) {
        later().await;
        assert!(!text.is_empty());
        (self.name, &self.all[0])
    }

    async fn unique(&mut self, value: &T) -> &mut Self {
        later().await;
        self.all.push(value.clone());
        self
    }

    async fn owned(mut self, by: usize) -> Option<Self> {
        later().await;
        self.all.truncate(by);
        let last = self.all.pop()?;
        self.all.push(last);
        Some(self)
    }

    async fn a_part(self) -> Vec<T> {
        later().await;
        self.all
    }

    async fn boxed(self: Box<Self>, _: ()) -> Box<Self> {
        later().await;
        self
    }

    async fn pinned(mut self: Pin<&mut Self>, other: Option<&Self>) -> usize
    where
        Self: Unpin,
    {
        later().await;
        let more = other.map_or(0, |other| other.all.len());
        self.all.clear();
        self.all.len() + more
    }

    async fn unused(&self) -> u8 {
        later().await;
        1
    }
}

trait Store {
    type Item;

    #[allow(async_fn_in_trait, reason = "a shape")]
    async fn get(&self, key: &str) -> Option<&Self::Item>;

    fn size(&self) -> impl Future<Output = usize> + Send;

    #[traceme(level = 2)]
    #[allow(async_fn_in_trait, reason = "a shape")]
    async fn has(&self, key: &str) -> bool {
        self.get(key).await.is_some()
    }
}

impl Store for Vec<(String, u8)> {
    type Item = u8;

    #[traceme(level = 2, meta(key))]
    async fn get(&self, key: &str) -> Option<&Self::Item> {
        later().await;
        self.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    #[traceme(level = 2)]
    async fn size(&self) -> usize {
        later().await;
        self.len()
    }
}

async fn generic_over_stores<S: Store>(store: &S) -> (bool, usize) {
    (store.has("a").await, store.size().await)
}

#[test]
fn of_functions() {
    let trace = traced(1, || {
        let mut list = Vec::new();
        assert_eq!(block_on(elided("a", "b", &mut list)), 1);
        assert_eq!(block_on(named(&String::from("a"), "b", false)), "a");
        assert_eq!(block_on(early_bound(&[1, 2], 1_u8)), [2]);
        assert_eq!(block_on(is_send(impl_arguments(1, |text| text.len(), "x"))), 4);
        assert_eq!(block_on(const_generic::<2, u8>()), [0, 0]);
        let cell = RefCell::new(vec!["a"]);
        assert_eq!(block_on(elided_in_types(&cell, &1, Box::new(2))), "a12");
        assert_eq!(block_on(gives_an_object("a")).to_string() + &block_on(gives_an_object("")).to_string(), "a1");
        assert_eq!(block_on(gives_an_elided_object("2")).map(|object| object.to_string()).unwrap_or_default(), "2");
        assert!(block_on(gives_an_elided_object("7")).is_err() && block_on(gives_an_elided_object("x")).is_err());
        assert_eq!(block_on(higher_ranked(|text| &text[1..])), 2);
        let text = String::from("abc");
        assert_eq!(block_on(called_with(for_any_lifetime, &text)), 3);
        assert_eq!(block_on(recurses(2)), 2);
        let mut endless = Box::pin(never("x"));
        assert!(poll(&mut endless).is_none() && poll(&mut endless).is_none());
        assert_eq!(block_on(gives_an_impl("ab")).collect::<String>(), "ba");
        assert_eq!(block_on(patterns((1, [2, 3]), "", 4, "five".into(), Wrapper(6), 7)), 17);
        assert_eq!(block_on(more_patterns(&1, Wrapper(2), "", 3)), 6);
        assert_eq!(block_on(attributes(1, 2, 3)) + block_on(arguments_with_conditions(4)), 9);
        assert_eq!(block_on(conditions_in_a_header_that_stays(1, 2, (3, 4))), 6);
        assert_eq!(conditions_of_what_a_closure_owns(&mut 1), 2);
        let conditions = |mut x| block_on(conditions_where_a_future_is_returned(&mut x));
        assert_eq!((conditions(0), conditions(2)), (1, 1));
        assert_eq!(block_on(tail_temporaries(Mutex::new("ab".into()), RefCell::new(1))), 2);
        #[allow(unsafe_code, reason = "a shape")]
        // SAFETY: it points to a number.
        let read = unsafe { reads(&4) };
        assert_eq!(block_on(read), 4);
    });
    let expected = "arguments_with_conditions\nconditions_in_a_header_that_stays\n\
                    conditions_where_a_future_is_returned\nconditions_where_a_future_is_returned\nconst_generic\nearly_bound first=1\nelided a=\"a\" b=\"b\"\nelided_in_types\n\
                    for_any_lifetime\ngives_an_elided_object\ngives_an_elided_object\ngives_an_elided_object\n\
                    gives_an_impl\ngives_an_object\ngives_an_object\nhigher_ranked\nimpl_arguments\nmore_patterns\n\
                    named\nnever (cancelled)\npatterns b=2\nreads\nrecurses\nrecurses\nrecurses\nrecurses\nrecurses\ntail_temporaries";
    assert_eq!(tasks(&trace), expected);
}

#[test]
fn of_methods() {
    let trace = traced(2, || {
        let name = String::from("counter");
        let mut counter = block_on(Counter::<u8>::new(&name));
        assert_eq!(block_on(counter.shared("text")), ("counter", &0));
        assert_eq!(block_on(counter.unique(&3)).all, [0, 3]);
        assert_eq!(block_on(counter.unused()), 1);
        let mut counter = block_on(counter.owned(2)).expect("it has two");
        let other = Counter { name: "other", all: vec![0; 3] };
        assert_eq!(block_on(Pin::new(&mut counter).pinned(Some(&other))), 3);
        assert_eq!(block_on(block_on(Box::new(counter).boxed(())).a_part()), []);
        let store = vec![(String::from("a"), 1)];
        assert_eq!(block_on(generic_over_stores(&store)), (true, 1));
    });
    let expected = "a_part\nboxed\nget key=\"a\"\nhas\nnew\nowned\npinned\nshared\nsize\nunique\nunused";
    assert_eq!(tasks(&trace), expected);
}
