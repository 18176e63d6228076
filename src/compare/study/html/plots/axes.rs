//! What plots of one kind share: the ticks, grid lines and labels around their marks.

use super::svg::{Drawing, Scale, tick};

pub const WIDTH: f64 = 460.0;
/// Room at the right edge.
const RIGHT: f64 = 16.0;

/// One value against another.
pub struct Plane {
    pub drawing: Drawing,
    across: Scale,
    up: Scale,
}

impl Plane {
    /// Room on the left for the values upwards, and below for those across and what they are.
    const LEFT: f64 = 60.0;
    const BELOW: f64 = 44.0;
    const ABOVE: f64 = 10.0;

    /// A plane that holds all points; `label` says what goes across.
    pub fn over(points: impl Iterator<Item = (f64, f64)> + Clone, height: f64, label: &str) -> Self {
        let (left, right, foot) = (Self::LEFT, WIDTH - RIGHT, height - Self::BELOW);
        let across = Scale::over(points.clone().map(|point| point.0), left, right);
        let up = Scale::over(points.map(|point| point.1), foot, Self::ABOVE);
        let mut drawing = Drawing::new(WIDTH, height);
        for value in across.ticks() {
            drawing.line((across.at(value), Self::ABOVE), (across.at(value), foot), "grid");
            drawing.text((across.at(value), height - 28.0), "middle", &tick(value));
        }
        for value in up.ticks() {
            drawing.line((left, up.at(value)), (right, up.at(value)), "grid");
            drawing.text((left - 8.0, up.at(value) + 4.0), "end", &tick(value));
        }
        drawing.text((f64::midpoint(left, WIDTH), height - 8.0), "middle", label);
        Self { drawing, across, up }
    }

    /// Where a point lies on the page.
    pub fn at(&self, (across, up): (f64, f64)) -> (f64, f64) {
        (self.across.at(across), self.up.at(up))
    }
}

/// One row a system, in a group for each language, below one another.
pub struct Rows {
    pub drawing: Drawing,
    pub scale: Scale,
    systems: f64,
    top: f64,
}

impl Rows {
    const LEFT: f64 = 120.0;
    const ROW: f64 = 16.0;
    const GAP: f64 = 14.0;

    /// Rows on a scale that holds all values.
    pub fn over(values: impl IntoIterator<Item = f64>, groups: usize, systems: usize) -> Self {
        let scale = Scale::over(values, Self::LEFT, WIDTH - RIGHT);
        let systems = systems as f64;
        let height = groups as f64 * (systems * Self::ROW + Self::GAP) + 30.0;
        let mut drawing = Drawing::new(WIDTH, height);
        for value in scale.ticks() {
            drawing.line((scale.at(value), 4.0), (scale.at(value), height - 24.0), "grid");
            drawing.text((scale.at(value), height - 8.0), "middle", &tick(value));
        }
        Self {
            drawing,
            scale,
            systems,
            top: Self::GAP / 2.0,
        }
    }

    /// Writes the next group's name beside its rows; returns how high each system's row lies.
    pub fn group(&mut self, name: &str) -> impl Fn(usize) -> f64 + use<> {
        let top = self.top;
        let middle = top + self.systems * Self::ROW / 2.0 + 4.0;
        self.drawing.text((Self::LEFT - 10.0, middle), "end", name);
        self.top += self.systems * Self::ROW + Self::GAP;
        move |system| top + (system as f64 + 0.5) * Self::ROW
    }
}
