//! Steering and writing schedules.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use jobs_runtime::{Error, Misfire, Overlap, RecurringPlan};

use super::{Answer, done, warn};
use crate::app::App;
use crate::failure::Failure;
use crate::fields::{Fields, Posted};
use crate::json;
use crate::pages::schedule::{self, Form};
use crate::visit::Visit;

const HERE: &str = "/recurring";

pub(crate) async fn act(v: Visit, State(app): State<App>, Posted(fields): Posted) -> Answer {
    let id = fields.need("id")?;
    let recurring = app.client.recurring();
    let (there, text) = match fields.need("action")? {
        "trigger" => (recurring.trigger(id).await?.is_some(), "done.triggered"),
        "pause" => (recurring.pause(id).await?, "done.paused"),
        "resume" => (recurring.resume(id).await?, "done.resumed"),
        "remove" => (recurring.remove(id).await?, "done.removed"),
        other => return Err(Failure::bad("action", other)),
    };
    match there {
        true => done(&v, &fields, HERE, v.t1(text, id)),
        false => warn(&v, &fields, HERE, v.t1("done.gone", id)),
    }
}

pub(crate) async fn save(v: Visit, State(app): State<App>, Posted(fields): Posted) -> Answer {
    let form = Form::of(&fields);
    let is_new = fields.get("new").is_some();
    match app.client.recurring().put(plan(&form, &fields)?).await {
        Ok(()) => done(&v, &fields, HERE, v.t1("done.saved", &form.id)),
        Err(error @ Error::Storage(_)) => Err(error.into()),
        Err(error) => {
            let page = schedule::refused(v, &app.client, form, is_new, error.to_string()).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn plan(form: &Form, fields: &Fields) -> Result<RecurringPlan, Failure> {
    let mut plan = RecurringPlan::new(&form.id, &form.kind, &form.cron);
    plan.queue = Some(form.queue.clone()).filter(|queue| !queue.is_empty());
    // What is no JSON is refused by the client, with the reason.
    plan.args = json::compact(&form.args).unwrap_or_else(|| form.args.clone());
    plan.tz.clone_from(&form.tz);
    plan.misfire = match form.misfire.as_str() {
        "skip" => Misfire::Skip,
        "each" => Misfire::All,
        "once" => Misfire::Once,
        other => return Err(Failure::bad("misfire", other)),
    };
    plan.overlap = match form.overlap.as_str() {
        "skip" => Overlap::Skip,
        "wait" => Overlap::Queue,
        "allow" => Overlap::Allow,
        other => return Err(Failure::bad("overlap", other)),
    };
    plan.jitter = Duration::from_secs(fields.parse("jitter")?.unwrap_or_default());
    Ok(plan)
}
