//! The forms in which agencies open an article.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{agencies, dates};

/// What a syndicator's header says: `date 2024-11-04 (MENAFN- Kuwait News Agency (KUNA))`.
pub(super) struct Header<'a> {
    pub(super) date: Option<&'a str>,
    pub(super) agency: &'a str,
}

/// The header that `text` begins with, and the text after it.
pub(super) fn header(text: &str) -> Option<(Header<'_>, &str)> {
    static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let date = r"(?:date )?(?<date>\d{4}-\d{2}-\d{2})?";
        Regex::new(&format!(r"^\s*{date}\s*\(MENAFN ?[-–—]? ?(?<agency>[^()\n]{{2,80}}(?:\([^()\n]{{1,20}}\))?)\)\s*(?:[-–—]{{1,2}}\s)?\s*")).ok()
    });
    let found = HEADER.as_ref()?.captures(text)?;
    let date = found.name("date").map(|date| date.as_str());
    let agency = found.name("agency")?.as_str().trim();
    Some((Header { date, agency }, text.get(found.get(0)?.end()..)?))
}

/// What a dateline says, as written.
pub(super) struct Dateline<'a> {
    pub(super) place: Option<&'a str>,
    pub(super) date: Option<&'a str>,
    pub(super) agency: Option<&'a str>,
}

/// Whether what a form found is a dateline.
type Accepts = fn(&Dateline) -> bool;

/// A form of dateline.
struct Form {
    pattern: Regex,
    accepts: Accepts,
}

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(forms);

/// The dateline that `text` begins with, and the text after it.
pub(super) fn dateline(text: &str) -> Option<(Dateline<'_>, &str)> {
    FORMS.iter().find_map(|form| {
        let found = form.pattern.captures(text)?;
        let dateline = Dateline {
            place: part(&found, "place"),
            date: part(&found, "date"),
            agency: part(&found, "agency").or_else(|| part(&found, "slashed")),
        };
        let after = text.get(found.get(0)?.end()..)?;
        ((form.accepts)(&dateline) && after.starts_with(|first: char| !first.is_whitespace()))
            .then_some((dateline, after))
    })
}

fn part<'a>(found: &Captures<'a>, name: &str) -> Option<&'a str> {
    let part = found.name(name)?.as_str().trim().trim_end_matches([',', '،']);
    // The full stop of `DUSHANBE. November 4.` is not the place's; that of `WASHINGTON, D.C.` is.
    let part = if part.matches('.').count() == 1 && name == "place" {
        part.trim_end_matches('.')
    } else {
        part
    };
    (!part.is_empty()).then_some(part)
}

fn forms() -> Vec<Form> {
    let capital_word = r"\p{Lu}[\p{Lu}\p{M}'’.]*";
    // `KUWAIT`, `NEW YORK`, `MOSCOW/DUSHANBE`, `WASHINGTON, D.C.`, `PORTLAND, Ore.`
    let capitals = format!(
        r"\p{{Lu}}[\p{{M}}'’]?{capital_word}(?:[ /-]{capital_word}){{0,3}}(?:, \p{{Lu}}[\p{{L}}.]+(?: \p{{Lu}}[\p{{L}}.]*)?)?"
    );
    let title_word = r"\p{Lu}[\p{L}\p{M}'’]+";
    let titled = format!(r"{title_word}(?:[ /-]{title_word}){{0,2}}(?:, \p{{Lu}}[\p{{L}}.]+)?");
    let arabic_word = r"[\p{Arabic}--[\p{P}\p{N}]]+";
    let arabic = format!(r"{arabic_word}(?: {arabic_word}){{0,2}}?");

    let date = dates::pattern();
    let figures = dates::figures_pattern();
    let after_place = r"(?:[,.] ?| [-–—] | )";
    let arabic_after_place = r"(?: ?[,،])? ?(?:في |يوم )?(?:[-–—] ?)?";
    let bracketed = r"\((?<agency>[^()\n]{2,60}(?:\([^()\n]{1,20}\))?)\)";
    let slashed = r"/ ?(?<agency>[^/\n]{2,60}?) ?/";
    // A dash stands apart from what follows: `(Reuters)-owned` is no dateline.
    let dash = r"(?:\s*[-–—―ـ]{1,3}\s+|\s+[-–—―]{1,3}\s*|\s*--\s*|:\s+)";
    let free_dash = r"\s+[-–—―]{1,2}\s+";
    let stop = r"(?:\s*[.:])?(?:\s*[-–—―]{1,3})?\s+";
    let known = agencies::pattern();

    let place = format!("(?<place>{capitals}|{titled})");
    let forms: [(String, Accepts); 11] = [
        // KUWAIT, Nov 4 (KUNA) --
        (
            format!(r"(?<place>{capitals}){after_place}(?<date>{date})[.,]? ?{bracketed}{dash}"),
            named,
        ),
        // Dushanbe, November 4 (Khovar) —   LONDON (Reuters) -
        (
            format!(r"{place}(?:{after_place}(?<date>{date})[.,]?)? ?{bracketed}{dash}"),
            known_agency,
        ),
        // МОСКВА, 4 ноября. /ТАСС/.
        (
            format!(r"{place}{after_place}(?<date>{date})[.,]? ?{slashed}{stop}"),
            named,
        ),
        (format!(r"{place}[,.]? ?{slashed}{stop}"), known_agency),
        // ДУШАНБЕ, 4 ноя — АМИТ «Ховар».   Dushanbe. November 4. Interfax -
        (
            format!(
                r"{place}{after_place}(?<date>{date})[.,]?(?:{free_dash}| )(?<agency>{known})(?:\.\s+|{free_dash})"
            ),
            known_agency,
        ),
        // LONDON, Nov 4 —
        (
            format!(r"(?<place>{capitals}){after_place}(?<date>{date})[.,]?{free_dash}"),
            any,
        ),
        // الكويت - 4 - 11 (كونا) --
        (
            format!(r"(?<place>{arabic}){arabic_after_place}(?<date>{date}|{figures})[,،.]? ?{bracketed}{dash}"),
            known_agency,
        ),
        // دوشنبه في 4 نوفمبر /قنا/
        (
            format!(r"(?<place>{arabic}){arabic_after_place}(?<date>{date}|{figures})[,،.]? ?{slashed}{stop}"),
            named,
        ),
        // لندن (رويترز) -
        (
            format!(
                r"(?<place>{arabic}) ?(?:[-–—] ?)?(?:{bracketed}{dash}|{}{stop})",
                slashed.replace("agency", "slashed")
            ),
            known_agency,
        ),
        // تهران - ایرنا -
        (
            format!(r"(?<place>{arabic}) ?[-–—] ?(?<agency>{known})(?:{free_dash}| ?: )"),
            known_agency,
        ),
        // (Reuters) -   /ТАСС/.
        (
            format!(r"(?:{bracketed}{dash}|{}{stop})", slashed.replace("agency", "slashed")),
            known_agency,
        ),
    ];
    forms
        .into_iter()
        .filter_map(|(pattern, accepts)| {
            Some(Form {
                pattern: Regex::new(&format!("^{pattern}")).ok()?,
                accepts,
            })
        })
        .collect()
}

fn any(_: &Dateline) -> bool {
    true
}

fn known_agency(dateline: &Dateline) -> bool {
    dateline.agency.is_some_and(agencies::is_known)
}

/// Beside a place and a day, an unknown name may be an agency, but not a day of the week or a number.
fn named(dateline: &Dateline) -> bool {
    const WEEKDAYS: [&str; 3] = ["day", "среда", "суббота"];
    dateline.agency.is_some_and(|agency| {
        agencies::is_known(agency)
            || (!agency.contains(|letter: char| letter.is_numeric())
                && !WEEKDAYS.iter().any(|end| agency.to_lowercase().ends_with(end)))
    })
}
