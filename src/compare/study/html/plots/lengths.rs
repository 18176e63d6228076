//! Length ratios: for each language and system the middle half of the texts as a box, the median, and the whole range.

use super::Figure;
use super::axes::Rows;
use crate::compare::study::Study;
use crate::compare::study::groups::Task;

/// The plot, where anything was translated.
pub fn figure(study: &Study) -> Option<Figure> {
    let groups: Vec<_> = study
        .groups
        .iter()
        .filter(|group| group.task == Task::Translation)
        .collect();
    let spreads: Vec<Vec<Spread>> = groups
        .iter()
        .map(|group| {
            let values = group
                .systems
                .iter()
                .filter_map(|system| system.values.iter().find(|value| value.measure == "length-ratio"));
            values
                .filter_map(|value| Spread::of(value.sentence.iter().flatten().copied().collect()))
                .collect()
        })
        .collect();
    let ends = spreads.iter().flatten().flat_map(|spread| [spread.low, spread.high]);
    spreads.first()?.first()?;
    let mut drawn = Rows::over(ends, groups.len(), study.systems.len());
    for (group, spreads) in groups.iter().zip(&spreads) {
        let height_of = drawn.group(group.language.english_name());
        for (system, (spread, about)) in spreads.iter().zip(&group.systems).enumerate() {
            let y = height_of(system);
            let class = format!("bar s{}", system % 8);
            let [low, lower, median, upper, high] =
                [spread.low, spread.lower, spread.median, spread.upper, spread.high].map(|value| drawn.scale.at(value));
            drawn.drawing.line((low, y), (high, y), &class);
            drawn.drawing.rectangle(
                (lower, y - 5.0),
                ((upper - lower).max(1.0), 10.0),
                &format!("box s{}", system % 8),
            );
            let tooltip = format!(
                "{}: median {:.3}, {:.3} to {:.3}",
                about.name, spread.median, spread.low, spread.high
            );
            drawn.drawing.mark(system, (median, y), &tooltip);
        }
    }
    let caption = "Letters of the translation to letters of its source: range, middle half and median over texts.";
    Some(Figure {
        title: "Translation: length ratio".to_owned(),
        svg: drawn.drawing.finish(caption),
        caption: caption.to_owned(),
    })
}

struct Spread {
    low: f64,
    lower: f64,
    median: f64,
    upper: f64,
    high: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |share: f64| values.get((share * last as f64).round() as usize).copied();
        Some(Self {
            low: at(0.0)?,
            lower: at(0.25)?,
            median: at(0.5)?,
            upper: at(0.75)?,
            high: at(1.0)?,
        })
    }
}
