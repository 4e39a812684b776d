//! Every shape in edition 2021.

#[path = "../../../shapes/before_2024.rs"]
mod before_2024;
#[path = "../../../shapes/mod.rs"]
mod shapes;
#[path = "../../../shapes/since_2021.rs"]
mod since_2021;
