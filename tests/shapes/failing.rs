//! Shapes that compile bare and don't compile annotated yet. Not part of any program: each moves to its topic when it
//! compiles.
use traceme::traceme;

use super::support::recorded;

/// `level = ..` is in an inline `const { .. }`, which inherits the function's generics and bounds.
///
/// error: `L` does not live long enough
/// note: due to a current limitation of the type system, this implies a `'static` lifetime
mod traits {
    use super::*;

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
    fn a_bound_on_a_generic_associated_type() {
        let text = recorded(1, || assert_eq!(uses_a_lender(&mut vec![1, 2, 3]), 2));
        assert_eq!(text, "uses_a_lender\n  lend");
    }
}

/// `match admit(..) { word => .. }`: the user's constant or unit variant is matched, not bound.
///
/// error[E0004]: non-exhaustive patterns: `2_u64..=u64::MAX` not covered
/// note: this pattern doesn't introduce a new catch-all binding, but rather pattern matches against the value of
/// constant `word`
/// error[E0308]: mismatched types: expected `u64`, found `Names`: `word` is interpreted as a unit variant
#[allow(non_upper_case_globals, non_camel_case_types, reason = "a shape")]
mod names {
    use super::*;

    mod constant {
        use traceme::traceme;
        const word: u64 = 1;

        #[traceme(meta(n = word + 1))]
        pub(super) fn constant() -> u64 {
            word
        }
    }

    mod variant {
        use traceme::traceme;
        enum Names {
            word,
        }
        use Names::word;

        #[traceme(meta(n = word as u8))]
        pub(super) fn variant() -> u64 {
            word as u64
        }
    }

    #[test]
    fn a_constant_and_a_variant_called_word() {
        let text = recorded(1, || assert_eq!(constant::constant() + variant::variant(), 1));
        assert_eq!(text, "constant n=2\nvariant n=0");
    }
}

mod strings {
    use super::*;

    #[allow(non_camel_case_types, reason = "a shape")]
    mod inner {
        use traceme::traceme;
        pub(super) struct str;

        #[traceme]
        pub(super) fn plain(_: str) {}

        #[traceme(name = "made".trim(), meta(n = 1 + 1))]
        pub(super) fn made(_: str) {}
    }

    #[test]
    fn a_type_called_str() {
        let text = recorded(1, || {
            inner::plain(inner::str);
            inner::made(inner::str);
        });
        assert_eq!(text, "plain\nmade n=2");
    }
}

/// In edition 2018 only: syn doesn't read the types of the signature, and nothing needs it to.
///
/// error: expected `,`
///   fn trait_object_without_dyn(f: Box<Fn(u8) -> u8>) -> Box<Fn(u8) -> u8> {
///                                        ^
mod edition_2018 {
    use super::*;

    #[traceme]
    #[allow(bare_trait_objects, reason = "a shape")]
    fn trait_object_without_dyn(f: Box<Fn(u8) -> u8>) -> Box<Fn(u8) -> u8> {
        Box::new(move |x| f(x) + 1)
    }

    #[test]
    fn types_of_edition_2018() {
        let text = recorded(1, || assert_eq!(trait_object_without_dyn(Box::new(|x| x))(1), 2));
        assert_eq!(text, "trait_object_without_dyn");
    }
}
