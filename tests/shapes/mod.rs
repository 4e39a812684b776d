//! Functions of every shape that people write, annotated. The packages in `tests/editions` compile and run them, each in
//! its edition.
//!
//! A test asserts that the functions do what they would do bare, and what is recorded of them. There are some 590
//! annotated functions in each edition, each a shape or a variation of one; those of [`drop_order`],
//! [`tail_temporaries`], [`unwinding`], [`results_drops`], [`asynchronous_futures`] and [`asynchronous_headers`] have a bare twin made of the same
//! tokens. What only some editions accept is in `since_*`, `before_*` and `edition_*`, which the packages include one by
//! one.
#![allow(
    clippy::boxed_local,
    clippy::double_must_use,
    clippy::let_and_return,
    clippy::manual_unwrap_or,
    clippy::manual_unwrap_or_default,
    clippy::mixed_attributes_style,
    clippy::multiple_bound_locations,
    clippy::needless_borrow,
    clippy::needless_late_init,
    clippy::needless_lifetimes,
    clippy::needless_return,
    clippy::never_loop,
    clippy::redundant_allocation,
    clippy::redundant_closure_call,
    clippy::redundant_pattern_matching,
    clippy::toplevel_ref_arg,
    clippy::type_complexity,
    clippy::unnecessary_map_on_constructor,
    clippy::useless_vec,
    reason = "people write these shapes: clippy says so of the bare functions, too"
)]

mod alerts;
mod asynchronous;
mod asynchronous_futures;
mod asynchronous_headers;
mod asynchronous_impls;
mod asynchronous_results;
mod asynchronous_returned;
mod asynchronous_signatures;
mod attributes;
mod blocks;
mod blocks_items;
mod blocks_macros;
mod bodies;
mod const_generics;
mod control_flow;
mod drop_order;
mod function_values;
mod generics;
mod lifetimes;
mod macros;
mod metadata;
mod names;
mod no_implicit_prelude;
mod patterns;
mod receivers;
mod results;
mod results_borrows;
mod results_captures;
mod results_drops;
mod results_functions;
mod results_macros;
mod results_methods;
mod returns;
pub(crate) mod support;
mod tail_temporaries;
mod traits;
mod unsafe_and_extern;
mod unwinding;
