//! What is done to all jobs of a batch.

use axum::extract::{Path, State};
use jobs_runtime::BatchId;

use super::{Answer, report};
use crate::app::App;
use crate::failure::Failure;
use crate::fields::Posted;
use crate::visit::Visit;

pub(crate) async fn act(
    v: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Posted(fields): Posted,
) -> Answer {
    let id: BatchId = id.parse().map_err(|_| Failure::Missing)?;
    let client = app.client.clone();
    let (key, tally) = match fields.need("action")? {
        "cancel" => {
            let cancel = async move { client.cancel_batch(id).await };
            ("done.deleted", app.bulks.count("done.deleted", cancel).await?)
        }
        "requeue" => {
            let requeue = async move { client.requeue_failed(id).await };
            ("done.requeued", app.bulks.count("done.requeued", requeue).await?)
        }
        other => return Err(Failure::bad("action", other)),
    };
    report(&v, &fields, &format!("/batches/{id}"), key, tally)
}
