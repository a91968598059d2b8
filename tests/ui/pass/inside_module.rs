mod mail {
    use jobs_runtime::{State, job};
    use serde::{Deserialize, Serialize};

    pub struct Mailer;

    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Address(pub String);

    #[job]
    pub async fn send(to: Address, #[inject] mailer: State<Mailer>) {
        let _ = (to, mailer);
    }
}

use mail::{Address, send};

fn main() {
    let _ = send::job(Address("ada".to_owned()));
    let _ = mail::Send { to: Address("ada".to_owned()) }.clone();
}
