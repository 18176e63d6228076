//! "Not" lost or gained: the shortest way to the opposite of what was said.
//!
//! Only plain grammatical negation counts on one side (`not`, `не`, `لم`, `на-`), while anything that may carry a negative
//! sense excuses the other (`without`, `отказ`, `عدم`, `бе`), since languages trade one for the other freely.

use super::words::{lower, without_clitics};
use super::{Finding, Pair, Severity};
use crate::text::language::Language;

pub(super) fn check(pair: Pair, findings: &mut Vec<Finding>) {
    let (source, output) = (lower(pair.source), lower(pair.output));
    let lost = negations(&source, pair.from);
    if !lost.is_empty() && is_known(pair.to) && !has_negative_sense(&output, pair.to) {
        let message = "The source says “not”, the output does not.";
        findings.push(Finding::new("negation-lost", Severity::Warning, message, lost));
    }
    let gained = negations(&output, pair.to);
    if !gained.is_empty() && is_known(pair.from) && !has_negative_sense(&source, pair.from) {
        let message = "The output says “not”, the source does not.";
        findings.push(Finding::new("negation-gained", Severity::Warning, message, gained));
    }
}

fn is_known(language: Language) -> bool {
    matches!(
        language,
        Language::ENGLISH | Language::RUSSIAN | Language::ARABIC | Language::TAJIK
    )
}

/// The words that plainly negate a clause.
fn negations(words: &[String], language: Language) -> Vec<String> {
    let following = words.iter().skip(1).map(String::as_str).chain(std::iter::once(""));
    words
        .iter()
        .zip(following)
        .filter(|(word, next)| match language {
            Language::ENGLISH => {
                (word.as_str() == "not" && !matches!(*next, "only" | "just" | "merely" | "least"))
                    || matches!(word.as_str(), "cannot" | "never" | "nobody")
                    || word.ends_with("n't")
                    || word.ends_with("n’t")
            }
            Language::RUSSIAN => {
                (word.as_str() == "не" && !is_bound(next)) || matches!(word.as_str(), "нет" | "нельзя" | "никогда")
            }
            Language::ARABIC => matches!(
                word.as_str(),
                "لم" | "ولم"
                    | "لن"
                    | "ولن"
                    | "ليس"
                    | "ليست"
                    | "وليس"
                    | "وليست"
                    | "ليسوا"
                    | "فلن"
                    | "فلم"
            ),
            Language::TAJIK => {
                is_negated_verb(word) || matches!(word.as_str(), "нест" | "нестанд" | "нестем" | "несту")
            }
            _ => false,
        })
        .map(|(word, _)| word.clone())
        .collect()
}

/// Russian `не` before a bound or a limit (`не менее`) denies nothing.
fn is_bound(next: &str) -> bool {
    let words = [
        "только",
        "менее",
        "более",
        "раз",
        "просто",
        "меньше",
        "больше",
        "столько",
        "реже",
        "чаще",
    ];
    let more = [
        "раньше",
        "ранее",
        "позднее",
        "позже",
        "ниже",
        "выше",
        "хуже",
        "дольше",
        "далее",
    ];
    words.contains(&next) || more.contains(&next)
}

/// A Tajik verb with the negative prefix. Many other words begin with the same letters (нав, нафар, намоянда), so that the
/// verb's stem is looked up.
fn is_negated_verb(word: &str) -> bool {
    const STEMS: &[&str] = &[
        "кард",
        "кун",
        "шуд",
        "шав",
        "дор",
        "дошт",
        "буд",
        "бош",
        "бошад",
        "ёфт",
        "ёб",
        "омад",
        "гуфт",
        "гӯ",
        "гир",
        "гирифт",
        "дод",
        "диҳ",
        "дех",
        "расид",
        "расон",
        "хоҳ",
        "хост",
        "тавон",
        "бояд",
        "монд",
        "рав",
        "рафт",
        "пазир",
        "зад",
        "дид",
        "бин",
        "дон",
        "ҷунб",
        "гузошт",
        "гузор",
        "гузашт",
        "баро",
        "овард",
        "бурд",
        "хӯр",
        "хонд",
        "навишт",
        "супор",
        "супур",
        "сохт",
        "фиристод",
        "партофт",
        "истод",
        "афтод",
        "афзуд",
        "ояд",
        "оянд",
        "шунид",
        "фаҳм",
        "кушо",
        "фурӯх",
        "харид",
        "пардохт",
        "парво",
        "ҷӯ",
        "нишаст",
    ];
    let Some(rest) = word.strip_prefix("на") else {
        return false;
    };
    rest.strip_prefix("ме").is_some_and(|rest| rest.chars().count() >= 2)
        || STEMS.iter().any(|stem| rest.starts_with(stem))
            && !word.starts_with("намоян")
            && !word.starts_with("наравон")
}

/// Whether anything in the text may carry a negative sense.
fn has_negative_sense(words: &[String], language: Language) -> bool {
    let any = |exact: &[&str], starts: &[&str]| {
        words
            .iter()
            .any(|word| exact.contains(&word.as_str()) || starts.iter().any(|start| word.starts_with(start)))
    };
    match language {
        Language::ENGLISH => {
            !negations(words, language).is_empty()
                || any(
                    &[
                        "no", "not", "nor", "neither", "none", "nothing", "nowhere", "without", "hardly", "barely",
                        "only", "few", "less", "yet", "out", "instead", "too",
                    ],
                    &[
                        "un", "in", "im", "non", "dis", "fail", "lack", "lose", "lost", "los", "refus", "reject",
                        "den", "prevent", "avoid", "ban", "prohibit", "forbid", "absen", "exclu", "stop", "ceas",
                        "rather", "miss", "withh", "oppos", "irr", "illeg", "abandon", "free", "short", "unless",
                        "declin", "rule", "halt", "suspen", "remain", "still", "exempt", "depriv",
                    ],
                )
        }
        Language::RUSSIAN => any(
            &["ни", "без", "вне", "лишь", "только", "нет", "едва", "мало", "пока"],
            &[
                "не",
                "ник",
                "нич",
                "нит",
                "бес",
                "без",
                "отказ",
                "отсутств",
                "запре",
                "лиш",
                "отклон",
                "отриц",
                "опроверг",
                "исключ",
                "прекра",
                "избе",
                "предотвра",
                "противо",
            ],
        ),
        Language::ARABIC => words.iter().any(|word| {
            without_clitics(word).any(|bare| {
                matches!(
                    bare,
                    "لا" | "لم"
                        | "لن"
                        | "ليس"
                        | "ليست"
                        | "ليسوا"
                        | "ما"
                        | "غير"
                        | "عدم"
                        | "دون"
                        | "بدون"
                        | "بلا"
                        | "سوى"
                        | "إلا"
                        | "ألا"
                        | "أي"
                        | "أحد"
                        | "قط"
                        | "فقط"
                        | "نفى"
                        | "نفت"
                        | "حظر"
                        | "تحظر"
                        | "يحظر"
                        | "بعد"
                        | "خارج"
                        | "انعدام"
                        | "خال"
                        | "خالية"
                ) || [
                    "رفض",
                    "فشل",
                    "منع",
                    "تعذر",
                    "يتعذر",
                    "نقص",
                    "تجنب",
                    "عجز",
                    "استحال",
                    "مستحيل",
                    "فقد",
                    "امتنع",
                    "توقف",
                    "لئلا",
                    "أبدا",
                    "مجاني",
                    "خلو",
                    "نفي",
                    "ينف",
                    "تنف",
                    "يرفض",
                    "ترفض",
                    "يمنع",
                    "تمنع",
                    "استبعد",
                    "افتقر",
                    "يفتقر",
                    "تفتقر",
                    "غياب",
                    "حرم",
                    "يحرم",
                    "بدلا",
                    "تجنب",
                    "ابتعد",
                    "يبتعد",
                    "ابتعاد",
                    "استثن",
                    "ستثناء",
                    "إخفاق",
                    "أخفق",
                    "تخلو",
                    "يخلو",
                    "معطل",
                    "تقل",
                ]
                .iter()
                .any(|stem| bare.contains(stem))
            })
        }),
        Language::TAJIK => any(
            &["не", "на", "ҳеҷ", "касе", "танҳо", "ғайри", "ҷуз", "магар"],
            &[
                "на",
                "нест",
                "бе",
                "ғайр",
                "но",
                "рад",
                "инкор",
                "манъ",
                "даст",
                "маҳрум",
                "набуд",
                "худдорӣ",
                "пешгирӣ",
            ],
        ),
        _ => true,
    }
}
