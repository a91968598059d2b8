use jobs_runtime::job;

struct Mailer;

impl Mailer {
    #[job]
    async fn deliver(&self, email: String) {
        let _ = email;
    }
}

fn main() {}
