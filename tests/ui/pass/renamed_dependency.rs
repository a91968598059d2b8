mod vendored {
    pub mod deep {
        pub use jobs_runtime as background;
    }
}

// What the macros would name without `crate = …` is not a crate here.
mod jobs_runtime_is_elsewhere {
    use crate::vendored::deep::background::{self, job, recurring};
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    pub struct Order;

    #[job(crate = background, unique(key = "{id}"), backoff = "1s", tags = ["t"])]
    pub async fn ship(id: u64, order: Order) -> Result<(), String> {
        let _ = (id, order);
        Ok(())
    }

    #[recurring(every = "1h", crate = crate::vendored::deep::background)]
    pub fn hourly() {}
}

use jobs_runtime_is_elsewhere::{Order, hourly, ship};

fn main() {
    let _ = ship::job(1, Order);
    let _ = hourly::job();
}
