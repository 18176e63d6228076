//! `report.html`: the page for people.

use super::{Contents, Writer};
use crate::compare::error::CompareError;
use crate::compare::study::html;

/// See the module.
pub struct Html;

impl Writer for Html {
    fn file_name(&self) -> &'static str {
        "report.html"
    }

    fn write(&self, contents: &Contents) -> Result<Vec<u8>, CompareError> {
        html::page(contents).map(String::into_bytes)
    }
}
