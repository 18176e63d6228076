//! Looks a page over before it is parsed: elements nested without end, or formatting that is never closed and so opened
//! again in every paragraph, would take memory and time out of all proportion to the page.
//!
//! It keeps the stack of open elements as the parser of HTML does, roughly, and errs towards counting too much.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Ordinary pages stay below 60, careless ones, with elements never closed, below a few hundred. Extraction takes time
/// that grows with the cube of the depth.
const MAX_DEPTH: usize = 400;
const MAX_ELEMENTS: usize = 150_000;
/// The most copies of open formatting that the parser may make.
const MAX_COPIES: usize = 1_000_000;

/// Elements that hold nothing, and those that are there once.
const VOID: [&str; 19] = [
    "area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link", "meta", "param", "source",
    "track", "wbr", "html", "head", "body",
];
/// Elements that are opened again in every block until they are closed.
const FORMATTING: [&str; 14] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];
/// Elements that an end tag inside them does not reach out of.
const WALLS: [&str; 7] = ["table", "template", "object", "applet", "marquee", "svg", "math"];
/// Elements whose content is not markup.
const RAW: [&str; 3] = ["script", "style", "textarea"];
/// Elements that end where the next of their group begins.
const GROUPS: [&[&str]; 7] = [
    &["p"],
    &["li"],
    &["dd", "dt"],
    &["td", "th"],
    &["tr"],
    &["tbody", "thead", "tfoot"],
    &["option"],
];

/// What is wrong with a page, if anything.
///
/// # Errors
/// What was found in it that no ordinary page has.
pub(super) fn check(html: &str) -> Result<(), String> {
    let mut open = Open::default();
    let (mut elements, mut copies) = (0_usize, 0_usize);
    let mut rest = html;
    while let Some(tag) = next_tag(&mut rest) {
        if tag.closing {
            open.close(&tag.name);
            continue;
        }
        elements += 1;
        copies += open.reopened;
        let foreign = open.foreign > 0;
        if RAW.contains(&tag.name.as_str()) && !foreign {
            skip_raw(&mut rest, &tag.name);
        } else if foreign && !tag.empty || !foreign && !VOID.contains(&tag.name.as_str()) {
            open.push(tag);
        }
        if open.tags.len() > MAX_DEPTH {
            return Err(format!("elements nested more than {MAX_DEPTH} levels deep"));
        }
        if elements > MAX_ELEMENTS {
            return Err(format!("more than {MAX_ELEMENTS} elements"));
        }
        if copies > MAX_COPIES {
            return Err("formatting that is opened over and over and never closed".to_owned());
        }
    }
    Ok(())
}

struct Tag {
    name: String,
    /// A hash of the whole tag.
    text: u64,
    closing: bool,
    /// Written as `<name/>`.
    empty: bool,
}

impl Tag {
    fn is_formatting(&self) -> bool {
        FORMATTING.contains(&self.name.as_str())
    }

    fn is_wall(&self) -> bool {
        WALLS.contains(&self.name.as_str())
    }
}

/// The elements that are open.
#[derive(Default)]
struct Open {
    tags: Vec<Tag>,
    /// How often each formatting tag is open.
    formatting: HashMap<u64, usize>,
    /// Formatting that a new block opens again: at most three of the same.
    reopened: usize,
    /// Open elements of SVG and MathML, where other rules hold.
    foreign: usize,
}

impl Open {
    fn push(&mut self, tag: Tag) {
        if let Some(group) = GROUPS.iter().find(|group| group.contains(&tag.name.as_str())) {
            let at = self
                .tags
                .iter()
                .rposition(|open| open.is_wall() || group.contains(&open.name.as_str()));
            let passes =
                |open: &Tag| open.is_formatting() || matches!(open.name.as_str(), "p" | "div" | "span" | "address");
            let strict = matches!(tag.name.as_str(), "li" | "dd" | "dt" | "option");
            match at {
                Some(at) if self.tags.get(at).is_some_and(Tag::is_wall) => {}
                Some(at) if !strict || self.tags.iter().skip(at + 1).all(passes) => self.remove_from(at),
                _ => {}
            }
        }
        if tag.is_formatting() {
            let same = self.formatting.entry(tag.text).or_default();
            *same += 1;
            self.reopened += usize::from(*same <= 3);
        }
        self.foreign += usize::from(matches!(tag.name.as_str(), "svg" | "math"));
        self.tags.push(tag);
    }

    /// Takes off what an end tag closes.
    fn close(&mut self, name: &str) {
        let Some(at) = self.tags.iter().rposition(|tag| tag.name == name || tag.is_wall()) else {
            return;
        };
        let Some(found) = self.tags.get(at).filter(|tag| tag.name == name) else {
            return;
        };
        if found.is_formatting() {
            let tag = self.tags.remove(at);
            self.forget(&tag);
        } else if found.name == "span"
            && !self
                .tags
                .iter()
                .skip(at + 1)
                .all(|tag| tag.is_formatting() || tag.name == "span")
        {
            // An inline element is closed only where no block stands open inside it.
        } else {
            self.remove_from(at);
        }
    }

    /// Takes off the element at `at` and all inside it but formatting, which stays open.
    fn remove_from(&mut self, at: usize) {
        let inside = self.tags.split_off(at);
        for tag in inside {
            if tag.is_formatting() {
                self.tags.push(tag);
            } else {
                self.forget(&tag);
            }
        }
    }

    fn forget(&mut self, tag: &Tag) {
        if tag.is_formatting()
            && let Some(same) = self.formatting.get_mut(&tag.text)
        {
            self.reopened -= usize::from(*same <= 3);
            *same -= 1;
        }
        self.foreign -= usize::from(matches!(tag.name.as_str(), "svg" | "math"));
    }
}

/// The next tag, with `rest` moved behind it; comments are stepped over.
fn next_tag(rest: &mut &str) -> Option<Tag> {
    loop {
        let start = rest.find('<')?;
        let after = rest.get(start + 1..)?;
        if let Some(comment) = after.strip_prefix("!--") {
            *rest = after_comment(comment);
            continue;
        }
        let (closing, body) = after.strip_prefix('/').map_or((false, after), |body| (true, body));
        if !body.starts_with(|first: char| first.is_ascii_alphabetic()) {
            *rest = after;
            continue;
        }
        let end = tag_end(body);
        let text = body.get(..end).unwrap_or(body);
        *rest = body.get(end..).unwrap_or_default();
        let name: String = text
            .chars()
            .take_while(|letter| !(letter.is_ascii_whitespace() || matches!(letter, '/' | '>')))
            .take(20)
            .collect();
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        return Some(Tag {
            name: name.to_ascii_lowercase(),
            text: hasher.finish(),
            closing,
            empty: text.ends_with("/>"),
        });
    }
}

fn after_comment(comment: &str) -> &str {
    if let Some(rest) = comment.strip_prefix('>').or_else(|| comment.strip_prefix("->")) {
        return rest;
    }
    let end = [("-->", 3), ("--!>", 4)]
        .iter()
        .filter_map(|(mark, length)| Some(comment.find(mark)? + length))
        .min();
    end.and_then(|end| comment.get(end..)).unwrap_or_default()
}

/// Where a tag that begins with its name ends: behind the `>` that stands in no quoted value.
fn tag_end(body: &str) -> usize {
    enum At {
        TagName,
        Gap,
        Name,
        AfterName,
        BeforeValue,
        Unquoted,
        Quoted(u8),
    }
    let mut at = At::TagName;
    for (index, byte) in body.bytes().enumerate() {
        let space = byte.is_ascii_whitespace();
        at = match (at, byte) {
            (At::Quoted(quote), byte) if byte == quote => At::Gap,
            (At::Quoted(quote), _) => At::Quoted(quote),
            (_, b'>') => return index + 1,
            (At::BeforeValue, b'"' | b'\'') => At::Quoted(byte),
            (At::BeforeValue, _) if space => At::BeforeValue,
            (At::BeforeValue, _) => At::Unquoted,
            (At::Unquoted, _) if !space => At::Unquoted,
            (At::Name | At::AfterName, b'=') => At::BeforeValue,
            (At::Name | At::AfterName, _) if space => At::AfterName,
            (At::TagName, _) if !space && byte != b'/' => At::TagName,
            (_, b'/') => At::Gap,
            (_, _) if space => At::Gap,
            _ => At::Name,
        };
    }
    body.len()
}

fn skip_raw(rest: &mut &str, name: &str) {
    let mut from = *rest;
    while let Some(start) = from.find("</") {
        let after = from.get(start + 2..).unwrap_or_default();
        if after
            .get(..name.len())
            .is_some_and(|end| end.eq_ignore_ascii_case(name))
        {
            *rest = from.get(start..).unwrap_or_default();
            return;
        }
        from = after;
    }
    *rest = "";
}
