//! What the integration tests share: databases to run on, a probe inside the jobs, and the
//! bench that holds both together.

mod bench;
pub mod checker;
mod own;
mod place;
mod probe;

pub use bench::{Bench, run};
pub use own::Own;
pub use place::Place;
pub use probe::{Note, Probe};

/// Runs each behaviour on each storage: one test for each pair, in modules by storage.
///
/// ```ignore
/// conformance! { sqlite_file, postgres => {
///     mod retries { a_failed_job_is_tried_again, }
/// } }
/// ```
///
/// `retries::a_failed_job_is_tried_again` is an `async fn(Bench)` beside the call; the tests are
/// `sqlite_file::retries::a_failed_job_is_tried_again` and the same under `postgres`.
#[macro_export]
macro_rules! conformance {
    ($($storage:ident),+ => $behaviours:tt) => {
        $($crate::conformance!(@storage $storage $behaviours);)+
    };
    (@storage $storage:ident { $(mod $subject:ident { $($behaviour:ident,)+ })+ }) => {
        mod $storage {
            $(mod $subject {
                $(#[test]
                fn $behaviour() {
                    $crate::run($crate::Place::$storage(), super::super::$subject::$behaviour);
                })+
            })+
        }
    };
}

#[cfg(test)]
mod tests {
    use jobs_runtime::{Client, Error};

    /// Here and not with the others: no runtime may have been started in the process.
    #[test]
    fn without_a_client_the_error_says_what_to_do() {
        let error = Client::current().expect_err("nothing was installed");
        assert!(matches!(error, Error::NoClient));
        let text = error.to_string();
        assert!(text.contains("Runtime") && text.contains("Client::install"), "{text}");
    }
}
