//! `khulosa models`: what models there are, what is known about them, which are on disk, and how they get there.

mod route;
mod store;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use khulosa::job::{Job, Request};
use khulosa::model::{self, Access, Card, Catalogue, LicenceRule, cache, locate};
use khulosa::shelf::Shelf;
use khulosa::text::language::Language;
use serde_json::json;

use super::settings::environment;

/// List, show, fetch, check and move models.
#[derive(Args)]
pub struct Models {
    #[command(subcommand)]
    command: Command,
    /// Folder with further model cards.
    #[arg(long, value_name = "DIR", global = true)]
    models: Option<PathBuf>,
    /// Which licences may be used: any, non-commercial or open [default: any].
    #[arg(long, value_name = "RULE", value_parser = super::settings::licence, global = true)]
    licence: Option<LicenceRule>,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// One line a model.
    List,
    /// Everything that the card of a model says.
    Show {
        /// The card's name.
        name: String,
    },
    /// What `auto` would take, and why.
    Route(route::RouteArguments),
    /// Fetch models from the hub.
    Pull {
        /// Card names or hf:organisation/name[@revision].
        #[arg(required = true, value_name = "MODEL")]
        names: Vec<String>,
        /// Never open a network connection.
        #[arg(long, hide = true)]
        offline: bool,
    },
    /// Read every byte of models on disk.
    Verify {
        /// Card names, folders or hf:organisation/name[@revision].
        #[arg(required = true, value_name = "MODEL")]
        names: Vec<String>,
    },
    /// Remove converted weights that are old or too much.
    Prune(store::Prune),
    /// Write a model to a tar, for a machine without internet.
    Export {
        /// Card name, folder or hf:organisation/name[@revision].
        #[arg(value_name = "MODEL")]
        name: String,
        /// The tar.
        #[arg(value_name = "TAR")]
        to: PathBuf,
    },
    /// Put exported models in their place.
    Import {
        /// Tars that export wrote.
        #[arg(required = true, value_name = "TAR")]
        tars: Vec<PathBuf>,
        /// Where models go that came from no hub.
        #[arg(long, value_name = "DIR", default_value = ".")]
        into: PathBuf,
    },
}

impl Models {
    /// Prints the table.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        let settings = match &self.command {
            Command::Route(route) => route.request(),
            _ => Request::default(),
        };
        let request = Request {
            inputs: Some(vec!["-".to_owned()]),
            out: Some(PathBuf::from(".")),
            models: self.models,
            licence: self.licence,
            ..settings
        };
        let job = Job::from_requests([request, environment()?])?;
        let catalogue = Catalogue::load(&locate::card_folders(job.models.as_deref()))?;
        let access = Access {
            licence: job.licence,
            ..Access::offline()
        };
        let mut out = std::io::stdout().lock();
        match self.command {
            Command::List if self.json => {
                let rows: Vec<_> = catalogue.cards().map(|card| object(card, &access)).collect();
                writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
            }
            Command::List => {
                writeln!(
                    out,
                    "{:<22} {:<10} {:<9} {:<8} languages",
                    "model", "task", "on disk", "allowed"
                )?;
                for card in catalogue.cards() {
                    let yes = |yes: bool| if yes { "yes" } else { "no" };
                    writeln!(
                        out,
                        "{:<22} {:<10} {:<9} {:<8} {}",
                        card.name,
                        task(card),
                        yes(on_disk(card)),
                        yes(card.licence.is_allowed_by(job.licence)),
                        languages(card, 8),
                    )?;
                }
            }
            Command::Show { name } if self.json => {
                let card = catalogue.card(&name)?;
                writeln!(out, "{}", serde_json::to_string_pretty(&object(card, &access))?)?;
            }
            Command::Show { name } => show(catalogue.card(&name)?, access.licence, &mut out)?,
            Command::Route(arguments) => {
                let shelf = Shelf::new(&job)?;
                return arguments.execute(&shelf.routing(), self.json, &mut out);
            }
            Command::Pull { names, offline } => {
                let offline = store::is_offline(offline || job.offline);
                return store::pull(&names, &catalogue, &access, offline, &mut out);
            }
            Command::Verify { names } => return store::verify(&names, &catalogue, &access, &mut out),
            Command::Prune(prune) => return prune.execute(&mut out),
            Command::Export { name, to } => return store::export(&name, &to, &catalogue, &access, &mut out),
            Command::Import { tars, into } => return store::import(&tars, &into, &access, &mut out),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn on_disk(card: &Card) -> bool {
    model::resolve::is_on_disk(card, &cache::hub_folder())
}

fn task(card: &Card) -> &'static str {
    match card.task {
        model::Task::Translate => "translate",
        model::Task::Summarise => "summarise",
    }
}

/// The first languages of a model, those that this project cares about most before the others.
fn languages(card: &Card, most: usize) -> String {
    let first = [Language::ENGLISH, Language::RUSSIAN, Language::ARABIC, Language::TAJIK];
    let known = first
        .into_iter()
        .filter(|language| card.languages.contains_key(language));
    let others = card
        .languages
        .keys()
        .copied()
        .filter(|language| !first.contains(language));
    let codes: Vec<&str> = known.chain(others).take(most).map(Language::code).collect();
    let more = card.languages.len().saturating_sub(codes.len());
    if more == 0 {
        codes.join(" ")
    } else {
        format!("{} and {more} more", codes.join(" "))
    }
}

fn object(card: &Card, access: &Access) -> serde_json::Value {
    json!({
        "card": card,
        "on_disk": on_disk(card),
        "allowed": card.licence.is_allowed_by(access.licence),
    })
}

fn show(card: &Card, rule: LicenceRule, out: &mut impl Write) -> std::io::Result<()> {
    let place = match &card.place {
        model::Place::Hub { repository, revision } => format!("hf:{repository}@{revision}"),
        model::Place::Folder(folder) => folder.display().to_string(),
    };
    let memory: Vec<String> = card
        .size
        .memory
        .iter()
        .map(|(precision, size)| format!("{precision} {size} MB"))
        .collect();
    let use_of = |allowed: bool| if allowed { "allowed" } else { "not allowed" };
    writeln!(out, "{}: {}", card.name, card.title)?;
    let mut row = |name: &str, value: &str| {
        if value.is_empty() {
            Ok(())
        } else {
            writeln!(out, "  {name:<13} {value}")
        }
    };
    row("task", task(card))?;
    row("architecture", card.architecture.usual_family())?;
    row("place", &place)?;
    row("on disk", if on_disk(card) { "yes" } else { "no" })?;
    row("licence", &card.licence.name)?;
    row("commerce", use_of(card.licence.commercial))?;
    row("government", use_of(card.licence.government))?;
    let fits = if card.licence.is_allowed_by(rule) { "yes" } else { "no" };
    row("allowed", &format!("{fits}, by licence = \"{}\"", rule.name()))?;
    row("", card.licence.note.as_deref().unwrap_or_default())?;
    row(
        "parameters",
        &format!("{:.1} million", card.size.parameters as f64 / 1e6),
    )?;
    row("memory", &memory.join(", "))?;
    row("longest source", &format!("{} tokens", card.max_source))?;
    row("languages", &languages(card, usize::MAX))?;
    row("note", card.note.as_deref().unwrap_or_default())?;
    for score in &card.scores {
        let (from, to) = (score.from.code(), score.to.code());
        let score = format!(
            "{} {from}→{to} {} {} ({})",
            score.test, score.metric, score.value, score.source
        );
        row("score", &score)?;
    }
    Ok(())
}
