//! What the program knows about written language, without any model: which language and script a text is in, where its
//! sentences end, and how to clean it. Nothing here depends on the rest of the crate.

pub mod detect;
pub mod forms;
pub mod language;
pub mod normalise;
pub mod script;
pub mod sentences;
