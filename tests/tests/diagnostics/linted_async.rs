//! Async functions of many shapes that clippy has something to say about, and some that it has nothing against.
#![warn(clippy::all, clippy::pedantic, clippy::nursery, missing_docs)]
use std::cell::{Cell, RefCell};
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Mutex;

/// A client.
#[derive(Debug, Default)]
pub struct Client {
    calls: Vec<u32>,
}

#[traceme]
pub async fn undocumented(x: u32) {
    ready(x).await;
}

/// `unused_async`.
#[traceme]
pub async fn nothing_to_await(x: u32) -> u32 {
    x + 1
}

/// `needless_return`.
#[traceme]
pub async fn returns(x: u32) -> u32 {
    ready(()).await;
    return x + 1;
}

/// `let_and_return`.
#[traceme]
pub async fn let_and_return(x: u32) -> u32 {
    let y = ready(x).await;
    y
}

/// `let_unit_value`.
#[traceme]
pub async fn units(x: u32) {
    let nothing = ready(drop(x.to_string())).await;
    nothing
}

/// `too_many_lines`: as long as is allowed.
#[traceme]
pub async fn long_enough(mut x: u32) -> u32 {
    x += 1;
    x += 2;
    x += 3;
    x += 4;
    ready(x).await
}

/// `too_many_lines`.
#[traceme]
pub async fn too_long(mut x: u32) -> u32 {
    x += 1;
    x += 2;
    x += 3;
    x += 4;
    x += 5;
    ready(x).await
}

/// `needless_pass_by_value`, `ptr_arg`, `trivially_copy_pass_by_ref`.
#[traceme]
pub async fn by_value(text: String, list: &Vec<u32>, x: &u32) -> usize {
    ready(text.len() + list.len() + *x as usize).await
}

/// `needless_pass_by_ref_mut`.
#[traceme]
pub async fn by_mutable_reference(list: &mut Vec<u32>) -> usize {
    ready(list.len()).await
}

/// `await_holding_lock`, `await_holding_refcell_ref`.
#[traceme]
pub async fn holds(lock: &Mutex<u32>, cell: &RefCell<u32>) -> u32 {
    let guard = lock.lock().unwrap();
    let borrow = cell.borrow_mut();
    ready(*guard + *borrow).await
}

/// `missing_errors_doc`, `unnecessary_wraps`.
#[traceme]
pub async fn wraps(x: u32) -> Result<u32, String> {
    Ok(ready(x).await)
}

/// `missing_panics_doc`.
#[traceme]
pub async fn panics(x: Option<u32>) -> u32 {
    ready(x.unwrap()).await
}

/// `used_underscore_binding`.
#[traceme]
pub async fn underscores(_x: u32, _unused: &str) -> u32 {
    ready(_x).await
}

/// `many_single_char_names`, `similar_names`, `too_many_arguments`.
#[traceme]
pub async fn many(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32, g: u32, h: u32) -> u32 {
    ready(a + b + c + d + e + f + g + h).await
}

/// Nothing.
#[traceme]
pub async fn shadows(x: u32) -> u32 {
    let x = x + 1;
    ready(x).await
}

/// `let_underscore_future`, `let_underscore_untyped`.
#[traceme]
pub async fn forgets(x: u32) {
    let _ = returns(x);
    let _ = ready(x);
}

/// Warnings of the compiler: unused things, and what is unreachable.
#[traceme]
pub async fn unused(mut x: u32, y: u32, (z, mut w): (u32, u32), _: u32) -> u32 {
    let v = x;
    returns(1);
    return ready(2).await;
    ready(3).await
}

/// `match_wild_err_arm`, `single_match_else`, `option_if_let_else`.
#[traceme]
pub async fn matches(x: Option<u32>) -> u32 {
    match x {
        Some(x) => ready(x).await,
        None => {
            ready(()).await;
            0
        }
    }
}

/// `cast_possible_truncation`, `explicit_auto_deref`, `needless_borrow`.
#[traceme]
pub async fn casts(x: u64, text: &str) -> u32 {
    ready((&text).len()).await as u32 + x as u32
}

/// `redundant_async_block`, `async_yields_async`.
#[traceme]
pub async fn blocks(x: u32) -> u32 {
    let first = async { returns(x).await };
    first.await
}

/// `needless_lifetimes`, `extra_unused_lifetimes`.
#[traceme]
pub async fn lifetimes<'a>(x: &'a str) -> &'a str {
    ready(x).await
}

/// `type_complexity`.
#[traceme]
pub async fn complex(x: Vec<Option<Result<Vec<Box<dyn Fn(&str) -> Vec<u32>>>, Box<dyn Send>>>>) -> usize {
    ready(x.len()).await
}

/// `future_not_send`.
#[traceme]
pub async fn not_send(x: &Cell<u32>) -> u32 {
    ready(x.get()).await
}

/// `manual_async_fn`.
#[traceme]
pub fn manual(x: u32) -> impl Future<Output = u32> {
    async move { ready(x).await }
}

/// Nothing.
#[traceme]
pub fn boxed<'a>(x: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
    Box::pin(async move { ready(x.len()).await })
}

/// `large_types_passed_by_value`.
#[traceme]
pub async fn large(x: [u8; 4096]) -> u8 {
    ready(x[0]).await
}

impl Client {
    /// `unused_self`.
    #[traceme]
    pub async fn nothing_of_self(&self, x: u32) -> u32 {
        ready(x).await
    }

    /// Nothing.
    #[traceme]
    pub async fn call(&mut self, x: u32) -> &mut Self {
        self.calls.push(ready(x).await);
        self
    }

    /// `must_use_candidate`, `missing_const_for_fn`.
    #[traceme]
    #[must_use]
    pub async fn count(self) -> usize {
        ready(self.calls.len()).await
    }

    /// `self_named_constructors`, `new_ret_no_self`.
    #[traceme]
    pub async fn new() -> u32 {
        ready(1).await
    }

    /// `wrong_self_convention`.
    #[traceme]
    pub async fn to_count(self) -> usize {
        ready(self.calls.len()).await
    }
}

/// Nothing: of these `async_yields_async` says nothing in functions.
#[traceme]
pub async fn gives_a_future(x: u32) -> Pin<Box<dyn Future<Output = u32>>> {
    if ready(x).await == 1 {
        return Box::pin(ready(2));
    }
    Box::pin(async move { ready(x).await })
}

/// Nothing.
#[traceme]
pub async fn gives_another(x: u32) -> std::future::Ready<u32> {
    ready(ready(x).await)
}

/// Nothing.
#[traceme]
#[must_use]
pub async fn gives_a_third(x: u32) -> Option<std::future::Ready<u32>> {
    Some(ready(ready(x).await))
}

/// Nothing: `should_implement_trait` says nothing of `async` methods.
impl Client {
    /// Gives the next one.
    #[traceme]
    pub async fn next(&mut self) -> Option<u32> {
        ready(self.calls.pop()).await
    }
    /// Adds.
    #[traceme]
    pub async fn add(self, other: Client) -> Client {
        ready(Self { calls: [self.calls, other.calls].concat() }).await
    }
    /// From a text.
    #[traceme]
    pub async fn from_str(text: &str) -> Client {
        ready(Self { calls: vec![text.len() as u32] }).await
    }
}

/// A trait.
pub trait Load {
    /// `missing_errors_doc`.
    #[traceme]
    async fn load(&self, x: u32) -> Result<u32, String> {
        Ok(ready(x).await)
    }

    /// Nothing.
    fn other(&self) -> impl Future<Output = u32>;
}

impl Load for Client {
    #[traceme]
    async fn other(&self) -> u32 {
        ready(1).await
    }
}
