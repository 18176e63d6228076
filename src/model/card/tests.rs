use super::*;
use crate::model::{Catalogue, LicenceRule, Place};
use crate::prompts::Prompts;

const CARD: &str = r#"
name = "tiny"
title = "A card for tests"
task = "translate"
architecture = "m2m100"
family = "nllb"
repository = "makers/tiny"
revision = "0123456789abcdef0123456789abcdef01234567"
files = ["config.json", "model.safetensors"]
max_source = 64
[languages]
en = "eng_Latn"
tg = "tgk_Cyrl"
[licence]
name = "Apache-2.0"
commercial = true
government = true
"#;

fn error(from: &str, to: &str) -> String {
    assert!(CARD.contains(from), "{from}");
    Card::parse(&CARD.replace(from, to), "tiny.toml")
        .unwrap_err()
        .to_string()
}

#[test]
fn a_card_is_read_whole() {
    let card = Card::parse(CARD, "cards/tiny.toml").unwrap();
    assert!(card.translates(Language::ENGLISH, Language::TAJIK));
    assert!(
        !card.translates(Language::ENGLISH, Language::RUSSIAN) && !card.translates(Language::TAJIK, Language::TAJIK)
    );
    assert!(matches!(card.place, Place::Hub { ref repository, .. } if repository == "makers/tiny"));
}

#[test]
fn a_wrong_key_is_answered_with_the_nearest_one() {
    let message = error("max_source", "max_sorce");
    assert!(
        message.starts_with("tiny.toml: ") && message.ends_with("did you mean `max_source`?"),
        "{message}"
    );
    let message = error("commercial", "comercial");
    assert!(message.ends_with("did you mean `commercial`?"), "{message}");
}

#[test]
fn every_slip_in_a_card_is_found_when_it_is_read() {
    for (from, to, said) in [
        (
            "name = \"tiny\"",
            "name = \"big\"",
            "expected `tiny`, as the file is called, found `big`",
        ),
        ("makers/tiny", "../tiny", "repository: expected `organisation/name`"),
        ("makers/tiny", "tiny", "repository: expected `organisation/name`"),
        (
            "0123456789abcdef0123456789abcdef01234567",
            "main",
            "a `note` that says why it is `main`",
        ),
        (
            "0123456789abcdef0123456789abcdef01234567",
            "../main",
            "revision: expected a commit, tag or branch",
        ),
        (
            "model.safetensors",
            "../model.safetensors",
            "files: expected a path inside the model",
        ),
        (
            "model.safetensors",
            "pytorch_model.bin",
            "is a pickle; say `pickle = true`",
        ),
        ("tg = ", "tj = ", "`tj` is no language"),
        ("max_source = 64", "max_source = 0", "max_source: expected at least 8"),
        (
            "max_source = 64",
            "max_source = 64\nto = [\"ru\"]",
            "`ru` is not among the card's languages",
        ),
        (
            "max_source = 64",
            "max_source = 64\nfolder = \"x\"",
            "either `repository` and `revision`, or `folder`",
        ),
        (
            "[licence]",
            "[decoding]\nbeams = 0\n[licence]",
            "decoding.beams: expected at least 1",
        ),
        ("\"m2m100\"", "\"gpt\"", "unknown variant `gpt`"),
    ] {
        let message = error(from, to);
        assert!(message.contains(said), "{to}: {message}");
    }
}

#[test]
fn every_built_in_card_is_listed_and_has_a_family_with_its_tags() {
    let catalogue = Catalogue::load(&[]).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    assert_eq!(catalogue.names().collect::<Vec<_>>(), files);
    let prompts = Prompts::load(None).unwrap();
    for card in catalogue.cards() {
        let family = prompts.family(&card.family).unwrap();
        for (language, code) in card.languages.iter().filter(|(_, code)| !code.is_empty()) {
            if let Ok(tag) = family.tag(*language) {
                assert_eq!(tag, code, "{} {}", card.name, language.code());
            }
        }
    }
}

#[test]
fn cards_say_what_their_licences_allow() {
    let catalogue = Catalogue::load(&[]).unwrap();
    for (name, allowed) in [
        ("nllb-600m", false),
        ("mt5-xlsum", false),
        ("madlad-3b", true),
        ("pocket", true),
    ] {
        assert_eq!(
            catalogue.card(name).unwrap().licence.is_allowed_by(LicenceRule::Open),
            allowed,
            "{name}"
        );
    }
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_one() {
    let error = Catalogue::load(&[]).unwrap().card("nlb-600m").unwrap_err().to_string();
    assert!(error.contains("did you mean `nllb-600m`?"), "{error}");
}

#[test]
fn two_cards_of_one_name_are_refused_with_both_places() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("pocket.toml"),
        CARD.replace("\"tiny\"", "\"pocket\""),
    )
    .unwrap();
    let error = Catalogue::load(&[folder.path().to_owned()]).unwrap_err().to_string();
    assert!(
        error.contains("two model cards are called `pocket`: a built-in one and "),
        "{error}"
    );
    assert!(
        error.contains(&folder.path().join("pocket.toml").display().to_string()),
        "{error}"
    );
}

#[test]
fn a_users_own_card_is_found_beside_the_built_in_ones() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tiny.toml"), CARD).unwrap();
    let catalogue = Catalogue::load(&[folder.path().to_owned()]).unwrap();
    assert!(catalogue.get("tiny").is_some() && catalogue.get("pocket").is_some());
}
