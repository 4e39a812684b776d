//! A function as it was written: of its signature the few parts that matter here, of its body nothing.
//!
//! No grammar but that: types and bounds are not parsed, so that those of an old edition or a newer compiler pass.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Result};

use crate::arguments::{Argument, is_word, owned};
use crate::future::Future;
use crate::item::{hidden, is_punct, outside_angles};

/// A function with a body.
pub(crate) struct FnItem {
    pub(crate) attributes: Vec<Attribute>,
    /// All that stands before the body, attributes included.
    pub(crate) header: Header,
    pub(crate) name: Ident,
    /// Where it says `const`, if it does.
    pub(crate) constness: Option<Span>,
    /// What kind of a future it gives, if it gives one.
    pub(crate) future: Option<Future>,
    pub(crate) arguments: Vec<Argument>,
    /// The variables that a closure with the body in it must own: see [`owned`].
    pub(crate) owned: Vec<TokenStream>,
    /// The type behind `->`, if there is one.
    pub(crate) output: Option<TokenStream>,
    pub(crate) body: Body,
}

/// What stands before the body: its tokens as they were written, and where among them is what.
pub(crate) struct Header {
    pub(crate) tokens: Vec<TokenTree>,
    pub(crate) asyncness: Option<usize>,
    /// The parentheses of the arguments.
    pub(crate) arguments: usize,
    /// What stands behind the type that is returned, `where` or nothing.
    pub(crate) end: usize,
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
        let (attributes, signature) = split.parse2(header.iter().cloned().collect())?;
        let signature: Vec<_> = signature.into_iter().collect();
        let start = header.len() - signature.len();
        let function = signature.iter().position(|token| is_word(token, "fn")).unwrap_or(signature.len());
        let (words, rest) = signature.split_at(function);
        if let Some(newer) = words.iter().find(|token| matches!(token, TokenTree::Ident(word) if !is_known(word))) {
            let message = format!("#[traceme] does not know `{newer}` functions: leave it out");
            return Err(Error::new(newer.span(), message));
        }
        let place = |word| words.iter().position(|token| is_word(token, word));
        let [_, TokenTree::Ident(name), ..] = rest else {
            return Err(Error::new(place_of(rest.get(1)), "#[traceme] cannot read this: a function has a name"));
        };
        let at = function + outside_angles(rest, |_, token| parentheses(token).is_some());
        let arguments = signature.get(at).and_then(parentheses).map(Argument::all).unwrap_or_default();
        let behind = signature.get(at + 1..).unwrap_or_default();
        let output = output(behind);
        let output_length = output.as_ref().map_or(0, |output| output.len() + 2);
        let output = output.map(|output| output.iter().cloned().collect());
        let future = match place("async") {
            Some(_) => Some(Future::Async),
            None => output.as_ref().and_then(Future::returned),
        };
        Ok(Self {
            future,
            constness: place("const").map(|at| words[at].span()),
            name: name.clone(),
            owned: owned(&arguments, output.as_ref()),
            header: Header {
                asyncness: place("async").map(|at| start + at),
                arguments: start + at,
                end: start + at + 1 + output_length,
                tokens: header,
            },
            arguments,
            output,
            attributes,
            body: Body::new(body),
        })
    }

    /// Where the type that it returns says `impl`, if it does.
    pub(crate) fn unnameable(&self) -> Option<Span> {
        self.output.clone().and_then(find_impl)
    }

    pub(crate) fn never_returns(&self) -> bool {
        self.output.as_ref().is_some_and(|output| output.to_string() == "!")
    }
}

/// The first `impl` in a type.
fn find_impl(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(word) if word == "impl" => Some(word.span()),
        TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => find_impl(group.stream()),
        _ => None,
    })
}

fn parentheses(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group),
        _ => None,
    }
}

/// Whether a function with this word in front of its `fn` runs as others do, or as one that is `async`.
fn is_known(word: &Ident) -> bool {
    ["pub", "default", "const", "async", "safe", "unsafe", "extern"].iter().any(|known| word == known)
}

/// The type in `-> Type where ..`.
fn output(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    let [minus, arrow, output @ ..] = tokens else { return None };
    let end = outside_angles(output, |_, token| is_word(token, "where"));
    (is_punct(minus, '-') && is_punct(arrow, '>')).then(|| &output[..end])
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
