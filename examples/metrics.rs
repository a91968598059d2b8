//! Metrics for Prometheus: what this process stores and runs, as it happens, and what the database
//! holds, counted when somebody asks.
//!
//! ```text
//! cargo run --example metrics
//! curl http://127.0.0.1:9090/metrics
//! ```

use axum::Router;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::routing::get;
use jobs_runtime::prelude::*;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

#[job(queue = "mail", retries = 1, backoff = fixed("1s"))]
async fn send_mail(number: u64) -> anyhow::Result<()> {
    tokio::time::sleep(Duration::from_millis(number % 50)).await;
    anyhow::ensure!(!number.is_multiple_of(7), "nobody lives at {number}");
    Ok(())
}

/// As often as Prometheus asks.
async fn tell(
    Extract((client, prometheus)): Extract<(Client, PrometheusHandle)>,
) -> Result<String, (StatusCode, String)> {
    let recorded = client.record_metrics().await;
    recorded.map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    Ok(prometheus.render())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Before the runtime starts, which describes its metrics to the recorder.
    let prometheus = PrometheusBuilder::new()
        .set_buckets(&[0.001, 0.01, 0.1, 1.0, 10.0, 60.0])?
        .install_recorder()?;
    let storage = Storage::connect("sqlite::memory:").await?;
    let runtime = Runtime::builder(storage).start().await?;
    let app = Router::new()
        .route("/metrics", get(tell))
        .with_state((runtime.client().clone(), prometheus));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:9090").await?;
    println!("http://{}/metrics, until Ctrl-C", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });
    tokio::spawn(async {
        for number in 1.. {
            send_mail::enqueue(number).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::Ok(())
    });
    runtime.run_until_signal().await?;
    Ok(())
}
