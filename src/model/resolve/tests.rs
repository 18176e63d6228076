use super::*;
use crate::model::EarlyStopping;
use crate::text::language::Language;

const CONFIG: &str = r#"{"model_type": "m2m_100", "vocab_size": 10, "max_position_embeddings": 1024,
    "decoder_start_token_id": 2, "eos_token_id": 2, "pad_token_id": 1, "num_beams": 5, "max_length": 200,
    "early_stopping": true, "min_length": 6}"#;

/// A folder that looks like a model to everything but an engine.
fn model(folder: &Path, config: &str) {
    std::fs::create_dir_all(folder).unwrap();
    for (file, content) in [
        ("config.json", config),
        ("model.safetensors", "weights"),
        ("tokenizer.json", r#"{"added_tokens": ["eng_Latn"]}"#),
    ] {
        std::fs::write(folder.join(file), content).unwrap();
    }
}

fn catalogue() -> Catalogue {
    Catalogue::load(&[]).unwrap()
}

fn access(hub: &Path) -> Access<'static> {
    Access {
        hub: hub.to_owned(),
        ..Access::offline()
    }
}

fn failure(spec: &str, access: &Access) -> String {
    resolve(spec, &catalogue(), access).unwrap_err().to_string()
}

#[test]
fn a_folder_is_read_without_a_card() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("mine");
    model(&folder, CONFIG);
    let found = resolve(&folder.display().to_string(), &catalogue(), &access(place.path())).unwrap();
    assert_eq!(
        (found.name.as_str(), found.family.as_str(), found.max_source),
        ("mine", "nllb", 1024)
    );
    assert_eq!(found.weights, [folder.join("model.safetensors")]);
    let decoding = found.decoding;
    assert_eq!(
        (decoding.beams, decoding.max_new_tokens, decoding.min_new_tokens),
        (5, 199, 5)
    );
    assert_eq!(
        (decoding.early_stopping, decoding.decoder_start),
        (EarlyStopping::Always, 2)
    );
}

#[test]
fn generation_config_makes_settings_in_config_out_of_date() {
    let place = tempfile::tempdir().unwrap();
    model(place.path(), CONFIG);
    std::fs::write(
        place.path().join("generation_config.json"),
        r#"{"max_length": 50, "decoder_start_token_id": 2}"#,
    )
    .unwrap();
    let decoding = ModelConfig::read(place.path())
        .unwrap()
        .decoding(&DecodingOverrides::default())
        .unwrap();
    assert_eq!(
        (
            decoding.beams,
            decoding.max_new_tokens,
            decoding.min_new_tokens,
            decoding.pad
        ),
        (1, 49, 0, 1)
    );
}

#[test]
fn the_same_content_has_the_same_identity_wherever_it_lies() {
    let place = tempfile::tempdir().unwrap();
    let [one, two] = ["a/mine", "b/mine"].map(|name| place.path().join(name));
    model(&one, CONFIG);
    model(&two, CONFIG);
    let identity = |folder: &Path| {
        resolve(&folder.display().to_string(), &catalogue(), &access(place.path()))
            .unwrap()
            .identity()
    };
    assert_eq!(identity(&one), identity(&two));
    std::fs::write(two.join("model.safetensors"), "other weights").unwrap();
    assert_ne!(identity(&one), identity(&two));
}

#[test]
fn a_model_of_the_hub_is_found_in_the_cache_by_branch_and_by_commit() {
    let hub = tempfile::tempdir().unwrap();
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let repository = Repository::new(hub.path(), "makers/tiny").unwrap();
    model(&repository.snapshot(commit), CONFIG);
    std::fs::create_dir_all(repository.folder().join("refs")).unwrap();
    std::fs::write(repository.reference("main").unwrap(), commit).unwrap();
    for spec in ["hf:makers/tiny".to_owned(), format!("hf:makers/tiny@{commit}")] {
        let found = resolve(&spec, &catalogue(), &access(hub.path())).unwrap();
        assert_eq!(found.commit.as_deref(), Some(commit), "{spec}");
    }
    let error = failure("hf:makers/tiny@v2", &access(hub.path()));
    assert!(
        error.contains("makers/tiny at v2") && error.contains("models pull hf:makers/tiny"),
        "{error}"
    );
}

#[test]
fn references_that_climb_out_of_the_cache_are_refused() {
    let hub = tempfile::tempdir().unwrap();
    for spec in [
        "hf:../x",
        "hf:a/..",
        "hf:a/b@../../c",
        "hf:a/b/c",
        "hf:a",
        "hf:a/b@",
        "hf:.a/b",
        "hf:a/b@/etc",
    ] {
        let error = failure(spec, &access(hub.path()));
        assert!(error.contains("expected hf:organisation/name"), "{spec}: {error}");
    }
}

#[test]
fn a_licence_that_forbids_the_job_is_refused_before_anything_is_fetched() {
    struct Never;
    impl Fetch for Never {
        fn pull(&self, repository: &str, _: &str, _: &[String]) -> Result<Snapshot, ModelError> {
            unreachable!("{repository} was asked for")
        }
    }
    let hub = tempfile::tempdir().unwrap();
    let access = Access {
        fetch: Some(&Never),
        licence: LicenceRule::Open,
        ..access(hub.path())
    };
    for spec in [
        "nllb-600m",
        "hf:facebook/nllb-200-distilled-600M",
        "hf:makers/unheard-of",
    ] {
        let error = failure(spec, &access);
        assert!(error.contains("does not fit licence = \"open\""), "{spec}: {error}");
    }
}

#[test]
fn pickled_weights_need_leave() {
    let place = tempfile::tempdir().unwrap();
    model(place.path(), CONFIG);
    std::fs::rename(
        place.path().join("model.safetensors"),
        place.path().join("pytorch_model.bin"),
    )
    .unwrap();
    let spec = place.path().display().to_string();
    assert!(failure(&spec, &access(place.path())).contains("the weights are a pickle"));
    let access = Access {
        allow_pickle: true,
        ..access(place.path())
    };
    assert!(resolve(&spec, &catalogue(), &access).is_ok());
}

#[test]
fn an_unsupported_architecture_is_named() {
    let place = tempfile::tempdir().unwrap();
    model(place.path(), &CONFIG.replace("m2m_100", "gpt2"));
    let error = failure(&place.path().display().to_string(), &access(place.path()));
    assert!(
        error.contains("config.json: model_type: expected marian") && error.ends_with("found gpt2"),
        "{error}"
    );
}

#[test]
fn missing_files_are_named() {
    let place = tempfile::tempdir().unwrap();
    model(place.path(), CONFIG);
    let spec = place.path().display().to_string();
    std::fs::remove_file(place.path().join("model.safetensors")).unwrap();
    assert!(failure(&spec, &access(place.path())).contains("not on disk: weights (model.safetensors, or"));
    let index = r#"{"weight_map": {"a": "part-1.safetensors", "b": "part-2.safetensors"}}"#;
    std::fs::write(place.path().join("model.safetensors.index.json"), index).unwrap();
    std::fs::write(place.path().join("part-1.safetensors"), "").unwrap();
    assert!(failure(&spec, &access(place.path())).contains("not on disk: part-2.safetensors"));
    std::fs::write(
        place.path().join("model.safetensors.index.json"),
        r#"{"weight_map": {"a": "../x"}}"#,
    )
    .unwrap();
    assert!(failure(&spec, &access(place.path())).contains("expected a file name for `a`"));
}

#[test]
fn a_marian_folder_tells_its_languages_or_is_asked_for_them() {
    let place = tempfile::tempdir().unwrap();
    model(place.path(), &CONFIG.replace("m2m_100", "marian"));
    let spec = place.path().display().to_string();
    assert!(failure(&spec, &access(place.path())).contains("`source_lang` and `target_lang`: expected language codes"));
    let settings = r#"{"source_lang": "eng", "target_lang": "ara"}"#;
    std::fs::write(place.path().join("tokenizer_config.json"), settings).unwrap();
    std::fs::write(place.path().join("vocab.json"), r#"{"</s>": 0, "a": 1}"#).unwrap();
    let plain = resolve(&spec, &catalogue(), &access(place.path())).unwrap();
    assert_eq!(plain.family, "marian");
    assert!(
        plain.languages.allow(Language::ENGLISH, Language::ARABIC)
            && !plain.languages.allow(Language::ARABIC, Language::ENGLISH)
    );
    std::fs::write(
        place.path().join("vocab.json"),
        r#"{"</s>": 0, ">>ara<<": 1, ">>heb<<": 2}"#,
    )
    .unwrap();
    let multi = resolve(&spec, &catalogue(), &access(place.path())).unwrap();
    assert_eq!(multi.family, "marian-multi");
    assert_eq!(
        multi.languages.codes().get(&Language::ARABIC).map(String::as_str),
        Some("ara")
    );
}

#[test]
fn what_a_folder_is_for_is_read_from_its_family() {
    let place = tempfile::tempdir().unwrap();
    let task = |config: &str| {
        model(place.path(), config);
        let spec = place.path().display().to_string();
        resolve(&spec, &catalogue(), &access(place.path())).unwrap().task
    };
    assert_eq!(task(CONFIG), Task::Translate);
    for summariser in ["bart", "pegasus", "mt5", "t5"] {
        assert_eq!(
            task(&CONFIG.replace("m2m_100", summariser)),
            Task::Summarise,
            "{summariser}"
        );
    }
}
