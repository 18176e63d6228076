//! A study as tables for people: in every group what concerns quality, what the checks found, and who agrees with whom.

use super::Study;
use super::frontier::Cell;
use super::scores::{GroupScores, Value};
use super::versions::Versions;
use crate::compare::agreement;
use crate::compare::table::Table;

/// A table with what it is about.
pub struct Titled {
    pub title: String,
    pub table: Table,
}

/// All tables of a study.
pub fn all(study: &Study) -> Vec<Titled> {
    let mut tables = Vec::new();
    for group in &study.groups {
        let title = group.title();
        tables.push(Titled {
            title: format!("Quality, {title}"),
            table: of_values(group, |value| !is_rate(value)),
        });
        tables.push(Titled {
            title: format!("Texts with findings, {title}"),
            table: of_values(group, is_rate),
        });
        if group.systems.len() > 2 {
            let names: Vec<String> = group.systems.iter().map(|system| system.name.clone()).collect();
            tables.push(Titled {
                title: format!("Agreement of every two, {title}"),
                table: agreement::table(&names, &group.agreement),
            });
        }
    }
    if let Some(versions) = &study.versions {
        tables.push(Titled {
            title: format!(
                "Summaries of one article from two of its versions, in {}",
                versions.pivot.english_name()
            ),
            table: of_versions(versions),
        });
    }
    if !study.frontier.is_empty() {
        tables.push(Titled {
            title: "Quality against speed".to_owned(),
            table: frontier(&study.frontier),
        });
    }
    tables
}

/// Whether a measure is a rate of findings.
pub fn is_rate(value: &Value) -> bool {
    value.measure == "flagged" || value.measure.starts_with("check:")
}

/// One row a system.
fn of_values(group: &GroupScores, is_wanted: impl Fn(&Value) -> bool) -> Table {
    let head = group.systems.first().into_iter().flat_map(|system| &system.values);
    let head: Vec<&str> = head
        .filter(|value| is_wanted(value))
        .map(|value| value.title.as_str())
        .collect();
    let mut table = Table::new(["System", "texts"].into_iter().chain(head));
    for system in &group.systems {
        let values: Vec<&Value> = system.values.iter().filter(|value| is_wanted(value)).collect();
        let texts = group.articles.len().to_string();
        table.push(
            [system.name.clone(), texts]
                .into_iter()
                .chain(values.into_iter().map(cell)),
        );
    }
    table
}

/// `31.42 ± 1.07*`: the star says that it differs from the first system with p < 0.05.
pub fn cell(value: &Value) -> String {
    if value.texts == 0 {
        return "–".to_owned();
    }
    let digits = digits(&value.measure);
    let interval = value
        .confidence
        .map(|found| format!(" ± {:.digits$}", found.half_width))
        .unwrap_or_default();
    let star = match value.p_value {
        Some(p) if p < 0.05 => "*",
        _ => "",
    };
    format!("{:.digits$}{interval}{star}", value.value)
}

/// Digits after the point that a measure is shown with.
pub fn digits(measure: &str) -> usize {
    match measure {
        "length-ratio" | "model-score" => 3,
        _ if measure == "flagged" || measure.starts_with("check:") => 1,
        _ => 2,
    }
}

/// One row for every system and two languages.
fn of_versions(versions: &Versions) -> Table {
    let pairs = || versions.systems.iter().flat_map(|system| &system.pairs);
    let metrics = pairs().next().map_or(&[][..], |pair| &pair.scores);
    let head = ["System", "versions", "articles"].into_iter();
    let mut table = Table::new(
        head.chain(metrics.iter().map(|score| score.metric.as_str()))
            .chain(["shared %"]),
    );
    for system in &versions.systems {
        for pair in &system.pairs {
            let versions = format!("{}–{}", pair.left.code(), pair.right.code());
            let scores = pair.scores.iter().map(|score| format!("{:.2}", score.value));
            let head = [system.name.clone(), versions, pair.stories.to_string()].into_iter();
            table.push(head.chain(scores).chain([format!("{:.1}", pair.shared)]));
        }
    }
    table
}

fn frontier(cells: &[Cell]) -> Table {
    let keys = cells.first().map_or(&[][..], |cell| &cell.settings);
    let measure = cells.first().map_or("", |cell| cell.measure.as_str());
    let mut table = Table::new(
        std::iter::once("System")
            .chain(keys.iter().map(|(key, _)| key.as_str()))
            .chain([measure, "sentences/s", "best"]),
    );
    for cell in cells {
        let speed = cell
            .sentences_per_second
            .map_or("–".to_owned(), |rate| format!("{rate:.2}"));
        let best = if cell.best { "yes" } else { "" };
        table.push(
            std::iter::once(cell.system.clone())
                .chain(cell.settings.iter().map(|(_, value)| value.clone()))
                .chain([format!("{:.2}", cell.quality), speed, best.to_owned()]),
        );
    }
    table
}

/// The lines to cite: what each measure depends on, and the test.
pub fn signatures(study: &Study) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let values = study
        .groups
        .iter()
        .flat_map(|group| &group.systems)
        .flat_map(|system| &system.values);
    for value in values {
        let line = format!("{}|{}", value.measure, value.signature);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if let Some(versions) = &study.versions {
        let pair = versions.systems.iter().find_map(|system| system.pairs.first());
        let scores = pair.into_iter().flat_map(|pair| &pair.scores);
        let pivot = versions.pivot.code();
        lines.extend(scores.map(|score| format!("versions:{}|{}|pivot:{pivot}", score.metric, score.signature)));
        lines.push(format!(
            "versions:shared|sentences nearest to each other with cosine at least {}|encoder:{}",
            versions.threshold, versions.encoder
        ));
    }
    lines
}

/// What the stars and intervals are.
pub fn note(study: &Study) -> String {
    let options = &study.options;
    let interval = format!(
        "± half the 95 % interval of {} bootstrap resamples (seed {})",
        options.bootstrap, options.seed
    );
    match study.systems.first() {
        Some(first) if study.systems.len() > 1 => format!(
            "{interval}; * differs from {} with p < 0.05 (paired {}, {} trials).",
            first.name,
            match options.test.key() {
                "bs" => "bootstrap",
                _ => "approximate randomisation",
            },
            options.trials
        ),
        _ => format!("{interval}."),
    }
}
