//! `khulosa models` and `--translator auto`, end to end.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Desk, ENGLISH, command};
use serde_json::Value;

const POCKET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/pocket");
const PERSIAN: &str = "{\"title\": \"خبر\", \"text\": \"وزیران آب سه کشور دیدار کردند.\", \"language\": \"fa\"}\n";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A card over the files of the built-in model. Persian is said to be Tajik to it: it has no token of its own.
fn card(desk: &Desk, name: &str, languages: &str) {
    let text = format!(
        "name = \"{name}\"\ntitle = \"For tests\"\ntask = \"translate\"\narchitecture = \"m2m100\"\nfamily = \"nllb\"\n\
         folder = \"{POCKET}\"\nmax_source = 64\n{languages}\n[licence]\nname = \"MIT\"\ncommercial = true\n\
         government = true\n[size]\nparameters = 9_000_000\ndownload = 1\n"
    );
    desk.write(&format!("cards/{name}.toml"), text);
}

const FROM_PERSIAN: &str = "from = [\"fa\"]\nto = [\"en\"]\n[languages]\nfa = \"tgk_Cyrl\"\nen = \"eng_Latn\"";

#[test]
fn the_list_fits_a_terminal_and_says_what_is_here_and_what_is_allowed() {
    let desk = Desk::new();
    let ended = desk.khulosa("models list --licence open");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(
        ended.stdout.lines().all(|line| line.chars().count() <= 100),
        "{}",
        ended.stdout
    );
    let row = |name: &str| {
        let line = ended.stdout.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().skip(1).take(3).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("pocket"), "translate yes yes");
    assert_eq!(row("nllb-600m"), "translate no no");
    assert_eq!(row("madlad-3b"), "translate no yes");
    let rows = json(&desk.khulosa("models list --licence open --json").stdout);
    let found = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["card"]["name"] == "nllb-600m")
        .unwrap();
    assert_eq!(
        (&found["on_disk"], &found["allowed"]),
        (&Value::Bool(false), &Value::Bool(false))
    );
    assert_eq!(rows.as_array().unwrap().len(), ended.stdout.lines().count() - 1);
}

#[test]
fn a_card_is_shown_whole() {
    let desk = Desk::new();
    let shown = desk.khulosa("models show opus-en-ru").stdout;
    for said in [
        "hf:Helsinki-NLP/opus-mt-en-ru@main",
        "CC-BY-4.0",
        "int8 78 MB",
        "512 tokens",
        "No commit",
        "chrF 53.3",
    ] {
        assert!(shown.contains(said), "{said} in {shown}");
    }
    let shown = desk.khulosa("models show nllb-600m --licence open").stdout;
    assert!(shown.contains("allowed       no, by licence = \"open\""), "{shown}");
    let object = json(&desk.khulosa("models show opus-en-ru --json").stdout);
    assert_eq!(object["card"]["licence"]["name"], "CC-BY-4.0");
    let ended = desk.khulosa("models show opus-en-rus");
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("did you mean `opus-en-ru`?"), "{}", ended.stderr);
}

#[test]
fn a_model_is_verified_exported_imported_and_verified_there() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    desk.run("a.txt --out a --to ru", 0);
    let verified = desk.khulosa("models verify pocket");
    assert!(
        verified.code == 0 && verified.stdout.contains("pocket\tgood\t"),
        "{}",
        verified.stdout
    );
    assert!(
        verified.stdout.contains("pocket\tconverted\tgood: "),
        "{}",
        verified.stdout
    );
    let ended = desk.khulosa("models export pocket pocket.tar");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let ended = desk.khulosa("models import pocket.tar --into there");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let verified = desk.khulosa("models verify there/pocket");
    assert!(
        verified.code == 0 && verified.stdout.contains("\tgood\t"),
        "{}",
        verified.stdout
    );
    let weights = desk.path("there/pocket/model.safetensors");
    let whole = std::fs::read(&weights).unwrap();
    std::fs::write(&weights, &whole[..whole.len() - 1]).unwrap();
    let verified = desk.khulosa("models verify there/pocket");
    assert!(
        verified.code == 1 && verified.stdout.contains("\tdamaged\tmodel.safetensors"),
        "{}",
        verified.stdout
    );
}

#[test]
fn converted_weights_and_finished_units_have_a_variable_each() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    let output = command(&desk.path(""))
        .args("run a.txt --out a --to ru --progress none".split_whitespace())
        .env("KHULOSA_CONVERTED", desk.path("weights"))
        .env("KHULOSA_CACHE", desk.path("units.db"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(desk.path("units.db").is_file());
    assert_eq!(std::fs::read_dir(desk.path("weights/engine-v2")).unwrap().count(), 1);
    assert!(!desk.path("cache").exists());
}

#[test]
fn auto_takes_what_models_route_says_and_records_the_way_through_english() {
    let desk = Desk::new();
    card(&desk, "from-persian", FROM_PERSIAN);
    desk.write("news.jsonl", PERSIAN);
    let route = desk.khulosa("models route --from fa --to ru,tg --offline --models cards --json");
    assert_eq!(route.code, 0, "{}", route.stderr);
    let routes = json(&route.stdout);
    let told = desk
        .khulosa("models route --from fa --to ru --offline --models cards")
        .stdout;
    assert!(
        told.contains("fa → en  from-persian: the only model that may be used"),
        "{told}"
    );
    assert!(
        told.contains("en → ru  pocket: ") && told.contains("not nllb-600m: it is not on disk"),
        "{told}"
    );
    let flags = "news.jsonl --translator auto --offline --models cards --to ru,tg";
    desk.run(&format!("{flags} --out a"), 0);
    let record = &desk.lines("a/records.jsonl")[0];
    for (route, to) in routes.as_array().unwrap().iter().zip(["ru", "tg"]) {
        let translation = &record["translations"][to];
        assert_eq!(
            (&route["via"], &translation["via"]),
            (&Value::from("en"), &Value::from("en"))
        );
        let model = translation["model"].as_str().unwrap();
        for leg in route["legs"].as_array().unwrap() {
            assert!(
                model.contains(&format!("{}@", leg["model"].as_str().unwrap())),
                "{model}"
            );
        }
    }
    let report = json(&desk.read("a/report.json"));
    assert!(
        report["models"]["translator fa-ru"]
            .as_str()
            .unwrap()
            .contains(" → pocket@"),
        "{}",
        report["models"]
    );
    // The same again computes nothing; another way computes anew.
    desk.run(&format!("{flags} --out a"), 0);
    assert_eq!(json(&desk.read("a/report.json"))["stages"]["translate"]["tokens"], 0);
    card(&desk, "other-persian", FROM_PERSIAN);
    std::fs::remove_file(desk.path("cards/from-persian.toml")).unwrap();
    desk.run(&format!("{flags} --out a"), 0);
    assert_ne!(json(&desk.read("a/report.json"))["stages"]["translate"]["tokens"], 0);
    let record = &desk.lines("a/records.jsonl")[0];
    assert!(
        record["translations"]["ru"]["model"]
            .as_str()
            .unwrap()
            .starts_with("other-persian@")
    );
}

#[test]
fn a_dry_run_of_auto_names_what_would_be_fetched_and_offline_what_is_there() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    let flags = "a.txt --out a --to ru --translator auto --licence open --dry-run";
    let route = json(
        &desk
            .khulosa("models route --from en --to ru --licence open --json")
            .stdout,
    );
    let model = route[0]["legs"][0]["model"].as_str().unwrap();
    let dry = desk.run(flags, 0).stdout;
    assert!(
        dry.contains(&format!("{model} is not on disk; a run would fetch it first")),
        "{dry}"
    );
    let dry = desk.run(&format!("{flags} --offline"), 0).stdout;
    assert!(dry.contains("sentences into ru with pocket@"), "{dry}");
    assert!(!desk.path("a").exists());
}

#[test]
fn an_article_that_no_model_may_translate_is_rejected_with_what_is_in_the_way_of_each() {
    let desk = Desk::new();
    desk.write("news.jsonl", PERSIAN);
    desk.write("a.txt", ENGLISH);
    desk.run(
        "news.jsonl a.txt --out a --translator auto --licence open --offline --to ru",
        1,
    );
    let rejected = &desk.lines("a/rejected.jsonl")[0];
    let reason = rejected["reason"].as_str().unwrap();
    assert_eq!(rejected["code"], "unsupported-language");
    assert!(
        reason.contains("nllb-600m: its licence (CC-BY-NC-4.0) does not fit"),
        "{reason}"
    );
    assert!(reason.contains("madlad-3b: it is not on disk"), "{reason}");
    let record = &desk.lines("a/records.jsonl")[0];
    assert!(
        record["translations"]["ru"]["model"]
            .as_str()
            .unwrap()
            .starts_with("pocket@")
    );
    assert!(record["translations"]["ru"].get("via").is_none());
}

#[test]
fn a_job_may_name_a_model_for_a_direction() {
    let desk = Desk::new();
    card(
        &desk,
        "own",
        "from = [\"en\"]\nto = [\"ru\"]\n[languages]\nen = \"eng_Latn\"\nru = \"rus_Cyrl\"",
    );
    desk.write("a.txt", ENGLISH);
    desk.write(
        "job.toml",
        "models = \"cards\"\nto = [\"ru\", \"tg\"]\n[translators]\nen-ru = \"own\"\n",
    );
    desk.run("a.txt --out a --job job.toml", 0);
    let record = &desk.lines("a/records.jsonl")[0];
    let model = |to: &str| record["translations"][to]["model"].as_str().unwrap().to_owned();
    assert!(model("ru").starts_with("own@") && model("tg").starts_with("pocket@"));
    desk.write("job.toml", "[translators]\nen-xx = \"own\"\n");
    let ended = desk.khulosa("run a.txt --out a --job job.toml");
    assert!(
        ended.code == 2 && ended.stderr.contains("found `en-xx`"),
        "{}",
        ended.stderr
    );
}

#[test]
fn generate_takes_a_model_by_its_name_too() {
    let desk = Desk::new();
    let by = |model: &str| {
        desk.khulosa_with(
            &format!("generate --model {model} --max-new 8"),
            "{\"ids\": [4, 9, 2]}\n",
        )
    };
    let (name, folder) = (by("pocket"), by(POCKET));
    assert_eq!((name.code, name.stdout.lines().count()), (0, 1), "{}", name.stderr);
    assert_eq!(name.stdout, folder.stdout);
    let wrong = by("pocke");
    assert!(
        wrong.code == 2 && wrong.stderr.contains("did you mean `pocket`?"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn a_summariser_is_not_taken_for_a_translator() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    card(&desk, "gist", "[languages]\nen = \"eng_Latn\"");
    let text = desk.read("cards/gist.toml");
    desk.write("cards/gist.toml", text.replace("\"translate\"", "\"summarise\""));
    let ended = desk.run("a.txt --out a --models cards --translator gist", 2);
    assert!(
        ended.stderr.contains("gist: expected a model that translates"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_model_larger_than_the_memory_given_is_refused_with_both_sizes() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    let ended = desk.run("a.txt --out a --memory 2MB", 2);
    assert!(
        ended.stderr.contains("MB, more than memory = \"2MB\""),
        "{}",
        ended.stderr
    );
    let ended = desk.khulosa("run a.txt --out a --memory lots");
    assert!(ended.code == 2 && ended.stderr.contains("12GB"), "{}", ended.stderr);
}

#[test]
fn every_slip_in_a_users_cards_stops_the_job_at_its_start_and_names_the_file() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    for (name, text, said) in [
        ("wrong", "name = \"wrong\"\ntitel = \"x\"", "did you mean `title`?"),
        ("pocket", "", "two model cards are called `pocket`"),
    ] {
        card(&desk, name, "[languages]\nen = \"eng_Latn\"\nru = \"rus_Cyrl\"");
        if !text.is_empty() {
            desk.write(&format!("cards/{name}.toml"), text);
        }
        let ended = desk.run("a.txt --out a --models cards", 2);
        assert!(
            ended.stderr.contains(said) && ended.stderr.contains(&format!("{name}.toml")),
            "{}",
            ended.stderr
        );
        std::fs::remove_file(desk.path(&format!("cards/{name}.toml"))).unwrap();
    }
}
