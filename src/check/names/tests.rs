use super::*;

#[test]
fn names_are_known_again_across_scripts() {}
