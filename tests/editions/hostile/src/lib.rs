//! A library in which every name that an expansion could mean has another meaning: its root has modules called `core`,
//! `std`, `alloc` and `traceme`, its own `Option` and `Result`, its own macros, constants and types.
#![forbid(unsafe_code)]
#![allow(
    dead_code,
    unused_macros,
    non_camel_case_types,
    non_upper_case_globals,
    clippy::missing_errors_doc,
    clippy::wildcard_imports,
    missing_docs,
    missing_debug_implementations,
    reason = "hostile names"
)]

macro_rules! hostile {
    ($($name:ident)*) => {
        $(macro_rules! $name {
            () => {};
        })*
    };
}

hostile! {
    span trace_scope format_args concat stringify module_path file line column compile_error matches
    assert panic if_enabled
}

pub mod core {
    pub mod option {}
}
pub mod std {}
pub mod alloc {}
pub mod traceme {
    pub const fn traceme() {}
}

pub mod outcomes;
pub mod primitives;
pub mod without_prelude;

#[derive(::std::fmt::Debug)]
pub struct Kind;
pub struct Option;
pub struct Some;
pub struct None;
pub struct Result;
pub struct Ok;
pub struct Err;
pub struct String;
pub struct Vec;
pub struct Box;
pub struct SpanGuard;
pub struct Level;
pub struct Category;
pub struct Name;
pub trait Value {}
pub trait AsRef {}
pub trait Drop {}
pub trait Send {}
pub trait Fn {}
pub fn drop() {}
pub fn enter() {}
pub fn active() {}
pub fn value() {}
pub const guard: u64 = 1;
pub const span: u64 = 2;
pub const name: u64 = 3;
pub const word: u64 = 3;
pub const target: u64 = 3;
pub const result: u64 = 3;
pub const site: u64 = 3;
pub static meta: u64 = 4;
pub static level: u64 = 5;
pub static CALLSITE: u64 = 6;
pub static __TRACEME_SITE: u64 = 7;
pub const DEFAULT: u64 = 8;
pub const INERT: u64 = 9;

/// The category that the functions use.
pub const IO: ::traceme::Category = ::traceme::Category::new("io");

#[::traceme::traceme]
pub fn plain(x: u64) -> u64 {
    x + guard + span + name + meta + level + CALLSITE + __TRACEME_SITE + DEFAULT + INERT
}

#[::traceme::traceme(level = 2, name = "hostile", category = IO, meta(n = guard + 1, shown = %span, debugged = ?level, literal = 1))]
pub fn every_argument() -> Option {
    let (Some, None, Ok, Err) = (Some, None, Ok, Err);
    drop();
    plain(0);
    Option
}

#[::traceme::traceme(span = own, name = ::std::format!("made {}", x), crate = ::traceme)]
pub fn made_name(x: u64) -> u64 {
    ::traceme::append!(own, x, n = x + 1);
    x
}

impl Option {
    #[::traceme::traceme]
    pub fn method(&self) -> Result {
        Result
    }
}
