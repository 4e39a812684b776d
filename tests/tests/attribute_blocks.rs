//! `#[traceme]` on `impl`, `trait` and `mod` blocks: which functions are recorded.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::{Mutex, PoisonError};

use traceme::{Session, Trace, traceme};

/// A process has one session at a time.
static SESSION: Mutex<()> = Mutex::new(());

fn trace(level: u8, work: impl FnOnce()) -> Trace {
    let _alone = SESSION.lock().unwrap_or_else(PoisonError::into_inner);
    let session = Session::start(level).expect("no other session runs");
    work();
    session.stop()
}

/// The names of the spans that a piece of work records, in the order in which they begin.
fn recorded(level: u8, work: impl FnOnce()) -> Vec<String> {
    trace(level, work).spans().map(|span| span.callsite().unwrap().name.to_string()).collect()
}

struct Queue<T, const N: usize> {
    items: Vec<T>,
}

#[traceme(level = 2)]
impl<T: Clone, const N: usize> Queue<T, { N }> {
    /// Also runs at compile time.
    const fn new() -> Self {
        Self { items: Vec::new() }
    }

    const LIMIT: usize = { N * 2 };

    /// Documented.
    #[inline]
    fn push(&mut self, item: T) -> &mut Self {
        #![allow(unused_variables, reason = "inner attributes stay first")]
        let unused = 1;
        fn inner() {}
        inner();
        if self.len() < Self::LIMIT {
            self.items.push(item);
        }
        self
    }

    #[traceme(skip)]
    fn len(&self) -> usize {
        self.items.len()
    }

    #[traceme(name = "own", level = 1)]
    fn first(&self) -> Option<&T> {
        self.items.first()
    }

    #[cfg(any())]
    fn never(&self) -> Nothing {}
}

#[test]
fn methods_of_an_impl() {
    let work = || {
        let mut queue = Queue::<u8, 1>::new();
        queue.push(1).push(2).push(3);
        assert_eq!((queue.len(), queue.first()), (2, Some(&1)));
    };
    assert_eq!(recorded(2, work), ["push", "push", "push", "own"]);
    assert_eq!(recorded(1, work), ["own"]);
}

#[traceme]
trait Shape {
    const SIDES: u8 = 4;

    fn area(&self) -> f64;

    fn doubled(&self) -> f64 {
        self.area() * 2.0
    }
}

struct Square(f64);

#[traceme]
impl Shape for Square {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
}

#[test]
fn default_methods_of_a_trait_and_methods_of_its_impl() {
    assert_eq!(recorded(1, || assert!(Square(2.0).doubled() > 7.0)), ["doubled", "area"]);
    assert_eq!(Square::SIDES, 4);
}

mod categories {
    traceme::categories! { pub(crate) IO = "io"; }
}

#[traceme(category = crate::categories::IO, crate = ::traceme)]
mod files {
    #![allow(dead_code, reason = "inner attributes stay first")]
    use std::fmt::{self, Display};

    pub(super) struct File {
        pub(super) name: &'static str,
    }

    static OPEN: fn(&'static str) -> File = |name| File { name };

    pub(super) fn open(name: &'static str) -> File {
        fn inner(name: &'static str) -> File {
            OPEN(name)
        }
        inner(name)
    }

    macro_rules! made {
        ($($name:ident)*) => { $(pub(crate) fn $name() {})* };
    }
    made! { made }

    impl Display for File {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(self.name)
        }
    }

    pub(super) mod nested {
        pub(crate) fn read(file: &super::File) -> Result<usize, ()> {
            let length = file.to_string().len();
            if length == 0 { Err(()) } else { Ok(length) }
        }

        #[traceme::traceme(skip)]
        pub(crate) mod quiet {
            pub(crate) fn read() {}
        }
    }
}

#[test]
fn functions_of_a_module() {
    let trace = trace(1, || {
        let file = files::open("name");
        files::made();
        files::nested::quiet::read();
        assert_eq!(files::nested::read(&file), Ok(4));
    });
    let found: Vec<_> = trace
        .spans()
        .map(|span| {
            let callsite = span.callsite().unwrap();
            (callsite.name.to_string(), callsite.module.to_string(), callsite.category.to_string())
        })
        .collect();
    let expected = [("open", "files"), ("read", "files::nested"), ("fmt", "files")];
    let expected =
        expected.map(|(name, module)| (name.into(), format!("attribute_blocks::{module}"), "io".to_string()));
    assert_eq!(found, expected);
}

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

#[test]
fn blocks_made_by_macros() {
    assert_eq!(recorded(1, || assert_eq!(Made::method() + Whole::whole(), 3)), ["method", "whole"]);
}
