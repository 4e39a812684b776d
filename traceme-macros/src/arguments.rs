//! The arguments of a function, by tokens: what they are called, and which of their borrows may leave a closure.

use proc_macro2::{Group, Ident, Spacing, TokenStream, TokenTree};
use quote::quote;

use crate::item::{is_punct, outside_angles};

/// One argument, as `#[attribute] pattern: Type` or as `&mut self`.
pub(crate) struct Argument {
    /// In front of the pattern, two tokens each.
    pub(crate) attributes: Vec<TokenTree>,
    pub(crate) pattern: Vec<TokenTree>,
    /// The colon and the type, unless it is a short `self`.
    pub(crate) rest: Vec<TokenTree>,
}

/// What the pattern of an argument is.
pub(crate) enum Pattern<'a> {
    Receiver(&'a Ident),
    /// `name` or `mut name`.
    Name(&'a Ident),
    /// The same, and `_` at the beginning of the name says that it is not to be used.
    Unused(&'a Ident),
    Other,
}

impl Argument {
    /// The arguments in parentheses.
    pub(crate) fn all(arguments: &Group) -> Vec<Self> {
        let tokens: Vec<_> = arguments.stream().into_iter().collect();
        split(&tokens).into_iter().map(Self::read).collect()
    }

    fn read(mut argument: &[TokenTree]) -> Self {
        let mut attributes = Vec::new();
        while let [hash, group @ TokenTree::Group(_), after @ ..] = argument {
            if !is_punct(hash, '#') {
                break;
            }
            attributes.extend([hash.clone(), group.clone()]);
            argument = after;
        }
        let (pattern, rest) = argument.split_at(colon(argument));
        Self { attributes, pattern: pattern.to_vec(), rest: rest.to_vec() }
    }

    pub(crate) fn pattern(&self) -> Pattern<'_> {
        match self.pattern.as_slice() {
            [.., TokenTree::Ident(name)] if name == "self" => Pattern::Receiver(name),
            [TokenTree::Ident(name)] if name == "_" => Pattern::Other,
            [.., TokenTree::Ident(name)] if self.is_name() && name.to_string().starts_with('_') => {
                Pattern::Unused(name)
            }
            [.., TokenTree::Ident(name)] if self.is_name() => Pattern::Name(name),
            _ => Pattern::Other,
        }
    }

    fn is_name(&self) -> bool {
        match self.pattern.as_slice() {
            [TokenTree::Ident(_)] => true,
            [word, TokenTree::Ident(_)] => is_word(word, "mut"),
            _ => false,
        }
    }

    /// The variable that it is, if it is one as it stands there.
    pub(crate) fn variable(&self) -> Option<&Ident> {
        match self.pattern() {
            Pattern::Receiver(name) | Pattern::Name(name) | Pattern::Unused(name) => Some(name),
            Pattern::Other => None,
        }
    }

    /// The name that stands for the whole of it, if there is one, and it is not `self`.
    pub(crate) fn name(&self) -> Option<&Ident> {
        match (self.pattern(), self.pattern.as_slice()) {
            (Pattern::Name(name) | Pattern::Unused(name), _) => Some(name),
            (Pattern::Other, [word, TokenTree::Ident(name)]) if is_word(word, "ref") => Some(name),
            _ => None,
        }
    }

    /// Those of its attributes that say whether it is there at all. Lints are about the variable in the body.
    pub(crate) fn conditions(&self) -> TokenStream {
        let is_condition = |pair: &&[TokenTree]| match pair {
            [_, TokenTree::Group(group)] => group.stream().into_iter().next().is_some_and(|word| is_word(&word, "cfg")),
            _ => false,
        };
        self.attributes.chunks(2).filter(is_condition).flatten().cloned().collect()
    }

    /// The variable in `name: &mut Type` or `&'a mut self`.
    fn mutable_reference(&self) -> Option<&Ident> {
        match self.pattern() {
            Pattern::Name(name) | Pattern::Unused(name) => is_mutable_reference(self.rest.get(1..)?).then_some(name),
            Pattern::Receiver(this) => is_mutable_reference(&self.pattern).then_some(this),
            Pattern::Other => None,
        }
    }
}

/// What commas separate.
pub(crate) fn split(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let mut rest = tokens;
    let mut split = Vec::new();
    while !rest.is_empty() {
        let (one, after) = rest.split_at(outside_angles(rest, |_, token| is_punct(token, ',')));
        rest = after.get(1..).unwrap_or_default();
        split.push(one);
    }
    split
}

/// Where the pattern ends: at a colon that is not one of two.
fn colon(argument: &[TokenTree]) -> usize {
    let is_colon = |token: &TokenTree| is_punct(token, ':');
    let is_end = |index: usize| match &argument[index] {
        TokenTree::Punct(punct) if punct.as_char() == ':' => {
            let is_first = punct.spacing() == Spacing::Joint && argument.get(index + 1).is_some_and(is_colon);
            let is_second = matches!(
                index.checked_sub(1).map(|before| &argument[before]),
                Some(TokenTree::Punct(before)) if before.as_char() == ':' && before.spacing() == Spacing::Joint
            );
            !is_first && !is_second
        }
        _ => false,
    };
    (0..argument.len()).find(|&index| is_end(index)).unwrap_or(argument.len())
}

/// Whether it begins like `&mut` or `&'a mut`.
fn is_mutable_reference(tokens: &[TokenTree]) -> bool {
    match tokens {
        [and, quote, TokenTree::Ident(_), word, ..] if is_punct(quote, '\'') => {
            is_punct(and, '&') && is_word(word, "mut")
        }
        [and, word, ..] => is_punct(and, '&') && is_word(word, "mut"),
        _ => false,
    }
}

/// The variables whose borrows could not leave a closure that borrows them: mutable references, which a `match` would
/// borrow as a whole, and what is `mut`, and may so be replaced, in an argument whose type, or that of the result, says
/// that it holds a reference. Each behind the conditions of its argument.
pub(crate) fn owned(arguments: &[Argument], output: Option<&TokenStream>) -> Vec<TokenStream> {
    let returns_one = output.is_some_and(has_reference);
    let owned = |argument: &Argument| -> Vec<_> {
        let tokens = argument.pattern.iter().chain(&argument.rest).cloned().collect();
        let mut owned = if returns_one || has_reference(&tokens) { mutable(tokens) } else { Vec::new() };
        owned.extend(argument.mutable_reference().filter(|name| !owned.contains(name)).cloned());
        let conditions = argument.conditions();
        owned.into_iter().map(|name| quote!(#conditions #name)).collect()
    };
    arguments.iter().flat_map(owned).collect()
}

fn has_reference(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match &token {
        TokenTree::Group(group) => has_reference(&group.stream()),
        token => is_punct(token, '&') || is_punct(token, '\''),
    })
}

/// The variables in these arguments that are `mut`, which stands in `&mut T`, `&'a mut T`, `*mut T` and `ref mut x`, too.
fn mutable(arguments: TokenStream) -> Vec<Ident> {
    let mut found = Vec::new();
    let mut before = None;
    let mut tokens = arguments.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_other = before.is_some_and(|before| {
            is_punct(&before, '&') || is_punct(&before, '*') || matches!(before, TokenTree::Ident(_))
        });
        match (&token, tokens.peek()) {
            (TokenTree::Group(group), _) => found.extend(mutable(group.stream())),
            (word, Some(TokenTree::Ident(name))) if is_word(word, "mut") && !is_other => found.push(name.clone()),
            _ => {}
        }
        before = Some(token);
    }
    found
}

pub(crate) fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(found) if found == word)
}

/// All words in the tokens, and in what those words are in.
pub(crate) fn words(tokens: TokenStream, found: &mut Vec<Ident>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => found.push(word),
            TokenTree::Group(group) => words(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
