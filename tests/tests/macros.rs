//! What the macros generate, run as far as it goes without a database.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jobs_runtime::__private::{RecurringRegistration, Registration, inventory};
use jobs_runtime::{Backoff, Job, JobContext, NoInput, Policy, job, recurring};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Order {
    id: u64,
}

#[job]
async fn plain() -> u32 {
    1
}

#[job(
    name = "orders.ship",
    aliases = ["ship"],
    queue = "tenant-{tenant}",
    retries = 5,
    backoff = ["1s", "5s"],
    unique(key = "{order.id}:{tenant}", within = "1h"),
    tags = ["order", "{folder}"],
)]
async fn ship_order(
    tenant: &str,
    order: Order,
    folder: &Path,
    #[serde(default)] copies: Option<u8>,
    ctx: JobContext,
) -> Result<String, String> {
    let _ = ctx;
    Ok(format!("{tenant}/{}/{}/{copies:?}", order.id, folder.display()))
}

#[job(queue = "mail", backoff = slowly)]
fn blocking(data: &[u8]) -> usize {
    data.len()
}

fn slowly(retry: u32) -> Duration {
    Duration::from_secs(u64::from(retry) * 60)
}

#[job]
async fn measure(#[from_parent] text: String) -> usize {
    text.len()
}

#[recurring(cron = "0 9 * * MON-FRI", tz = "Europe/Istanbul", args(days = 30, folder = "reports"))]
#[recurring(every = "90s", id = "report.often", args(folder = format!("{}", 7), days = DAYS))]
#[job(name = "report")]
async fn morning_report(days: u32, folder: &str) {
    let _ = (days, folder);
}

const DAYS: u32 = 1;

fn ship() -> ShipOrder {
    ShipOrder {
        tenant: "acme".to_owned(),
        order: Order { id: 7 },
        folder: PathBuf::from("/out"),
        copies: None,
    }
}

#[test]
fn names_and_queues_are_the_function_s_or_the_given() {
    assert_eq!((Plain::NAME, Plain::QUEUE), ("plain", "default"));
    assert!(Plain::ALIASES.is_empty());
    assert_eq!(Plain {}.queue(), "default");
    assert_eq!(ShipOrder::NAME, "orders.ship");
    assert_eq!(ShipOrder::ALIASES, ["ship"]);
    assert_eq!((Blocking::NAME, Blocking::QUEUE), ("blocking", "mail"));
}

#[test]
fn templates_are_filled_from_the_arguments() {
    assert_eq!(ShipOrder::QUEUE, "default", "the kind has no queue of its own");
    assert_eq!(ship().queue(), "tenant-acme");
    assert_eq!(ship().tags(), ["order", "/out"]);
    let unique = format!("{:?}", ship().unique());
    assert!(unique.contains(r#"key: "7:acme""#), "{unique}");
    assert!(Plain {}.unique().is_none());
    assert!(Plain {}.tags().is_empty());
}

#[test]
fn policies_are_what_the_arguments_say() {
    assert_eq!(ShipOrder::policy().max_attempts(), 6);
    assert_eq!(Plain::policy().max_attempts(), Policy::default().max_attempts());
    let policy = format!("{:?}", ShipOrder::policy());
    let backoff = Backoff::List(vec![Duration::from_secs(1), Duration::from_secs(5)].into());
    assert!(policy.contains(&format!("{backoff:?}")), "{policy}");
    assert_eq!(slowly(2), Duration::from_secs(120));
}

#[test]
fn arguments_survive_a_round_trip() {
    let stored = serde_json::to_string(&ship()).expect("JSON");
    assert_eq!(stored, r#"{"tenant":"acme","order":{"id":7},"folder":"/out","copies":null}"#);
    let read: ShipOrder = serde_json::from_str(&stored).expect("arguments");
    assert_eq!(read.order, Order { id: 7 });
    assert_eq!(serde_json::to_string(&Plain {}).expect("JSON"), "{}");
    let older: ShipOrder =
        serde_json::from_str(r#"{"tenant":"a","order":{"id":1},"folder":"/","extra":true}"#)
            .expect("unknown fields are passed over, and defaulted ones may be absent");
    assert_eq!(older.copies, None);
    assert_eq!(format!("{:?}", older.clone()), format!("{older:?}"));
}

#[test]
fn the_function_stays_callable() {
    assert_eq!(blocking(b"data"), 4);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    assert_eq!(runtime.block_on(plain()), 1);
    assert_eq!(runtime.block_on(measure("four".to_owned())), 4);
}

#[test]
fn inputs_are_typed() {
    fn takes<J: Job<Input = T>, T>() {}
    takes::<Plain, NoInput>();
    takes::<Measure, String>();
}

#[test]
fn kinds_and_schedules_are_found_at_start_up() {
    let kinds: Vec<String> =
        inventory::iter::<Registration>.into_iter().map(|found| format!("{found:?}")).collect();
    for name in ["plain", "orders.ship", "blocking", "measure", "report"] {
        let quoted = format!("name: {name:?}");
        assert_eq!(kinds.iter().filter(|kind| kind.contains(&quoted)).count(), 1, "{name}");
    }
    let schedules: Vec<String> = inventory::iter::<RecurringRegistration>
        .into_iter()
        .map(|found| format!("{found:?}"))
        .collect();
    assert_eq!(schedules.len(), 2, "{schedules:?}");
    let [morning, often] = ["0 9 * * MON-FRI", "@every 90s"].map(|cron| {
        let quoted = format!("cron: {cron:?}");
        schedules.iter().find(|schedule| schedule.contains(&quoted)).expect("the schedule")
    });
    assert!(morning.contains(r#"id: "report", kind: "report""#), "{morning}");
    assert!(morning.contains(r#"tz: "Europe/Istanbul""#), "{morning}");
    assert!(often.contains(r#"id: "report.often", kind: "report""#), "{often}");
}
