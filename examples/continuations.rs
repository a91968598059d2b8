//! Continuations: jobs that start when others have ended, and are handed what those returned.
//!
//! ```text
//! cargo run --example continuations
//! ```

use jobs_runtime::JobFailure;
use jobs_runtime::prelude::*;

#[job]
async fn count_words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[job(retries = 0)]
async fn count_pages(file: String) -> anyhow::Result<usize> {
    anyhow::bail!("{file} is not a book")
}

/// Takes the output of one parent.
#[job]
async fn praise(#[from_parent] words: usize, author: &str) {
    println!("{author} has written {words} words");
}

/// Takes the outputs of two parents, in their order.
#[job]
async fn compare(#[from_parent] counts: (usize, usize)) {
    println!("{} words against {}", counts.0, counts.1);
}

/// Takes the end of its parent, whichever it was.
#[job]
async fn conclude(#[from_parent] pages: Result<usize, JobFailure>) {
    match pages {
        Ok(pages) => println!("{pages} pages"),
        Err(failure) => println!("no pages: {failure}"),
    }
}

/// Takes nothing, and starts only if its parent fails.
#[job]
async fn apologise() {
    println!("sorry for that");
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let storage = Storage::connect("sqlite::memory:").await?;
    let runtime = Runtime::builder(storage).start().await?;

    // The parameter type is checked against the parent's return type while compiling:
    // `praise::continue_with(&pages, …)` of a job that returns a String would not be accepted.
    let short = count_words::enqueue("Less is more").await?;
    praise::continue_with(&short, "Ludwig").await?.wait().await?;

    let long = count_words::enqueue("More is more, and less is a bore").await?;
    compare::continue_with((&short, &long)).await?.wait().await?;

    let pages = count_pages::enqueue("teapot.jpg").await?;
    let told = conclude::continue_with(&pages).await?;
    let sorry = apologise::job().after_failed(&pages).enqueue().await?;
    told.wait().await?;
    sorry.wait().await?;

    runtime.shutdown().await?;
    Ok(())
}
