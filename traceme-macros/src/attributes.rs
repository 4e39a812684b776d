//! The attributes that an item has besides the one that is being expanded.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::{Attribute, Meta, Token};

/// Whether this is `#[traceme(..)]`, by whatever path.
pub(crate) fn is_ours(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "traceme")
}

/// Whether this is `#[traceme(skip)]`.
pub(crate) fn is_skip(attribute: &Attribute) -> bool {
    let skip = |list: TokenStream| {
        let parse =
            |input: syn::parse::ParseStream<'_>| Ok((input.parse::<Ident>()?, input.parse::<Option<Token![,]>>()?));
        parse.parse2(list).is_ok_and(|(word, _)| word == "skip")
    };
    matches!(&attribute.meta, Meta::List(list) if is_ours(attribute) && skip(list.tokens.clone()))
}

/// Whether `cfg_attr` may make it `#[traceme(..)]`.
pub(crate) fn may_become_ours(attribute: &Attribute) -> bool {
    conditional(attribute).is_some_and(|tokens| mentions(tokens, "traceme"))
}

/// Whether one of these is, or may become, `#[track_caller]`.
pub(crate) fn track_caller(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("track_caller")
            || conditional(attribute).is_some_and(|tokens| mentions(tokens, "track_caller"))
    })
}

/// Finds `#[unsafe(naked)]`: the body is assembly, with room for nothing else.
pub(crate) fn naked(attributes: &[Attribute]) -> Option<&Attribute> {
    attributes.iter().find(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("unsafe") && mentions(list.tokens.clone(), "naked"),
        meta => meta.path().is_ident("naked"),
    })
}

/// The attributes in `cfg_attr(condition, attributes..)`.
fn conditional(attribute: &Attribute) -> Option<TokenStream> {
    match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
            Some(list.tokens.clone().into_iter().skip_while(|token| !is_comma(token)).collect())
        }
        _ => None,
    }
}

fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(found) => found == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        _ => false,
    })
}
