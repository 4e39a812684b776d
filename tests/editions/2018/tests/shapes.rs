//! Every shape in edition 2018.

#[path = "../../../shapes/mod.rs"]
mod shapes;
