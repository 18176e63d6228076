//! `compare.md`: the tables for people and notebooks.

use std::fmt::Write as _;

use super::{Contents, Writer};
use crate::compare::error::CompareError;
use crate::compare::study::tables;

/// See the module.
pub struct Markdown;

impl Writer for Markdown {
    fn file_name(&self) -> &'static str {
        "compare.md"
    }

    fn write(&self, contents: &Contents) -> Result<Vec<u8>, CompareError> {
        let study = contents.study;
        let mut out = format!("# Comparison of {} systems\n\n", study.systems.len());
        for system in &study.systems {
            let _ = writeln!(out, "- **{}**: {}", system.name, system.models.join("; "));
        }
        let _ = writeln!(
            out,
            "\n{} articles; {} left out that only some systems have.\n",
            study.articles, study.left_out
        );
        for titled in tables::all(study) {
            let _ = writeln!(out, "## {}\n\n{}", titled.title, titled.table.markdown());
        }
        let _ = writeln!(out, "{}\n", tables::note(study));
        for line in tables::signatures(study) {
            let _ = writeln!(out, "- `{line}`");
        }
        Ok(out.into_bytes())
    }
}
