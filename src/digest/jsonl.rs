//! JSON Lines: one object an article, for programs. Texts are as the run made them, uncleaned.

use std::io;

use serde::Serialize;

use super::{Digest, DigestError, Exporter, Item};
use crate::text::language::Language;

/// Name and version of the objects' shape.
pub const SCHEMA: &str = "khulosa.digest/1";

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Jsonl;

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    language: Language,
    #[serde(flatten)]
    item: &'a Item,
}

impl Exporter for Jsonl {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn export(&self, digest: &Digest, out: &mut dyn io::Write) -> Result<(), DigestError> {
        for item in &digest.items {
            let item = &item?;
            serde_json::to_writer(
                &mut *out,
                &Line {
                    schema: SCHEMA,
                    language: digest.language,
                    item,
                },
            )?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}
