//! What clippy says of functions that are not `async`, and of blocks that are, and not of an `async fn`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use crate::arguments::{is_word, words};
use crate::attributes::Stays;
use crate::function::FnItem;
use crate::future::path;
use crate::item::{hidden, refilled};

/// Methods of the standard library's traits, which others with these names are to be: unless they are `async`.
const OF_TRAITS: [&str; 30] = [
    "add",
    "as_mut",
    "as_ref",
    "bitand",
    "bitor",
    "bitxor",
    "borrow",
    "borrow_mut",
    "clone",
    "cmp",
    "default",
    "deref",
    "deref_mut",
    "div",
    "drop",
    "eq",
    "from_iter",
    "from_str",
    "hash",
    "index",
    "index_mut",
    "into_iter",
    "mul",
    "neg",
    "next",
    "not",
    "rem",
    "shl",
    "shr",
    "sub",
];

/// Types that are no futures, whatever is in them.
const NO_FUTURES: [&str; 24] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
    "f32", "f64", "Arc", "HashMap", "Option", "Rc", "Result", "String", "Vec",
];

/// Allows what the function as it was written has nothing of. As little as can be: what a crate forbids can't be allowed.
pub(crate) fn allowed(function: &FnItem, stays: Stays) -> TokenStream {
    let site = Span::mixed_site();
    let mut allowed = TokenStream::new();
    if stays == Stays::Nothing && OF_TRAITS.iter().any(|method| function.name == method) {
        allowed.extend(quote_spanned!(site=> #[allow(clippy::should_implement_trait)]));
    }
    if function.output.as_ref().is_some_and(may_be_future) {
        allowed.extend(quote_spanned!(site=> #[allow(clippy::async_yields_async)]));
    }
    allowed
}

/// Lints that find nothing any more in what a function that gives a future becomes.
const UNFULFILLED: [&str; 4] = ["manual_async_fn", "missing_errors_doc", "needless_return", "unused_async"];

/// The tokens before a body, or before the braces of a block, with `#[allow(..)]` for `#[expect(..)]`, where that would not be fulfilled.
pub(crate) fn without_expectations(header: &[TokenTree]) -> Vec<TokenTree> {
    let changed = |token: &TokenTree| match token {
        TokenTree::Group(group) => expectation(group).unwrap_or_else(|| token.clone()),
        token => token.clone(),
    };
    header.iter().map(changed).collect()
}

fn expectation(attribute: &Group) -> Option<TokenTree> {
    let mut tokens: Vec<_> = attribute.stream().into_iter().collect();
    let [expect, TokenTree::Group(lints)] = tokens.as_mut_slice() else { return None };
    let mut mentioned = Vec::new();
    words(lints.stream(), &mut mentioned);
    let is_unfulfilled = mentioned.iter().any(|lint| UNFULFILLED.iter().any(|unfulfilled| lint == unfulfilled));
    if !is_word(expect, "expect") || !is_unfulfilled || attribute.delimiter() != Delimiter::Bracket {
        return None;
    }
    *expect = Ident::new("allow", expect.span()).into();
    Some(refilled(attribute, tokens.into_iter().collect()).into())
}

/// Whether a type may be a future, by the last name of its path.
fn may_be_future(output: &TokenStream) -> bool {
    let tokens: Vec<_> = output.clone().into_iter().collect();
    if let Some(inner) = tokens.first().and_then(hidden) {
        return may_be_future(&inner);
    }
    path(&tokens).0.is_some_and(|name| !NO_FUTURES.iter().any(|known| name == known))
}
