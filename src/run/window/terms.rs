//! Terms of the glossary, held to while decoding: a sentence whose translation lacks one is decoded again towards it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::passes::{Task, errors};
use super::{BREAK, CONTINUE, Models, Summarised, Worker};
use crate::check::{self, Severity};
use crate::engine::Decoding;
use crate::run::RunError;
use crate::text::language::Language;
use crate::translate::{Segment, Translated, Translator};

/// Fewest beams to find a place for terms with.
const BEAMS: usize = 4;

impl Models {
    /// Whether a translation lacks terms that decoding can be led to.
    pub(super) fn lacks_terms(&self, translator: &Translator, segment: &Segment, output: &str) -> bool {
        // Of a sentence that is translated in pieces, nobody knows which is to hold the term.
        !self.lacking(segment, output).is_empty() && translator.takes_whole(segment)
    }

    fn lacking(&self, segment: &Segment, output: &str) -> Vec<Vec<String>> {
        self.glossary.lacking(&segment.text, segment.from, output, segment.to)
    }
}

/// Source and target language, and the terms that are lacking, each in its forms.
type Group = (Language, Language, Vec<Vec<String>>);

impl Worker<'_> {
    /// Decodes segments again towards the terms that they lack. What comes of it is kept where it lacks fewer of them and
    /// the checks find no more in it; otherwise the first translation stays, and is marked.
    pub(super) fn towards_terms(
        &mut self,
        task: &Task<'_>,
        articles: &mut [Summarised],
        lacking: Vec<(usize, Translated)>,
    ) -> Result<ControlFlow<()>, RunError> {
        let (models, translator) = (self.models, task.translator);
        let mut groups: BTreeMap<Group, Vec<(usize, Translated)>> = BTreeMap::new();
        for (index, first) in lacking {
            let segment = &task.segments[index];
            let terms = models.lacking(segment, &first.text);
            groups
                .entry((segment.from, segment.to, terms))
                .or_default()
                .push((index, first));
        }
        for ((from, to, terms), mut group) in groups {
            group.sort_by_key(|(index, _)| *index);
            let (retried, owners) = task.of_those(&group);
            let again = task.again(&retried, &owners);
            let required = translator.required(from, to, &terms)?;
            let decoding = |own: &Decoding| {
                let usual = translator.decoding(own);
                Decoding {
                    beams: usual.beams.max(BEAMS),
                    required: required.clone(),
                    ..usual
                }
            };
            let flow = self.pass(&again, articles, &decoding, &mut |index, translated| {
                let (segment, first) = (&retried[index], &group[index].1);
                // The model has done with it once; what happens now costs nobody the article.
                let second = translated
                    .ok()
                    .filter(|second| is_better(models, segment, first, second));
                Ok(Some(second.unwrap_or_else(|| first.clone()).into()))
            })?;
            if flow.is_break() {
                return Ok(BREAK);
            }
        }
        Ok(CONTINUE)
    }
}

fn is_better(models: &Models, segment: &Segment, first: &Translated, second: &Translated) -> bool {
    let lacking = |output: &Translated| models.lacking(segment, &output.text).len();
    let marked = |output: &Translated| {
        let findings = check::translation(&segment.text, segment.from, &output.text, segment.to);
        findings
            .iter()
            .filter(|finding| finding.severity >= Severity::Warning)
            .count()
    };
    errors(segment, &second.text) == 0 && lacking(second) < lacking(first) && marked(second) <= marked(first)
}
