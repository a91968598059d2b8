//! Curves over an axis of powers of ten.

use super::scale::{short, ticks};
use super::svg::{Anchor, Drawing, NOTE, SERIES, TITLE};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 40.0;
const TOP: f64 = 84.0;
const BOTTOM: f64 = 64.0;

/// What is drawn.
#[derive(Debug)]
pub(super) struct Curves<'c> {
    pub(super) title: &'c str,
    pub(super) x_axis: &'c str,
    pub(super) y_axis: &'c str,
    /// A name and its points, ascending.
    pub(super) series: Vec<(&'c str, Vec<(f64, f64)>)>,
}

impl Curves<'_> {
    /// The file, as text.
    pub(super) fn draw(&self) -> String {
        let points = || self.series.iter().flat_map(|(_, points)| points);
        let ticks = ticks(points().map(|(_, y)| *y).fold(0.0, f64::max));
        let most = ticks.last().copied().unwrap_or(1.0);
        let first = points().map(|(x, _)| x.log10()).fold(f64::MAX, f64::min).floor();
        let last = points().map(|(x, _)| x.log10()).fold(f64::MIN, f64::max).ceil();
        let x = |value: f64| {
            LEFT + (value.log10() - first) / (last - first).max(1.0) * (WIDTH - LEFT - RIGHT)
        };
        let y = |value: f64| HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM);

        let mut drawing = Drawing::new(WIDTH, HEIGHT);
        drawing.text((24.0, 32.0), Anchor::Start, TITLE, self.title);
        let names: Vec<&str> = self.series.iter().map(|(name, _)| *name).collect();
        drawing.legend(24.0, 56.0, &names);
        drawing.text((WIDTH - RIGHT, 56.0), Anchor::End, NOTE, self.y_axis);
        for tick in &ticks {
            drawing.line([LEFT, y(*tick), WIDTH - RIGHT, y(*tick)]);
            drawing.text((LEFT - 10.0, y(*tick) + 4.0), Anchor::End, NOTE, &short(*tick));
        }
        for power in first as i32..=last as i32 {
            let value = 10_f64.powi(power);
            let below = (x(value), HEIGHT - BOTTOM + 20.0);
            drawing.text(below, Anchor::Middle, NOTE, &short(value));
        }
        let middle = (LEFT + WIDTH - RIGHT) / 2.0;
        drawing.text((middle, HEIGHT - 20.0), Anchor::Middle, NOTE, self.x_axis);
        for ((_, points), color) in self.series.iter().zip(SERIES) {
            let points: Vec<_> = points.iter().map(|(px, py)| (x(*px), y(*py))).collect();
            drawing.curve(&points, color);
        }
        drawing.finish()
    }
}
