use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;

use jobs_runtime::job;

#[job]
async fn import(
    file: PathBuf,
    title: String,
    mut rows: Vec<(u32, Option<String>)>,
    extra: HashMap<String, f64>,
    unit: (),
    flag: bool,
    label: Cow<'static, str>,
    nested: Option<Box<[u8; 4]>>,
) {
    rows.clear();
    let _ = (file, title, extra, unit, flag, label, nested);
}

fn main() {
    let _ = import::job("a.csv", "A", vec![(1, None)], HashMap::new(), (), true, "l".into(), None);
    let _ = import::enqueue(
        PathBuf::new(),
        String::new(),
        Vec::new(),
        HashMap::new(),
        (),
        false,
        Cow::Borrowed("l"),
        Some(Box::new([1, 2, 3, 4])),
    );
}
