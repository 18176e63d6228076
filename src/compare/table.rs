//! Tables of scores, for people (plain, Markdown), papers (LaTeX) and data frames (CSV).

use std::fmt::Write;

use unicode_segmentation::UnicodeSegmentation;

use super::metrics::Score;

/// A table whose first column is names, on the left, and whose other columns are values, on the right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new<T: Into<String>>(head: impl IntoIterator<Item = T>) -> Self {
        Self {
            head: head.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; missing cells stay empty, cells beyond the head are dropped.
    pub fn push<T: Into<String>>(&mut self, row: impl IntoIterator<Item = T>) {
        let mut row: Vec<String> = row.into_iter().map(Into::into).collect();
        row.resize(self.head.len(), String::new());
        self.rows.push(row);
    }

    /// Names of the columns.
    pub fn head(&self) -> &[String] {
        &self.head
    }

    /// Rows, each as long as the head.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    fn widths(&self, width: impl Fn(&str) -> usize) -> Vec<usize> {
        let mut widths: Vec<usize> = self.head.iter().map(|cell| width(cell)).collect();
        for row in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = width(cell).max(*widest);
            }
        }
        widths
    }

    /// Columns two spaces apart, for a terminal.
    pub fn plain(&self) -> String {
        let widths = self.widths(letters);
        let mut out = String::new();
        for row in std::iter::once(&self.head).chain(&self.rows) {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(column, (cell, width))| pad(cell, *width, column > 0))
                .collect();
            out.push_str(cells.join("  ").trim_end());
            out.push('\n');
        }
        out
    }

    /// A table of GitHub-flavoured Markdown, aligned in the source as well.
    pub fn markdown(&self) -> String {
        let escape = |cell: &str| cell.replace('|', "\\|");
        let widths = self.widths(|cell| letters(&escape(cell)).max(3));
        let line = |row: &[String]| {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(column, (cell, width))| pad(&escape(cell), *width, column > 0))
                .collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule: Vec<String> = widths
            .iter()
            .enumerate()
            .map(|(column, width)| {
                if column > 0 {
                    format!("{}:", "-".repeat(width - 1))
                } else {
                    "-".repeat(*width)
                }
            })
            .collect();
        let mut out = line(&self.head) + &line(&rule);
        self.rows.iter().for_each(|row| out.push_str(&line(row)));
        out
    }

    /// A `tabular` with the rules of the package booktabs.
    pub fn latex(&self) -> String {
        let line = |row: &[String]| {
            let cells: Vec<String> = row.iter().map(|cell| latex_text(cell)).collect();
            format!("{} \\\\\n", cells.join(" & "))
        };
        let columns = format!("l{}", "r".repeat(self.head.len().saturating_sub(1)));
        let mut out = format!(
            "\\begin{{tabular}}{{{columns}}}\n\\toprule\n{}\\midrule\n",
            line(&self.head)
        );
        self.rows.iter().for_each(|row| out.push_str(&line(row)));
        out.push_str("\\bottomrule\n\\end{tabular}\n");
        out
    }

    /// RFC 4180, with line feeds.
    pub fn csv(&self) -> String {
        let mut out = String::new();
        for row in std::iter::once(&self.head).chain(&self.rows) {
            for (column, cell) in row.iter().enumerate() {
                let comma = if column > 0 { "," } else { "" };
                let quoted = cell.contains([',', '"', '\n', '\r']);
                let cell = if quoted {
                    format!("\"{}\"", cell.replace('"', "\"\""))
                } else {
                    cell.clone()
                };
                let _ = write!(out, "{comma}{cell}");
            }
            out.push('\n');
        }
        out
    }
}

/// Letters as a reader counts them.
fn letters(text: &str) -> usize {
    text.graphemes(true).count()
}

fn pad(cell: &str, width: usize, right: bool) -> String {
    let space = " ".repeat(width.saturating_sub(letters(cell)));
    if right {
        format!("{space}{cell}")
    } else {
        format!("{cell}{space}")
    }
}

/// A text in which LaTeX finds no command.
pub fn latex_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', letter]),
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '±' => out.push_str("$\\pm$"),
            'μ' => out.push_str("$\\mu$"),
            _ => out.push(letter),
        }
    }
    out
}

/// One row a system, one column a metric; all systems were scored by the same metrics.
pub fn of_scores<'a>(systems: impl IntoIterator<Item = (&'a str, &'a [Score])>) -> Table {
    let systems: Vec<_> = systems.into_iter().collect();
    let metrics = systems.first().map_or(&[][..], |(_, scores)| *scores);
    let mut table = Table::new(std::iter::once("System").chain(metrics.iter().map(|score| score.name.as_str())));
    for (name, scores) in systems {
        table.push(std::iter::once(name.to_owned()).chain(scores.iter().map(cell)));
    }
    table
}

/// `31.42`, or `31.42 ± 1.07` where an interval was computed.
pub fn cell(score: &Score) -> String {
    match score.confidence {
        Some(found) => format!("{:.2} ± {:.2}", score.value, found.half_width),
        None => format!("{:.2}", score.value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["System", "BLEU"]);
        table.push(["a|b, c_d", "9.50"]);
        table.push(["хулоса", "31.42"]);
        table
    }

    #[test]
    fn every_form_aligns_and_escapes() {
        assert_eq!(table().plain(), "System     BLEU\na|b, c_d   9.50\nхулоса    31.42\n");
        assert_eq!(
            table().markdown(),
            "| System    |  BLEU |\n| --------- | ----: |\n| a\\|b, c_d |  9.50 |\n| хулоса    | 31.42 |\n"
        );
        assert_eq!(table().csv(), "System,BLEU\n\"a|b, c_d\",9.50\nхулоса,31.42\n");
        assert!(table().latex().contains("a|b, c\\_d & 9.50 \\\\\n"));
    }
}
