//! Functions that `macro_rules!` macros make, from every kind of fragment. Fragments come in invisible parentheses.

use std::fmt::Debug;

use traceme::traceme;

use super::support::recorded;

macro_rules! from_parts {
    ($visibility:vis $name:ident($argument:ident: $type:ty) -> $result:ty $body:block, $level:literal, $text:expr) => {
        #[traceme(level = $level, name = $text, meta($argument, key = $argument + 1))]
        $visibility fn $name($argument: $type) -> $result $body
    };
}

from_parts!(pub(crate) parts(x: u64) -> u64 { x * 2 }, 2, "named by a macro");
from_parts!(private(x: u8) -> Option<u8> { x.checked_sub(1) }, 1, format!("made {}", 1));

macro_rules! whole_item {
    ($item:item) => {
        #[traceme]
        $item
    };
}

whole_item! {
    /// With documentation.
    #[inline]
    fn item() -> u64 {
        4
    }
}
whole_item! {
    fn item_with_inner_attributes(_x: u8) -> u8 {
        #![allow(clippy::let_and_return, reason = "a shape")]
        let y = 1;
        y
    }
}

macro_rules! from_tokens {
    ($($tokens:tt)*) => {
        #[traceme]
        $($tokens)*
    };
}

from_tokens! {
    #[inline]
    #[must_use]
    pub(crate) fn tokens<'a, T: Debug>(value: &'a [T]) -> impl Iterator<Item = &'a T> {
        value.iter()
    }
}

macro_rules! body_of_an_expression {
    ($name:ident, $body:expr, $size:expr) => {
        #[traceme(meta(size = $size))]
        fn $name() -> u64 {
            $body
        }
    };
}

body_of_an_expression!(expression, 1 + 2 * 3, 2 + 2);
body_of_an_expression!(
    expression_that_is_a_block,
    {
        let x = 6;
        x + 1
    },
    { 1 }
);

macro_rules! signature_in_fragments {
    ($name:ident, $lifetime:lifetime, $argument:pat, $type:ty, $result:ty, $path:path, $result_of:expr) => {
        #[traceme]
        fn $name<$lifetime>($argument: &$lifetime $type) -> $result
        where
            $type: $path,
        {
            $result_of
        }
    };
}

signature_in_fragments!(fragments, 'a, _, str, usize, Debug, 1 + 1);

macro_rules! patterns {
    ($name:ident, $pattern:pat_param => $result:expr) => {
        #[traceme]
        fn $name($pattern: (u8, u8)) -> u8 {
            $result
        }
    };
}

patterns!(pattern, (x, y) => x + y);
patterns!(pattern_with_a_name, all @ (_, y) => all.0 * y);

macro_rules! literals {
    ($name:ident, $level:literal, $text:literal, $value:literal) => {
        #[traceme(level = $level, name = $text, meta(value = $value, negative = -$value))]
        fn $name() -> i64 {
            $value
        }
    };
}

literals!(literal, 3, "a literal", 5);

macro_rules! argument_of_meta {
    ($name:ident, $meta:meta) => {
        #[$meta]
        fn $name() -> u8 {
            1
        }
    };
}

argument_of_meta!(meta, traceme(level = 2, name = "meta", meta(n = 1 + 1)));

macro_rules! many {
    ($($name:ident => $value:expr),* $(,)?) => {
        $(
            #[traceme(meta(value = $value))]
            fn $name() -> u8 {
                $value
            }
        )*
    };
}

many! { first => 1, second => 2 }

macro_rules! outer {
    ($name:ident { $($body:tt)* }) => {
        macro_rules! inner {
            ($result:ty) => {
                #[traceme]
                fn $name() -> $result { $($body)* }
            };
        }
        inner!(u8);
    };
}

outer!(nested { let x = 3; x + 1 });

macro_rules! makes_a_body {
    () => {
        if true { 5 } else { 6 }
    };
}

#[traceme]
fn body_by_a_macro() -> u8 {
    makes_a_body!()
}

macro_rules! local_names {
    ($name:ident, $argument:ident) => {
        #[traceme(meta($argument, hidden = hidden))]
        fn $name($argument: u8, hidden: u8) -> u8 {
            let result = $argument + hidden;
            result
        }
    };
}

local_names!(hygienic, result);

macro_rules! methods {
    ($type:ident { $($(#[$attribute:meta])* $name:ident: $field:ty),* }) => {
        struct $type { $($name: $field),* }

        impl $type {
            $(
                $(#[$attribute])*
                #[traceme(meta(value = self.$name))]
                fn $name(&self) -> &$field {
                    &self.$name
                }
            )*
        }
    };
}

methods!(Getters {
    #[inline]
    width: u8,
    height: u64
});

macro_rules! type_fragment_with_commas {
    ($name:ident<$($parameter:ident: $bound:path),*>($($argument:ident: $type:ty),*) $body:block) => {
        #[traceme(meta($($argument = ?$argument),*))]
        fn $name<$($parameter: $bound),*>($($argument: $type),*) $body
    };
}

type_fragment_with_commas!(generic<T: Debug, U: Debug>(x: T, y: Option<U>) {
    drop((x, y));
});

macro_rules! early_return {
    ($e:expr) => {
        match $e {
            Some(value) => value,
            None => return 0,
        }
    };
}

#[traceme]
fn returns_in_a_macro(x: Option<u8>) -> u8 {
    early_return!(x) + 1
}

macro_rules! statements {
    ($name:ident, $first:stmt, $last:expr) => {
        #[traceme]
        fn $name() -> u8 {
            $first
            $last
        }
    };
}

statements!(
    statement,
    if 1 > 2 {
        return 0;
    },
    2
);

mod in_another_module {
    macro_rules! annotates_by_path {
        ($name:ident) => {
            #[::traceme::traceme(name = stringify!($name))]
            fn $name() -> u8 {
                $crate::shapes::macros::body_by_a_macro()
            }
        };
    }
    pub(super) use annotates_by_path;
}
in_another_module::annotates_by_path!(by_path);

#[test]
fn parts_and_whole_items() {
    let text = recorded(3, || {
        assert_eq!(parts(2) + item(), 8);
        assert_eq!(private(0), None);
        assert_eq!(item_with_inner_attributes(1), 1);
        assert_eq!(tokens(&[1, 2]).count(), 2);
        assert_eq!(expression() + expression_that_is_a_block(), 14);
        assert_eq!(fragments("x"), 2);
        assert_eq!(pattern((1, 2)) + pattern_with_a_name((3, 4)), 15);
        assert_eq!(literal(), 5);
        assert_eq!(meta(), 1);
    });
    let expected = "named by a macro x=2 key=3\nitem\nmade 1 x=0 key=1\nitem_with_inner_attributes\ntokens\n\
                    expression size=4\nexpression_that_is_a_block size=1\nfragments\npattern\n\
                    pattern_with_a_name\na literal value=5 negative=-5\nmeta n=2";
    assert_eq!(text, expected);
}

#[test]
fn repetitions_nesting_and_hygiene() {
    let text = recorded(1, || {
        assert_eq!(first() + second(), 3);
        assert_eq!(nested(), 4);
        assert_eq!(body_by_a_macro(), 5);
        assert_eq!(hygienic(1, 2), 3);
        let getters = Getters { width: 1, height: 2 };
        assert_eq!(u64::from(*getters.width()) + getters.height(), 3);
        generic(1, Some('x'));
        assert_eq!(returns_in_a_macro(None) + returns_in_a_macro(Some(1)), 2);
        assert_eq!(statement(), 2);
        assert_eq!(by_path(), 5);
    });
    let expected = "first value=1\nsecond value=2\nnested\nbody_by_a_macro\nhygienic result=1 hidden=2\n\
                    width value=1\nheight value=2\ngeneric x=\"1\" y=\"Some('x')\"\nreturns_in_a_macro\n\
                    returns_in_a_macro\nstatement\nby_path\n  body_by_a_macro";
    assert_eq!(text, expected);
}
