//! Lines to paragraphs: text that was wrapped to a width is joined again, text with a paragraph a line is not.

/// Lines up to this many characters may come from wrapping.
const WIDEST_WRAP: usize = 100;
/// A wrapped text has lines at least this long.
const FULL_LINE: usize = 45;

/// The paragraphs of a normalised text, joined by blank lines.
pub(super) fn join(text: &str) -> String {
    let mut paragraphs: Vec<String> = Vec::new();
    for block in text.split("\n\n") {
        let lines: Vec<&str> = block.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if is_wrapped(&lines) {
            paragraphs.push(lines.join(" "));
        } else {
            paragraphs.extend(lines.into_iter().map(str::to_owned));
        }
    }
    paragraphs.join("\n\n")
}

/// Whether all lines but the last are near one width, and some line goes on in the next.
fn is_wrapped(lines: &[&str]) -> bool {
    let Some((_, full)) = lines.split_last() else {
        return false;
    };
    let in_width = |line: &&str| (FULL_LINE..=WIDEST_WRAP).contains(&line.chars().count());
    let closed = |line: &&str| line.ends_with(['.', '!', '?', '…', ':', ';', '؟', '۔', '"', '”', '»']);
    !full.is_empty()
        && lines.iter().all(|line| line.chars().count() <= WIDEST_WRAP)
        && full.iter().all(in_width)
        && !full.iter().all(closed)
}
