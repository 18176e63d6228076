//! What goes to a terminal or a log: text of articles, names of files and whatever else may be quoted in it cannot move
//! the cursor, change colours, turn the line around, or begin a line of its own.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Control characters (C0, DEL, C1), and those that change the direction of what follows.
fn harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Writes harmful characters as `\u001b`, which is also what JSON calls them; those that `kept` names stay.
fn escaped<'a>(text: &'a str, kept: &[char]) -> Cow<'a, str> {
    let bad = |letter: char| harmful(letter) && !kept.contains(&letter);
    if !text.contains(bad) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if bad(letter) {
            // Writing to a string cannot fail; every harmful character is below U+10000.
            let _ = write!(clean, "\\u{:04x}", u32::from(letter));
        } else {
            clean.push(letter);
        }
    }
    Cow::Owned(clean)
}

/// A message of several lines at most, such as an error that shows a line of TOML.
pub fn text(message: &str) -> Cow<'_, str> {
    escaped(message, &['\n', '\t'])
}

/// Passes on log lines, each of which is written in one go, without anything that a terminal would obey.
pub struct Lines<W>(pub W);

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let (line, end) = line.strip_suffix('\n').map_or((&*line, ""), |line| (line, "\n"));
        self.0.write_all(escaped(line, &[]).as_bytes())?;
        self.0.write_all(end.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_stays_one_line_and_moves_no_cursor() {
        let mut out = Lines(Vec::new());
        out.write_all("WARN a\u{1b}[2Jb\nERROR forged \u{9b}31m\u{202e}\n".as_bytes())
            .unwrap();
        let line = String::from_utf8(out.0).unwrap();
        assert_eq!(line, "WARN a\\u001b[2Jb\\u000aERROR forged \\u009b31m\\u202e\n");
    }

    #[test]
    fn letters_of_every_script_pass_as_they_are() {
        let words = "Хулоса хуб аст: الخلاصة جيدة\u{200C}، 要約";
        assert!(matches!(escaped(words, &[]), Cow::Borrowed(_)));
        assert_eq!(text("one\n\ttwo\r"), "one\n\ttwo\\u000d");
    }
}
