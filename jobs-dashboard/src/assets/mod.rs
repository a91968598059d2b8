//! The scripts and styles, embedded.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::failure::Failure;

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const IMAGE: &str = "image/svg+xml";

/// The style sheet of the pages, in which later parts win.
const SHEET: &str = concat!(
    include_str!("../../assets/styles/colours.css"),
    include_str!("../../assets/styles/ground.css"),
    include_str!("../../assets/styles/bar.css"),
    include_str!("../../assets/styles/pieces.css"),
    include_str!("../../assets/styles/tables.css"),
    include_str!("../../assets/styles/pages.css"),
);

macro_rules! files {
    ($($name:literal: $kind:expr, $path:literal;)+) => {
        static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
            vec![
                File::new("dashboard.css", STYLE, SHEET.as_bytes()),
                $(File::new($name, $kind, include_bytes!(concat!("../../assets/", $path)))),+
            ]
        });
    };
}

files! {
    "dashboard.js": SCRIPT, "dashboard.js";
    "patch.js": SCRIPT, "patch.js";
    "live.js": SCRIPT, "live.js";
    "charts.js": SCRIPT, "charts.js";
    "graph.js": SCRIPT, "graph.js";
    "cron.js": SCRIPT, "cron.js";
    "log.js": SCRIPT, "log.js";
    "icon.svg": IMAGE, "icon.svg";
    "uplot.js": SCRIPT, "vendor/uPlot.iife.min.js";
    "uplot.css": STYLE, "vendor/uPlot.min.css";
    "dagre.js": SCRIPT, "vendor/dagre.min.js";
    "cronstrue.js": SCRIPT, "vendor/cronstrue.min.js";
    "cronstrue.tr.js": SCRIPT, "vendor/cronstrue.tr.min.js";
}

struct File {
    name: &'static str,
    kind: &'static str,
    content: &'static [u8],
    /// The beginning of its digest, by which a changed file has a new address.
    hash: String,
}

impl File {
    fn new(name: &'static str, kind: &'static str, content: &'static [u8]) -> Self {
        let digest = Sha256::digest(content);
        let hash = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { name, kind, content, hash }
    }
}

/// Where a file is found below the dashboard.
pub(crate) fn path(name: &str) -> String {
    let hash = FILES.iter().find(|file| file.name == name).map_or("", |file| &file.hash);
    format!("/assets/{hash}/{name}")
}

pub(crate) async fn serve(Path((hash, name)): Path<(String, String)>) -> Result<Response, Failure> {
    let file = FILES.iter().find(|file| file.name == name && file.hash == hash);
    let file = file.ok_or(Failure::Missing)?;
    let headers =
        [(CONTENT_TYPE, file.kind), (CACHE_CONTROL, "private, max-age=31536000, immutable")];
    Ok((headers, file.content).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digests that `vendor/README.md` names are those of the files beside it.
    #[test]
    fn vendored_files_are_those_that_are_written_down() {
        let listed = include_str!("../../assets/vendor/README.md");
        for file in FILES.iter().filter(|file| {
            path(file.name).contains("uplot")
                || file.name.starts_with("dagre")
                || file.name.starts_with("cronstrue")
        }) {
            let digest = Sha256::digest(file.content);
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(listed.contains(&digest), "{} is {digest}", file.name);
        }
    }
}
