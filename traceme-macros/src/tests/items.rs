//! Where the attribute cannot stand.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use super::{errors, rejected, tokens, wrong_on};
use crate::annotate;

const OTHER: &str = "#[traceme] is for functions, and for `impl`, `trait` and `mod` blocks with functions in them";

#[test]
fn items_that_are_no_functions() {
    for (item, at) in [
        ("pub struct S;", "struct"),
        ("#[doc = \"d\"] pub(crate) struct S<const N: usize = { 1 }> { f: u8 }", "struct"),
        ("enum E { A }", "enum"),
        ("union U { a: u8 }", "union"),
        ("const N: u8 = 1;", "const"),
        ("const _: () = {};", "const"),
        ("pub static S: u8 = { 1 };", "static"),
        ("type T = u8;", "type"),
        ("use a::{b, c};", "use"),
        ("extern crate a;", "extern"),
        ("extern \"C\" { fn f(); }", "extern"),
        ("unsafe extern \"C\" { fn f(); }", "extern"),
        ("unsafe extern { fn f(); }", "extern"),
        ("macro_rules! m { () => {}; }", "macro_rules"),
        ("pub macro m($x:expr) { $x }", "macro"),
        ("thread_local! { static S: u8 = 1; }", "thread_local"),
        ("std::thread_local!(static S: u8 = 1);", "std"),
        ("::m::make![fn f() {}];", ":"),
        ("trait A = B + C;", "trait"),
    ] {
        rejected(item, OTHER, at);
    }
    let file = "#[traceme] cannot see what is in another file: put it on the functions or `impl` blocks there";
    rejected("pub mod m;", file, "mod");
}

#[test]
fn functions_that_cannot_be_traced() {
    let bodiless = "#[traceme] needs a function with a body: put it on the implementations, \
                    or on the callers of a foreign function";
    rejected("fn f(&self) -> u8;", bodiless, "f");
    rejected("pub safe fn f(n: u8, ...);", bodiless, "f");
    let constant = "#[traceme] cannot trace a `const fn`, which must also run at compile time: \
                    put it on the callers, or remove the `const`";
    rejected("pub const fn f() {}", constant, "const");
    rejected("const unsafe extern \"C\" fn f() {}", constant, "const");
    let naked = "#[traceme] cannot trace a naked function, whose body is assembly: put it on the callers";
    rejected("#[unsafe(naked)] extern \"C\" fn f() {}", naked, "unsafe(naked)");
    rejected("pub gen fn f() {}", "#[traceme] does not know `gen` functions: leave it out", "gen");
    let second = "this item has a #[traceme] already: make them one";
    rejected("#[inline] #[traceme(level = 2)] fn f() {}", second, "traceme");
    rejected("#[traceme::traceme] impl S { fn f() {} }", second, "traceme::traceme");
}

#[test]
fn expressions_and_statements_are_left_to_the_compiler() {
    for statement in [
        "|x| x + 1",
        "move |x: u8| { x }",
        "async move { f().await }",
        "const { 1 }",
        "unsafe { f() }",
        "let x = 1;",
        "f(2)",
        "x.y = !z",
        "return !(x)",
        "if !f(x) { } else { }",
        "match x { _ => 1 }",
        "{ f(); g() }",
        "1 + 1",
        "",
    ] {
        wrong_on("level = 0", statement, &[]);
    }
}

#[test]
fn an_item_and_its_attribute_can_both_be_wrong() {
    let (found, _) = errors(annotate(tokens("level = 0, span = s"), tokens("const fn f() {}")));
    assert_eq!(found.len(), 2, "{found:?}");
    let level = "a level is an integer from 1 to 255";
    wrong_on("level = 0, ret", "pub struct S;", &[(level, "0"), (OTHER, "struct")]);
}

#[test]
fn whole_items_of_macro_rules() {
    let hidden = |source| TokenTree::Group(Group::new(Delimiter::None, tokens(source)));
    let (item, other) = (hidden("#[inline] pub fn f() {}"), hidden("pub struct S;"));
    let found = annotate(TokenStream::new(), quote!(#[cold] #item)).to_string();
    assert_eq!(found, annotate(TokenStream::new(), tokens("#[cold] #[inline] pub fn f() {}")).to_string());
    let found = annotate(TokenStream::new(), other.into()).to_string();
    assert!(found.contains(OTHER) && found.ends_with("pub struct S ;"), "{found}");
}
