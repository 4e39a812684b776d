//! Names that an expansion could confuse with its own.

use traceme::traceme;

use super::support::recorded;

#[traceme(meta(name, meta, level, guard, span, category))]
fn arguments_1(name: u8, meta: u8, level: u8, guard: u8, span: u8, category: u8) -> u8 {
    name + meta + level + guard + span + category
}

#[traceme(meta(word, site, traceme, callsite, key, value))]
fn arguments_2(word: u8, site: u8, traceme: u8, callsite: u8, key: u8, value: u8) -> u8 {
    word + site + traceme + callsite + key + value
}

#[traceme(meta(r#type, r#match = r#match + 1, r#name))]
fn raw_arguments(r#type: u8, r#match: u8, r#name: u8) -> u8 {
    r#type + r#match + name
}

#[traceme]
fn guard_as_an_argument(__traceme_guard: u8) -> u8 {
    let guard = __traceme_guard + 1;
    let __traceme_guard = guard * 2;
    __traceme_guard - guard
}

#[traceme(meta(first = __traceme_guard))]
fn guard_in_metadata(__traceme_guard: u8, _guard: u8) -> u8 {
    __traceme_guard + _guard
}

#[traceme]
fn r#fn() -> u8 {
    1
}

#[traceme]
fn r#gen() -> u8 {
    1
}

#[traceme]
fn span() -> u8 {
    1
}

#[traceme]
fn traceme() -> u8 {
    span()
}

#[traceme(meta(größe))]
#[allow(non_snake_case, reason = "a shape")]
fn Größe(größe: u8) -> u8 {
    größe
}

#[traceme]
fn _underscored() -> u8 {
    1
}

#[traceme]
#[rustfmt::skip]
fn
split_over
(
    n : u8 ,
)
->
u8
{
    n
}

#[test]
fn arguments_and_functions() {
    let text = recorded(1, || {
        assert_eq!(arguments_1(1, 2, 3, 4, 5, 6), 21);
        assert_eq!(arguments_2(1, 2, 3, 4, 5, 6), 21);
        assert_eq!(raw_arguments(1, 2, 3), 6);
        assert_eq!(guard_as_an_argument(1), 2);
        assert_eq!(guard_in_metadata(1, 2), 3);
        assert_eq!(r#fn() + r#gen() + traceme() + Größe(3) + _underscored() + split_over(1), 8);
    });
    let expected = "arguments_1 name=1 meta=2 level=3 guard=4 span=5 category=6\n\
                    arguments_2 word=1 site=2 traceme=3 callsite=4 key=5 value=6\n\
                    raw_arguments type=1 match=3 name=3\nguard_as_an_argument\nguard_in_metadata first=1\n\
                    fn\ngen\ntraceme\n  span\nGröße größe=3\n_underscored\nsplit_over";
    assert_eq!(text, expected);
}

/// Constants and statics of names that a pattern could take for its own: `match .. { guard => .. }`.
#[allow(non_upper_case_globals, reason = "a shape")]
mod constants {
    use traceme::traceme;

    const words: u64 = 1;
    const guard: u64 = 2;
    const _guard: u64 = 4;
    const target: u64 = 8;
    const level: u64 = 16;
    static span: u64 = 32;
    static name: u64 = 64;
    static CALLSITE: u64 = 128;
    static __TRACEME_SITE: u64 = 256;
    const meta: u64 = 512;
    const INERT: u64 = 1024;

    #[traceme(meta(sum = words + guard + _guard + target + level + span + name + meta))]
    pub(super) fn sum(x: u64) -> u64 {
        words + guard + _guard + target + level + span + name + CALLSITE + __TRACEME_SITE + meta + INERT + x
    }

    #[traceme(level = 2, name = name.to_string(), meta(text = %span))]
    pub(super) fn made() -> u64 {
        guard
    }
}

/// A unit structure and an enumeration's variants as such names.
#[allow(non_camel_case_types, reason = "a shape")]
mod unit_structures {
    use traceme::traceme;

    struct guard;
    struct own;
    enum Names {
        site,
        _guard,
    }
    use Names::{_guard, site};

    #[traceme(meta(first = site as u8))]
    pub(super) fn size() -> usize {
        let (guard, own) = (guard, own);
        size_of_val(&guard) + size_of_val(&own) + _guard as usize
    }
}

#[test]
fn constants_that_patterns_could_match() {
    let text = recorded(2, || {
        assert_eq!(constants::sum(0), 2047);
        assert_eq!(constants::made(), 2);
        assert_eq!(unit_structures::size(), 1);
    });
    assert_eq!(text, "sum sum=639\n64 text=\"32\"\nsize first=0");
}

/// The names of the prelude mean something else here.
#[allow(dead_code, non_camel_case_types, reason = "a shape")]
mod prelude {
    use traceme::traceme;

    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(super) struct Option;
    pub(super) struct Some;
    pub(super) struct None;
    pub(super) struct Result;
    pub(super) struct Ok;
    pub(super) struct Err;
    pub(super) struct String;
    pub(super) struct Vec;
    pub(super) struct Box;
    pub(super) trait Drop {}
    pub(super) trait AsRef {}
    pub(super) trait Into {}
    pub(super) trait Send {}
    pub(super) trait Sized {}
    pub(super) trait Fn {}
    pub(super) fn drop() {}

    #[traceme(level = 2, name = "prelude".trim(), meta(n = 1 + 1, shown = %2, debugged = ?Option))]
    pub(super) fn everything() -> Option {
        let (Some, None, Ok, Err) = (Some, None, Ok, Err);
        drop();
        Option
    }
}

/// Macros of the names that an expansion needs.
#[allow(unused_macros, reason = "a shape")]
mod macros {
    use traceme::traceme;

    macro_rules! span {
        () => {};
    }
    macro_rules! format_args {
        () => {};
    }
    macro_rules! concat {
        () => {};
    }
    macro_rules! stringify {
        () => {};
    }
    macro_rules! module_path {
        () => {};
    }
    macro_rules! file {
        () => {};
    }
    macro_rules! line {
        () => {};
    }
    macro_rules! column {
        () => {};
    }
    macro_rules! compile_error {
        () => {};
    }

    #[traceme(name = "macros".trim(), meta(n = 1 + 1, literal = 3, shown = %2, debugged = ?4))]
    pub(super) fn everything() -> u8 {
        span!();
        5
    }
}

#[test]
fn the_prelude_and_macros_of_ours() {
    let text = recorded(2, || {
        assert_eq!(prelude::everything(), prelude::Option);
        assert_eq!(macros::everything(), 5);
    });
    let expected = "prelude n=2 shown=\"2\" debugged=\"Option\"\nmacros n=2 literal=3 shown=\"2\" debugged=\"4\"";
    assert_eq!(text, expected);
}

/// Types of the names of primitive types.
#[allow(dead_code, non_camel_case_types, reason = "a shape")]
mod primitives {
    use traceme::traceme;

    pub(super) struct u8;
    pub(super) struct u16;
    pub(super) struct u32;
    pub(super) struct u64;
    pub(super) struct usize;
    pub(super) struct bool;
    pub(super) struct char;

    #[traceme(level = 2, meta(n = 1 + 1, shown = %2, literal = true))]
    pub(super) fn everything(_: u8, _: usize) -> bool {
        bool
    }
}

#[test]
fn types_of_the_names_of_primitive_types() {
    let text = recorded(2, || {
        let primitives::bool = primitives::everything(primitives::u8, primitives::usize);
    });
    assert_eq!(text, "everything n=2 shown=\"2\" literal=true");
}

/// Methods that types of the user have, through traits for everything.
#[allow(dead_code, reason = "a shape")]
mod blanket {
    use traceme::traceme;

    pub(super) trait Everywhere {
        fn level(&self) -> u8 {
            9
        }
        fn is_compiled_in(&self) -> u8 {
            9
        }
        fn as_ref(&self) -> u8 {
            9
        }
        fn len(&self) -> u8 {
            9
        }
        fn key(&self) -> u8 {
            9
        }
        fn stop(&self) -> u8 {
            9
        }
    }
    impl<T: ?Sized> Everywhere for T {}

    #[traceme(level = 2, name = "blanket".trim(), meta(own = Everywhere::len("x"), literal = 1))]
    pub(super) fn everything() -> u8 {
        1_u8.level() + 2_u8.stop()
    }
}

#[test]
fn methods_that_every_type_has() {
    assert_eq!(recorded(2, || assert_eq!(blanket::everything(), 18)), "blanket own=9 literal=1");
}

#[allow(non_upper_case_globals, reason = "a shape")]
mod constant_word {
    use traceme::traceme;
    const word: u64 = 1;

    #[traceme(meta(n = word + 1))]
    pub(super) fn constant() -> u64 {
        word
    }
}

#[allow(non_camel_case_types, reason = "a shape")]
mod variant_word {
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
    let text = recorded(1, || assert_eq!(constant_word::constant() + variant_word::variant(), 1));
    assert_eq!(text, "constant n=2\nvariant n=0");
}

#[allow(non_camel_case_types, reason = "a shape")]
mod type_str {
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
        type_str::plain(type_str::str);
        type_str::made(type_str::str);
    });
    assert_eq!(text, "plain\nmade n=2");
}
