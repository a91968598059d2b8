//! Generated items bear the function's visibility and documentation of their own.
#![deny(missing_docs, unreachable_pub, private_interfaces, rustdoc::all)]
#![deny(warnings)]
#![forbid(unsafe_code)]

use jobs_runtime::{Job, job, recurring};

/// Jobs.
pub mod jobs {
    use jobs_runtime::job;

    /// Sends the welcome mail.
    ///
    /// Twice.
    #[job]
    pub async fn welcome(email: String) {
        let _ = email;
    }

    #[job]
    pub(crate) async fn internal(n: u32) {
        let _ = n;
    }

    mod deeper {
        use jobs_runtime::job;

        #[job]
        pub(in crate::jobs) async fn restricted(n: u32) {
            let _ = n;
        }

        #[job]
        pub(super) async fn parental() {}
    }

    /// Uses what is visible here.
    pub fn requests() {
        let _ = (deeper::restricted::job(1), deeper::parental::job());
        let _ = internal::job(Internal { n: 1 }.n);
    }
}

#[job]
async fn never_called(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) {
    let _ = (a, b, c, d, e, f, g, h);
}

#[recurring(every = "1h")]
fn blocking() -> Result<(), String> {
    Ok(())
}

/// The program.
pub fn main() {
    let _ = jobs::welcome::job(jobs::Welcome { email: String::new() }.email);
    jobs::requests();
    let _ = NeverCalled::NAME;
}
