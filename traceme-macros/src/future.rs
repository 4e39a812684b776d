//! Which functions give a future, as far as their signatures tell.

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};

use crate::arguments::is_word;
use crate::item::{hidden, is_path, is_punct, outside_angles};

/// What a future is in the signature of the function that gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Future {
    /// `async fn`
    Async,
    /// `-> impl Future`
    Opaque,
    /// `-> Pin<Box<dyn Future>>`
    Boxed,
}

/// What a wrapped future is if the future is; `Future` itself, lifetimes and `use<..>` aside.
const AUTO_TRAITS: [&str; 6] = ["Send", "Sync", "Unpin", "UnwindSafe", "RefUnwindSafe", "Sized"];

impl Future {
    /// By the type that a function returns. One that only implements the trait is a value as any other.
    pub(crate) fn returned(output: &TokenStream) -> Option<Self> {
        let mut tokens: Vec<_> = output.clone().into_iter().collect();
        // What a `macro_rules!` macro calls `$type:ty`.
        while let Some(inner) = only(&tokens).and_then(hidden) {
            tokens = inner.into_iter().collect();
        }
        match tokens.as_slice() {
            [word, bounds @ ..] if is_word(word, "impl") => is_future(bounds).then_some(Self::Opaque),
            path => is_boxed(path).then_some(Self::Boxed),
        }
    }
}

fn only(tokens: &[TokenTree]) -> Option<&TokenTree> {
    if let [token] = tokens { Some(token) } else { None }
}

/// Whether these bounds, with `+` between them, are `Future` and what else a future stays that is wrapped.
fn is_future(bounds: &[TokenTree]) -> bool {
    let mut found = false;
    let mut rest = bounds;
    while !rest.is_empty() {
        let (bound, after) = rest.split_at(outside_angles(rest, |_, token| is_punct(token, '+')));
        rest = after.get(1..).unwrap_or_default();
        let is_lifetime = bound.first().is_some_and(|token| is_punct(token, '\''));
        match path(bound).0 {
            _ if is_lifetime => {}
            Some(name) if name == "Future" => found = true,
            Some(name) if name == "use" || AUTO_TRAITS.iter().any(|auto| name == auto) => {}
            _ => return false,
        }
    }
    found
}

fn is_boxed(output: &[TokenTree]) -> bool {
    let (name, rest) = path(output);
    match name {
        Some(name) if name == "BoxFuture" || name == "LocalBoxFuture" => true,
        Some(name) if name == "Pin" => {
            let (name, rest) = path(rest.get(1..).unwrap_or_default());
            match rest {
                [_, word, bounds @ .., _, _] if name.is_some_and(|name| name == "Box") && is_word(word, "dyn") => {
                    let bounds = match bounds {
                        [group @ TokenTree::Group(inner)] if inner.delimiter() == Delimiter::None => {
                            hidden(group).map(|tokens| tokens.into_iter().collect())
                        }
                        bounds => Some(bounds.to_vec()),
                    };
                    bounds.is_some_and(|bounds| is_future(&bounds))
                }
                _ => false,
            }
        }
        _ => false,
    }
}

/// The last name of a path, and what is behind it, `<` first.
pub(crate) fn path(tokens: &[TokenTree]) -> (Option<&Ident>, &[TokenTree]) {
    let (path, rest) = tokens.split_at(tokens.iter().take_while(|token| is_path(token)).count());
    match path.last() {
        Some(TokenTree::Ident(name)) => (Some(name), rest),
        _ => (None, rest),
    }
}

/// Whether something in a body may leave the function with a value, or hides in a macro whether it does. What is in an
/// `async` block leaves that.
pub(crate) fn may_return(body: TokenStream) -> bool {
    let mut before: [Option<TokenTree>; 2] = [None, None];
    body.into_iter().any(|token| {
        let is_behind = |word| before[1].as_ref().is_some_and(|token| is_word(token, word));
        let is_async =
            is_behind("async") || is_behind("move") && before[0].as_ref().is_some_and(|token| is_word(token, "async"));
        let found = match &token {
            TokenTree::Ident(word) => word == "return",
            TokenTree::Group(group) => !is_async && may_return(group.stream()),
            TokenTree::Punct(punct) if punct.as_char() == '!' => {
                punct.spacing() == Spacing::Alone && matches!(before[1], Some(TokenTree::Ident(_)))
            }
            token => is_punct(token, '?'),
        };
        before = [before[1].take(), Some(token)];
        found
    })
}

/// The last expression of a body, if that is `Box::pin(future)`, and nothing before it or in it leaves the function: the
/// tokens before the parentheses, and what is in there.
pub(crate) fn boxed_at_the_end(body: TokenStream) -> Option<(Vec<TokenTree>, Group)> {
    let mut tokens: Vec<_> = body.into_iter().collect();
    let Some(TokenTree::Group(pinned)) = tokens.pop() else { return None };
    let start = tokens.len() - tokens.iter().rev().take_while(|token| is_path(token)).count();
    let (before, call) = tokens.split_at(start);
    let [.., name, first, second, pin] = call else { return None };
    let is_call = is_word(name, "Box") && is_punct(first, ':') && is_punct(second, ':') && is_word(pin, "pin");
    let is_statement = match before.last() {
        None => true,
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        Some(token) => is_punct(token, ';'),
    };
    let is_tail = is_call && is_statement && pinned.delimiter() == Delimiter::Parenthesis;
    let leaves = || may_return(before.iter().cloned().collect()) || may_return(pinned.stream());
    (is_tail && !leaves()).then_some((tokens, pinned))
}
