//! Async functions of many shapes in a crate that forbids what there is to forbid.
#![forbid(unsafe_code, unused, unreachable_code, clippy::all, clippy::pedantic, missing_docs)]
use std::future::{Future, ready};
use std::pin::Pin;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A place.
#[derive(Clone, Copy, Debug)]
pub struct Place(u8);

impl Place {
    /// Arguments of all kinds.
    #[traceme]
    pub async fn arguments(&self, mut x: u8, _y: u8) -> u8 {
        ready(()).await;
        x += 1;
        x + self.0
    }

    /// More of them.
    #[traceme]
    pub async fn patterns((a, b): (u8, u8), _: u8, mut _v: u8) -> u8 {
        ready(a + b).await
    }

    /// The header stays.
    #[traceme]
    #[must_use]
    pub async fn header(self, (a, b): (u8, u8), _y: u8) -> u8 {
        ready(a + b + self.0).await
    }

    /// The same.
    #[traceme]
    #[must_use]
    pub async fn names(mut x: u8, y: u8, _z: u8) -> u8 {
        ready(()).await;
        x += 1;
        x + y
    }

    /// It stays here, too.
    #[traceme]
    pub async fn lifetimes(self, mut list: impl Iterator<Item = &u8>, _x: u8) -> Option<u8> {
        ready(self.0).await;
        list.next().copied()
    }

    /// Never returns.
    #[traceme]
    pub async fn ends(self, _x: u8) -> ! {
        ready(()).await;
        std::process::exit(i32::from(self.0))
    }
}

/// A result.
///
/// # Errors
///
/// If there is none.
#[traceme]
pub async fn result(x: u8) -> Result<(u8, impl Send), String> {
    let x = x.checked_sub(1).ok_or("none")?;
    Ok((ready(x).await, x))
}

/// An `impl Future`.
#[traceme]
pub fn opaque(x: u8) -> impl Future<Output = u8> {
    ready(x)
}

/// With a `return`.
#[traceme]
pub fn opaque_with_a_return(x: u8) -> impl Future<Output = u8> {
    if x == 1 {
        return ready(2);
    }
    ready(x)
}

/// With a `return`, on one line.
#[traceme]
#[rustfmt::skip]
pub fn opaque_on_one_line(x: Option<u8>) -> impl Future<Output = u8> { ready(match x { Some(x) => x, None => return ready(1) }) }

/// A box at the end.
#[traceme]
#[must_use]
pub fn boxed(x: u8) -> Pin<Box<dyn Future<Output = u8>>> {
    Box::pin(ready(x))
}

fn in_a_box<'a, T>(future: impl Future<Output = T> + Send + 'a) -> BoxFuture<'a, T> {
    Box::pin(future)
}

/// A box that comes from elsewhere, on one line.
#[traceme]
#[must_use]
#[rustfmt::skip]
pub fn boxed_elsewhere(x: u8) -> BoxFuture<'static, u8> { in_a_box(async move { x }) }

/// The same with statements.
#[traceme]
#[must_use]
pub fn boxed_elsewhere_behind_statements(x: u8) -> BoxFuture<'static, u8> {
    let x = x + 1;
    in_a_box(async move { x })
}

/// Boxes on all ways.
#[traceme]
#[must_use]
pub fn boxed_in_two_ways(x: u8) -> BoxFuture<'static, u8> {
    if x == 1 { Box::pin(ready(2)) } else { Box::pin(async move { x }) }
}

/// What a closure owns, with `ret`, too.
#[traceme]
pub fn opaque_that_owns(list: &mut Vec<u8>) -> impl Future<Output = u8> + '_ {
    if list.is_empty() {
        return ready(0);
    }
    list.pop();
    ready(1)
}

/// An ordinary function that has one.
///
/// # Errors
///
/// If it is empty.
#[traceme::traceme(err, ret(Value))]
pub fn closure(mut list: &mut [u8], _x: u8) -> Result<u8, &'static str> {
    list = list.get_mut(1..).ok_or("empty")?;
    list.first().copied().ok_or("short")
}
