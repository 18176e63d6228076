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

/// Repeats its source.
struct Echo {
    limits: Limits,
    memory: Arc<Memory>,
}

impl Engine for Echo {
    fn generate(&self, batch: &[Vec<u32>], how: &Decoding) -> Result<Vec<Generated>, EngineError> {
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

/// Runs sixty Persian articles into Russian and Arabic, by way of English; returns loads and the most engines at a time.
fn night(memory: &str) -> (usize, usize) {
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
    std::fs::write(&input, (0..60).map(article).collect::<String>()).unwrap();
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
    assert_eq!((report.counts.records, report.counts.rejected), (60, 0));
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
    (loads, memory.most.load(Ordering::SeqCst))
}

#[test]
fn a_batch_of_four_models_loads_each_once_where_memory_allows() {
    assert_eq!(night("1GB"), (4, 4));
}

#[test]
fn a_batch_of_four_models_and_room_for_one_swaps_by_window_and_never_by_article() {
    let (loads, most) = night("8MB");
    assert_eq!(most, 1);
    // Two windows; in each the summariser, and three translators in the usual and in the strict pass.
    assert!(loads <= 2 * (1 + 2 * 3), "{loads} loads for 60 articles");
}
