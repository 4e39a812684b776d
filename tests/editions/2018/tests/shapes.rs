//! Every shape in edition 2018.

#[path = "../../../shapes/before_2024.rs"]
mod before_2024;
#[path = "../../../shapes/edition_2018.rs"]
mod edition_2018;
#[path = "../../../shapes/mod.rs"]
mod shapes;
