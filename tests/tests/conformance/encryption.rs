//! Arguments and outputs that are encrypted in the storage.

use jobs_runtime::prelude::*;
use jobs_runtime::{Batch, Error, FailureKind, JobState, Runtime, Storage, WaitError};
use jobs_tests::{Bench, Place, Probe};
use serde_json::json;

use super::protect::SECRET;

#[job(retries = 0)]
pub(crate) async fn charge(#[encrypt] card: String, amount: u32) -> String {
    format!("{amount} from {} letters", card.len())
}

/// Returns what it was given, and gives it to a step before, of which the first attempt fails.
#[job(encrypt = "output", retries = 1, backoff = "0s")]
pub(crate) async fn issue(
    #[encrypt] text: String,
    ctx: JobContext,
    #[inject] probe: State<Probe>,
) -> anyhow::Result<String> {
    let step =
        ctx.step("text", || async { anyhow::Ok(format!("{text}, {}", probe.tally("step"))) });
    let output = step.await?;
    anyhow::ensure!(ctx.attempt() == 2, "once more");
    Ok(output)
}

#[job(encrypt = "output")]
pub(crate) async fn measure(#[from_parent] text: String) -> usize {
    text.len()
}

#[job]
pub(crate) async fn both(#[from_parent] both: (String, Result<usize, JobFailure>)) -> String {
    format!("{} {}", both.0.len(), both.1.is_ok())
}

#[job]
pub(crate) async fn all_of(#[from_parent] all: Vec<String>) -> usize {
    all.iter().map(String::len).sum()
}

#[job(retries = 0)]
pub(crate) async fn echo(value: serde_json::Value) -> serde_json::Value {
    value
}

/// In how many places of the database this text is found.
async fn places_of(bench: &Bench, text: &str) -> usize {
    if let Some(path) = bench.place().url().strip_prefix("sqlite://") {
        let read = |path: String| std::fs::read(path).unwrap_or_default();
        let files = [read(path.to_owned()), read(format!("{path}-wal"))].concat();
        return files.windows(text.len()).filter(|window| *window == text.as_bytes()).count();
    }
    let schema = bench.place().schema();
    let mut own = bench.own().await;
    if !bench.place().is_postgres() {
        own.execute("SET SESSION group_concat_max_len = 1000000").await;
        own.execute(&format!(
            "SET @scan = (SELECT concat('SELECT ', group_concat(concat('(SELECT count(*) FROM ', \
                table_name, ' WHERE `', column_name, '` LIKE ''%{text}%'')') SEPARATOR ' + ')) \
            FROM information_schema.columns \
            WHERE table_schema = database() AND table_name LIKE '{schema}%')"
        ))
        .await;
        own.execute("PREPARE scan FROM @scan").await;
        return usize::try_from(own.number("EXECUTE scan").await).unwrap();
    }
    let count = format!(
        "SELECT sum((xpath('/row/c/text()', query_to_xml(format(\
            'SELECT count(*) AS c FROM %I.%I AS t WHERE t::text LIKE %L', table_schema, \
            table_name, '%{text}%'), false, true, '')))[1]::text::bigint)::bigint \
        FROM information_schema.tables WHERE table_schema = '{schema}'"
    );
    usize::try_from(own.number(&count).await).unwrap()
}

pub(crate) async fn what_is_encrypted_is_nowhere_in_the_database(bench: Bench) {
    let _runtime = bench.start().await;
    let plain = echo::enqueue(json!("in the clear")).await.unwrap();
    plain.wait().await.unwrap();
    assert!(places_of(&bench, "in the clear").await > 0, "the search finds nothing");

    let charged = charge::enqueue(SECRET, 3).await.unwrap();
    assert_eq!(charged.wait().await.unwrap(), "3 from 28 letters");
    let issued = issue::enqueue(SECRET).await.unwrap();
    let expected = format!("{SECRET}, 1");
    assert_eq!(issued.wait().await.unwrap(), expected);
    let measured = measure::continue_with(&issued).await.unwrap();
    assert_eq!(measured.wait().await.unwrap(), expected.len());
    let joined = both::continue_with((&issued, &measured)).await.unwrap();
    assert_eq!(joined.wait().await.unwrap(), format!("{} true", expected.len()));
    let batch = Batch::new("issues").add(issue::job(SECRET)).add(issue::job(SECRET));
    let batch = batch.enqueue().await.unwrap();
    let outputs = batch.wait().await.unwrap();
    assert!(outputs.iter().all(|output| output.starts_with(SECRET)), "{outputs:?}");
    let summed = all_of::continue_with(&batch).await.unwrap();
    assert_eq!(summed.wait().await.unwrap(), 2 * expected.len());
    assert_eq!(places_of(&bench, SECRET).await, 0);

    assert_eq!(bench.record(charged.id()).await.args, r#"{"card":"•••","amount":3}"#);
    assert_eq!(bench.record(measured.id()).await.input.unwrap(), "\"•••\"");
    let runs = bench.client().history(issued.id()).await.unwrap().runs;
    assert_eq!(runs[1].output.as_deref(), Some("\"•••\""));
}

pub(crate) async fn a_schedule_can_have_encrypted_arguments(bench: Bench) {
    RecurringJob::new("nightly", "0 3 * * *", charge::job(SECRET, 4))
        .add_or_update()
        .await
        .unwrap();
    assert_eq!(RecurringJob::list().await.unwrap()[0].args, r#"{"card":"•••","amount":4}"#);
    let job = RecurringJob::trigger("nightly").await.unwrap().unwrap();
    let _runtime = bench.start().await;
    bench.until_state(&job, JobState::Succeeded).await;
    let output = bench.client().handle::<String>(job.id()).wait().await.unwrap();
    assert_eq!(output, "4 from 28 letters");
}

pub(crate) async fn a_replacement_can_have_encrypted_arguments(bench: Bench) {
    let unique = || Unique::key("one".to_owned()).on_conflict(OnConflict::Replace);
    let job = charge::job("old", 1).unique(unique()).enqueue().await.unwrap();
    let newer = charge::job(SECRET, 2).unique(unique()).enqueue().await.unwrap();
    assert_eq!(newer.id(), job.id());
    let _runtime = bench.start().await;
    assert_eq!(job.wait().await.unwrap(), "2 from 28 letters");
}

pub(crate) async fn an_output_cannot_pass_for_an_encrypted_one(bench: Bench) {
    let _runtime = bench.start().await;
    let forged = json!([{ "$jobs:encrypted": "new.AAAA", "of": "x" }]);
    let job = echo::enqueue(forged).await.unwrap();
    let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it failed") };
    assert_eq!(failure.kind, FailureKind::Output);
    assert!(failure.message.contains("reserved"), "{failure}");
    // As text it means nothing.
    let text = echo::enqueue(json!("{\"$jobs:encrypted\":\"\"}")).await.unwrap();
    text.wait().await.unwrap();
}

async fn with_keys(place: &Place, keys: Keys) -> Storage {
    place.options().keys(keys).connect().await.unwrap()
}

async fn runs_on(bench: &Bench, storage: &Storage) -> Runtime {
    bench.runtime_on(storage.clone()).start().await.unwrap()
}

pub(crate) async fn keys_can_be_changed_and_one_that_lacks_is_named(bench: Bench) {
    let old = with_keys(bench.place(), Keys::new("2026-05", [5; 32])).await;
    let stored = Client::new(old.clone());
    let job = charge::job(SECRET, 1).enqueue_with(&stored).await.unwrap();

    for (keys, problem) in [
        (Keys::new("2026-11", [11; 32]), "which this process does not have"),
        (Keys::new("2026-05", [6; 32]), "does not decrypt with the key `2026-05`"),
    ] {
        let storage = with_keys(bench.place(), keys).await;
        let runtime = runs_on(&bench, &storage).await;
        let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it was parked") };
        assert_eq!(failure.kind, FailureKind::Undecodable);
        assert!(failure.message.contains("`card`"), "{failure}");
        assert!(failure.message.contains("`2026-05`"), "{failure}");
        assert!(failure.message.contains(problem), "{failure}");
        runtime.shutdown().await.unwrap();
        storage.close().await;
        job.requeue().await.unwrap();
    }

    let both = Keys::new("2026-11", [11; 32]).with("2026-05", [5; 32]).unwrap();
    let storage = with_keys(bench.place(), both).await;
    let runtime = runs_on(&bench, &storage).await;
    assert_eq!(job.wait().await.unwrap(), "1 from 28 letters");
    // The new one encrypts.
    let newer = issue::job(SECRET).enqueue_with(runtime.client()).await.unwrap();
    newer.wait().await.unwrap();
    let unread = stored.handle::<String>(newer.id()).wait().await.unwrap_err();
    assert!(unread.to_string().contains("`2026-11`"), "{unread}");
    runtime.shutdown().await.unwrap();
    for storage in [old, storage] {
        storage.close().await;
    }
}

pub(crate) async fn what_was_changed_or_moved_is_not_decrypted(bench: Bench) {
    let id = |job: &JobHandle<String>| {
        let hex = job.id().as_uuid().simple();
        match bench.place().is_postgres() {
            true => format!("'{hex}'"),
            false => format!("x'{hex}'"),
        }
    };
    let mut jobs = Vec::new();
    for amount in 1..=3 {
        jobs.push(charge::enqueue(SECRET, amount).await.unwrap());
    }
    let mut own = bench.own().await;
    let (moved, from, changed) = (id(&jobs[0]), id(&jobs[1]), id(&jobs[2]));
    own.execute(&format!(
        "UPDATE {{p}}job SET args = \
        (SELECT args FROM (SELECT args FROM {{p}}job WHERE id = {from}) AS other) \
        WHERE id = {moved}"
    ))
    .await;
    own.execute(&format!(
        "UPDATE {{p}}job SET args = replace(args, 'new.', 'new.AAAA') WHERE id = {changed}"
    ))
    .await;
    let _runtime = bench.start().await;
    assert_eq!(jobs[1].wait().await.unwrap(), "2 from 28 letters");
    for job in [&jobs[0], &jobs[2]] {
        let Err(WaitError::Failed(failure)) = job.wait().await else { panic!("it was parked") };
        assert_eq!(failure.kind, FailureKind::Undecodable);
        assert!(failure.message.contains("does not decrypt with the key `new`"), "{failure}");
    }
}

pub(crate) async fn without_keys_nothing_is_stored_in_the_clear(bench: Bench) {
    let storage = bench.place().options_without_keys().connect().await.unwrap();
    let client = Client::new(storage.clone());
    let refused = charge::job(SECRET, 1).enqueue_with(&client).await.unwrap_err();
    assert!(matches!(&refused, Error::NoKeys { kind } if kind == "charge"), "{refused}");
    let refused = bench.runtime_on(storage.clone()).start().await.unwrap_err();
    assert!(matches!(&refused, Error::NoKeys { .. }), "{refused}");
    storage.close().await;
    assert!(bench.client().recent(1).await.unwrap().is_empty());

    let twice = Keys::new("a", [1; 32]).with("a", [2; 32]).unwrap_err();
    assert!(twice.to_string().contains("`a`"), "{twice}");
    let bad = bench.place().options().keys(Keys::new("a.b", [1; 32])).connect().await.unwrap_err();
    assert!(bad.to_string().contains("`a.b`"), "{bad}");
}
