//! What was written: the arguments and the function, each part with its place in the source.
//!
//! Reading goes on after a mistake at the next comma, so that one look finds all of them.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::token::Paren;
use syn::{Attribute, Error, Expr, Lit, Path, Result, Signature, Token, UnOp, Visibility, parenthesized};

use crate::diag::{Errors, unknown};

const ARGUMENTS: [&str; 6] = ["level", "name", "category", "meta", "span", "crate"];

/// The attribute's arguments.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) level: Option<Expr>,
    pub(crate) name: Option<Expr>,
    pub(crate) category: Option<Path>,
    pub(crate) meta: Option<Vec<MetaArg>>,
    pub(crate) span: Option<Ident>,
    pub(crate) crate_path: Option<Path>,
}

/// One entry of `meta(..)`: `key = value`, `key = %value`, `key = ?value`, or only a key.
pub(crate) struct MetaArg {
    pub(crate) key: Ident,
    pub(crate) value: Option<MetaValue>,
}

pub(crate) struct MetaValue {
    pub(crate) sigil: Option<Sigil>,
    pub(crate) value: Expr,
}

pub(crate) enum Sigil {
    Display,
    Debug,
}

impl Args {
    pub(crate) fn read(arguments: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        let read = |input: ParseStream<'_>| {
            separated(input, &ARGUMENTS, errors, |input, errors| args.read_one(input, errors));
            Ok(())
        };
        if let Err(error) = read.parse2(arguments) {
            errors.push(error);
        }
        args
    }

    fn read_one(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> Result<()> {
        if input.peek(Lit) {
            return Err(input.error("an argument has a name, such as `name = \"load\"` or `level = 2`"));
        }
        let key = Ident::parse_any(input).map_err(|error| Error::new(error.span(), "expected an argument"))?;
        match key.to_string().as_str() {
            "level" => set(&mut self.level, &key, value(input, &key, "level = 2")?, errors),
            "name" => set(&mut self.name, &key, value(input, &key, "name = \"load\"")?, errors),
            "category" => set(&mut self.category, &key, path(input, &key, "category = IO")?, errors),
            "meta" => set(&mut self.meta, &key, meta(input, &key, errors)?, errors),
            "span" => set(&mut self.span, &key, name(input, &key, "span = s")?, errors),
            "crate" => set(&mut self.crate_path, &key, path(input, &key, "crate = my_crate::traceme")?, errors),
            word => return Err(Error::new(key.span(), unknown("argument", word, &ARGUMENTS))),
        }
        Ok(())
    }
}

/// Reads entries with commas between them. An entry with a mistake is skipped up to the next comma.
fn separated(
    input: ParseStream<'_>,
    known: &[&str],
    errors: &mut Errors,
    mut read: impl FnMut(ParseStream<'_>, &mut Errors) -> Result<()>,
) {
    while !input.is_empty() {
        let wrong = read(input, errors).err();
        if wrong.is_none() && !input.is_empty() && !input.peek(Token![,]) {
            errors.push(input.error("expected `,`"));
            let next = Ident::parse_any(&input.fork());
            if next.is_ok_and(|word| known.contains(&word.to_string().as_str())) {
                continue;
            }
        }
        wrong.into_iter().for_each(|error| errors.push(error));
        while !input.is_empty() && !input.peek(Token![,]) {
            // Cannot fail: there is a token.
            let _ = input.parse::<TokenTree>();
        }
        let _ = input.parse::<Option<Token![,]>>();
    }
}

fn set<T>(slot: &mut Option<T>, key: &Ident, value: T, errors: &mut Errors) {
    if slot.is_some() {
        errors.push(Error::new(key.span(), format!("duplicate argument `{key}`")));
    } else {
        *slot = Some(value);
    }
}

fn value<T: Parse>(input: ParseStream<'_>, key: &Ident, example: &str) -> Result<T> {
    equals(input, key, example)?;
    parse(input, key)
}

/// Parses, and blames the key, not the whole attribute, for a value that ends too early.
fn parse<T: Parse>(input: ParseStream<'_>, key: &Ident) -> Result<T> {
    input.parse().map_err(|error| if input.is_empty() { Error::new(key.span(), error) } else { error })
}

fn path(input: ParseStream<'_>, key: &Ident, example: &str) -> Result<Path> {
    equals(input, key, example)?;
    let at = input.span();
    Path::parse_mod_style(input).map_err(|_| Error::new(at, format!("expected a path, as in `{example}`")))
}

fn name(input: ParseStream<'_>, key: &Ident, example: &str) -> Result<Ident> {
    equals(input, key, example)?;
    let at = input.span();
    input.parse().map_err(|_| Error::new(at, format!("expected a name, as in `{example}`")))
}

/// Reads `=` and makes sure that something follows it.
fn equals(input: ParseStream<'_>, key: &Ident, example: &str) -> Result<()> {
    if !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![=]) {
        return Err(input.error(format!("expected `=`, as in `{example}`")));
    }
    let equals = input.parse::<Option<Token![=]>>()?;
    let is_given = equals.is_some() && !input.is_empty() && !input.peek(Token![,]);
    is_given.then_some(()).ok_or_else(|| Error::new(key.span(), format!("`{key}` needs a value, as in `{example}`")))
}

fn meta(input: ParseStream<'_>, key: &Ident, errors: &mut Errors) -> Result<Vec<MetaArg>> {
    if !input.peek(Paren) {
        let at = if input.is_empty() || input.peek(Token![,]) { key.span() } else { input.span() };
        return Err(Error::new(at, "expected parentheses, as in `meta(size = data.len())`"));
    }
    let content;
    parenthesized!(content in input);
    let mut entries = Vec::new();
    separated(&content, &[], errors, |input, _| {
        entries.push(meta_entry(input)?);
        Ok(())
    });
    Ok(entries)
}

fn meta_entry(input: ParseStream<'_>) -> Result<MetaArg> {
    const EXPECTED: &str = "expected a key, as in `size = data.len()`, `path = %path`, `request = ?request` or `n`";
    let at = input.span();
    let key = Ident::parse_any(input).ok().filter(|key| key != "_").ok_or_else(|| Error::new(at, EXPECTED))?;
    let alone = input.is_empty() || input.peek(Token![,]);
    if alone {
        if syn::parse2::<Ident>(TokenTree::from(key.clone()).into()).is_err() {
            return Err(Error::new(at, format!("`{key}` cannot be its own key, write `key = {key}`")));
        }
        return Ok(MetaArg { key, value: None });
    }
    equals(input, &key, "key = value")?;
    let sigil = if input.parse::<Option<Token![%]>>()?.is_some() {
        Some(Sigil::Display)
    } else {
        input.parse::<Option<Token![?]>>()?.map(|_| Sigil::Debug)
    };
    let value = Some(MetaValue { sigil, value: parse(input, &key)? });
    Ok(MetaArg { key, value })
}

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
    /// Where its braces are.
    pub(crate) span: Span,
    /// The attributes inside the body, which must stay in front of everything else there.
    pub(crate) attributes: TokenStream,
    pub(crate) statements: TokenStream,
}

impl FnItem {
    /// Reads the item below the attribute; `None`, and an error, if it is no function with a body.
    pub(crate) fn read(item: TokenStream, errors: &mut Errors) -> Option<Self> {
        let mut header = Vec::new();
        let body = split_body(item, &mut header);
        let parse = |input: ParseStream<'_>| Self::parse(input, body);
        parse.parse2(header.into_iter().collect()).map_err(|error| errors.push(error)).ok()
    }

    fn parse(input: ParseStream<'_>, body: Option<Group>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        if !starts_function(&input.fork()) {
            return Err(input.error("#[traceme] is for functions and methods"));
        }
        let defaultness = input.parse()?;
        let signature: Signature = input.parse()?;
        let Some(body) = body else {
            input.parse::<Option<Token![;]>>()?;
            let message = "#[traceme] needs a function with a body: put it on the implementations";
            return Err(Error::new(signature.ident.span(), message));
        };
        Ok(Self { attributes, visibility, defaultness, signature, body: Body::new(&body) })
    }
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

/// Whether what follows is `fn` after any of the words that can stand before it.
fn starts_function(input: ParseStream<'_>) -> bool {
    while let Ok(word) = Ident::parse_any(input) {
        match word.to_string().as_str() {
            "fn" => return true,
            "default" | "const" | "async" | "gen" | "safe" | "unsafe" => {}
            "extern" => drop(input.parse::<Option<syn::LitStr>>()),
            _ => return false,
        }
    }
    false
}

impl Body {
    fn new(block: &Group) -> Self {
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
        Self { span: block.span(), attributes, statements }
    }
}

impl MetaArg {
    /// The value, if it is a literal that a callsite can hold.
    pub(crate) fn literal(&self) -> Option<&Expr> {
        let MetaValue { sigil, value, .. } = self.value.as_ref()?;
        (sigil.is_none() && is_literal(value)).then(|| ungrouped(value))
    }
}

/// Whether it is a number, a text, `true` or `false`, or a character, as `concat!` takes them.
pub(crate) fn is_literal(expression: &Expr) -> bool {
    let is_plain = |literal: &Lit| !matches!(literal, Lit::Byte(_) | Lit::ByteStr(_) | Lit::CStr(_));
    match ungrouped(expression) {
        Expr::Lit(literal) => is_plain(&literal.lit),
        Expr::Unary(unary) => {
            matches!(unary.op, UnOp::Neg(_))
                && matches!(ungrouped(&unary.expr), Expr::Lit(literal) if is_plain(&literal.lit))
        }
        _ => false,
    }
}

/// The expression without the invisible parentheses that a fragment of a `macro_rules!` macro comes in.
pub(crate) fn ungrouped(mut expression: &Expr) -> &Expr {
    while let Expr::Group(group) = expression {
        expression = &group.expr;
    }
    expression
}
