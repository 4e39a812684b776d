//! What an annotation with mistakes expands to: the errors, and the item, whose absence would cause further ones.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

use crate::expand::expand;
use crate::syntax::FnItem;
use crate::validate::Plan;

/// The item is as it was, or has the guard that its body may refer to by name.
pub(crate) fn fallback(errors: Option<Error>, item: TokenStream, guarded: Option<(FnItem, Plan)>) -> TokenStream {
    let errors = errors.map(Error::into_compile_error);
    let item = guarded.map_or(item, |(function, plan)| expand(&function, &plan));
    quote!(#errors #item)
}
