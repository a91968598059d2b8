//! How the members of a lease are packed into one value.
//!
//! SQLite and MySQL have no arrays, and a row for each member would cost more than the claim
//! itself. A member takes 32 bytes: id (16), place (8), run (4), charged (4), in network order;
//! a database can find a member by searching the bytes of its id.

use super::model::{AttemptEnd, AttemptRow, Count, Member};
use crate::job::JobId;

const ID: usize = 16;
/// The most jobs in one row of `job_finished`, so that a sweep can take as few as it wants.
const FINISHED: usize = 500;
pub(crate) const MEMBER: usize = 32;

pub(crate) fn pack_members(members: &[Member]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(members.len() * MEMBER);
    for member in members {
        packed.extend_from_slice(member.job.as_uuid().as_bytes());
        packed.extend_from_slice(&member.seq.to_be_bytes());
        packed.extend_from_slice(&member.count.run.to_be_bytes());
        packed.extend_from_slice(&member.count.charged.to_be_bytes());
    }
    packed
}

/// Bytes beyond the last whole member are ignored.
pub(crate) fn unpack_members(packed: &[u8]) -> Vec<Member> {
    let (members, _) = packed.as_chunks::<MEMBER>();
    members.iter().map(unpack_member).collect()
}

/// `None` if it is not exactly one.
#[cfg(any(feature = "postgres", test))]
pub(crate) fn unpack_one(packed: &[u8]) -> Option<Member> {
    packed.try_into().ok().map(unpack_member)
}

fn unpack_member(bytes: &[u8; MEMBER]) -> Member {
    let number = |range: std::ops::Range<usize>| {
        bytes[range].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let id = u128::from(number(0..8)) << 64 | u128::from(number(8..16));
    Member {
        job: JobId::from(uuid::Uuid::from_u128(id)),
        seq: number(16..24).cast_signed(),
        count: Count {
            run: (number(24..28) as u32).cast_signed(),
            charged: (number(28..32) as u32).cast_signed(),
        },
    }
}

pub(crate) fn pack_ids(ids: &[JobId]) -> Vec<u8> {
    ids.iter().flat_map(|id| *id.as_uuid().as_bytes()).collect()
}

/// The jobs that are kept for the default time after these runs, as rows of `job_finished`.
pub(crate) fn pack_finished(runs: &[AttemptRow<'_>]) -> Vec<Vec<u8>> {
    let stay = |run: &&AttemptRow<'_>| run.end == AttemptEnd::Succeeded && !run.keeps;
    let jobs: Vec<JobId> = runs.iter().filter(stay).map(|run| run.job).collect();
    pack_rows(&jobs).collect()
}

/// In as many values as there are to be rows.
pub(crate) fn pack_rows(jobs: &[JobId]) -> impl Iterator<Item = Vec<u8>> {
    jobs.chunks(FINISHED).map(pack_ids)
}

/// Bytes beyond the last whole id are ignored.
pub(crate) fn unpack_ids(packed: &[u8]) -> Vec<JobId> {
    let (ids, _) = packed.as_chunks::<ID>();
    ids.iter().map(|bytes| JobId::from(uuid::Uuid::from_bytes(*bytes))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_ids_survive_packing() {
        let members: Vec<Member> = (0..3)
            .map(|n| Member {
                job: JobId::new(),
                seq: i64::MAX - n,
                count: Count { run: n as i32, charged: i32::MAX - n as i32 },
            })
            .collect();
        assert_eq!(unpack_members(&pack_members(&members)), members);
        assert_eq!(unpack_one(&pack_members(&members[..1])), Some(members[0]));
        assert_eq!(unpack_one(&pack_members(&members)), None);
        let ids: Vec<JobId> = members.iter().map(|member| member.job).collect();
        assert_eq!(unpack_ids(&pack_ids(&ids)), ids);
        assert!(unpack_members(&[1, 2, 3]).is_empty());
    }
}
