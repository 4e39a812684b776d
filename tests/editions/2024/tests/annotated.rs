//! Annotated tests in edition 2024.

#[path = "../../../shapes/annotated_tests.rs"]
mod annotated_tests;
