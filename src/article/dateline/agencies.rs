//! The names by which news agencies sign, in the scripts of the languages that are read.

use std::sync::LazyLock;

use regex::Regex;

/// Names as a pattern; longer ones before those that begin them.
const NAMES: &[&str] = &[
    // Latin
    "The Associated Press",
    "Associated Press",
    "Thomson Reuters",
    "Reuters",
    "Agence France-Presse",
    "AFP",
    "AP",
    "UPI",
    "Bloomberg",
    "dpa",
    "DPA",
    "ANSA",
    "EFE",
    "Kyodo News",
    "Kyodo",
    "Yonhap",
    "Xinhua",
    "CNA",
    "Bernama",
    "Antara",
    "PTI",
    "ANI",
    "IANS",
    "APP",
    "BSS",
    "ITAR-TASS",
    "TASS",
    "RIA Novosti",
    "RIA",
    "Interfax",
    "Sputnik",
    "REGNUM",
    "BelTA",
    "Ukrinform",
    "NIAT Khovar",
    "Khovar",
    "Asia-Plus",
    "Avesta",
    "Kazinform",
    "Kabar",
    "AKIpress",
    "UzA",
    "AZERTAC",
    "Azertac",
    "Khaama Press",
    "Pajhwok",
    "Bakhtar",
    "Anadolu Agency",
    "Anadolu",
    "AA",
    "IRNA",
    "ISNA",
    "Mehr News",
    "Tasnim",
    "Fars News",
    "KUNA",
    "WAM",
    "QNA",
    "SPA",
    "ONA",
    "BNA",
    "MENA",
    "Petra",
    "SANA",
    "INA",
    "WAFA",
    "NNA",
    "SUNA",
    "APS",
    "TAP",
    "MAP",
    // Cyrillic
    "ИТАР-ТАСС",
    "ТАСС",
    "РИА Новости",
    "РИА",
    "Интерфакс",
    "ИНТЕРФАКС",
    "Регнум",
    "Спутник",
    "БЕЛТА",
    "Ховар",
    "ХОВАР",
    "Азия-Плюс",
    "Азия-плюс",
    "Авеста",
    "Казинформ",
    "Кабар",
    "УзА",
    "АКИpress",
    "Рейтер",
    "Рейтерс",
    "Синьхуа",
    "КУНА",
    "Анадолу",
    "ИРНА",
    "Франс Пресс",
    // Arabic and Persian
    "كونا",
    "قنا",
    "واس",
    "وام",
    "بنا",
    "بترا",
    "سانا",
    "واع",
    "وفا",
    "سونا",
    "العمانية",
    "واج",
    "وأج",
    "أ ش أ",
    "أ.ش.أ",
    "أ ف ب",
    "أ.ف.ب",
    "ا ف ب",
    "أ ب",
    "د ب أ",
    "د.ب.أ",
    "أ ش ا",
    "فرانس برس",
    "أسوشيتد برس",
    "رويترز",
    "شينخوا",
    "الأناضول",
    "سبوتنيك",
    "تاس",
    "إرنا",
    "ارنا",
    "خوفار",
    "خاور",
    "ایرنا",
    "ایسنا",
    "مهر",
    "تسنیم",
    "فارس",
];

/// Words that only the name of an agency has.
const WORDS: &str = r"(?i)\b(?:news|agency|press|newswire|агентств[оа]|АМИТ|НИАТ|ИА|وكالة|خبرگزاری)\b";

/// A pattern for a known agency, with the quotes and the form of business that may stand around its name.
pub(super) fn pattern() -> String {
    let names: Vec<String> = NAMES.iter().map(|name| regex::escape(name)).collect();
    format!(
        r#"(?:(?:АМИТ|НИАТ|ИА|NIAT|وكالة) ?)?[«"“]?(?:{})[»"”]?(?:-\p{{L}}+|[»"”])?"#,
        names.join("|")
    )
}

/// Whether a name in brackets is that of an agency.
pub(super) fn is_known(name: &str) -> bool {
    static KNOWN: LazyLock<Option<(Regex, Regex)>> = LazyLock::new(|| {
        Some((
            Regex::new(&format!(
                "^(?:{})(?:[ /]{})?$",
                pattern(),
                r"[\p{Lu}\p{Arabic}][\p{L}\p{M}]{1,20}"
            ))
            .ok()?,
            Regex::new(WORDS).ok()?,
        ))
    });
    KNOWN
        .as_ref()
        .is_some_and(|(names, words)| names.is_match(name) || words.is_match(name))
}
