//! From one language to another by one model, or by two that meet in a third language.

use std::rc::Rc;

use crate::engine::Decoding;
use crate::shelf::Loaded;
use crate::text::language::Language;

/// How one direction is translated.
pub struct Way {
    /// One model, or two: each with the language that it writes.
    pub(super) legs: Vec<(Rc<Loaded>, Language)>,
}

impl Way {
    /// The language between, where there is one.
    pub fn via(&self) -> Option<Language> {
        match self.legs.as_slice() {
            [(_, via), _] => Some(*via),
            _ => None,
        }
    }

    /// Models, versions and precision, in the order of their work.
    pub fn identity(&self) -> String {
        let models: Vec<&str> = self.legs.iter().map(|(model, _)| model.identity.as_str()).collect();
        models.join(" → ")
    }

    /// Everything besides the text that a translation depends on, as one text; `adjust` is what the job changes in a
    /// model's own decoding.
    pub fn signature(&self, adjust: &dyn Fn(&Decoding) -> Decoding) -> String {
        let leg = |(model, to): &(Rc<Loaded>, Language)| {
            let how = serde_json::to_string(&adjust(&model.decoding)).unwrap_or_default();
            [&model.identity, &model.prompts, &how, to.code()].join("\0")
        };
        self.legs.iter().map(leg).collect::<Vec<_>>().join("\0\0")
    }
}
