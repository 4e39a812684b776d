//! `#[traceme]` on blocks that macros make.

use std::fmt::Display;

use traceme::traceme;

use super::support::recorded;

macro_rules! blocks {
    ($item:item, $name:ident, $visibility:vis $method:ident $body:block) => {
        #[traceme]
        $item

        struct $name;

        #[traceme]
        impl $name {
            $visibility fn $method() -> u8 $body
        }
    };
}

struct Whole;
blocks!(
    impl Whole {
        fn whole() -> u8 {
            1
        }
    },
    Made,
    pub(crate) method { 2 }
);

macro_rules! of_items {
    ($name:ident: $($item:item)*) => {
        #[traceme]
        mod $name {
            $($item)*
        }
    };
}

of_items! { items:
    pub(super) struct Kept(pub(super) u8);

    impl Kept {
        pub(super) fn get(&self) -> u8 {
            self.0
        }
    }

    pub(super) const fn constant() -> u8 {
        1
    }

    pub(super) fn function(x: u8) -> u8 {
        x
    }

    #[traceme::traceme(skip)]
    pub(super) fn skipped() -> u8 {
        3
    }
}

macro_rules! for_types {
    ($($type:ty => $text:expr),*) => { $(
        #[traceme(level = 2)]
        impl Named for $type {
            fn named(&self) -> String {
                format!("{} {}", $text, self)
            }
        }
    )* };
}

trait Named {
    fn named(&self) -> String;
}

for_types!(u8 => "u8", &str => "str", Box<dyn Display> => "box");

macro_rules! associated {
    ($type:ident { $($method:ident: $ret:ty = $body:expr),* }) => {
        #[traceme]
        impl $type {
            $(fn $method(&self) -> $ret { $body })*
        }
    };
}

associated!(Whole { one: u8 = 1, two: &str = "two", three: Option<(u8, Vec<u8>)> = None });

/// Members that arrive as they are.
macro_rules! members {
    ($type:ty: $($member:tt)*) => {
        #[traceme]
        impl $type {
            $($member)*
        }
    };
}

members! { Made:
    const N: u8 = 4;

    fn constant() -> u8 {
        Self::N
    }
}

#[test]
fn blocks_made_by_macros() {
    let text = recorded(2, || {
        assert_eq!(Made::method() + Whole::whole() + Made::constant(), 7);
        assert_eq!(items::Kept(1).get() + items::constant() + items::function(2) + items::skipped(), 7);
        assert_eq!((1_u8.named(), "a".named()), ("u8 1".into(), "str a".into()));
        assert_eq!((Box::new('c') as Box<dyn Display>).named(), "box c");
        assert_eq!((Whole.one(), Whole.two(), Whole.three()), (1, "two", None));
    });
    assert_eq!(text, "method\nwhole\nconstant\nget\nfunction\nnamed\nnamed\nnamed\none\ntwo\nthree");
}
