use std::io;

use jobs_runtime::job;

#[job(retry_if = is_transient)]
async fn fetch(url: &str) -> io::Result<String> {
    Ok(url.to_owned())
}

#[job(retry_if = errors::is_timeout, retries = 20)]
fn fetch_blocking() -> Result<u32, String> {
    Err("timeout".to_owned())
}

#[job(retry_if = is_network)]
async fn upload() -> anyhow::Result<()> {
    Ok(())
}

fn is_transient(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::TimedOut
}

fn is_network(error: &anyhow::Error) -> bool {
    error.is::<io::Error>()
}

mod errors {
    pub fn is_timeout(error: &String) -> bool {
        error == "timeout"
    }
}

fn main() {}
