use std::path::{Path, PathBuf};

use jobs_runtime::job;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Order {
    id: u64,
}

#[job]
async fn ship(name: &str, ids: &[u64], folder: &Path, order: &Order, note: &String) -> usize {
    name.len() + ids.len() + folder.as_os_str().len() + order.id as usize + note.len()
}

fn main() {
    let ship = Ship {
        name: String::from("ada"),
        ids: vec![1, 2],
        folder: PathBuf::from("/tmp"),
        order: Order { id: 7 },
        note: String::new(),
    };
    let Ship { order, .. } = ship;
    let _ = self::ship::job("ada", [1, 2], "/tmp", order.clone(), "note");
    let _ = self::ship::job(String::from("ada"), vec![1, 2], PathBuf::new(), order, 'c');
}
