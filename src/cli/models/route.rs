//! `khulosa models route`: what `auto` would take, and why not the others.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use khulosa::engine::Precision;
use khulosa::job::{Bytes, Request};
use khulosa::model::Routing;
use khulosa::text::language::Language;
use serde_json::json;

/// The directions asked about.
#[derive(Args)]
pub struct RouteArguments {
    /// Language of the articles.
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    from: Language,
    /// Target languages.
    #[arg(long, value_name = "LANGUAGES", value_delimiter = ',', required = true, value_parser = language)]
    to: Vec<Language>,
    /// Only models that are on disk.
    #[arg(long)]
    offline: bool,
    /// Memory that models may take, such as 12GB [default: all that the machine has].
    #[arg(long, value_name = "SIZE")]
    memory: Option<Bytes>,
    /// Number format of the weights: int8, f32, f16 or bf16 [default: int8].
    #[arg(long, value_name = "FORMAT", value_parser = Precision::parse)]
    precision: Option<Precision>,
}

fn language(code: &str) -> Result<Language, String> {
    Language::parse(code).map_err(|error| error.to_string())
}

impl RouteArguments {
    /// What of a job the choice depends on.
    pub fn request(&self) -> Request {
        Request {
            offline: self.offline.then_some(true),
            memory: self.memory,
            precision: self.precision,
            ..Request::default()
        }
    }

    /// Prints the routes; exit code 1 when one is missing.
    pub fn execute(&self, routing: &Routing, as_json: bool, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let mut complete = true;
        let mut rows = Vec::new();
        for to in self.to.iter().copied().filter(|to| *to != self.from) {
            let route = routing.translate(self.from, to);
            complete &= route.is_ok();
            if as_json {
                rows.push(match &route {
                    Ok(route) => json!({"from": self.from, "to": to, "legs": route.legs, "via": route.via(), "passed_over": route.passed_over}),
                    Err(error) => json!({"from": self.from, "to": to, "error": error.to_string()}),
                });
                continue;
            }
            match route {
                Ok(route) => {
                    for leg in &route.legs {
                        writeln!(
                            out,
                            "{} → {}  {}: {}",
                            leg.from.code(),
                            leg.to.code(),
                            leg.model,
                            leg.why
                        )?;
                    }
                    for (name, reason) in &route.passed_over {
                        writeln!(out, "         not {name}: {reason}")?;
                    }
                }
                Err(error) => writeln!(out, "{} → {}  {error}", self.from.code(), to.code())?,
            }
        }
        if as_json {
            writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
        }
        Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}
