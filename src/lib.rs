//! Khulosa reads batches of news articles, writes a short summary of each, and translates title and summary with
//! transformer models.
//!
//! The layers, each of which knows only those below it:
//! [`experiment`] → [`run`] → ([`summarise`], [`translate`], [`digest`], [`compare`]) → [`embed`] → [`shelf`]
//! → ([`engine`], [`check`], [`article`]) → ([`model`], [`text`], [`prompts`]). The command line is the binary's.

pub mod article;
pub mod attempt;
pub mod check;
pub mod compare;
pub mod digest;
pub mod embed;
pub mod engine;
pub mod experiment;
pub mod job;
pub mod model;
pub mod prompts;
pub mod run;
pub mod shelf;
pub mod summarise;
pub mod text;
pub mod translate;
