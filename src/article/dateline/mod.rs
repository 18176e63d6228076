//! News agencies open an article with place, day and their name, and close it with marks for editors. Neither is news:
//! the opening becomes metadata and the closing marks go, so that no summary ever begins with `KUWAIT, Nov 4 (KUNA) --`.
//!
//! A lost sentence is worse than a dateline that stays: an opening is only taken off where it names a known agency, or a
//! day beside a place in capitals, and closing marks only at the end of a sentence.

mod agencies;
mod dates;
mod opening;
mod tails;
#[cfg(test)]
mod tests;

use jiff::civil::Date;

pub use dates::{Given, given};

/// A body without its dateline and editor's marks, and what these said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    pub body: String,
    /// As written: `KUNA`, `АМИТ «Ховар»`.
    pub agency: Option<String>,
    /// As written: `KUWAIT`.
    pub place: Option<String>,
    /// The day, where its year is known.
    pub date: Option<Date>,
}

/// Takes the dateline and the editor's marks off a normalised `body`; `year` is the year of publication, if known, for
/// datelines that name only day and month.
pub fn clean(body: &str, year: Option<i16>) -> Cleaned {
    let mut rest = body.trim_start();
    let mut cleaned = Cleaned::default();
    if let Some((header, after)) = opening::header(rest) {
        cleaned.date = header.date.and_then(|date| dates::day(date, None));
        cleaned.agency = Some(header.agency.to_owned());
        rest = after;
    }
    rest = tails::strip_leading(rest);
    if let Some((dateline, after)) = opening::dateline(rest) {
        let year = cleaned.date.map(Date::year).or(year);
        cleaned.date = cleaned.date.or_else(|| dates::day(dateline.date?, year));
        cleaned.agency = dateline.agency.map(str::to_owned).or(cleaned.agency);
        cleaned.place = dateline.place.map(str::to_owned);
        rest = tails::strip_leading(after);
    }
    let text = tails::strip(rest);
    if text.chars().any(char::is_alphanumeric) {
        cleaned.body = text;
        cleaned
    } else {
        // An article that is all dateline keeps its words.
        Cleaned {
            body: body.trim().to_owned(),
            ..Cleaned::default()
        }
    }
}

/// Whether a line begins with a dateline, and so is no headline.
pub fn begins(line: &str) -> bool {
    opening::header(line).is_some() || opening::dateline(line).is_some()
}
