//! Golden tests of the expansion, and of every error: what it says and at which token. No compiler needed.

mod arguments;
mod blocks;
mod expansion;
mod futures;
mod items;
mod results;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;

use crate::diag::Errors;
use crate::function::FnItem;
use crate::syntax::{ARGUMENTS as KNOWN, Args};
use crate::validate::Plan;
use crate::{annotate, validate};

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

/// These arguments on this item have these errors, each a message and the text that it points at, and the item
/// survives.
#[track_caller]
fn wrong_on(arguments: &str, item: &str, expected: &[(&str, &str)]) {
    let (found, rest) = errors(annotate(tokens(arguments), tokens(item)));
    let found: Vec<_> = found.iter().map(|(message, source)| (message.as_str(), source.as_str())).collect();
    assert_eq!(found, expected);
    assert_eq!(rest, tokens(item).to_string());
}

/// These arguments on a plain function have these errors.
#[track_caller]
fn wrong(arguments: &str, expected: &[(&str, &str)]) {
    wrong_on(arguments, "fn f() { body(); }", expected);
}

/// The attribute cannot stand on this item, says so once, and leaves it alone.
#[track_caller]
fn rejected(item: &str, message: &str, at: &str) {
    wrong_on("", item, &[(message, at)]);
}

/// What these arguments on this function are to be expanded to.
#[track_caller]
fn planned(arguments: &str, function: &str) -> Plan {
    let mut errors = Errors::new();
    let args = Args::read(tokens(arguments), &KNOWN, &mut errors);
    let function = FnItem::read(tokens(function)).expect("a function with a body");
    let plan = validate::plan(args, Some(&function), &mut errors);
    assert!(errors.finish().is_none());
    plan.expect("a plan")
}
