//! All addresses of the dashboard.
//!
//! | Address | Page |
//! |---|---|
//! | `GET /`, `/overview` | counts, throughput, history, queues, servers |
//! | `GET /jobs` | jobs by `state` (or `retries`), `kind`, `queue`, `tag`, `text`, `from`, `to`; `after` goes on |
//! | `GET /jobs/{id}` | one job |
//! | `GET /jobs/{id}/log?after=…` | the lines of its log behind that one, as items of a list |
//! | `GET /queues`, `/throttles`, `/servers`, `/kinds` | as they say |
//! | `GET /batches`, `/batches/{id}` | batches and workflows, and one of them with its graph |
//! | `GET /recurring`, `/recurring/edit?id=…`, `/recurring/new` | schedules |
//! | `GET /recurring/check?cron=…&tz=…` | whether an expression is one, as JSON, with its next fires |
//! | `GET /assets/{hash}/{name}` | scripts, styles |
//!
//! Every action is a POST of a form with the field `csrf`, and answers with a redirect to the page
//! named by `back`, which then says what was done:
//!
//! | Address | Fields |
//! |---|---|
//! | `POST /jobs/act` | `action` (requeue, delete, run, reschedule), `job` (`id:state:version`) any number of times, `at` or `in`; or `all=1` with the fields of the filter |
//! | `POST /jobs/{id}/again` | `args`: enqueue it again, with other arguments |
//! | `POST /queues/act` | `action` (pause, resume, purge), `queue` |
//! | `POST /throttles/act` | `action` (limit, reset), `key`, `limit` |
//! | `POST /batches/{id}/act` | `action` (cancel, requeue) |
//! | `POST /recurring/act` | `action` (trigger, pause, resume, remove), `id` |
//! | `POST /recurring/save` | the fields of a schedule |
//! | `POST /servers/act` | `action` (pause, resume, stop), `server` |
//! | `POST /preferences` | `theme`, `language` |

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::app::App;
use crate::{actions, assets, pages, visit};

pub(crate) fn router<S>(app: App) -> Router<S> {
    Router::new()
        .route("/", get(pages::overview::show))
        .route("/overview", get(pages::overview::show))
        .route("/jobs", get(pages::jobs::show))
        .route("/jobs/act", post(actions::jobs::act))
        .route("/jobs/{id}", get(pages::job::show))
        .route("/jobs/{id}/log", get(pages::job::lines))
        .route("/jobs/{id}/again", post(actions::jobs::again))
        .route("/queues", get(pages::queues::show))
        .route("/queues/act", post(actions::queues::act))
        .route("/throttles", get(pages::throttles::show))
        .route("/throttles/act", post(actions::throttles::act))
        .route("/batches", get(pages::batches::show))
        .route("/batches/{id}", get(pages::batch::show))
        .route("/batches/{id}/act", post(actions::batches::act))
        .route("/recurring", get(pages::recurring::show))
        .route("/recurring/new", get(pages::schedule::new))
        .route("/recurring/edit", get(pages::schedule::edit))
        .route("/recurring/check", get(pages::schedule::check))
        .route("/recurring/act", post(actions::recurring::act))
        .route("/recurring/save", post(actions::recurring::save))
        .route("/servers", get(pages::servers::show))
        .route("/servers/act", post(actions::servers::act))
        .route("/kinds", get(pages::kinds::show))
        .route("/preferences", post(actions::preferences::set))
        .route("/assets/{hash}/{name}", get(assets::serve))
        .fallback(pages::unknown)
        .layer(from_fn_with_state(app.clone(), visit::receive))
        .with_state(app)
}
