use std::fmt;

use jobs_runtime::{Job, JobError, job};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Receipt;

#[derive(Debug)]
struct MailError;

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no mail")
    }
}

impl std::error::Error for MailError {}

#[job]
async fn nothing() {}

#[job]
async fn unit() -> () {}

#[job]
async fn plain() -> Receipt {
    Receipt
}

#[job]
async fn pair() -> (u32, Vec<Receipt>) {
    (1, Vec::new())
}

#[job]
async fn own_error() -> Result<Receipt, MailError> {
    Err(MailError)
}

#[job]
async fn anyhow_error() -> anyhow::Result<Receipt> {
    anyhow::bail!("no")
}

#[job]
async fn io_error() -> std::io::Result<String> {
    Ok(String::new())
}

#[job]
async fn string_error() -> Result<(), String> {
    Ok(())
}

#[job(args = "Fatal")]
async fn job_error() -> std::result::Result<u32, JobError> {
    Err(JobError::fatal("no"))
}

fn outputs<J: Job<Output = T>, T>() {}

fn main() {
    outputs::<Nothing, ()>();
    outputs::<Unit, ()>();
    outputs::<Plain, Receipt>();
    outputs::<Pair, (u32, Vec<Receipt>)>();
    outputs::<OwnError, Receipt>();
    outputs::<AnyhowError, Receipt>();
    outputs::<IoError, String>();
    outputs::<StringError, ()>();
    outputs::<Fatal, u32>();
}
