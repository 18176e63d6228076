//! Round trips: outputs translated back into the language of their source, all systems by the same model, so that a
//! sentence whose meaning was lost on the way is seen without a reference.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::ExperimentError;
use crate::compare::study::Back;
use crate::compare::study::groups::{Group, Material, Task, whole};
use crate::compare::study::outputs::Run;
use crate::engine::Decoding;
use crate::translate::{Segment, Translator};

/// Translates every translation back. Groups with a direction that the model does not know are left without.
///
/// # Errors
/// As the model.
pub fn translate(
    translator: &Translator,
    batch_tokens: usize,
    runs: &[Run],
    material: &Material,
) -> Result<Back, ExperimentError> {
    let able = |group: &Group| {
        let mut items = group.items.iter();
        group.task == Task::Translation
            && items.all(|item| translator.check_direction(group.language, item.from).is_ok())
    };
    let mut places: HashMap<Segment, usize> = HashMap::new();
    let mut segments: Vec<Segment> = Vec::new();
    let plans: Vec<Vec<Vec<Plan>>> = material
        .groups
        .iter()
        .map(|group| {
            let systems = runs.iter().filter(|_| able(group));
            systems
                .map(|run| plans(run, group, &mut places, &mut segments))
                .collect()
        })
        .collect();
    let mut done = vec![String::new(); segments.len()];
    translator.translate(&segments, &Decoding::clone, batch_tokens, &mut |finished, _| {
        for (index, translated) in finished {
            if let Some(text) = done.get_mut(index) {
                *text = translated.text;
            }
        }
        ControlFlow::Continue(())
    })?;
    let text = |place: &usize| done.get(*place).cloned().unwrap_or_default();
    let texts = plans
        .iter()
        .map(|systems| {
            let texts = |plans: &Vec<Plan>| {
                let texts = plans.iter().map(|plan| {
                    let sentences: Vec<String> = plan.sentences.iter().map(text).collect();
                    whole(&plan.title.as_ref().map(text).unwrap_or_default(), &sentences)
                });
                texts.collect()
            };
            systems.iter().map(texts).collect()
        })
        .collect();
    Ok(Back {
        translator: translator.identities().into_values().collect::<Vec<_>>().join(", "),
        texts,
    })
}

/// Where one output's parts are among the segments.
#[derive(Default)]
struct Plan {
    title: Option<usize>,
    sentences: Vec<usize>,
}

fn plans(run: &Run, group: &Group, places: &mut HashMap<Segment, usize>, segments: &mut Vec<Segment>) -> Vec<Plan> {
    let mut place = |text: &str, item: &crate::compare::study::groups::Item| {
        let segment = Segment {
            text: text.to_owned(),
            from: group.language,
            to: item.from,
        };
        (!text.trim().is_empty()).then(|| {
            *places.entry(segment).or_insert_with_key(|segment| {
                segments.push(segment.clone());
                segments.len() - 1
            })
        })
    };
    let mut plans = Vec::new();
    for item in &group.items {
        let article = run.articles.get(&item.id);
        let Some(translation) = article.and_then(|article| article.translations.get(&group.language)) else {
            plans.push(Plan::default());
            continue;
        };
        let title = place(&translation.title, item);
        let sentences = translation
            .sentences
            .iter()
            .filter_map(|text| place(text, item))
            .collect();
        plans.push(Plan { title, sentences });
    }
    plans
}
