//! Every shape in edition 2024.

#[path = "../../../shapes/mod.rs"]
mod shapes;
#[path = "../../../shapes/since_2021.rs"]
mod since_2021;
#[path = "../../../shapes/since_2024.rs"]
mod since_2024;
