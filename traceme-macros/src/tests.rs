//! Golden tests of the expansion, and of every error: what it says and at which token. No compiler needed.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use crate::annotate;

fn tokens(source: &str) -> TokenStream {
    source.parse().expect("a token stream")
}

/// One space between any two tokens, whatever spacing they were written with.
fn print(tokens: TokenStream) -> String {
    let printed = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let (open, close) = match group.delimiter() {
                Delimiter::Brace => ("{", "}"),
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::Bracket => ("[", "]"),
                Delimiter::None => ("", ""),
            };
            format!("{open} {} {close}", print(group.stream()))
        }
        token => token.to_string(),
    });
    printed.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn expands(arguments: &str, item: &str, expected: &str) {
    assert_eq!(print(annotate(tokens(arguments), tokens(item))), print(tokens(expected)));
}

/// Splits an expansion into the errors, each as its message and the source text it points at, and the item.
fn errors(expansion: TokenStream) -> (Vec<(String, String)>, String) {
    let mut found = Vec::new();
    let mut rest = expansion.into_iter().collect::<Vec<_>>();
    let prefix = tokens("::core::compile_error!").into_iter().count();
    while quote!(#(#rest)*).to_string().starts_with(":: core :: compile_error !") {
        let at = (rest[0].span(), rest[prefix].span());
        let source = at.0.join(at.1).and_then(|span| span.source_text()).expect("a place in the source");
        let TokenTree::Group(message) = &rest[prefix] else { panic!("a message in braces") };
        let message: syn::LitStr = syn::parse2(message.stream()).expect("a message");
        found.push((message.value(), source));
        rest.drain(..=prefix);
    }
    (found, quote!(#(#rest)*).to_string())
}

/// The arguments on a plain function have these errors, and the function survives.
#[track_caller]
fn wrong(arguments: &str, expected: &[(&str, &str)]) {
    let (found, item) = errors(annotate(tokens(arguments), tokens("fn f() { body(); }")));
    let found: Vec<_> = found.iter().map(|(message, source)| (message.as_str(), source.as_str())).collect();
    assert_eq!(found, expected);
    assert_eq!(item, tokens("fn f() { body(); }").to_string());
}

/// The attribute cannot stand on this item, says so once, and leaves it alone.
#[track_caller]
fn rejected(item: &str, message: &str, at: &str) {
    let (found, rest) = errors(annotate(TokenStream::new(), tokens(item)));
    assert_eq!(found, [(message.to_string(), at.to_string())]);
    assert_eq!(rest, tokens(item).to_string());
}

const ARGUMENTS: &str = "expected one of `level`, `name`, `category`, `meta`, `span`, `crate`";
const EARLY: &str = "unexpected end of input, expected an expression";
const KEY: &str = "expected a key, as in `size = data.len()`, `path = %path`, `request = ?request` or `n`";

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
fn unknown_arguments() {
    let list = |start: &str| format!("unknown argument {start}{ARGUMENTS}");
    wrong("levle = 2", &[(&list("`levle`, did you mean `level`? "), "levle")]);
    wrong("Name = \"x\"", &[(&list("`Name`, did you mean `name`? "), "Name")]);
    wrong("skip_all", &[(&list("`skip_all`, "), "skip_all")]);
    let unnamed = "an argument has a name, such as `name = \"load\"` or `level = 2`";
    wrong("\"load\"", &[(unnamed, "\"load\"")]);
    wrong(", level = 2", &[("expected an argument", ",")]);
    wrong("level = 2,, category = IO", &[("expected an argument", ",")]);
}

#[test]
fn repeated_arguments() {
    wrong("level = 2, level = 3", &[("duplicate argument `level`", "level")]);
    wrong("name = a, name = b", &[("duplicate argument `name`", "name")]);
    wrong("category = A, category = B", &[("duplicate argument `category`", "category")]);
    wrong("meta(a), meta(b)", &[("duplicate argument `meta`", "meta")]);
    wrong("crate = a, crate = b", &[("duplicate argument `crate`", "crate")]);
}

#[test]
fn missing_commas() {
    wrong("level = 2 name = \"x\"", &[("expected `,`", "name")]);
    wrong("level = 2 3, name = \"\"", &[("expected `,`", "3"), ("a span's name cannot be empty", "\"\"")]);
    wrong("meta(a = 1 b = 2, c c)", &[("expected `,`", "b"), ("expected `=`, as in `key = value`", "c")]);
}

#[test]
fn missing_values() {
    wrong("level", &[("`level` needs a value, as in `level = 2`", "level")]);
    wrong("level =, name = \"x\"", &[("`level` needs a value, as in `level = 2`", "level")]);
    wrong("name(\"x\")", &[("expected `=`, as in `name = \"load\"`", "(")]);
    wrong("category", &[("`category` needs a value, as in `category = IO`", "category")]);
    wrong("category = \"io\"", &[("expected a path, as in `category = IO`", "\"io\"")]);
    wrong("crate = 1", &[("expected a path, as in `crate = my_crate::traceme`", "1")]);
    wrong("span = \"s\"", &[("expected a name, as in `span = s`", "\"s\"")]);
    wrong("level = *, meta(k = -)", &[("expected an expression", ","), (EARLY, "k")]);
    wrong("level = *", &[(EARLY, "level")]);
}

#[test]
fn levels() {
    let message = "a level is an integer from 1 to 255";
    for level in ["0", "256", "0x100", "-1", "2.0", "\"2\"", "99999999999999999999", "b'2'"] {
        wrong(&format!("level = {level}"), &[(message, level)]);
    }
}

#[test]
fn names_that_are_wrong() {
    wrong("name = \"\"", &[("a span's name cannot be empty", "\"\"")]);
    wrong("name = 5", &[("a span's name is a string", "5")]);
    wrong("name = b\"x\"", &[("a span's name is a string", "b\"x\"")]);
}

#[test]
fn metadata() {
    let parentheses = "expected parentheses, as in `meta(size = data.len())`";
    wrong("meta", &[(parentheses, "meta")]);
    wrong("meta = n", &[(parentheses, "=")]);
    wrong("meta(a = 1, r#a)", &[("duplicate metadata key `r#a`", "r#a")]);
    wrong("meta(%n, \"k\" = 1, _ = 2)", &[(KEY, "%"), (KEY, "\"k\""), (KEY, "_")]);
    wrong("meta(a.b = 1)", &[("expected `=`, as in `key = value`", ".")]);
    wrong("meta(a = )", &[("`a` needs a value, as in `key = value`", "a")]);
    wrong("meta(self)", &[("`self` cannot be its own key, write `key = self`", "self")]);
}

#[test]
fn too_much_metadata() {
    let keys = |count: usize| (1..=count).map(|key| format!("k{key}")).collect::<Vec<_>>().join(", ");
    let (errors_at_14, _) =
        errors(annotate(tokens(&format!("meta({}, a = 1, b = -1)", keys(14))), tokens("fn f() {}")));
    assert_eq!(errors_at_14, [], "literals do not count");
    wrong(&format!("meta({})", keys(16)), &[("a span carries at most 14 values", "k15")]);
    let named = format!("name = made(), meta({})", keys(14));
    wrong(&named, &[("a span carries at most 14 values, of which its name is one", "k14")]);
}

#[test]
fn all_mistakes_at_once() {
    wrong(
        "level = 0, nmae = \"x\", meta(a = 1, a = 2, b c), name = \"\"",
        &[
            (&format!("unknown argument `nmae`, did you mean `name`? {ARGUMENTS}"), "nmae"),
            ("expected `=`, as in `key = value`", "c"),
            ("a level is an integer from 1 to 255", "0"),
            ("duplicate metadata key `a`", "a"),
            ("a span's name cannot be empty", "\"\""),
        ],
    );
}

#[test]
fn a_named_guard_survives_a_mistake() {
    let (found, item) = errors(annotate(tokens("span = s, level = 0"), tokens("fn f() { s.stop() }")));
    assert_eq!(found.len(), 1);
    assert_eq!(item, tokens("fn f() { let s = ::traceme::span!(\"f\"); s.stop() }").to_string());
}

#[test]
fn items_that_cannot_be_traced() {
    let not_a_function = "#[traceme] is for functions and methods";
    rejected("pub struct S;", not_a_function, "struct");
    rejected("#[doc = \"d\"] impl S { fn f() {} }", not_a_function, "impl");
    rejected("unsafe impl S {}", not_a_function, "unsafe");
    rejected("const N: u8 = 1;", not_a_function, "const");
    rejected("extern \"C\" { fn f(); }", not_a_function, "extern");
    let bodiless = "#[traceme] needs a function with a body: put it on the implementations";
    rejected("fn f(&self) -> u8;", bodiless, "f");
    let constant = "#[traceme] cannot trace a `const fn`, which must also run at compile time";
    rejected("pub const fn f() {}", constant, "const");
    let asynchronous = "async functions are not supported yet by #[traceme]; use trace_scope! in the sync parts";
    rejected("pub async unsafe fn f() {}", asynchronous, "async");
}

#[test]
fn an_item_and_its_attribute_can_both_be_wrong() {
    let (found, _) = errors(annotate(tokens("level = 0, span = s"), tokens("const fn f() {}")));
    assert_eq!(found.len(), 2, "{found:?}");
}
