use std::path::Path;

use jobs_runtime::{Job, job};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Order {
    id: u64,
    lines: (u8, u8),
}

#[job(
    queue = "tenant-{tenant}",
    unique(key = "{order.id}/{order.lines.1}/{{}}", within = "1h"),
    tags = ["fixed", "order:{order.id}", "{folder}", "{{{tenant}}}"],
)]
async fn ship(tenant: &str, order: Order, folder: &Path) {
    let _ = (tenant, order, folder);
}

fn main() {
    let ship = Ship {
        tenant: "acme".to_owned(),
        order: Order { id: 7, lines: (1, 2) },
        folder: "/out".into(),
    };
    assert_eq!(ship.queue(), "tenant-acme");
    assert_eq!(Ship::QUEUE, "default");
    assert_eq!(ship.tags(), ["fixed", "order:7", "/out", "{acme}"]);
    assert!(ship.unique().is_some());
}
