//! The plots of the page, drawn as SVG in the page itself.

mod axes;
mod frontier;
mod intervals;
mod lengths;
mod scatter;
pub mod svg;

use serde::Serialize;

use super::super::writers::Contents;

/// A plot with what it shows.
#[derive(Debug, Serialize)]
pub struct Figure {
    pub title: String,
    pub caption: String,
    pub svg: String,
}

/// All plots that a study has something for.
pub fn figures(contents: &Contents) -> Vec<Figure> {
    let study = contents.study;
    let mut figures = intervals::figures(study);
    figures.extend(lengths::figure(study));
    figures.extend(scatter::figures(contents));
    figures.extend(frontier::figure(&study.frontier));
    figures
}
