//! `#[traceme]` on `impl`, `trait` and `mod` blocks: which functions are recorded, and that nothing else is touched.

use std::fmt::{self, Debug};

use traceme::{append, traceme};

use super::support::{recorded, traced};

struct Queue<T, const N: usize> {
    items: Vec<T>,
}

#[traceme(level = 2)]
impl<T: Clone, const N: usize> Queue<T, { N }>
where
    T: Debug,
{
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

    #[traceme(name = "own", level = 1, ret, span = s)]
    fn first(&self) -> Option<&T> {
        append!(s, length = self.items.len());
        self.items.first()
    }

    #[cfg(any())]
    fn never(&self) -> Nothing {}

    #[cfg_attr(all(), must_use)]
    fn last(&self) -> Option<&T> {
        self.items.last()
    }

    #[cfg_attr(all(), traceme(name = "conditional", level = 1))]
    fn conditional(&self) {}

    #[cfg_attr(any(), traceme(level = 1))]
    fn never_conditional(&self) {}
}

static EMPTY: Queue<u8, 1> = Queue::new();

#[test]
fn methods_of_an_impl() {
    let work = || {
        let mut queue = Queue::<u8, 1>::new();
        queue.push(1).push(2).push(3);
        assert_eq!((queue.len(), queue.first(), queue.last()), (2, Some(&1), Some(&2)));
        queue.conditional();
        queue.never_conditional();
        assert_eq!(EMPTY.len(), 0);
    };
    let own = "own length=2 ret=\"Some(1)\"";
    assert_eq!(recorded(2, work), format!("push\npush\npush\n{}\nlast\nconditional", own));
    assert_eq!(recorded(1, work), format!("{}\nconditional", own));
}

#[traceme]
trait Shape {
    type Unit: Default;

    fn area(&self) -> f64;

    fn doubled(&self) -> f64 {
        self.area() * 2.0
    }

    fn boxed(self: Box<Self>) -> f64 {
        self.doubled()
    }

    fn generic<T>(x: T) -> T
    where
        Self: Sized,
    {
        x
    }
}

#[traceme]
trait Sided {
    const SIDES: u8 = 4;

    fn sides(&self) -> u8 {
        Self::SIDES
    }
}

struct Square(f64);

#[traceme]
impl Sided for Square {}

#[traceme(level = 2)]
impl Shape for Square {
    type Unit = u8;

    fn area(&self) -> f64 {
        self.0 * self.0
    }
}

#[traceme]
impl<S: Shape + ?Sized> Shape for &S {
    type Unit = S::Unit;

    fn area(&self) -> f64 {
        S::area(self)
    }
}

#[traceme]
impl Debug for dyn Shape<Unit = u8> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "area {}", self.area())
    }
}

#[allow(unsafe_code, reason = "a shape")]
#[traceme]
// SAFETY: none of its functions is called.
unsafe impl<T: Clone + Debug, const N: usize> Sync for Queue<T, N> where T: Sync {}

/// Reads without a check.
///
/// # Safety
///
/// There is nothing to promise.
#[allow(unsafe_code, reason = "a shape")]
#[traceme]
unsafe trait Checked {
    /// What is at this place.
    ///
    /// # Safety
    ///
    /// There is something.
    unsafe fn get(&self, at: usize) -> u8;
}

#[allow(unsafe_code, reason = "a shape")]
#[traceme]
// SAFETY: nothing is promised.
unsafe impl Checked for [u8] {
    unsafe fn get(&self, at: usize) -> u8 {
        // SAFETY: the caller's promises are passed on.
        unsafe { *self.get_unchecked(at) }
    }
}

#[test]
fn traits_and_their_impls() {
    let text = recorded(2, || {
        assert!(Square(2.0).doubled() > 7.0);
        assert!(Box::new(&Square(1.0)).boxed() > 1.0);
        assert_eq!(Square::generic(1), 1);
        let shape: &dyn Shape<Unit = u8> = &Square(3.0);
        assert_eq!(format!("{:?}", shape), "area 9");
        #[allow(unsafe_code, reason = "a shape")]
        // SAFETY: there are two.
        let second = unsafe { Checked::get([1, 2].as_ref(), 1) };
        assert_eq!(second, 2);
    });
    let expected = "doubled\n  area\nboxed\n  doubled\n    area\n      area\ngeneric\nfmt\n  area\nget";
    assert_eq!(text, expected);
    assert_eq!(recorded(1, || assert_eq!(Square(1.0).sides(), 4)), "sides");
    assert_eq!(<&Square as Shape>::Unit::default(), 0);
}

mod categories {
    traceme::categories! { pub(super) IO = "io"; }
}

#[traceme(category = super::super::categories::IO, crate = ::traceme)]
mod in_two_levels {
    pub(super) mod inner {
        pub(in super::super) fn function() {}
    }
}

#[traceme(category = super::categories::IO)]
mod files {
    #![allow(dead_code, reason = "inner attributes stay first")]
    use std::fmt::{self, Display};

    #[derive(Clone, Debug, Default, PartialEq)]
    pub(super) struct File {
        pub(super) name: &'static str,
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(u8)]
    pub(super) enum Mode {
        Read = 1,
        Write = Self::Read as u8 + 1,
    }

    static OPEN: fn(&'static str) -> File = |name| File { name };
    const LENGTH: usize = {
        const fn length() -> usize {
            4
        }
        length()
    };
    type Function = fn(&'static str) -> File;

    pub(super) fn open(name: &'static str) -> File {
        fn inner(name: &'static str) -> File {
            let function: Function = OPEN;
            function(name)
        }
        inner(name)
    }

    macro_rules! made {
        ($($name:ident)*) => { $(pub(crate) fn $name() {})* };
    }
    made! { made }

    impl Display for File {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.pad(&self.name[..LENGTH])
        }
    }

    #[traceme::traceme(skip)]
    impl File {
        pub(super) fn quiet(&self) -> usize {
            self.name.len()
        }
    }

    #[traceme::traceme(name = "apart", level = 2)]
    pub(super) fn apart() {}
}

#[test]
fn functions_of_a_module() {
    let trace = traced(1, || {
        let file = files::open("name");
        files::made();
        files::apart();
        assert_eq!((file.to_string(), file.quiet(), file.clone()), ("name".into(), 4, file));
        assert_eq!((files::Mode::Write as u8, files::File::default().name), (2, ""));
        in_two_levels::inner::function();
    });
    let found: Vec<_> = trace
        .spans()
        .filter_map(|span| span.callsite())
        .map(|callsite| {
            let module = callsite.module.split("::blocks::").last().map(String::from);
            (callsite.name.to_string(), module.unwrap_or_default(), callsite.category.to_string())
        })
        .collect();
    let here = |name: &str, module: &str| (name.to_string(), module.to_string(), "io".to_string());
    assert_eq!(found, [here("open", "files"), here("fmt", "files"), here("function", "in_two_levels::inner")]);
}

#[traceme]
mod nested {
    pub(super) fn outer() -> Result<usize, u8> {
        deep::deeper::inner(2)
    }

    mod deep {
        pub(super) mod deeper {
            #[traceme::traceme(err)]
            pub(in super::super) fn inner(x: usize) -> Result<usize, u8> {
                quiet::function();
                let own = super::own::function();
                if x == own { Err(2) } else { Ok(x) }
            }

            #[traceme::traceme(skip)]
            mod quiet {
                pub(super) fn function() {
                    inner::function();
                }

                mod inner {
                    pub(super) fn function() {}
                }
            }
        }

        #[traceme::traceme(level = 3)]
        mod own {
            pub(super) fn function() -> usize {
                2
            }
        }
    }

    pub(super) trait Default {
        fn name(&self) -> &str {
            "default"
        }
    }

    impl Default for u8 {}

    #[allow(dead_code, unsafe_code, reason = "a shape")]
    unsafe extern "C" {
        fn never_linked(x: u8) -> u8;
    }
}

#[test]
fn modules_in_modules() {
    use nested::Default;
    let work = || {
        assert_eq!(nested::outer(), Err(2));
        assert_eq!(1.name(), "default");
    };
    assert_eq!(recorded(3, work), "outer\n  inner err=\"2\" (failed)\n    function\nname");
    assert_eq!(recorded(2, work), "outer\n  inner err=\"2\" (failed)\nname");
}
