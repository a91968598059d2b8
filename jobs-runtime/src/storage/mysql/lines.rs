//! Records, and their places in the lines.

use super::batch::{self, Values};
use super::tables::MySqlTables;
use super::values::{damaged, hex_of, ids_json, json, micros, rank};
use super::{leases, seqs};
use crate::job::JobId;
use crate::storage::model::{Count, JobRow, LeaseParams, LineRow, Member, NewJob, StoredLease};
use crate::storage::packing::pack_members;
use crate::storage::tables::Result;

pub(super) async fn insert_ready(t: &mut MySqlTables<'_>, jobs: &[NewJob]) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let seqs: Vec<i64> = seqs::next(t, jobs.len()).await?.collect();
    insert_records(t, jobs, Some(&seqs)).await?;
    insert_places(t, jobs, &seqs).await
}

async fn insert_places(t: &mut MySqlTables<'_>, jobs: &[NewJob], seqs: &[i64]) -> Result<()> {
    let mut seqs = seqs.iter();
    batch::insert(t, &t.shared.batches.line, jobs, |values, job| {
        add_place(values, &job.queue, job.priority, seqs.next().copied());
        values.add(job.id.as_uuid()).add(job.kind.as_ref()).add(0).add(0).add(false);
    })
    .await
}

pub(super) async fn insert_leased(
    t: &mut MySqlTables<'_>,
    jobs: &[NewJob],
    params: &LeaseParams<'_>,
) -> Result<Option<StoredLease>> {
    let mut seqs = seqs::next(t, 1 + jobs.len()).await?;
    let lease = seqs.next().ok_or_else(|| damaged("sequence of places", "none"))?;
    let seqs: Vec<i64> = seqs.collect();
    insert_records(t, jobs, Some(&seqs)).await?;
    if !is_open(t, params).await? {
        insert_places(t, jobs, &seqs).await?;
        return Ok(None);
    }
    let member =
        |(job, seq): (&NewJob, &i64)| Member { job: job.id, seq: *seq, count: Count::default() };
    let members: Vec<Member> = jobs.iter().zip(&seqs).map(member).collect();
    leases::insert(t, params.server, &[(lease, false, pack_members(&members))]).await?;
    Ok(Some(StoredLease { lease, seqs }))
}

async fn is_open(t: &mut MySqlTables<'_>, params: &LeaseParams<'_>) -> Result<bool> {
    let query = t
        .query(&t.sql.is_open)
        .bind(params.queue)
        .bind(params.server)
        .bind(params.queue)
        .bind(json(params.kinds));
    t.read_one(query).await?.ok_or_else(|| damaged("answer", "none"))
}

pub(super) async fn insert_jobs(t: &mut MySqlTables<'_>, jobs: &[NewJob]) -> Result<()> {
    insert_records(t, jobs, None).await
}

async fn insert_records(
    t: &mut MySqlTables<'_>,
    jobs: &[NewJob],
    seqs: Option<&[i64]>,
) -> Result<()> {
    let mut seqs = seqs.map(<[i64]>::iter);
    let size = |job: &NewJob| job.args.len() + job.options.as_ref().map_or(0, String::len);
    batch::insert_large(t, &t.shared.batches.jobs, jobs, size, |values, job| {
        values
            .add(job.id.as_uuid())
            .add(job.kind.as_ref())
            .add(job.queue.as_ref())
            .add(job.priority)
            .add(job.args.as_str())
            .add(job.options.as_deref())
            .add(job.expires.map(micros))
            .add(seqs.as_mut().and_then(Iterator::next).copied());
    })
    .await
}

fn add_place(values: &mut Values, queue: &str, priority: i16, seq: Option<i64>) {
    values.add(queue).add(rank(priority)).add(seq);
}

pub(super) async fn insert_line(t: &mut MySqlTables<'_>, rows: &[LineRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let ends = rows.iter().filter(|row| row.seq.is_none()).count();
    let mut end = seqs::next(t, ends).await?;
    let placed: Vec<(&LineRow, Option<i64>)> =
        rows.iter().map(|row| (row, row.seq.or_else(|| end.next()))).collect();
    batch::insert(t, &t.shared.batches.line, &placed, |values, (row, seq)| {
        add_place(values, &row.queue, row.priority, *seq);
        values.add(row.job.as_uuid()).add(row.kind.as_str());
        values.add(row.count.run).add(row.count.charged).add(row.solo);
    })
    .await?;
    let noted = |(row, seq): &(&LineRow, Option<i64>)| {
        (hex_of(row.job), *seq, row.due.map(|due| due.timestamp_micros()))
    };
    let mut seqs: Vec<(String, Option<i64>, Option<i64>)> = placed.iter().map(noted).collect();
    seqs.sort_unstable();
    t.execute_of(&t.sql.note_seqs, &json(&seqs)).await?;
    Ok(())
}

pub(super) async fn jobs(t: &mut MySqlTables<'_>, ids: &[JobId]) -> Result<Vec<JobRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    t.read_of(&t.sql.jobs, &ids_json(ids)).await
}

pub(super) async fn set_inputs(
    t: &mut MySqlTables<'_>,
    mut inputs: &[(JobId, String)],
) -> Result<()> {
    while !inputs.is_empty() {
        let (some, rest) = inputs.split_at(batch::together(inputs, |(_, input)| input.len()));
        inputs = rest;
        let some: Vec<(String, &str)> =
            some.iter().map(|(job, input)| (hex_of(*job), input.as_str())).collect();
        t.execute_of(&t.sql.set_inputs, &json(&some)).await?;
    }
    Ok(())
}
