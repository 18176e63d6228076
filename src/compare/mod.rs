//! Compares outputs: how close a system's text comes to references, whether two systems differ by more than chance, and
//! how far systems agree where nobody has written a reference.
//!
//! Every number carries a signature that names all that it depends on, so that others can reproduce it. The scores equal
//! those of sacreBLEU 2.6 and rouge-score 0.1.2, and the tests of significance draw the same random numbers as sacreBLEU.

pub mod agreement;
pub mod authored;
mod error;
pub mod faults;
mod files;
pub mod metrics;
mod random;
mod render;
pub mod report;
pub mod significance;
pub mod study;
pub mod table;

pub use error::CompareError;
pub use files::{Lines, read_lines};
pub use render::Form;
pub use report::{Report, Request, evaluate_files};
