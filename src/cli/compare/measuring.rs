//! What is measured and shown, from flags or from a manifest, and how it is written.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use khulosa::compare::significance::Test;
use khulosa::compare::study::encoded::Encoded;
use khulosa::compare::study::groups::{Material, Task, align};
use khulosa::compare::study::outputs::Run;
use khulosa::compare::study::references::References;
use khulosa::compare::study::writers::{Contents, save, write_all};
use khulosa::compare::study::{self, Against, Back, Options, frontier, tables, versions};
use khulosa::experiment::cells::Cell;
use khulosa::experiment::encode::encode;
use khulosa::experiment::manifest::{self, Manifest};
use khulosa::experiment::{ExperimentError, back};
use khulosa::job::{Job, Request};
use khulosa::shelf::Shelf;
use khulosa::text::language::Language;
use khulosa::translate::Translator;

use crate::cli::settings::environment;

/// Flags about what is measured.
#[derive(Args)]
#[command(next_help_heading = "Measures")]
pub struct Measuring {
    /// References: JSONL with id, language and reference, and perhaps title or source.
    #[arg(long = "ref", id = "references", value_name = "FILE")]
    references: Option<PathBuf>,
    /// Translate every output back into its source's language with one model, and score that; where no
    /// model is named, with pocket.
    #[arg(long, value_name = "MODEL", num_args = 0..=1, require_equals = true, default_missing_value = "pocket")]
    round_trip: Option<String>,
    /// Say how near translations are to their sources in meaning, by the encoder of one model; where no
    /// model is named, of pocket.
    #[arg(long, value_name = "MODEL", num_args = 0..=1, require_equals = true, default_missing_value = "pocket")]
    similarity: Option<String>,
    /// Compare the summaries of one article made from its versions in several languages, after translation into this
    /// language, and show what each left out; sentences are aligned by --similarity's model.
    #[arg(long, value_name = "CODE")]
    pivot: Option<Language>,
    /// Resamples for 95 % confidence intervals.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    bootstrap: usize,
    /// Paired test against the first system: bootstrap or randomisation.
    #[arg(long, value_name = "TEST", value_parser = Test::parse, default_value = "bootstrap")]
    test: Test,
    /// Trials of the test [default: 1000, or 10000 for randomisation].
    #[arg(long, value_name = "N")]
    trials: Option<usize>,
    /// Seed of all resampling.
    #[arg(long, value_name = "N", default_value_t = 12345)]
    seed: u64,
    /// Most articles that the page shows, those with the largest disagreement first.
    #[arg(long, value_name = "N", default_value_t = ITEMS)]
    items: usize,
}

/// Articles on the page unless asked otherwise.
const ITEMS: usize = 200;

/// The same, wherever it comes from.
pub struct Shown {
    references: Option<PathBuf>,
    round_trip: Option<String>,
    similarity: Option<String>,
    pivot: Option<Language>,
    options: Options,
    items: usize,
}

/// What models say of outputs.
#[derive(Default)]
pub struct Said {
    back: Option<Back>,
    encoded: Option<Encoded>,
}

impl Measuring {
    pub fn shown(&self) -> Shown {
        Shown {
            references: self.references.clone(),
            round_trip: self.round_trip.clone(),
            similarity: self
                .similarity
                .clone()
                .or_else(|| self.pivot.map(|_| "pocket".to_owned())),
            pivot: self.pivot,
            options: Options {
                bootstrap: self.bootstrap,
                test: self.test,
                trials: self.trials.unwrap_or(self.test.default_trials()),
                seed: self.seed,
            },
            items: self.items,
        }
    }
}

impl Shown {
    /// What a manifest says.
    pub fn of_manifest(manifest: &Manifest) -> anyhow::Result<Self> {
        Ok(Self {
            references: manifest.references.as_ref().map(|file| PathBuf::from(&file.file)),
            round_trip: manifest.measuring.round_trip.clone(),
            similarity: manifest.measuring.similarity.clone(),
            pivot: manifest.measuring.pivot,
            options: manifest.measuring.options()?,
            items: ITEMS,
        })
    }

    fn references(&self) -> anyhow::Result<Option<References>> {
        Ok(self.references.as_deref().map(References::read).transpose()?)
    }

    /// Puts runs side by side, in the target languages asked for.
    pub fn align(&self, runs: &[Run], to: Option<&[Language]>) -> anyhow::Result<Material> {
        let mut material = align(runs, self.references()?.as_ref())?;
        if let Some(to) = to {
            material
                .groups
                .retain(|group| group.task == Task::Summary || to.contains(&group.language));
        }
        Ok(material)
    }

    /// Asks models about outputs, where that was asked for; `request` says how models are run.
    pub fn ask(&self, runs: &[Run], material: &Material, request: Request) -> anyhow::Result<Said> {
        let mut said = Said::default();
        let Some(model) = self.round_trip.as_ref().or(self.similarity.as_ref()) else {
            return Ok(said);
        };
        let request = Request {
            inputs: Some(vec!["-".to_owned()]),
            out: Some(PathBuf::from(".")),
            translator: Some(model.clone()),
            ..request
        };
        let job = Job::from_requests([request, environment()?])?;
        // One shelf: a model that does both is loaded once.
        let shelf = Shelf::new(&job)?;
        if self.round_trip.is_some() {
            let translator = Translator::new(&shelf, &job)?;
            said.back = Some(back::translate(&translator, job.batch_tokens, runs, material)?);
        }
        if let Some(model) = &self.similarity {
            let model = shelf.get(model)?;
            said.encoded = Some(encode(&model, job.batch_tokens, runs, material)?);
        }
        Ok(said)
    }

    /// Measures, writes every format, and prints the tables. `settings` are those of each run.
    pub fn write(
        &self,
        runs: &[Run],
        material: &Material,
        said: &Said,
        settings: &[Vec<(String, String)>],
        out: &Path,
    ) -> anyhow::Result<()> {
        let references = self.references()?;
        let against = Against {
            references: references.as_ref(),
            back: said.back.as_ref(),
            encoded: said.encoded.as_ref(),
        };
        let mut study = study::compare(runs, material, against, &self.options)?;
        if let (Some(pivot), Some(encoded)) = (self.pivot, &said.encoded) {
            study.versions = Some(versions::compare(runs, &material.common, pivot, encoded)?);
        }
        if runs.len() > 1 && runs.iter().any(|run| run.speed.is_some()) {
            study.frontier = frontier::cells(&study, settings);
        }
        let contents = Contents {
            study: &study,
            material,
            runs,
            shown: self.items,
        };
        let written = write_all(out, &contents)?;
        let mut stdout = std::io::stdout().lock();
        for titled in tables::all(&study) {
            writeln!(stdout, "{}\n{}", titled.title, titled.table.plain())?;
        }
        writeln!(stdout, "{}", tables::note(&study))?;
        if study.left_out > 0 {
            let (left_out, articles) = (study.left_out, study.articles);
            writeln!(
                stdout,
                "{articles} articles compared; {left_out} left out that only some systems have."
            )?;
        }
        for path in written {
            writeln!(stdout, "written  {}", path.display())?;
        }
        Ok(())
    }

    /// Writes the manifest of cells. With `runs`, which somebody made earlier, the models that are here now must be theirs.
    pub fn manifest(&self, cells: &[Cell], runs: Option<&[Run]>, out: &Path) -> anyhow::Result<()> {
        let measuring = manifest::Measuring {
            round_trip: self.round_trip.clone(),
            similarity: self.similarity.clone(),
            pivot: self.pivot,
            ..manifest::Measuring::new(&self.options)
        };
        let manifest = Manifest::of(cells, self.references.as_deref(), measuring)?;
        let used = runs.into_iter().flatten().flat_map(Run::models);
        for used in used {
            if !manifest.models.iter().any(|model| used.starts_with(&model.identity)) {
                return Err(ExperimentError::Changed {
                    what: "a model".to_owned(),
                    expected: used.to_owned(),
                    found: manifest
                        .models
                        .iter()
                        .map(|model| model.identity.as_str())
                        .collect::<Vec<_>>()
                        .join(", "),
                }
                .into());
            }
        }
        let path = out.join(manifest::FILE_NAME);
        save(&path, manifest.to_json().as_bytes())?;
        writeln!(std::io::stdout().lock(), "written  {}", path.display())?;
        Ok(())
    }
}
