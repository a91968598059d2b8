// errors: 15
use jobs_runtime::{State, recurring};

struct Mailer;

#[recurring(
    cron = "61 * * * *",
    tz = "Mars/Olympus",
    queue = "Not A Queue",
    retries = -1,
    retries = 3,
    timeout = "soon",
    colour = "red",
    rate_limit(key = "k", limit = 1),
    unique(key = "{nobody}", on_conflict = "panic"),
    tags = ["{nobody}"],
)]
const fn report((a, b): (u8, u8), #[redact] mailer: State<Mailer>) {
    let _ = (a, b);
    std::mem::forget(mailer);
}

fn main() {
    let _ = report::job((1, 2));
}
