use super::*;
use crate::engine::Kind;
use crate::engine::tests::{DEEP, apart, folder, options};

#[test]
fn logits_of_twelve_and_twelve_layers_are_those_of_transformers() {
    for name in DEEP {
        let engine = Fast::load(&folder(name), &options(Kind::Fast)).unwrap();
        let most = apart(&mut FastNetwork::new(&engine.graph, None, &engine.team), name);
        assert!(most < 1e-3, "{name}: {most} apart");
    }
}
