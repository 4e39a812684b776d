//! What an annotation with mistakes expands to: the errors, and the item, whose absence would cause further ones.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

use crate::expand::expand;
use crate::function::FnItem;
use crate::validate::Plan;

pub(crate) fn item(errors: Option<Error>, item: TokenStream) -> TokenStream {
    let errors = errors.map(Error::into_compile_error);
    quote!(#errors #item)
}

/// The function is as it was, or has the guard that its body may refer to by name.
pub(crate) fn function(errors: Option<Error>, function: TokenStream, guarded: Option<(FnItem, Plan)>) -> TokenStream {
    item(errors, guarded.map_or(function, |(function, plan)| expand(&function, &plan)))
}
