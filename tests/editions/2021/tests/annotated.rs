//! Annotated tests in edition 2021.

#[path = "../../../shapes/annotated_tests.rs"]
mod annotated_tests;
