//! Signatures in sacreBLEU's form: `key:value` pairs joined by `|`, the number of references first, the version last.

use super::{Options, Segment};

/// The pairs of one metric, in order. `eff` is filled in here, since it differs for corpus and sentence scores.
pub type Details = Vec<(&'static str, String)>;

/// `yes` or `no`.
pub fn yes_no(given: bool) -> String {
    if given { "yes" } else { "no" }.to_owned()
}

/// `mixed` or `lc`.
pub fn case(lowercase: bool) -> String {
    if lowercase { "lc" } else { "mixed" }.to_owned()
}

pub fn write(details: &Details, segments: &[Segment], options: &Options, sentences: bool) -> String {
    let mut counts = segments.iter().map(|segment| segment.references.len());
    let first = counts.next().unwrap_or_default();
    let references = if counts.all(|count| count == first) {
        first.to_string()
    } else {
        "var".to_owned()
    };
    let mut pairs = vec![("nrefs", references)];
    if let Some(trials) = options.bootstrap.filter(|_| !sentences) {
        pairs.push(("bs", trials.to_string()));
        pairs.push(("seed", options.seed.to_string()));
    }
    pairs.extend(details.iter().map(|(key, value)| {
        let effective = *key == "eff" && sentences && value == "no";
        (*key, if effective { yes_no(true) } else { value.clone() })
    }));
    pairs.push(("version", concat!("khulosa-", env!("CARGO_PKG_VERSION")).to_owned()));
    pairs
        .iter()
        .map(|(key, value)| format!("{key}:{value}"))
        .collect::<Vec<_>>()
        .join("|")
}
