//! From a plan to tokens: the only file that writes code.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::syntax::{Body, FnItem, MetaArg, MetaValue, Sigil};
use crate::validate::{Name, Plan};

/// The function with its guard in front of the body. The user's tokens keep their places in the source.
pub(crate) fn expand(function: &FnItem, plan: &Plan) -> TokenStream {
    let FnItem { attributes, visibility, defaultness, signature, body } = function;
    let Body { span, attributes: inner_attributes, statements, starts_with_item } = body;
    // Clippy would blame the user's items for coming after our statement.
    let allow = starts_with_item.then(|| quote_spanned!(Span::mixed_site()=> #[allow(clippy::items_after_statements)]));
    let guard = guard(plan);
    let mut body = Group::new(Delimiter::Brace, quote!(#inner_attributes #guard #statements));
    body.set_span(*span);
    quote!(#(#attributes)* #allow #visibility #defaultness #signature #body)
}

/// The statement that begins the span.
fn guard(plan: &Plan) -> TokenStream {
    // Names of this site are hygienic: the body can neither see the guard nor shadow it.
    let site = Span::mixed_site();
    let guard = plan.guard.clone().unwrap_or_else(|| Ident::new("__traceme_guard", site));
    let traceme = match &plan.crate_path {
        Some(path) => path.to_token_stream(),
        None => quote_spanned!(site=> ::traceme),
    };
    let name = match &plan.name {
        Name::Fixed(name) => name.to_token_stream(),
        Name::Made(name) => quote_spanned!(site=> name = #name),
    };
    let level = plan.level.as_ref().map(|level| quote_spanned!(site=> , level = #level));
    let category = plan.category.as_ref().map(|category| quote_spanned!(site=> , category = #category));
    let entries = &plan.meta;
    let meta = (!entries.is_empty()).then(|| quote_spanned!(site=> , meta(#(#entries),*)));
    quote_spanned!(site=> let #guard = #traceme::span!(#name #level #category #meta);)
}

impl ToTokens for MetaArg {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.key.to_tokens(tokens);
        if let Some(MetaValue { equals, sigil, value }) = &self.value {
            equals.to_tokens(tokens);
            match sigil {
                Some(Sigil::Display(sigil)) => sigil.to_tokens(tokens),
                Some(Sigil::Debug(sigil)) => sigil.to_tokens(tokens),
                None => {}
            }
            value.to_tokens(tokens);
        }
    }
}
