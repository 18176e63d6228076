//! A drawing in SVG, as small as what the plots need: lines, marks, texts, and a scale with round ticks.

use std::fmt::Write as _;

/// A drawing that grows.
pub struct Drawing {
    width: f64,
    height: f64,
    body: String,
}

/// Shapes that tell systems apart where colours do not.
const SHAPES: usize = 5;

impl Drawing {
    pub fn new(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            body: String::new(),
        }
    }

    pub fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), class: &str) {
        let _ = write!(
            self.body,
            r#"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" class="{class}"/>"#
        );
    }

    pub fn rectangle(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), class: &str) {
        let _ = write!(
            self.body,
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" class="{class}"/>"#
        );
    }

    /// The mark of a system, with a tooltip.
    pub fn mark(&mut self, system: usize, (x, y): (f64, f64), tooltip: &str) {
        let _ = write!(self.body, r#"<g class="mark s{}">"#, system % 8);
        let r = 4.0;
        let _ = match system % SHAPES {
            0 => write!(self.body, r#"<circle cx="{x:.1}" cy="{y:.1}" r="{r}">"#),
            1 => {
                let (x, y, side) = (x - r, y - r, 2.0 * r);
                write!(
                    self.body,
                    r#"<rect x="{x:.1}" y="{y:.1}" width="{side}" height="{side}">"#
                )
            }
            shape => {
                let corners: &[(f64, f64)] = match shape {
                    2 => &[(0.0, -1.3), (1.2, 0.9), (-1.2, 0.9)],
                    3 => &[(0.0, -1.4), (1.4, 0.0), (0.0, 1.4), (-1.4, 0.0)],
                    _ => &[(0.0, 1.3), (1.2, -0.9), (-1.2, -0.9)],
                };
                let points: Vec<String> = corners
                    .iter()
                    .map(|(dx, dy)| format!("{:.1},{:.1}", x + dx * r, y + dy * r))
                    .collect();
                write!(self.body, r#"<polygon points="{}">"#, points.join(" "))
            }
        };
        let name = match system % SHAPES {
            0 => "circle",
            1 => "rect",
            _ => "polygon",
        };
        let _ = write!(self.body, "<title>{}</title></{name}></g>", escaped(tooltip));
    }

    /// `anchor` is `start`, `middle` or `end`.
    pub fn text(&mut self, (x, y): (f64, f64), anchor: &str, text: &str) {
        let _ = write!(
            self.body,
            r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{}</text>"#,
            escaped(text)
        );
    }

    /// The whole drawing; `title` is what a screen reader says. It passes over a drawing without one, such as a mark
    /// beside its name.
    pub fn finish(self, title: &str) -> String {
        let Self { width, height, body } = self;
        let said = if title.is_empty() {
            r#"aria-hidden="true""#.to_owned()
        } else {
            format!(r#"role="img" aria-label="{}""#, escaped(title))
        };
        format!(
            r#"<svg viewBox="0 0 {width:.0} {height:.0}" width="{width:.0}" height="{height:.0}" {said}>{body}</svg>"#
        )
    }
}

/// From values to places on the page.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// A scale that holds all values with a little room, from `from` to `to` on the page.
    pub fn over(values: impl IntoIterator<Item = f64>, from: f64, to: f64) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.into_iter().filter(|value| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let room = if high > low {
            (high - low) * 0.06
        } else {
            high.abs().max(1.0) * 0.1
        };
        // Rates and counts never fall below 0, so neither does their axis.
        let floor = if low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
        Self {
            low: (low - room).max(floor),
            high: high + room,
            from,
            to,
        }
    }

    pub fn at(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// Three to seven round values.
    pub fn ticks(&self) -> Vec<f64> {
        let rough = (self.high - self.low) / 5.0;
        let power = 10.0_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|factor| factor * power)
            .into_iter()
            .find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let first = (self.low / step).ceil();
        (0..=10)
            .map(|index| (first + f64::from(index)) * step)
            .take_while(|tick| *tick <= self.high)
            .collect()
    }
}

/// A tick without digits that say nothing.
pub fn tick(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let scale = Scale::over([21.3, 36.7], 0.0, 100.0);
        assert_eq!(scale.ticks(), [25.0, 30.0, 35.0]);
        let same = Scale::over([5.0, 5.0], 0.0, 100.0);
        assert!((3..=11).contains(&same.ticks().len()), "{:?}", same.ticks());
        assert!(Scale::over([], 0.0, 1.0).at(0.5).is_finite());
        assert!(Scale::over([0.0, 3.0], 0.0, 1.0).ticks()[0] >= 0.0);
    }

    #[test]
    fn what_a_tooltip_says_is_escaped() {
        let mut drawing = Drawing::new(10.0, 10.0);
        drawing.mark(7, (1.0, 1.0), "a<b&\"c\"");
        assert!(drawing.finish("x").contains("a&lt;b&amp;&quot;c&quot;"));
    }

    #[test]
    fn a_drawing_with_nothing_to_say_is_hidden_from_screen_readers() {
        let named = Drawing::new(10.0, 10.0).finish("Scores");
        assert!(named.contains(r#"role="img" aria-label="Scores""#), "{named}");
        let unnamed = Drawing::new(10.0, 10.0).finish("");
        assert!(
            unnamed.contains(r#"aria-hidden="true""#) && !unnamed.contains("role"),
            "{unnamed}"
        );
    }
}
