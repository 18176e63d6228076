//! `compare.json`: every number, for programs.

use super::{Contents, Writer};
use crate::compare::error::CompareError;

/// See the module.
pub struct Json;

impl Writer for Json {
    fn file_name(&self) -> &'static str {
        "compare.json"
    }

    fn write(&self, contents: &Contents) -> Result<Vec<u8>, CompareError> {
        Ok(serde_json::to_string_pretty(contents.study)
            .map(|json| json + "\n")
            .unwrap_or_default()
            .into_bytes())
    }
}
