//! What goes on, at a glance.

use askama::Template;
use axum::extract::State;

use super::filter::STATES;
use super::jobs::count_of;
use super::{Page, page};
use crate::app::App;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    v: Visit,
    counts: Vec<(&'static str, u64)>,
}

pub(crate) async fn show(v: Visit, State(app): State<App>) -> Page {
    let counts = app.client.counts().await?;
    page(&Overview {
        counts: STATES.iter().map(|state| (state.as_str(), count_of(&counts, *state))).collect(),
        v,
    })
}
