//! Bytes to text: UTF-8 and UTF-16 first, then the older encodings of Cyrillic and Arabic news sites.
//!
//! Valid UTF-8 is taken as such whatever a label says. Text that is mostly UTF-8 with damage is never guessed to be
//! something else: that would turn one lost byte into a page of nonsense.

use std::io::{self, Read};

use chardetng::EncodingDetector;
use encoding_rs::{Decoder, Encoding, KOI8_R, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1252, WINDOWS_1256};

/// Damaged bytes per thousand bytes up to which UTF-8 is still taken.
const DAMAGE_PER_THOUSAND: usize = 1;
/// Encodings without a label that are told apart. Those of other scripts are left out: Hebrew and Greek lie on the same
/// bytes as Cyrillic and would be taken for short lines of it.
const OLDER: [&Encoding; 4] = [WINDOWS_1251, WINDOWS_1256, WINDOWS_1252, KOI8_R];
/// Bytes that tell UTF-16 without a mark.
const UTF16_SAMPLE: usize = 4096;

/// The text of `bytes`; `label` is an encoding that the document itself names.
///
/// # Errors
/// What was found, where no encoding explains the bytes.
pub(super) fn decode(bytes: Vec<u8>, label: Option<&str>) -> Result<String, String> {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => decode_other(error.as_bytes(), label)?,
    };
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

fn decode_other(bytes: &[u8], label: Option<&str>) -> Result<String, String> {
    let damage = Utf8Damage::of(bytes);
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) || damage.whole_characters * 2 > damage.bad_bytes {
        return damage.repaired(bytes);
    }
    if let Some(text) = label
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .and_then(|encoding| plausible(encoding, bytes))
    {
        return Ok(text);
    }
    let mut detector = EncodingDetector::new();
    detector.feed(bytes, true);
    let guess = Some(detector.guess(None, false)).filter(|guess| OLDER.contains(guess));
    guess
        .into_iter()
        .chain([WINDOWS_1251, WINDOWS_1256, WINDOWS_1252])
        .find_map(|encoding| plausible(encoding, bytes))
        .ok_or_else(|| format!("bytes that are no text in any of them (first at byte {})", damage.first))
}

/// How far bytes are from being UTF-8.
struct Utf8Damage {
    /// Characters of two bytes and more that are whole.
    whole_characters: usize,
    bad_bytes: usize,
    first: usize,
    /// Whether the only damage is a last character cut short.
    cut_short: bool,
}

impl Utf8Damage {
    fn of(bytes: &[u8]) -> Self {
        let mut damage = Self {
            whole_characters: 0,
            bad_bytes: 0,
            first: 0,
            cut_short: false,
        };
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            damage.whole_characters += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
            at += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                if damage.bad_bytes == 0 {
                    damage.first = at;
                }
                at += chunk.invalid().len();
                let last = at == bytes.len();
                damage.cut_short = damage.bad_bytes == 0
                    && last
                    && std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
                damage.bad_bytes += chunk.invalid().len();
            }
        }
        damage
    }

    fn repaired(&self, bytes: &[u8]) -> Result<String, String> {
        if self.bad_bytes * 1000 > bytes.len() * DAMAGE_PER_THOUSAND {
            let kind = if self.cut_short {
                "UTF-8 cut short"
            } else {
                "damaged UTF-8"
            };
            return Err(format!(
                "{kind}: {} of {} bytes are wrong, first at byte {}",
                self.bad_bytes,
                bytes.len(),
                self.first
            ));
        }
        let text = String::from_utf8_lossy(bytes);
        Ok(if self.cut_short {
            text.trim_end_matches('\u{fffd}').to_owned()
        } else {
            text.into_owned()
        })
    }
}

/// The text, if it reads like text: no holes, no control characters, mostly letters, those of one script, no word
/// of two scripts, and few capitals inside words.
fn plausible(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    if encoding == UTF_8 {
        return None;
    }
    let text = encoding
        .decode_without_bom_handling_and_without_replacement(bytes)?
        .into_owned();
    let (mut ascii, mut others, mut cyrillic, mut arabic, mut latin) = (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    let (mut previous, mut odd_capitals, mut mixed) = (' ', 0_usize, 0_usize);
    for letter in text.chars() {
        odd_capitals += usize::from(previous.is_lowercase() && letter.is_uppercase());
        let is_cyrillic = |letter| matches!(letter, '\u{400}'..='\u{52f}');
        mixed += usize::from(previous.is_ascii_alphabetic() && is_cyrillic(letter));
        mixed += usize::from(is_cyrillic(previous) && letter.is_ascii_alphabetic());
        previous = letter;
        match letter {
            '\u{400}'..='\u{52f}' => cyrillic += 1,
            '\u{600}'..='\u{6ff}' => arabic += 1,
            'A'..='Z' | 'a'..='z' => ascii += 1,
            '\u{200c}'..='\u{200f}' => {}
            _ if letter.is_whitespace() => {}
            _ if letter.is_control() => return None,
            _ if letter.is_alphabetic() => latin += 1,
            _ if letter.is_ascii_punctuation() || letter.is_ascii_digit() => {}
            _ => others += 1,
        }
    }
    let high = cyrillic + arabic + latin;
    let one_script = cyrillic.max(arabic).max(latin) * 10 >= high * 9;
    let letters = ascii + high;
    let tidy = others * 5 <= letters && odd_capitals * 20 <= letters && mixed * 5 <= cyrillic;
    (one_script && letters > 0 && tidy).then_some(text)
}

/// Which UTF-16 the beginning of a stream is in, by its mark or by its pattern of high bytes.
pub(super) fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [0xff, 0xfe, 0, 0, ..] => return None,
        [0xff, 0xfe, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let sample = head.get(..head.len().min(UTF16_SAMPLE)).unwrap_or(head);
    let pairs = sample.len() / 2;
    // The high byte of ASCII, Cyrillic, Arabic and general punctuation.
    let high = |byte: u8| matches!(byte, 0x00 | 0x04 | 0x06 | 0x20);
    if pairs < 4 || !sample.contains(&0) {
        return None;
    }
    let matching = |place: usize| {
        let pair_fits = |pair: &&[u8]| {
            let (high_byte, low_byte) = (pair.get(place).copied(), pair.get(1 - place).copied());
            high_byte.is_some_and(high) && (high_byte, low_byte) != (Some(0), Some(0))
        };
        sample.chunks_exact(2).filter(pair_fits).count() * 100 >= pairs * 95
    };
    match (matching(1), matching(0)) {
        (true, false) => Some(UTF_16LE),
        (false, true) => Some(UTF_16BE),
        _ => None,
    }
}

/// A stream of UTF-16 as UTF-8; what is wrong in it becomes U+FFFD.
pub(super) struct Transcoded<R> {
    source: R,
    decoder: Decoder,
    raw: Vec<u8>,
    start: usize,
    end: usize,
    finished: bool,
}

impl<R: Read> Transcoded<R> {
    pub(super) fn new(source: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self {
            source,
            decoder,
            raw: vec![0; 32 << 10],
            start: 0,
            end: 0,
            finished: false,
        }
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // The decoder writes whole characters only.
        if out.len() < 4 {
            return Err(io::Error::other("a character needs a buffer of 4 bytes"));
        }
        loop {
            if self.start == self.end {
                if self.finished {
                    return Ok(0);
                }
                self.start = 0;
                self.end = self.source.read(&mut self.raw)?;
                self.finished = self.end == 0;
            }
            let raw = self.raw.get(self.start..self.end).unwrap_or_default();
            let (_, read, written, _) = self.decoder.decode_to_utf8(raw, out, self.finished);
            self.start += read;
            if written > 0 || self.finished {
                return Ok(written);
            }
        }
    }
}
