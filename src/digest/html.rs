//! HTML: one self-contained page without scripts or outside resources, for screens of any size and for paper.

use std::io;

use super::{Digest, DigestError, Exporter, template};
use crate::prompts::Prompts;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Html<'a> {
    prompts: &'a Prompts,
}

impl<'a> Html<'a> {
    /// With phrases and template from `prompts`.
    pub fn new(prompts: &'a Prompts) -> Self {
        Self { prompts }
    }
}

impl Exporter for Html<'_> {
    fn name(&self) -> &'static str {
        "html"
    }

    fn export(&self, digest: &Digest, out: &mut dyn io::Write) -> Result<(), DigestError> {
        template::render("digest/digest.html.j2", digest, self.prompts, out)
    }
}
