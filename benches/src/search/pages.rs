//! Each page of the dashboard, by its router.

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use jobs_dashboard::{Access, Dashboard};
use jobs_runtime::{Client, JobFilter, JobState};
use tower::ServiceExt;

use super::Filled;
use super::meter::Meter;
use super::searches::deep_in;
use super::table::Table;
use super::timed;
use crate::target::Target;

/// Far more than a page has.
const MOST_BYTES: usize = 16 << 20;

pub(super) fn dashboard(client: &Client) -> Router {
    Dashboard::new(client.clone()).authorize(|_| async { Access::Full }).router()
}

/// The number of bytes of a page.
pub(super) async fn get(dashboard: &Router, path: &str) -> Result<usize> {
    let request = Request::get(path).body(Body::empty())?;
    let response = dashboard.clone().oneshot(request).await?;
    ensure!(response.status() == StatusCode::OK, "{path} answers with {}", response.status());
    Ok(to_bytes(response.into_body(), MOST_BYTES).await?.len())
}

pub(super) async fn measure(
    target: &Target,
    filled: &Filled,
    meter: &mut Meter,
    runs: usize,
    table: &mut Table,
) -> Result<()> {
    for (name, path) in paths(filled).await? {
        // One that has no answers yet, which visitors share for a second.
        let ask = || {
            let (dashboard, path) = (dashboard(&filled.client), &path);
            async move { get(&dashboard, path).await }
        };
        let line = timed(meter, runs, ask).await?;
        table.add(target, "page", &name, line)?;
    }
    Ok(())
}

async fn paths(filled: &Filled) -> Result<Vec<(String, String)>> {
    let fixed = [
        "/overview",
        "/overview?period=week",
        "/jobs",
        "/jobs?state=enqueued",
        "/jobs?state=scheduled",
        "/jobs?state=awaiting",
        "/jobs?state=processing",
        "/jobs?state=succeeded",
        "/jobs?state=failed",
        "/jobs?state=deleted",
        "/jobs?kind=send_mail",
        "/jobs?state=succeeded&kind=send_mail&queue=queue-3",
        "/jobs?state=failed&text=customer-9",
        "/jobs?tag=tenant-7",
        "/queues",
        "/kinds",
        "/throttles",
        "/servers",
        "/batches",
        "/recurring",
        "/recurring/new",
        "/recurring/edit?id=newsletter-7",
    ];
    let mut paths: Vec<_> = fixed.iter().map(|path| (path.to_string(), path.to_string())).collect();
    let client = &filled.client;
    for state in [JobState::Succeeded, JobState::Failed, JobState::Awaiting] {
        let filter = JobFilter::new().state(state).limit(1);
        let found = client.search(&filter).await?.jobs;
        let job = found.first().with_context(|| format!("no job is {state}"))?;
        paths.push((format!("/jobs/… ({state})"), format!("/jobs/{}", job.id)));
    }
    let after = deep_in(client, &JobFilter::new().state(JobState::Succeeded)).await?;
    paths.push((
        "/jobs?state=succeeded&after=…".to_owned(),
        format!("/jobs?state=succeeded&after={after}"),
    ));
    paths.push(("/batches/…".to_owned(), format!("/batches/{}", filled.batch)));
    Ok(paths)
}
