//! What the compiler says about the mistakes that are made most.

#[test]
fn the_commonest_mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
