#![allow(unused_variables)]

use traceme::traceme;

#[traceme(level = 2, level = 3)]
fn duplicate_0() {}

#[traceme(name = "a", name = "b")]
fn duplicate_1() {}

#[traceme(category = A, category = B)]
fn duplicate_2() {}

#[traceme(meta(a = 1), meta(b = 2))]
fn duplicate_3() {}

#[traceme(span = a, span = b)]
fn duplicate_4() {}

#[traceme(crate = traceme, crate = traceme)]
fn duplicate_5() {}

fn main() {}
