//! What the compiler says about foreseen mistakes, word by word: `tests/ui`.

#[test]
fn mistakes_are_named_by_the_compiler() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
