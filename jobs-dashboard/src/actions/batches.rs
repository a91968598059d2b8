//! What is done to all jobs of a batch.

use axum::extract::{Path, State};
use jobs_runtime::BatchId;

use super::{Answer, done};
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
    let text = match fields.need("action")? {
        "cancel" => v.count("done.deleted", app.client.cancel_batch(id).await?),
        "requeue" => v.count("done.requeued", app.client.requeue_failed(id).await?),
        other => return Err(Failure::bad("action", other)),
    };
    done(&v, &fields, &format!("/batches/{id}"), text)
}
