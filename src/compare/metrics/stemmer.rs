//! Porter's stemmer for English (Porter 1980), with the departures of NLTK's default mode, because that is what
//! rouge-score uses.

/// Words whose stem the rules would get wrong.
const IRREGULAR: [(&str, &str); 16] = [
    ("skies", "sky"),
    ("sky", "sky"),
    ("dying", "die"),
    ("lying", "lie"),
    ("tying", "tie"),
    ("news", "news"),
    ("innings", "inning"),
    ("inning", "inning"),
    ("outings", "outing"),
    ("outing", "outing"),
    ("cannings", "canning"),
    ("canning", "canning"),
    ("howe", "howe"),
    ("proceed", "proceed"),
    ("exceed", "exceed"),
    ("succeed", "succeed"),
];

const STEP_2: [(&str, &str); 20] = [
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("bli", "ble"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
];

const STEP_3: [(&str, &str); 7] = [
    ("icate", "ic"),
    ("ative", ""),
    ("alize", "al"),
    ("iciti", "ic"),
    ("ical", "ic"),
    ("ful", ""),
    ("ness", ""),
];

const STEP_4: [&str; 19] = [
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti",
    "ous", "ive", "ize",
];

/// The stem of a word of lower-case ASCII letters and digits.
pub fn stem(word: &str) -> String {
    if let Some((_, stem)) = IRREGULAR.iter().find(|(irregular, _)| *irregular == word) {
        return (*stem).to_owned();
    }
    if word.len() <= 2 {
        return word.to_owned();
    }
    [
        plural,
        past,
        final_y,
        double_suffixes,
        suffixes,
        endings,
        final_e,
        final_l,
    ]
    .iter()
    .fold(word.to_owned(), |word, step| step(&word))
}

/// For each letter, whether it is a consonant; `y` is one at the start and after a vowel.
fn consonants(word: &str) -> Vec<bool> {
    let mut flags: Vec<bool> = Vec::with_capacity(word.len());
    for letter in word.bytes() {
        let consonant = match letter {
            b'a' | b'e' | b'i' | b'o' | b'u' => false,
            b'y' => flags.last().is_none_or(|previous| !previous),
            _ => true,
        };
        flags.push(consonant);
    }
    flags
}

/// Porter's m: how many times a vowel is followed by a consonant.
fn measure(stem: &str) -> usize {
    consonants(stem)
        .windows(2)
        .filter(|pair| matches!(pair, [false, true]))
        .count()
}

fn has_vowel(stem: &str) -> bool {
    consonants(stem).contains(&false)
}

fn ends_in_consonant(stem: &str) -> bool {
    consonants(stem).last() == Some(&true)
}

fn ends_in_double_consonant(word: &str) -> bool {
    let mut letters = word.bytes().rev();
    let last = letters.next();
    last.is_some() && last == letters.next() && ends_in_consonant(word)
}

/// Consonant, vowel, consonant other than `w`, `x`, `y`; or the whole word is a vowel and a consonant.
fn ends_in_short_syllable(word: &str) -> bool {
    match consonants(word).as_slice() {
        [false, true] => true,
        [.., true, false, true] => !word.ends_with(['w', 'x', 'y']),
        _ => false,
    }
}

/// The first rule whose suffix the word has; without effect unless the stem fits.
fn replace<'a>(
    word: &str,
    rules: impl IntoIterator<Item = &'a (&'a str, &'a str)>,
    fits: impl Fn(&str) -> bool,
) -> String {
    for (suffix, replacement) in rules {
        if let Some(stem) = word.strip_suffix(suffix) {
            return if fits(stem) {
                format!("{stem}{replacement}")
            } else {
                word.to_owned()
            };
        }
    }
    word.to_owned()
}

/// Step 1a.
fn plural(word: &str) -> String {
    if word.len() == 4 && word.ends_with("ies") {
        return replace(word, &[("ies", "ie")], |_| true);
    }
    replace(word, &[("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", "")], |_| true)
}

/// Step 1b.
fn past(word: &str) -> String {
    if word.ends_with("ied") {
        return replace(word, &[("ied", if word.len() == 4 { "ie" } else { "i" })], |_| true);
    }
    if word.ends_with("eed") {
        return replace(word, &[("eed", "ee")], |stem| measure(stem) > 0);
    }
    let stem = ["ed", "ing"]
        .iter()
        .find_map(|suffix| word.strip_suffix(suffix))
        .filter(|stem| has_vowel(stem));
    let Some(stem) = stem else { return word.to_owned() };
    if ["at", "bl", "iz"].iter().any(|ending| stem.ends_with(ending)) {
        return format!("{stem}e");
    }
    if ends_in_double_consonant(stem) {
        let keep = stem.ends_with(['l', 's', 'z']);
        return if keep {
            stem
        } else {
            stem.get(..stem.len() - 1).unwrap_or(stem)
        }
        .to_owned();
    }
    if measure(stem) == 1 && ends_in_short_syllable(stem) {
        format!("{stem}e")
    } else {
        stem.to_owned()
    }
}

/// Step 1c.
fn final_y(word: &str) -> String {
    replace(word, &[("y", "i")], |stem| stem.len() > 1 && ends_in_consonant(stem))
}

/// Step 2.
fn double_suffixes(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("alli").filter(|stem| measure(stem) > 0) {
        return double_suffixes(&format!("{stem}al"));
    }
    if STEP_2.iter().any(|(suffix, _)| word.ends_with(suffix)) {
        return replace(word, &STEP_2, |stem| measure(stem) > 0);
    }
    if word.ends_with("fulli") {
        return replace(word, &[("fulli", "ful")], |stem| measure(stem) > 0);
    }
    // The l belongs to the stem here, so that “geo” and “theo” are long enough.
    replace(word, &[("logi", "log")], |stem| measure(&format!("{stem}l")) > 0)
}

/// Step 3.
fn suffixes(word: &str) -> String {
    replace(word, &STEP_3, |stem| measure(stem) > 0)
}

/// Step 4.
fn endings(word: &str) -> String {
    for suffix in STEP_4 {
        if let Some(stem) = word.strip_suffix(suffix) {
            let fits = measure(stem) > 1 && (suffix != "ion" || stem.ends_with(['s', 't']));
            return if fits { stem } else { word }.to_owned();
        }
    }
    word.to_owned()
}

/// Step 5a.
fn final_e(word: &str) -> String {
    replace(word, &[("e", "")], |stem| {
        let measure = measure(stem);
        measure > 1 || measure == 1 && !ends_in_short_syllable(stem)
    })
}

/// Step 5b.
fn final_l(word: &str) -> String {
    replace(word, &[("ll", "l")], |stem| measure(&format!("{stem}l")) > 1)
}
