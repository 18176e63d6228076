//! Texts as phrases are counted in them: words by number, where all inflected forms of a word have the same.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::check::glossary::pattern::is_acronym;
use crate::text::forms::{plain, same, words};
use crate::text::language::Language;
use crate::text::script::Script;

/// Most words of a phrase.
const LONGEST: usize = 4;
/// What forms of a word share at least; see [`same`].
const STEM: usize = 3;
/// Words that no term begins or ends with.
const FUNCTION: &[(Language, &str)] = &[
    (
        Language::ENGLISH,
        "a an the of in on at to for from by with and or but as is are was were be been has have had will would it its he \
         she they his her their this that these those not said who which",
    ),
    (
        Language::RUSSIAN,
        "и а но в во на с со к ко о об от до для из за по при у не что как это его её их он она они был была было были \
         также",
    ),
    (
        Language::ARABIC,
        "في من إلى على عن مع أن إن أو ما لا هذا هذه ذلك التي الذي كان كانت قد بين بعد قبل",
    ),
    (
        Language::TAJIK,
        "ва дар аз ба бо барои то ки ин он як низ ё ҳам аст буд шуд оид мебошад",
    ),
];
/// The Arabic article with what is written before it, longer ones first.
const ARTICLES: [&str; 8] = ["وبال", "ولل", "وال", "فال", "بال", "كال", "لل", "ال"];
const CLITICS: [&str; 5] = ["و", "ف", "ب", "ل", "ك"];

/// Words by number.
pub(super) type Phrase = Vec<u32>;

/// The words of all texts in one language.
pub(super) struct Lexicon {
    numbers: HashMap<String, u32>,
    /// By number: the shortest form.
    roots: Vec<String>,
    function: HashSet<u32>,
    /// Words that have a capital where nothing asks for one.
    names: HashSet<u32>,
}

/// A word where it stands.
pub(super) struct Word {
    pub(super) number: u32,
    at: Range<usize>,
    /// Nothing but a space or a hyphen stands before it.
    joins: bool,
    /// It opens a sentence, so that its capital says nothing.
    opens: bool,
    is_name: bool,
    /// How many words it stands for: an acronym for as many as it has letters.
    weight: usize,
}

/// A text and its words.
pub(super) struct Text<'a> {
    raw: &'a str,
    pub(super) words: Vec<Word>,
}

/// A phrase where it stands.
pub(super) struct Place {
    pub(super) phrase: Phrase,
    pub(super) words: Range<usize>,
    /// One of its words is a name or an acronym.
    pub(super) has_name: bool,
    pub(super) weight: usize,
}

impl Lexicon {
    /// Numbers the words of texts.
    pub(super) fn of(language: Language, texts: &[&str]) -> Self {
        let spelled: HashSet<String> = texts.iter().flat_map(|text| words(text)).map(key).collect();
        let ordered: BTreeSet<(usize, &String)> = spelled.iter().map(|word| (word.chars().count(), word)).collect();
        let (mut numbers, mut roots): (HashMap<String, u32>, Vec<String>) = (HashMap::new(), Vec::new());
        let mut by_stem: HashMap<String, Vec<u32>> = HashMap::new();
        for (_, word) in ordered {
            let root = if language.script() == Script::Arabic {
                bare(word, &spelled)
            } else {
                word
            };
            let alike = by_stem.entry(root.chars().take(STEM).collect()).or_default();
            let known = alike.iter().copied().find(|number| {
                let other = &roots[*number as usize];
                other == root || (language.script() != Script::Arabic && same(other, root, language))
            });
            let number = known.unwrap_or_else(|| {
                let number = roots.len() as u32;
                roots.push(root.to_owned());
                alike.push(number);
                number
            });
            numbers.insert(word.clone(), number);
        }
        let lists = FUNCTION.iter().filter(|(of, _)| *of == language);
        let function = lists.flat_map(|(_, list)| list.split_whitespace());
        let function = function.filter_map(|word| numbers.get(&plain(word)).copied()).collect();
        let mut lexicon = Self {
            numbers,
            roots,
            function,
            names: HashSet::new(),
        };
        for text in texts {
            let named = lexicon.text(text).words.into_iter();
            lexicon
                .names
                .extend(named.filter(|word| word.is_name).map(|word| word.number));
        }
        lexicon
    }

    /// A text by its words; one that the lexicon was not made of has none.
    pub(super) fn text<'a>(&self, raw: &'a str) -> Text<'a> {
        let mut end = 0;
        let mut found = Vec::new();
        for (at, word) in raw.unicode_word_indices() {
            let between = &raw[end..at];
            let opens = end == 0 || between.contains(['.', '!', '?', '…', ':', ';', '«', '“', '„', '"', '؟', '(', '—']);
            end = at + word.len();
            let Some(number) = self.numbers.get(&key(word)).copied() else {
                continue;
            };
            let is_acronym = is_acronym(word);
            let has_capital = word.chars().next().is_some_and(char::is_uppercase);
            found.push(Word {
                number,
                at: at..end,
                joins: matches!(between, " " | "-"),
                opens,
                is_name: is_acronym || (has_capital && (!opens || self.names.contains(&number))),
                weight: match (is_acronym, self.function.contains(&number)) {
                    (true, _) => word.chars().count(),
                    (false, true) => 0,
                    (false, false) => 1,
                },
            });
        }
        Text { raw, words: found }
    }

    /// Phrases of a text that may be terms: of a few words that nothing divides, none of which is among those `left_out`.
    pub(super) fn phrases(&self, text: &Text<'_>, left_out: &[bool]) -> Vec<Place> {
        let mut places = Vec::new();
        let is_left_out = |at: usize| left_out.get(at).copied().unwrap_or(false);
        for from in 0..text.words.len() {
            for to in from..text.words.len().min(from + LONGEST) {
                if is_left_out(to) || (to > from && !text.words[to].joins) {
                    break;
                }
                let words = &text.words[from..=to];
                let edges = [&text.words[from], &text.words[to]];
                let phrase: Phrase = words.iter().map(|word| word.number).collect();
                let is_word = |number: &u32| self.roots[*number as usize].chars().any(char::is_alphabetic);
                if edges.iter().any(|word| self.function.contains(&word.number)) || !phrase.iter().all(is_word) {
                    continue;
                }
                places.push(Place {
                    phrase,
                    words: from..to + 1,
                    has_name: words.iter().any(|word| word.is_name),
                    weight: words.iter().map(|word| word.weight).sum(),
                });
            }
        }
        places
    }

    /// Whether phrases share a word that says something.
    pub(super) fn overlap(&self, left: &[u32], right: &[u32]) -> bool {
        left.iter()
            .any(|word| !self.function.contains(word) && right.contains(word))
    }

    /// The words of a phrase that say something, in their shortest forms.
    pub(super) fn content(&self, phrase: &[u32]) -> Vec<&str> {
        let content = phrase.iter().filter(|number| !self.function.contains(number));
        content.map(|number| self.roots[*number as usize].as_str()).collect()
    }
}

impl<'a> Text<'a> {
    /// The words by their numbers.
    pub(super) fn numbers(&self) -> Phrase {
        self.words.iter().map(|word| word.number).collect()
    }

    /// Some of the words as they are written.
    pub(super) fn written(&self, words: &Range<usize>) -> &'a str {
        let (from, to) = (self.words.get(words.start), self.words.get(words.end.wrapping_sub(1)));
        let at = from.zip(to).map(|(from, to)| from.at.start..to.at.end);
        at.and_then(|at| self.raw.get(at)).unwrap_or_default()
    }

    /// Where a phrase stands first.
    pub(super) fn place(&self, phrase: &[u32]) -> Option<Range<usize>> {
        let at = self
            .words
            .windows(phrase.len().max(1))
            .position(|words| words.iter().map(|word| &word.number).eq(phrase));
        at.map(|at| at..at + phrase.len())
    }

    /// Whether a phrase at a place begins and ends with names: where it has one, the rest of it is none of a term.
    pub(super) fn is_framed_by_names(&self, words: &Range<usize>) -> bool {
        let words = self.words.get(words.clone()).unwrap_or_default();
        let edges = [words.first(), words.last()];
        edges.iter().flatten().all(|word| word.is_name)
    }

    /// Whether a phrase at a place opens a sentence.
    pub(super) fn opens(&self, words: &Range<usize>) -> bool {
        self.words.get(words.start).is_some_and(|word| word.opens)
    }
}

/// A word as it is told from others. Acronyms are words of their own: the WHO is not who.
fn key(word: &str) -> String {
    if is_acronym(word) { word.to_owned() } else { plain(word) }
}

/// An Arabic word without its article, and without what else is written on it where the rest is known to be a word.
fn bare<'a>(word: &'a str, spelled: &HashSet<String>) -> &'a str {
    let rest = |clitic: &&str| word.strip_prefix(*clitic).filter(|rest| rest.chars().count() >= STEM);
    if let Some(rest) = ARTICLES.iter().find_map(rest) {
        return rest;
    }
    let is_known = |rest: &&str| spelled.contains(*rest) || spelled.contains(&format!("ال{rest}"));
    CLITICS.iter().filter_map(rest).find(is_known).unwrap_or(word)
}
