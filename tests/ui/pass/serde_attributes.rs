use jobs_runtime::{job, recurring};

mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(key: &super::Key, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{:x}", key.0))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<super::Key, D::Error> {
        let text = String::deserialize(input)?;
        u64::from_str_radix(&text, 16).map(super::Key).map_err(serde::de::Error::custom)
    }
}

/// Neither `Serialize` nor `Deserialize`: the field's `with` is enough.
#[derive(Default)]
pub struct Key(u64);

#[job]
async fn open(
    #[serde(with = "hex")] key: Key,
    #[serde(default, rename = "times")] count: u32,
    #[serde(skip)] cache: Key,
    #[allow(unused_mut)]
    #[serde(alias = "was")]
    mut name: &str,
) {
    let _ = (key, count, cache, name);
}

#[recurring(every = "1h", args(count = 1))]
async fn tick(#[serde(default)] count: u32) {
    let _ = count;
}

fn main() {
    let stored = serde_json::to_string(&Open {
        key: Key(255),
        count: 3,
        cache: Key(1),
        name: "n".to_owned(),
    });
    assert_eq!(stored.unwrap(), r#"{"key":"ff","times":3,"name":"n"}"#);
    let read: Open = serde_json::from_str(r#"{"key":"ff","was":"n"}"#).unwrap();
    assert_eq!((read.key.0, read.count, read.cache.0, &*read.name), (255, 0, 0, "n"));
}
