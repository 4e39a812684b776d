//! A module in which nothing has a name without a path.
#![no_implicit_prelude]

use ::traceme::traceme;

use super::support::recorded;

const LEVEL: u8 = 2;
const IO: ::traceme::Category = ::traceme::Category::new("io");

#[traceme]
fn plain(x: u8) -> u8 {
    x
}

#[traceme(level = LEVEL, category = IO, name = "made", meta(x, n = x + 1, shown = %x, debugged = ?x, literal = "l"))]
fn every_argument(x: u8) -> ::std::option::Option<u8> {
    ::std::option::Option::Some(plain(x))
}

#[traceme(span = own, name = ::std::string::ToString::to_string("named"), crate = ::traceme)]
fn appends(x: u8) -> u8 {
    ::traceme::append!(own, x);
    x
}

#[test]
fn no_prelude() {
    let text = recorded(2, || {
        ::std::assert_eq!(every_argument(1), ::std::option::Option::Some(1));
        ::std::assert_eq!(appends(3), 3);
    });
    let expected = "made x=1 n=2 shown=\"1\" debugged=\"1\" literal=\"l\"\n  plain\nnamed x=3";
    ::std::assert_eq!(text, expected);
}
