//! What is measured and shown, from flags or from a manifest, and how it is written.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use khulosa::compare::significance::Test;
use khulosa::compare::study::groups::{Material, Task, align};
use khulosa::compare::study::outputs::Run;
use khulosa::compare::study::references::References;
use khulosa::compare::study::writers::{Contents, save, write_all};
use khulosa::compare::study::{self, Back, Options, frontier, tables};
use khulosa::experiment::cells::Cell;
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
    options: Options,
    items: usize,
}

impl Measuring {
    pub fn shown(&self) -> Shown {
        Shown {
            references: self.references.clone(),
            round_trip: self.round_trip.clone(),
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

    /// Translates outputs back, where that was asked for; `request` says how models are run.
    pub fn round_trip(&self, runs: &[Run], material: &Material, request: Request) -> anyhow::Result<Option<Back>> {
        let Some(model) = &self.round_trip else {
            return Ok(None);
        };
        let request = Request {
            inputs: Some(vec!["-".to_owned()]),
            out: Some(PathBuf::from(".")),
            translator: Some(model.clone()),
            ..request
        };
        let job = Job::from_requests([request, environment()?])?;
        let translator = Translator::new(&Shelf::new(&job)?, &job)?;
        Ok(Some(back::translate(&translator, job.batch_tokens, runs, material)?))
    }

    /// Measures, writes every format, and prints the tables. `settings` are those of each run.
    pub fn write(
        &self,
        runs: &[Run],
        material: &Material,
        back: Option<&Back>,
        settings: &[Vec<(String, String)>],
        out: &Path,
    ) -> anyhow::Result<()> {
        let references = self.references()?;
        let mut study = study::compare(runs, material, references.as_ref(), back, &self.options)?;
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
        let measuring = manifest::Measuring::new(&self.options, self.round_trip.as_deref());
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
