//! `khulosa doctor`: what this installation consists of, and for anything wrong the one command that mends it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use khulosa::job::Job;
use khulosa::model::resolve::is_on_disk;
use khulosa::model::{Catalogue, cache, locate};

use super::settings::{Settings, environment};

/// Free memory below which the larger models cannot be loaded, in bytes.
const LITTLE_MEMORY: u64 = 2 << 30;
/// Free disk below which a model cannot be fetched and converted, in bytes.
const LITTLE_DISK: u64 = 8 << 30;

/// Say what is installed and what is wrong.
#[derive(Args)]
pub struct Doctor {
    #[command(flatten)]
    settings: Settings,
}

/// One line of the table: what, how it is, and what would mend it.
struct Row {
    name: &'static str,
    value: String,
    state: State,
}

enum State {
    Good,
    /// Works, but worth knowing.
    Note(String),
    /// Does not work; with the command that mends it.
    Bad(String),
}

impl Doctor {
    /// Prints the table; the exit code is 0 when nothing is wrong and 1 otherwise.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        let request = khulosa::job::Request {
            inputs: Some(vec!["-".to_owned()]),
            out: Some(PathBuf::from(".")),
            ..self.settings.request()
        };
        let job = Job::from_requests([request, environment()?])?;
        let mut rows = vec![
            Row::good("khulosa", env!("CARGO_PKG_VERSION").to_owned()),
            libtorch(),
            devices(),
            Row::good("threads", format!("{} used of {} cores", job.threads, cores())),
        ];
        rows.push(folder("cache", &locate::cache_folder()));
        rows.push(folder("hub cache", &cache::hub_folder()));
        rows.extend(models(&job));
        rows.extend(room());
        let mut out = std::io::stdout().lock();
        for row in &rows {
            let (mark, advice) = match &row.state {
                State::Good => ("ok", None),
                State::Note(advice) => ("note", Some(advice)),
                State::Bad(advice) => ("BAD", Some(advice)),
            };
            writeln!(out, "{mark:<5} {:<14} {}", row.name, row.value)?;
            if let Some(advice) = advice {
                writeln!(out, "      {:<14} → {advice}", "")?;
            }
        }
        let bad = rows.iter().filter(|row| matches!(row.state, State::Bad(_))).count();
        Ok(if bad == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(super::FINISHED_WITH_REJECTIONS)
        })
    }
}

impl Row {
    fn good(name: &'static str, value: String) -> Self {
        Self {
            name,
            value,
            state: State::Good,
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Which libtorch this process runs on, by its version at build time and its file now.
fn libtorch() -> Row {
    let built = env!("KHULOSA_LIBTORCH_VERSION");
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let files = maps.lines().filter_map(|line| line.find('/').map(|at| &line[at..]));
    let file = files
        .into_iter()
        .find(|path| path.rsplit('/').next().is_some_and(|name| name.starts_with("libtorch")));
    let value = format!("{built} {}", file.unwrap_or("(loaded)"));
    if built.starts_with("2.4.") {
        Row::good("libtorch", value)
    } else {
        Row {
            name: "libtorch",
            value,
            state: State::Bad("make distclean && make build (libtorch 2.4 is needed)".to_owned()),
        }
    }
}

fn devices() -> Row {
    let cards = tch::Cuda::device_count();
    let value = if tch::Cuda::is_available() {
        format!("cpu, {cards} CUDA")
    } else {
        "cpu".to_owned()
    };
    let card_here = Path::new("/dev/nvidia0").exists();
    if card_here && !tch::Cuda::is_available() {
        let advice = "a CUDA card is here but this build has no CUDA: make distclean && make build CUDA=1".to_owned();
        return Row {
            name: "devices",
            value,
            state: State::Note(advice),
        };
    }
    Row::good("devices", value)
}

fn folder(name: &'static str, folder: &Path) -> Row {
    let size: u64 = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| entry.metadata().ok())
        .map(|metadata| metadata.len())
        .sum();
    let value = format!("{} ({})", folder.display(), bytes(size));
    // A folder that is not there yet is made when it is needed; its nearest parent must allow that.
    let existing = folder
        .ancestors()
        .find(|parent| parent.exists())
        .unwrap_or(Path::new("/"));
    let writable = tempfile::tempfile_in(existing).is_ok();
    let advice = format!("chmod u+w {}", existing.display());
    Row {
        name,
        value,
        state: if writable { State::Good } else { State::Bad(advice) },
    }
}

fn models(job: &Job) -> Vec<Row> {
    let catalogue = match Catalogue::load(&locate::card_folders(job.models.as_deref())) {
        Ok(catalogue) => catalogue,
        Err(error) => {
            let advice = "mend or remove the card".to_owned();
            return vec![Row {
                name: "models",
                value: error.to_string(),
                state: State::Bad(advice),
            }];
        }
    };
    let hub = cache::hub_folder();
    let here = catalogue.cards().filter(|card| is_on_disk(card, &hub));
    let here: Vec<&str> = here.map(|card| card.name.as_str()).collect();
    let value = format!(
        "{} of {} on disk: {}",
        here.len(),
        catalogue.names().count(),
        here.join(", ")
    );
    if here.contains(&"pocket") {
        vec![Row::good("models", value)]
    } else {
        let advice = "the built-in model is missing: set KHULOSA_DATA to the models folder of the source".to_owned();
        vec![Row {
            name: "models",
            value,
            state: State::Bad(advice),
        }]
    }
}

fn room() -> Vec<Row> {
    let system = sysinfo::System::new_with_specifics(
        sysinfo::RefreshKind::nothing().with_memory(sysinfo::MemoryRefreshKind::everything()),
    );
    let (free, all) = (system.available_memory(), system.total_memory());
    let memory = format!("{} free of {}", bytes(free), bytes(all));
    let here = std::env::current_dir().unwrap_or_default();
    let disks = sysinfo::Disks::new_with_refreshed_list();
    let disk = disks
        .iter()
        .filter(|disk| here.starts_with(disk.mount_point()))
        .max_by_key(|disk| disk.mount_point().as_os_str().len())
        .map(sysinfo::Disk::available_space);
    let note = |little: bool, advice: &str| {
        if little {
            State::Note(advice.to_owned())
        } else {
            State::Good
        }
    };
    let mut rows = vec![Row {
        name: "memory",
        value: memory,
        state: note(
            free < LITTLE_MEMORY,
            "enough for the pocket model; larger ones need more",
        ),
    }];
    if let Some(disk) = disk {
        rows.push(Row {
            name: "disk",
            value: format!("{} free at {}", bytes(disk), here.display()),
            state: note(
                disk < LITTLE_DISK,
                "a large model needs up to 8 GB to be fetched and converted",
            ),
        });
    }
    rows
}

fn bytes(size: u64) -> String {
    indicatif::HumanBytes(size).to_string()
}
