//! Patterns of arguments, by tokens: what a block has to mention to own all of an argument that one takes apart.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::arguments::{Argument, is_word, split};
use crate::item::{is_punct, refilled};

/// An argument as variables, none of which is a part of another.
pub(crate) struct Parts {
    /// What the argument is to be taken apart by, unless it is one variable already.
    pub(crate) pattern: Option<TokenTree>,
    /// In the order in which a function drops them: first what the user gave names to, and then what was left.
    pub(crate) variables: Vec<Ident>,
}

/// The parts of an argument that has this name before it is taken apart. Of a pattern there have to be only tuples, names and
/// `_` in it, and tuples in the type as it is written. Of another type it can't be told what is left: all of it, where it has
/// a `Drop` and what is taken is copied, and a reference is not taken apart at all.
pub(crate) fn parts(argument: &Argument, name: &Ident) -> Option<Parts> {
    let variable = |name: &Ident| Parts { pattern: None, variables: vec![name.clone()] };
    match argument.pattern.as_slice() {
        _ if argument.variable().is_some() => argument.variable().map(variable),
        [word] if is_word(word, "_") => Some(variable(name)),
        [TokenTree::Group(tuple)] => {
            let (mut variables, mut left) = (Vec::new(), Vec::new());
            let pattern = take_apart(tuple, argument.rest.get(1..)?, name, &mut variables, &mut left)?;
            Some(Parts { pattern: Some(pattern), variables: variables.into_iter().rev().chain(left).collect() })
        }
        _ => None,
    }
}

/// The pattern of a tuple with a name for each `_`.
fn take_apart(
    pattern: &Group,
    kind: &[TokenTree],
    name: &Ident,
    variables: &mut Vec<Ident>,
    left: &mut Vec<Ident>,
) -> Option<TokenTree> {
    let [TokenTree::Group(kind)] = kind else { return None };
    let (patterns, kinds) =
        (pattern.stream().into_iter().collect::<Vec<_>>(), kind.stream().into_iter().collect::<Vec<_>>());
    let (patterns, kinds) = (split(&patterns), split(&kinds));
    if [pattern, kind].iter().any(|group| !is_tuple(group)) || patterns.len() != kinds.len() {
        return None;
    }
    let mut named = TokenStream::new();
    for (pattern, kind) in patterns.into_iter().zip(kinds) {
        match pattern {
            [word] if is_word(word, "_") => {
                left.push(Ident::new(&format!("{name}_left{}", left.len()), name.span()));
                left.last().to_tokens(&mut named);
            }
            [TokenTree::Group(tuple)] => take_apart(tuple, kind, name, variables, left)?.to_tokens(&mut named),
            [before @ .., TokenTree::Ident(variable)] if is_variable(before, variable) => {
                variables.push(variable.clone());
                named.extend(pattern.iter().cloned());
            }
            _ => return None,
        }
        quote!(,).to_tokens(&mut named);
    }
    Some(refilled(pattern, named).into())
}

/// Whether it is, and not one thing in parentheses.
fn is_tuple(group: &Group) -> bool {
    let is_comma = |token: &TokenTree| is_punct(token, ',');
    let tokens: Vec<_> = group.stream().into_iter().collect();
    group.delimiter() == Delimiter::Parenthesis && (tokens.is_empty() || tokens.iter().any(is_comma))
}

/// Whether it is `name` or `mut name`, and not a constant or a type without fields, as they are usually written.
fn is_variable(before: &[TokenTree], name: &Ident) -> bool {
    let is_lower =
        |name: &str| name.trim_start_matches("r#").starts_with(|first: char| first == '_' || first.is_lowercase());
    match before {
        [] => is_lower(&name.to_string()),
        [word] => is_word(word, "mut"),
        _ => false,
    }
}
