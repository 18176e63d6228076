//! HTML pages: the article without menus, advertisements and footers, by the rules of Mozilla's Readability.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_smoothie::{Article as Page, Config, Readability, TextMode};

use super::draft::Draft;
use super::{Rejection, encoding, guard};

/// The first bytes, in which a page names its encoding.
const PRESCAN: usize = 4096;
/// An extraction with fewer characters than this is compared with what the page's own markup calls its article.
const SHORT: usize = 200;

/// The draft of a page.
pub(super) fn read(input: &str, bytes: Vec<u8>) -> Result<Draft, Rejection> {
    let label = charset(&bytes);
    let html = encoding::decode(bytes, label.as_deref()).map_err(|found| Rejection::undecodable(input, &found))?;
    guard::check(&html).map_err(|found| Rejection::too_deep(input, &format!("a page with {found}")))?;
    let draft = guarded(|| page(input, &html)).ok_or_else(|| Rejection::reader_failed(input, "the HTML reader"))?;
    if draft.body.trim().is_empty() {
        return Err(Rejection::no_content(input, "a page without paragraphs of text"));
    }
    Ok(draft)
}

/// The words of a piece of HTML, such as an entry of a feed. `None` where it is nested too deep.
pub(super) fn to_text(html: &str) -> Option<String> {
    if !html.contains(['<', '&']) {
        return Some(html.to_owned());
    }
    guard::check(html).ok()?;
    guarded(|| {
        let document = Readability::from(html).doc;
        document.select("script, style, noscript, template, iframe").remove();
        document.select("body").formatted_text().to_string()
    })
}

/// Runs foreign code whose panic must not end the batch.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn page(input: &str, html: &str) -> Draft {
    let config = Config {
        text_mode: TextMode::Formatted,
        ..Config::default()
    };
    let mut reader = Readability {
        config,
        ..Readability::from(html)
    };
    let attribute = |selector: &str, name: &str| {
        let value = reader.doc.select(selector).attr(name)?;
        let value = value.trim().to_owned();
        (!value.is_empty()).then_some(value)
    };
    let meta = |names: &[&str]| {
        names.iter().find_map(|name| {
            attribute(&format!(r#"meta[property="{name}"]"#), "content")
                .or_else(|| attribute(&format!(r#"meta[name="{name}"]"#), "content"))
        })
    };
    let headline = meta(&["og:title", "twitter:title"]);
    let heading = reader
        .doc
        .select("h1")
        .iter()
        .next()
        .map(|heading| one_line(&heading.text()));
    let url = attribute(r#"link[rel="canonical"]"#, "href").or_else(|| meta(&["og:url"]));
    let date = meta(&["article:published_time", "date", "DC.date.issued", "dc.date", "pubdate"])
        .or_else(|| attribute("time[datetime]", "datetime"));
    let language = attribute("html", "lang").or_else(|| meta(&["content-language", "og:locale"]));
    let own = ["article", "main", "body"].iter().find_map(|name| {
        let part = reader.doc.select(name);
        (part.length() == 1).then(|| plain(&part.html()))
    });

    let page: Option<Page> = reader.parse().ok();
    let extracted = page
        .as_ref()
        .map(|page| page.text_content.trim().to_owned())
        .unwrap_or_default();
    let body = match own {
        Some(Some(own)) if extracted.chars().count() < SHORT && own.chars().count() > extracted.chars().count() => own,
        _ => extracted,
    };
    let title = headline.or_else(|| heading.clone().filter(|heading| !heading.is_empty()));
    let title = title
        .or_else(|| page.as_ref().map(|page| page.title.clone()))
        .unwrap_or_default();
    let http = |url: &String| url.starts_with("http://") || url.starts_with("https://");
    Draft {
        input: input.to_owned(),
        body: without_heading(&body, &title, heading.as_deref()),
        title,
        language: language.map(|language| language.replace('_', "-")),
        date: page.as_ref().and_then(|page| page.published_time.clone()).or(date),
        url: url
            .or_else(|| page.as_ref().and_then(|page| page.url.clone()))
            .filter(http),
        source: page.and_then(|page| page.site_name),
        ..Draft::default()
    }
}

/// The words of a part of a page, without what surely is not its article.
fn plain(html: &str) -> Option<String> {
    let document = Readability::from(html).doc;
    document
        .select("script, style, noscript, template, iframe, nav, header, footer, aside, form, button, figure, time, h1, [hidden]")
        .remove();
    let text = document.select("body").formatted_text().trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// The body without the headline where it opens with it.
fn without_heading(body: &str, title: &str, heading: Option<&str>) -> String {
    let (first, rest) = body.split_once('\n').unwrap_or((body, ""));
    let first = one_line(first);
    let repeats = !first.is_empty() && (first == one_line(title) || Some(first.as_str()) == heading);
    if repeats && !rest.trim().is_empty() {
        rest.trim_start().to_owned()
    } else {
        body.to_owned()
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The encoding that a page names in its first bytes: `<meta charset=…>`, `charset=…` or `encoding=…`.
pub(super) fn charset(bytes: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(bytes.get(..bytes.len().min(PRESCAN))?).to_ascii_lowercase();
    let at = ["charset=", "encoding="]
        .iter()
        .find_map(|name| Some(start.find(name)? + name.len()))?;
    let label = start.get(at..)?.trim_start_matches(['"', '\'', ' ']);
    let label: String = label
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || "-_:.".contains(*letter))
        .collect();
    (!label.is_empty()).then_some(label)
}
