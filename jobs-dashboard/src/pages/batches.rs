//! Batches and workflows, newest first.

use askama::Template;
use axum::extract::State;
use jobs_runtime::BatchRecord;

use super::{Page, page};
use crate::app::App;
use crate::fields::Asked;
use crate::visit::Visit;

const SIZE: u32 = 50;

#[derive(Template)]
#[template(path = "batches.html")]
struct Batches {
    v: Visit,
    batches: Vec<BatchRecord>,
    next: Option<i64>,
    first: bool,
}

pub(crate) async fn show(v: Visit, State(app): State<App>, Asked(fields): Asked) -> Page {
    let before: Option<i64> = fields.parse("before")?;
    let mut batches = app.client.batches(before, SIZE + 1).await?;
    let more = batches.len() > SIZE as usize;
    batches.truncate(SIZE as usize);
    let next = batches.last().map(|batch| batch.seq).filter(|_| more);
    page(&Batches { v, batches, next, first: before.is_none() })
}
