//! Token ids in, token ids out, one JSON object a line: the researchers' door to a model.

use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};

use super::{Decoding, Engine, EngineError, Hypothesis};

#[derive(Deserialize)]
struct Input {
    ids: Vec<u32>,
}

#[derive(Serialize)]
struct Output<'a> {
    ids: &'a [u32],
    score: f64,
}

/// Generates for every line `{"ids":[…]}` of `input` and writes `{"ids":[…],"score":…}`, `n_best` lines a source, in
/// order. Lines are gathered up to `batch_tokens` (longest source × sources) and decoded together.
///
/// # Errors
/// When a line is not such an object, cannot be read or written, or the engine fails; the error names the line.
pub fn generate(
    engine: &dyn Engine,
    how: &Decoding,
    batch_tokens: usize,
    input: impl BufRead,
    out: &mut dyn Write,
) -> Result<(), EngineError> {
    let (mut batch, mut lines, mut longest): (Vec<Vec<u32>>, Vec<usize>, usize) = (Vec::new(), Vec::new(), 0);
    for (number, line) in input.lines().enumerate() {
        let wrong = |message: String| EngineError::Line {
            line: number + 1,
            message,
        };
        let line = line.map_err(|error| wrong(format!("cannot read: {error}")))?;
        if line.trim().is_empty() {
            continue;
        }
        let Input { ids } =
            serde_json::from_str(&line).map_err(|error| wrong(format!("expected {{\"ids\":[…]}}, found {error}")))?;
        if !batch.is_empty() && longest.max(ids.len()) * (batch.len() + 1) > batch_tokens {
            flush(engine, how, &mut batch, &lines, out)?;
            lines.clear();
            longest = 0;
        }
        longest = longest.max(ids.len());
        batch.push(ids);
        lines.push(number + 1);
    }
    flush(engine, how, &mut batch, &lines, out)
}

fn flush(
    engine: &dyn Engine,
    how: &Decoding,
    batch: &mut Vec<Vec<u32>>,
    lines: &[usize],
    out: &mut dyn Write,
) -> Result<(), EngineError> {
    let line = |index: usize| lines.get(index).copied().unwrap_or_default();
    let generated = engine.generate(batch, how).map_err(|error| match error {
        EngineError::Source { index, message } => EngineError::Line {
            line: line(index),
            message,
        },
        other => other,
    })?;
    for (index, generated) in generated.iter().enumerate() {
        for Hypothesis { ids, score } in &generated.hypotheses {
            let wrong = |message: String| EngineError::Line {
                line: line(index),
                message,
            };
            let text =
                serde_json::to_string(&Output { ids, score: *score }).map_err(|error| wrong(error.to_string()))?;
            writeln!(out, "{text}").map_err(|error| wrong(format!("cannot write: {error}")))?;
        }
    }
    batch.clear();
    Ok(())
}
