//! What functions become.

use proc_macro2::{Delimiter, Group, TokenTree};
use quote::quote;

use super::{errors, expands, tokens};
use crate::annotate;

#[test]
fn without_arguments() {
    expands("", "fn f() { body() }", "fn f() { let __traceme_guard = ::traceme::span!(\"f\"); body() }");
}

#[test]
fn every_argument() {
    expands(
        "meta(size = data.len(), path = %path.display(), r = ?r, kind = \"file\", n,), category = cat::IO, level = 1 + 1,",
        "fn f() {}",
        "fn f() {
            let __traceme_guard = ::traceme::span!(
                \"f\", level = 1 + 1, category = cat::IO,
                meta(size = data.len(), path = %path.display(), r = ?r, kind = \"file\", n)
            );
        }",
    );
}

#[test]
fn names() {
    expands("name = \"load\"", "fn f() {}", "fn f() { let __traceme_guard = ::traceme::span!(\"load\"); }");
    expands(
        "name = format!(\"load_{i}\"), level = 255",
        "fn f() {}",
        "fn f() { let __traceme_guard = ::traceme::span!(name = format!(\"load_{i}\"), level = 255); }",
    );
    expands("", "fn r#type() {}", "fn r#type() { let __traceme_guard = ::traceme::span!(\"type\"); }");
}

#[test]
fn names_of_guard_and_crate() {
    expands(
        "span = s, crate = crate::re::exported",
        "fn f() { use_of(s) }",
        "fn f() { let s = crate::re::exported::span!(\"f\"); use_of(s) }",
    );
}

#[test]
fn a_signature_stays_as_it_was() {
    let before =
        "#[inline] #[doc = \"d\"] pub(in crate::a) default unsafe extern \"C\" fn f<'a, T: ?Sized, const N: usize>";
    let after =
        "(self: &'a mut Self, (a, mut b): (u8, [T; N])) -> impl Iterator<Item = &'a T> + use<'a, T, N> where T: 'a";
    expands(
        "",
        &format!("{before} {after} {{ }}"),
        &format!("{before} {after} {{ let __traceme_guard = ::traceme::span!(\"f\"); }}"),
    );
    expands(
        "",
        "unsafe extern \"C\" fn f(n: i32, ...) -> ! { loop {} }",
        "unsafe extern \"C\" fn f(n: i32, ...) -> ! { let __traceme_guard = ::traceme::span!(\"f\"); loop {} }",
    );
}

#[test]
fn inner_attributes_stay_first() {
    expands(
        "",
        "fn f() { #![allow(unused)] #![doc = \"d\"] #[cfg(a)] statement; }",
        "fn f() {
            #![allow(unused)] #![doc = \"d\"]
            let __traceme_guard = ::traceme::span!(\"f\");
            #[cfg(a)] statement;
        }",
    );
}

#[test]
fn items_in_front_of_a_body_are_not_blamed_for_coming_after_the_guard() {
    expands(
        "",
        "#[inline] fn f() { use a::b; b() }",
        "#[inline] #[allow(clippy::items_after_statements)]
        fn f() { let __traceme_guard = ::traceme::span!(\"f\"); use a::b; b() }",
    );
}

#[test]
fn a_body_is_never_parsed() {
    expands(
        "",
        "fn f() { this is no Rust, yet 1 + }",
        "fn f() { let __traceme_guard = ::traceme::span!(\"f\"); this is no Rust, yet 1 + }",
    );
}

#[test]
fn fragments_of_macro_rules() {
    let hidden = |source| TokenTree::Group(Group::new(Delimiter::None, tokens(source)));
    let (visibility, body, level, name) = (hidden("pub"), hidden("{ body() }"), hidden("2"), hidden("\"n\""));
    let found = annotate(quote!(level = #level, name = #name), quote!(#visibility fn f() #body)).to_string();
    assert_eq!(found, "pub fn f () { let __traceme_guard = :: traceme :: span ! (\"n\" , level = 2) ; body () }");

    let (level, name, key) = (hidden("0"), hidden("\"\""), hidden("1"));
    let found = annotate(
        quote!(level = #level, name = #name, meta(k = #key)),
        quote!(
            fn f() {}
        ),
    );
    let found = found.to_string();
    assert!(found.contains("from 1 to 255") && found.contains("cannot be empty"), "{found}");
}

#[test]
fn a_named_guard_survives_a_mistake() {
    let (found, item) = errors(annotate(tokens("span = s, level = 0"), tokens("fn f() { s.stop() }")));
    assert_eq!(found.len(), 1);
    assert_eq!(item, tokens("fn f() { let s = ::traceme::span!(\"f\"); s.stop() }").to_string());
}
