use super::*;
use crate::engine::Kind;
use crate::engine::tests::{DEEP, apart, folder, options};

#[test]
fn logits_of_twelve_and_twelve_layers_are_those_of_transformers() {
    for name in DEEP {
        let engine = Reference::load(&folder(name), &options(Kind::Reference)).unwrap();
        let mut network = ReferenceNetwork {
            engine: &engine,
            slot: None,
        };
        let most = tch::no_grad(|| apart(&mut network, name));
        assert!(most < 1e-3, "{name}: {most} apart");
    }
}
