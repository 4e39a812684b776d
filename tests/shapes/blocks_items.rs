//! `#[traceme]` on blocks: where items begin and end, whatever they are called and contain.

use traceme::traceme;

use super::support::recorded;

#[rustfmt::skip]
#[traceme]
#[allow(dead_code, unused_imports, unused_braces, missing_abi, unsafe_code, non_camel_case_types, reason = "shapes")]
mod items {
    //! Inner documentation.
    #![allow(clippy::items_after_statements, reason = "inner attributes stay first")]

    extern crate std as standard;
    use std::{cell::Cell, collections::{BTreeMap as Map, HashMap}};
    pub(super) use self::inner::*;

    pub(super) fn union() {}
    pub(super) fn default() {}
    pub(super) fn auto() {}
    pub(super) fn safe() {}
    pub(super) fn raw() {}
    pub(super) fn macro_rules() {}
    pub(super) fn r#impl() {}
    pub(super) fn r#mod() {}

    pub(super) union bits { number: u32, bytes: [u8; 4] }
    type trait_ = fn() -> [u8; { 1 + 1 }];
    static FUNCTION: fn() -> u8 = { fn inner() -> u8 { 1 } inner };
    const CLOSURE: fn(u8) -> u8 = |x| { x + 1 };
    const _: () = { const fn at_compile_time() {} at_compile_time() };
    const LESS: bool = { 1 } < { 2 };

    pub(in crate::shapes::blocks_items) fn of_a_block() -> [u8; { 2 }] { [FUNCTION(); { 2 }] }
    pub(super) fn with_a_where() -> u8 where [u8; { 3 }]: Sized, for<'a> fn(&'a u8): Copy { CLOSURE(1) }
    pub(super) fn of_blocks(x: [u8; { 1 }], f: impl Fn(u8) -> bool) -> Option<Map<u8, [u8; { 1 }]>> {
        f(x[0]).then(|| std::iter::once((1, x)).collect())
    }
    pub(super) unsafe extern "C" fn foreign(x: u8) -> u8 { x }
    pub(super) extern fn no_abi() {}

    pub(super) struct Wrapper<T = [u8; { 1 }]>(pub(super) T) where T: Sized;
    pub(super) struct Unit;
    pub(super) struct Named { pub(super) x: [u8; { 1 }] }
    #[repr(u8)]
    #[derive(Clone, Copy, PartialEq)]
    pub(super) enum Kinds { First = { 1 }, Second { x: u8 } = 2, Third([u8; { 1 }]) = 3 }

    impl<const N: usize> Wrapper<[u8; N]> { pub(super) fn length(&self) -> usize { N } }
    impl Wrapper<[u16; { 1 + 1 }]> { pub(super) fn two(&self) -> usize { 2 } }
    impl<T> From<T> for Wrapper<Vec<T>> where T: Clone, [T; { 1 }]: Sized { fn from(x: T) -> Self { Self(vec![x]) } }
    impl Unit {}
    impl<F: Fn() -> u8> Callable for F { fn call(&self) -> u8 { self() } }

    pub(super) trait Callable { const X: u8 = { 1 }; fn call(&self) -> u8; fn twice(&self) -> u8 { self.call() + self.call() } }
    trait Empty: Sized {}
    trait Bounded<const N: usize> where [u8; { 1 }]: Sized { fn bounded(&self) -> usize { N } }
    impl Bounded<{ 1 + 2 }> for Unit {}
    pub(super) fn bounded() -> usize { Unit.bounded() }

    thread_local! { static LOCAL: Cell<u8> = const { Cell::new(5) } }
    pub(super) fn local() -> u8 { LOCAL.with(Cell::get) }
    macro_rules! braces { ($($item:item)*) => { $($item)* }; }
    braces! { pub(super) fn in_a_macro() {} }
    braces!(pub(super) fn in_another_macro() {});

    #[cfg(any())]
    fn not_here(x: Unknown) -> Unknown {}
    #[cfg(any())]
    mod not_here {}
    mod inner { pub(in super::super) fn inside() {} }
    mod empty {}
}

#[test]
#[allow(unsafe_code, reason = "a shape")]
fn every_function_and_nothing_else() {
    use items::Callable;
    let work = || {
        items::union();
        items::default();
        items::auto();
        items::safe();
        items::raw();
        items::macro_rules();
        items::r#impl();
        items::r#mod();
        assert_eq!((items::of_a_block(), items::with_a_where()), ([1, 1], 2));
        assert!(items::of_blocks([1], |x| x == 1).is_some());
        // SAFETY: it does nothing.
        assert_eq!(unsafe { items::foreign(1) }, 1);
        items::no_abi();
        assert_eq!((items::Wrapper([1_u8; 3]).length(), items::Wrapper([1_u16; 2]).two()), (3, 2));
        assert_eq!(items::Wrapper::from(1).0, [1]);
        assert_eq!((|| 2).twice(), 4);
        assert_eq!((items::bounded(), items::local()), (3, 5));
        items::in_a_macro();
        items::in_another_macro();
        items::inside();
    };
    let expected = "union\ndefault\nauto\nsafe\nraw\nmacro_rules\nimpl\nmod\nof_a_block\nwith_a_where\nof_blocks\nforeign\n\
                    no_abi\nlength\ntwo\nfrom\ntwice\n  call\n  call\nbounded\n  bounded\nlocal\ninside";
    assert_eq!(recorded(1, work), expected);
    assert_eq!((items::Named { x: [1] }.x, items::Wrapper(1).0), ([1], 1));
    assert!(items::Kinds::First != items::Kinds::Second { x: 1 });
}
