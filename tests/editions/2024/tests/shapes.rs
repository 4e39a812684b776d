//! Every shape in edition 2024.

#[path = "../../../shapes/mod.rs"]
mod shapes;
