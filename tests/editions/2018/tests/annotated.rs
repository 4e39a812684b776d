//! Annotated tests in edition 2018.

#[path = "../../../shapes/annotated_tests.rs"]
mod annotated_tests;
