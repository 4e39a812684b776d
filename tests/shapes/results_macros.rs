//! `ret` and `err` on functions that macros make: types and bodies arrive in groups that nobody sees.

use traceme::traceme;

use super::support::recorded;

macro_rules! of_fragments {
    ($($name:ident($argument:ident: $type:ty) -> $ret:ty $body:block)*) => { $(
        #[traceme(ret, err)]
        fn $name($argument: $type) -> $ret $body
    )* };
}

of_fragments! {
    checked(x: u8) -> Result<u8, String> {
        if x == 0 {
            return Err(String::from("zero"));
        }
        Ok(x)
    }
    borrowed(x: &str) -> Result<&str, String> {
        x.get(1..).ok_or_else(|| String::from("short"))
    }
}

macro_rules! of_parts {
    ($attribute:meta, $visibility:vis $name:ident $generics:tt $arguments:tt $ret:ty, [$($statement:tt)*] $tail:expr) => {
        of_parts!(@ $attribute, $visibility $name $generics $arguments $ret, { $($statement)* $tail });
    };
    (@ $attribute:meta, $visibility:vis $name:ident [$($generics:tt)*] ($($arguments:tt)*) $ret:ty, $body:tt) => {
        #[$attribute]
        $visibility fn $name<$($generics)*>($($arguments)*) -> $ret $body
    };
}

of_parts!(traceme(ret), pub(super) parts [] (x: u8) Option<u8>, [let y = x + 1;] y.checked_add(1));
of_parts!(traceme(err(Debug), ret(Debug)), lifetimes ['a] (x: &'a str) Result<&'a str, &'a str>, [] Ok(x));

macro_rules! shown_as {
    ($($name:ident $shown:ident)*) => { $(
        #[traceme(ret($shown))]
        fn $name(x: u8) -> u8 {
            x
        }
    )* };
}

shown_as!(as_value Value as_display Display as_debug Debug);

macro_rules! nested_type {
    ($inner:ty) => {
        of_fragments! { nested(x: $inner) -> Result<Vec<$inner>, Box<dyn std::error::Error>> { Ok(vec![x, x]) } }
    };
}

nested_type!(u8);

macro_rules! aliased {
    ($ret:path) => {
        #[traceme(err)]
        fn aliased(fails: bool) -> $ret {
            if fails { Err(std::fmt::Error) } else { Ok(()) }
        }
    };
}

aliased!(std::fmt::Result);

/// An attribute that comes with a macro's definition, and a result named there.
macro_rules! hygienic {
    ($name:ident $value:expr) => {
        #[traceme(ret, span = guard)]
        fn $name() -> u8 {
            let result = $value;
            traceme::append!(guard, result);
            result
        }
    };
}

hygienic!(hygienic {
    let result = 1;
    result + 1
});

#[test]
fn made_of_fragments() {
    let text = recorded(1, || {
        assert_eq!((checked(0), checked(1)), (Err("zero".into()), Ok(1)));
        assert_eq!((borrowed("ab"), borrowed("")), (Ok("b"), Err("short".into())));
        assert_eq!(parts(1), Some(3));
        assert_eq!(lifetimes("x"), Ok("x"));
        assert_eq!(as_value(1) + as_display(2) + as_debug(3), 6);
        assert_eq!(nested(1).ok(), Some(vec![1, 1]));
        assert!(aliased(true).is_err() && aliased(false).is_ok());
        assert_eq!(hygienic(), 2);
    });
    let expected = "checked err=\"zero\" (failed)\nchecked ret=\"1\"\nborrowed ret=\"\\\"b\\\"\"\n\
                    borrowed err=\"short\" (failed)\nparts ret=\"Some(3)\"\nlifetimes ret=\"\\\"x\\\"\"\nas_value ret=1\n\
                    as_display ret=\"2\"\nas_debug ret=\"3\"\nnested ret=\"[1, 1]\"\n\
                    aliased err=\"an error occurred when formatting an argument\" (failed)\naliased\n\
                    hygienic result=2 ret=\"2\"";
    assert_eq!(text, expected);
}
