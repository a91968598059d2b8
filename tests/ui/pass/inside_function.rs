use jobs_runtime::{Job, job, recurring};

fn main() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Local;

    #[job(unique(key = "{n}"))]
    async fn nested(n: u32, local: Local) -> Result<Local, String> {
        let _ = n;
        Ok(local)
    }

    #[recurring(cron = "@daily", args(n = 1))]
    fn daily(n: u32) {
        let _ = n;
    }

    #[recurring(every = "1h")]
    #[job(queue = "q")]
    async fn gathered() {}

    let _ = gathered::job();
    let _ = nested::job(1, Local);
    assert_eq!(Daily::NAME, "daily");
}
