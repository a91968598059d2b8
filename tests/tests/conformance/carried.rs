//! What a job carries beside its arguments.

use jobs_runtime::prelude::*;
use jobs_runtime::{JobId, NamedJob};
use jobs_tests::Bench;

/// Gives back what it carries as `key`.
#[job]
async fn tell(key: String, ctx: JobContext) -> Option<String> {
    ctx.meta(&key).map(ToString::to_string)
}

/// Enqueues another one while it runs.
#[job]
async fn pass_on(key: String) -> anyhow::Result<JobId> {
    Ok(tell::enqueue(key).await?.id())
}

pub(crate) async fn a_job_reads_what_its_request_gave_it(bench: Bench) {
    let _runtime = bench.start().await;
    let request = tell::job("user").meta("user", "Ada \"\0\" 💥").meta("n", 1).meta("n", 2);
    let told = request.clone().enqueue().await.unwrap().wait().await.unwrap();
    assert_eq!(told, Some(serde_json::json!("Ada \"\0\" 💥").to_string()));
    let last = tell::job("n").meta("n", 1).meta("n", 2).enqueue().await.unwrap();
    assert_eq!(last.wait().await.unwrap().as_deref(), Some("2"));
    assert_eq!(tell::enqueue("user").await.unwrap().wait().await.unwrap(), None);
}

/// Adds a number that grows with each job that is stored.
fn numbering() -> impl Fn(&mut serde_json::Map<String, serde_json::Value>) + Send + Sync + 'static {
    let count = std::sync::atomic::AtomicU32::new(0);
    move |meta| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        meta.insert("number".to_owned(), number.into());
    }
}

pub(crate) async fn each_job_of_a_client_carries_what_it_is_stamped_with(bench: Bench) {
    let _runtime = bench.start().await;
    let client = bench.client().stamp(numbering());
    let number = |text: &str| Some(text.to_owned());

    let one = tell::job("number").enqueue_with(&client).await.unwrap();
    assert_eq!(one.wait().await.unwrap(), number("0"));
    let all = client.enqueue_all((0..2).map(|_| tell::job("number"))).await.unwrap();
    assert_eq!(all[1].wait().await.unwrap(), number("2"));
    let batch = Batch::new("two").add_all((0..2).map(|_| tell::job("number")));
    let told = batch.enqueue_with(&client).await.unwrap().wait().await.unwrap();
    assert_eq!(told, [number("3"), number("4")]);
    let named = NamedJob::new("tell", r#"{"key": "number"}"#).enqueue_with(&client).await.unwrap();
    assert_eq!(named.wait().await.unwrap(), "5");

    let own = tell::job("number").meta("number", "mine").enqueue_with(&client).await.unwrap();
    assert_eq!(own.wait().await.unwrap(), number("\"mine\""));
    let again = client.enqueue_again(one.id(), r#"{"key": "number"}"#).await.unwrap().unwrap();
    assert_eq!(again.wait().await.unwrap(), "7");
    let other = tell::enqueue("number").await.unwrap();
    assert_eq!(other.wait().await.unwrap(), None, "the client that is not stamped");
}

pub(crate) async fn what_a_job_enqueues_is_stamped_by_its_runtime(bench: Bench) {
    let _runtime = bench.runtime().stamp(numbering()).start().await.unwrap();
    let passed = pass_on::enqueue("number").await.unwrap().wait().await.unwrap();
    let told = bench.client().handle::<Option<String>>(passed).wait().await.unwrap();
    assert_eq!(told.as_deref(), Some("0"));

    RecurringJob::new("telling", "0 0 1 1 *", tell::job("number")).add_or_update().await.unwrap();
    let fired = RecurringJob::trigger("telling").await.unwrap().unwrap();
    let told = bench.client().handle::<Option<String>>(fired.id()).wait().await.unwrap();
    assert_eq!(told, None, "a schedule is stored on nobody's behalf");
}
