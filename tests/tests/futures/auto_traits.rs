//! A future is `Send`, `Sync`, `Unpin` and safe to unwind through exactly if the bare one is.

use std::borrow::Borrow;
use std::cell::{Cell, RefCell};
use std::future::{Future, Ready, ready};
use std::hint::black_box;
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

/// Functions two times, from the same tokens: what the attribute is told, if anything, another one, and the function.
macro_rules! shapes {
    ($(
        $(($($options:tt)*))? $(#[$further:meta])? {$($header:tt)*} $name:ident $arguments:tt $expected:tt $body:block
    )+) => {
        mod bare {
            use super::*;
            $($(#[$further])? $($header)* $body)+
        }
        mod annotated {
            use super::*;
            $(#[traceme $(($($options)*))?] $(#[$further])? $($header)* $body)+
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

    (meta(cell = ?cell)) {pub(super) async fn cell_in_metadata(x: u8, cell: Cell<u8>) -> u8}
    cell_in_metadata(1, Cell::new(1)) [YES, NO, NO, NO] {
        black_box(&cell);
        later().await;
        x
    }

    (ret) {pub(super) async fn ret(text: String) -> usize} ret(String::new()) [YES, YES, NO, YES] {
        later().await;
        text.len()
    }

    (ret(Debug)) {pub(super) async fn ret_rc(x: u8) -> Rc<u8>} ret_rc(1) [YES, YES, NO, YES] {
        later().await;
        Rc::new(x)
    }

    (ret(Debug), err) {pub(super) async fn result(cell: &Cell<u8>) -> Result<Cell<u8>, String>}
    result(&Cell::new(1)) [NO, NO, NO, NO] {
        later().await;
        Ok(cell.clone())
    }

    (err(Debug)) {pub(super) async fn err_rc(x: u8) -> Result<u8, Rc<u8>>} err_rc(1) [YES, YES, NO, YES] {
        later().await;
        Err(Rc::new(x))
    }

    (err) {pub(super) async fn err_and_rc(count: Rc<u8>) -> Result<u8, String>} err_and_rc(Rc::new(1))
    [NO, NO, NO, YES] {
        later().await;
        Ok(*count)
    }

    #[must_use] {pub(super) async fn must_use(text: String) -> usize} must_use(String::new()) [YES, YES, NO, YES] {
        later().await;
        text.len()
    }

    #[must_use] {pub(super) async fn must_use_cell(x: u8, cell: Cell<u8>) -> u8} must_use_cell(1, Cell::new(1))
    [YES, NO, NO, NO] {
        later().await;
        x + cell.get()
    }

    #[must_use] {pub(super) async fn must_use_pattern((x, count): (u8, Rc<u8>), _: u8) -> u8}
    must_use_pattern((1, Rc::new(1)), 1) [NO, NO, NO, YES] {
        later().await;
        x + *count
    }

    #[must_use] {pub(super) async fn must_use_left((x, (_, _)): (u8, (Cell<u8>, *const u8))) -> u8}
    must_use_left((1, (Cell::new(1), &1))) [NO, NO, NO, NO] {
        later().await;
        x
    }

    (ret) #[must_use] {pub(super) async fn must_use_ret((x, y): (u8, &Cell<u8>)) -> u8} must_use_ret((1, &Cell::new(1)))
    [NO, NO, NO, NO] {
        later().await;
        x + y.get()
    }

    {pub(super) async fn never(text: String) -> !} never(String::new()) [YES, YES, NO, YES] {
        loop {
            later().await;
            black_box(&text);
        }
    }

    {pub(super) async fn never_with((count, _): (Rc<u8>, u8)) -> !} never_with((Rc::new(1), 1)) [NO, NO, NO, YES] {
        loop {
            later().await;
            black_box(&count);
        }
    }

    #[tracing::instrument(skip_all)] {pub(super) async fn foreign(text: String) -> usize} foreign(String::new())
    [YES, YES, NO, NO] {
        later().await;
        text.len()
    }

    (err) #[tracing::instrument(skip_all)] {pub(super) async fn foreign_cell(cell: &Cell<u8>) -> Result<u8, String>}
    foreign_cell(&Cell::new(1)) [NO, NO, NO, NO] {
        later().await;
        Ok(cell.get())
    }

    {pub(super) async fn anonymous(of: impl Borrow<&str>) -> usize} anonymous("") [YES, YES, NO, YES] {
        later().await;
        of.borrow().len()
    }

    (ret) {pub(super) async fn anonymous_rc(of: impl Borrow<&str>, count: Rc<u8>) -> usize} anonymous_rc("", Rc::new(1))
    [NO, NO, NO, YES] {
        later().await;
        of.borrow().len() + usize::from(*count)
    }
}
