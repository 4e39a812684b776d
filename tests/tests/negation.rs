//! Metadata that begins with a minus is an expression like any other.

#[test]
fn metadata_may_begin_with_a_minus() {
    trybuild::TestCases::new().pass("tests/negation/metadata.rs");
}
