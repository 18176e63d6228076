use super::*;

fn route(licence: LicenceRule, may_fetch: bool, from: Language, to: Language) -> Result<Route, ModelError> {
    let catalogue = Catalogue::load(&[]).unwrap();
    let hub = tempfile::tempdir().unwrap();
    let hub = hub.path().to_owned();
    let routing = Routing {
        catalogue: &catalogue,
        hub,
        licence,
        may_fetch,
        memory: None,
        precision: "int8",
    };
    routing.translate(from, to)
}

fn models(route: &Route) -> Vec<&str> {
    route.legs.iter().map(|leg| leg.model.as_str()).collect()
}

#[test]
fn offline_the_built_in_model_is_left() {
    let route = route(LicenceRule::Open, false, Language::RUSSIAN, Language::TAJIK).unwrap();
    assert_eq!((models(&route), route.via()), (vec!["pocket"], None));
    assert!(
        route
            .passed_over
            .iter()
            .any(|(name, why)| name == "nllb-600m" && why.contains("CC-BY-NC-4.0"))
    );
    assert!(
        route
            .passed_over
            .iter()
            .any(|(name, why)| name == "madlad-3b" && why.contains("not on disk"))
    );
}

#[test]
fn a_published_score_decides_between_models_of_one_size_class() {
    let catalogue = Catalogue::load(&[]).unwrap();
    let hub = tempfile::tempdir().unwrap().path().to_owned();
    let routing = Routing {
        catalogue: &catalogue,
        hub,
        licence: LicenceRule::Open,
        may_fetch: true,
        memory: Some(300),
        precision: "int8",
    };
    let route = routing.translate(Language::ENGLISH, Language::RUSSIAN).unwrap();
    assert_eq!(models(&route), ["opus-tc-big-en-zle"]);
    let reason = route.passed_over.iter().find(|(name, _)| name == "opus-en-ru").unwrap();
    assert_eq!(reason.1, "chrF 53.3 on newstest2019 against 57.9 of opus-tc-big-en-zle");
    let reason = route.passed_over.iter().find(|(name, _)| name == "madlad-3b").unwrap();
    assert!(reason.1.contains("more than 300 MB"), "{}", reason.1);
}

#[test]
fn a_licence_rule_changes_the_choice() {
    let any = route(LicenceRule::Any, true, Language::ENGLISH, Language::TAJIK).unwrap();
    let open = route(LicenceRule::Open, true, Language::ENGLISH, Language::TAJIK).unwrap();
    assert_eq!((models(&any), models(&open)), (vec!["nllb-3.3b"], vec!["madlad-3b"]));
}

#[test]
fn without_a_direct_model_the_way_goes_through_english() {
    let folder = tempfile::tempdir().unwrap();
    let card = |name: &str, from: &str, to: &str| {
        let text = format!(
            "name = \"{name}\"\ntitle = \"t\"\ntask = \"translate\"\narchitecture = \"marian\"\nfolder = \"{name}\"\n\
             max_source = 64\nfrom = [\"{from}\"]\nto = [\"{to}\"]\n[languages]\n{from} = \"\"\n{to} = \"\"\n\
             [licence]\nname = \"MIT\"\ncommercial = true\ngovernment = true\n"
        );
        std::fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
        std::fs::create_dir(folder.path().join(name)).unwrap();
        std::fs::write(folder.path().join(name).join("config.json"), "{}").unwrap();
        std::fs::write(folder.path().join(name).join("model.safetensors"), "").unwrap();
    };
    card("fi-en", "fi", "en");
    card("en-sv", "en", "sv");
    let catalogue = Catalogue::load(&[folder.path().to_owned()]).unwrap();
    let hub = folder.path().to_owned();
    let routing = Routing {
        catalogue: &catalogue,
        hub,
        licence: LicenceRule::Any,
        may_fetch: false,
        memory: None,
        precision: "int8",
    };
    let [finnish, swedish] = ["fi", "sv"].map(|code| Language::parse(code).unwrap());
    let route = routing.translate(finnish, swedish).unwrap();
    assert_eq!(
        (models(&route), route.via()),
        (vec!["fi-en", "en-sv"], Some(Language::ENGLISH))
    );
    let error = routing.translate(swedish, finnish).unwrap_err().to_string();
    assert_eq!(
        error,
        "no model may translate from sv to fi: no model knows the direction"
    );
}

#[test]
fn nobody_writes_summaries_in_tajik_and_only_open_models_do_for_a_ministry() {
    let catalogue = Catalogue::load(&[]).unwrap();
    let hub = tempfile::tempdir().unwrap().path().to_owned();
    let routing = Routing {
        catalogue: &catalogue,
        hub,
        licence: LicenceRule::Open,
        may_fetch: true,
        memory: None,
        precision: "int8",
    };
    assert_eq!(routing.summarise(Language::TAJIK).unwrap(), None);
    assert_ne!(routing.summarise(Language::ENGLISH).unwrap(), None);
    let error = routing.summarise(Language::RUSSIAN).unwrap_err().to_string();
    assert!(error.contains("mt5-xlsum: its licence (CC-BY-NC-SA-4.0)"), "{error}");
}
