//! Where an item begins and ends, and what it is, as far as its tokens tell.
//!
//! No grammar but that: what stands in braces is not looked into, and syntax that is newer than this crate passes.

use std::vec::IntoIter;

use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};
use syn::Attribute;
use syn::parse::Parser;

/// One item: all of its tokens, from the first attribute to the end.
pub(crate) struct Item {
    pub(crate) kind: Kind,
    /// The place of the token that says what it is.
    pub(crate) word: Span,
    pub(crate) tokens: Vec<TokenTree>,
    /// How many of the tokens are its outer attributes.
    attributes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// With or without a body.
    Function,
    /// An `impl`, `trait` or `mod` with braces, which are the last token.
    Block,
    /// `mod name;`
    FileModule,
    /// Any other item.
    Other,
    /// An expression or a statement.
    NoItem,
}

/// How far an item goes.
enum End {
    /// It is so many tokens long.
    Length(usize),
    /// Up to a semicolon.
    Semicolon,
    /// Up to a semicolon or a body in braces.
    Body,
}

impl Item {
    /// All that the attribute stands on.
    pub(crate) fn whole(tokens: TokenStream) -> Self {
        let mut rest = tokens.into_iter().collect::<Vec<_>>().into_iter();
        let mut item = Self::next(&mut rest);
        item.tokens.extend(rest);
        item
    }

    /// The items in the braces of a block. Inner attributes are one each.
    pub(crate) fn all(tokens: TokenStream) -> Vec<Self> {
        let mut rest = tokens.into_iter().collect::<Vec<_>>().into_iter();
        let mut items = Vec::new();
        while rest.len() > 0 {
            items.push(Self::next(&mut rest));
        }
        items
    }

    fn next(rest: &mut IntoIter<TokenTree>) -> Self {
        let mut tokens = Vec::new();
        while matches!(rest.as_slice(), [hash, TokenTree::Group(_), ..] if is_punct(hash, '#')) {
            tokens.extend(rest.take(2));
        }
        // What a `macro_rules!` macro calls `$item:item` comes in invisible parentheses.
        if let Some(item) = rest.as_slice().first().and_then(hidden).filter(|item| !is_visibility(item)) {
            rest.next();
            tokens.extend(item);
            return Self::whole(tokens.into_iter().collect());
        }
        let attributes = tokens.len();
        let (kind, word, end) = classify(rest.as_slice());
        let length = match end {
            End::Length(length) => length,
            End::Semicolon => semicolon(rest.as_slice()),
            End::Body => body(rest.as_slice()),
        };
        tokens.extend(rest.take(length));
        let has_braces = matches!(tokens.last(), Some(TokenTree::Group(_)));
        let kind = match &word {
            Some(TokenTree::Ident(word)) if kind == Kind::Block && !has_braces && word == "mod" => Kind::FileModule,
            _ if kind == Kind::Block && !has_braces => Kind::Other,
            _ => kind,
        };
        let word = word.map_or_else(Span::call_site, |word| word.span());
        Self { kind, word, tokens, attributes }
    }

    pub(crate) fn attributes(&self) -> Vec<Attribute> {
        let tokens = self.tokens[..self.attributes].iter().cloned().collect();
        Attribute::parse_outer.parse2(tokens).unwrap_or_default()
    }

    /// The item with only those of its attributes of which this is true.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Attribute) -> bool) {
        let kept = |pair: &[TokenTree]| {
            let attribute = Attribute::parse_outer.parse2(pair.iter().cloned().collect());
            attribute.map_or(true, |attribute| attribute.iter().all(&keep))
        };
        let (attributes, rest) = self.tokens.split_at(self.attributes);
        let attributes: Vec<_> = attributes.chunks(2).filter(|pair| kept(pair)).flatten().cloned().collect();
        self.attributes = attributes.len();
        self.tokens = attributes.into_iter().chain(rest.iter().cloned()).collect();
    }

    pub(crate) fn into_tokens(self) -> TokenStream {
        self.tokens.into_iter().collect()
    }
}

/// What the item behind the attributes is, the token that says so, and how to find its end.
fn classify(tokens: &[TokenTree]) -> (Kind, Option<TokenTree>, End) {
    if let [hash, bang, TokenTree::Group(_), ..] = tokens {
        if is_punct(hash, '#') && is_punct(bang, '!') {
            return (Kind::Other, Some(hash.clone()), End::Length(3));
        }
    }
    let mut at = visibility(tokens);
    // Whatever words stand before it, and `extern "C"`; but not `impl Trait for fn()`.
    let words = tokens[at..].iter().take_while(|token| match token {
        TokenTree::Ident(word) => word != "impl",
        token => matches!(token, TokenTree::Literal(_)),
    });
    if let Some(keyword) = words.into_iter().find(|token| matches!(token, TokenTree::Ident(word) if word == "fn")) {
        return (Kind::Function, Some(keyword.clone()), End::Body);
    }
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        let found = |kind, end| (kind, tokens.get(at).cloned(), end);
        let next = match tokens.get(at + 1) {
            Some(TokenTree::Ident(word)) => Some(word.to_string()),
            _ => None,
        };
        match (word.to_string().as_str(), next.as_deref()) {
            ("impl" | "trait" | "mod", _) => return found(Kind::Block, End::Body),
            ("struct" | "enum", _) | ("union" | "macro", Some(_)) => return found(Kind::Other, End::Body),
            ("static" | "type" | "use", _) | ("extern", Some(_)) => return found(Kind::Other, End::Semicolon),
            ("extern", None) => return found(Kind::Other, End::Body),
            ("unsafe" | "default" | "auto", Some(_)) | ("const", Some("unsafe" | "auto" | "trait" | "impl")) => at += 1,
            ("const", Some(_)) => return found(Kind::Other, End::Semicolon),
            _ => break,
        }
    }
    match macro_call(tokens) {
        Some(end) => (Kind::Other, tokens.first().cloned(), end),
        None => (Kind::NoItem, tokens.get(at).cloned(), End::Body),
    }
}

/// How many tokens a visibility takes.
fn visibility(tokens: &[TokenTree]) -> usize {
    match tokens {
        [TokenTree::Ident(word), TokenTree::Group(_), ..] if word == "pub" => 2,
        [TokenTree::Ident(word), ..] if word == "pub" => 1,
        // What a `macro_rules!` macro calls `$visibility:vis`.
        [first, ..] if hidden(first).is_some() => 1,
        _ => 0,
    }
}

fn is_visibility(tokens: &TokenStream) -> bool {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    tokens.is_empty() || !matches!(tokens[0], TokenTree::Group(_)) && visibility(&tokens) == tokens.len()
}

/// The end of a call such as `path::name!(..);`, or of `macro_rules! name { .. }`.
fn macro_call(tokens: &[TokenTree]) -> Option<End> {
    let (path, call) = tokens.split_at(tokens.iter().take_while(|token| is_path(token)).count());
    let Some(TokenTree::Ident(name)) = path.last() else { return None };
    let (group, length) = match call {
        [bang, TokenTree::Group(group), ..] if is_punct(bang, '!') => (group, 2),
        [bang, TokenTree::Ident(_), TokenTree::Group(group), ..] if is_punct(bang, '!') => (group, 3),
        _ => return None,
    };
    let ends_with_it = group.delimiter() == Delimiter::Brace;
    is_name(name).then(|| if ends_with_it { End::Length(path.len() + length) } else { End::Semicolon })
}

fn semicolon(tokens: &[TokenTree]) -> usize {
    tokens.iter().position(|token| is_punct(token, ';')).map_or(tokens.len(), |index| index + 1)
}

/// The end of an item with a body. Braces can also stand in types: `Foo<{ N }>`, `name! { .. }`.
fn body(tokens: &[TokenTree]) -> usize {
    let is_end = |before: &[TokenTree], token: &TokenTree| match token {
        TokenTree::Group(group) => is_body(group) && !ends_like_macro(before),
        token => is_punct(token, ';'),
    };
    tokens.len().min(outside_angles(tokens, is_end) + 1)
}

/// The first such token that is not in angle brackets, by what is before it and itself; as many as there are tokens if
/// there is none.
pub(crate) fn outside_angles(tokens: &[TokenTree], is_wanted: impl Fn(&[TokenTree], &TokenTree) -> bool) -> usize {
    let mut angles = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        let before = &tokens[..index];
        if angles == 0 && is_wanted(before, token) {
            return index;
        }
        if is_punct(token, '<') {
            angles += 1;
        } else if is_punct(token, '>') && !is_arrow(before) {
            angles = angles.saturating_sub(1);
        }
    }
    tokens.len()
}

pub(crate) fn is_arrow(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Punct(minus)] if minus.as_char() == '-' && minus.spacing() == Spacing::Joint)
}

/// Whether these are braces, be it as the fragment `$body:block` of a `macro_rules!` macro.
fn is_body(group: &Group) -> bool {
    match group.delimiter() {
        Delimiter::Brace => true,
        Delimiter::None => {
            let mut tokens = group.stream().into_iter();
            matches!((tokens.next(), tokens.next()), (Some(TokenTree::Group(group)), None) if is_body(&group))
        }
        Delimiter::Parenthesis | Delimiter::Bracket => false,
    }
}

/// Whether `name!` stands last, and not `&'a !` or `for !`.
fn ends_like_macro(before: &[TokenTree]) -> bool {
    let [before @ .., TokenTree::Ident(name), bang] = before else { return false };
    let is_lifetime = matches!(before, [.., quote] if is_punct(quote, '\''));
    is_punct(bang, '!') && !is_lifetime && is_name(name)
}

/// Whether this is no keyword.
fn is_name(word: &Ident) -> bool {
    syn::parse2::<Ident>(TokenTree::from(word.clone()).into()).is_ok()
}

pub(crate) fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

/// Whether this can be a part of a path: a name, or one half of `::`.
pub(crate) fn is_path(token: &TokenTree) -> bool {
    is_punct(token, ':') || matches!(token, TokenTree::Ident(_))
}

/// The same parentheses at the same place, with other tokens in them.
pub(crate) fn refilled(group: &Group, tokens: TokenStream) -> Group {
    let mut refilled = Group::new(group.delimiter(), tokens);
    refilled.set_span(group.span());
    refilled
}

/// What is in invisible parentheses.
pub(crate) fn hidden(token: &TokenTree) -> Option<TokenStream> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => Some(group.stream()),
        _ => None,
    }
}
