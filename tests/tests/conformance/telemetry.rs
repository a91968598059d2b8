//! What a program hears of its jobs by `tracing`, `metrics` and OpenTelemetry.

use std::io;
use std::sync::{Arc, Mutex};

use jobs_runtime::prelude::*;
use jobs_runtime::{JobFilter, JobState, RecurringJob};
use jobs_tests::Bench;
use metrics_exporter_prometheus::PrometheusBuilder;
use opentelemetry::trace::{SpanKind, TracerProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use tracing::{Instrument, info_span};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::jobs::{Action, double, perform};

/// What is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Gets all that this process logs from now on.
    fn of_process() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    }

    fn lines(&self) -> Vec<String> {
        let bytes = self.0.lock().expect("no panic");
        String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[job]
async fn mutter(text: String) {
    tracing::info!(text, "muttering");
}

#[job]
fn mutter_on_a_thread(text: String) {
    tracing::info!(text, "muttering");
}

pub(crate) async fn what_a_job_logs_names_the_job(bench: Bench) {
    let log = Log::of_process();
    let runtime = bench.start().await;
    let one = mutter::enqueue("one").await.unwrap();
    one.wait().await.unwrap();
    let two = mutter_on_a_thread::enqueue("two").await.unwrap();
    two.wait().await.unwrap();
    for (text, kind, id) in [("one", "mutter", one.id()), ("two", "mutter_on_a_thread", two.id())] {
        let lines = log.lines();
        let said = lines.iter().find(|line| line.contains(&format!("text=\"{text}\"")));
        let said = said.unwrap_or_else(|| panic!("{text} is not in {lines:#?}"));
        for field in [
            format!("job.id={id}"),
            format!("job.kind=\"{kind}\""),
            "job.queue=\"default\"".to_owned(),
            "job.attempt=1".to_owned(),
        ] {
            assert!(said.contains(&field), "{field} is not in {said}");
        }
    }
    runtime.shutdown().await.unwrap();
}

pub(crate) async fn a_failure_is_logged_with_what_becomes_of_it(bench: Bench) {
    let log = Log::of_process();
    let runtime = bench.start().await;
    let failing = perform::job(Action::fail()).retries(1).backoff(Backoff::Fixed(Duration::ZERO));
    let failing = failing.enqueue().await.unwrap();
    failing.wait().await.unwrap_err();
    let id = format!("job.id={}", failing.id());
    let lines = log.lines();
    let of_job: Vec<&String> = lines.iter().filter(|line| line.contains(&id)).collect();
    let [first, second] = of_job[..] else { panic!("{lines:#?}") };
    assert!(first.contains("WARN") && first.contains("is tried again"), "{first}");
    assert!(
        first.contains("order 7 was not saved: no luck") && first.contains("job.attempt=1"),
        "{first}"
    );
    assert!(second.contains("ERROR") && second.contains("job.attempt=2"), "{second}");
    runtime.shutdown().await.unwrap();
}

pub(crate) async fn metrics_count_what_is_stored_and_run(bench: Bench) {
    let prometheus = PrometheusBuilder::new().install_recorder().expect("no other recorder");
    let client = bench.client();
    let runtime = bench.start().await;
    double::enqueue(1).await.unwrap().wait().await.unwrap();
    let failing = perform::job(Action::fail()).retries(1).backoff(Backoff::Fixed(Duration::ZERO));
    failing.enqueue().await.unwrap().wait().await.unwrap_err();
    let grouped = Batch::new("b").add_all((0..3).map(double::job)).enqueue().await.unwrap();
    grouped.wait().await.unwrap();
    let unserved = |number| double::job(number).queue("unserved");
    client.enqueue_all((0..2).map(unserved)).await.unwrap();
    client.record_metrics().await.unwrap();
    let text = prometheus.render();
    for line in [
        r#"jobs_enqueued_total{kind="double",queue="default"} 4"#,
        r#"jobs_enqueued_total{kind="double",queue="unserved"} 2"#,
        r#"jobs_enqueued_total{kind="perform",queue="default"} 1"#,
        r#"jobs_runs_total{kind="double",queue="default",outcome="succeeded"} 4"#,
        r#"jobs_runs_total{kind="perform",queue="default",outcome="retried"} 1"#,
        r#"jobs_runs_total{kind="perform",queue="default",outcome="failed"} 1"#,
        r#"jobs_run_duration_seconds_count{kind="double",queue="default"} 4"#,
        r#"jobs_stored{state="succeeded"} 4"#,
        r#"jobs_stored{state="enqueued"} 2"#,
        r#"jobs_queue_depth{queue="unserved"} 2"#,
        "jobs_servers 1",
        "# HELP jobs_runs_total Runs of jobs that have ended in this process, by outcome",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
    }
    let all = JobFilter::new().queue("unserved");
    client.delete_all(&all).await.unwrap();
    client.record_metrics().await.unwrap();
    let text = prometheus.render();
    assert!(text.contains(r#"jobs_queue_depth{queue="unserved"} 0"#), "{text}");
    runtime.shutdown().await.unwrap();
}

pub(crate) async fn the_trace_of_a_request_goes_on_in_its_jobs(bench: Bench) {
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    tracing_subscriber::registry().with(layer).init();
    let runtime = bench.start().await;
    async {
        double::enqueue(1).await.unwrap().wait().await.unwrap();
        bench.client().enqueue_all([double::job(2)]).await.unwrap()[0].wait().await.unwrap();
        let schedule = RecurringJob::new("hourly", "0 * * * *", double::job(4));
        schedule.add_or_update().await.unwrap();
    }
    .instrument(info_span!("request"))
    .await;
    // Neither is on behalf of the request.
    let triggered = bench.client().recurring().trigger("hourly").await.unwrap().unwrap();
    bench.until_state(&triggered, JobState::Succeeded).await;
    double::enqueue(3).await.unwrap().wait().await.unwrap();
    runtime.shutdown().await.unwrap();
    let spans = exporter.get_finished_spans().unwrap();
    let request = spans.iter().find(|span| span.name == "request").expect("a request");
    let runs: Vec<_> = spans.iter().filter(|span| span.name == "double").collect();
    let children: Vec<_> = runs
        .iter()
        .filter(|run| run.span_context.trace_id() == request.span_context.trace_id())
        .collect();
    assert_eq!((runs.len(), children.len()), (4, 2), "{spans:#?}");
    for run in children {
        assert_eq!(run.parent_span_id, request.span_context.span_id());
        assert_eq!(run.span_kind, SpanKind::Consumer);
    }
}
