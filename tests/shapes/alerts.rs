//! `alert`: which functions are flagged for the time they took. Any time is more than 1 ns, and none here takes an hour.

use traceme::{append, traceme};

use super::support::{caught, recorded, traced, unwind};

#[traceme(alert = "1ns")]
fn slow() {}

#[traceme(alert = "3600s")]
fn quick() {}

#[traceme(alert = r"0.001us", name = format!("made {}", x), meta(x), level = 2)]
fn with_metadata(x: u8) -> u8 {
    x
}

#[traceme(ret, alert = "1ns")]
fn with_ret(x: u8) -> u8 {
    x
}

#[traceme(alert = "1ns", err, ret, span = own)]
fn with_err(x: u8) -> Result<u8, String> {
    append!(own, x);
    if x == 0 { Err(String::from("zero")) } else { Ok(x) }
}

#[traceme(alert = "60000ms", err)]
fn quick_err() -> Result<(), &'static str> {
    Err("always")
}

#[traceme(alert = "1ns", err)]
fn panics() -> Result<usize, String> {
    Ok(unwind())
}

#[traceme(alert = "1ns")]
fn generic<T>(x: T) -> T {
    x
}

struct Block;

#[traceme(alert = "1ns")]
impl Block {
    fn method(&self) -> u8 {
        self.own()
    }

    #[traceme(alert = "3600s")]
    fn own(&self) -> u8 {
        self.none()
    }

    #[traceme]
    fn none(&self) -> u8 {
        1
    }
}

macro_rules! with_limit {
    ($name:ident $limit:literal $whole:expr) => {
        #[traceme(alert = $limit)]
        fn $name() {}

        mod of_an_expression {
            #[traceme::traceme(alert = $whole)]
            pub(super) fn $name() {}
        }
    };
}

with_limit!(limited "1ns" "3600s");

#[test]
fn a_span_is_flagged_if_it_takes_its_limit_or_longer() {
    let text = recorded(2, || {
        slow();
        quick();
        assert_eq!(with_metadata(1) + with_ret(2) + generic(3), 6);
        assert_eq!((with_err(0), with_err(1)), (Err("zero".to_string()), Ok(1)));
        assert_eq!(quick_err(), Err("always"));
        assert!(caught(panics));
        limited();
        of_an_expression::limited();
    });
    let expected = "slow (alerted)\nquick\nmade 1 x=1 (alerted)\nwith_ret ret=\"2\" (alerted)\ngeneric (alerted)\n\
                    with_err x=0 err=\"zero\" (failed, alerted)\nwith_err x=1 ret=\"1\" (alerted)\n\
                    quick_err err=\"always\" (failed)\npanics (panicked, alerted)\nlimited (alerted)\nlimited";
    assert_eq!(text, expected);
    assert_eq!(recorded(1, || assert_eq!(with_metadata(1), 1)), "", "nothing of a level that is not recorded");
}

#[test]
fn the_limit_of_a_block_is_that_of_its_functions() {
    let text = recorded(1, || assert_eq!(Block.method(), 1));
    assert_eq!(text, "method (alerted)\n  own\n    none");
}

#[test]
fn summaries_count_them() {
    let trace = traced(1, || {
        for n in 0..3 {
            slow();
            quick();
            drop(with_err(n));
        }
    });
    let summary = trace.summary();
    let counts = |name: &str| summary.span(name).map(|span| (span.count, span.alerted, span.failed));
    assert_eq!(counts("slow"), Some((3, 3, 0)));
    assert_eq!(counts("quick"), Some((3, 0, 0)));
    assert_eq!(counts("with_err"), Some((3, 3, 1)));
}
