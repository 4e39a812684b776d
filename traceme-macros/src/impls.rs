//! `impl` in types, by tokens: what an `async fn` may say there, and what a block is not told.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use crate::arguments::is_word;
use crate::item::{is_arrow, is_punct, outside_angles, refilled};

/// Whether a type has an `impl` with a lifetime in it that has no name: only the arguments of an `async fn` may.
pub(crate) fn is_anonymous(written: &[TokenTree]) -> bool {
    bounds(written).iter().any(|bounds| has_anonymous(bounds))
}

/// The type with `_` in place of each `impl` in it.
pub(crate) fn inferred(written: &TokenStream) -> TokenStream {
    let tokens: Vec<_> = written.clone().into_iter().collect();
    let mut named = TokenStream::new();
    let mut rest = tokens.as_slice();
    while let [token, after @ ..] = rest {
        rest = after;
        named.extend([match token {
            word if is_word(word, "impl") => {
                rest = &after[end_of_bounds(after)..];
                Ident::new("_", word.span()).into()
            }
            TokenTree::Group(group) => refilled(group, inferred(&group.stream())).into(),
            token => token.clone(),
        }]);
    }
    named
}

/// What stands behind each `impl`.
fn bounds(written: &[TokenTree]) -> Vec<Vec<TokenTree>> {
    let found = written.iter().enumerate().flat_map(|(index, token)| match token {
        TokenTree::Group(group) => bounds(&group.stream().into_iter().collect::<Vec<_>>()),
        word if is_word(word, "impl") => {
            let after = &written[index + 1..];
            vec![after[..end_of_bounds(after)].to_vec()]
        }
        _ => Vec::new(),
    });
    found.collect()
}

/// Whether a lifetime in these bounds has no name. Those in `Fn(&str) -> &str` are that bound's own.
fn has_anonymous(bounds: &[TokenTree]) -> bool {
    let mut before = None;
    let mut rest = bounds;
    while let [token, after @ ..] = rest {
        rest = after;
        match (token, after) {
            (TokenTree::Group(group), _) if is_called(before, group) => {
                if let [minus, arrow, output @ ..] = after {
                    if is_punct(minus, '-') && is_punct(arrow, '>') {
                        rest = &output[end(output, &[',', '>', ';', '+'])..];
                    }
                }
            }
            (TokenTree::Group(group), _) if has_anonymous(&group.stream().into_iter().collect::<Vec<_>>()) => {
                return true;
            }
            (quote, [name, ..]) if is_punct(quote, '\'') && is_word(name, "_") => return true,
            (and, after) if is_punct(and, '&') && !after.first().is_some_and(|next| is_punct(next, '\'')) => {
                return true;
            }
            _ => {}
        }
        before = Some(token);
    }
    false
}

/// Whether these are the parentheses of `Fn(..)`.
fn is_called(before: Option<&TokenTree>, group: &Group) -> bool {
    let is_name = |word: &Ident| ["impl", "dyn", "mut", "const"].iter().all(|keyword| word != keyword);
    group.delimiter() == Delimiter::Parenthesis && matches!(before, Some(TokenTree::Ident(word)) if is_name(word))
}

fn end_of_bounds(tokens: &[TokenTree]) -> usize {
    end(tokens, &[',', '>', ';'])
}

/// Where a type ends: at one of these that isn't part of it.
fn end(tokens: &[TokenTree], stops: &[char]) -> usize {
    outside_angles(tokens, |before, token| !is_arrow(before) && stops.iter().any(|&stop| is_punct(token, stop)))
}
