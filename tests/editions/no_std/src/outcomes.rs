//! Results, alerts, futures and blocks.

use core::cell::Cell;
use core::fmt::{self, Debug, Display};
use core::future::Future;
use core::num::ParseIntError;
use core::sync::atomic::Ordering;

use traceme::{append, traceme};

use crate::EVALUATED;

/// Counts how often it is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Printed(pub u8);

impl Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Relaxed: it is read by the thread that counts.
        EVALUATED.fetch_add(1, Ordering::Relaxed);
        write!(f, "{}", self.0)
    }
}

impl Debug for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// Its result is recorded.
#[traceme(ret, alert = "5ms", meta(x))]
#[must_use]
pub fn result(x: u8) -> Printed {
    Printed(x)
}

/// Its result is recorded as a value, or as it prints.
///
/// # Errors
///
/// If it is no number.
#[traceme(ret(Value), err)]
pub fn parsed(text: &str) -> Result<u8, ParseIntError> {
    let parsed = text.parse()?;
    if parsed == 1 {
        return Ok(2);
    }
    Ok(parsed)
}

/// Its guard, its result and its error.
///
/// # Errors
///
/// If `x` is 0.
#[traceme(ret(Display), err(Display), span = own, level = 2)]
pub fn everything(x: &mut u8) -> Result<&mut u8, Printed> {
    append!(own, x = %Printed(*x));
    if *x == 0 {
        return Err(Printed(0));
    }
    *x += 1;
    Ok(x)
}

/// Nothing is returned, and any error will do.
///
/// # Errors
///
/// If the body has one.
#[traceme(err)]
pub fn generic<E: Display>(body: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
    body()
}

/// Returns nothing.
#[traceme(ret)]
pub fn nothing() {}

/// Goes on later, if it has to.
#[traceme(name = if x.get() > 1 { "many" } else { "few" }, meta(x = %Printed(x.get()), y, only_here))]
pub async fn asynchronous(x: Cell<u8>, y: &u8, only_here: u8) -> u8 {
    core::future::ready(()).await;
    x.get() + y
}

/// Fails later, if it has to.
///
/// # Errors
///
/// If there is no number.
#[traceme(err, ret, span = own, skip_polls, meta(y = *y))]
pub async fn fails_later(mut x: u8, (y, _z): (&u8, u8), _unused: &str) -> Result<u8, Printed> {
    core::future::ready(()).await;
    append!(own, x);
    x = x.checked_sub(*y).ok_or(Printed(x))?;
    Ok(x)
}

/// Never ends.
#[traceme]
pub async fn never((x, _): (u8, u8), _: &str) -> ! {
    loop {
        core::future::pending::<()>().await;
        core::hint::black_box(x);
    }
}

/// A future of another kind.
#[traceme(meta(x = %Printed(x)), ret)]
pub fn returns_a_future(x: u8) -> impl Future<Output = u8> {
    async move { x + 1 }
}

/// Something with a number.
#[derive(Debug)]
pub struct Queue {
    first: Printed,
}

#[traceme(level = 2, alert = "250us")]
impl Queue {
    /// Also runs at compile time.
    #[must_use]
    pub const fn new(first: u8) -> Self {
        Self { first: Printed(first) }
    }

    /// The first one.
    #[must_use]
    pub fn first(&self) -> Printed {
        self.first
    }

    /// The same, not recorded.
    #[must_use]
    #[traceme(skip)]
    pub fn quiet(&self) -> Printed {
        self.first
    }

    /// The same, its result recorded.
    #[must_use]
    #[traceme(ret)]
    pub fn recorded(&self) -> Printed {
        self.first
    }
}
