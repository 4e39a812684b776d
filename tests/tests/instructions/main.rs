//! Annotations that are compiled in and do not record cost a few instructions: how many each adds to functions of
//! every shape, executed (counted by valgrind) and in the code.
#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

#[path = "../off/asm.rs"]
#[allow(dead_code, reason = "shared with the tests of code that is compiled out")]
mod asm;
#[path = "../off/build.rs"]
#[allow(dead_code, reason = "shared with the tests of code that is compiled out")]
mod build;
mod callgrind;

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use build::{Kind, Profile, compile, folder};
use callgrind::{Costs, count};

/// The shapes, and how many annotations a call of each meets.
const SHAPES: [(&str, u64); 12] = [
    ("generic", 2),
    ("leaf", 1),
    ("method", 1),
    ("early_return", 1),
    ("impl_trait", 1),
    ("recursion", 9),
    ("closure", 1),
    ("scope_in_loop", 4),
    ("extern_c", 1),
    ("const_generic", 2),
    ("all_macros", 6),
    ("asynchronous", 2),
];

const FEW: u64 = 1000;
const MANY: u64 = 3000;
