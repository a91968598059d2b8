//! Records, and their places in the lines.

use super::batch::{self, Values};
use super::leases;
use super::tables::SqliteTables;
use super::values::{after, damaged, hex_of, ids_json, json};
use crate::job::JobId;
use crate::storage::model::{Count, JobRow, LeaseParams, LineRow, Member, NewJob, StoredLease};
use crate::storage::packing::pack_members;
use crate::storage::tables::Result;

pub(super) async fn insert_ready(t: &mut SqliteTables<'_>, jobs: &[NewJob]) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let first = t.next_seqs(jobs.len()).await?;
    insert_records(t, jobs, Some(first)).await?;
    insert_places(t, jobs, first).await
}

/// Places new jobs in the line, from this place on.
async fn insert_places(t: &mut SqliteTables<'_>, jobs: &[NewJob], first: i64) -> Result<()> {
    let storage = t.storage;
    let mut seq = first..;
    batch::insert(t, &storage.batches.line, jobs, |values, job| {
        add_place(values, &job.queue, job.priority, seq.next());
        values.add(job.id.as_uuid()).add(job.kind.as_ref()).add(0).add(0).add(false);
    })
    .await
}

pub(super) async fn insert_leased(
    t: &mut SqliteTables<'_>,
    jobs: &[NewJob],
    params: &LeaseParams<'_>,
) -> Result<Option<StoredLease>> {
    let count = i64::try_from(1 + jobs.len()).unwrap_or(i64::MAX);
    let seqs = sqlx::query(t.storage.statements.next_seqs_if_open.clone())
        .bind(count)
        .bind(params.queue.to_owned())
        .bind(json(params.kinds))
        .bind(params.server);
    let answer = t.read_one(seqs).await?;
    let (last, is_open): (i64, bool) =
        answer.ok_or_else(|| damaged("sequence of places", "none"))?;
    let lease = last - count + 1;
    let first = lease + 1;
    if !is_open {
        insert_records(t, jobs, Some(first)).await?;
        insert_places(t, jobs, first).await?;
        return Ok(None);
    }
    let members: Vec<Member> = (first..)
        .zip(jobs)
        .map(|(seq, job)| Member { job: job.id, seq, count: Count::default() })
        .collect();
    let seqs = members.iter().map(|member| member.seq).collect();
    let packed = pack_members(&members);
    if let [job] = jobs {
        let mut values = Values::with_capacity(13);
        add_record(&mut values, job, t.clock(), Some(first));
        values.add(lease).add(params.server).add(packed).add(t.clock());
        t.execute(values.into_query(&t.storage.statements.insert_leased)?).await?;
    } else {
        insert_records(t, jobs, Some(first)).await?;
        leases::insert(t, params.server, &[(lease, false, packed)]).await?;
    }
    Ok(Some(StoredLease { lease, seqs }))
}

pub(super) async fn insert_jobs(t: &mut SqliteTables<'_>, jobs: &[NewJob]) -> Result<()> {
    insert_records(t, jobs, None).await
}

async fn insert_records(
    t: &mut SqliteTables<'_>,
    jobs: &[NewJob],
    first_seq: Option<i64>,
) -> Result<()> {
    let now = t.clock();
    let storage = t.storage;
    let mut seq = first_seq.map(|first| first..);
    batch::insert(t, &storage.batches.jobs, jobs, |values, job| {
        add_record(values, job, now, seq.as_mut().and_then(Iterator::next));
    })
    .await
}

fn add_record(values: &mut Values, job: &NewJob, now: i64, seq: Option<i64>) {
    values
        .add(job.id.as_uuid())
        .add(job.kind.as_ref())
        .add(job.queue.as_ref())
        .add(job.priority)
        .add(job.args.as_str())
        .add(job.options.as_deref())
        .add(now)
        .add(job.expires.map(|expires| after(now, expires)))
        .add(seq);
}

fn add_place(values: &mut Values, queue: &str, priority: i16, seq: Option<i64>) {
    values.add(queue).add(-i64::from(priority)).add(seq);
}

pub(super) async fn insert_line(t: &mut SqliteTables<'_>, rows: &[LineRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let ends = rows.iter().filter(|row| row.seq.is_none()).count();
    let mut end = match ends {
        0 => 0..,
        _ => t.next_seqs(ends).await?..,
    };
    let placed: Vec<(&LineRow, Option<i64>)> =
        rows.iter().map(|row| (row, row.seq.or_else(|| end.next()))).collect();
    let storage = t.storage;
    batch::insert(t, &storage.batches.line, &placed, |values, (row, seq)| {
        add_place(values, &row.queue, row.priority, *seq);
        values.add(row.job.as_uuid()).add(row.kind.as_str());
        values.add(row.count.run).add(row.count.charged).add(row.solo);
    })
    .await?;
    let noted = |(row, seq): &(&LineRow, Option<i64>)| {
        (hex_of(row.job), *seq, row.due.map(|due| due.timestamp_micros()))
    };
    let seqs: Vec<(String, Option<i64>, Option<i64>)> = placed.iter().map(noted).collect();
    t.execute(sqlx::query(storage.statements.note_seqs.clone()).bind(json(&seqs))).await?;
    Ok(())
}

pub(super) async fn jobs(t: &mut SqliteTables<'_>, ids: &[JobId]) -> Result<Vec<JobRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    t.read_of(&t.storage.statements.jobs, ids_json(ids)).await
}

pub(super) async fn set_inputs(t: &mut SqliteTables<'_>, inputs: &[(JobId, String)]) -> Result<()> {
    let inputs: Vec<(String, &str)> =
        inputs.iter().map(|(job, input)| (hex_of(*job), input.as_str())).collect();
    t.execute(sqlx::query(t.storage.statements.set_inputs.clone()).bind(json(&inputs))).await?;
    Ok(())
}
