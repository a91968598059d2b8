//! Continuations.

use super::{drop_schema, open, options};
use crate::job::JobId;
use crate::request::Trigger;
use crate::storage::model::EdgeRow;
use crate::storage::tables::Tables;

#[tokio::test]
async fn edges_are_released_with_what_they_hand_over() {
    let options = options();
    let storage = open(&options).await;
    let parent = JobId::new();
    let children: Vec<JobId> = (0..30).map(|_| JobId::new()).collect();
    let edge = |(n, child): (usize, &JobId)| EdgeRow {
        child: *child,
        position: n as i32,
        parent,
        trigger: Trigger::Finished,
        as_result: n % 2 == 0,
        released: false,
        output: None,
    };
    let mut rows: Vec<EdgeRow> = children.iter().enumerate().map(edge).collect();
    let mut open = storage.begin().await.unwrap();
    let mut t = open.tables();
    t.insert_edges(&rows).await.unwrap();
    assert_eq!(t.open_edges(&[parent]).await.unwrap().len(), 30);
    rows.reverse();
    rows.truncate(29);
    for row in &mut rows {
        row.output = (row.position % 3 != 0).then(|| row.position.to_string());
    }
    t.release_edges(&rows).await.unwrap();
    let open_ones = t.open_edges(&[parent]).await.unwrap();
    assert_eq!(open_ones.iter().map(|edge| edge.child).collect::<Vec<_>>(), [children[0]]);
    for row in t.edges_to(&children[1..]).await.unwrap() {
        let handed = (row.position % 3 != 0).then(|| row.position.to_string());
        assert_eq!((row.released, row.output), (true, handed));
    }
    open.commit().await.unwrap();
    drop_schema(&options).await;
}
