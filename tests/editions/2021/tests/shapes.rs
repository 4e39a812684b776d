//! Every shape in edition 2021.

#[path = "../../../shapes/mod.rs"]
mod shapes;
