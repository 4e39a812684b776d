//! A function as it was written: of its signature the few parts that matter here, of its body nothing.
//!
//! No grammar but that: types and bounds are not parsed, so that those of an old edition or a newer compiler pass.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Result};

use crate::item::{hidden, is_punct, outside_angles};

/// A function with a body.
pub(crate) struct FnItem {
    pub(crate) attributes: Vec<Attribute>,
    /// All that stands before the body, attributes included.
    pub(crate) header: TokenStream,
    pub(crate) name: Ident,
    /// Where it says `const` and `async`, if it does.
    pub(crate) constness: Option<Span>,
    pub(crate) asyncness: Option<Span>,
    /// The arguments whose pattern is a name.
    pub(crate) arguments: Vec<Ident>,
    /// The variables that a closure with the body in it must own: see [`owned`].
    pub(crate) owned: Vec<Ident>,
    /// The type behind `->`, if there is one.
    pub(crate) output: Option<TokenStream>,
    pub(crate) body: Body,
}

/// The body of a function: its tokens as they were written.
pub(crate) struct Body {
    /// The attributes inside the body, which must stay in front of everything else there.
    pub(crate) attributes: TokenStream,
    /// The rest, in its braces.
    pub(crate) block: Group,
}

impl FnItem {
    /// Reads a function that has a body.
    pub(crate) fn read(item: TokenStream) -> Result<Self> {
        let mut header = Vec::new();
        let Some(body) = split_body(item, &mut header) else { return Err(no_body(&header)) };
        let split = |input: ParseStream<'_>| Ok((input.call(Attribute::parse_outer)?, input.parse::<TokenStream>()?));
        let header: TokenStream = header.into_iter().collect();
        let (attributes, signature) = split.parse2(header.clone())?;
        let signature: Vec<_> = signature.into_iter().collect();
        let function = signature.iter().position(|token| is_word(token, "fn")).unwrap_or(signature.len());
        let (words, rest) = signature.split_at(function);
        if let Some(newer) = words.iter().find(|token| matches!(token, TokenTree::Ident(word) if !is_known(word))) {
            let message = format!("#[traceme] does not know `{newer}` functions: leave it out");
            return Err(Error::new(newer.span(), message));
        }
        let place = |word| words.iter().find(|token| is_word(token, word)).map(TokenTree::span);
        let [_, TokenTree::Ident(name), rest @ ..] = rest else {
            return Err(Error::new(place_of(rest.first()), "#[traceme] cannot read this: a function has a name"));
        };
        let arguments = outside_angles(
            rest,
            |_, token| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis),
        );
        let (arguments, rest) = rest.get(arguments..).and_then(<[_]>::split_first).unzip();
        let arguments = arguments.map(split_arguments).unwrap_or_default();
        let output = rest.and_then(output);
        Ok(Self {
            constness: place("const"),
            asyncness: place("async"),
            name: name.clone(),
            owned: owned(&arguments, output.as_ref()),
            arguments: names(&arguments),
            output,
            attributes,
            header,
            body: Body::new(body),
        })
    }
}

/// Whether a function with this word in front of its `fn` runs as others do, or as one that is `async`.
fn is_known(word: &Ident) -> bool {
    ["pub", "default", "const", "async", "safe", "unsafe", "extern"].iter().any(|known| word == known)
}

/// The type in `-> Type where ..`.
fn output(tokens: &[TokenTree]) -> Option<TokenStream> {
    let [minus, arrow, output @ ..] = tokens else { return None };
    let end = outside_angles(output, |_, token| is_word(token, "where"));
    (is_punct(minus, '-') && is_punct(arrow, '>')).then(|| output[..end].iter().cloned().collect())
}

/// The arguments in parentheses, each with its pattern and type.
fn split_arguments(arguments: &TokenTree) -> Vec<Vec<TokenTree>> {
    let TokenTree::Group(arguments) = arguments else { return Vec::new() };
    let tokens: Vec<_> = arguments.stream().into_iter().collect();
    let mut rest = tokens.as_slice();
    let mut split = Vec::new();
    while !rest.is_empty() {
        let (argument, after) = rest.split_at(outside_angles(rest, |_, token| is_punct(token, ',')));
        rest = after.get(1..).unwrap_or_default();
        split.push(argument.to_vec());
    }
    split
}

/// An argument behind its attributes and `mut` or `ref`.
fn bare(mut argument: &[TokenTree]) -> &[TokenTree] {
    while let [hash, TokenTree::Group(_), after @ ..] = argument {
        if !is_punct(hash, '#') {
            break;
        }
        argument = after;
    }
    match argument {
        [word, after @ ..] if is_word(word, "mut") || is_word(word, "ref") => after,
        other => other,
    }
}

/// The names in `(name: Type, mut name: Type, (a, b): Type)` that stand for a whole argument.
fn names(arguments: &[Vec<TokenTree>]) -> Vec<Ident> {
    let name = |argument: &Vec<TokenTree>| match bare(argument) {
        [TokenTree::Ident(name), colon, ..] if is_punct(colon, ':') && name != "self" => Some(name.clone()),
        _ => None,
    };
    arguments.iter().filter_map(name).collect()
}

/// The variables whose borrows could not leave a closure that borrows them: mutable references, which a `match` would
/// borrow as a whole, and what is `mut`, and may so be replaced, in an argument whose type, or that of the result, says
/// that it holds a reference.
fn owned(arguments: &[Vec<TokenTree>], output: Option<&TokenStream>) -> Vec<Ident> {
    let returns_one = output.is_some_and(has_reference);
    let owned = |argument: &Vec<TokenTree>| {
        let tokens = argument.iter().cloned().collect();
        let mut owned = if returns_one || has_reference(&tokens) { mutable(tokens) } else { Vec::new() };
        owned.extend(mutable_reference(bare(argument)).filter(|name| !owned.contains(name)));
        owned
    };
    arguments.iter().flat_map(owned).collect()
}

/// The variable in `name: &mut Type` or `&'a mut self`.
fn mutable_reference(argument: &[TokenTree]) -> Option<Ident> {
    let (name, reference) = match argument {
        [TokenTree::Ident(name), colon, reference @ ..] if is_punct(colon, ':') => (Some(name), reference),
        receiver => (None, receiver),
    };
    let [and, rest @ ..] = reference else { return None };
    let rest = match rest {
        [quote, TokenTree::Ident(_), rest @ ..] if is_punct(quote, '\'') => rest,
        rest => rest,
    };
    match (name, rest) {
        (Some(name), [word, ..]) if is_punct(and, '&') && is_word(word, "mut") && name != "_" => Some(name.clone()),
        (None, [word, TokenTree::Ident(this)]) if is_punct(and, '&') && is_word(word, "mut") && this == "self" => {
            Some(this.clone())
        }
        _ => None,
    }
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

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(found) if found == word)
}

/// Braces at the place of others.
pub(crate) fn braces(span: Span, content: TokenStream) -> Group {
    let mut braces = Group::new(Delimiter::Brace, content);
    braces.set_span(span);
    braces
}

fn no_body(header: &[TokenTree]) -> Error {
    let name = header.iter().skip_while(|token| !is_word(token, "fn")).nth(1);
    let message = "#[traceme] needs a function with a body: put it on the implementations, \
                   or on the callers of a foreign function";
    Error::new(place_of(name), message)
}

fn place_of(token: Option<&TokenTree>) -> Span {
    token.map_or_else(Span::call_site, TokenTree::span)
}

/// Moves what stands before the body to `header`. The compiler hands over a body as one token: it is not looked into.
fn split_body(item: TokenStream, header: &mut Vec<TokenTree>) -> Option<Group> {
    header.extend(item);
    match header.pop() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => Some(group),
        Some(token) => match hidden(&token) {
            // What a `macro_rules!` macro calls `$body:block` or `$item:item` comes in invisible parentheses.
            Some(tokens) => split_body(tokens, header),
            None => {
                header.push(token);
                None
            }
        },
        None => None,
    }
}

impl Body {
    fn new(block: Group) -> Self {
        let mut statements = block.stream();
        let mut attributes = TokenStream::new();
        loop {
            let mut tokens = statements.clone().into_iter();
            let (Some(hash), Some(bang), Some(attribute)) = (tokens.next(), tokens.next(), tokens.next()) else {
                break;
            };
            if !is_punct(&hash, '#') || !is_punct(&bang, '!') {
                break;
            }
            attributes.extend([hash, bang, attribute]);
            statements = tokens.collect();
        }
        if attributes.is_empty() {
            // Untouched: each of its braces knows its place, and the compiler tells a mistake at one of them only once.
            return Self { attributes, block };
        }
        Self { attributes, block: braces(block.span(), statements) }
    }
}
