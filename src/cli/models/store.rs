//! `khulosa models pull|export|import|verify|prune`: models on disk.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use khulosa::engine::check_converted;
use khulosa::job::Bytes;
use khulosa::model::prune::Limits;
use khulosa::model::{Access, Catalogue, bundle, cache, files, locate, prune, resolve, verify};

/// Fetches models that are not on disk, and newer states of those that are.
#[cfg(feature = "fetch")]
pub fn pull(
    names: &[String],
    catalogue: &Catalogue,
    access: &Access,
    offline: bool,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        !offline,
        "pull needs the network: --offline, offline = true or HF_HUB_OFFLINE forbids it"
    );
    let bars = khulosa::model::watch::Downloads::new();
    let hub = khulosa::model::hub::Hub::new(khulosa::model::hub::Options::from_environment(), &bars);
    let access = Access {
        fetch: Some(&hub),
        hub: access.hub.clone(),
        ..*access
    };
    for name in names {
        let model = resolve::pull(name, catalogue, &access)?;
        writeln!(
            out,
            "{}\t{}\t{}",
            model.name,
            model.commit.as_deref().unwrap_or("-"),
            model.folder.display()
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A build without network code says so.
#[cfg(not(feature = "fetch"))]
pub fn pull(_: &[String], _: &Catalogue, _: &Access, _: bool, _: &mut impl Write) -> anyhow::Result<ExitCode> {
    anyhow::bail!(
        "this build has no network code; build with the feature `fetch`, or import a tar (khulosa models import)"
    )
}

/// Writes a model to a tar.
pub fn export(
    name: &str,
    to: &Path,
    catalogue: &Catalogue,
    access: &Access,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let model = resolve::resolve(name, catalogue, access)?;
    let manifest = bundle::export(&model, to)?;
    writeln!(
        out,
        "{}\t{} files\t{}",
        manifest.name,
        manifest.files.len(),
        to.display()
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Reads tars that `export` wrote.
pub fn import(tars: &[PathBuf], folder: &Path, access: &Access, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    for tar in tars {
        let (manifest, place) = bundle::import(tar, &access.hub, folder)?;
        writeln!(out, "{}\t{}", manifest.name, place.display())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads every byte of models; exit code 1 when one is damaged.
pub fn verify(
    names: &[String],
    catalogue: &Catalogue,
    access: &Access,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let mut whole = true;
    for name in names {
        let model = resolve::resolve(name, catalogue, access)?;
        let damage = verify::model(&model.folder, &files::find(name, &model.folder, "")?.names);
        whole &= damage.is_empty();
        if damage.is_empty() {
            writeln!(out, "{name}\tgood\t{}", model.hash)?;
            match check_converted(&model.folder, &locate::cache_folder())? {
                Some((path, true)) => writeln!(out, "{name}\tconverted\tgood: {}", path.display())?,
                // No fault of the model's: they are made anew when it is next loaded.
                Some((path, false)) => {
                    let use_of = if prune::is_in_use(&path) { "in use, " } else { "" };
                    writeln!(
                        out,
                        "{name}\tconverted\tdamaged, {use_of}to be made anew: {}",
                        path.display()
                    )?;
                }
                None => {}
            }
        }
        for damage in damage {
            writeln!(out, "{name}\tdamaged\t{}: {}", damage.file, damage.message)?;
        }
    }
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What may stay in the cache of converted weights.
#[derive(Args)]
pub struct Prune {
    /// Remove what was not used for so long, 30d or 12h for instance.
    #[arg(long, value_name = "TIME", value_parser = age)]
    older_than: Option<Duration>,
    /// Remove the least recently used until no more than this is left, 20GB for instance.
    #[arg(long, value_name = "SIZE")]
    keep: Option<Bytes>,
    /// Only say what would go.
    #[arg(long)]
    dry_run: bool,
}

impl Prune {
    /// Prunes, and tells what went.
    pub fn execute(&self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        anyhow::ensure!(
            self.older_than.is_some() || self.keep.is_some(),
            "give --older-than, --keep or both"
        );
        let limits = Limits {
            age: self.older_than,
            size: self.keep.map(|keep| keep.0),
        };
        for pruned in prune::prune(&locate::cache_folder(), limits, self.dry_run)? {
            let what = if pruned.in_use {
                "in use"
            } else if self.dry_run {
                "would go"
            } else {
                "removed"
            };
            writeln!(
                out,
                "{what}\t{:.1} MB\t{}",
                pruned.size as f64 / 1e6,
                pruned.path.display()
            )?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Whether the network is not to be used.
pub fn is_offline(job: bool) -> bool {
    job || cache::is_offline_by_environment()
}

fn age(text: &str) -> Result<Duration, String> {
    let wrong = || format!("expected a time such as 30d or 12h, found {text}");
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (count, unit) = text.split_at(digits);
    let seconds = match unit.trim() {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        _ => return Err(wrong()),
    };
    let count = count.parse::<u64>().ok().and_then(|count| count.checked_mul(seconds));
    count.map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_write_them() {
        assert_eq!(age("30d"), Ok(Duration::from_hours(30 * 24)));
        for wrong in ["", "d", "30", "3x", "99999999999999999999d", "-1d"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }
}
