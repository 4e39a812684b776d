//! A function as it was written: a signature that is read, and a body that is not.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Error, Result, Signature, Token, Visibility};

/// A function with a body.
pub(crate) struct FnItem {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) signature: Signature,
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
        match split_body(item, &mut header) {
            Some(body) => {
                let parse = |input: ParseStream<'_>| Self::parse(input, body);
                let cannot = |error: Error| Error::new(error.span(), format!("#[traceme] cannot read this: {error}"));
                parse.parse2(header.into_iter().collect()).map_err(cannot)
            }
            None => Err(no_body(&header)),
        }
    }

    fn parse(input: ParseStream<'_>, body: Group) -> Result<Self> {
        Ok(Self {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            defaultness: input.parse()?,
            signature: input.parse()?,
            body: Body::new(body),
        })
    }
}

/// Braces at the place of others.
pub(crate) fn braces(span: Span, content: TokenStream) -> Group {
    let mut braces = Group::new(Delimiter::Brace, content);
    braces.set_span(span);
    braces
}

fn no_body(header: &[TokenTree]) -> Error {
    let name = header.iter().skip_while(|token| !matches!(token, TokenTree::Ident(word) if word == "fn")).nth(1);
    let message = "#[traceme] needs a function with a body: put it on the implementations, \
                   or on the callers of a foreign function";
    Error::new(name.map_or_else(Span::call_site, TokenTree::span), message)
}

/// Moves what stands before the body to `header`. The compiler hands over a body as one token: it is not looked into.
fn split_body(item: TokenStream, header: &mut Vec<TokenTree>) -> Option<Group> {
    header.extend(item);
    match header.pop() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => Some(group),
        // What a `macro_rules!` macro calls `$body:block` or `$item:item` comes in invisible parentheses.
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::None => split_body(group.stream(), header),
        last => {
            header.extend(last);
            None
        }
    }
}

impl Body {
    fn new(block: Group) -> Self {
        let mut statements = block.stream();
        let mut attributes = TokenStream::new();
        loop {
            let mut tokens = statements.clone().into_iter();
            let (Some(TokenTree::Punct(hash)), Some(TokenTree::Punct(bang)), Some(attribute)) =
                (tokens.next(), tokens.next(), tokens.next())
            else {
                break;
            };
            if hash.as_char() != '#' || bang.as_char() != '!' {
                break;
            }
            attributes.extend([TokenTree::Punct(hash), TokenTree::Punct(bang), attribute]);
            statements = tokens.collect();
        }
        if attributes.is_empty() {
            // Untouched: each of its braces knows its place, and the compiler tells a mistake at one of them only once.
            return Self { attributes, block };
        }
        Self { attributes, block: braces(block.span(), statements) }
    }
}
