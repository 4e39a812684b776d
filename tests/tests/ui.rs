//! What must not compile, and what the compiler says of it: one mistake, one error, at the token that is wrong.
//!
//! The `.stderr` files belong to one compiler version; `TRYBUILD=overwrite` writes them anew.

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/**/*.rs");
}
