//! Markdown: for mail, wikis and people who read plain text.

use std::io;

use super::{Digest, DigestError, Exporter, template};
use crate::prompts::Prompts;
use crate::text::language::Language;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Markdown<'a> {
    prompts: &'a Prompts,
}

impl<'a> Markdown<'a> {
    /// With phrases and template from `prompts`.
    pub fn new(prompts: &'a Prompts) -> Self {
        Self { prompts }
    }
}

impl Exporter for Markdown<'_> {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn file_name(&self, language: Language) -> String {
        format!("digest.{}.md", language.code())
    }

    fn export(&self, digest: &Digest, out: &mut dyn io::Write) -> Result<(), DigestError> {
        template::render("digest/digest.md.j2", digest, self.prompts, out)
    }
}
