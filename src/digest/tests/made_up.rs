//! Made-up articles, the same three in each language of a digest.

use crate::digest::{Digest, Item, Mark, Placing, Reason, Report};
use crate::text::language::Language;

/// Title and summary of the three articles in one language.
type Texts = [(&'static str, [&'static str; 2]); 3];

const IN_ENGLISH: Texts = [
    (
        "Kuwait hosts talks on border security with Central Asian states",
        [
            "Deputy ministers of six countries met in Kuwait on Monday to agree on joint training of 240 border guards.",
            "The Kuwait News Agency (KUNA) said the first course would open in Dushanbe in March 2025.",
        ],
    ),
    (
        "Water level at Nurek reservoir returns to normal",
        [
            "The level of the Nurek reservoir rose by 3.5 metres in October and is now close to its long-term average.",
            "Power limits in 14 districts will be lifted on 15 November, the ministry said.",
        ],
    ),
    (
        "Ministers sign agreement on wheat supplies",
        [
            "Tajikistan and Kazakhstan signed an agreement on the supply of 1,200,000 tonnes of wheat.",
            "The parties did not disclose the price.",
        ],
    ),
];
const IN_RUSSIAN: Texts = [
    (
        "В Кувейте прошли переговоры о безопасности границ со странами Центральной Азии",
        [
            "Заместители министров шести стран встретились в понедельник в Кувейте и договорились о совместной подготовке 240 пограничников.",
            "По сообщению агентства КУНА (KUNA), первый курс откроется в Душанбе в марте 2025 года.",
        ],
    ),
    (
        "Уровень воды в Нурекском водохранилище вернулся к норме",
        [
            "Уровень Нурекского водохранилища в октябре поднялся на 3,5 метра и сейчас близок к среднему многолетнему.",
            "Ограничения на электроэнергию в 14 районах снимут 15 ноября, сообщили в министерстве.",
        ],
    ),
    (
        "Министры подписали соглашение о поставках пшеницы",
        [
            "Таджикистан и Казахстан подписали соглашение о поставке 120 000 тонн пшеницы.",
            "Стороны назвали цену.",
        ],
    ),
];
const IN_ARABIC: Texts = [
    (
        "الكويت تستضيف مباحثات بشأن أمن الحدود مع دول آسيا الوسطى",
        [
            "اجتمع نواب وزراء من ست دول في الكويت يوم الاثنين واتفقوا على تدريب مشترك لـ240 من حرس الحدود.",
            "وذكرت وكالة الأنباء الكويتية (KUNA) أن الدورة الأولى ستفتتح في دوشنبه في مارس 2025.",
        ],
    ),
    (
        "منسوب المياه في خزان نورك يعود إلى مستواه الطبيعي",
        [
            "ارتفع منسوب خزان نورك 3.5 متر في أكتوبر وأصبح قريبا من متوسطه على المدى الطويل.",
            "وقالت الوزارة إن القيود على الكهرباء في 14 منطقة سترفع في 15 نوفمبر.",
        ],
    ),
    (
        "وزيران يوقعان اتفاقا بشأن إمدادات القمح",
        [
            "وقعت طاجيكستان وكازاخستان اتفاقا لتوريد 120,000 طن من القمح.",
            "وكشف الطرفان عن السعر.",
        ],
    ),
];
const IN_TAJIK: Texts = [
    (
        "Кувайт музокироти амнияти сарҳадро бо кишварҳои Осиёи Марказӣ баргузор кард",
        [
            "Муовинони вазирони шаш кишвар рӯзи душанбе дар Кувайт вохӯрда, дар бораи омодасозии муштараки 240 сарҳадбон ба мувофиқа расиданд.",
            "Ба иттилои агентии КУНА (KUNA), курси аввал моҳи марти соли 2025 дар Душанбе оғоз меёбад.",
        ],
    ),
    (
        "Сатҳи оби обанбори Норак ба ҳолати муқаррарӣ баргашт",
        [
            "Сатҳи обанбори Норак дар моҳи октябр 3,5 метр баланд шуда, ба сатҳи миёнаи бисёрсола наздик гардид.",
            "Вазорат гуфт, ки маҳдудияти барқ дар 14 ноҳия 15 ноябр бардошта мешавад.",
        ],
    ),
    (
        "Вазирон созишномаи таъминоти гандумро имзо карданд",
        [
            "Тоҷикистон ва Қазоқистон дар бораи таҳвили 120 000 тонна гандум созишнома имзо карданд.",
            "Ҷонибҳо нархро ошкор карданд.",
        ],
    ),
];

/// A digest whose second article comes from its neighbour and whose third went wrong; the fourth was left in Persian.
pub fn digest(language: Language) -> Digest {
    let texts = if language == Language::RUSSIAN {
        IN_RUSSIAN
    } else if language == Language::ARABIC {
        IN_ARABIC
    } else if language == Language::TAJIK {
        IN_TAJIK
    } else {
        IN_ENGLISH
    };
    let (other, from) = if language == Language::TAJIK {
        (IN_RUSSIAN, Language::RUSSIAN)
    } else {
        (IN_TAJIK, Language::TAJIK)
    };
    let spoilt = if language == Language::RUSSIAN || language == Language::TAJIK {
        "120 000"
    } else {
        "120,000"
    };
    let marks = vec![
        mark("number", "number missing or added", &["1,200,000", spoilt]),
        mark("negation", "negation lost", &[]),
        mark(
            "a-new-check",
            "The check has found something that the phrases do not explain.",
            &["wheat"],
        ),
    ];
    let agency = Item {
        url: Some("https://www.example.org/news/4711?lang=en&page=2".to_owned()),
        date: Some("2024-11-04".to_owned()),
        agency: Some("Kuwait News Agency (KUNA)".to_owned()),
        place: Some("KUWAIT".to_owned()),
        ..item(1, &texts, &IN_ENGLISH, Language::ENGLISH)
    };
    let neighbour = Item {
        url: Some("http://news.example.com/nurek".to_owned()),
        date: Some("2024-11-06T08:00:00Z".to_owned()),
        source: Some("Example News".to_owned()),
        ..item(2, &texts, &other, from)
    };
    let spoilt = Item {
        marks,
        date: Some("last Tuesday".to_owned()),
        ..item(3, &texts, &IN_ENGLISH, Language::ENGLISH)
    };
    let left = Item {
        id: "e".repeat(64),
        title: "نشست کارشناسان درباره کم‌آبی در شمال افغانستان".to_owned(),
        summary: vec!["کارشناسان پنج کشور درباره کم‌آبی گفت‌وگو کردند.".to_owned()],
        source_title: "نشست کارشناسان درباره کم‌آبی در شمال افغانستان".to_owned(),
        source_summary: vec!["کارشناسان پنج کشور درباره کم‌آبی گفت‌وگو کردند.".to_owned()],
        source_language: Language::PERSIAN,
        translator: String::new(),
        untranslated: true,
        place: Some("کابل".to_owned()),
        ..item(1, &texts, &IN_ENGLISH, Language::ENGLISH)
    };
    Digest {
        language,
        recipient: None,
        items: vec![agency, neighbour, spoilt, left].into(),
        rejected: 1,
    }
}

/// The same articles as a recipient gets them: the first stands for another one too, and a person has reviewed the second.
pub fn for_recipient(language: Language) -> Digest {
    let mut digest = digest(language);
    digest.recipient = Some("Desk <1>".to_owned());
    digest.rejected = 0;
    let topic = |id: &str, in_title| Reason::Topic {
        id: id.to_owned(),
        in_title,
    };
    let country = Reason::Country {
        id: "KW".to_owned(),
        in_title: false,
    };
    let other = Report {
        id: "f".repeat(64),
        title: "Border talks open in Kuwait".to_owned(),
        language: Language::ENGLISH,
        source: Some("Example Agency".to_owned()),
        date: Some("2024-11-05".to_owned()),
        url: Some("https://example.org/other".to_owned()),
    };
    let mut items: Vec<Item> = digest.items.iter().map(Result::unwrap).collect();
    items[0].placing = Placing {
        topics: vec!["security".to_owned(), "diplomacy".to_owned()],
        why: vec![
            topic("security", true),
            Reason::Reports(2),
            topic("diplomacy", false),
            country,
        ],
        others: vec![other],
        full_text: vec!["First paragraph.".to_owned(), "Second <b>paragraph</b>.".to_owned()],
    };
    items[1].placing.topics = vec!["water".to_owned()];
    items[1].placing.why = vec![topic("water", true), Reason::Newest];
    items[1].reviewed = true;
    items[2].score = Some(-0.4321);
    digest.items = items.into();
    digest
}

/// An article with nothing but its texts.
fn item(number: usize, texts: &Texts, source: &Texts, source_language: Language) -> Item {
    let of = |texts: &Texts| {
        let (title, summary) = texts[number - 1];
        (title.to_owned(), summary.map(str::to_owned).to_vec())
    };
    let (title, summary) = of(texts);
    let (source_title, source_summary) = of(source);
    Item {
        id: char::from_digit(number as u32, 16).unwrap().to_string().repeat(64),
        title,
        summary,
        source_title,
        source_summary,
        source_language,
        url: None,
        date: None,
        agency: None,
        place: None,
        source: None,
        input: format!("samples/articles/wire.jsonl:{number}"),
        translator: "pocket 1".to_owned(),
        summariser: "pocket 1 (extractive)".to_owned(),
        marks: Vec::new(),
        untranslated: false,
        score: None,
        reviewed: false,
        placing: Placing::default(),
    }
}

/// A mark about words.
pub fn mark(code: &str, message: &str, words: &[&str]) -> Mark {
    Mark {
        code: code.to_owned(),
        message: message.to_owned(),
        words: words.iter().map(|word| (*word).to_owned()).collect(),
    }
}
