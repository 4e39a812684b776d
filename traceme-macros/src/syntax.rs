//! The arguments as they were written, each part with its place in the source.
//!
//! Reading goes on after a mistake at the next comma, so that one look finds all of them.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::token::Paren;
use syn::{Error, Expr, Lit, Path, Result, Token, UnOp, parenthesized};

use crate::diag::{Errors, Place, from_elsewhere, unknown};

pub(crate) const ARGUMENTS: [&str; 12] =
    ["level", "name", "category", "rate", "meta", "span", "ret", "err", "alert", "skip_polls", "crate", "skip"];
/// Those that make sense for many functions at once.
pub(crate) const OF_BLOCKS: [&str; 7] = ["level", "category", "rate", "alert", "skip_polls", "crate", "skip"];

/// The attribute's arguments.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) level: Option<Arg<Expr>>,
    pub(crate) name: Option<Arg<Expr>>,
    pub(crate) category: Option<Arg<Path>>,
    pub(crate) rate: Option<Arg<Expr>>,
    pub(crate) meta: Option<Arg<Vec<MetaArg>>>,
    pub(crate) span: Option<Arg<Ident>>,
    pub(crate) ret: Option<Arg<Shown>>,
    pub(crate) err: Option<Arg<Shown>>,
    pub(crate) alert: Option<Arg<Expr>>,
    pub(crate) skip_polls: Option<Arg<()>>,
    pub(crate) crate_path: Option<Arg<Path>>,
    pub(crate) skip: Option<Arg<()>>,
}

/// An argument that was given.
pub(crate) struct Arg<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
    /// Its place among the others.
    pub(crate) place: Place,
}

/// The name of an argument, and its place, if it was given.
pub(crate) fn given<T>(argument: &Option<Arg<T>>) -> Option<(&Ident, Place)> {
    argument.as_ref().map(|argument| (&argument.key, argument.place))
}

/// How a value is recorded: as what it is, or as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Value,
    Display,
    Debug,
}

/// One entry of `meta(..)`: `key = value`, `key = %value`, `key = ?value`, or only a key.
pub(crate) struct MetaArg {
    pub(crate) key: Ident,
    pub(crate) value: Option<MetaValue>,
    pub(crate) place: Place,
}

pub(crate) struct MetaValue {
    pub(crate) shown: Shown,
    pub(crate) value: Expr,
}

impl Args {
    /// `known` are those that an unknown one may have been meant to be.
    pub(crate) fn read(arguments: TokenStream, known: &[&str], errors: &mut Errors) -> Self {
        let mut args = Self::default();
        let read = |input: ParseStream<'_>| {
            separated(input, &ARGUMENTS, errors, |input, errors| args.read_one(input, known, errors));
            Ok(())
        };
        if let Err(error) = read.parse2(arguments) {
            errors.push(error);
        }
        // What is wrong with the item comes after that.
        errors.next_place();
        args
    }

    pub(crate) fn is_only_skip(&self) -> bool {
        let Self { level, category, rate, alert, skip_polls, crate_path, skip, .. } = self;
        let others = [given(level), given(category), given(rate), given(alert), given(skip_polls), given(crate_path)];
        let for_blocks = others.iter().any(Option::is_some);
        skip.is_some() && !for_blocks && self.of_one_function().next().is_none()
    }

    /// Those that make no sense for many functions at once.
    pub(crate) fn of_one_function(&self) -> impl Iterator<Item = (&Ident, Place)> {
        [given(&self.name), given(&self.meta), given(&self.span)].into_iter().flatten().chain(self.outcomes())
    }

    /// Those that record the result.
    pub(crate) fn outcomes(&self) -> impl Iterator<Item = (&Ident, Place)> {
        [given(&self.ret), given(&self.err)].into_iter().flatten()
    }

    fn read_one(&mut self, input: ParseStream<'_>, known: &[&str], errors: &mut Errors) -> Result<()> {
        if input.peek(Lit) {
            return Err(input.error("an argument has a name, such as `name = \"load\"` or `level = 2`"));
        }
        let key = Ident::parse_any(input).map_err(|error| Error::new(error.span(), "expected an argument"))?;
        let place = errors.place();
        let mut slot = Slot { key: &key, place, errors };
        match key.to_string().as_str() {
            "level" => slot.set(&mut self.level, value(input, &key, "level = 2")?),
            "name" => slot.set(&mut self.name, value(input, &key, "name = \"load\"")?),
            "category" => slot.set(&mut self.category, path(input, &key, "category = IO")?),
            "rate" => slot.set(&mut self.rate, value(input, &key, "rate = 0.01")?),
            "meta" => {
                let entries = meta(input, &key, slot.errors)?;
                slot.set(&mut self.meta, entries);
            }
            "span" => slot.set(&mut self.span, name(input, &key, "span = s")?),
            "ret" => slot.set(&mut self.ret, shown(input, &key, Shown::Debug, &["Value", "Display", "Debug"])?),
            "err" => slot.set(&mut self.err, shown(input, &key, Shown::Display, &["Display", "Debug"])?),
            "alert" => slot.set(&mut self.alert, value(input, &key, "alert = \"5ms\"")?),
            "crate" => slot.set(&mut self.crate_path, path(input, &key, "crate = my_crate::traceme")?),
            "skip_polls" => slot.set(&mut self.skip_polls, nothing(input, &key)?),
            // `skip(..)` is that of another library.
            "skip" if input.is_empty() || input.peek(Token![,]) || input.peek(Token![=]) => {
                slot.set(&mut self.skip, nothing(input, &key)?);
            }
            word => {
                let message = match from_elsewhere(word) {
                    Some(instead) => format!("`{word}` is no argument of #[traceme]: {instead}"),
                    None => unknown("argument", word, known),
                };
                return Err(Error::new(key.span(), message));
            }
        }
        Ok(())
    }
}

/// Where an argument goes that has been read, if it is the first of its name.
struct Slot<'a> {
    key: &'a Ident,
    place: Place,
    errors: &'a mut Errors,
}

impl Slot<'_> {
    fn set<T>(&mut self, argument: &mut Option<Arg<T>>, value: T) {
        if argument.is_some() {
            let message = format!("duplicate argument `{}`", self.key);
            self.errors.push_at(self.place, Error::new(self.key.span(), message));
        } else {
            *argument = Some(Arg { key: self.key.clone(), value, place: self.place });
        }
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
        errors.next_place();
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

/// Makes sure that nothing follows an argument that is only a word.
fn nothing(input: ParseStream<'_>, key: &Ident) -> Result<()> {
    let is_alone = input.is_empty() || input.peek(Token![,]);
    let message = || format!("`{key}` has no value: `#[traceme({key})]`");
    is_alone.then_some(()).ok_or_else(|| Error::new(key.span(), message()))
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

/// Reads what may follow `ret` or `err`: one of the known words in parentheses.
fn shown(input: ParseStream<'_>, key: &Ident, default: Shown, known: &[&str]) -> Result<Shown> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(default);
    }
    if !input.peek(Paren) {
        return Err(input.error(format!("expected `,` or parentheses, as in `{key}` or `{key}(Debug)`")));
    }
    let content;
    parenthesized!(content in input);
    let shown = shown_word(&content, key, known);
    // What is left over would be a second error.
    content.parse::<TokenStream>()?;
    shown
}

fn shown_word(input: ParseStream<'_>, key: &Ident, known: &[&str]) -> Result<Shown> {
    let at = if input.is_empty() { key.span() } else { input.span() };
    let word = Ident::parse_any(input).map_err(|_| Error::new(at, format!("expected a word, as in `{key}(Debug)`")))?;
    let shown = match word.to_string().as_str() {
        "Value" if known.contains(&"Value") => Shown::Value,
        "Value" => return Err(Error::new(word.span(), "an error is recorded as text: `err(Display)` or `err(Debug)`")),
        "Display" => Shown::Display,
        "Debug" => Shown::Debug,
        other => return Err(Error::new(word.span(), unknown("form", other, known))),
    };
    if input.is_empty() { Ok(shown) } else { Err(input.error(format!("expected `)`, as in `{key}({word})`"))) }
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
    let mut entries: Vec<MetaArg> = Vec::new();
    separated(&content, &[], errors, |input, errors| {
        let entry = meta_entry(input, errors.place())?;
        if entries.iter().any(|earlier| earlier.key.unraw() == entry.key.unraw()) {
            errors.push(Error::new(entry.key.span(), format!("duplicate metadata key `{}`", entry.key)));
        }
        entries.push(entry);
        Ok(())
    });
    Ok(entries)
}

fn meta_entry(input: ParseStream<'_>, place: Place) -> Result<MetaArg> {
    const EXPECTED: &str = "expected a key, as in `size = data.len()`, `path = %path`, `request = ?request` or `n`";
    let at = input.span();
    let key = Ident::parse_any(input).ok().filter(|key| key != "_").ok_or_else(|| Error::new(at, EXPECTED))?;
    let alone = input.is_empty() || input.peek(Token![,]);
    if alone {
        if syn::parse2::<Ident>(TokenTree::from(key.clone()).into()).is_err() {
            return Err(Error::new(at, format!("`{key}` cannot be its own key, write `key = {key}`")));
        }
        return Ok(MetaArg { key, value: None, place });
    }
    equals(input, &key, "key = value")?;
    let shown = if input.parse::<Option<Token![%]>>()?.is_some() {
        Shown::Display
    } else if input.parse::<Option<Token![?]>>()?.is_some() {
        Shown::Debug
    } else {
        Shown::Value
    };
    let value = Some(MetaValue { shown, value: parse(input, &key)? });
    Ok(MetaArg { key, value, place })
}

impl MetaArg {
    /// The value, if it is a literal that a callsite can hold.
    pub(crate) fn literal(&self) -> Option<&Expr> {
        let MetaValue { shown, value } = self.value.as_ref()?;
        (*shown == Shown::Value && is_literal(value)).then(|| ungrouped(value))
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

/// The expression without parentheses, those that are invisible too: a fragment of a `macro_rules!` macro comes in some.
pub(crate) fn ungrouped(mut expression: &Expr) -> &Expr {
    loop {
        expression = match expression {
            Expr::Group(group) => &group.expr,
            Expr::Paren(paren) => &paren.expr,
            other => return other,
        };
    }
}
