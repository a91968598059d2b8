//! One schedule, to be edited or added.

use askama::Template;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, SecondsFormat, Utc};
use jobs_runtime::{Client, KindRecord, Misfire, Overlap, RecurringRecord};
use serde_json::{Value, json};

use super::recurring::{Past, fires, past};
use super::{Page, page};
use crate::app::App;
use crate::failure::Failure;
use crate::fields::{Asked, Fields};
use crate::format::to_the_second;
use crate::visit::Visit;

/// The values of the form, each with the text that names it.
const MISFIRES: [(&str, &str); 3] =
    [("once", "misfire.once"), ("each", "misfire.each"), ("skip", "misfire.skip")];
const OVERLAPS: [(&str, &str); 3] =
    [("allow", "overlap.allow"), ("skip", "overlap.skip"), ("wait", "overlap.wait")];

#[derive(Template)]
#[template(path = "schedule.html")]
struct Schedule {
    v: Visit,
    plan: Form,
    is_new: bool,
    kinds: Vec<KindRecord>,
    fires: Vec<DateTime<Utc>>,
    problem: Option<String>,
    past: Vec<Past>,
}

/// The fields as they were filled in.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) queue: String,
    pub(crate) cron: String,
    pub(crate) tz: String,
    pub(crate) args: String,
    pub(crate) misfire: String,
    pub(crate) overlap: String,
    pub(crate) jitter: String,
}

impl Form {
    pub(crate) fn of(fields: &Fields) -> Self {
        let or = |name: &str, otherwise: &str| fields.get(name).unwrap_or(otherwise).to_owned();
        Self {
            id: fields.text("id"),
            kind: fields.text("kind"),
            queue: fields.text("queue"),
            cron: fields.text("cron"),
            tz: or("tz", "UTC"),
            args: or("args", "{}"),
            misfire: or("misfire", "once"),
            overlap: or("overlap", "allow"),
            jitter: or("jitter", "0"),
        }
    }

    fn stored(v: &Visit, schedule: &RecurringRecord) -> Self {
        Self {
            id: schedule.id.clone(),
            kind: schedule.kind.clone(),
            queue: schedule.queue.clone(),
            cron: schedule.cron.clone(),
            tz: schedule.tz.clone(),
            args: v.pretty(&schedule.args),
            misfire: misfire_name(schedule.misfire).to_owned(),
            overlap: overlap_name(schedule.overlap).to_owned(),
            jitter: schedule.jitter.as_secs().to_string(),
        }
    }
}

fn misfire_name(misfire: Misfire) -> &'static str {
    match misfire {
        Misfire::Skip => "skip",
        Misfire::All => "each",
        Misfire::Once => "once",
    }
}

fn overlap_name(overlap: Overlap) -> &'static str {
    match overlap {
        Overlap::Skip => "skip",
        Overlap::Queue => "wait",
        Overlap::Allow => "allow",
    }
}

pub(crate) async fn new(v: Visit, State(app): State<App>, Asked(fields): Asked) -> Page {
    draw(v, &app.client, Form::of(&fields), true, None).await
}

pub(crate) async fn edit(v: Visit, State(app): State<App>, Asked(fields): Asked) -> Page {
    let id = fields.need("id")?;
    let schedules = app.client.recurring().list().await?;
    let schedule = schedules.iter().find(|schedule| schedule.id == id).ok_or(Failure::Missing)?;
    let form = match fields.get("cron") {
        Some(_) => Form::of(&fields),
        None => Form::stored(&v, schedule),
    };
    draw(v, &app.client, form, false, None).await
}

/// The form once more, with what is wrong with it.
pub(crate) async fn refused(
    v: Visit,
    client: &Client,
    form: Form,
    is_new: bool,
    problem: String,
) -> Page {
    draw(v, client, form, is_new, Some(problem)).await
}

async fn draw(
    v: Visit,
    client: &Client,
    plan: Form,
    is_new: bool,
    problem: Option<String>,
) -> Page {
    let (fires, problem) = match fires(&plan.cron, &plan.tz) {
        Ok(fires) => (fires, problem),
        Err(Failure::Refused(wrong)) if !plan.cron.is_empty() => {
            (Vec::new(), Some(problem.unwrap_or(wrong)))
        }
        Err(_) => (Vec::new(), problem),
    };
    let past = match is_new {
        true => Vec::new(),
        false => {
            let ids = [plan.id.clone()];
            past(client, &ids).await?.remove(&plan.id).unwrap_or_default()
        }
    };
    page(&Schedule { kinds: client.kinds().await?, v, plan, is_new, fires, problem, past })
}

/// What the form shows while somebody types.
pub(crate) async fn check(v: Visit, Asked(fields): Asked) -> Json<Value> {
    let form = Form::of(&fields);
    Json(match fires(&form.cron, &form.tz) {
        Ok(fires) => {
            let fire = |at: &DateTime<Utc>| {
                json!({
                    "at": at.to_rfc3339_opts(SecondsFormat::Secs, true),
                    "text": to_the_second(*at),
                })
            };
            json!({
                "fires": fires.iter().map(fire).collect::<Vec<_>>(),
                "words": v.every(&form.cron),
            })
        }
        Err(Failure::Refused(problem)) => json!({ "problem": problem }),
        Err(_) => json!({ "problem": "" }),
    })
}
