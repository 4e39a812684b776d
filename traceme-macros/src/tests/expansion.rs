//! What functions become.

use proc_macro2::{Delimiter, Group, TokenTree};
use quote::quote;

use super::{errors, expands, print, tokens};
use crate::annotate;

/// The parts of `__record_span!` without any argument.
const PLAIN: &str = "[;] \"f\" 1 (::traceme::Category::DEFAULT) [] [] ()";

/// A function's body inside a span that begins like this.
fn inside(begin: &str, body: &str) -> String {
    format!("{{ {{ let __traceme_guard = ::traceme::{begin}; ({{ {body} }}) }} }}")
}

fn inside_a_span(parts: &str, body: &str) -> String {
    inside(&format!("__record_span!({parts})"), body)
}

/// The arguments on `fn f(n: u8, r: &R, data: &[u8]) { body() }` make a span of these parts.
#[track_caller]
fn begins(arguments: &str, parts: &str) {
    let signature = "fn f(n: u8, r: &R, data: &[u8])";
    expands(
        arguments,
        &format!("{signature} {{ body() }}"),
        &format!("{signature} {}", inside_a_span(parts, "body()")),
    );
}

#[test]
fn without_arguments() {
    begins("", PLAIN);
}

#[test]
fn every_argument() {
    begins(
        "meta(size = data.len() + 1, path = %path.display(), r = ?r, kind = \"file\", n, low = -1,), category = cat::IO, \
         level = 1 + 1, alert = \"5ms\",",
        "[5000000;] \"f\" { ::traceme::__private::LevelArgument(1 + 1).number() } (cat::IO) [] [
            (\"size\", \"\", \"\"),
            (\"path\", \"\", \"\"),
            (\"r\", \"\", \"\"),
            (\"kind\", \"\\\"file\\\"\", ::core::concat!(\"file\")),
            (\"n\", \"\", \"\"),
            (\"low\", \"- 1\", ::core::concat!(-1))
        ] (
            ::traceme::__private::value(&(data.len() + 1)), (
                ::traceme::__private::Formatted::new(::core::format_args!(\"{}\", path.display())), (
                    ::traceme::__private::Formatted::new(::core::format_args!(\"{:?}\", r)), (
                        ::traceme::__private::value(&(n)), ()
                    )
                )
            )
        )",
    );
}

#[test]
fn names() {
    begins("name = \"load\"", &PLAIN.replace("\"f\"", "\"load\""));
    begins(
        "name = format!(\"load_{i}\"), level = 255",
        "[;] \"\" 255 (::traceme::Category::DEFAULT) [] [] (::traceme::__private::Name(
            ::core::convert::AsRef::<::core::primitive::str>::as_ref(&(format!(\"load_{i}\")))
        ), ())",
    );
    expands("", "fn r#type() {}", &format!("fn r#type() {}", inside_a_span(&PLAIN.replace("\"f\"", "\"type\""), "")));
}

#[test]
fn literals_that_a_callsite_cannot_hold_are_values() {
    begins(
        "meta(a = b'x', b = b\"xy\")",
        "[;] \"f\" 1 (::traceme::Category::DEFAULT) [] [(\"a\", \"\", \"\"), (\"b\", \"\", \"\")] (
            ::traceme::__private::value(&(b'x')), (::traceme::__private::value(&(b\"xy\")), ())
        )",
    );
}

#[test]
fn names_of_guard_and_crate() {
    expands(
        "span = s, crate = crate::re::exported",
        "fn f() { use_of(s) }",
        "fn f() { {
            let s = crate::re::exported::__record_span!([;] \"f\" 1 (crate::re::exported::Category::DEFAULT) [] [] ());
            match s { _ => {} }
            ({ use_of(s) })
        } }",
    );
}

#[test]
fn results() {
    let traced = |outcome: &str| {
        format!(
            "fn f() -> Result<u8, E> {{ {{
                let __traceme_guard = ::traceme::__record_span!({PLAIN});
                ::traceme::__record_outcome! {{
                    __traceme_guard [] [|| ->] [Result<u8, E>] {{ body() }} __traceme_result {outcome}
                }}
            }} }}"
        )
    };
    let bare = "fn f() -> Result<u8, E> { body() }";
    let formatted = |format: &str, of: &str| {
        format!("::traceme::__private::Formatted::new(::core::format_args!(\"{format}\", {of}))")
    };
    expands("ret", bare, &traced(&format!("[ret {}]", formatted("{:?}", "__traceme_result"))));
    expands("ret(Value)", bare, &traced("[ret ::traceme::__private::value(&(__traceme_result))]"));
    let matched = "(::traceme::__private::outcome(&__traceme_result)) __traceme_value";
    let err = formatted("{}", "__traceme_error");
    expands("err", bare, &traced(&format!("[err {matched} [] __traceme_error {err}]")));
    let ret = formatted("{}", "__traceme_value");
    expands("err, ret(Display)", bare, &traced(&format!("[err {matched} [{ret}] __traceme_error {err}]")));
}

#[test]
fn a_signature_stays_as_it_was() {
    let before =
        "#[inline] #[doc = \"d\"] pub(in crate::a) default unsafe extern \"C\" fn f<'a, T: ?Sized, const N: usize>";
    let after =
        "(self: &'a mut Self, (a, mut b): (u8, [T; N])) -> impl Iterator<Item = &'a T> + use<'a, T, N> where T: 'a";
    expands("", &format!("{before} {after} {{ }}"), &format!("{before} {after} {}", inside_a_span(PLAIN, "")));
    let signature = "unsafe extern \"C\" fn f(n: i32, ...) -> !";
    expands("", &format!("{signature} {{ loop {{}} }}"), &format!("{signature} {}", inside_a_span(PLAIN, "loop {}")));
}

#[test]
fn inner_attributes_stay_first() {
    let traced = inside_a_span(PLAIN, "#[cfg(a)] statement;").replacen('{', "{ #![allow(unused)] #![doc = \"d\"]", 1);
    expands("", "fn f() { #![allow(unused)] #![doc = \"d\"] #[cfg(a)] statement; }", &format!("fn f() {traced}"));
}

#[test]
fn a_body_is_never_parsed() {
    let body = "this is no Rust, yet 1 +";
    expands("", &format!("fn f() {{ {body} }}"), &format!("fn f() {}", inside_a_span(PLAIN, body)));
}

#[test]
fn an_expansion_has_at_most_15_lines() {
    let longest =
        "level = L, name = format!(\"{n}\"), category = IO, meta(n, r = ?r, path = %path), alert = \"5ms\", ret, err";
    let expansion = annotate(tokens(longest), tokens("fn f(n: u8) -> Result<u8, E> { body() }"));
    // Rustfmt leaves macro calls alone that it can't read: a line a hundred characters is what they would take.
    let lines = print(expansion).len().div_ceil(100);
    assert!(lines <= 15, "{lines}");
}

#[test]
fn fragments_of_macro_rules() {
    let hidden = |source| TokenTree::Group(Group::new(Delimiter::None, tokens(source)));
    let (visibility, body, level, name) = (hidden("pub"), hidden("{ body() }"), hidden("2"), hidden("\"n\""));
    let found = annotate(quote!(level = #level, name = #name), quote!(#visibility fn f() #body));
    let parts = "[;] \"n\" 2 (::traceme::Category::DEFAULT) [] [] ()";
    assert_eq!(
        print(found).trim().replace("pub  fn", "pub fn"),
        print(tokens(&format!("pub fn f() {}", inside_a_span(parts, "body()"))))
    );

    let (level, name, key) = (hidden("0"), hidden("\"\""), hidden("1"));
    let arguments = quote!(level = #level, name = #name, meta(k = #key));
    let found = annotate(arguments, tokens("fn f() {}")).to_string();
    assert!(found.contains("from 1 to 255") && found.contains("cannot be empty"), "{found}");
}

#[test]
fn a_named_guard_survives_a_mistake() {
    let (found, item) = errors(annotate(tokens("span = s, level = 0"), tokens("fn f() { s.stop() }")));
    assert_eq!(found.len(), 1);
    let traced = format!(
        "fn f() {{ {{ let s = ::traceme::__record_span!({PLAIN}); match s {{ _ => {{}} }} ({{ s.stop() }}) }} }}"
    );
    assert_eq!(item, tokens(&traced).to_string());
}
