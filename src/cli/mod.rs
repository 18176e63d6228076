//! The command line: one type a command, one file a command. Data goes to stdout, everything else to stderr.

mod compare;
mod completions;
mod doctor;
mod evaluate;
mod filter;
mod generate;
mod glossary;
mod import;
mod merge;
mod models;
mod plan;
mod printable;
mod run;
mod settings;
mod stream;
mod summarise;
mod translate;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// Exit code of a run in which articles were rejected beyond the job's limit.
const FINISHED_WITH_REJECTIONS: u8 = 1;
/// Exit code when nothing could be run.
pub const COULD_NOT_RUN: u8 = 2;

/// Summarise news articles and translate the summaries, in batches that can be stopped and resumed.
#[derive(Parser)]
#[command(name = "khulosa", version, propagate_version = true, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 all done; 1 finished, some articles rejected beyond the job's limit; \
    2 could not run; 130, 143 interrupted after a clean checkpoint."
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// How log lines look.
    #[arg(long, global = true, value_enum, default_value = "human", help_heading = "Logs")]
    log: LogFormat,
    /// What to log, as RUST_LOG has it: error, warn, info, debug, or module=level.
    #[arg(
        long,
        global = true,
        value_name = "FILTER",
        default_value = "error",
        help_heading = "Logs"
    )]
    log_level: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Run),
    Merge(merge::Merge),
    Summarise(summarise::Summarise),
    Translate(translate::Translate),
    Generate(generate::Generate),
    Import(import::Import),
    Glossary(glossary::Glossary),
    Evaluate(evaluate::Evaluate),
    Compare(compare::Compare),
    Models(models::Models),
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
    Man(completions::Man),
}

/// Reads the command line; on a mistake, prints what is wrong and exits with 2.
pub fn parse() -> Arguments {
    Arguments::parse()
}

/// Carries out the command.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Run(command) => command.execute(),
        Command::Merge(command) => command.execute(),
        Command::Summarise(command) => command.execute(),
        Command::Translate(command) => command.execute(),
        Command::Generate(command) => command.execute(),
        Command::Import(command) => command.execute(),
        Command::Glossary(command) => command.execute(),
        Command::Evaluate(command) => command.execute(),
        Command::Compare(command) => command.execute(),
        Command::Models(command) => command.execute(),
        Command::Doctor(command) => command.execute(),
        Command::Completions(command) => command.execute(),
        Command::Man(command) => command.execute(),
    }
}

/// Sends log lines to stderr.
pub fn logging(arguments: &Arguments) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&arguments.log_level)
        .map_err(|error| anyhow::anyhow!("--log-level {}: {error}", arguments.log_level))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| printable::Lines(std::io::stderr()))
        .with_ansi(false);
    match arguments.log {
        LogFormat::Human => builder.with_target(false).init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}

/// Whether the reader of our output went away, which is no failure of ours.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

/// Prints an error and its causes as one line.
pub fn complain(error: &anyhow::Error) {
    let mut line = format!("khulosa: {error}");
    for cause in error.chain().skip(1).map(ToString::to_string) {
        // Errors that quote their cause already need not say it twice.
        if !line.contains(&cause) {
            line.push_str(": ");
            line.push_str(&cause);
        }
    }
    let _ = writeln!(std::io::stderr().lock(), "{}", printable::text(&line));
}
