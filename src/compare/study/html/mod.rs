//! The page for people: one self-contained HTML file with tables, plots and every article's outputs side by side.
//!
//! It opens without a network and forbids itself to use one. Without JavaScript everything is there, in the order of
//! disagreement; the script beside the template only filters, sorts and moves between articles.

mod difference;
mod plots;
mod versions;
mod view;

use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use super::writers::Contents;
use crate::compare::error::CompareError;

const NAME: &str = "report.html";

/// Makes the page.
///
/// # Errors
/// Only if the template were wrong.
pub fn page(contents: &Contents) -> Result<String, CompareError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template(NAME, include_str!("report.html.j2"))?;
    Ok(environment.get_template(NAME)?.render(view::Page::new(contents))?)
}
