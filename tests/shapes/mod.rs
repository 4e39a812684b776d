//! Functions of every shape that people write, annotated. The packages in `tests/editions` compile and run them, each in its edition.

mod attributes;
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
mod returns;
pub(crate) mod support;
mod tail_temporaries;
mod traits;
mod unsafe_and_extern;
mod unwinding;
