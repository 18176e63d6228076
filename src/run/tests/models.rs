//! How often a batch takes models from the shelf, with engines that only count.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::*;
use crate::engine::{self, Decoding, Engine, EngineError, Generated, Hypothesis, Limits};
use crate::job::{ProgressStyle, Request};
use crate::model::watch::Silent;
use crate::run::window::Models;
use crate::shelf::Shelf;

/// Engines in memory at present, and the most at any time.
#[derive(Default)]
struct Memory {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// Repeats its source, but fails on one that says the same again and again.
struct Echo {
    limits: Limits,
    memory: Arc<Memory>,
}

impl Engine for Echo {
    fn generate(&self, batch: &[Vec<u32>], how: &Decoding) -> Result<Vec<Generated>, EngineError> {
        let repeats = |source: &Vec<u32>, after| source.windows(after + 1).filter(|w| w[0] == w[after]).count();
        if batch
            .iter()
            .any(|source| (1..5).any(|after| repeats(source, after) > 9))
        {
            return Err(EngineError::Threads("it says the same again and again".to_owned()));
        }
        let echo = |source: &Vec<u32>| Generated {
            hypotheses: vec![Hypothesis {
                ids: source[1..source.len().min(how.max_new_tokens)].to_vec(),
                score: -1.0,
            }],
        };
        Ok(batch.iter().map(echo).collect())
    }

    fn embed(&self, batch: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, EngineError> {
        Ok(batch.iter().map(|_| vec![1.0; 4]).collect())
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.memory.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Cards of models that read or write one language only, over the files of the built-in model.
fn cards(folder: &Path, names: &[(&str, &str)]) {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/pocket");
    let code = |language: &str| match language {
        "ru" => "rus_Cyrl",
        "ar" => "arb_Arab",
        "en" => "eng_Latn",
        // The built-in model has no token for it; any does for an engine that only repeats.
        _ => "tgk_Cyrl",
    };
    for (from, to) in names {
        let text = format!(
            "name = \"{from}-{to}\"\ntitle = \"t\"\ntask = \"translate\"\narchitecture = \"m2m100\"\nfamily = \"nllb\"\n\
             folder = {files:?}\nmax_source = 64\nfrom = [\"{from}\"]\nto = [\"{to}\"]\n[languages]\n\
             {from} = \"{}\"\n{to} = \"{}\"\n[licence]\nname = \"MIT\"\ncommercial = true\ngovernment = true\n\
             [size]\nparameters = 9_000_000\ndownload = 1\n",
            code(from),
            code(to)
        );
        std::fs::write(folder.join(format!("{from}-{to}.toml")), text).unwrap();
    }
}

/// Runs sixty Persian articles into Russian and Arabic, by way of English, and one with a title of its own where one is
/// given; returns loads and the most engines at a time, and what was rejected.
fn night(memory: &str, title: Option<&str>) -> (usize, usize, String) {
    let place = tempfile::tempdir().unwrap();
    let own = place.path().join("cards");
    std::fs::create_dir(&own).unwrap();
    cards(&own, &[("fa", "en"), ("en", "ru"), ("en", "ar")]);
    let article = |number: usize| {
        let text = format!("وزیران آب سه کشور دیدار کردند. ایستگاه شماره {number} باز شد. نشست بعدی در بهار است.");
        format!(
            "{}\n",
            serde_json::json!({"title": format!("خبر {number}"), "text": text, "language": "fa"})
        )
    };
    let input = place.path().join("news.jsonl");
    let odd = title.map(|title| serde_json::json!({"title": title, "text": "ایستگاه باز شد.", "language": "fa"}));
    let odd = odd.map_or_else(String::new, |odd| format!("{odd}\n"));
    std::fs::write(&input, odd + &(0..60).map(article).collect::<String>()).unwrap();
    let job = format!(
        "inputs = [{input:?}]\nout = {:?}\nmodels = {own:?}\nto = [\"ru\", \"ar\"]\ntranslator = \"auto\"\noffline = true\n\
         memory = \"{memory}\"\nbatch_tokens = 512",
        place.path().join("run")
    );
    let job = Job::from_requests([Request::from_toml(&job, "job.toml").unwrap()]).unwrap();
    let (loads, memory) = (Arc::new(Mutex::new(0)), Arc::new(Memory::default()));
    let shelf = || {
        let (loads, memory) = (loads.clone(), memory.clone());
        let load = move |folder: &Path| -> Result<Box<dyn Engine>, EngineError> {
            *loads.lock().unwrap() += 1;
            let now = memory.now.fetch_add(1, Ordering::SeqCst) + 1;
            memory.most.fetch_max(now, Ordering::SeqCst);
            Ok(Box::new(Echo {
                limits: engine::limits(folder)?,
                memory: memory.clone(),
            }))
        };
        Shelf::with_engines(&job, Arc::new(Silent), Box::new(load))
    };
    let shutdown = Shutdown::default();
    let outcome = run_with(
        &job,
        Start::default(),
        &Progress::new(ProgressStyle::None),
        &shutdown,
        || Models::load(&shelf()?, &job),
    )
    .unwrap();
    let Outcome::Finished(report) = outcome else {
        panic!("interrupted")
    };
    assert_eq!(report.counts.records, 60);
    assert_eq!(report.counts.rejected, usize::from(title.is_some()));
    let records = std::fs::read_to_string(place.path().join("run/records.jsonl")).unwrap();
    for line in records.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        for to in ["ru", "ar"] {
            let translation = &record["translations"][to];
            assert_eq!(translation["via"], "en", "{translation}");
            let model = translation["model"].as_str().unwrap();
            assert!(
                model.starts_with("fa-en@") && model.contains(&format!(" → en-{to}@")),
                "{model}"
            );
        }
    }
    let loads = *loads.lock().unwrap();
    let rejected = std::fs::read_to_string(place.path().join("run/rejected.jsonl")).unwrap();
    (loads, memory.most.load(Ordering::SeqCst), rejected)
}

#[test]
fn a_batch_of_four_models_loads_each_once_where_memory_allows() {
    let (loads, most, _) = night("1GB", None);
    assert_eq!((loads, most), (4, 4));
}

#[test]
fn a_batch_of_four_models_and_room_for_one_swaps_by_window_and_never_by_article() {
    let (loads, most, _) = night("8MB", None);
    assert_eq!(most, 1);
    // Two windows; in each the summariser, and three translators in the usual and in the strict pass.
    assert!(loads <= 2 * (1 + 2 * 3), "{loads} loads for 60 articles");
}

#[test]
fn an_article_that_fails_in_the_language_between_is_rejected_and_the_others_arrive() {
    let (_, _, rejected) = night("1GB", Some(&"آب ".repeat(30)));
    assert!(rejected.contains("model-failed"), "{rejected}");
    assert!(
        rejected.contains("in the language between: ") && rejected.contains("it says the same again"),
        "{rejected}"
    );
}
