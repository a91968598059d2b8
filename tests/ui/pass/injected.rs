use jobs_runtime::{CancellationToken, Client, FromContext, JobContext, JobError, State, job};

struct Mailer;
struct Attempt(u32);

impl FromContext for Attempt {
    fn from_context(ctx: &JobContext) -> Result<Self, JobError> {
        Ok(Self(ctx.attempt()))
    }
}

#[job]
async fn notify(
    ctx: JobContext,
    email: String,
    #[inject] mailer: State<Mailer>,
    token: CancellationToken,
    #[inject] attempt: Attempt,
    #[inject] client: &Client,
    #[inject] _: JobContext,
    also: &JobContext,
) -> u32 {
    let _ = (ctx, email, mailer, token, client, also);
    attempt.0
}

fn main() {
    let _ = notify::job("ada@example.com");
    let _ = Notify { email: String::new() };
}
