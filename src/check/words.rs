//! Words as the checks see them: runs of letters and digits, with inner hyphens and apostrophes.

/// A word where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    pub text: &'a str,
    /// Whether it opens a sentence, a quotation or what follows a colon, so that its capital says nothing.
    pub opens: bool,
}

impl Word<'_> {
    /// Whether the word begins with a capital letter.
    pub fn is_capitalised(self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }

    /// Whether it is an acronym: at least two capitals and no small letters but an ending (`ООН`, `UNICEF`, `СММ-ро`, `NGOs`).
    pub fn is_acronym(self) -> bool {
        let head = self.text.split(['-', '\'', '’']).next().unwrap_or(self.text);
        let capitals = head.chars().take_while(|letter| letter.is_uppercase()).count();
        capitals >= 2 && head.chars().filter(|letter| letter.is_alphabetic()).count() <= capitals + 1
    }
}

/// The words of a text, in order.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut start = None;
    let mut opens = true;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let inner = start.is_some() && is_joint(letter) && next.is_some_and(char::is_alphanumeric);
        if is_word_letter(letter) || inner {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            found.push(Word {
                text: &text[from..at],
                opens,
            });
            opens = false;
        }
        opens |= matches!(
            letter,
            '.' | '!' | '?' | '…' | ':' | ';' | '«' | '“' | '„' | '"' | '؟' | '؛' | '\n' | '—' | '–' | '('
        );
    }
    if let Some(from) = start {
        found.push(Word {
            text: &text[from..],
            opens,
        });
    }
    found
}

fn is_word_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '\u{300}'..='\u{36F}' | '\u{64B}'..='\u{65F}' | '\u{640}' | '\u{200C}')
}

fn is_joint(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}' | '\u{2011}' | '\'' | '’' | 'ʻ' | 'ʼ')
}

/// Lower-cased words without their marks, for matching.
pub(super) fn lower(text: &str) -> Vec<String> {
    words(text).iter().map(|word| word.text.to_lowercase()).collect()
}

/// An Arabic word without the clitics written on it (و ف ب ك ل ال), in every way they may be taken off.
pub(super) fn without_clitics(word: &str) -> impl Iterator<Item = &str> {
    const CLITICS: [&str; 16] = [
        "", "ال", "وال", "فال", "بال", "كال", "لل", "ولل", "وبال", "و", "ف", "ب", "ل", "ك", "وب", "ول",
    ];
    CLITICS
        .iter()
        .filter_map(|clitic| word.strip_prefix(clitic))
        .filter(|rest| !rest.is_empty())
}
