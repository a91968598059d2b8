//! Every action, and what it does in the database.
//!
//! The scenes are played twice: here, and in `without_scripts`.

use std::time::Duration;

use chrono::{Timelike, Utc};
use jobs_runtime::prelude::*;
use jobs_runtime::{BatchState, JobState};
use jobs_tests::Bench;

use crate::browser::Browser;
use crate::kinds::send_welcome;
use crate::site::Site;
use crate::world::{SCHEDULE, THROTTLE, WAITING, World};
use crate::{on_postgres, on_sqlite};

/// What a scene is played with.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) bench: Bench,
    pub(crate) world: World,
    pub(crate) browser: Browser,
    _site: Site,
}

impl Stage {
    pub(crate) async fn set(bench: Bench, scripts: bool) -> Self {
        let world = World::make(&bench).await;
        let site = Site::open(&bench).await;
        let browser = Browser::open(&site).await;
        if !scripts {
            browser.turn_scripts_off().await;
        }
        Self { bench, world, browser, _site: site }
    }

    pub(crate) async fn strike(self) {
        self.browser.close().await;
        self.world.end().await;
    }

    async fn state(&self, id: JobId) -> JobState {
        self.bench.record(id).await.placement.state
    }
}

/// A test for each scene, on a database of its own.
macro_rules! play_each {
    (scripts: $scripts:literal) => {
        play_each! { $scripts:
            a_job_is_deleted_and_requeued_on_its_page,
            a_scheduled_job_is_run_now,
            a_running_job_is_cancelled,
            a_job_is_enqueued_again_with_other_arguments,
            chosen_jobs_are_deleted_and_requeued,
            chosen_jobs_are_rescheduled,
            all_jobs_that_match_are_acted_on,
            a_job_that_has_moved_on_is_left_alone,
            a_queue_is_paused_resumed_and_purged,
            a_throttle_is_limited_and_reset,
            a_batch_is_requeued_and_cancelled,
            a_schedule_is_triggered_paused_resumed_and_removed,
            a_schedule_is_edited,
            a_schedule_is_added,
            a_wrong_schedule_is_refused_with_a_reason,
            a_server_is_paused_and_resumed,
        }
    };
    ($scripts:literal: $($scene:ident,)+) => {
        $(#[test]
        fn $scene() {
            $crate::actions::play($scripts, $crate::actions::scenes::$scene);
        })+
    };
}

pub(crate) use play_each;

pub(crate) fn play(scripts: bool, scene: impl AsyncFnOnce(&Stage)) {
    on_sqlite(async |bench| {
        let stage = Stage::set(bench, scripts).await;
        scene(&stage).await;
        if !scripts {
            assert!(!stage.browser.page_runs_scripts().await);
        }
        stage.strike().await;
    });
}

play_each!(scripts: true);

#[test]
fn all_actions_are_done_on_postgres() {
    on_postgres(async |bench| {
        let stage = Stage::set(bench, true).await;
        scenes::a_job_is_deleted_and_requeued_on_its_page(&stage).await;
        scenes::a_batch_is_requeued_and_cancelled(&stage).await;
        scenes::a_queue_is_paused_resumed_and_purged(&stage).await;
        scenes::a_schedule_is_edited(&stage).await;
        scenes::a_server_is_paused_and_resumed(&stage).await;
        stage.strike().await;
    });
}

/// What visitors do.
pub(crate) mod scenes {
    use super::*;

    pub(crate) async fn a_job_is_deleted_and_requeued_on_its_page(stage: &Stage) {
        let (browser, id) = (&stage.browser, stage.world.enqueued);
        browser.go(&format!("/jobs/{id}")).await;
        browser.act("", "delete").await;
        browser.see_text("#flash", "1").await;
        assert_eq!(stage.state(id).await, JobState::Deleted);
        assert_eq!(browser.path().await, format!("/jobs/{id}"));
        browser.act("", "requeue").await;
        browser.see_text("#flash", "1").await;
        assert_eq!(stage.state(id).await, JobState::Enqueued);
        browser.go("/jobs").await;
        assert_eq!(browser.count("#flash").await, 0, "it is said once");
    }

    pub(crate) async fn a_scheduled_job_is_run_now(stage: &Stage) {
        let (browser, id) = (&stage.browser, stage.world.scheduled);
        browser.go(&format!("/jobs/{id}")).await;
        browser.act("", "run").await;
        browser.see_text("#flash", "1").await;
        assert_eq!(stage.state(id).await, JobState::Enqueued);
    }

    pub(crate) async fn a_running_job_is_cancelled(stage: &Stage) {
        let (browser, id) = (&stage.browser, stage.world.processing);
        browser.go(&format!("/jobs/{id}")).await;
        browser.act("", "delete").await;
        browser.see_text("#flash", "1").await;
        stage.bench.hear("told to stop").await;
        assert_eq!(stage.state(id).await, JobState::Deleted);
    }

    pub(crate) async fn a_job_is_enqueued_again_with_other_arguments(stage: &Stage) {
        let browser = &stage.browser;
        browser.go(&format!("/jobs/{}", stage.world.succeeded)).await;
        browser.open_details("#again").await;
        browser.fill("#again textarea", r#"{"to": "haskell@example.com"}"#).await;
        browser.click("#again form button").await;
        browser.see("#flash").await;
        let jobs = stage.bench.client().search(&JobFilter::new().text("haskell@")).await.unwrap();
        let job = stage.bench.client().handle::<String>(jobs.jobs[0].id);
        assert_eq!(job.wait().await.unwrap(), "sent to haskell@example.com");
        assert_eq!(stage.state(stage.world.succeeded).await, JobState::Succeeded);

        browser.go(&format!("/jobs/{}", stage.world.succeeded)).await;
        browser.open_details("#again").await;
        browser.fill("#again textarea", "{to: haskell}").await;
        browser.click("#again form button").await;
        browser.see_text("main", "JSON").await;
        browser.forget_complaints().await;
        assert_eq!(stage.bench.client().counts().await.unwrap().succeeded, 2);
    }

    pub(crate) async fn chosen_jobs_are_deleted_and_requeued(stage: &Stage) {
        let (browser, world) = (&stage.browser, &stage.world);
        browser.go("/jobs").await;
        for id in [world.enqueued, world.failed] {
            browser.click(&format!("#job-{id} input[name=job]")).await;
        }
        browser.click("button[form=bulk][value=delete]").await;
        browser.see_text("#flash", "2").await;
        for id in [world.enqueued, world.failed] {
            assert_eq!(stage.state(id).await, JobState::Deleted);
        }
        assert_eq!(stage.state(world.scheduled).await, JobState::Scheduled);
        browser.go("/jobs?state=deleted").await;
        browser.click(&format!("#job-{} input[name=job]", world.enqueued)).await;
        browser.click("button[form=bulk][value=requeue]").await;
        browser.see_text("#flash", "1").await;
        assert_eq!(browser.path().await, "/jobs?state=deleted");
        assert_eq!(stage.state(world.enqueued).await, JobState::Enqueued);
        assert_eq!(stage.state(world.failed).await, JobState::Deleted);
        browser.click("button[form=bulk][value=delete]").await;
        browser.see("#flash.warns").await;
    }

    pub(crate) async fn chosen_jobs_are_rescheduled(stage: &Stage) {
        let (browser, id) = (&stage.browser, stage.world.scheduled);
        browser.go("/jobs?state=scheduled").await;
        browser.click(&format!("#job-{id} input[name=job]")).await;
        browser.open_details("#list details.menu:has(input[name=at])").await;
        let at = (Utc::now() + Duration::from_secs(48 * 3600)).with_second(0).unwrap();
        let at = at.with_nanosecond(0).unwrap();
        browser.set("input[name=at]", &at.format("%Y-%m-%dT%H:%M").to_string()).await;
        browser.act("", "reschedule").await;
        browser.see_text("#flash", "1").await;
        assert_eq!(stage.bench.record(id).await.due_at, Some(at));
    }

    pub(crate) async fn all_jobs_that_match_are_acted_on(stage: &Stage) {
        let (browser, client) = (&stage.browser, stage.bench.client());
        let many = (0..120).map(|n| send_welcome::job(format!("{n}@many.example")).queue(WAITING));
        client.enqueue_all(many).await.unwrap();
        let before = client.counts().await.unwrap();
        browser.go("/jobs?state=enqueued&text=%40many.example").await;
        assert!(browser.count("#list tbody tr").await < 120, "the page shows some of them");
        browser.open_details("#list details.menu:has(input[name=all])").await;
        browser.click("#bulk-all button[value=delete]").await;
        browser.see_text("#flash", "120").await;
        let after = client.counts().await.unwrap();
        assert_eq!(after.enqueued, before.enqueued - 120);
        assert_eq!(after.deleted, before.deleted + 120);
        browser.go("/jobs?state=deleted&text=%40many.example").await;
        browser.open_details("#list details.menu:has(input[name=all])").await;
        browser.click("#bulk-all button[value=requeue]").await;
        browser.see_text("#flash", "120").await;
        assert_eq!(client.counts().await.unwrap(), before);
    }

    pub(crate) async fn a_job_that_has_moved_on_is_left_alone(stage: &Stage) {
        let (browser, id) = (&stage.browser, stage.world.enqueued);
        browser.go(&format!("/jobs/{id}")).await;
        browser.see("main form button[value=delete]").await;
        // Somebody else was quicker, and the page may not know yet.
        let seen = browser.attr("main input[name=job]", "value").await.unwrap();
        stage.bench.client().delete(id, None).await.unwrap();
        stage.bench.client().requeue(id, None).await.unwrap();
        browser.set("main input[name=job]", &seen).await;
        browser.act("", "delete").await;
        browser.see("#flash.warns").await;
        assert_eq!(stage.state(id).await, JobState::Enqueued);
    }

    pub(crate) async fn a_queue_is_paused_resumed_and_purged(stage: &Stage) {
        let (browser, client) = (&stage.browser, stage.bench.client());
        browser.go("/queues").await;
        browser.act("default", "pause").await;
        browser.see_text("#flash", "default").await;
        let job = send_welcome::enqueue("paul@example.com").await.unwrap();
        send_welcome::job("x@example.com")
            .queue("last")
            .enqueue()
            .await
            .unwrap()
            .wait()
            .await
            .unwrap();
        assert_eq!(stage.state(job.id()).await, JobState::Enqueued);
        browser.act("default", "resume").await;
        browser.see_text("#flash", "default").await;
        job.wait().await.unwrap();

        let waiting = client.counts().await.unwrap().enqueued;
        assert!(waiting > 0);
        browser.go("/queues").await;
        browser.act(WAITING, "purge").await;
        browser.see_text("#flash", &waiting.to_string()).await;
        assert_eq!(client.counts().await.unwrap().enqueued, 0);
        assert_eq!(stage.state(stage.world.enqueued).await, JobState::Deleted);
    }

    pub(crate) async fn a_throttle_is_limited_and_reset(stage: &Stage) {
        let (browser, client) = (&stage.browser, stage.bench.client());
        browser.go("/throttles").await;
        browser.fill("main input[name=limit]", "9").await;
        browser.act(THROTTLE, "limit").await;
        browser.see("#flash").await;
        assert_eq!(client.throttles().await.unwrap()[0].limit, 9);
        browser.act(THROTTLE, "reset").await;
        browser.see("#flash").await;
        assert_eq!(client.throttles().await.unwrap()[0].limit, 3);
    }

    pub(crate) async fn a_batch_is_requeued_and_cancelled(stage: &Stage) {
        let (browser, client, batch) = (&stage.browser, stage.bench.client(), stage.world.batch);
        client.pause_queue("default").await.unwrap();
        browser.go(&format!("/batches/{batch}")).await;
        browser.act("", "requeue").await;
        browser.see_text("#flash", "1").await;
        assert_eq!(client.batch(batch).await.unwrap().unwrap().counts.failed, 0);
        browser.act("", "cancel").await;
        browser.see_text("#flash", "2").await;
        let record = client.batch(batch).await.unwrap().unwrap();
        assert_eq!((record.state, record.counts.deleted), (BatchState::Deleted, 2));
        client.resume_queue("default").await.unwrap();
    }

    pub(crate) async fn a_schedule_is_triggered_paused_resumed_and_removed(stage: &Stage) {
        let (browser, client) = (&stage.browser, stage.bench.client());
        let schedule = async || client.recurring().list().await.unwrap().pop();
        browser.go("/recurring").await;
        browser.act(SCHEDULE, "trigger").await;
        browser.see("#flash").await;
        let job = schedule().await.unwrap().last_job.unwrap();
        client.handle::<String>(job).wait().await.unwrap();
        browser.act(SCHEDULE, "pause").await;
        browser.see("#flash").await;
        assert!(schedule().await.unwrap().paused);
        browser.act(SCHEDULE, "resume").await;
        browser.until("the schedule", async || !schedule().await.unwrap().paused).await;
        browser.act(SCHEDULE, "remove").await;
        browser.until("the removal", async || schedule().await.is_none()).await;
    }

    pub(crate) async fn a_schedule_is_edited(stage: &Stage) {
        let (browser, client) = (&stage.browser, stage.bench.client());
        browser.go(&format!("/recurring/edit?id={SCHEDULE}")).await;
        browser.fill("main input[name=cron]", "30 4 * * SUN").await;
        browser.fill("main input[name=tz]", "America/New_York").await;
        browser.click("main form button.primary").await;
        browser.see("#flash").await;
        let schedules = client.recurring().list().await.unwrap();
        assert_eq!(schedules.len(), 1);
        assert_eq!(schedules[0].cron, "30 4 * * SUN");
        assert_eq!(schedules[0].tz, "America/New_York");
        assert_eq!(schedules[0].args, r#"{"to":"all@example.com"}"#, "stored as it was");
    }

    pub(crate) async fn a_schedule_is_added(stage: &Stage) {
        let (browser, client) = (&stage.browser, stage.bench.client());
        browser.go("/recurring/new").await;
        browser.fill("main input[name=id]", "nightly").await;
        browser.fill("main input[name=kind]", "send_welcome").await;
        browser.fill("main input[name=cron]", "@daily").await;
        browser.fill("main textarea[name=args]", r#"{"to": "night@example.com"}"#).await;
        browser.click("main form button.primary").await;
        browser.see("#flash").await;
        let job = client.recurring().trigger("nightly").await.unwrap().unwrap();
        let job = client.handle::<String>(job.id());
        assert_eq!(job.wait().await.unwrap(), "sent to night@example.com");
    }

    pub(crate) async fn a_wrong_schedule_is_refused_with_a_reason(stage: &Stage) {
        let (browser, client) = (&stage.browser, stage.bench.client());
        browser.go(&format!("/recurring/edit?id={SCHEDULE}")).await;
        browser.fill("main input[name=cron]", "0 25 * * *").await;
        browser.click("main form button.primary").await;
        browser.see_text("main", "25").await;
        browser.forget_complaints().await;
        assert_eq!(client.recurring().list().await.unwrap()[0].cron, "0 9 * * MON-FRI");
        // What was written is still there to be corrected.
        assert_eq!(browser.attr("main input[name=cron]", "value").await.unwrap(), "0 25 * * *");
    }

    pub(crate) async fn a_server_is_paused_and_resumed(stage: &Stage) {
        let (browser, client) = (&stage.browser, stage.bench.client());
        browser.go("/servers").await;
        browser.act("", "pause").await;
        browser.see("#flash").await;
        assert!(client.servers().await.unwrap()[0].paused);
        browser.act("", "resume").await;
        browser.until("the server", async || !client.servers().await.unwrap()[0].paused).await;
    }
}
