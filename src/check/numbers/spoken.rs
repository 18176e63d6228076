//! Numbers in words, in the four working languages: what digits on one side may have become on the other.

use std::collections::BTreeSet;

use super::Value;
use crate::check::words::{lower, without_clitics};
use crate::text::language::Language;

/// Beginnings of words for numbers, the longest match counting, so that cases, genders and ordinals go with them.
const ENGLISH: &[(&str, u64)] = &[
    ("zero", 0),
    ("one", 1),
    ("first", 1),
    ("once", 1),
    ("single", 1),
    ("two", 2),
    ("second", 2),
    ("twice", 2),
    ("double", 2),
    ("doubl", 2),
    ("both", 2),
    ("pair", 2),
    ("half", 2),
    ("halv", 2),
    ("three", 3),
    ("third", 3),
    ("triple", 3),
    ("tripl", 3),
    ("thrice", 3),
    ("four", 4),
    ("quarter", 4),
    ("five", 5),
    ("fifth", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ninth", 9),
    ("ten", 10),
    ("tenth", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("twelfth", 12),
    ("dozen", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twent", 20),
    ("thirt", 30),
    ("fort", 40),
    ("fift", 50),
    ("sixt", 60),
    ("sevent", 70),
    ("eight", 8),
    ("eighty", 80),
    ("eightie", 80),
    ("ninet", 90),
    ("hundred", 100),
    ("century", 100),
    ("centenar", 100),
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("april", 4),
    ("may", 5),
    ("june", 6),
    ("july", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("november", 11),
    ("december", 12),
];
const RUSSIAN: &[(&str, u64)] = &[
    ("ноль", 0),
    ("нол", 0),
    ("один", 1),
    ("одн", 1),
    ("перв", 1),
    ("едино", 1),
    ("два", 2),
    ("две", 2),
    ("дву", 2),
    ("втор", 2),
    ("дважды", 2),
    ("вдвое", 2),
    ("удво", 2),
    ("оба", 2),
    ("обе", 2),
    ("пара", 2),
    ("полов", 2),
    ("три", 3),
    ("трех", 3),
    ("трёх", 3),
    ("трем", 3),
    ("трём", 3),
    ("трет", 3),
    ("втрое", 3),
    ("тре", 3),
    ("четыр", 4),
    ("четвер", 4),
    ("пять", 5),
    ("пят", 5),
    ("шест", 6),
    ("семь", 7),
    ("сем", 7),
    ("седьм", 7),
    ("восем", 8),
    ("восьм", 8),
    ("девят", 9),
    ("десят", 10),
    ("одиннадцат", 11),
    ("двенадцат", 12),
    ("дюжин", 12),
    ("тринадцат", 13),
    ("четырнадцат", 14),
    ("пятнадцат", 15),
    ("шестнадцат", 16),
    ("семнадцат", 17),
    ("восемнадцат", 18),
    ("девятнадцат", 19),
    ("двадцат", 20),
    ("тридцат", 30),
    ("сорок", 40),
    ("пятьдесят", 50),
    ("пятидесят", 50),
    ("шестьдесят", 60),
    ("шестидесят", 60),
    ("семьдесят", 70),
    ("семидесят", 70),
    ("восемьдесят", 80),
    ("восьмидесят", 80),
    ("девяност", 90),
    ("сто", 100),
    ("ста", 100),
    ("сотн", 100),
    ("столет", 100),
    ("двест", 200),
    ("двухсот", 200),
    ("трист", 300),
    ("трехсот", 300),
    ("трёхсот", 300),
    ("четырест", 400),
    ("пятьсот", 500),
    ("пятисот", 500),
    ("шестьсот", 600),
    ("семьсот", 700),
    ("восемьсот", 800),
    ("девятьсот", 900),
    ("полтор", 1),
    ("январ", 1),
    ("феврал", 2),
    ("март", 3),
    ("апрел", 4),
    ("мая", 5),
    ("май", 5),
    ("мае", 5),
    ("июн", 6),
    ("июл", 7),
    ("август", 8),
    ("сентябр", 9),
    ("октябр", 10),
    ("ноябр", 11),
    ("декабр", 12),
];
const TAJIK: &[(&str, u64)] = &[
    ("сифр", 0),
    ("як", 1),
    ("аввал", 1),
    ("нахуст", 1),
    ("якум", 1),
    ("ду", 2),
    ("дую", 2),
    ("дув", 2),
    ("дувум", 2),
    ("ҳарду", 2),
    ("ним", 2),
    ("нисф", 2),
    ("се", 3),
    ("сею", 3),
    ("сев", 3),
    ("чор", 4),
    ("чаҳор", 4),
    ("чорум", 4),
    ("чоряк", 4),
    ("панҷ", 5),
    ("шаш", 6),
    ("ҳафт", 7),
    ("ҳашт", 8),
    ("нӯҳ", 9),
    ("нуҳ", 9),
    ("даҳ", 10),
    ("ёздаҳ", 11),
    ("дувоздаҳ", 12),
    ("дувоздах", 12),
    ("сездаҳ", 13),
    ("чордаҳ", 14),
    ("чаҳордаҳ", 14),
    ("понздаҳ", 15),
    ("шонздаҳ", 16),
    ("ҳабдаҳ", 17),
    ("ҳафдаҳ", 17),
    ("ҳаждаҳ", 18),
    ("ҳаждах", 18),
    ("нуздаҳ", 19),
    ("бист", 20),
    ("сӣ", 30),
    ("си", 30),
    ("чил", 40),
    ("чиҳил", 40),
    ("панҷоҳ", 50),
    ("шаст", 60),
    ("ҳафтод", 70),
    ("ҳаштод", 80),
    ("навад", 90),
    ("сад", 100),
    ("дусад", 200),
    ("сесад", 300),
    ("чорсад", 400),
    ("панҷсад", 500),
    ("шашсад", 600),
    ("ҳафтсад", 700),
    ("ҳаштсад", 800),
    ("нӯҳсад", 900),
    ("аср", 100),
    ("январ", 1),
    ("феврал", 2),
    ("март", 3),
    ("апрел", 4),
    ("май", 5),
    ("июн", 6),
    ("июл", 7),
    ("август", 8),
    ("сентябр", 9),
    ("октябр", 10),
    ("ноябр", 11),
    ("декабр", 12),
];
const ARABIC: &[(&str, u64)] = &[
    ("صفر", 0),
    ("واحد", 1),
    ("أول", 1),
    ("أولى", 1),
    ("إحدى", 1),
    ("أحد", 1),
    ("اثن", 2),
    ("ثان", 2),
    ("ضعف", 2),
    ("كلا", 2),
    ("كلتا", 2),
    ("نصف", 2),
    ("ثلاث", 3),
    ("ثالث", 3),
    ("ثلث", 3),
    ("أربع", 4),
    ("رابع", 4),
    ("ربع", 4),
    ("أرباع", 4),
    ("خمس", 5),
    ("خامس", 5),
    ("ست", 6),
    ("سادس", 6),
    ("سبع", 7),
    ("سابع", 7),
    ("ثماني", 8),
    ("ثمان", 8),
    ("ثامن", 8),
    ("تسع", 9),
    ("تاسع", 9),
    ("عشر", 10),
    ("عاشر", 10),
    ("عشرين", 20),
    ("عشرون", 20),
    ("عشريني", 20),
    ("ثلاثين", 30),
    ("ثلاثون", 30),
    ("ثلاثيني", 30),
    ("أربعين", 40),
    ("أربعون", 40),
    ("أربعيني", 40),
    ("خمسين", 50),
    ("خمسون", 50),
    ("خمسيني", 50),
    ("ستين", 60),
    ("ستون", 60),
    ("ستيني", 60),
    ("سبعين", 70),
    ("سبعون", 70),
    ("سبعيني", 70),
    ("ثمانين", 80),
    ("ثمانون", 80),
    ("ثمانيني", 80),
    ("تسعين", 90),
    ("تسعون", 90),
    ("تسعيني", 90),
    ("مئة", 100),
    ("مائة", 100),
    ("مئات", 100),
    ("قرن", 100),
    ("مئت", 200),
    ("مائت", 200),
    ("ثلاثمئة", 300),
    ("ثلاثمائة", 300),
    ("أربعمئة", 400),
    ("أربعمائة", 400),
    ("خمسمئة", 500),
    ("خمسمائة", 500),
    ("ستمئة", 600),
    ("ستمائة", 600),
    ("سبعمئة", 700),
    ("سبعمائة", 700),
    ("ثمانمئة", 800),
    ("ثمانمائة", 800),
    ("تسعمئة", 900),
    ("تسعمائة", 900),
    ("يناير", 1),
    ("فبراير", 2),
    ("مارس", 3),
    ("أبريل", 4),
    ("مايو", 5),
    ("يونيو", 6),
    ("يوليو", 7),
    ("أغسطس", 8),
    ("سبتمبر", 9),
    ("أكتوبر", 10),
    ("نوفمبر", 11),
    ("ديسمبر", 12),
    ("كانون", 1),
    ("شباط", 2),
    ("آذار", 3),
    ("نيسان", 4),
    ("أيار", 5),
    ("حزيران", 6),
    ("تموز", 7),
    ("آب", 8),
    ("أيلول", 9),
    ("تشرين", 10),
];

/// Beginnings of scale words and their power of ten, for all languages together. A word must not go on for more than
/// four letters, so that `millionaire` is none, unless a hyphen ties it to the number (`600-миллиондолларӣ`).
const SCALES: &[(&str, i32)] = &[
    ("thousand", 3),
    ("million", 6),
    ("mln", 6),
    ("mn", 6),
    ("billion", 9),
    ("bln", 9),
    ("bn", 9),
    ("trillion", 12),
    ("тыс", 3),
    ("тысяч", 3),
    ("млн", 6),
    ("миллион", 6),
    ("млрд", 9),
    ("миллиард", 9),
    ("трлн", 12),
    ("триллион", 12),
    ("ҳазор", 3),
    ("ألف", 3),
    ("آلاف", 3),
    ("مليون", 6),
    ("ملايين", 6),
    ("مليار", 9),
    ("مليارات", 9),
    ("بليون", 9),
    ("تريليون", 12),
    ("ترليون", 12),
    ("ming", 3),
    ("минг", 3),
    ("миң", 3),
    ("мың", 3),
    ("هزار", 3),
    ("میلیون", 6),
    ("میلیارد", 9),
    ("هزاران", 3),
];

fn table(language: Language) -> &'static [(&'static str, u64)] {
    match language {
        Language::ENGLISH => ENGLISH,
        Language::RUSSIAN => RUSSIAN,
        Language::TAJIK => TAJIK,
        Language::ARABIC => ARABIC,
        _ => &[],
    }
}

fn scale_of(word: &str, longest_ending: usize) -> Option<i32> {
    let fits = |start: &&(&str, i32)| {
        word.starts_with(start.0) && word.chars().count() <= start.0.chars().count() + longest_ending
    };
    SCALES
        .iter()
        .filter(fits)
        .max_by_key(|(start, _)| start.len())
        .map(|(_, power)| *power)
}

/// The power of ten of the scale word right behind a number, if one stands there.
pub fn scale(after: &[char], language: Language) -> Option<i32> {
    let rest = after
        .iter()
        .skip_while(|letter| letter.is_whitespace() || **letter == '-');
    let word: String = rest
        .take_while(|letter| letter.is_alphabetic())
        .take(24)
        .flat_map(|letter| letter.to_lowercase())
        .collect();
    if language == Language::ENGLISH
        && matches!(word.as_str(), "m" | "k")
        && after.first().is_some_and(|letter| letter.is_alphabetic())
    {
        return Some(if word == "m" { 6 } else { 3 });
    }
    scale_of(&word, if after.first() == Some(&'-') { 12 } else { 4 })
}

/// Every number that the words of a text may stand for: each word, neighbouring words added up, and times a scale.
pub fn values(text: &str, language: Language) -> BTreeSet<Value> {
    let mut found = BTreeSet::new();
    let table = table(language);
    // The sum of the number words just read, and the scale words' share of it.
    let mut sum = 0_u64;
    let mut last = 0_u64;
    for word in lower(text) {
        if let Some(value) = roman(&word) {
            found.insert(Value::of(value));
        }
        let parts = word.split(['-', '\u{200C}']).filter(|part| !part.is_empty());
        for part in parts {
            let number = without_clitics(part)
                .filter(|bare| *bare == part || language == Language::ARABIC)
                .flat_map(|bare| table.iter().filter(move |(start, _)| bare.starts_with(start)))
                .max_by_key(|(start, _)| start.len())
                .map(|(_, value)| *value);
            let scale = without_clitics(part).find_map(|bare| scale_of(bare, 4));
            if let Some(value) = number {
                let sums = is_sum(last, value, language);
                sum = match value {
                    100 if (2..10).contains(&sum) => sum * 100,
                    _ if sums => sum + value,
                    _ => value,
                };
                last = value;
                found.insert(Value::of(value));
                found.insert(Value::of(sum));
            } else if let Some(power) = scale {
                let thousands = 10_u64.checked_pow(power as u32).unwrap_or(1);
                sum = sum.max(1).saturating_mul(thousands);
                last = thousands;
                found.insert(Value::of(thousands));
                found.insert(Value::of(sum));
            } else if !matches!(part, "and" | "и" | "ва" | "و") {
                (sum, last) = (0, 0);
            }
            // The Arabic dual says two without a word for it.
            if language == Language::ARABIC
                && part.chars().count() > 3
                && (part.ends_with("ين") || part.ends_with("ان") || part.ends_with("تي"))
            {
                found.insert(Value::of(2));
            }
        }
    }
    found
}

/// Whether two number words in a row are added up: twenty five, خمسة وعشرون, two hundred ten.
fn is_sum(first: u64, second: u64, language: Language) -> bool {
    let (small, big) = (first.min(second), first.max(second));
    match big {
        _ if small == 0 => false,
        10 => small < 10 && language == Language::ARABIC,
        20..100 => big.is_multiple_of(10) && small < 10,
        _ => big >= 100 && big.is_multiple_of(100) && small < big,
    }
}

/// A Roman numeral of two letters or more, or one of V and X.
fn roman(word: &str) -> Option<u64> {
    let digit = |letter| match letter {
        'i' | 'і' => Some(1),
        'v' => Some(5),
        'x' | 'х' => Some(10),
        'l' => Some(50),
        'c' => Some(100),
        _ => None,
    };
    let digits: Vec<u64> = word.chars().map(digit).collect::<Option<_>>()?;
    if digits.len() < 2 && !matches!(word, "v" | "x") {
        return None;
    }
    let following = digits.iter().skip(1).copied().chain(std::iter::once(0));
    let signed = digits
        .iter()
        .zip(following)
        .map(|(digit, next)| if *digit < next { -(*digit as i64) } else { *digit as i64 });
    u64::try_from(signed.sum::<i64>()).ok()
}
