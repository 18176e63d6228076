//! Which model does what, when the job says `auto`: of the models that know the direction, fit the licence rule and the
//! memory, and are on disk or may be fetched, the best by published scores; through English where none goes directly.

use std::path::PathBuf;

use serde::Serialize;

use super::licence::LicenceRule;
use super::{Card, Catalogue, ModelError, Place, resolve};
use crate::text::language::Language;

/// The language that a translation goes through where no model goes directly.
const PIVOT: Language = Language::ENGLISH;

/// What a choice may be made from.
pub struct Routing<'a> {
    /// All cards.
    pub catalogue: &'a Catalogue,
    /// Cache of hub downloads.
    pub hub: PathBuf,
    /// Which licences the job may use.
    pub licence: LicenceRule,
    /// Models that are not on disk may be fetched.
    pub may_fetch: bool,
    /// Megabytes (10⁶) that a model's weights may take, in the job's precision; `None` for any.
    pub memory: Option<u64>,
    /// Number format of the weights: `f32`, `int8`, `f16` or `bf16`.
    pub precision: &'a str,
}

/// One translation by one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leg {
    /// The card's name.
    pub model: String,
    /// Language read.
    pub from: Language,
    /// Language written.
    pub to: Language,
    /// Why this model.
    pub why: String,
}

/// A way from one language to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Route {
    /// One translation, or two that meet in English.
    pub legs: Vec<Leg>,
    /// Models that know a direction but were not taken, with the reason.
    pub passed_over: Vec<(String, String)>,
}

impl Route {
    /// The language between, where there is one.
    pub fn via(&self) -> Option<Language> {
        match self.legs.as_slice() {
            [first, _] => Some(first.to),
            _ => None,
        }
    }
}

impl Routing<'_> {
    /// The best way to translate.
    ///
    /// # Errors
    /// When there is none; every model that knows the direction is named with what is in its way.
    pub fn translate(&self, from: Language, to: Language) -> Result<Route, ModelError> {
        let mut passed_over = Vec::new();
        let direct = self.leg(from, to, &mut passed_over);
        let legs = match direct {
            Some(leg) => Some(vec![leg]),
            None if from == PIVOT || to == PIVOT => None,
            None => {
                let first = self.leg(from, PIVOT, &mut passed_over);
                let second = self.leg(PIVOT, to, &mut passed_over);
                first.zip(second).map(|(first, second)| vec![first, second])
            }
        };
        passed_over.sort();
        passed_over.dedup();
        if let Some(legs) = legs {
            return Ok(Route { legs, passed_over });
        }
        let what = format!("no model may translate from {} to {}", from.code(), to.code());
        Err(ModelError::NoRoute {
            what,
            reasons: reasons(&passed_over),
        })
    }

    /// The best model for summaries of articles in a language; `None` where no model writes any, and an extract or a
    /// pivot must do.
    ///
    /// # Errors
    /// When models know the language, but none may be used.
    pub fn summarise(&self, language: Language) -> Result<Option<Leg>, ModelError> {
        let mut passed_over = Vec::new();
        let known = self.catalogue.cards().filter(|card| card.summarises(language));
        let leg = self.best(known, language, language, &mut passed_over);
        if leg.is_none() && !passed_over.is_empty() {
            let what = format!("no model may summarise articles in {}", language.code());
            return Err(ModelError::NoRoute {
                what,
                reasons: reasons(&passed_over),
            });
        }
        Ok(leg)
    }

    fn leg(&self, from: Language, to: Language, passed_over: &mut Vec<(String, String)>) -> Option<Leg> {
        self.best(
            self.catalogue.cards().filter(|card| card.translates(from, to)),
            from,
            to,
            passed_over,
        )
    }

    fn best<'c>(
        &self,
        known: impl Iterator<Item = &'c Card>,
        from: Language,
        to: Language,
        passed_over: &mut Vec<(String, String)>,
    ) -> Option<Leg> {
        let mut candidates = Vec::new();
        for card in known {
            match self.obstacle(card) {
                Some(reason) => passed_over.push((card.name.clone(), reason)),
                None => candidates.push(card),
            }
        }
        let beaten = |card: &&Card| candidates.iter().find_map(|other| beats(other, card, from, to));
        for card in &candidates {
            if let Some(reason) = beaten(card) {
                passed_over.push((card.name.clone(), reason));
            }
        }
        let unbeaten: Vec<&Card> = candidates
            .iter()
            .copied()
            .filter(|card| beaten(card).is_none())
            .collect();
        // Scores on different sets can go round in circles: then size decides among all.
        let finalists = if unbeaten.is_empty() { &candidates } else { &unbeaten };
        let largest = finalists.iter().max_by(|one, other| {
            one.size
                .parameters
                .cmp(&other.size.parameters)
                .then_with(|| other.name.cmp(&one.name))
        })?;
        for card in finalists.iter().filter(|card| card.name != largest.name) {
            let reason = format!("no published score compares it with {}, which is larger", largest.name);
            passed_over.push((card.name.clone(), reason));
        }
        let why = why(largest, &candidates, from, to);
        Some(Leg {
            model: largest.name.clone(),
            from,
            to,
            why,
        })
    }

    /// What keeps the job from using a model.
    fn obstacle(&self, card: &Card) -> Option<String> {
        if !card.licence.is_allowed_by(self.licence) {
            return Some(format!(
                "its licence ({}) does not fit licence = \"{}\"",
                card.licence.name,
                self.licence.name()
            ));
        }
        let memory = card.memory(self.precision);
        if let Some(limit) = self.memory.filter(|limit| memory > *limit) {
            return Some(format!(
                "it takes {memory} MB of memory in {}, more than {limit} MB",
                self.precision
            ));
        }
        if resolve::is_on_disk(card, &self.hub) || (self.may_fetch && matches!(card.place, Place::Hub { .. })) {
            return None;
        }
        Some("it is not on disk and may not be fetched".to_owned())
    }
}

/// Says by what score one model beats another in a direction, on a test set that both have.
fn beats(winner: &Card, loser: &Card, from: Language, to: Language) -> Option<String> {
    let direction = |card: &'_ Card| {
        card.scores
            .iter()
            .filter(move |score| score.from == from && score.to == to)
            .cloned()
            .collect::<Vec<_>>()
    };
    let theirs = direction(loser);
    direction(winner).into_iter().find_map(|score| {
        let other = theirs
            .iter()
            .find(|other| other.test == score.test && other.metric == score.metric)?;
        (score.value > other.value).then(|| {
            format!(
                "{} {} on {} against {} of {}",
                score.metric, other.value, score.test, score.value, winner.name
            )
        })
    })
}

fn why(card: &Card, candidates: &[&Card], from: Language, to: Language) -> String {
    let others: Vec<&&Card> = candidates.iter().filter(|other| other.name != card.name).collect();
    if others.is_empty() {
        return "the only model that may be used".to_owned();
    }
    let won = others
        .iter()
        .filter(|other| beats(card, other, from, to).is_some())
        .count();
    match won {
        0 => "the largest; no published scores compare it with the others".to_owned(),
        _ if won == others.len() => "the best by published scores".to_owned(),
        _ => format!(
            "better by published scores than {won} of {}, larger than the rest",
            others.len()
        ),
    }
}

fn reasons(passed_over: &[(String, String)]) -> String {
    if passed_over.is_empty() {
        return "no model knows the direction".to_owned();
    }
    passed_over
        .iter()
        .map(|(name, reason)| format!("{name}: {reason}"))
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests;
