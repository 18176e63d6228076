//! Numbers written in digits, read to their value.

use super::spoken;
use crate::text::language::Language;

/// A decimal number without leading or trailing zeros: `digits · 10^exponent`. Zero has no digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value {
    digits: String,
    exponent: i32,
}

impl Value {
    /// From ASCII digits and the number of them behind the decimal mark.
    fn new(digits: &str, decimals: usize) -> Self {
        let significant = digits.trim_start_matches('0').trim_end_matches('0');
        let zeros = digits.len() - digits.trim_end_matches('0').len();
        let exponent = if significant.is_empty() {
            0
        } else {
            zeros as i32 - decimals as i32
        };
        Self {
            digits: significant.to_owned(),
            exponent,
        }
    }

    pub fn of(number: u64) -> Self {
        Self::new(&number.to_string(), 0)
    }

    /// Times a power of ten.
    fn scaled(&self, power: i32) -> Self {
        let exponent = if self.digits.is_empty() {
            0
        } else {
            self.exponent + power
        };
        Self {
            digits: self.digits.clone(),
            exponent,
        }
    }

    /// The number, where it is a whole one below 10^18.
    pub fn to_integer(&self) -> Option<u64> {
        let zeros = usize::try_from(self.exponent)
            .ok()
            .filter(|zeros| self.digits.len() + zeros <= 18)?;
        if self.digits.is_empty() {
            Some(0)
        } else {
            format!("{}{}", self.digits, "0".repeat(zeros)).parse().ok()
        }
    }
}

/// A number where it stands.
#[derive(Debug, Clone)]
pub struct Number {
    /// As it is written, without the scale word.
    pub written: String,
    /// What it may mean, scale word included: `1,234` is 1234 or 1.234.
    pub values: Vec<Value>,
    /// The same without the scale word.
    pub bases: Vec<Value>,
    /// For a decimal, the parts on either side of the mark: `9.30` may be a time, `12.05` a date.
    parts: Vec<Value>,
}

impl Number {
    /// Whether both may be the same number.
    pub fn equals(&self, other: &Self) -> bool {
        self.values.iter().any(|value| other.values.contains(value))
    }

    /// Whether `9.30` stands as `9:30` or in two places, or the other way round.
    pub fn is_written_apart(&self, others: &[Self]) -> bool {
        let has = |part: &Value| others.iter().any(|other| other.bases.contains(part));
        let joined = others
            .iter()
            .any(|other| self.bases.iter().any(|base| other.parts.contains(base)));
        joined || (!self.parts.is_empty() && self.parts.iter().all(has))
    }
}

/// A run of digits with inner marks, in ASCII.
struct Run {
    text: String,
    written: String,
    end: usize,
}

/// The numbers in digits of a text. Digits may be Western, Arabic-Indic or Persian.
pub fn numbers(text: &str, language: Language) -> Vec<Number> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        if ascii_digit(letters[at]).is_none() {
            at += 1;
            continue;
        }
        let run = read_run(&letters, at);
        at = run.end;
        let power = spoken::scale(&letters[at..], language);
        found.extend(read_number(&run, power));
    }
    found
}

/// A digit of any of the three sets, as ASCII.
pub fn ascii_digit(letter: char) -> Option<char> {
    let value = match letter {
        '0'..='9' => return Some(letter),
        '٠'..='٩' => u32::from(letter) - u32::from('٠'),
        '۰'..='۹' => u32::from(letter) - u32::from('۰'),
        _ => return None,
    };
    char::from_digit(value, 10)
}

/// Reads from the digit at `start` as far as digits go on, with marks between them made one of `.`, `,` and a space.
fn read_run(letters: &[char], start: usize) -> Run {
    let digits_from = |from: usize| {
        letters[from.min(letters.len())..]
            .iter()
            .take_while(|letter| ascii_digit(**letter).is_some())
            .count()
    };
    let mut text = String::new();
    let mut at = start;
    loop {
        let count = digits_from(at);
        text.extend(letters[at..at + count].iter().filter_map(|letter| ascii_digit(*letter)));
        at += count;
        let mark = match letters.get(at) {
            Some('.' | '٫') => '.',
            Some(',' | '٬' | '،') => ',',
            Some(' ' | '\u{A0}' | '\u{202F}' | '\u{2009}' | '\'' | '’') => ' ',
            _ => break,
        };
        let following = digits_from(at + 1);
        // A space groups thousands only: one to three digits before the first, three behind each.
        let head = text.split(' ').next().map_or(0, str::len);
        let groups = following == 3
            && head <= 3
            && !text.contains(['.', ','])
            && text.split(' ').skip(1).all(|group| group.len() == 3);
        if following == 0 || (mark == ' ' && !groups) {
            break;
        }
        text.push(mark);
        at += 1;
    }
    Run {
        text,
        written: letters[start..at].iter().collect(),
        end: at,
    }
}

fn read_number(run: &Run, power: Option<i32>) -> Vec<Number> {
    let plain = run.text.replace(' ', "");
    let marks: Vec<char> = plain.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    let groups: Vec<&str> = plain.split(['.', ',']).collect();
    let thousands =
        groups.iter().skip(1).all(|group| group.len() == 3) && groups[0].len() <= 3 && !groups[0].starts_with('0');
    let joined = groups.concat();
    let last = groups.last().map_or(0, |group| group.len());
    let mut parts = Vec::new();
    let bases = match marks.as_slice() {
        [] => vec![Value::new(&joined, 0)],
        [_] => {
            parts = groups.iter().map(|group| Value::new(group, 0)).collect();
            let mut values = vec![Value::new(&joined, last)];
            if thousands {
                values.push(Value::new(&joined, 0));
            }
            values
        }
        // 1,234,567
        [first, rest @ ..] if thousands && rest.iter().all(|mark| mark == first) => vec![Value::new(&joined, 0)],
        // 1,234.56
        [head @ .., tail] if head.iter().all(|mark| mark != tail) => vec![Value::new(&joined, last)],
        // 12.05.2024, 2.0.1: each part for itself
        _ => {
            let single = |group: &&str| {
                let value = vec![Value::new(group, 0)];
                Number {
                    written: (*group).to_owned(),
                    values: value.clone(),
                    bases: value,
                    parts: Vec::new(),
                }
            };
            return groups.iter().map(single).collect();
        }
    };
    let values = power.map_or_else(
        || bases.clone(),
        |power| bases.iter().map(|base| base.scaled(power)).collect(),
    );
    vec![Number {
        written: run.written.clone(),
        values,
        bases,
        parts,
    }]
}
