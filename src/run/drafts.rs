//! What models had made of sentences that people have reviewed since, as the records of a run folder tell.
//!
//! It is asked for when reviews are stored: from the next run on, records tell the reviews.

use std::collections::HashMap;
use std::path::Path;

use super::RunError;
use super::records::{FILE_NAME, Records};
use crate::check::glossary::suggest::Reviewed;
use crate::digest::one_line;
use crate::text::language::Language;

/// Fills in the model's translations of what was reviewed, as far as the folder has records with them.
///
/// # Errors
/// When there are records that cannot be read.
pub fn fill_in(out: &Path, reviews: &mut [Reviewed]) -> Result<(), RunError> {
    if !out.join(FILE_NAME).is_file() {
        return Ok(());
    }
    let mut wanted: HashMap<(Language, Language, String), Vec<&mut Reviewed>> = HashMap::new();
    for review in reviews {
        let key = (review.from, review.to, one_line(&review.source));
        wanted.entry(key).or_default().push(review);
    }
    Records::open(out)?.each(|_, record| {
        for (to, translation) in &record.translations {
            let sources = std::iter::once(&record.title).chain(&record.summary.sentences);
            let made = std::iter::once(&translation.title).chain(&translation.sentences);
            for (source, made) in sources.zip(made) {
                let key = (record.language, *to, one_line(source));
                for review in wanted.get_mut(&key).into_iter().flatten() {
                    let made = one_line(made);
                    review.machine.get_or_insert(made);
                }
            }
        }
    })
}
