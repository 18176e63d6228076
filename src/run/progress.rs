//! Shows how far a run is, on stderr: bars on a terminal, a plain line every 30 seconds elsewhere, or JSON events.
//!
//! Work is counted in thousandths of an article, so that the bar moves with every batch and not only when a whole
//! window of articles is done.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle as Template};
use serde_json::json;

use crate::job::ProgressStyle;
use crate::model::watch::{Downloads, Silent, Watch};

/// Parts of one article's work.
pub const PARTS: u64 = 1000;
/// Time between plain lines and between JSON events of progress.
const PLAIN_EVERY: Duration = Duration::from_secs(30);
const JSON_EVERY: Duration = Duration::from_secs(1);

/// What a batch of work belonged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Choosing or writing summaries.
    Summarise,
    /// Translating titles and summaries.
    Translate,
}

impl Stage {
    /// All stages, in the order of the lines shown.
    pub const ALL: [Self; 2] = [Self::Summarise, Self::Translate];

    /// Name in events and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Summarise => "summarise",
            Self::Translate => "translate",
        }
    }
}

/// Work done in a stage: source and generated tokens, and seconds in the engine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Work {
    /// Tokens read and written by the model.
    pub tokens: usize,
    /// Seconds spent in the engine.
    pub seconds: f64,
    /// Units made: summaries, or sentences translated.
    pub made: usize,
    /// Units that were found in the store and not made again.
    pub reused: usize,
}

impl Work {
    /// Tokens a second; 0 before any time has passed.
    pub fn rate(&self) -> f64 {
        if self.seconds > 0.0 {
            self.tokens as f64 / self.seconds
        } else {
            0.0
        }
    }
}

struct State {
    started: Instant,
    shown: Instant,
    /// Articles read so far, and whether reading is over.
    total: (usize, bool),
    parts: u64,
    work: [Work; 2],
}

/// Shows progress in one style; usable from several threads.
pub struct Progress {
    style: Style,
    state: Mutex<State>,
}

enum Style {
    Bars {
        articles: ProgressBar,
        stages: [ProgressBar; 2],
        all: MultiProgress,
    },
    Plain,
    Json,
    Silent,
}

impl Progress {
    /// Starts in the style asked for; `Auto` looks at stderr.
    pub fn new(style: ProgressStyle) -> Self {
        let style = match style {
            ProgressStyle::Auto if std::io::stderr().is_terminal() => bars(),
            ProgressStyle::Auto | ProgressStyle::Plain => Style::Plain,
            ProgressStyle::Json => Style::Json,
            ProgressStyle::None => Style::Silent,
        };
        let now = Instant::now();
        let state = State {
            started: now,
            shown: now,
            total: (0, false),
            parts: 0,
            work: [Work::default(); 2],
        };
        Self {
            style,
            state: Mutex::new(state),
        }
    }

    /// Shows downloads in the same style, among the bars where there are some.
    pub fn downloads(&self) -> Arc<dyn Watch> {
        match &self.style {
            Style::Bars { all, .. } => Arc::new(Downloads::among(all.clone())),
            Style::Plain => Arc::new(Downloads::lines()),
            Style::Json => Arc::new(Downloads::events()),
            Style::Silent => Arc::new(Silent),
        }
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        match &self.style {
            Style::Bars { articles, stages, .. } => {
                articles.set_length((state.total.0 as u64 * PARTS).max(1));
                articles.set_position(state.parts);
                for (bar, (stage, work)) in stages.iter().zip(Stage::ALL.into_iter().zip(state.work)) {
                    bar.set_message(stage_line(stage, work));
                }
            }
            Style::Plain if state.shown.elapsed() >= PLAIN_EVERY => {
                state.shown = Instant::now();
                say(&plain_line(&state));
            }
            Style::Json if state.shown.elapsed() >= JSON_EVERY => {
                state.shown = Instant::now();
                say(&event("progress", &state).to_string());
            }
            _ => {}
        }
    }

    /// Tells how many articles have been read, and whether those are all.
    pub fn read(&self, articles: usize, all: bool) {
        self.update(|state| state.total = (articles, all));
    }

    /// Counts thousandths of articles as done.
    pub fn advance(&self, parts: u64) {
        self.update(|state| state.parts += parts);
    }

    /// Counts a batch's work.
    pub fn worked(&self, stage: Stage, tokens: usize, time: Duration) {
        self.update(|state| {
            let work = &mut state.work[stage as usize];
            work.tokens += tokens;
            work.seconds += time.as_secs_f64();
        });
    }

    /// Counts units that are made and in the store.
    pub fn made(&self, stage: Stage, units: usize) {
        self.update(|state| state.work[stage as usize].made += units);
    }

    /// Counts a unit that the store had.
    pub fn reused(&self, stage: Stage) {
        self.update(|state| state.work[stage as usize].reused += 1);
    }

    /// Work by stage so far.
    pub fn work(&self) -> [(Stage, Work); 2] {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        [(Stage::Summarise, state.work[0]), (Stage::Translate, state.work[1])]
    }

    /// Takes the bars away and leaves one last line.
    pub fn finish(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &self.style {
            Style::Bars { articles, stages, all } => {
                articles.abandon();
                stages.iter().for_each(ProgressBar::abandon);
                let _ = all.clear();
                say(&plain_line(&state));
            }
            Style::Plain => say(&plain_line(&state)),
            Style::Json => say(&event("finished", &state).to_string()),
            Style::Silent => {}
        }
    }
}

/// A closed stderr must not end a run.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

fn done(state: &State) -> u64 {
    state.parts / PARTS
}

fn stage_line(stage: Stage, work: Work) -> String {
    format!(
        "{:<10} {:>10} tokens {:>8.0} tokens/s",
        stage.name(),
        work.tokens,
        work.rate()
    )
}

fn plain_line(state: &State) -> String {
    let elapsed = state.started.elapsed().as_secs_f64();
    let more = if state.total.1 { "" } else { "+" };
    let mut line = format!("{} of {}{more} articles, {elapsed:.0} s", done(state), state.total.0);
    let total = state.total.0 as u64 * PARTS;
    if state.parts > 0 && state.parts < total {
        let left = elapsed * (total - state.parts) as f64 / state.parts as f64;
        let _ = write!(line, ", about {left:.0} s left");
    }
    for (stage, work) in Stage::ALL
        .into_iter()
        .zip(state.work)
        .filter(|(_, work)| work.tokens > 0)
    {
        let _ = write!(line, "; {} {:.0} tokens/s", stage.name(), work.rate());
    }
    line
}

fn event(name: &str, state: &State) -> serde_json::Value {
    let stages: serde_json::Map<String, serde_json::Value> = Stage::ALL
        .into_iter()
        .zip(state.work)
        .map(|(stage, work)| {
            (
                stage.name().to_owned(),
                json!({"tokens": work.tokens, "seconds": work.seconds}),
            )
        })
        .collect();
    json!({
        "event": name,
        "seconds": state.started.elapsed().as_secs_f64(),
        "articles": {"done": done(state), "read": state.total.0, "all_read": state.total.1},
        "progress": state.parts as f64 / (state.total.0 as u64 * PARTS).max(1) as f64,
        "stages": stages,
    })
}

fn bars() -> Style {
    let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(8));
    let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let bar = if colour { "{bar:32.cyan/blue}" } else { "{bar:32}" };
    let articles = all.add(ProgressBar::new(1));
    let template = format!("articles   {bar} {{done}} of {{total}}  {{rate}}  {{elapsed}} gone, {{eta}} left");
    articles.set_style(
        Template::with_template(&template)
            .unwrap_or_else(|_| Template::default_bar())
            .with_key("done", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{}", state.pos() / PARTS);
            })
            .with_key("total", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{}", state.len().unwrap_or(0) / PARTS);
            })
            .with_key("rate", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{:.1} articles/s", state.per_sec() / PARTS as f64);
            })
            .progress_chars("━╸ "),
    );
    articles.enable_steady_tick(Duration::from_millis(250));
    let stages = [0, 1].map(|_| {
        let line = all.add(ProgressBar::new_spinner());
        line.set_style(Template::with_template("{msg}").unwrap_or_else(|_| Template::default_spinner()));
        line
    });
    Style::Bars { articles, stages, all }
}
