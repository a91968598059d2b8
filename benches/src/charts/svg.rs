//! A drawing, as the text of an SVG file.

use std::fmt::Write;

/// Where a text stands beside its point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) size: f64,
    pub(super) color: &'static str,
    pub(super) bold: bool,
}

pub(super) const INK: &str = "#1f2328";
pub(super) const SOFT: &str = "#59636e";
pub(super) const RULE: &str = "#d8dee4";
/// One for each series, in their order; told apart also without colours, by their lightness.
pub(super) const SERIES: [&str; 2] = ["#1f5fbf", "#f0a030"];

pub(super) const TITLE: Style = Style { size: 16.0, color: INK, bold: true };
pub(super) const LABEL: Style = Style { size: 13.0, color: INK, bold: false };
pub(super) const NOTE: Style = Style { size: 12.0, color: SOFT, bold: false };

/// Grows downwards; on a white ground of its own, since the page may be dark.
#[derive(Debug)]
pub(super) struct Drawing {
    width: f64,
    height: f64,
    body: String,
}

impl Drawing {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    pub(super) fn rect(&mut self, [x, y, width, height]: [f64; 4], color: &str) {
        self.add(&format!(
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="2" fill="{color}"/>"#
        ));
    }

    pub(super) fn line(&mut self, [x1, y1, x2, y2]: [f64; 4]) {
        self.add(&format!(
            r#"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" stroke="{RULE}"/>"#
        ));
    }

    /// A curve with a dot at each point.
    pub(super) fn curve(&mut self, points: &[(f64, f64)], color: &str) {
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        self.add(&format!(
            r#"<polyline points="{}" fill="none" stroke="{color}" stroke-width="2.5"/>"#,
            path.join(" ")
        ));
        for (x, y) in points {
            self.add(&format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="4" fill="{color}"/>"#));
        }
    }

    pub(super) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, style: Style, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let weight = if style.bold { "600" } else { "400" };
        let Style { size, color, .. } = style;
        self.add(&format!(
            r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="{color}">{}</text>"#,
            escaped(text)
        ));
    }

    /// A square of each colour with the name of its series.
    pub(super) fn legend(&mut self, x: f64, y: f64, names: &[&str]) {
        const STEP: f64 = 110.0;
        for (index, (name, color)) in names.iter().zip(SERIES).enumerate() {
            let x = x + index as f64 * STEP;
            self.rect([x, y - 10.0, 12.0, 12.0], color);
            self.text((x + 18.0, y), Anchor::Start, LABEL, name);
        }
    }

    pub(super) fn finish(self) -> String {
        let Self { width, height, body } = self;
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif">
<rect width="{width}" height="{height}" rx="12" fill="#ffffff"/>
{body}</svg>
"##
        )
    }

    fn add(&mut self, element: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.body, "{element}");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
