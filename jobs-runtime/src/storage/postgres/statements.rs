//! Every statement that is sent to PostgreSQL, but for the opening of transactions.
//!
//! Rows are looked up from arrays by `CROSS JOIN LATERAL (… OFFSET 0)`, which leaves the planner
//! no other join than one index look-up a row: a plan that was made and kept while a table was
//! empty is then still right when the table holds a million rows. Rows are changed by
//! `= ANY (array)`, or by the `ctid` of rows that the statement itself has locked, for the same
//! reason. Values that go with an array of ascending keys are found in a second array by
//! `width_bucket`, which is a binary search.

use crate::storage::sql::statements;

/// The column `rank` of the line, from the record's priority.
macro_rules! rank {
    () => {
        "least(-priority::integer, 32767)::smallint"
    };
}

/// The run number in the packed member that begins at byte `at` of `members`.
macro_rules! packed_run {
    () => {
        "('x' || encode(substring(members FROM at + 24 FOR 4), 'hex'))::bit(32)::integer"
    };
}

/// Where the jobs of $1 are: id, state, version, run, charged; for a leased one the packed member
/// instead of the last two. Only what has no other place is looked for in the leases, which is a
/// search through their bytes.
macro_rules! places {
    () => {
        concat!(
            "SELECT asked.id, coalesce(found.state, 'processing') AS state,
                coalesce(found.version, held.lease) AS version,
                found.run, found.charged, held.member
            FROM unnest($1::uuid[]) AS asked (id)
            CROSS JOIN LATERAL (
                SELECT queue, ",
            rank!(),
            " AS rank, seq FROM {p}job WHERE id = asked.id OFFSET 0
            ) AS record
            LEFT JOIN LATERAL (
                SELECT * FROM (
                    SELECT 1 AS precedence, 'enqueued' AS state, seq AS version, run, charged
                    FROM {p}job_queue AS line
                    WHERE line.queue = record.queue AND line.rank = record.rank
                        AND line.seq = record.seq AND line.job_id = asked.id
                    UNION ALL
                    SELECT 1, 'enqueued', seq, run, charged
                    FROM {p}throttle_wait WHERE job_id = asked.id
                    UNION ALL
                    SELECT 2, 'scheduled', seq, run, charged
                    FROM {p}job_schedule WHERE job_id = asked.id
                    UNION ALL
                    SELECT 3, 'deleted', seq, run, charged
                    FROM {p}job_deleted WHERE job_id = asked.id
                    UNION ALL
                    SELECT 4, 'awaiting', seq, 0, 0
                    FROM {p}job_awaiting WHERE job_id = asked.id
                    UNION ALL
                    SELECT 5, 'failed', seq, run, charged
                    FROM {p}job_failed WHERE job_id = asked.id
                    UNION ALL
                    SELECT 6, 'succeeded', run, run + 1, 0
                    FROM (
                        SELECT run, ended, superseded FROM {p}job_attempt
                        WHERE job_id = asked.id ORDER BY run DESC LIMIT 1
                    ) AS latest
                    WHERE ended = 0 AND NOT superseded
                ) AS place
                ORDER BY precedence LIMIT 1
            ) AS found ON true
            LEFT JOIN LATERAL (
                SELECT id AS lease, substring(members FROM at FOR 32) AS member
                FROM (
                    SELECT id, members, revoked,
                        position(uuid_send(asked.id) IN members) AS at
                    FROM {p}lease WHERE found.state IS NULL OFFSET 0
                ) AS lease
                WHERE at % 32 = 1 AND position(uuid_send(asked.id) IN revoked) = 0
                    AND NOT EXISTS (
                        SELECT FROM {p}job_attempt
                        WHERE job_id = asked.id AND run = ",
            packed_run!(),
            "       )
                ORDER BY id DESC LIMIT 1
            ) AS held ON true
            WHERE found.state IS NOT NULL OR held.lease IS NOT NULL"
        )
    };
}

macro_rules! new_job_columns {
    () => {
        "unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::text[],
            $7::bigint[]) AS new (id, kind, queue, priority, args, options, expires_us)
        CROSS JOIN (SELECT {now} AS now) AS clock"
    };
}

macro_rules! one_job_columns {
    () => {
        "(VALUES ($1::uuid, $2::text, $3::text, $4::smallint, $5::text, $6::text, $7::bigint))
            AS new (id, kind, queue, priority, args, options, expires_us)
        CROSS JOIN (SELECT {now} AS now) AS clock"
    };
}

/// Stores jobs and leases them, or places them in the line. $8 the server, $9 the queue, $10 its
/// kinds, $11 to $13 the parts of the line that are to be searched.
macro_rules! insert_leased {
    ($source:expr, $members:literal) => {
        concat!(
            "WITH live AS MATERIALIZED (
                SELECT FROM {p}server WHERE id = $8 AND gone_at IS NULL
            ), before AS MATERIALIZED (
                SELECT FROM unnest($11::smallint[], $12::bigint[], $13::smallint[])
                    AS part (after_rank, after_seq, last_rank)
                CROSS JOIN LATERAL (
                    SELECT FROM {p}job_queue
                    WHERE queue = $9 AND (rank, seq) > (part.after_rank, part.after_seq)
                        AND rank <= part.last_rank AND kind = ANY ($10)
                    ORDER BY rank, seq LIMIT 1
                ) AS line
                LIMIT 1
            ), open AS MATERIALIZED (
                SELECT nextval('{p}seq') AS lease
                WHERE EXISTS (SELECT FROM live) AND NOT EXISTS (SELECT FROM before)
                    AND NOT EXISTS (SELECT FROM {p}queue_pause WHERE queue = $9)
            ), stored AS (
                INSERT INTO {p}job
                    (id, kind, queue, priority, args, options, created_at, expires_at, seq)
                SELECT id, kind, queue, priority, args, options, now,
                    now + expires_us * interval '1 microsecond', nextval('{p}seq')
                FROM ",
            $source,
            "
                RETURNING id, kind, queue, priority, seq
            ), lined AS (
                INSERT INTO {p}job_queue (queue, rank, seq, job_id, kind)
                SELECT queue, ",
            rank!(),
            ", seq, id, kind FROM stored
                WHERE NOT EXISTS (SELECT FROM open)
            ), leased AS (
                INSERT INTO {p}lease (id, server, solo, members, claimed_at)
                SELECT lease, $8, false, members, {now}
                FROM open CROSS JOIN (SELECT ",
            $members,
            " AS members FROM stored) AS packed
            )
            SELECT id, seq, lease FROM stored LEFT JOIN open ON true"
        )
    };
}

macro_rules! edge_columns {
    () => {
        "child_id, position, parent_id, on_end, as_result, released, output"
    };
}

/// Of the jobs $1.
macro_rules! open_edges {
    () => {
        concat!(
            "SELECT ",
            edge_columns!(),
            " FROM {p}job_edge WHERE parent_id = ANY ($1::uuid[]) AND NOT released"
        )
    };
}

macro_rules! awaiting_columns {
    () => {
        "job_id, pending, hand_over, delay_us, due_at"
    };
}

macro_rules! batch_columns {
    () => {
        "id, parent_id, name, description, finishes, keep_us, opened, state, total, pending,
        succeeded, failed, deleted, skipped, cause, cancelled, seq, created_at, ended_at,
        expires_at"
    };
}

macro_rules! recurring_columns {
    () => {
        "id, kind, queue, priority, args, options, expires_us, cron, tz, misfire, overlap,
        jitter_us, paused, declared, next_at, last_at, last_job, error"
    };
}

macro_rules! throttle_columns {
    () => {
        "id, scope, key, kind, declared, own_limit, per_us, used, tokens, window_at, called,
        called_at, wake_at, touched_at, {now}"
    };
}

/// The beginning of the span that an end belongs to.
macro_rules! span {
    ($step:literal) => {
        concat!(
            "to_timestamp(floor(extract(epoch FROM at) * 1000000 / ",
            $step,
            "::bigint)
                * ",
            $step,
            "::bigint / 1000000)"
        )
    };
}

/// Ends of runs since then; each table is walked by its key by time.
macro_rules! ends_since {
    ($since:literal) => {
        concat!(
            "SELECT at, octet_length(jobs) / 16 AS succeeded, 0 AS failed FROM {p}job_finished
                WHERE at >= ",
            $since,
            "
            UNION ALL
            SELECT at, octet_length(jobs) / 16, 0 FROM {p}batch_finished WHERE at >= ",
            $since,
            "
            UNION ALL
            SELECT succeeded_at, 1, 0 FROM {p}job_expiry
                WHERE succeeded_at IS NOT NULL AND succeeded_at >= ",
            $since,
            "
            UNION ALL
            SELECT at, 0, octet_length(jobs) / 16 FROM {p}run_failed WHERE at >= ",
            $since
        )
    };
}

statements! {
    /// The statements, rendered for one schema.
    Statements {
        now = "SELECT {now}";

        // Schema.

        /// Not by `to_regclass`, which may still answer from before a lock that was waited for.
        is_migrated =
            "SELECT EXISTS (
                SELECT FROM pg_catalog.pg_class AS class
                JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = class.relnamespace
                WHERE namespace.nspname = $1 AND class.relname = 'schema_version'
            )";
        version = "SELECT coalesce(max(version), 0) FROM {p}schema_version";
        lock_migrations = "SELECT pg_advisory_xact_lock(hashtextextended('jobs {p}', 0))";
        has_schema = "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)";
        note_version =
            "INSERT INTO {p}schema_version (version, name, applied_at)
            VALUES ($1, $2, clock_timestamp())";
        storage = "SELECT storage FROM {p}control";
        sees_control =
            "SELECT current_database()::text, to_regclass('{p}control') IS NOT NULL";

        // Records and the line.

        insert_ready = concat!(
            "WITH stored AS (
                INSERT INTO {p}job
                    (id, kind, queue, priority, args, options, created_at, expires_at, seq)
                SELECT id, kind, queue, priority, args, options, now,
                    now + expires_us * interval '1 microsecond', nextval('{p}seq')
                FROM ", new_job_columns!(), "
                RETURNING id, kind, queue, priority, seq
            )
            INSERT INTO {p}job_queue (queue, rank, seq, job_id, kind)
            SELECT queue, ", rank!(), ", seq, id, kind FROM stored"
        );
        insert_leased = insert_leased!(
            new_job_columns!(),
            "string_agg(uuid_send(id) || int8send(seq) || int8send(0), ''::bytea)"
        );
        /// The same for a single job, whose caller waits: no arrays to take apart or to gather.
        insert_leased_one = insert_leased!(
            one_job_columns!(),
            "uuid_send(id) || int8send(seq) || int8send(0)"
        );
        insert_jobs = concat!(
            "INSERT INTO {p}job
                (id, kind, queue, priority, args, options, created_at, expires_at)
            SELECT id, kind, queue, priority, args, options, now,
                now + expires_us * interval '1 microsecond'
            FROM ", new_job_columns!()
        );
        /// $9: the ids in ascending order; $10: in the same order, when those were due that come
        /// off the schedule.
        insert_line =
            "WITH placed AS (
                INSERT INTO {p}job_queue (queue, rank, seq, job_id, kind, run, charged, solo)
                SELECT queue, rank, coalesce(seq, nextval('{p}seq')), job_id, kind, run, charged,
                    solo
                FROM unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[], $5::integer[],
                    $6::integer[], $7::boolean[], $8::bigint[])
                    AS new (job_id, kind, queue, rank, run, charged, solo, seq)
                RETURNING job_id, seq
            ), places AS MATERIALIZED (
                SELECT array_agg(seq ORDER BY job_id) AS seqs FROM placed
            )
            UPDATE {p}job
            SET seq = ((SELECT seqs FROM places))[width_bucket(id, $9::uuid[])],
                due_at = coalesce(($10::timestamptz[])[width_bucket(id, $9::uuid[])], due_at)
            WHERE id = ANY ($9::uuid[])
                AND seq IS DISTINCT FROM ((SELECT seqs FROM places))[width_bucket(id, $9::uuid[])]";
        /// A server that is declared dead between its claim and the commit of that leaves a lease,
        /// for which `bury_silent` looks. $2: the queues; $5 to $8: the parts of their lines that are
        /// to be searched, in their order, with the numbers of their queues, counted from 0. The
        /// columns of the answer are few, and most of them null, since to send them is a fifth of
        /// the work.
        claim =
            "WITH live AS MATERIALIZED (
                SELECT FROM {p}server WHERE id = $1 AND gone_at IS NULL
            ), shared AS MATERIALIZED (
                SELECT nextval('{p}seq') AS lease
            ), candidate AS MATERIALIZED (
                SELECT line.*, part.number
                FROM unnest($5::smallint[], $6::bigint[], $7::smallint[], $8::integer[])
                    AS part (after_rank, after_seq, last_rank, number)
                CROSS JOIN LATERAL (
                    SELECT ctid AS tid, rank, job_id, solo,
                        uuid_send(job_id) || int8send(seq)
                            || int8send(run::bigint << 32 | charged) AS member,
                        CASE WHEN solo THEN nextval('{p}seq') ELSE (SELECT lease FROM shared) END
                            AS lease
                    FROM {p}job_queue
                    WHERE queue = ($2::text[])[part.number + 1]
                        AND (rank, seq) > (part.after_rank, part.after_seq)
                        AND rank <= part.last_rank AND kind = ANY ($3)
                        AND EXISTS (SELECT FROM live)
                        AND NOT EXISTS (
                            SELECT FROM {p}queue_pause
                            WHERE queue = ($2::text[])[part.number + 1]
                        )
                    ORDER BY rank, seq
                    LIMIT $4
                    FOR UPDATE SKIP LOCKED
                ) AS line
                LIMIT $4
            ), taken AS (
                DELETE FROM {p}job_queue WHERE ctid = ANY (ARRAY (SELECT tid FROM candidate))
            ), leased AS (
                INSERT INTO {p}lease (id, server, solo, members, claimed_at)
                SELECT lease, $1, solo, string_agg(member, ''::bytea), {now}
                FROM candidate
                GROUP BY lease, solo
            )
            SELECT chosen.member, chosen.rank, chosen.lease, nullif(chosen.solo, false),
                record.kind, record.args, record.options, record.input,
                record.expires_at <= {now}, nullif(chosen.number, 0)
            FROM candidate AS chosen
            CROSS JOIN LATERAL (
                SELECT kind, args, options, input, expires_at
                FROM {p}job WHERE id = chosen.job_id OFFSET 0
            ) AS record";
        jobs =
            "SELECT asked.id, kind, queue, priority, options
            FROM unnest($1::uuid[]) AS asked (id)
            CROSS JOIN LATERAL (
                SELECT kind, queue, priority, options
                FROM {p}job WHERE id = asked.id OFFSET 0
            ) AS record";
        /// $1: the ids in ascending order.
        set_inputs =
            "UPDATE {p}job SET input = ($2::text[])[width_bucket(id, $1::uuid[])]
            WHERE id = ANY ($1::uuid[])";
        /// A place in the line moves with the queue and the priority that its key is made of.
        /// `former` is named at the end so that it is read before the record changes.
        rewrite_job = concat!(
            "WITH former AS MATERIALIZED (
                SELECT queue, ", rank!(), " AS rank, seq FROM {p}job WHERE id = $1 FOR UPDATE
            ), line AS MATERIALIZED (
                SELECT place.tid FROM former
                CROSS JOIN LATERAL (
                    SELECT ctid AS tid FROM {p}job_queue
                    WHERE queue = former.queue AND rank = former.rank AND seq = former.seq
                        AND job_id = $1
                    FOR UPDATE
                    OFFSET 0
                ) AS place
            ), moved AS (
                UPDATE {p}job_queue SET queue = $2, rank = $3
                WHERE ctid = ANY (ARRAY (SELECT tid FROM line))
                    AND (queue, rank) IS DISTINCT FROM ($2, $3)
            ), waiting AS (
                UPDATE {p}throttle_wait SET queue = $2, rank = $3 WHERE job_id = $1
            )
            UPDATE {p}job
            SET queue = $2, priority = $4, args = $5, options = $6,
                expires_at = {now} + $7::bigint * interval '1 microsecond'
            WHERE id = $1 AND EXISTS (SELECT FROM former)"
        );
        delete_jobs = concat!(
            "WITH line AS (
                DELETE FROM {p}job_queue WHERE ctid = ANY (ARRAY (
                    SELECT place.tid
                    FROM unnest($1::uuid[]) AS asked (id)
                    CROSS JOIN LATERAL (
                        SELECT queue, ", rank!(), " AS rank, seq
                        FROM {p}job WHERE id = asked.id OFFSET 0
                    ) AS record
                    CROSS JOIN LATERAL (
                        SELECT ctid AS tid FROM {p}job_queue
                        WHERE queue = record.queue AND rank = record.rank
                            AND seq = record.seq AND job_id = asked.id
                        OFFSET 0
                    ) AS place
                ))
            ), waiting AS (
                DELETE FROM {p}throttle_wait WHERE job_id = ANY ($1::uuid[])
            ), schedule AS (
                DELETE FROM {p}job_schedule WHERE job_id = ANY ($1::uuid[])
            ), awaiting AS (
                DELETE FROM {p}job_awaiting WHERE job_id = ANY ($1::uuid[])
            ), failed AS (
                DELETE FROM {p}job_failed WHERE job_id = ANY ($1::uuid[])
            ), deleted AS (
                DELETE FROM {p}job_deleted WHERE job_id = ANY ($1::uuid[])
            ), attempt AS (
                DELETE FROM {p}job_attempt WHERE job_id = ANY ($1::uuid[])
            ), event AS (
                DELETE FROM {p}job_event WHERE job_id = ANY ($1::uuid[])
            ), edge_to AS (
                DELETE FROM {p}job_edge WHERE child_id = ANY ($1::uuid[])
            ), edge_from AS (
                DELETE FROM {p}job_edge WHERE ctid = ANY (ARRAY (
                    SELECT edge.ctid FROM {p}job_edge AS edge
                    LEFT JOIN LATERAL (
                        SELECT true AS there FROM {p}job_awaiting
                        WHERE job_id = edge.child_id OFFSET 0
                    ) AS waiting ON true
                    WHERE edge.parent_id = ANY ($1::uuid[]) AND waiting.there IS NULL
                ))
            ), expiry AS (
                DELETE FROM {p}job_expiry WHERE job_id = ANY ($1::uuid[])
            ), key AS (
                DELETE FROM {p}job_unique WHERE job_id = ANY ($1::uuid[])
            ), step AS (
                DELETE FROM {p}job_step WHERE job_id = ANY ($1::uuid[])
            ), line_of_log AS (
                DELETE FROM {p}job_log WHERE job_id = ANY ($1::uuid[])
            ), progress AS (
                DELETE FROM {p}job_progress WHERE job_id = ANY ($1::uuid[])
            ), tag AS (
                DELETE FROM {p}job_tag WHERE job_id = ANY ($1::uuid[])
            )
            DELETE FROM {p}job WHERE id = ANY ($1::uuid[])"
        );

        // Tags.

        insert_tags =
            "INSERT INTO {p}job_tag (job_id, tag, seq)
            SELECT job_id, tag, nextval('{p}seq')
            FROM unnest($1::uuid[], $2::text[]) AS new (job_id, tag)
            ON CONFLICT (job_id, tag) DO NOTHING";
        tags = "SELECT tag FROM {p}job_tag WHERE job_id = $1 ORDER BY seq";
        delete_tags = "DELETE FROM {p}job_tag WHERE job_id = $1";

        // Leases.

        lock_leases =
            "SELECT id, revoked FROM {p}lease WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE";
        leases_of =
            "SELECT id, server, solo, members, revoked, started, started_at
            FROM {p}lease WHERE server = ANY ($1::bigint[]) ORDER BY id FOR UPDATE";
        insert_lease =
            "INSERT INTO {p}lease (id, server, solo, members, started, started_at, claimed_at)
            VALUES (nextval('{p}seq'), $1, false, $2, $3, {now}, {now}) RETURNING id";
        leases =
            "SELECT id, server, solo, members, revoked, started, started_at
            FROM {p}lease ORDER BY id DESC";
        delete_leases = "DELETE FROM {p}lease WHERE id = ANY ($1::bigint[])";
        revoke = "UPDATE {p}lease SET revoked = revoked || $2 WHERE id = $1";
        /// $1: leases in ascending order; $2: for each the packed ids of those that run. An
        /// expression, even one that changes nothing, is fetched from its pages once, a column
        /// once for each search in it.
        note_started =
            "WITH locked AS MATERIALIZED (
                SELECT id, started || ''::bytea AS started FROM {p}lease
                WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE
            ), noted AS MATERIALIZED (
                SELECT id, (
                    SELECT string_agg(member, ''::bytea)
                    FROM (
                        SELECT substring(pack FROM at FOR 16) AS member
                        FROM generate_series(1, length(pack), 16) AS at
                    ) AS running
                    WHERE position(member IN started) = 0
                ) AS more
                FROM (
                    SELECT id, started, ($2::bytea[])[width_bucket(id, $1::bigint[])] AS pack
                    FROM locked
                ) AS lease
            ), added AS MATERIALIZED (
                SELECT array_agg(id ORDER BY id) AS ids, array_agg(more ORDER BY id) AS mores
                FROM noted
            )
            UPDATE {p}lease
            SET started = started || coalesce(
                    ((SELECT mores FROM added))[width_bucket(id, (SELECT ids FROM added))], ''
                ),
                started_at = {now}
            WHERE id = ANY ((SELECT ids FROM added)::bigint[])";

        // History.

        /// $10: the jobs for `job_finished`, packed.
        insert_attempts =
            "WITH listed AS (
                INSERT INTO {p}job_finished (at, jobs)
                SELECT {now}, jobs FROM unnest($10::bytea[]) AS new (jobs)
            )
            INSERT INTO {p}job_attempt
                (job_id, run, ended, keeps, server, started_at, ended_at, output, failure)
            SELECT job_id, run, ended, keeps, server, now - begun, now - done, output, failure
            FROM unnest($1::uuid[], $2::integer[], $3::smallint[], $4::boolean[], $5::bigint[],
                $6::interval[], $7::interval[], $8::text[], $9::text[])
                AS new (job_id, run, ended, keeps, server, begun, done, output, failure)
            CROSS JOIN (SELECT {now} AS now) AS clock";
        /// Runs of one server that have simply succeeded: half of the columns, and two thirds of
        /// the time. $6: as $10 above; $7: the leases that they have used up.
        end_successes = concat!(
            "WITH listed AS (
                INSERT INTO {p}job_finished (at, jobs)
                SELECT {now}, jobs FROM unnest($6::bytea[]) AS new (jobs)
            ), attempts AS (
                INSERT INTO {p}job_attempt (job_id, run, ended, server, started_at, ended_at)
                SELECT job_id, run, 0, $5, now - begun, now - done
                FROM unnest($1::uuid[], $2::integer[], $3::interval[], $4::interval[])
                    AS new (job_id, run, begun, done)
                CROSS JOIN (SELECT {now} AS now) AS clock
            ), leases AS (
                DELETE FROM {p}lease WHERE id = ANY ($7::bigint[])
            ) ", open_edges!()
        );
        attempted =
            "SELECT asked.id
            FROM unnest($1::uuid[], $2::integer[]) AS asked (id, run)
            CROSS JOIN LATERAL (
                SELECT FROM {p}job_attempt
                WHERE job_id = asked.id AND run = asked.run OFFSET 0
            ) AS attempt";
        insert_events =
            "INSERT INTO {p}job_event (job_id, at, event, from_state, to_state, reason, server)
            SELECT job_id, {now}, event, from_state, to_state, reason, server
            FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::text[],
                $6::bigint[]) AS new (job_id, event, from_state, to_state, reason, server)";

        // The narrow tables of the rarer states.

        insert_schedule =
            "INSERT INTO {p}job_schedule (job_id, seq, due_at, run, charged, reason)
            SELECT job_id, nextval('{p}seq'),
                coalesce(due_at, {now} + coalesce(delay_us, 0) * interval '1 microsecond'),
                run, charged, reason
            FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::integer[], $5::integer[],
                $6::smallint[]) AS new (job_id, delay_us, due_at, run, charged, reason)";
        take_due =
            "WITH due AS MATERIALIZED (
                SELECT ctid AS tid, job_id, run, charged, due_at FROM {p}job_schedule
                WHERE due_at <= {now} ORDER BY due_at, seq LIMIT $1 FOR UPDATE SKIP LOCKED
            ), taken AS (
                DELETE FROM {p}job_schedule WHERE ctid = ANY (ARRAY (SELECT tid FROM due))
            )
            SELECT due.job_id, kind, queue, priority, run, charged, options, due.due_at
            FROM due
            CROSS JOIN LATERAL (
                SELECT kind, queue, priority, options FROM {p}job WHERE id = due.job_id OFFSET 0
            ) AS record";
        insert_failed =
            "INSERT INTO {p}job_failed (job_id, seq, at, reason, failure, run, charged)
            SELECT job_id, nextval('{p}seq'), {now}, reason, failure, run, charged
            FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::integer[], $5::integer[])
                AS new (job_id, reason, failure, run, charged)";
        insert_deleted =
            "INSERT INTO {p}job_deleted (job_id, seq, at, reason, cause, failure, run, charged)
            SELECT job_id, nextval('{p}seq'), {now}, reason, cause, failure, run, charged
            FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::integer[],
                $6::integer[]) AS new (job_id, reason, cause, failure, run, charged)";
        insert_expiry =
            "INSERT INTO {p}job_expiry (job_id, expires_at)
            SELECT job_id, {now} + keep_us * interval '1 microsecond'
            FROM unnest($1::uuid[], $2::bigint[]) AS new (job_id, keep_us)
            ON CONFLICT (job_id) DO UPDATE SET expires_at = excluded.expires_at";

        insert_kept =
            "INSERT INTO {p}job_expiry (job_id, expires_at, succeeded_at, seq)
            SELECT job_id, now + keep_us * interval '1 microsecond', now, nextval('{p}seq')
            FROM unnest($1::uuid[], $2::bigint[]) AS new (job_id, keep_us)
            CROSS JOIN (SELECT {now} AS now) AS clock
            ON CONFLICT (job_id) DO UPDATE
            SET expires_at = excluded.expires_at, succeeded_at = excluded.succeeded_at,
                seq = excluded.seq";

        insert_batch_finished =
            "INSERT INTO {p}batch_finished (at, id, batch_id, jobs)
            SELECT {now}, -nextval('{p}seq'), batch, jobs
            FROM unnest($1::uuid[], $2::bytea[]) AS new (batch, jobs)";

        // Continuations.

        insert_awaiting =
            "INSERT INTO {p}job_awaiting (job_id, seq, pending, hand_over, delay_us, due_at)
            SELECT job_id, nextval('{p}seq'), pending, hand_over, delay_us, due_at
            FROM unnest($1::uuid[], $2::integer[], $3::smallint[], $4::bigint[],
                $5::timestamptz[]) AS new (job_id, pending, hand_over, delay_us, due_at)";
        insert_edges = concat!(
            "INSERT INTO {p}job_edge (", edge_columns!(), ")
            SELECT * FROM unnest($1::uuid[], $2::integer[], $3::uuid[], $4::text[], $5::boolean[],
                $6::boolean[], $7::text[])"
        );
        open_edges = open_edges!();
        edges_to = concat!(
            "SELECT ", edge_columns!(), " FROM {p}job_edge
            WHERE child_id = ANY ($1::uuid[]) ORDER BY child_id, position"
        );
        release_edges =
            "WITH found AS MATERIALIZED (
                SELECT edge.tid, released.output
                FROM unnest($1::uuid[], $2::integer[], $3::text[])
                    AS released (child, position, output)
                CROSS JOIN LATERAL (
                    SELECT ctid AS tid FROM {p}job_edge
                    WHERE child_id = released.child AND position = released.position OFFSET 0
                ) AS edge
            ), sorted AS MATERIALIZED (
                SELECT array_agg(tid ORDER BY tid) AS tids,
                    array_agg(output ORDER BY tid) AS outputs
                FROM found
            )
            UPDATE {p}job_edge
            SET released = true,
                output = ((SELECT outputs FROM sorted))
                    [width_bucket(ctid, (SELECT tids FROM sorted))]
            WHERE ctid = ANY ((SELECT tids FROM sorted)::tid[])";
        /// $1 ascends, and so do the look-ups by it, and with them the locks.
        count_down = concat!(
            "UPDATE {p}job_awaiting
            SET pending = pending - ($2::integer[])[width_bucket(job_id, $1::uuid[])]
            WHERE job_id = ANY ($1::uuid[])
            RETURNING ", awaiting_columns!()
        );
        awaiting = concat!(
            "SELECT ", awaiting_columns!(), "
            FROM {p}job_awaiting WHERE job_id = ANY ($1::uuid[])"
        );
        delete_awaiting =
            "DELETE FROM {p}job_awaiting WHERE job_id = ANY ($1::uuid[]) RETURNING job_id";
        deleted_because_of =
            "SELECT deleted.job_id, asked.id
            FROM unnest($1::uuid[]) AS asked (id)
            CROSS JOIN LATERAL (
                SELECT job_id FROM {p}job_deleted WHERE cause = asked.id OFFSET 0
            ) AS deleted
            ORDER BY deleted.job_id";
        caused =
            "SELECT asked.id
            FROM unnest($1::uuid[]) AS asked (id)
            CROSS JOIN LATERAL (
                SELECT cause FROM {p}job_deleted WHERE job_id = asked.id OFFSET 0
            ) AS deleted
            WHERE deleted.cause IS NOT NULL";

        // Batches. Their ids are locked in ascending order.

        insert_batches =
            "INSERT INTO {p}batch (id, parent_id, seq, name, description, finishes, keep_us, opened,
                state, total, pending, created_at)
            SELECT id, parent_id, nextval('{p}seq'), name, description, finishes, keep_us, opened,
                state, total, pending, {now}
            FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::boolean[],
                $6::bigint[], $7::boolean[], $8::smallint[], $9::bigint[], $10::bigint[])
                AS new (id, parent_id, name, description, finishes, keep_us, opened, state, total,
                    pending)";
        insert_members =
            "INSERT INTO {p}batch_member (batch_id, position, node_id, is_batch)
            SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::boolean[])";
        batches = concat!(
            "SELECT ", batch_columns!(), " FROM {p}batch WHERE id = ANY ($1::uuid[]) ORDER BY id"
        );
        lock_batches = concat!(
            "SELECT ", batch_columns!(), " FROM {p}batch
            WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE"
        );
        save_batch =
            "UPDATE {p}batch
            SET opened = $2, state = $3, total = $4, pending = $5, succeeded = $6, failed = $7,
                deleted = $8, skipped = $9, cause = $10, cancelled = $11,
                ended_at = CASE WHEN $12 THEN coalesce(ended_at, {now}) END,
                expires_at = {now} + $13::bigint * interval '1 microsecond'
            WHERE id = $1";
        dropped_batches =
            "SELECT dropped.id
            FROM unnest($1::uuid[]) AS asked (id)
            CROSS JOIN LATERAL (
                SELECT id FROM {p}batch WHERE cause = asked.id OFFSET 0
            ) AS dropped";
        batch_trees =
            "WITH RECURSIVE tree (outermost, id, depth) AS (
                SELECT asked.id, asked.id, 0 FROM unnest($1::uuid[]) AS asked (id)
                UNION ALL
                SELECT tree.outermost, inside.id, tree.depth + 1
                FROM tree
                CROSS JOIN LATERAL (
                    SELECT id FROM {p}batch WHERE parent_id = tree.id OFFSET 0
                ) AS inside
            )
            SELECT outermost, id FROM tree ORDER BY depth, id";
        members =
            "SELECT batch_id, position, node_id, is_batch FROM {p}batch_member
            WHERE batch_id = $1 AND position > $2 ORDER BY position LIMIT $3";
        failed_members =
            "SELECT member.batch_id, member.position, member.node_id, member.is_batch
            FROM {p}batch_member AS member
            CROSS JOIN LATERAL (
                SELECT FROM {p}job_failed WHERE job_id = member.node_id OFFSET 0
            ) AS failed
            WHERE member.batch_id = $1 AND member.position > $2
            ORDER BY member.position LIMIT $3";
        awaiting_members =
            "SELECT asked.id, count(*)
            FROM unnest($1::uuid[]) AS asked (id)
            CROSS JOIN LATERAL (
                SELECT node_id FROM {p}batch_member
                WHERE batch_id = asked.id AND NOT is_batch OFFSET 0
            ) AS member
            CROSS JOIN LATERAL (
                SELECT FROM {p}job_awaiting WHERE job_id = member.node_id OFFSET 0
            ) AS waiting
            LEFT JOIN LATERAL (
                SELECT true AS there FROM {p}job_deleted WHERE job_id = member.node_id OFFSET 0
            ) AS deleted ON true
            WHERE deleted.there IS NULL
            GROUP BY asked.id";
        batch_outputs =
            "SELECT latest.output
            FROM {p}batch_member AS member
            CROSS JOIN LATERAL (
                SELECT ended, superseded, output FROM {p}job_attempt
                WHERE job_id = member.node_id ORDER BY run DESC LIMIT 1
            ) AS latest
            WHERE member.batch_id = $1 AND latest.ended = 0 AND NOT latest.superseded
            ORDER BY member.position";
        recent_batches = concat!(
            "SELECT ", batch_columns!(), " FROM {p}batch
            WHERE parent_id IS NULL AND seq < $1 ORDER BY seq DESC LIMIT $2"
        );
        cancelled_batches = "SELECT id FROM {p}batch WHERE cancelled AND state < 2 LIMIT $1";
        expired_batches =
            "SELECT id FROM {p}batch WHERE expires_at <= {now}
            ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED";
        take_members =
            "DELETE FROM {p}batch_member WHERE ctid = ANY (ARRAY (
                SELECT ctid FROM {p}batch_member WHERE batch_id = $1 ORDER BY position LIMIT $2
            ))
            RETURNING batch_id, position, node_id, is_batch";
        delete_batches =
            "WITH finished AS (
                DELETE FROM {p}batch_finished WHERE batch_id = ANY ($1::uuid[])
            )
            DELETE FROM {p}batch WHERE id = ANY ($1::uuid[])";

        // Places of single jobs. Each lock is taken in the order of the ids of $1.

        placed = places!();
        lock_enqueued = concat!(
            "SELECT FROM unnest($1::uuid[]) AS asked (id)
            CROSS JOIN LATERAL (
                SELECT queue, ", rank!(), " AS rank, seq
                FROM {p}job WHERE id = asked.id OFFSET 0
            ) AS record
            CROSS JOIN LATERAL (
                SELECT FROM {p}job_queue AS line
                WHERE line.queue = record.queue AND line.rank = record.rank
                    AND line.seq = record.seq AND line.job_id = asked.id
                FOR UPDATE
                OFFSET 0
            ) AS line"
        );
        lock_waiting =
            "SELECT FROM {p}throttle_wait
            WHERE job_id = ANY ($1::uuid[]) ORDER BY job_id FOR UPDATE";
        lock_scheduled =
            "SELECT FROM {p}job_schedule
            WHERE job_id = ANY ($1::uuid[]) ORDER BY job_id FOR UPDATE";
        lock_awaiting =
            "SELECT FROM {p}job_awaiting
            WHERE job_id = ANY ($1::uuid[]) ORDER BY job_id FOR UPDATE";
        lock_failed =
            "SELECT FROM {p}job_failed
            WHERE job_id = ANY ($1::uuid[]) ORDER BY job_id FOR UPDATE";
        lock_deleted =
            "SELECT FROM {p}job_deleted
            WHERE job_id = ANY ($1::uuid[]) ORDER BY job_id FOR UPDATE";
        lock_succeeded =
            "SELECT FROM {p}job_attempt
            WHERE job_id = ANY ($1::uuid[]) AND ended = 0 AND NOT superseded
            ORDER BY job_id FOR UPDATE";
        share_processing =
            "SELECT FROM {p}lease WHERE id = ANY ($1::bigint[]) ORDER BY id FOR SHARE";
        lock_processing =
            "SELECT FROM {p}lease WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE";
        displace_enqueued = concat!(
            "WITH line AS MATERIALIZED (
                SELECT place.tid
                FROM (
                    SELECT queue, ", rank!(), " AS rank, seq FROM {p}job WHERE id = $1 OFFSET 0
                ) AS record
                CROSS JOIN LATERAL (
                    SELECT ctid AS tid FROM {p}job_queue
                    WHERE queue = record.queue AND rank = record.rank AND seq = record.seq
                        AND seq = $2 AND job_id = $1
                    FOR UPDATE
                    OFFSET 0
                ) AS place
            )
            DELETE FROM {p}job_queue WHERE ctid = ANY (ARRAY (SELECT tid FROM line))"
        );
        displace_waiting = "DELETE FROM {p}throttle_wait WHERE job_id = $1 AND seq = $2";
        displace_scheduled = "DELETE FROM {p}job_schedule WHERE job_id = $1 AND seq = $2";
        displace_awaiting = "DELETE FROM {p}job_awaiting WHERE job_id = $1 AND seq = $2";
        displace_failed = "DELETE FROM {p}job_failed WHERE job_id = $1 AND seq = $2";
        displace_deleted = "DELETE FROM {p}job_deleted WHERE job_id = $1 AND seq = $2";
        displace_succeeded =
            "UPDATE {p}job_attempt SET superseded = true
            WHERE job_id = $1 AND run = $2 AND ended = 0 AND NOT superseded";
        /// Takes a success out of its list, in which it is from its end on, but for the time that
        /// two readings of the clock in one statement may differ. A row that is locked is being
        /// removed.
        leave_finished =
            "WITH listed AS MATERIALIZED (
                SELECT place.tid
                FROM (
                    SELECT ended_at FROM {p}job_attempt
                    WHERE job_id = $1 AND run = $2 AND NOT keeps OFFSET 0
                ) AS attempt
                CROSS JOIN LATERAL (
                    SELECT ctid AS tid FROM {p}job_finished
                    WHERE at >= attempt.ended_at - interval '1 second'
                        AND position(uuid_send($1) IN jobs) > 0
                    ORDER BY at, id LIMIT 1 FOR UPDATE SKIP LOCKED
                ) AS place
            )
            UPDATE {p}job_finished
            SET jobs = overlay(
                jobs PLACING ''::bytea FROM position(uuid_send($1) IN jobs) FOR 16
            )
            WHERE ctid = ANY (ARRAY (SELECT tid FROM listed))";
        leave_batch_finished =
            "WITH listed AS MATERIALIZED (
                SELECT place.tid
                FROM (
                    SELECT ended_at FROM {p}job_attempt
                    WHERE job_id = $1 AND run = $2 AND keeps OFFSET 0
                ) AS attempt
                CROSS JOIN LATERAL (
                    SELECT ctid AS tid FROM {p}batch_finished
                    WHERE at >= attempt.ended_at - interval '1 second'
                        AND position(uuid_send($1) IN jobs) > 0
                    ORDER BY at, id LIMIT 1 FOR UPDATE SKIP LOCKED
                ) AS place
            )
            UPDATE {p}batch_finished
            SET jobs = overlay(
                jobs PLACING ''::bytea FROM position(uuid_send($1) IN jobs) FOR 16
            )
            WHERE ctid = ANY (ARRAY (SELECT tid FROM listed))";
        displace_processing = concat!(
            "UPDATE {p}lease SET revoked = revoked || uuid_send($1)
            WHERE id = $2 AND position(uuid_send($1) IN revoked) = 0
                AND EXISTS (
                    SELECT FROM (
                        SELECT members, position(uuid_send($1) IN members) AS at OFFSET 0
                    ) AS member
                    WHERE at % 32 = 1 AND NOT EXISTS (
                        SELECT FROM {p}job_attempt WHERE job_id = $1 AND run = ",
            packed_run!(),
            "       )
                )"
        );
        forget_expiry = "DELETE FROM {p}job_expiry WHERE job_id = $1";
        /// Of rows that this transaction has locked in their places.
        displace_all_enqueued = concat!(
            "WITH waiting AS (
                DELETE FROM {p}throttle_wait WHERE job_id = ANY ($1::uuid[])
            )
            DELETE FROM {p}job_queue WHERE ctid = ANY (ARRAY (
                SELECT place.tid
                FROM unnest($1::uuid[]) AS asked (id)
                CROSS JOIN LATERAL (
                    SELECT queue, ", rank!(), " AS rank, seq FROM {p}job WHERE id = asked.id OFFSET 0
                ) AS record
                CROSS JOIN LATERAL (
                    SELECT ctid AS tid FROM {p}job_queue
                    WHERE queue = record.queue AND rank = record.rank AND seq = record.seq
                        AND job_id = asked.id
                    OFFSET 0
                ) AS place
            ))"
        );
        displace_all_scheduled = "DELETE FROM {p}job_schedule WHERE job_id = ANY ($1::uuid[])";
        displace_all_failed = "DELETE FROM {p}job_failed WHERE job_id = ANY ($1::uuid[])";
        displace_all_deleted = "DELETE FROM {p}job_deleted WHERE job_id = ANY ($1::uuid[])";
        forget_expiries = "DELETE FROM {p}job_expiry WHERE job_id = ANY ($1::uuid[])";
        settled =
            "SELECT asked.id,
                CASE
                    WHEN deleted.reason IS NOT NULL THEN 'deleted'
                    WHEN failed.failure IS NOT NULL THEN 'failed'
                    WHEN latest.succeeded THEN 'succeeded'
                    WHEN record.id IS NULL THEN 'gone'
                END AS state,
                deleted.reason, coalesce(deleted.failure, failed.failure), latest.output
            FROM unnest($1::uuid[]) AS asked (id)
            LEFT JOIN LATERAL (
                SELECT id FROM {p}job WHERE id = asked.id OFFSET 0
            ) AS record ON true
            LEFT JOIN LATERAL (
                SELECT reason, failure FROM {p}job_deleted WHERE job_id = asked.id OFFSET 0
            ) AS deleted ON true
            LEFT JOIN LATERAL (
                SELECT failure FROM {p}job_failed WHERE job_id = asked.id OFFSET 0
            ) AS failed ON true
            LEFT JOIN LATERAL (
                SELECT ended = 0 AND NOT superseded AS succeeded, output FROM {p}job_attempt
                WHERE job_id = asked.id ORDER BY run DESC LIMIT 1
            ) AS latest ON true
            WHERE deleted.reason IS NOT NULL OR failed.failure IS NOT NULL OR latest.succeeded
                OR record.id IS NULL";

        // Unique keys.

        take_unique =
            "INSERT INTO {p}job_unique AS held (kind, key, job_id, held_since)
            VALUES ($1, $2, $3, {now})
            ON CONFLICT (kind, key) DO UPDATE SET job_id = held.job_id
            RETURNING job_id, (extract(epoch FROM {now} - held_since) * 1000000)::bigint";
        set_unique =
            "INSERT INTO {p}job_unique (kind, key, job_id, held_since)
            VALUES ($1, $2, $3, {now})
            ON CONFLICT (kind, key)
            DO UPDATE SET job_id = excluded.job_id, held_since = excluded.held_since";

        // Throttles.

        make_throttles =
            "INSERT INTO {p}throttle (scope, key, kind, declared, per_us, touched_at)
            SELECT scope, key, kind, declared, per_us, {now}
            FROM unnest($1::text[], $2::text[], $3::smallint[], $4::bigint[], $5::bigint[])
                AS new (scope, key, kind, declared, per_us)
            ON CONFLICT (scope, key) DO NOTHING";
        /// In the order of the arrays.
        lock_throttles = concat!(
            "SELECT throttle.* FROM unnest($1::text[], $2::text[]) AS asked (scope, key)
            CROSS JOIN LATERAL (
                SELECT ", throttle_columns!(), " FROM {p}throttle
                WHERE scope = asked.scope AND key = asked.key
                FOR UPDATE
                OFFSET 0
            ) AS throttle"
        );
        lock_throttle_ids = concat!(
            "WITH named AS MATERIALIZED (
                SELECT known.scope, known.key FROM unnest($1::bigint[]) AS asked (id)
                CROSS JOIN LATERAL (
                    SELECT scope, key FROM {p}throttle WHERE id = asked.id OFFSET 0
                ) AS known
                ORDER BY 1, 2
            )
            SELECT throttle.* FROM named
            CROSS JOIN LATERAL (
                SELECT ", throttle_columns!(), " FROM {p}throttle
                WHERE scope = named.scope AND key = named.key
                FOR UPDATE
                OFFSET 0
            ) AS throttle"
        );
        lock_due_throttles = concat!(
            "SELECT ", throttle_columns!(), " FROM {p}throttle
            WHERE wake_at <= {now} AND (scope <> '') = $1
            ORDER BY wake_at LIMIT $2 FOR UPDATE SKIP LOCKED"
        );
        /// $1 ascends.
        next_call =
            "SELECT (extract(epoch FROM wake_at - {now}) * 1000000)::bigint
            FROM {p}throttle WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT 1";
        save_throttles =
            "UPDATE {p}throttle
            SET kind = ($2::smallint[])[width_bucket(id, $1::bigint[])],
                declared = ($3::bigint[])[width_bucket(id, $1::bigint[])],
                per_us = ($4::bigint[])[width_bucket(id, $1::bigint[])],
                own_limit = ($5::bigint[])[width_bucket(id, $1::bigint[])],
                used = ($6::bigint[])[width_bucket(id, $1::bigint[])],
                tokens = ($7::double precision[])[width_bucket(id, $1::bigint[])],
                window_at = ($8::timestamptz[])[width_bucket(id, $1::bigint[])],
                called = ($9::bigint[])[width_bucket(id, $1::bigint[])],
                called_at = ($10::timestamptz[])[width_bucket(id, $1::bigint[])],
                wake_at = ($11::timestamptz[])[width_bucket(id, $1::bigint[])],
                touched_at = ($12::timestamptz[])[width_bucket(id, $1::bigint[])]
            WHERE id = ANY ($1::bigint[])";
        passed =
            "SELECT asked.id, passed.count, passed.oldest
            FROM unnest($1::bigint[], $2::timestamptz[]) AS asked (id, after)
            CROSS JOIN LATERAL (
                SELECT sum(count)::bigint AS count, min(at) AS oldest
                FROM {p}throttle_admission WHERE throttle = asked.id AND at > asked.after
            ) AS passed
            WHERE passed.count IS NOT NULL";
        insert_admissions =
            "INSERT INTO {p}throttle_admission AS admission (throttle, at, count)
            SELECT throttle, $3, count FROM unnest($1::bigint[], $2::bigint[])
                AS new (throttle, count)
            ON CONFLICT (throttle, at) DO UPDATE SET count = admission.count + excluded.count";
        prune_admissions = "DELETE FROM {p}throttle_admission WHERE throttle = $1 AND at < $2";
        insert_slots =
            "INSERT INTO {p}throttle_slot (lease, job_id, throttle)
            SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bigint[])";
        free_slots =
            "WITH held AS MATERIALIZED (
                SELECT slot.tid
                FROM unnest($1::bigint[], $2::uuid[]) AS ended (lease, job)
                CROSS JOIN LATERAL (
                    SELECT ctid AS tid FROM {p}throttle_slot
                    WHERE lease = ended.lease AND job_id = ended.job OFFSET 0
                ) AS slot
            )
            DELETE FROM {p}throttle_slot WHERE ctid = ANY (ARRAY (SELECT tid FROM held))
            RETURNING throttle";
        move_slots = "UPDATE {p}throttle_slot SET lease = $3 WHERE lease = $1 AND job_id = $2";
        free_slots_of =
            "DELETE FROM {p}throttle_slot WHERE lease = ANY ($1::bigint[]) RETURNING throttle";
        free_lost_slots =
            "WITH lost AS MATERIALIZED (
                SELECT slot.ctid AS tid FROM {p}throttle_slot AS slot
                LEFT JOIN LATERAL (
                    SELECT true AS there FROM {p}lease WHERE id = slot.lease OFFSET 0
                ) AS lease ON true
                WHERE slot.throttle = $1 AND lease.there IS NULL
                FOR UPDATE OF slot SKIP LOCKED
            )
            DELETE FROM {p}throttle_slot WHERE ctid = ANY (ARRAY (SELECT tid FROM lost))";
        count_slots = "SELECT count(*) FROM {p}throttle_slot WHERE throttle = $1";
        /// Without a place yet, at the end.
        insert_waiting =
            "INSERT INTO {p}throttle_wait
                (job_id, throttle, queue, rank, seq, kind, run, charged, solo)
            SELECT job_id, throttle, queue, rank, coalesce(seq, nextval('{p}seq')), kind, run,
                charged, solo
            FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::smallint[], $5::bigint[],
                $6::text[], $7::integer[], $8::integer[], $9::boolean[])
                AS new (job_id, throttle, queue, rank, seq, kind, run, charged, solo)";
        take_waiting =
            "WITH first AS MATERIALIZED (
                SELECT ctid AS tid, waiting.* FROM {p}throttle_wait AS waiting
                WHERE throttle = $1
                    AND NOT EXISTS (SELECT FROM {p}queue_pause WHERE queue = waiting.queue)
                ORDER BY rank, seq LIMIT $2 FOR UPDATE OF waiting SKIP LOCKED
            ), taken AS (
                DELETE FROM {p}throttle_wait WHERE ctid = ANY (ARRAY (SELECT tid FROM first))
            )
            SELECT first.job_id, first.queue, first.rank, first.seq, first.kind, first.run,
                first.charged, first.solo, record.options
            FROM first
            CROSS JOIN LATERAL (
                SELECT options FROM {p}job WHERE id = first.job_id OFFSET 0
            ) AS record";
        /// By the first that waits, and the first in a queue that is not paused.
        waits =
            "SELECT (SELECT count(*) > 0 FROM (
                    SELECT FROM {p}throttle_wait WHERE throttle = $1 LIMIT 1
                ) AS waiting),
                (SELECT count(*) > 0 FROM (
                    SELECT FROM (
                        SELECT queue FROM {p}throttle_wait
                        WHERE throttle = $1 ORDER BY rank, seq OFFSET 0
                    ) AS waiting
                    WHERE NOT EXISTS (SELECT FROM {p}queue_pause WHERE queue = waiting.queue)
                    LIMIT 1
                ) AS ready)";
        wake_throttles =
            "UPDATE {p}throttle SET wake_at = {now}
            WHERE ctid = ANY (ARRAY (
                SELECT ctid FROM {p}throttle WHERE wake_at > {now} ORDER BY scope, key FOR UPDATE
            ))";
        set_members = "UPDATE {p}lease SET members = $2 WHERE id = $1";
        line_options =
            "SELECT coalesce(record.options, '')
            FROM (
                SELECT job_id FROM {p}job_queue WHERE queue = $1 ORDER BY rank, seq LIMIT $2
            ) AS line
            CROSS JOIN LATERAL (
                SELECT options FROM {p}job WHERE id = line.job_id OFFSET 0
            ) AS record";
        throttles = concat!(
            "SELECT ", throttle_columns!(), ",
                (SELECT count(*) FROM {p}throttle_wait AS waiting
                    WHERE waiting.throttle = throttle.id)
            FROM {p}throttle AS throttle WHERE scope = '' ORDER BY key"
        );

        // Servers and kinds.

        announce =
            "INSERT INTO {p}server (name, queues, kinds, workers, started_at, live_since, heartbeat_at)
            SELECT $1, $2, $3, $4, now, now, now FROM (SELECT {now} AS now) AS clock
            RETURNING id";
        /// The names ascend, so that servers that start at once do not wait for each other.
        announce_kinds =
            "INSERT INTO {p}kind (name, queue, retries, on_exhausted, seen_at)
            SELECT name, queue, retries, on_exhausted, {now}
            FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[])
                AS new (name, queue, retries, on_exhausted)
            ON CONFLICT (name) DO UPDATE
            SET queue = excluded.queue, retries = excluded.retries,
                on_exhausted = excluded.on_exhausted, seen_at = excluded.seen_at";
        heartbeat =
            "WITH beat AS (
                UPDATE {p}server SET heartbeat_at = {now}, memory = $3, cpu = $4,
                    live_since = CASE
                        WHEN heartbeat_at < {now} - $2::bigint * interval '1 microsecond' THEN {now}
                        ELSE live_since
                    END
                WHERE id = $1 AND gone_at IS NULL RETURNING paused, stopping, kinds
            ), stale AS MATERIALIZED (
                SELECT name FROM {p}kind
                WHERE seen_at < {now} - interval '1 minute'
                    AND name = ANY (ARRAY (
                        SELECT jsonb_array_elements_text(kinds::jsonb) FROM beat
                    ))
                FOR UPDATE SKIP LOCKED
            ), seen AS (
                UPDATE {p}kind SET seen_at = {now}
                WHERE name = ANY (ARRAY (SELECT name FROM stale))
            )
            SELECT paused, stopping FROM beat";
        depart = "UPDATE {p}server SET gone_at = {now} WHERE id = $1 AND gone_at IS NULL";
        bury_silent =
            "WITH silent AS MATERIALIZED (
                SELECT id FROM {p}server
                WHERE (gone_at IS NULL OR id = ANY (ARRAY (SELECT server FROM {p}lease)))
                    AND heartbeat_at < {now} - $1::bigint * interval '1 microsecond'
                ORDER BY id FOR UPDATE SKIP LOCKED
            )
            UPDATE {p}server SET gone_at = coalesce(gone_at, {now})
            WHERE id = ANY (ARRAY (SELECT id FROM silent)) RETURNING id";
        poll =
            "SELECT
                ARRAY (
                    SELECT queue FROM unnest($2::text[]) AS asked (queue)
                    WHERE (
                            SELECT true FROM {p}job_queue AS line
                            WHERE line.queue = asked.queue AND line.kind = ANY ($3::text[])
                            LIMIT 1
                        )
                        AND (
                            SELECT count(*) = 0 FROM {p}queue_pause AS pause
                            WHERE pause.queue = asked.queue
                        )
                ),
                (
                    SELECT (extract(epoch FROM due_at - {now}) * 1000000)::bigint
                    FROM {p}job_schedule ORDER BY due_at, seq LIMIT 1
                ),
                ARRAY (
                    SELECT id FROM {p}lease
                    WHERE server = $1 AND length(revoked) > 0 ORDER BY id
                ),
                ARRAY (
                    SELECT revoked FROM {p}lease
                    WHERE server = $1 AND length(revoked) > 0 ORDER BY id
                ),
                (SELECT recurring_version FROM {p}control),
                (
                    SELECT (extract(epoch FROM wake_at - {now}) * 1000000)::bigint
                    FROM {p}throttle WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT 1
                )";
        servers =
            "SELECT id, name, queues, workers, started_at, live_since, heartbeat_at,
                gone_at IS NOT NULL, paused, kinds, stopping, memory, cpu
            FROM {p}server ORDER BY id";
        kinds = "SELECT name, queue, retries, on_exhausted FROM {p}kind ORDER BY name";
        unknown_jobs =
            "WITH known AS MATERIALIZED (
                SELECT name FROM {p}kind WHERE seen_at > {now} - $1::bigint * interval '1 microsecond'
                UNION SELECT jsonb_array_elements_text(kinds::jsonb) FROM {p}server
                WHERE gone_at IS NULL OR gone_at > {now} - $1::bigint * interval '1 microsecond'
            ), lined AS (
                SELECT line.job_id, 'enqueued' AS state, line.seq, line.run, line.charged
                FROM {p}job_queue AS line
                CROSS JOIN LATERAL (
                    SELECT created_at FROM {p}job WHERE id = line.job_id OFFSET 0
                ) AS record
                WHERE line.kind NOT IN (SELECT name FROM known)
                    AND record.created_at < {now} - $1::bigint * interval '1 microsecond'
                LIMIT $2
            ), waiting AS (
                SELECT waiting.job_id, 'enqueued', waiting.seq, waiting.run, waiting.charged
                FROM {p}throttle_wait AS waiting
                CROSS JOIN LATERAL (
                    SELECT created_at FROM {p}job WHERE id = waiting.job_id OFFSET 0
                ) AS record
                WHERE waiting.kind NOT IN (SELECT name FROM known)
                    AND record.created_at < {now} - $1::bigint * interval '1 microsecond'
                LIMIT $2
            ), due AS (
                SELECT due.job_id, 'scheduled', due.seq, due.run, due.charged
                FROM (SELECT * FROM {p}job_schedule WHERE due_at <= {now} OFFSET 0) AS due
                CROSS JOIN LATERAL (
                    SELECT kind, created_at FROM {p}job WHERE id = due.job_id OFFSET 0
                ) AS record
                WHERE record.kind NOT IN (SELECT name FROM known)
                    AND record.created_at < {now} - $1::bigint * interval '1 microsecond'
                LIMIT $2
            )
            SELECT * FROM lined UNION ALL SELECT * FROM waiting UNION ALL SELECT * FROM due LIMIT $2";
        pause_queue =
            "INSERT INTO {p}queue_pause (queue, paused_at) VALUES ($1, {now})
            ON CONFLICT (queue) DO NOTHING";
        resume_queue = "DELETE FROM {p}queue_pause WHERE queue = $1";
        stop_server = "UPDATE {p}server SET stopping = true WHERE id = $1 AND gone_at IS NULL";
        set_server_paused = "UPDATE {p}server SET paused = $2 WHERE id = $1 AND gone_at IS NULL";

        // Recurring schedules.

        put_recurring = concat!(
            "WITH watched AS (
                UPDATE {p}control SET recurring_version = recurring_version + 1
            )
            INSERT INTO {p}recurring (", recurring_columns!(), ")
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
            ON CONFLICT (id) DO UPDATE
            SET kind = excluded.kind, queue = excluded.queue, priority = excluded.priority,
                args = excluded.args, options = excluded.options,
                expires_us = excluded.expires_us, cron = excluded.cron, tz = excluded.tz,
                misfire = excluded.misfire, overlap = excluded.overlap,
                jitter_us = excluded.jitter_us, paused = excluded.paused,
                declared = excluded.declared, next_at = excluded.next_at,
                last_at = excluded.last_at, last_job = excluded.last_job, error = excluded.error"
        );
        move_recurring =
            "UPDATE {p}recurring SET next_at = $2, last_at = $3, last_job = $4, error = $5
            WHERE id = $1";
        recurring = concat!("SELECT ", recurring_columns!(), " FROM {p}recurring ORDER BY id");
        lock_recurring = concat!(
            "SELECT ", recurring_columns!(), " FROM {p}recurring WHERE id = $1 FOR UPDATE"
        );
        lock_free_recurring = concat!(
            "SELECT ", recurring_columns!(),
            " FROM {p}recurring WHERE id = $1 FOR UPDATE SKIP LOCKED"
        );
        delete_recurring =
            "WITH gone AS (
                DELETE FROM {p}recurring WHERE id = $1 RETURNING id
            ), watched AS (
                UPDATE {p}control SET recurring_version = recurring_version + 1
                WHERE EXISTS (SELECT FROM gone)
            )
            SELECT EXISTS (SELECT FROM gone)";
        insert_fires =
            "INSERT INTO {p}recurring_fire (recurring_id, at, job_id)
            SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::uuid[])
            ON CONFLICT (recurring_id, at) DO NOTHING
            RETURNING at";
        fires =
            "SELECT asked.id, fire.at, fire.job_id
            FROM unnest($1::text[]) AS asked (id)
            CROSS JOIN LATERAL (
                SELECT at, job_id FROM {p}recurring_fire
                WHERE recurring_id = asked.id ORDER BY at DESC LIMIT $2
            ) AS fire
            ORDER BY asked.id, fire.at DESC";

        // Parts of a running job.

        step_output = "SELECT output FROM {p}job_step WHERE job_id = $1 AND name = $2";
        keep_step =
            "INSERT INTO {p}job_step (job_id, name, output, at) VALUES ($1, $2, $3, {now})
            ON CONFLICT (job_id, name) DO NOTHING";
        count_log =
            "SELECT asked.id, (
                SELECT count(*)
                FROM (SELECT FROM {p}job_log WHERE job_id = asked.id LIMIT $2) AS line
            )
            FROM unnest($1::uuid[]) AS asked (id)";
        insert_log =
            "INSERT INTO {p}job_log (job_id, run, at, line)
            SELECT job_id, run, {now} - age, line
            FROM unnest($1::uuid[], $2::integer[], $3::interval[], $4::text[]) WITH ORDINALITY
                AS new (job_id, run, age, line, position)
            ORDER BY position";
        put_progress =
            "INSERT INTO {p}job_progress (job_id, done, total)
            SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[])
            ON CONFLICT (job_id) DO UPDATE SET done = excluded.done, total = excluded.total";

        // Retention.

        /// $1: the age. Rows of the list until they name $2 jobs.
        take_finished =
            "WITH old AS MATERIALIZED (
                SELECT ctid AS tid, at, id, octet_length(jobs) / 16 AS size FROM {p}job_finished
                WHERE at < {now} - $1::bigint * interval '1 microsecond'
                ORDER BY at, id LIMIT $2 FOR UPDATE SKIP LOCKED
            ), first AS (
                SELECT tid, sum(size) OVER (ORDER BY at, id) - size AS before FROM old
            )
            DELETE FROM {p}job_finished
            WHERE ctid = ANY (ARRAY (SELECT tid FROM first WHERE before < $2))
            RETURNING jobs";
        /// $1: ids in ascending order.
        lock_finished =
            "SELECT listed.id
            FROM unnest($1::uuid[]) AS listed (id)
            CROSS JOIN LATERAL (
                SELECT ended = 0 AND NOT superseded AND NOT keeps AS goes, ended_at
                FROM {p}job_attempt WHERE job_id = listed.id ORDER BY run DESC LIMIT 1 FOR UPDATE
            ) AS latest
            WHERE latest.goes AND latest.ended_at < {now} - $2::bigint * interval '1 microsecond'";
        expired =
            "SELECT job_id FROM {p}job_expiry
            WHERE expires_at <= {now} ORDER BY expires_at LIMIT $1";
        forget_servers =
            "DELETE FROM {p}server
            WHERE gone_at < {now} - $1::bigint * interval '1 microsecond'
                AND NOT EXISTS (SELECT FROM {p}lease WHERE server = {p}server.id)";
        forget_fires =
            "DELETE FROM {p}recurring_fire WHERE at < {now} - $1::bigint * interval '1 microsecond'";
        forget_unique =
            "DELETE FROM {p}job_unique WHERE ctid = ANY (ARRAY (
                SELECT held.ctid FROM {p}job_unique AS held
                LEFT JOIN LATERAL (
                    SELECT true AS there FROM {p}job WHERE id = held.job_id OFFSET 0
                ) AS record ON true
                WHERE held.held_since < {now} - $1::bigint * interval '1 microsecond'
                    AND record.there IS NULL
            ))";

        /// A throttle that nothing has touched for an hour, and nothing counts on.
        forget_throttles =
            "DELETE FROM {p}throttle
            WHERE touched_at < {now} - interval '1 hour' - per_us * interval '1 microsecond'
                AND wake_at IS NULL AND own_limit IS NULL AND (used = 0 OR kind NOT IN (0, 4))";
        /// Where none wait, nobody else forgets them.
        forget_admissions =
            "DELETE FROM {p}throttle_admission
            WHERE ctid = ANY (ARRAY (
                SELECT old.tid FROM {p}throttle AS sliding
                CROSS JOIN LATERAL (
                    SELECT ctid AS tid FROM {p}throttle_admission
                    WHERE throttle = sliding.id AND at < {now} - greatest(
                        sliding.per_us * interval '1 microsecond', interval '1 minute'
                    )
                    OFFSET 0
                ) AS old
                WHERE sliding.kind = 2
            ))";

        // Looking at it.

        records = concat!(
            "WITH place AS MATERIALIZED (", places!(), ")
            SELECT record.id, record.kind, record.queue, record.priority, record.args,
                record.options, record.input, record.created_at, place.state, place.version,
                (SELECT due_at FROM {p}job_schedule WHERE job_id = record.id),
                (SELECT reason FROM {p}job_deleted WHERE job_id = record.id),
                (SELECT done FROM {p}job_progress WHERE job_id = record.id),
                (SELECT total FROM {p}job_progress WHERE job_id = record.id),
                CASE place.state
                    WHEN 'failed' THEN (SELECT at FROM {p}job_failed WHERE job_id = record.id)
                    WHEN 'deleted' THEN (SELECT at FROM {p}job_deleted WHERE job_id = record.id)
                    WHEN 'succeeded' THEN (
                        SELECT ended_at FROM {p}job_attempt
                        WHERE job_id = record.id AND run = place.version
                    )
                END,
                CASE place.state
                    WHEN 'failed' THEN (SELECT failure FROM {p}job_failed WHERE job_id = record.id)
                    WHEN 'deleted' THEN (SELECT failure FROM {p}job_deleted WHERE job_id = record.id)
                END,
                ARRAY (SELECT tag FROM {p}job_tag WHERE job_id = record.id ORDER BY seq)
            FROM place
            CROSS JOIN LATERAL (SELECT * FROM {p}job WHERE id = place.id OFFSET 0) AS record"
        );
        runs =
            "SELECT run, ended, server, started_at,
                (extract(epoch FROM ended_at - started_at) * 1000000)::bigint, output, failure
            FROM {p}job_attempt WHERE job_id = $1 ORDER BY run";
        events =
            "SELECT at, from_state, to_state, reason, server
            FROM {p}job_event WHERE job_id = $1 ORDER BY id";
        log_lines =
            "SELECT at, run, line, id
            FROM (
                SELECT at, run, line, id FROM {p}job_log
                WHERE job_id = $1 AND id > $2 ORDER BY job_id DESC, id DESC LIMIT $3
            ) AS latest
            ORDER BY id";
        counts = concat!(
            "SELECT
                coalesce(
                    $1,
                    (SELECT count(*) FROM {p}job_queue) + (SELECT count(*) FROM {p}throttle_wait)
                ),
                (SELECT count(*) FROM {p}job_schedule),
                (
                    SELECT count(*) FROM {p}job_awaiting AS waiting
                    LEFT JOIN LATERAL (
                        SELECT true AS there FROM {p}job_deleted
                        WHERE job_id = waiting.job_id OFFSET 0
                    ) AS deleted ON true
                    WHERE deleted.there IS NULL AND waiting.hand_over <> 3
                ),
                (
                    SELECT count(*)
                    FROM (
                        SELECT members || ''::bytea AS members, revoked FROM {p}lease OFFSET 0
                    ) AS lease
                    CROSS JOIN LATERAL generate_series(1, length(members), 32) AS at
                    LEFT JOIN LATERAL (
                        SELECT true AS there FROM {p}job_attempt
                        WHERE job_id = encode(substring(members FROM at FOR 16), 'hex')::uuid
                            AND run = ", packed_run!(), "
                        OFFSET 0
                    ) AS attempt ON true
                    WHERE position(substring(members FROM at FOR 16) IN revoked) = 0
                        AND attempt.there IS NULL
                ),
                (SELECT coalesce(sum(octet_length(jobs)), 0) / 16 FROM {p}job_finished)
                    + (SELECT coalesce(sum(octet_length(jobs)), 0) / 16 FROM {p}batch_finished)
                    + (SELECT count(*) FROM {p}job_expiry WHERE succeeded_at IS NOT NULL),
                (SELECT count(*) FROM {p}job_failed),
                (SELECT count(*) FROM {p}job_deleted),
                (SELECT count(*) FROM {p}job_schedule WHERE reason = 1)"
        );
        /// The ids carry the clients' clocks, which is good enough to find what may be the newest;
        /// which of them it is, the database's clock says.
        recent =
            "SELECT id
            FROM (SELECT id, created_at, seq FROM {p}job ORDER BY id DESC LIMIT 4 * $1::bigint + 100)
                AS candidate
            ORDER BY created_at DESC, seq DESC NULLS LAST, id DESC
            LIMIT $1";

        queues =
            "SELECT line.queue, sum(waiting)::bigint, sum(throttled)::bigint,
                EXISTS (SELECT FROM {p}queue_pause AS pause WHERE pause.queue = line.queue),
                (
                    SELECT record.created_at
                    FROM (
                        SELECT job_id FROM {p}job_queue AS head
                        WHERE head.queue = line.queue ORDER BY rank, seq LIMIT 1
                    ) AS head
                    CROSS JOIN LATERAL (
                        SELECT created_at FROM {p}job WHERE id = head.job_id OFFSET 0
                    ) AS record
                )
            FROM (
                SELECT queue, count(*) AS waiting, 0 AS throttled FROM {p}job_queue GROUP BY queue
                UNION ALL
                SELECT queue, 0, count(*) FROM {p}throttle_wait GROUP BY queue
                UNION ALL
                SELECT queue, 0, 0 FROM {p}queue_pause
            ) AS line
            GROUP BY line.queue ORDER BY line.queue";
        /// What has ended from $1 on, in spans of $2 microseconds.
        ends = concat!(
            "SELECT ", span!("$2"), " AS span, sum(succeeded)::bigint, sum(failed)::bigint
            FROM (", ends_since!("$1"), ") AS ended GROUP BY span ORDER BY span"
        );
        counted_ends = "SELECT at, succeeded, failed FROM {p}throughput WHERE at >= $1 ORDER BY at";
        count_ends = concat!(
            "INSERT INTO {p}throughput (at, succeeded, failed)
            SELECT ", span!("$1"), " AS span, sum(succeeded), sum(failed)
            FROM (", ends_since!(
                "(SELECT coalesce(max(at) + $1::bigint * interval '1 microsecond', '-infinity')
                    FROM {p}throughput)"
            ), ") AS ended
            WHERE at < $2 GROUP BY span ON CONFLICT DO NOTHING"
        );
        forget_counted =
            "DELETE FROM {p}throughput WHERE at < {now} - $1::bigint * interval '1 microsecond'";
        forget_failed =
            "DELETE FROM {p}run_failed WHERE at < {now} - $1::bigint * interval '1 microsecond'";
        insert_run_failed =
            "INSERT INTO {p}run_failed (at, jobs) SELECT {now}, jobs FROM unnest($1::bytea[]) AS jobs";
        run_failed = "SELECT jobs FROM {p}run_failed ORDER BY id DESC LIMIT $1";
        last_runs =
            "SELECT record.id, record.kind, record.created_at, attempt.started_at,
                (extract(epoch FROM attempt.ended_at - attempt.started_at) * 1000000)::bigint,
                attempt.server, attempt.run, record.due_at
            FROM unnest($1::uuid[]) AS asked (id)
            CROSS JOIN LATERAL (
                SELECT id, kind, created_at, due_at FROM {p}job WHERE id = asked.id OFFSET 0
            ) AS record
            CROSS JOIN LATERAL (
                SELECT started_at, ended_at, server, run FROM {p}job_attempt
                WHERE job_id = asked.id ORDER BY run DESC LIMIT 1
            ) AS attempt";
        kinds_in_line =
            "SELECT kind, count(*)
            FROM (
                (
                    SELECT kind FROM {p}job_queue
                    WHERE queue = $1 ORDER BY rank, seq LIMIT $2
                )
                UNION ALL
                (
                    SELECT kind FROM {p}throttle_wait
                    WHERE queue = $1 ORDER BY rank, seq LIMIT $2
                )
            ) AS line
            GROUP BY kind";
        names_of =
            "SELECT asked.id, record.kind, record.queue
            FROM unnest($1::uuid[]) AS asked (id)
            CROSS JOIN LATERAL (
                SELECT kind, queue FROM {p}job WHERE id = asked.id OFFSET 0
            ) AS record";
        last_failures =
            "SELECT asked.id, attempt.failure
            FROM unnest($1::uuid[]) AS asked (id)
            CROSS JOIN LATERAL (
                SELECT failure FROM {p}job_attempt
                WHERE job_id = asked.id AND ended = 1 ORDER BY run DESC LIMIT 1
            ) AS attempt";
        steps = "SELECT name, at, output FROM {p}job_step WHERE job_id = $1 ORDER BY at, name";
        /// Ordered outside, so that the order is no reason to read the table by its key.
        edges_from = concat!(
            "SELECT * FROM (
                SELECT ", edge_columns!(), " FROM {p}job_edge WHERE parent_id = $1 OFFSET 0
            ) AS edge
            ORDER BY child_id, position LIMIT $2"
        );
        unique_key = "SELECT key FROM {p}job_unique WHERE job_id = $1 LIMIT 1";
        holders = "SELECT id, server, claimed_at FROM {p}lease WHERE id = ANY ($1::bigint[])";

        // Searching.

        list_line =
            "SELECT job_id, rank::bigint, seq
            FROM (
                (
                    SELECT job_id, rank, seq FROM {p}job_queue
                    WHERE queue = $4 AND (rank, seq) > ($1, $2) ORDER BY rank, seq LIMIT $3
                )
                UNION ALL
                (
                    SELECT job_id, rank, seq FROM {p}throttle_wait
                    WHERE queue = $4 AND (rank, seq) > ($1, $2) ORDER BY rank, seq LIMIT $3
                )
            ) AS line
            ORDER BY rank, seq LIMIT $3";
        list_schedule =
            "SELECT job_id, due_at, seq FROM {p}job_schedule
            WHERE (due_at, seq) > ($1, $2) ORDER BY due_at, seq LIMIT $3";
        list_retries =
            "SELECT job_id, due_at, seq FROM {p}job_schedule
            WHERE reason = 1 AND (due_at, seq) > ($1, $2) ORDER BY due_at, seq LIMIT $3";
        list_awaiting =
            "SELECT job_id, seq FROM {p}job_awaiting
            WHERE seq < $1 AND hand_over <> 3 ORDER BY seq DESC LIMIT $2";
        list_failed =
            "SELECT job_id, at, seq FROM {p}job_failed
            WHERE (at, seq) < ($1, $2) ORDER BY at DESC, seq DESC LIMIT $3";
        list_deleted =
            "SELECT job_id, at, seq FROM {p}job_deleted
            WHERE (at, seq) < ($1, $2) ORDER BY at DESC, seq DESC LIMIT $3";
        list_kept =
            "SELECT job_id, succeeded_at, seq FROM {p}job_expiry
            WHERE succeeded_at IS NOT NULL AND (succeeded_at, seq) < ($1, $2)
            ORDER BY succeeded_at DESC, seq DESC LIMIT $3";
        list_tagged =
            "SELECT job_id, seq FROM {p}job_tag
            WHERE seq < $1 AND tag = $3 ORDER BY seq DESC LIMIT $2";
        /// Rows until they name $3 jobs.
        finished =
            "SELECT at, id, jobs
            FROM (
                SELECT at, id, jobs,
                    sum(octet_length(jobs)) OVER (ORDER BY at DESC, id DESC)
                        - octet_length(jobs) AS before
                FROM (
                    (
                        SELECT at, id, jobs FROM {p}job_finished
                        WHERE (at, id) <= ($1, $2) ORDER BY at DESC, id DESC LIMIT $3
                    )
                    UNION ALL
                    (
                        SELECT at, id, jobs FROM {p}batch_finished
                        WHERE (at, id) <= ($1, $2) ORDER BY at DESC, id DESC LIMIT $3
                    )
                ) AS newest
            ) AS counted
            WHERE before < 16 * $3 ORDER BY at DESC, id DESC";
        /// One step of the index for each queue.
        lines =
            "WITH RECURSIVE line AS (
                SELECT '' AS queue
                UNION ALL
                SELECT least(
                    (
                        SELECT queue FROM {p}job_queue
                        WHERE queue > line.queue ORDER BY queue LIMIT 1
                    ),
                    (
                        SELECT queue FROM {p}throttle_wait
                        WHERE queue > line.queue ORDER BY queue LIMIT 1
                    )
                )
                FROM line WHERE queue IS NOT NULL
            )
            SELECT queue FROM line WHERE queue <> ''";
        tag_size =
            "SELECT count(*) FROM (SELECT FROM {p}job_tag WHERE tag = $1 LIMIT $2) AS tagged";
        /// $2 to $4: kinds, queues and tags, or NULL; $7 and $8: what the arguments are to contain
        /// one of. The arguments, which may be long, are looked at last.
        sift =
            "SELECT asked.id
            FROM unnest($1::uuid[]) AS asked (id)
            CROSS JOIN LATERAL (
                SELECT args FROM {p}job
                WHERE id = asked.id
                    AND ($2::text[] IS NULL OR kind = ANY ($2))
                    AND ($3::text[] IS NULL OR queue = ANY ($3))
                    AND ($5::timestamptz IS NULL OR created_at >= $5)
                    AND ($6::timestamptz IS NULL OR created_at < $6)
                OFFSET 0
            ) AS record
            WHERE ($4::text[] IS NULL OR cardinality($4) = (
                    SELECT count(*) FROM {p}job_tag
                    WHERE job_id = asked.id AND tag = ANY ($4)
                ))
                AND CASE
                    WHEN $7::text IS NULL THEN true
                    ELSE position($7 IN lower(args COLLATE \"C\")) > 0
                        OR position($8::text IN lower(args COLLATE \"C\")) > 0
                END";

        // Wake-ups.

        notify = "SELECT pg_notify($1, queue) FROM unnest($2::text[]) AS named (queue)";
    }
}
