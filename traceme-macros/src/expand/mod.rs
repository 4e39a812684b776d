//! From a plan to tokens: what a function becomes, here or, if it gives a future, in `future`.

mod future;

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::function::{Body, FnItem, braces};
use crate::syntax::{MetaArg, MetaValue, Shown, is_literal, ungrouped};
use crate::validate::{Name, Outcome, Plan};

/// The function with its body inside the span. The user's tokens keep their places in the source.
///
/// ```text
/// {                                 the user's braces
///     #![inner_attributes]
///     {                             braces of this site, which is of edition 2024
///         let guard = <begin>;
///         ({ .. })                  the user's braces and statements, untouched
///     }
/// }
/// ```
///
/// The body stays a block of its own: so its last temporaries are dropped when its edition says. It ends a block of
/// edition 2024: so they are dropped before the guard, whatever the user's edition. It only ends blocks: so its value has
/// the function's type to go by, and the compiler explains mistakes as in the bare function. The parentheses are nothing,
/// but without them the body's braces would count as superfluous.
pub(crate) fn expand(function: &FnItem, plan: &Plan) -> TokenStream {
    let Body { attributes, block } = &function.body;
    let traceme = match &plan.crate_path {
        Some(path) => path.to_token_stream(),
        None => quote_spanned!(Span::mixed_site()=> ::traceme),
    };
    let (header, traced) = match function.future {
        None => (function.header.tokens.iter().cloned().collect(), in_a_span(function, plan, &traceme)),
        Some(future) => future::as_a_task(function, plan, future, &traceme),
    };
    let traced = braces(at(block), traced);
    // Clippy knows the one right body of two functions, unless it was written by a macro.
    let is_known = ["clone", "partial_cmp"].iter().any(|known| function.name == known);
    let place = if is_known { at(block) } else { block.span() };
    let body = braces(place, quote!(#attributes #traced));
    quote!(#header #body)
}

/// What stands in the braces of this site.
fn in_a_span(function: &FnItem, plan: &Plan, traceme: &TokenStream) -> TokenStream {
    // Names of this site are hygienic: the body can neither see the guard nor shadow it.
    let site = Span::mixed_site();
    let block = &function.body.block;
    let guard = plan.guard.clone().unwrap_or_else(|| Ident::new("__traceme_guard", site));
    // Not all that a body does with the guard is left where recording is compiled out.
    let used = plan.guard.as_ref().and_then(used);
    let alert = plan.alert.as_ref().map(|alert| {
        let mut nanoseconds = Literal::u64_unsuffixed(alert.nanoseconds);
        nanoseconds.set_span(alert.span);
        nanoseconds
    });
    let parts = parts(plan, traceme);
    let begin = quote_spanned!(site=> #traceme::__record_span!([#alert;] #parts));
    let Some(outcome) = outcome(plan, traceme) else {
        let body = quote_spanned!(at(block)=> (#block));
        return quote_spanned!(site=> let #guard = #begin; #used #body);
    };
    let result = function.output.clone().unwrap_or_else(|| quote_spanned!(site=> ()));
    let own = Ident::new("__traceme_guard", site);
    let named = plan.guard.as_ref().map(|guard| quote_spanned!(site=> let #guard = &#own; #used));
    let owned = &function.owned;
    let arrow = quote_spanned!(at(block)=> || ->);
    let parts = quote_spanned!(site=> #own [#(#owned)*] [#arrow] [#result] #block #outcome);
    let record = quote_spanned!(site=> #traceme::__record_outcome! { #parts });
    quote_spanned!(site=> let #own = #begin; #named #record)
}

/// Has the compiler take a variable for used, unless its name says that it need not be.
fn used(variable: &Ident) -> Option<TokenStream> {
    let is_to_be = !variable.to_string().starts_with('_');
    is_to_be.then(|| quote_spanned!(Span::mixed_site()=> match #variable { _ => {} }))
}

/// What begins the span, in the form that the macros of traceme bring their options into, because the compiler takes longer
/// to sort options than to do all the rest.
fn parts(plan: &Plan, traceme: &TokenStream) -> TokenStream {
    let site = Span::mixed_site();
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
        Some(level) => {
            let (at, traceme) = (at(level), located(traceme, at(level)));
            quote_spanned!(at=> { #traceme::__private::LevelArgument(#level).number() })
        }
        None => quote_spanned!(site=> 1),
    };
    let category = match &plan.category {
        Some(category) => quote_spanned!(at(category)=> (#category)),
        None => quote_spanned!(site=> (#traceme::Category::DEFAULT)),
    };
    let rate = plan.rate.as_ref().map(|rate| quote_spanned!(at(rate)=> ; #rate));
    let keys = plan.meta.iter().map(key);
    values.extend(plan.meta.iter().filter_map(|entry| entry_value(entry, traceme)));
    let values = values.iter().rfold(quote_spanned!(site=> ()), |rest, value| quote_spanned!(site=> (#value, #rest)));
    quote_spanned!(site=> #name #level #category [#rate] [#(#keys),*] #values)
}

/// What is recorded of the result, in the form that `__record_outcome!` takes.
fn outcome(plan: &Plan, traceme: &TokenStream) -> Option<TokenStream> {
    let site = Span::mixed_site();
    let name = |name| Ident::new(name, site);
    let recorded = |outcome: &Outcome, of: &Ident| {
        let of = Ident::new(&of.to_string(), outcome.span.resolved_at(site));
        shown(outcome.shown, &of, traceme)
    };
    let (result, success, error) = (name("__traceme_result"), name("__traceme_value"), name("__traceme_error"));
    let Some(err) = &plan.err else {
        let ret = recorded(plan.ret.as_ref()?, &result);
        return Some(quote_spanned!(site=> #result [ret #ret]));
    };
    let ret = plan.ret.as_ref().map(|ret| recorded(ret, &success));
    let at = err.span.resolved_at(site);
    let (crate_at, result_at) = (located(traceme, at), Ident::new("__traceme_result", at));
    let matched = quote_spanned!(at=> #crate_at::__private::outcome(&#result_at));
    let err = recorded(err, &error);
    Some(quote_spanned!(site=> #result [err (#matched) #success [#ret] #error #err]))
}

/// For what is written around the user's tokens: hygienic as this site, but a wrong type is reported at those tokens.
fn at(tokens: &impl Spanned) -> Span {
    tokens.span().resolved_at(Span::mixed_site())
}

/// The tokens as they are, but reported at this place.
fn located(tokens: &TokenStream, at: Span) -> TokenStream {
    let located = |mut token: TokenTree| {
        token.set_span(token.span().located_at(at));
        token
    };
    tokens.clone().into_iter().map(located).collect()
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
fn entry_value(entry: &MetaArg, traceme: &TokenStream) -> Option<TokenStream> {
    match &entry.value {
        _ if entry.literal().is_some() => None,
        Some(MetaValue { shown: how, value }) => Some(shown(*how, value, traceme)),
        None => Some(shown(Shown::Value, &entry.key, traceme)),
    }
}

/// An expression as a value that can be recorded.
fn shown(how: Shown, expression: &(impl ToTokens + Spanned), traceme: &TokenStream) -> TokenStream {
    let format = match how {
        Shown::Value => {
            // All of it in one place: so the compiler reports a wrong type once.
            let traceme = located(traceme, at(expression));
            return quote_spanned!(at(expression)=> #traceme::__private::value(&(#expression)));
        }
        Shown::Display => "{}",
        Shown::Debug => "{:?}",
    };
    let site = Span::mixed_site();
    let text = quote_spanned!(site=> ::core::format_args!(#format, #expression));
    quote_spanned!(site=> #traceme::__private::Formatted::new(#text))
}
