//! Where the hub is and how patient to be with it, by the environment variables that Python users know.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::client::Token;
use crate::model::{cache, locate};

/// How to fetch.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address of the hub, without a slash at the end.
    pub endpoint: String,
    /// Sent to the hub and nobody else.
    pub token: Option<Token>,
    /// Where downloads go.
    pub cache: PathBuf,
    /// Files fetched at the same time.
    pub parallel: usize,
    /// How long a connection may be silent.
    pub silence: Duration,
    /// Attempts for one file without any progress between them.
    pub attempts: u32,
    /// Pause before the second attempt; doubled before each further one.
    pub pause: Duration,
}

impl Options {
    /// `HF_ENDPOINT`, `HF_TOKEN` (or the file that `huggingface-cli login` writes), `HF_HOME` and `HF_HUB_CACHE`.
    pub fn from_environment() -> Self {
        let text = |name: &str| {
            std::env::var(name)
                .ok()
                .map(|value| value.trim().to_owned())
                .filter(|v| !v.is_empty())
        };
        let endpoint = text("HF_ENDPOINT").unwrap_or_else(|| "https://huggingface.co".to_owned());
        let cache = cache::hub_folder();
        let login = || {
            let home =
                || locate::environment_folder("HF_HOME").unwrap_or_else(|| locate::user_cache().join("huggingface"));
            let file = locate::environment_folder("HF_TOKEN_PATH").unwrap_or_else(|| home().join("token"));
            read_token(&file)
        };
        Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            token: text("HF_TOKEN")
                .or_else(|| text("HUGGING_FACE_HUB_TOKEN"))
                .or_else(login)
                .map(Token::new),
            cache,
            parallel: 4,
            silence: Duration::from_secs(30),
            attempts: 6,
            pause: Duration::from_secs(1),
        }
    }
}

fn read_token(file: &Path) -> Option<String> {
    std::fs::read_to_string(file)
        .ok()
        .map(|token| token.trim().to_owned())
        .filter(|token| !token.is_empty())
}
