//! What an article is about, by its encoder vector: the topic nearest to it, where that is near enough.
//!
//! Keywords find what they name; sentences that say what a topic is about (`about` in `prompts/topics.toml`) find what is
//! told in other words, in whatever language the encoder reads. How often that is right, `training/topics.py` measures.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{centre, cosine, embed, unit};
use crate::attempt::Failure;
use crate::prompts::Subjects;
use crate::shelf::Loaded;
use crate::text::language::Language;

/// Topics as vectors, all less the mean of all, so that what every text has in common tells nothing.
#[derive(Clone, Debug)]
pub struct Topics {
    mean: Vec<f32>,
    /// By id, `[d_model]` each.
    centres: Vec<(String, Vec<f32>)>,
    /// Least cosine of an article with its topic: that of a topic's own sentences with the others of them, on average,
    /// since encoders differ in how near they put anything to anything.
    threshold: f64,
}

/// The topic that an article is nearest to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Near {
    /// Id in `prompts/topics.toml`.
    pub topic: String,
    /// Cosine of article and topic, both less the mean of all topics; three digits.
    pub similarity: f64,
}

impl Topics {
    /// The vectors of all topics that have texts in a language of the model; `None` where that are fewer than two, or none
    /// has several texts.
    ///
    /// # Errors
    /// When the model fails.
    pub fn of(model: &Loaded, subjects: &Subjects, batch_tokens: usize) -> Result<Option<Self>, Failure> {
        let mut topics: Vec<(String, Vec<Vec<f32>>)> = Vec::new();
        for (id, about) in subjects.about() {
            let mut vectors = Vec::with_capacity(about.len());
            let languages: BTreeSet<Language> = about.iter().map(|(language, _)| *language).collect();
            for language in languages {
                let texts = about.iter().filter(|(own, _)| *own == language);
                let texts: Vec<&str> = texts.map(|(_, text)| text.as_str()).collect();
                vectors.extend(embed(model, &texts, language, batch_tokens, None)?.0);
            }
            if !vectors.is_empty() {
                topics.push((id.to_owned(), vectors));
            }
        }
        Ok(Self::new(&topics))
    }

    fn new(topics: &[(String, Vec<Vec<f32>>)]) -> Option<Self> {
        let units: Vec<Vec<f32>> = topics.iter().map(|(_, vectors)| unit(&centre(vectors))).collect();
        let mean: Vec<f32> = centre(&units).iter().map(|value| value / units.len() as f32).collect();
        let (mut own, mut texts) = (0.0, 0);
        for (_, vectors) in topics.iter().filter(|(_, vectors)| vectors.len() > 1) {
            for (index, vector) in vectors.iter().enumerate() {
                let others = vectors[..index].iter().chain(&vectors[index + 1..]);
                own += cosine(&less(&unit(vector), &mean), &less(&unit(&centre(others)), &mean));
                texts += 1;
            }
        }
        let centres = topics.iter().zip(&units);
        (units.len() > 1 && texts > 0).then(|| Self {
            centres: centres.map(|((id, _), unit)| (id.clone(), less(unit, &mean))).collect(),
            mean,
            threshold: own / f64::from(texts),
        })
    }

    /// The topic of an article given as the sum of its texts' vectors (`[d_model]`), if one is near enough.
    pub fn nearest(&self, article: &[f32]) -> Option<Near> {
        if article.len() != self.mean.len() {
            return None;
        }
        let article = less(&unit(article), &self.mean);
        let cosines = self.centres.iter().map(|(id, centre)| (id, cosine(&article, centre)));
        // On equal nearness the first topic wins.
        let (id, nearest) = cosines.reduce(|best, other| if other.1 > best.1 { other } else { best })?;
        (nearest >= self.threshold).then(|| Near {
            topic: id.clone(),
            similarity: (nearest * 1e3).round() / 1e3,
        })
    }
}

fn less(vector: &[f32], other: &[f32]) -> Vec<f32> {
    vector.iter().zip(other).map(|(left, right)| left - right).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two topics that share most of what they are, as texts of one encoder do.
    fn topics() -> Topics {
        let text = |water: f32, roads: f32| vec![5.0, water, roads];
        let texts = [
            ("roads".to_owned(), vec![text(0.1, 1.0), text(0.0, 0.8)]),
            ("water".to_owned(), vec![text(1.0, 0.0), text(0.9, 0.2)]),
        ];
        Topics::new(&texts).unwrap()
    }

    #[test]
    fn an_article_is_of_the_topic_whose_sentences_it_is_nearest_to() {
        let topics = topics();
        let near = topics.nearest(&[10.0, 1.9, 0.1]).unwrap();
        assert_eq!(near.topic, "water");
        assert!(near.similarity > 0.9 && near.similarity <= 1.0, "{near:?}");
        assert_eq!(topics.nearest(&[10.0, 0.1, 1.8]).unwrap().topic, "roads");
    }

    #[test]
    fn an_article_between_the_topics_or_of_another_encoder_has_none() {
        let topics = Topics {
            threshold: 0.9,
            ..topics()
        };
        assert_eq!(topics.nearest(&[5.0, 0.5, 0.7]), None);
        assert_eq!(topics.nearest(&[1.0, 0.0]), None);
        assert_eq!(topics.nearest(&[]), None);
    }

    #[test]
    fn one_topic_or_single_sentences_tell_nothing() {
        let one = [("water".to_owned(), vec![vec![1.0, 0.0], vec![0.9, 0.1]])];
        assert!(Topics::new(&one).is_none() && Topics::new(&[]).is_none());
        let single = [
            ("water".to_owned(), vec![vec![1.0, 0.0]]),
            ("roads".to_owned(), vec![vec![0.0, 1.0]]),
        ];
        assert!(Topics::new(&single).is_none());
    }
}
