//! The attribute on blocks: which functions it reaches, and that everything else stays as it was.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use super::{print, tokens, wrong_on};
use crate::annotate;

/// The source, with each `traced! { function }` in it replaced.
fn replace(source: TokenStream, traced: &dyn Fn(TokenStream) -> TokenStream) -> TokenStream {
    let source: Vec<_> = source.into_iter().collect();
    let mut replaced = TokenStream::new();
    let mut rest = source.as_slice();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (TokenTree::Ident(name), [_, TokenTree::Group(function), after @ ..]) if name == "traced" => {
                replaced.extend(traced(function.stream()));
                rest = after;
            }
            (TokenTree::Group(group), _) => {
                let stream = replace(group.stream(), traced);
                replaced.extend([TokenTree::from(Group::new(group.delimiter(), stream))]);
            }
            (token, _) => replaced.extend([token.clone()]),
        }
    }
    replaced
}

/// On a block, arguments have the effect that they have on each function in `traced!`, and no other.
#[track_caller]
fn traces(arguments: &str, block: &str) {
    let found = annotate(tokens(arguments), replace(tokens(block), &|function| function));
    let expected = replace(tokens(block), &|function| annotate(tokens(arguments), function));
    assert_eq!(print(found), print(expected));
}

#[test]
fn functions_with_a_body() {
    traces(
        "",
        "#[doc = \"d\"] unsafe impl<T: Tr<{ N }>, const N: usize> Tr<{ N }> for [T; N] where Foo<{ N }>: Bar {
            const A: u8 = { 1 };
            type B = Vec<{ 2 }>;
            traced! { #[inline] pub(crate) unsafe extern \"C\" fn f<U>(&self) -> Foo<{ N }> where U: Fn() -> Foo<{ 1 }> { g() } }
            traced! { default fn g() {} }
        }",
    );
    traces(
        "level = 2, category = C, crate = c",
        "pub trait T: Sized { fn required(&self); type A; const B: u8 = 3; traced! { fn provided(&self) -> u8 { 1 } } }",
    );
    traces("", "unsafe auto trait T { traced! { async fn f() {} } }");
    traces("", "impl A for ! { traced! { fn f() {} } }");
    traces("", "impl A for fn(u8) -> B<{ 1 }> { traced! { fn f() {} } }");
    traces("", "mod empty {}");
}

#[test]
fn modules_and_what_is_in_them() {
    traces(
        "level = LEVEL",
        "pub(in crate::a) mod m {
            #![allow(unused)] #![doc = \"d\"]
            use a::{b, c};
            extern crate d as e;
            struct S<const N: usize = { 3 }>(u8);
            struct G<T> where T: Tr<{ 1 }> { f: fn() -> u8 }
            enum E { A { f: u8 } }
            union U { a: u8 }
            static F: fn() = || { fn inner() {} };
            const fn constant() {}
            const _: () = { fn inner() {} };
            macro_rules! m { () => { fn f() {} }; }
            m! { fn f() {} }
            a::m!(fn f() {});
            ::a::m![fn f() {}];
            extern \"C\" { fn foreign(); }
            unsafe extern { pub safe fn foreign2(); }
            #[cfg(a)] impl S { traced! { #[cfg(b)] #[doc = \"d\"] pub fn f() { fn inner() {} } } }
            mod file;
            trait Alias = A<{ 1 }>;
            mod n { mod o { traced! { fn g() -> ! { loop {} } } } trait T { traced! { fn h() {} } } }
            traced! { pub fn last() {} }
        }",
    );
}

#[test]
fn ends_of_functions() {
    for output in [
        "ty! { u8 }",
        "a::ty!{ u8 }",
        "&'a !",
        "*mut !",
        "fn() -> !",
        "impl Fn(A) -> B<{ 1 }>",
        "<A<{ 1 }> as B>::C",
        "A<-1>",
    ] {
        traces("", &format!("impl S {{ traced! {{ fn f() -> {output} {{}} }} struct Next; }}"));
    }
}

#[test]
fn types_are_not_read() {
    traces("", "impl S { traced! { fn newer(a: u8 in 1..2, b: Box<Fn(u8) -> u8>) -> Box<Fn<{ 1 }, T>> where A: {} } }");
}

#[test]
fn functions_that_are_left_out() {
    traces(
        "",
        "impl S {
            pub const fn a() {} #[unsafe(naked)] fn b() {} gen fn of_a_kind_that_is_newer() {}
            #[traceme(level = 2)] fn c() {}
            #[inline] #[::traceme::traceme] fn d() {}
            #[cfg_attr(a, inline, traceme(skip))] fn e() {}
            #[traceme(skip, level = 2)] fn f() {}
        }",
    );
    traces("", "mod m { #[traceme] impl S { fn f() {} #[traceme(skip)] fn g() {} } }");
    traces("", "mod m { #[cfg_attr(traceme, inline)] struct S; traced! { #[cfg_attr(traceme, inline)] fn f() {} } }");
}

#[test]
fn skip_leaves_out_and_is_gone() {
    let expands = |block: &str, expected: &str| {
        let expected = replace(tokens(expected), &|function| annotate(TokenStream::new(), function));
        assert_eq!(print(annotate(TokenStream::new(), tokens(block))), print(expected));
    };
    expands(
        "mod m {
            #[inline] #[traceme(skip)] #[doc = \"d\"] pub fn a() {}
            #[traceme::traceme(skip,)] fn b();
            #[traceme(skip)] impl S { fn c() {} #[traceme(skip)] fn d() {} #[traceme] fn e() {} }
            #[traceme(skip)] pub(crate) mod n { fn f() {} }
            #[traceme(skip)] trait T { fn g() {} }
            #[traceme(skip)] struct Kept;
            fn h() {}
        }",
        "mod m {
            #[inline] #[doc = \"d\"] pub fn a() {}
            fn b();
            impl S { fn c() {} fn d() {} #[traceme] fn e() {} }
            pub(crate) mod n { fn f() {} }
            trait T { fn g() {} }
            #[traceme(skip)] struct Kept;
            traced! { fn h() {} }
        }",
    );
}

#[test]
fn arguments_of_blocks() {
    traces("alert = \"5ms\", level = 2", "impl S { traced! { fn f() {} } }");
    let one = |key: &str| format!("`{key}` is for one function: put it on the function");
    wrong_on(
        "err, name = \"n\", level = 0, ret(Value), meta(n), span = s",
        "trait T { fn f() { s.stop() } }",
        &[
            (&one("err"), "err"),
            (&one("name"), "name"),
            ("a level is an integer from 1 to 255", "0"),
            (&one("ret"), "ret"),
            (&one("meta"), "meta"),
            (&one("span"), "span"),
        ],
    );
    let found = annotate(tokens("level = 0"), tokens("mod m { #[traceme(skip)] fn f() {} }")).to_string();
    assert!(found.ends_with("mod m { fn f () { } }"), "the mark would be a second error: {found}");
}

#[test]
fn mistakes_in_one_function() {
    let message =
        "the `alert` of the block is not for functions that give a future: put a #[traceme] of its own on this one";
    wrong_on(
        "alert = \"5ms\"",
        "impl S { async fn f() {} #[inline] pub fn g() -> impl Future<Output = u8> {} }",
        &[(message, "f"), (message, "g")],
    );
    let found = annotate(tokens("alert = \"5ms\""), tokens("impl S { async fn f() {} fn g() { body() } }"));
    let good = annotate(tokens("alert = \"5ms\""), tokens("fn g() { body() }")).to_string();
    assert!(found.to_string().contains(&good), "the others are traced");
}

#[test]
fn fragments_of_macro_rules() {
    let hidden = |source| TokenTree::Group(Group::new(Delimiter::None, tokens(source)));
    let traced = |function| annotate(TokenStream::new(), function).to_string();
    let (visibility, nothing, body, ty) = (hidden("pub"), hidden(""), hidden("{ body() }"), hidden("Foo<{ 1 }>"));
    let (item, whole) = (hidden("#[inline] fn a() {}"), hidden("impl S { fn b() {} }"));
    let block = quote! {
        mod m {
            #[doc = "d"] #item
            #whole
            #visibility struct S;
            #nothing fn c() -> #ty #body
            #visibility fn d() {}
        }
    };
    let found = traced(block);
    let mut at = 0;
    for function in [
        traced(quote!(
            #[doc = "d"]
            #[inline]
            fn a() {}
        )),
        traced(quote!(
            fn b() {}
        )),
        traced(quote!(
            fn c() -> Foo<{ 1 }> {
                body()
            }
        )),
        traced(quote!(
            pub fn d() {}
        )),
    ] {
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let place = squeezed(&found)[at..].find(&squeezed(&function));
        at += place.unwrap_or_else(|| panic!("no `{function}` in {found}"));
    }
    let block = hidden("impl S { fn b() {} }");
    assert_eq!(traced(block.into()), traced(tokens("impl S { fn b() {} }")));
}

#[test]
fn braces_and_bodies_keep_their_places() {
    let found =
        annotate(TokenStream::new(), tokens("impl S { const fn a() { this is no Rust, yet 1 + } fn b() { 2 + } }"));
    let Some(TokenTree::Group(braces)) = found.into_iter().last() else { panic!("a block") };
    let source = braces.span().source_text().expect("a place in the source");
    assert!(source.starts_with("{ const fn a()") && source.ends_with("+ } }"), "{source}");
    let bodies = braces.stream().into_iter().filter_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => group.span().source_text(),
        _ => None,
    });
    assert_eq!(bodies.collect::<Vec<_>>(), ["{ this is no Rust, yet 1 + }", "{ 2 + }"]);
}
