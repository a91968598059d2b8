//! What is redacted or encrypted is an argument like any other, but for what `Debug` shows of it.

use jobs_runtime::job;

#[job(encrypt = "output")]
async fn charge(
    customer: u32,
    #[redact] token: String,
    #[encrypt]
    #[serde(rename = "pan")]
    card: &str,
) -> usize {
    token.len() + card.len() + customer as usize
}

fn main() {
    let args = Charge { customer: 7, token: "t0ken".to_owned(), card: "4111".to_owned() };
    assert_eq!(format!("{args:?}"), "Charge { customer: 7, token: •••, card: ••• }");
    use jobs_runtime::Job;
    assert_eq!(Charge::REDACTED, ["token", "pan"]);
    assert_eq!(Charge::ENCRYPTED, ["pan"]);
    const { assert!(Charge::ENCRYPT_OUTPUT) };
    let _ = charge::job(7, "t0ken", "4111");
}
