//! From a plan to tokens: the only file that writes code.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::syntax::{Body, FnItem, MetaArg, Sigil, is_literal, ungrouped};
use crate::validate::{Name, Plan};

/// The function with its body inside the span. The user's tokens keep their places in the source.
///
/// The body stays a block of its own, with its braces where they are in the source: so its last temporaries are dropped
/// when its edition says, in any edition before the guard, and its value has the function's type to go by. `match` gives
/// that; behind a `let` the temporaries would outlive the guard in the editions before 2024.
pub(crate) fn expand(function: &FnItem, plan: &Plan) -> TokenStream {
    let FnItem { attributes, visibility, defaultness, signature, body } = function;
    let Body { span, attributes: inner_attributes, statements } = body;
    // Names of this site are hygienic: the body can neither see the guard nor shadow it.
    let site = Span::mixed_site();
    let guard = plan.guard.clone().unwrap_or_else(|| Ident::new("__traceme_guard", site));
    let begin = begin(function, plan);
    let body = braces(*span, statements.clone());
    let body = quote_spanned!(site=> match #begin { #guard => #body });
    let body = braces(*span, quote!(#inner_attributes #body));
    quote!(#(#attributes)* #visibility #defaultness #signature #body)
}

fn braces(span: Span, content: TokenStream) -> Group {
    let mut braces = Group::new(Delimiter::Brace, content);
    braces.set_span(span);
    braces
}

/// The expression that begins the span. It is in the form that the macros of traceme bring their options into, because
/// the compiler takes longer to sort options than to do all the rest.
fn begin(function: &FnItem, plan: &Plan) -> TokenStream {
    let site = Span::mixed_site();
    let traceme = match &plan.crate_path {
        Some(path) => path.to_token_stream(),
        None => quote_spanned!(site=> ::traceme),
    };
    let mut values = Vec::new();
    let name = match &plan.name {
        Name::Fixed(name) => name.to_token_stream(),
        Name::Made(name) => {
            let at = at(name);
            let text = quote_spanned!(at=> ::core::convert::AsRef::<::core::primitive::str>::as_ref(&(#name)));
            values.push(quote_spanned!(site=> #traceme::__private::Name(#text)));
            quote_spanned!(site=> "")
        }
    };
    let level = match &plan.level {
        Some(level) if is_literal(level) => ungrouped(level).to_token_stream(),
        Some(level) => quote_spanned!(site=> { #traceme::__private::LevelArgument(#level).number() }),
        None => quote_spanned!(site=> 1),
    };
    let category = match &plan.category {
        Some(category) => quote_spanned!(at(category)=> (#category)),
        None => quote_spanned!(site=> (#traceme::Category::DEFAULT)),
    };
    let keys = plan.meta.iter().map(key);
    values.extend(plan.meta.iter().filter_map(|entry| value(entry, &traceme)));
    let values = values.iter().rfold(quote_spanned!(site=> ()), |rest, value| quote_spanned!(site=> (#value, #rest)));
    let record = match function.signature.asyncness {
        Some(_) => quote_spanned!(site=> __record_activity),
        None => quote_spanned!(site=> __record_span),
    };
    quote_spanned!(site=> #traceme::#record!([] #name #level #category 0 [#(#keys),*] #values))
}

/// For what is written around the user's tokens: hygienic as this site, but a wrong type is reported at those tokens.
fn at(tokens: &impl Spanned) -> Span {
    tokens.span().resolved_at(Span::mixed_site())
}

/// The key of an entry as `StaticKey` has it, with its value if that is a literal.
fn key(entry: &MetaArg) -> TokenStream {
    let name = entry.key.unraw().to_string();
    match entry.literal() {
        Some(literal) => {
            let spelt = literal.to_token_stream().to_string();
            quote_spanned!(Span::mixed_site()=> (#name, #spelt, ::core::concat!(#literal)))
        }
        None => quote_spanned!(Span::mixed_site()=> (#name, "", "")),
    }
}

/// The value of an entry, unless it is a literal.
fn value(entry: &MetaArg, traceme: &TokenStream) -> Option<TokenStream> {
    let site = Span::mixed_site();
    if entry.literal().is_some() {
        return None;
    }
    let (sigil, value) = match &entry.value {
        Some(written) => (written.sigil.as_ref(), written.value.to_token_stream()),
        None => (None, entry.key.to_token_stream()),
    };
    let format = match sigil {
        Some(Sigil::Display) => "{}",
        Some(Sigil::Debug) => "{:?}",
        None => return Some(quote_spanned!(at(&value)=> #traceme::__private::value(&(#value)))),
    };
    let text = quote_spanned!(site=> ::core::format_args!(#format, #value));
    Some(quote_spanned!(site=> #traceme::__private::Formatted::new(#text)))
}
