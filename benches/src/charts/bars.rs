//! Bars, lying, in groups: one panel for each quantity.

use super::scale::{short, ticks, written};
use super::svg::{Anchor, Drawing, LABEL, NOTE, SERIES, TITLE};

const WIDTH: f64 = 760.0;
const LEFT: f64 = 190.0;
/// Room for the number behind the longest bar.
const RIGHT: f64 = 80.0;
const MARGIN: f64 = 24.0;
const BAR: f64 = 16.0;
const GAP: f64 = 12.0;

/// One quantity.
#[derive(Debug)]
pub(super) struct Panel {
    /// What the axis counts, with its unit.
    pub(super) axis: &'static str,
    /// A label, and a value for each series that has one.
    pub(super) groups: Vec<(String, Vec<Option<f64>>)>,
}

/// The file, as text.
pub(super) fn draw(title: &str, series: &[&str], panels: &[Panel]) -> String {
    const HEAD: f64 = 72.0;
    let height = HEAD + panels.iter().map(Panel::height).sum::<f64>();
    let mut drawing = Drawing::new(WIDTH, height);
    drawing.text((MARGIN, 32.0), Anchor::Start, TITLE, title);
    drawing.legend(MARGIN, 56.0, series);
    let mut top = HEAD;
    for panel in panels {
        panel.draw(&mut drawing, top);
        top += panel.height();
    }
    drawing.finish()
}

impl Panel {
    /// Whether there is anything to show.
    pub(super) fn is_filled(&self) -> bool {
        self.groups.iter().any(|(_, values)| values.iter().any(Option::is_some))
    }

    fn height(&self) -> f64 {
        const AXIS: f64 = 60.0;
        self.rows() + AXIS
    }

    fn rows(&self) -> f64 {
        self.groups.iter().map(|(_, values)| group_height(values)).sum()
    }

    fn draw(&self, drawing: &mut Drawing, top: f64) {
        let values = || self.groups.iter().flat_map(|(_, values)| values).flatten().copied();
        let ticks = ticks(values().fold(0.0, f64::max));
        let most = ticks.last().copied().unwrap_or(1.0);
        let x = |value: f64| LEFT + value / most * (WIDTH - LEFT - RIGHT);
        let bottom = top + self.rows();
        for tick in &ticks {
            drawing.line([x(*tick), top, x(*tick), bottom]);
            drawing.text((x(*tick), bottom + 18.0), Anchor::Middle, NOTE, &short(*tick));
        }
        let middle = (x(0.0) + x(most)) / 2.0;
        drawing.text((middle, bottom + 36.0), Anchor::Middle, NOTE, self.axis);
        let mut y = top;
        for (label, values) in &self.groups {
            let height = group_height(values);
            let base = y + height / 2.0 + 4.5;
            drawing.text((LEFT - 12.0, base), Anchor::End, LABEL, label);
            let there =
                values.iter().zip(SERIES).filter_map(|(value, color)| Some(((*value)?, color)));
            for (row, (value, color)) in there.enumerate() {
                let y = y + GAP / 2.0 + row as f64 * BAR;
                drawing.rect([LEFT, y, x(value) - LEFT, BAR - 2.0], color);
                let end = (x(value) + 6.0, y + BAR - 4.5);
                drawing.text(end, Anchor::Start, NOTE, &written(value));
            }
            y += height;
        }
    }
}

fn group_height(values: &[Option<f64>]) -> f64 {
    values.iter().flatten().count().max(1) as f64 * BAR + GAP
}
