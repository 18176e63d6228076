//! `compare.tex`: the tables for papers, with the rules of the package booktabs.

use std::fmt::Write as _;

use super::{Contents, Writer};
use crate::compare::error::CompareError;
use crate::compare::study::tables;
use crate::compare::table::latex_text;

/// See the module.
pub struct Latex;

impl Writer for Latex {
    fn file_name(&self) -> &'static str {
        "compare.tex"
    }

    fn write(&self, contents: &Contents) -> Result<Vec<u8>, CompareError> {
        let study = contents.study;
        let mut out = String::from("% \\usepackage{booktabs}\n");
        let note = latex_text(&tables::note(study));
        for titled in tables::all(study) {
            let _ = write!(
                out,
                "\n\\begin{{table}}\n\\centering\n{}\\caption{{{}. {note}}}\n\\end{{table}}\n",
                titled.table.latex(),
                latex_text(&titled.title),
            );
        }
        out.push('\n');
        for line in tables::signatures(study) {
            let _ = writeln!(out, "% {line}");
        }
        Ok(out.into_bytes())
    }
}
