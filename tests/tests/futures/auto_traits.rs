//! A future is `Send`, `Sync`, `Unpin` and safe to unwind through exactly if the bare one is.

use std::cell::{Cell, RefCell};
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::Arc;

use traceme::traceme;

/// Tells of a type whether it has a trait: the method of the type comes before that of the trait, if its bound holds.
struct Of<T>(PhantomData<T>);

trait Not {
    fn is_send(&self) -> bool {
        false
    }
    fn is_sync(&self) -> bool {
        false
    }
    fn is_unpin(&self) -> bool {
        false
    }
    fn is_unwind_safe(&self) -> bool {
        false
    }
}

impl<T> Not for &Of<T> {}

impl<T: Send> Of<T> {
    fn is_send(&self) -> bool {
        true
    }
}

impl<T: Sync> Of<T> {
    fn is_sync(&self) -> bool {
        true
    }
}

impl<T: Unpin> Of<T> {
    fn is_unpin(&self) -> bool {
        true
    }
}

impl<T: UnwindSafe + RefUnwindSafe> Of<T> {
    fn is_unwind_safe(&self) -> bool {
        true
    }
}

fn of<T>(_: &T) -> Of<T> {
    Of(PhantomData)
}

/// `Send`, `Sync`, `Unpin`, and both of unwinding.
macro_rules! traits {
    ($value:expr) => {
        match &of(&$value) {
            of => [of.is_send(), of.is_sync(), of.is_unpin(), of.is_unwind_safe()],
        }
    };
}

async fn later() {
    ready(()).await
}

macro_rules! shapes {
    ($({$($header:tt)*} $name:ident $arguments:tt $expected:tt $body:block)+) => {
        mod bare {
            use super::*;
            $($($header)* $body)+
        }
        mod annotated {
            use super::*;
            $(#[traceme] $($header)* $body)+
        }
        #[test]
        fn are_those_of_the_bare_future() {
            $(
                assert_eq!(traits!(bare::$name $arguments), $expected, "bare {}", stringify!($name));
                assert_eq!(traits!(annotated::$name $arguments), $expected, "annotated {}", stringify!($name));
            )+
        }
    };
}

const YES: bool = true;
const NO: bool = false;

shapes! {
    {pub(super) async fn nothing()} nothing() [YES, YES, NO, YES] {}

    {pub(super) async fn owned(text: String)} owned(String::new()) [YES, YES, NO, YES] {
        later().await;
        drop(text);
    }

    {pub(super) async fn cell(cell: Cell<u8>)} cell(Cell::new(1)) [YES, NO, NO, NO] {
        later().await;
        cell.set(2);
    }

    {pub(super) async fn borrowed_cell(cell: &Cell<u8>)} borrowed_cell(&Cell::new(1)) [NO, NO, NO, NO] {
        later().await;
        cell.set(2);
    }

    {pub(super) async fn rc(count: Rc<u8>)} rc(Rc::new(1)) [NO, NO, NO, YES] {
        later().await;
        drop(count);
    }

    {pub(super) async fn held_across(x: u8) -> u8} held_across(1) [NO, NO, NO, YES] {
        let held = Rc::new(x);
        later().await;
        *held
    }

    {pub(super) async fn not_held_across(x: u8) -> u8} not_held_across(1) [YES, YES, NO, YES] {
        let x = *Rc::new(x);
        later().await;
        x
    }

    {pub(super) async fn mutable(x: &mut u8)} mutable(&mut 1) [YES, YES, NO, NO] {
        later().await;
        *x += 1;
    }

    {pub(super) async fn shared(x: Arc<u8>, y: &u8) -> u8} shared(Arc::new(1), &1) [YES, YES, NO, YES] {
        later().await;
        *x + y
    }

    {pub(super) async fn object(x: Box<dyn Fn() -> u8>) -> u8} object(Box::new(|| 1)) [NO, NO, NO, NO] {
        later().await;
        x()
    }

    {pub(super) async fn sendable(x: Box<dyn Fn() -> u8 + Send>) -> u8} sendable(Box::new(|| 1)) [YES, NO, NO, NO] {
        later().await;
        x()
    }

    {pub(super) async fn ref_cell(x: RefCell<u8>, _: PhantomData<*const ()>) -> u8}
    ref_cell(RefCell::new(1), PhantomData) [NO, NO, NO, NO] {
        later().await;
        x.take()
    }

    {pub(super) fn opaque(x: u8) -> impl Future<Output = u8>} opaque(1) [YES, YES, YES, YES] {
        ready(x)
    }

    {pub(super) fn opaque_rc(x: u8) -> impl Future<Output = Rc<u8>>} opaque_rc(1) [NO, NO, YES, YES] {
        ready(Rc::new(x))
    }

    {pub(super) fn no_future_of_ours(x: u8) -> Ready<u8>} no_future_of_ours(1) [YES, YES, YES, YES] {
        ready(x)
    }
}
