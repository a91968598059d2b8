use jobs_runtime::{job, recurring};

#[derive(serde::Serialize, serde::Deserialize)]
pub struct Order;

macro_rules! declare {
    ($name:ident, $ty:ty, $output:ty, $queue:literal, $every:expr) => {
        #[job(queue = $queue)]
        async fn $name(text: &str, value: $ty, order: $crate::Order) -> $output {
            let _ = (text, value, order);
            Ok(())
        }

        mod ticking {
            use super::recurring;

            #[recurring(every = $every)]
            pub fn tick() {}
        }
    };
}

declare!(made, Vec<u8>, Result<(), String>, "made", "1h");

fn main() {
    let _ = made::job("text", vec![1], Order);
    let _ = ticking::tick::job();
}
