//! What `khulosa run --dry-run` prints.

use std::collections::BTreeMap;

use khulosa::job::Job;
use khulosa::run::plan::{ModelsFound, Plan};

/// A few lines for people.
pub fn describe(job: &Job, plan: &Plan) -> String {
    let mut lines = vec![format!(
        "articles   {} ({}), {} duplicates",
        plan.articles,
        listed(&plan.languages),
        plan.duplicates
    )];
    if let Some(shard) = job.shard {
        lines.push(format!("shard      {shard}; the others are not counted"));
    }
    if !plan.rejected.is_empty() {
        lines.push(format!("rejected   {}", listed(&plan.rejected)));
    }
    let (summariser, translator) = match &plan.models {
        ModelsFound::Here { summariser, translator } => (summariser, translator),
        ModelsFound::ToFetch(name) => {
            lines.push(format!("models     {name} is not on disk; a run would fetch it first"));
            (&job.summariser, &job.translator)
        }
        ModelsFound::Unknown => (&job.summariser, &job.translator),
    };
    let to: Vec<&str> = job.to.iter().map(|to| to.code()).collect();
    lines.push(format!(
        "summarise  {} articles with {summariser}; {} are done",
        plan.summaries.open, plan.summaries.done
    ));
    lines.push(format!(
        "translate  up to {} sentences into {} with {translator}; {} are done",
        plan.sentences.open,
        to.join(", "),
        plan.sentences.done
    ));
    lines.push(match &plan.estimate {
        Some(estimate) => format!("time       about {}, by {}", duration(estimate.seconds), estimate.basis),
        None if plan.summaries.open + plan.sentences.open == 0 => {
            "time       a moment: nothing is to be made".to_owned()
        }
        None => "time       unknown before the models are there".to_owned(),
    });
    lines.push(format!("output     {}; nothing was written", job.out.display()));
    lines.join("\n") + "\n"
}

fn listed(counts: &BTreeMap<String, usize>) -> String {
    let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    if counts.is_empty() {
        "none".to_owned()
    } else {
        counts.join(", ")
    }
}

fn duration(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
