//! Limits that hold across all servers.

use askama::Template;
use axum::extract::State;
use jobs_runtime::{ThrottleKind, ThrottleRecord};

use super::{Page, page};
use crate::app::App;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "throttles.html")]
struct Throttles {
    v: Visit,
    throttles: Vec<ThrottleRecord>,
}

pub(crate) async fn show(v: Visit, State(app): State<App>) -> Page {
    page(&Throttles { throttles: app.client.throttles().await?, v })
}

impl Throttles {
    fn kind(&self, throttle: &ThrottleRecord) -> &str {
        match throttle.kind {
            ThrottleKind::Concurrency => self.v.t("throttle.concurrency"),
            ThrottleKind::Fixed => self.v.t("throttle.fixed"),
            ThrottleKind::Sliding => self.v.t("throttle.sliding"),
            _ => self.v.t("throttle.bucket"),
        }
    }
}
