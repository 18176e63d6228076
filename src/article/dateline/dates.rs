//! Days as datelines and metadata write them, in English, Russian, Tajik, Arabic and Persian.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Regex, RegexSet};

/// The twelve months as patterns.
const MONTHS: [&str; 12] = [
    "jan(?:uary)?|янв(?:ар[ьяи]?)?|يناير|كانون الثاني|جانفي|ژانویه",
    "feb(?:ruary)?|фев(?:р(?:ал[ьяи]?)?)?|فبراير|شباط|فيفري|فوریه",
    "mar(?:ch)?|мар(?:т[аи]?)?|مارس|آذار",
    "apr(?:il)?|апр(?:ел[ьяи]?)?|أبريل|ابريل|إبريل|نيسان|أفريل|آوریل",
    "may|майи|ма[йя]|مايو|أيار|ماي|مه",
    "june?|июн[ьяи]?|يونيو|يونيه|حزيران|جوان|ژوئن",
    "july?|июл[ьяи]?|يوليو|يوليه|تموز|جويلية|ژوئیه",
    "aug(?:ust)?|авг(?:уст[аи]?)?|أغسطس|اغسطس|آب|أوت|اوت",
    "sept?(?:ember)?|сент?(?:ябр[ьяи]?)?|سبتمبر|أيلول|سپتامبر",
    "oct(?:ober)?|окт(?:ябр[ьяи]?)?|أكتوبر|اكتوبر|تشرين الأول|اکتبر",
    "nov(?:ember)?|ноя(?:бр[ьяи]?)?|نوفمبر|تشرين الثاني|نوامبر",
    "dec(?:ember)?|дек(?:абр[ьяи]?)?|ديسمبر|كانون الأول|دسامبر",
];

static MONTH_NAMES: LazyLock<RegexSet> =
    LazyLock::new(|| RegexSet::new(MONTHS.map(|month| format!(r"(?i)\b(?:{month})\b"))).unwrap_or_default());

/// A day with the name of its month, or in full figures: `Nov. 4, 2024`, `4 ноября`, `04.11.2024`, `2024-11-04`.
pub(super) fn pattern() -> String {
    let month = format!(r"(?i:(?:{})\.?)", MONTHS.join("|"));
    let year = r"(?:,? ?(?:соли )?\d{4}(?: ?г\.| года| с\.)?)?";
    format!(
        r"(?:{month} \d{{1,2}}{year}|\d{{1,2}}(?:st|nd|rd|th|-уми|-го)? ?{month}{year}|\d{{1,2}}\.\d{{1,2}}\.\d{{4}}|\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}})"
    )
}

/// A day in figures as Arabic agencies write it: `4 - 11`, `4/11/2024`.
pub(super) fn figures_pattern() -> &'static str {
    r"(?:\d{1,2} ?[-/] ?\d{1,2}(?: ?[-/] ?\d{4})?)"
}

/// The day that `text` (matched by one of the patterns) names; `year` serves where it names none.
pub(super) fn day(text: &str, year: Option<i16>) -> Option<Date> {
    let numbers = numbers(text);
    let month = MONTH_NAMES
        .matches(text)
        .iter()
        .next()
        .and_then(|index| i8::try_from(index + 1).ok());
    let small = |number: i16| i8::try_from(number).ok();
    let (year, month, day) = match (month, numbers.as_slice()) {
        (Some(month), [day]) => (year?, month, small(*day)?),
        (Some(month), [day, year]) => (*year, month, small(*day)?),
        (None, [day, month]) => (year?, small(*month)?, small(*day)?),
        (None, [year, month, day]) if *year > 31 => (*year, small(*month)?, small(*day)?),
        (None, [day, month, year]) => (*year, small(*month)?, small(*day)?),
        _ => return None,
    };
    if (1900..=2200).contains(&year) {
        Date::new(year, month, day).ok()
    } else {
        None
    }
}

/// The numbers of a text, whichever digits they are written in.
fn numbers(text: &str) -> Vec<i16> {
    let digit = |letter: char| {
        let value = match letter {
            '0'..='9' => u32::from(letter) - u32::from('0'),
            '٠'..='٩' => u32::from(letter) - u32::from('٠'),
            '۰'..='۹' => u32::from(letter) - u32::from('۰'),
            _ => return None,
        };
        i16::try_from(value).ok()
    };
    let mut numbers = Vec::new();
    let mut current: Option<i16> = None;
    for letter in text.chars().chain(std::iter::once(' ')) {
        match (digit(letter), current) {
            (Some(value), number) => {
                current = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(value));
            }
            (None, Some(number)) => {
                numbers.push(number);
                current = None;
            }
            (None, None) => {}
        }
    }
    numbers
}

/// What a date field of an input says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    Day(Date),
    /// Only a year, or year and month.
    Year(i16),
    Unknown,
}

/// Reads a date field: ISO 8601, RFC 2822, or a day as datelines write it.
pub fn given(text: &str) -> Given {
    static ISO: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(\d{4})(?:[-/](\d{2}))?(?:[-/](\d{2})(?:$|[T ].*))?$").ok());
    static WRITTEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(&format!(
            r"^(?:\p{{L}}+,? )?(?<day>{}|\d{{1,2}}/\d{{1,2}}/\d{{4}})\b",
            pattern()
        ))
        .ok()
    });
    let text = text.trim();
    if let Some(found) = ISO.as_ref().and_then(|iso| iso.captures(text)) {
        let part = |index: usize| found.get(index).and_then(|part| part.as_str().parse::<i16>().ok());
        return match (part(1), part(2), part(3)) {
            (Some(year), Some(_), Some(_)) => {
                day(text.get(..10).unwrap_or_default(), Some(year)).map_or(Given::Unknown, Given::Day)
            }
            (Some(year), _, None) if (1900..=2200).contains(&year) => Given::Year(year),
            _ => Given::Unknown,
        };
    }
    if let Ok(time) = jiff::fmt::rfc2822::parse(text) {
        return Given::Day(time.date());
    }
    let written = WRITTEN
        .as_ref()
        .and_then(|written| written.captures(text))
        .and_then(|found| found.name("day"));
    let month_first = |text: &str| numbers(text).get(1).is_some_and(|&month| month > 12);
    match written.map(|part| part.as_str()) {
        Some(part) if part.contains('/') && month_first(part) => Given::Unknown,
        Some(part) => day(part, None).map_or(Given::Unknown, Given::Day),
        None => Given::Unknown,
    }
}
