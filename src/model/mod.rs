//! Models: what is known about them, where their files are, how they are fetched, and how text becomes token ids.
//!
//! [`resolve()`] turns what a user writes (a card's name, a folder, `hf:organisation/name@revision`) into a [`Resolved`]
//! model on disk; [`ModelTokenizer`] speaks its language; the engines do the rest.

pub mod bundle;
pub mod cache;
pub mod card;
pub mod catalogue;
pub mod decoding;
mod error;
pub mod files;
pub mod fingerprint;
#[cfg(feature = "fetch")]
pub mod hub;
pub mod licence;
pub mod locate;
mod names;
pub mod prune;
pub mod resolve;
pub mod routing;
mod sniff;
pub mod tokenizer;
pub mod verify;
pub mod watch;
pub mod weights;

pub use card::{Architecture, Card, Place, Score, Size, Task};
pub use catalogue::Catalogue;
pub use decoding::{DecodingDefaults, DecodingOverrides, EarlyStopping, ModelConfig};
pub use error::ModelError;
pub(crate) use error::nearest;
pub use licence::{Licence, LicenceRule};
pub use resolve::{Access, Fetch, Resolved, resolve};
pub use routing::{Leg, Route, Routing};
pub use tokenizer::{Languages, ModelTokenizer, TokenizerError};
