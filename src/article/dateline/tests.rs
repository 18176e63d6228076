use super::*;

const NEWS: &str = "The two sides signed an agreement on water.";

fn date(text: &str) -> Option<Date> {
    match given(text) {
        Given::Day(day) => Some(day),
        _ => None,
    }
}

/// Body, place, agency, date of what `clean` makes of `opening` before the news.
fn cleaned(opening: &str, news: &str) -> (Option<String>, Option<String>, Option<String>) {
    let cleaned = clean(&format!("{opening}{news}"), None);
    assert_eq!(cleaned.body, news, "after the opening {opening:?}");
    (cleaned.place, cleaned.agency, cleaned.date.map(|date| date.to_string()))
}

fn some(place: &str, agency: &str, date: &str) -> (Option<String>, Option<String>, Option<String>) {
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (filled(place), filled(agency), filled(date))
}

#[test]
fn a_syndicated_opening_gives_place_agency_and_date() {
    let opening = " date 2024-11-04 (MENAFN- Kuwait News Agency (KUNA)) KUWAIT, Nov 4 (KUNA) -- ";
    assert_eq!(cleaned(opening, NEWS), some("KUWAIT", "KUNA", "2024-11-04"));
    assert_eq!(cleaned("(MENAFN - AFP) ", NEWS), some("", "AFP", ""));
    assert_eq!(
        cleaned("(MENAFN- Kuwait News Agency (KUNA)) ", NEWS),
        some("", "Kuwait News Agency (KUNA)", "")
    );
}

#[test]
fn english_openings_become_metadata() {
    for (opening, place, agency, date) in [
        ("KUWAIT, Nov 4 (KUNA) -- ", "KUWAIT", "KUNA", ""),
        ("DUSHANBE, November 4 (Khovar) — ", "DUSHANBE", "Khovar", ""),
        (
            "DUSHANBE, November 4, 2024 (Khovar) — ",
            "DUSHANBE",
            "Khovar",
            "2024-11-04",
        ),
        ("LONDON (Reuters) - ", "LONDON", "Reuters", ""),
        ("London (Reuters) – ", "London", "Reuters", ""),
        ("WASHINGTON, D.C. (AP) — ", "WASHINGTON, D.C.", "AP", ""),
        ("BEIJING, Nov. 4 (Xinhua) -- ", "BEIJING", "Xinhua", ""),
        ("UNITED NATIONS, 4 Nov (QNA) - ", "UNITED NATIONS", "QNA", ""),
        ("MOSCOW, November 4. /TASS/. ", "MOSCOW", "TASS", ""),
        (
            "DUSHANBE, 04.11.2024 /NIAT Khovar/. ",
            "DUSHANBE",
            "NIAT Khovar",
            "2024-11-04",
        ),
        ("Dushanbe. November 4. Interfax - ", "Dushanbe", "Interfax", ""),
        ("KHUJAND, Nov 4 (Sughd Courier) -- ", "KHUJAND", "Sughd Courier", ""),
        ("DUSHANBE/KUWAIT, Nov 4 (KUNA) -- ", "DUSHANBE/KUWAIT", "KUNA", ""),
        ("GENEVA, 4 November 2024 — ", "GENEVA", "", "2024-11-04"),
        ("(Reuters) - ", "", "Reuters", ""),
        ("KUWAIT, Nov 4 (KUNA) --\n\n", "KUWAIT", "KUNA", ""),
        ("KUWAIT, Nov 4 (KUNA) -- (pickup previous) ", "KUWAIT", "KUNA", ""),
    ] {
        assert_eq!(cleaned(opening, NEWS), some(place, agency, date), "{opening:?}");
    }
}

#[test]
fn russian_and_tajik_openings_become_metadata() {
    let news = "Стороны подписали соглашение о воде.";
    for (opening, place, agency, date) in [
        ("ДУШАНБЕ, 4 ноя — АМИТ «Ховар». ", "ДУШАНБЕ", "АМИТ «Ховар»", ""),
        ("МОСКВА, 4 ноября. /ТАСС/. ", "МОСКВА", "ТАСС", ""),
        ("МОСКВА, 4 ноя — РИА Новости. ", "МОСКВА", "РИА Новости", ""),
        ("МОСКВА, 4 ноября 2024 г. — ТАСС. ", "МОСКВА", "ТАСС", "2024-11-04"),
        ("Душанбе. 4 ноября. ИНТЕРФАКС - ", "Душанбе", "ИНТЕРФАКС", ""),
        ("НЬЮ-ЙОРК, 4 ноя (Рейтер) — ", "НЬЮ-ЙОРК", "Рейтер", ""),
        ("ДУШАНБЕ, 4 ноя – Sputnik. ", "ДУШАНБЕ", "Sputnik", ""),
        ("ДУШАНБЕ, 4 ноября — ", "ДУШАНБЕ", "", ""),
        ("/ТАСС/. ", "", "ТАСС", ""),
        (
            "ДУШАНБЕ, 04.11.2024 /АМИТ «Ховар»/. ",
            "ДУШАНБЕ",
            "АМИТ «Ховар»",
            "2024-11-04",
        ),
        (
            "ДУШАНБЕ, 4 ноябри соли 2024 /АМИТ «Ховар»/. ",
            "ДУШАНБЕ",
            "АМИТ «Ховар»",
            "2024-11-04",
        ),
        ("ХУҶАНД, 4 ноябр. /АМИТ «Ховар»/. ", "ХУҶАНД", "АМИТ «Ховар»", ""),
    ] {
        assert_eq!(cleaned(opening, news), some(place, agency, date), "{opening:?}");
    }
}

#[test]
fn arabic_and_persian_openings_become_metadata() {
    let news = "وقع الجانبان اتفاقا بشأن المياه.";
    for (opening, place, agency, date) in [
        ("دوشنبه في 4 نوفمبر /قنا/ ", "دوشنبه", "قنا", ""),
        ("الدوحة في 04 نوفمبر 2024 /قنا/ ", "الدوحة", "قنا", "2024-11-04"),
        ("الكويت - 4 - 11 (كونا) -- ", "الكويت", "كونا", ""),
        ("الكويت - ٤ - ١١ (كونا) -- ", "الكويت", "كونا", ""),
        ("الرياض 04 نوفمبر 2024 (واس) - ", "الرياض", "واس", "2024-11-04"),
        ("عمان 4 تشرين الثاني (بترا)- ", "عمان", "بترا", ""),
        ("لندن (رويترز) - ", "لندن", "رويترز", ""),
        ("أبو ظبي في 4 نوفمبر / وام / ", "أبو ظبي", "وام", ""),
        ("تهران - ایرنا - ", "تهران", "ایرنا", ""),
    ] {
        assert_eq!(cleaned(opening, news), some(place, agency, date), "{opening:?}");
    }
}

#[test]
fn a_day_without_a_year_takes_it_from_the_article() {
    let cleaned = clean(&format!("KUWAIT, Nov 4 (KUNA) -- {NEWS}"), Some(2023));
    assert_eq!(cleaned.date.map(|date| date.to_string()).as_deref(), Some("2023-11-04"));
    let arabic = clean("الكويت - 4 - 11 (كونا) -- وقع الجانبان اتفاقا.", Some(2023));
    assert_eq!(arabic.date.map(|date| date.to_string()).as_deref(), Some("2023-11-04"));
    assert_eq!(
        clean("KUWAIT, Feb 30 (KUNA) -- The day does not exist.", Some(2023)).date,
        None
    );
}

#[test]
fn what_only_looks_like_a_dateline_stays() {
    for text in [
        "NATO — the alliance of 32 states — met on Monday.",
        "NASA (the space agency of the United States) said it would wait.",
        "London (Ontario) - a city in Canada - has a new bridge.",
        "Paris (France) – the capital – was calm.",
        "Thomson (Reuters)-owned firms reported a profit.",
        "On November 4 (Monday) - the last day - voting ended.",
        "Kuwait, Nov 4 (Monday) - the parliament met.",
        "The Kuwait News Agency (KUNA) -- founded long ago -- has a new building.",
        "TASS reported on Monday that the bridge is open.",
        "Tajikistan and Kuwait / two friends / signed an agreement.",
        "In Dushanbe, 4 November — the day of the opening — was a holiday.",
        "Ministers (Reuters calls them doves) - three in all - voted no.",
        "Президент 4 ноября — в день открытия — прибыл в Худжанд.",
        "Москва (столица России) — крупный город.",
        "ООН — организация, которая объединяет страны.",
        "باريس 4 نوفمبر (تشرين الثاني) - قال الوزير إن الاجتماع انتهى.",
        "قال الوزير (رويترز) إن الاجتماع انتهى.",
        "رئيس الوزراء - وهو طبيب - زار المستشفى.",
        "Вазир 4 ноябр — рӯзи ҷашн — ба Хуҷанд рафт.",
        "KUWAIT, Nov 4 (KUNA) --",
        "4 - 11 (2024) - the score was a record.",
    ] {
        let cleaned = clean(text, Some(2024));
        assert_eq!(
            cleaned,
            Cleaned {
                body: text.to_owned(),
                ..Cleaned::default()
            }
        );
    }
}

#[test]
fn an_unbracketed_name_that_is_no_agency_stays_in_the_text() {
    let cleaned = clean("ДУШАНБЕ, 4 ноя — Снег выпал. Дороги закрыты.", None);
    assert_eq!(cleaned.body, "Снег выпал. Дороги закрыты.");
    assert_eq!(cleaned.agency, None);
}

#[test]
fn editors_tails_are_dropped() {
    for tail in [
        " (pickup previous)",
        " (end) ab.cd",
        "\n\n(end) ab.cd",
        " (end) ab",
        " (END)",
        " (MORE)",
        " (more to follow)",
        " (pickup previous) ab.cd.ef",
        " (end) ab.cd MENAFN04112024000071011013ID1108850000",
        "\n\nMENAFN04112024000071011013ID1108850000",
        "\n\n-0-",
        "\n\n###",
        "\n\n(Reporting by A Writer; Editing by An Editor)",
        " (انتهى) أ ب / ج د",
        " (انتهى)",
        "(انتهى) م س",
        " (конец)",
        "\n\n(продолжение следует)",
        " (поён)",
        "\n\nLegal Disclaimer:\nMENAFN provides the information “as is” without warranty of any kind. We do not accept \
         any responsibility or liability for the accuracy of this article.",
        " (end) ab.cd\n\nMENAFN04112024000071011013ID1108850000\n\nLegal Disclaimer:\n\nMENAFN provides the \
         information \"as is\" without warranty of any kind.",
    ] {
        assert_eq!(clean(&format!("{NEWS}{tail}"), None).body, NEWS, "{tail:?}");
    }
}

#[test]
fn a_mark_alone_on_its_line_is_dropped_inside_the_text() {
    let body = "First paragraph.\n\n(pickup previous)\n\nSecond paragraph.";
    assert_eq!(clean(body, None).body, "First paragraph.\n\nSecond paragraph.");
}

#[test]
fn what_only_looks_like_a_tail_stays() {
    for text in [
        "The play has two acts (end) now.",
        "He signed the last page (more to follow)",
        "They discussed the budget (see table).",
        "The meeting is at its end",
        "The report ends with a list (annex B.)",
        "The firm MENAFN provides news to the region.",
        "It sold for 30 - 40 - 30",
        "Сказал он (конец цитаты).",
        "انتهى الاجتماع (انتهى",
    ] {
        assert_eq!(clean(text, None).body, text);
    }
}

#[test]
fn days_are_read_in_every_form() {
    for text in [
        "2024-11-04",
        "2024-11-04T10:00:00Z",
        "2024-11-04 10:00:00",
        "2024/11/04",
        "Mon, 04 Nov 2024 10:00:00 +0500",
        "Mon, 04 Nov 2024 01:00:00 +0500",
        "4 November 2024",
        "November 4, 2024",
        "Nov. 4, 2024",
        "04.11.2024",
        "4 ноября 2024 г.",
        "4 ноябри соли 2024",
        "4 نوفمبر 2024",
        "٤ نوفمبر ٢٠٢٤",
        "4 تشرين الثاني 2024",
        "Monday, 4 November 2024",
        "04/11/2024",
    ] {
        assert_eq!(
            date(text).map(|day| day.to_string()).as_deref(),
            Some("2024-11-04"),
            "{text:?}"
        );
    }
}

#[test]
fn what_is_no_day_is_not_guessed() {
    for text in [
        "",
        "yesterday",
        "2024-13-01",
        "31.02.2024",
        "11/24/2024",
        "4 November",
        "20241104",
        "99999999999999999999",
    ] {
        assert_eq!(date(text), None, "{text:?}");
    }
    assert_eq!(given("2024"), Given::Year(2024));
    assert_eq!(given("2024-11"), Given::Year(2024));
}
