//! Texts with `{name}` in them: parsed once, checked for unknown names, then filled in.

use super::PromptError;

/// A text with placeholders, known to hold none but the allowed ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(String),
}

impl Template {
    /// Parses a text; `origin` (file and key) names it in errors, `known` are the names that will be filled in.
    pub(super) fn parse(text: &str, origin: &str, known: &[&str]) -> Result<Self, PromptError> {
        let lone = || PromptError::LoneBrace {
            file: origin.to_owned(),
            text: text.to_owned(),
        };
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = from.strip_prefix("{{") {
                plain.push('{');
                rest = after;
            } else if let Some(after) = from.strip_prefix("}}") {
                plain.push('}');
                rest = after;
            } else {
                let (name, after) = from
                    .strip_prefix('{')
                    .and_then(|inner| inner.split_once('}'))
                    .ok_or_else(lone)?;
                if !known.contains(&name) {
                    return Err(PromptError::UnknownPlaceholder {
                        file: origin.to_owned(),
                        placeholder: name.to_owned(),
                        known: known
                            .iter()
                            .map(|name| format!("{{{name}}}"))
                            .collect::<Vec<_>>()
                            .join(", "),
                    });
                }
                parts.push(Part::Text(std::mem::take(&mut plain)));
                parts.push(Part::Placeholder(name.to_owned()));
                rest = after;
            }
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        parts.retain(|part| *part != Part::Text(String::new()));
        Ok(Self { parts })
    }

    /// The text with every placeholder replaced. Values are taken as they are: braces in them mean nothing.
    pub(super) fn fill(&self, values: &[(&str, &str)]) -> String {
        let value = |name: &str| {
            values
                .iter()
                .find(|(known, _)| *known == name)
                .map_or("", |(_, value)| value)
        };
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Placeholder(name) => value(name).to_owned(),
        };
        self.parts.iter().map(part).collect()
    }

    pub(super) fn uses(&self, name: &str) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Placeholder(used) if used == name))
    }
}
