use jobs_runtime::{Job, JobFailure, JobHandle, job};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Receipt;

#[job]
async fn file(#[from_parent] receipt: Receipt, folder: &str) {
    let _ = (receipt, folder);
}

#[job]
async fn report(#[from_parent] outcome: Result<Receipt, JobFailure>) {
    let _ = outcome;
}

#[job]
async fn join(#[from_parent] parts: (Receipt, u32)) {
    let _ = parts;
}

#[job]
async fn read(#[from_parent] text: &str) -> usize {
    text.len()
}

fn takes<J: Job<Input = T>, T>() {}

fn main() {
    takes::<File, Receipt>();
    takes::<Report, Result<Receipt, JobFailure>>();
    takes::<Join, (Receipt, u32)>();
    takes::<Read, String>();
}

fn _continuations(receipt: &JobHandle<Receipt>, number: &JobHandle<u32>) {
    let _ = file::continue_with(receipt, "2026/11");
    let _ = file::job("2026/11").after(receipt);
    let _ = report::continue_with(receipt);
    let _ = join::continue_with((receipt, number));
}
