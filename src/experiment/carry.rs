//! Carries out the cells of an experiment, one after another, and remembers how fast each was.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::ExperimentError;
use super::cells::Cell;
use crate::compare::study::outputs::{Run, Speed};
use crate::compare::study::writers::save;
use crate::job::{AUTO, Job};
use crate::model::cache::hub_folder;
use crate::model::locate::card_folders;
use crate::model::{self, Access, Catalogue, ModelError, Resolved};
use crate::run::progress::Progress;
use crate::run::report::Counts;
use crate::run::shutdown::Shutdown;
use crate::run::{self, Outcome, Start};

/// How fast a cell was when it last had something to do; a cell that is found finished keeps its speed.
const SPEED: &str = "speed.json";

/// Makes sure that every model of the cells is on disk, or may be fetched, before hours are spent on the first of them.
///
/// # Errors
/// Naming the model that is not there.
pub fn check_models(cells: &[Cell]) -> Result<(), ExperimentError> {
    for cell in cells {
        for spec in specs(&cell.job) {
            match resolve(&cell.job, spec) {
                Err(ModelError::Missing { .. }) if !cell.job.offline => {}
                other => {
                    other?;
                }
            }
        }
    }
    Ok(())
}

/// The models that a job names; what `auto` stands for is known only when it has run.
pub(super) fn specs(job: &Job) -> impl Iterator<Item = &String> {
    let named = [&job.summariser, &job.translator]
        .into_iter()
        .chain(&job.fallback)
        .chain(job.translators.values());
    named.filter(|spec| *spec != AUTO)
}

/// A model that is on disk.
pub(super) fn resolve(job: &Job, spec: &str) -> Result<Resolved, ModelError> {
    let catalogue = Catalogue::load(&card_folders(job.models.as_deref()))?;
    let access = Access {
        hub: hub_folder(),
        fetch: None,
        licence: job.licence,
        allow_pickle: job.allow_pickle,
    };
    model::resolve(spec, &catalogue, &access)
}

/// Runs every cell; what is done already is not done again. `tell` hears of each cell before it begins, and again with its
/// counts when it has ended. `None` when the user asked to stop.
///
/// # Errors
/// As a run.
pub fn carry_out(
    cells: &[Cell],
    start: Start,
    shutdown: &Shutdown,
    tell: &mut dyn FnMut(usize, &Cell, Option<Counts>),
) -> Result<Option<Vec<Run>>, ExperimentError> {
    let mut runs = Vec::new();
    for (number, cell) in cells.iter().enumerate() {
        // A signal that came while the cell before was written down.
        if shutdown.requested() {
            return Ok(None);
        }
        tell(number, cell, None);
        let progress = Progress::new(cell.job.progress);
        let outcome = run::run(&cell.job, start, &progress, shutdown);
        progress.finish();
        match outcome? {
            Outcome::Interrupted => return Ok(None),
            Outcome::Finished(report) => tell(number, cell, Some(report.counts)),
        }
        let mut run = Run::read(&cell.job.out, &cell.name)?;
        run.speed = speed(&cell.job.out);
        if let Some(speed) = run.speed {
            // The next run's report will say only what that run did.
            save(
                &cell.job.out.join(SPEED),
                serde_json::to_string(&speed).unwrap_or_default().as_bytes(),
            )?;
        }
        runs.push(run);
    }
    Ok(Some(runs))
}

#[derive(Deserialize)]
struct Report {
    stages: std::collections::BTreeMap<String, Stage>,
}

#[derive(Deserialize)]
struct Stage {
    made: usize,
    seconds: f64,
}

/// The speed of the last run in a folder that translated something. Of two runs the one that made more counts, since the
/// last sentences of an interrupted run say little.
pub fn speed(folder: &Path) -> Option<Speed> {
    let known = read::<Speed>(&folder.join(SPEED));
    let now = read::<Report>(&folder.join("report.json")).and_then(|report| {
        let stage = report.stages.get("translate").filter(|stage| stage.made > 0)?;
        Some(Speed {
            sentences: stage.made,
            seconds: stage.seconds,
        })
    });
    let more = |speed: &Speed| speed.sentences;
    // The last of equals: the newer one.
    known.into_iter().chain(now).max_by_key(more)
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Option<T> {
    fs::read(path).ok().and_then(|text| serde_json::from_slice(&text).ok())
}
