//! Words that end in a full stop without ending a sentence.
//!
//! One table for all languages: Latin and Cyrillic abbreviations cannot be confused, and what Russian, Tajik, Kazakh and
//! Kyrgyz share outweighs where they differ.

/// What a full stop after an abbreviation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something always follows in the same sentence: `Dr.`, `т.е.`
    Never,
    /// An abbreviation only when a number follows: `No. 5`, `Sept. 11`
    BeforeNumber,
    /// May end a sentence: `etc.`, `2024 г.`, `U.S.`
    Sometimes,
}

/// Titles, references and places, which stand before a name or a number. Capitals matter where a common word looks alike.
const NEVER: &[&str] = &[
    // English and other Latin-script languages
    "Mr",
    "Mrs",
    "Ms",
    "Dr",
    "Prof",
    "Gen",
    "Lt",
    "Col",
    "Sgt",
    "Capt",
    "Cpt",
    "Maj",
    "Cmdr",
    "Adm",
    "Brig",
    "Gov",
    "Sen",
    "Rep",
    "Hon",
    "Rev",
    "Fr",
    "St",
    "Ste",
    "Mt",
    "Pres",
    "Amb",
    "Messrs",
    "Mme",
    "Mlle",
    "Eng",
    "Sr",
    "Sra",
    "Supt",
    "Insp",
    "vs",
    "v",
    "cf",
    "e.g",
    "i.e",
    "viz",
    "approx",
    "Ave",
    "Fig",
    "fig",
    "Sec",
    "Art",
    "ed",
    "eds",
    "al-H",
    "ul",
    "akad",
    // Russian
    "т.е",
    "т.к",
    "т.н",
    "т.ч",
    "т",
    "им",
    "ул",
    "просп",
    "пр-т",
    "пер",
    "пл",
    "наб",
    "бул",
    "пос",
    "дер",
    "обл",
    "респ",
    "см",
    "ср",
    "рис",
    "табл",
    "гл",
    "ст",
    "стр",
    "проф",
    "акад",
    "доц",
    "канд",
    "св",
    "ген",
    "полк",
    "подполк",
    "кап",
    "лейт",
    "адм",
    "зам",
    "пом",
    "зав",
    "нач",
    "инж",
    "архиеп",
    "митр",
    "напр",
    "гр",
    "г-н",
    "г-жа",
    "корп",
    "кв",
    "тел",
    "Пер",
    "Ул",
    "Проф",
    "Акад",
    "Св",
    "Ген",
    "См",
    "Ср",
    "Рис",
    "Гл",
    "Зам",
    // Tajik, Uzbek, Kazakh, Kyrgyz
    "ш",
    "н",
    "ҷ",
    "кӯч",
    "хиёб",
    "вил",
    "ноҳ",
    "ҷум",
    "мас",
    "муҳ",
    "дот",
    "ном",
    "масалан",
    "көш",
    "обл",
    "проф",
    "мәс",
    "мыс",
    "маш",
    // Arabic and Persian: single letters are handled by rule
    "أ.د",
    "د.م",
    "ا.د",
    "ه.ش",
    "ه.ق",
    "ق.م",
];

/// Abbreviated months and `No.`: abbreviations only where a number follows.
const BEFORE_NUMBER: &[&str] = &[
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Sept",
    "Oct",
    "Nov",
    "Dec",
    "No",
    "no",
    "Nos",
    "nos",
    "Vol",
    "vol",
    "pp",
    "para",
    "Para",
    "Ch",
    "ch",
    "Op",
    "art",
    "янв",
    "февр",
    "апр",
    "авг",
    "сент",
    "окт",
    "нояб",
    "дек",
    "ст",
    "п",
    "пп",
    "разд",
    "вып",
    "моддаи",
    "банди",
];

/// May stand anywhere.
const SOMETIMES: &[&str] = &[
    "etc",
    "Inc",
    "Ltd",
    "Co",
    "Corp",
    "Jr",
    "Bros",
    "Dept",
    "Univ",
    "est",
    "al",
    "plc",
    "Sr",
    "др",
    "пр",
    "т.д",
    "т.п",
    "т.с",
    "гг",
    "вв",
    "руб",
    "коп",
    "млн",
    "млрд",
    "трлн",
    "тыс",
    "чел",
    "дол",
    "долл",
    "экз",
    "кг",
    "км",
    "га",
    "мин",
    "сек",
    "час",
    "н.э",
    "л.с",
    "сом",
    "сомон",
    "дир",
    "ва ғ",
    "ва ғ.к",
    "ҳ.қ",
    "т.б",
    "т.с.с",
    "ж.б",
    "mln",
    "mlrd",
    "v.b",
    "h.k",
    "sh.k",
    "إلخ",
    "الخ",
    "هـ",
    "م.م",
];

/// Words that open an English sentence far more often than they follow an abbreviation within one.
const OPENERS: &[&str] = &[
    "The",
    "A",
    "An",
    "In",
    "On",
    "At",
    "It",
    "He",
    "She",
    "They",
    "We",
    "I",
    "This",
    "That",
    "These",
    "Those",
    "But",
    "And",
    "For",
    "From",
    "If",
    "As",
    "By",
    "With",
    "However",
    "Meanwhile",
    "His",
    "Her",
    "Its",
    "Their",
    "There",
    "When",
    "After",
    "Before",
    "While",
    "What",
    "Since",
    "Some",
    "Many",
    "More",
    "Most",
    "Such",
    "You",
    "According",
    "Also",
    "Both",
    "Under",
    "Earlier",
    "Later",
    "Last",
    "No",
    "One",
];

/// How the word before a full stop is an abbreviation; `None` when it is an ordinary word. `follows_number`: whether a
/// number stands before it, as in `2024 г.`
pub(super) fn kind(word: &str, follows_number: bool) -> Option<Kind> {
    let mut letters = word.chars();
    let (Some(first), second) = (letters.next(), letters.next()) else {
        return None;
    };
    if follows_number && SOMETIMES.contains(&word.trim_start_matches(|letter: char| !letter.is_alphabetic())) {
        return Some(Kind::Sometimes);
    }
    // A single letter: an initial, or a unit after a number (5 г., 2024 م.).
    if second.is_none() && first.is_alphabetic() {
        return Some(match () {
            () if follows_number && !first.is_uppercase() => Kind::Sometimes,
            () => Kind::Never,
        });
    }
    // Initials with a hyphen (Ж.-П.) or glued (А.С), and acronyms with stops (U.S, р.м): letters one by one.
    if word.contains('.') && !NEVER.contains(&word) {
        let parts: Vec<&str> = word.split('.').collect();
        let single = |part: &&str| part.chars().filter(|letter| letter.is_alphabetic()).count() <= 1;
        if parts.iter().all(single) {
            // Cyrillic capitals with stops are a person's initials before the surname; Latin ones are mostly acronyms.
            let initials = ('\u{400}'..='\u{52F}').contains(&first) && first.is_uppercase();
            return Some(if initials { Kind::Never } else { Kind::Sometimes });
        }
    }
    if NEVER.contains(&word) {
        Some(Kind::Never)
    } else if BEFORE_NUMBER.contains(&word) {
        Some(Kind::BeforeNumber)
    } else if SOMETIMES.contains(&word) {
        Some(Kind::Sometimes)
    } else {
        None
    }
}

/// Whether a word opens an English sentence far more often than it goes on after an abbreviation.
pub(super) fn opens_sentence(word: &str) -> bool {
    OPENERS.contains(&word)
}
