//! CSV: for spreadsheets. UTF-8 with a byte order mark, without which Excel garbles Cyrillic and Arabic.

use std::io;

use super::plain::one_line;
use super::{Digest, DigestError, Exporter};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Csv;

const HEADER: [&str; 17] = [
    "id",
    "language",
    "title",
    "summary",
    "untranslated",
    "marks",
    "marked_words",
    "date",
    "agency",
    "place",
    "source",
    "url",
    "source_language",
    "source_title",
    "source_summary",
    "summariser",
    "translator",
];

impl Exporter for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn export(&self, digest: &Digest, out: &mut dyn io::Write) -> Result<(), DigestError> {
        out.write_all("\u{FEFF}".as_bytes())?;
        let mut writer = ::csv::WriterBuilder::new()
            .terminator(::csv::Terminator::CRLF)
            .from_writer(out);
        writer.write_record(HEADER)?;
        for item in &digest.items {
            let item = item?;
            let codes: Vec<_> = item.marks.iter().map(|mark| mark.code.as_str()).collect();
            let words: Vec<_> = item
                .marks
                .iter()
                .flat_map(|mark| &mark.words)
                .map(String::as_str)
                .collect();
            let given = |text: &Option<String>| text.clone().unwrap_or_default();
            let row: [String; HEADER.len()] = [
                item.id.clone(),
                digest.language.code().to_owned(),
                item.title.clone(),
                item.summary.join(" "),
                item.left_in_source(digest.language).to_string(),
                codes.join("; "),
                words.join("; "),
                given(&item.date),
                given(&item.agency),
                given(&item.place),
                given(&item.source),
                given(&item.url),
                item.source_language.code().to_owned(),
                item.source_title.clone(),
                item.source_summary.join(" "),
                item.summariser.clone(),
                item.translator.clone(),
            ];
            writer.write_record(row.iter().map(|cell| inert(&one_line(cell))))?;
        }
        writer.flush()?;
        Ok(())
    }
}

/// A spreadsheet runs a cell that begins like a formula, and articles come from outside: an apostrophe makes it text.
fn inert(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}
