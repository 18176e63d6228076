//! Requests to the hub: redirects followed by hand, the token sent to the hub alone, failures that pass retried.

use std::fmt;
use std::io::Read;
use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::http::{HeaderMap, Response, Uri};
use ureq::{Agent, Body};

use super::{Options, Watch};
use crate::model::ModelError;

/// A secret that no log or message ever shows.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Wraps a token.
    pub fn new(token: String) -> Self {
        Self(token)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

/// Most redirects from one address.
const REDIRECTS: usize = 8;
/// Longest pause that a hub may ask for.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// Largest answer that is not a file.
const LARGEST_ANSWER: u64 = 64 << 20;

/// Speaks to one hub.
pub struct Client {
    agent: Agent,
    hub: Option<Origin>,
    token: Option<Token>,
    attempts: u32,
    pause: Duration,
}

/// Scheme, host and port: whom a token may be sent to.
type Origin = (String, String, u16);

/// Why one attempt failed.
#[derive(Debug)]
pub enum Failure {
    /// It may pass: try again after a pause, which the hub may have asked for.
    Passing { reason: String, pause: Option<Duration> },
    /// It will not pass.
    Lasting(String),
}

/// Which of a redirected file's answers is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// The hub's own, which tells about the file.
    WithinHub,
    /// The last, which holds the file.
    Everywhere,
}

impl Client {
    /// Prepares connections; nothing is opened yet.
    pub fn new(options: &Options) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(options.silence))
            .timeout_recv_response(Some(options.silence))
            .timeout_per_read(Some(options.silence))
            .user_agent(concat!("khulosa/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .build()
            .into();
        let hub = options.endpoint.parse().ok().and_then(|address: Uri| origin(&address));
        Self {
            agent,
            hub,
            token: options.token.clone(),
            attempts: options.attempts.max(1),
            pause: options.pause,
        }
    }

    /// An answer in JSON.
    pub fn json<T: DeserializeOwned>(&self, address: &str, what: &str, watch: &dyn Watch) -> Result<T, ModelError> {
        self.patiently(what, watch, || {
            let mut answer = self.once("GET", address, None, Follow::Everywhere)?;
            let mut text = Vec::new();
            let mut body = answer.body_mut().as_reader().take(LARGEST_ANSWER);
            body.read_to_end(&mut text).map_err(|error| passing(&error))?;
            serde_json::from_slice(&text)
                .map_err(|error| Failure::Lasting(format!("expected JSON from the hub: {error}")))
        })
    }

    /// Tries until it works, will never work, or has been tried often enough.
    pub fn patiently<T>(
        &self,
        what: &str,
        watch: &dyn Watch,
        mut attempt: impl FnMut() -> Result<T, Failure>,
    ) -> Result<T, ModelError> {
        let mut pause = self.pause;
        let mut left = self.attempts;
        loop {
            left -= 1;
            match attempt() {
                Ok(result) => return Ok(result),
                Err(Failure::Lasting(message)) => {
                    return Err(ModelError::Hub {
                        what: what.to_owned(),
                        message,
                    });
                }
                Err(Failure::Passing { reason, .. }) if left == 0 => {
                    let message = format!("{reason}; tried {} times", self.attempts);
                    return Err(ModelError::Hub {
                        what: what.to_owned(),
                        message,
                    });
                }
                Err(Failure::Passing { reason, pause: asked }) => {
                    tracing::debug!("{what}: {reason}");
                    watch.retried(what, &reason);
                    std::thread::sleep(asked.unwrap_or(pause).min(LONGEST_PAUSE));
                    pause *= 2;
                }
            }
        }
    }

    /// One request, redirects followed. `from` asks for the bytes from there on.
    pub fn once(
        &self,
        method: &str,
        address: &str,
        from: Option<u64>,
        follow: Follow,
    ) -> Result<Response<Body>, Failure> {
        let mut address = parse(address)?;
        for _ in 0..REDIRECTS {
            let at_hub = origin(&address).is_some() && origin(&address) == self.hub;
            let token = self.token.as_ref().filter(|_| at_hub);
            let request = |builder: ureq::RequestBuilder<ureq::typestate::WithoutBody>| {
                let builder = match token {
                    Some(Token(token)) => builder.header("Authorization", format!("Bearer {token}")),
                    None => builder,
                };
                match from {
                    Some(from) => builder.header("Range", format!("bytes={from}-")),
                    None => builder,
                }
            };
            let builder = if method == "HEAD" {
                self.agent.head(&address)
            } else {
                self.agent.get(&address)
            };
            let answer = request(builder).call().map_err(|error| failed(&error))?;
            if !answer.status().is_redirection() {
                return checked(answer);
            }
            let next = header(answer.headers(), "location")
                .ok_or_else(|| Failure::Lasting("the hub redirects to nowhere".to_owned()))?;
            let next = join(&address, next)?;
            if follow == Follow::WithinHub && at_hub && origin(&next) != self.hub {
                return Ok(answer);
            }
            if address.scheme_str() == Some("https") && next.scheme_str() != Some("https") {
                return Err(Failure::Lasting(
                    "the hub redirects to an address that is not https".to_owned(),
                ));
            }
            address = next;
        }
        Err(Failure::Lasting(format!("more than {REDIRECTS} redirects")))
    }
}

/// Turns the statuses that are no success into failures, with what the user can do about them.
fn checked(answer: Response<Body>) -> Result<Response<Body>, Failure> {
    let status = answer.status().as_u16();
    let code = header(answer.headers(), "x-error-code").unwrap_or_default().to_owned();
    let lasting = |message: &str| Err(Failure::Lasting(message.to_owned()));
    match (status, code.as_str()) {
        (200..=299, _) => Ok(answer),
        (_, "GatedRepo") => lasting("access must be asked for on the model's page; then set HF_TOKEN to your token"),
        (_, "RevisionNotFound") => lasting("there is no such revision"),
        (_, "EntryNotFound") => lasting("there is no such file in this revision"),
        (401, _) => lasting("no such repository, or a private one: check the name, or set HF_TOKEN"),
        (403, _) => lasting("access denied: the token (HF_TOKEN) does not allow it"),
        (404, _) => lasting("there is no such repository, revision or file"),
        (416, _) => lasting("the hub has no such part of the file"),
        (408 | 429 | 500..=599, _) => Err(Failure::Passing {
            reason: format!("the hub answered {}", answer.status()),
            pause: header(answer.headers(), "retry-after")
                .and_then(|text| text.parse().ok())
                .map(Duration::from_secs),
        }),
        _ => lasting(&format!("the hub answered {}", answer.status())),
    }
}

/// A header's value as text.
pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A connection that could not be made or broke.
pub fn passing(error: &std::io::Error) -> Failure {
    Failure::Passing {
        reason: format!("the connection broke: {error}"),
        pause: None,
    }
}

fn failed(error: &ureq::Error) -> Failure {
    match error {
        ureq::Error::BadUri(_) | ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::InvalidProxyUrl => {
            Failure::Lasting(error.to_string())
        }
        _ => Failure::Passing {
            reason: format!("cannot reach the hub: {error}"),
            pause: None,
        },
    }
}

fn parse(address: &str) -> Result<Uri, Failure> {
    address
        .parse()
        .map_err(|_| Failure::Lasting(format!("`{address}` is no address; check HF_ENDPOINT")))
}

/// Where a redirect leads: an address of its own, or a path at the same host.
fn join(from: &Uri, to: &str) -> Result<Uri, Failure> {
    if to.contains("://") {
        return parse(to);
    }
    let (scheme, host) = (
        from.scheme_str().unwrap_or("https"),
        from.authority().map_or("", |host| host.as_str()),
    );
    match to.strip_prefix("//") {
        Some(rest) => parse(&format!("{scheme}://{rest}")),
        None => parse(&format!("{scheme}://{host}/{}", to.trim_start_matches('/'))),
    }
}

fn origin(address: &Uri) -> Option<Origin> {
    let scheme = address.scheme_str()?.to_ascii_lowercase();
    let usual = if scheme == "https" { 443 } else { 80 };
    Some((
        scheme,
        address.host()?.to_ascii_lowercase(),
        address.port_u16().unwrap_or(usual),
    ))
}
