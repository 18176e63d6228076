//! Makes text from outside fit to stand in a page: no control characters, no hidden changes of direction.

/// Opens and closes a piece of text whose direction must not touch its neighbours, in formats without markup for it:
/// Unicode's first-strong isolate and its end.
pub(super) const ISOLATE: (char, char) = ('\u{2068}', '\u{2069}');

/// One line of plain text: white space folded, control characters and explicit directional formatting dropped.
///
/// Embeddings, overrides and isolates (U+202A–202E, U+2066–2069) are dropped because an unclosed one turns around what
/// follows, and an override makes text read differently from what it is. The marks U+200E, U+200F and U+061C stay:
/// they are invisible neighbours and cannot do that. Zero-width joiners stay: Persian is spelt with them.
pub fn one_line(text: &str) -> String {
    let kept: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_hidden(*c))
        .collect();
    kept.split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
        || matches!(c, '\u{E0000}'..='\u{E007F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// The first words of a text, with an ellipsis where something was left out.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short = String::new();
    for word in text.split(' ') {
        if short.chars().count() + word.chars().count() >= most {
            break;
        }
        short.push_str(word);
        short.push(' ');
    }
    if short.is_empty() {
        short = text.chars().take(most.saturating_sub(1)).collect();
    }
    format!("{}…", short.trim_end_matches([' ', ',', ';', ':', '،', '–', '—']))
}

/// An address fit to be a link: http or https only, with a host, no spaces or quotes. Everything else stays text.
pub(super) fn web_address(url: &str) -> Option<(&str, &str)> {
    let url = url.trim();
    let scheme = ["https://", "http://"].into_iter().find(|scheme| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })?;
    let rest = url.get(scheme.len()..)?;
    let clean = !rest
        .chars()
        .any(|c| c.is_whitespace() || is_hidden(c) || matches!(c, '"' | '\'' | '<' | '>' | '`' | '\\'));
    let host = rest.split(['/', '?', '#']).next()?;
    // A user name before the host serves to deceive: https://ministry.example@elsewhere.example/
    (clean && !host.is_empty() && !host.contains('@')).then_some((url, host))
}

/// Escapes text for HTML, between tags and in quoted attributes.
pub(super) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Escapes what Markdown would take for markup, and no more, so that the file reads well as it is.
///
/// The text is one line (see [`one_line`]). Underscores, digits and dashes are left alone where they cannot mean anything.
pub(super) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let after = rest.clone().next();
        let within_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let markup = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' => true,
            '_' => !(within_word(before) && within_word(after)),
            '&' => rest.clone().find(|c| !(c.is_ascii_alphanumeric() || *c == '#')) == Some(';'),
            '#' | '>' | '+' | '-' | '=' => before.is_none(),
            // "4. " would begin a list.
            '.' | ')' => !escaped.is_empty() && escaped.chars().all(|c| c.is_ascii_digit()),
            _ => false,
        };
        if markup {
            escaped.push('\\');
        }
        escaped.push(c);
        before = Some(c);
    }
    escaped
}
