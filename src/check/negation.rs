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
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    // "Nothing but" is "only" (`لم … سوى`), and Russian `пока не` is "until".
    if language == Language::ARABIC && has(&["سوى", "إلا"]) || language == Language::RUSSIAN && has(&["пока"])
    {
        return Vec::new();
    }
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
        "гард",
        "гузар",
        "чар",
    ];
    let Some(rest) = word.strip_prefix("на") else {
        return false;
    };
    rest.strip_prefix("ме").is_some_and(|rest| rest.chars().count() >= 2)
        || STEMS.iter().any(|stem| rest.starts_with(stem))
            && !word.starts_with("намоян")
            && !word.starts_with("наравон")
}

/// A Tajik word made negative: `бе-` before a noun, or a negated participle within a compound (`роҳнадошта`).
fn is_privative(word: &str) -> bool {
    const OTHERS: [&str; 6] = ["беш", "беҳ", "бер", "бемор", "белорус", "беларус"];
    const PARTICIPLES: [&str; 5] = ["нашуд", "надошт", "накард", "наёфт", "надода"];
    word.starts_with("бе") && word.chars().count() >= 5 && !OTHERS.iter().any(|start| word.starts_with(start))
        || PARTICIPLES.iter().any(|inner| word.contains(inner))
}

/// Whether anything in the text may carry a negative sense.
fn has_negative_sense(words: &[String], language: Language) -> bool {
    let any = |exact: &[&str], starts: &[&str]| {
        words
            .iter()
            .any(|word| exact.contains(&word.as_str()) || starts.iter().any(|start| word.starts_with(start)))
    };
    if !negations(words, language).is_empty() {
        return true;
    }
    match language {
        Language::ENGLISH => any(
            &[
                "no", "not", "nor", "neither", "none", "nothing", "nowhere", "without", "hardly", "barely", "only",
                "few", "rather", "instead", "too", "unless", "until", "away", "off", "than", "non", "still", "last",
                "alone", "least", "earliest", "latest", "yet", "free", "closed",
            ],
            &[
                "unab", "unav", "unc", "uns", "unp", "unf", "unkn", "undoc", "unlaw", "unlik", "unreg", "unre", "unt",
                "unus", "unw", "inab", "insuf", "inadeq", "inelig", "inval", "impos", "non-", "disag", "disap", "disr",
                "fail", "lack", "los", "refus", "reject", "den", "prevent", "avoid", "ban", "prohibit", "forbid",
                "absen", "exclu", "stop", "ceas", "miss", "withh", "oppos", "illeg", "ignor", "neglect", "irreg",
                "abandon", "short", "declin", "halt", "suspen", "exempt", "depriv", "landlock", "strand", "prote",
            ],
        ),
        Language::RUSSIAN => any(
            &[
                "не",
                "ни",
                "без",
                "вне",
                "лишь",
                "только",
                "едва",
                "мало",
                "пока",
                "вместо",
                "кроме",
            ],
            &[
                "невозм",
                "недоп",
                "недост",
                "нехват",
                "незак",
                "незав",
                "неизв",
                "неуда",
                "непол",
                "нелег",
                "неспос",
                "неприг",
                "нерегул",
                "никто",
                "никог",
                "никак",
                "ником",
                "ничег",
                "ничто",
                "ничем",
                "безраб",
                "безвод",
                "бездом",
                "безрез",
                "бесплат",
                "беспреп",
                "отказ",
                "отсутств",
                "запре",
                "лиш",
                "отклон",
                "отверг",
                "отриц",
                "опроверг",
                "исключ",
                "прекра",
                "избе",
                "предотвра",
                "воздерж",
                "сорва",
                "помеш",
                "препятств",
                "затрудн",
                "закры",
                "неизмен",
            ],
        ),
        Language::ARABIC => {
            const EXACT: [&str; 29] = [
                "لا",
                "لم",
                "لن",
                "ليس",
                "ليست",
                "ليسوا",
                "غير",
                "عدم",
                "دون",
                "بدون",
                "بلا",
                "سوى",
                "إلا",
                "ألا",
                "قط",
                "فقط",
                "نفى",
                "نفت",
                "ينفي",
                "تنفي",
                "انعدام",
                "خال",
                "خالية",
                "خلو",
                "لئلا",
                "أبدا",
                "تقل",
                "يقل",
                "الأقل",
            ];
            const STEMS: [&str; 27] = [
                "رفض",
                "فشل",
                "منع",
                "حظر",
                "تعذر",
                "نقص",
                "تجنب",
                "عجز",
                "استحال",
                "مستحيل",
                "فقد",
                "امتنع",
                "توقف",
                "مجاني",
                "استبعد",
                "فتقر",
                "غياب",
                "حرم",
                "بدلا",
                "بتعد",
                "بتعاد",
                "ستثن",
                "خفاق",
                "معطل",
                "تخلو",
                "خفق",
                "مغلق",
            ];
            words.iter().any(|word| {
                without_clitics(word).any(|bare| EXACT.contains(&bare)) || STEMS.iter().any(|stem| word.contains(stem))
            })
        }
        Language::TAJIK if words.iter().any(|word| is_privative(word)) => true,
        Language::TAJIK => any(
            &[
                "не",
                "на",
                "бе",
                "бидуни",
                "ҳеҷ",
                "касе",
                "танҳо",
                "фақат",
                "ҷуз",
                "магар",
                "балки",
                "дур",
            ],
            &[
                "ғайр",
                "нотавон",
                "нокиф",
                "номум",
                "норав",
                "нодур",
                "нороз",
                "нопад",
                "бекор",
                "маҳрум",
                "манъ",
                "инкор",
                "худдорӣ",
                "пешгири",
                "пешгирӣ",
                "баста",
                "озод",
                "рад",
            ],
        ),
        _ => true,
    }
}
