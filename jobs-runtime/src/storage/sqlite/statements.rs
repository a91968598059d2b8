//! All SQL but the inserts of many rows, which are in `batch`, and the migrations.
//!
//! Instants are bound: the clock is the process's own, since the file has none. Lists are bound
//! as one JSON array; ids in it are hexadecimal.

use crate::storage::sql::statements;

/// `ids(id)`, from a JSON array of ids as the first value.
macro_rules! with_ids {
    ($($rest:expr),+) => {
        concat!("WITH ids (id) AS (SELECT unhex(value) FROM json_each(?1)) ", $($rest),+)
    };
}

/// The same for ids that stay out of the statement's way as a list.
macro_rules! in_ids {
    ($before:literal) => {
        concat!($before, " IN (SELECT unhex(value) FROM json_each(?1))")
    };
}

/// The primary key of the line gives the order; the join comes second.
macro_rules! line_head {
    () => {
        "SELECT json_array(q.rank, q.seq, hex(q.job_id), q.kind, q.run, q.charged, q.solo,
                j.args, j.options, j.input, coalesce(j.expires_at <= ?5, 0)) AS job
            FROM {p}job_queue AS q CROSS JOIN {p}job AS j ON j.id = q.job_id
            WHERE q.queue = ?1 AND q.kind IN (SELECT value FROM json_each(?2))
                AND NOT EXISTS (SELECT 1 FROM {p}queue_pause WHERE queue = ?1)
                AND NOT EXISTS (SELECT 1 FROM {p}server WHERE id = ?4 AND gone_at IS NOT NULL)
            ORDER BY q.rank, q.seq LIMIT ?3"
    };
}

/// Ends of runs since then; each table is walked by its key by time.
macro_rules! ends_since {
    ($since:literal) => {
        concat!(
            "SELECT at, length(jobs) / 16 AS succeeded, 0 AS failed FROM {p}job_finished
                WHERE at >= ",
            $since,
            "
            UNION ALL SELECT at, length(jobs) / 16, 0 FROM {p}batch_finished WHERE at >= ",
            $since,
            "
            UNION ALL SELECT succeeded_at, 1, 0 FROM {p}job_expiry
                WHERE succeeded_at IS NOT NULL AND succeeded_at >= ",
            $since,
            "
            UNION ALL SELECT at, 0, length(jobs) / 16 FROM {p}run_failed WHERE at >= ",
            $since
        )
    };
}

macro_rules! batch_columns {
    () => {
        "b.id, b.parent_id, b.name, b.description, b.finishes, b.keep_us, b.opened, b.state, \
         b.total, b.pending, b.succeeded, b.failed, b.deleted, b.skipped, b.cause, b.cancelled, \
         b.seq, b.created_at, b.ended_at, b.expires_at"
    };
}

macro_rules! recurring_columns {
    () => {
        "id, kind, queue, priority, args, options, expires_us, cron, tz, misfire, overlap, \
         jitter_us, paused, declared, next_at, last_at, last_job, error"
    };
}

/// With the present instant as the second value.
macro_rules! throttle_columns {
    () => {
        "t.id, t.scope, t.key, t.kind, t.declared, t.own_limit, t.per_us, t.used, t.tokens, \
         t.window_at, t.called, t.called_at, t.wake_at, t.touched_at, ?2"
    };
}

statements! {
    /// Rendered for one prefix.
    Statements {
        storage_id = "SELECT storage FROM {p}control";
        /// Changes nothing, but takes the lock of the writer.
        take_lock = "UPDATE {p}control SET storage = storage WHERE storage IS NULL";
        next_seqs = "UPDATE {p}seq SET last = last + ?1 RETURNING last";
        /// The same, with the answer whether the server ?4 may have a new job of the queue ?2 at
        /// once; ?3 are its kinds.
        next_seqs_if_open = "UPDATE {p}seq SET last = last + ?1 RETURNING last,
            NOT EXISTS (SELECT 1 FROM {p}queue_pause WHERE queue = ?2)
            AND NOT EXISTS (SELECT 1 FROM {p}server WHERE id = ?4 AND gone_at IS NOT NULL)
            AND NOT EXISTS (
                SELECT 1 FROM {p}job_queue
                WHERE queue = ?2 AND kind IN (SELECT value FROM json_each(?3))
            )";

        // Lines.

        /// The head of a line as one JSON array: each value of a row would be allocated by itself
        /// on its way to the task, and each row would wake the task.
        line_head = concat!("SELECT '[' || group_concat(job) || ']' FROM (", line_head!(), ")");
        /// The same in rows, for arguments that are too large for one value.
        line_head_rows = concat!("SELECT '[' || job || ']' FROM (", line_head!(), ")");
        /// One message to SQLite's thread instead of two, when a caller waits for a single job.
        insert_leased = "INSERT INTO {p}job
                (id, kind, queue, priority, args, options, created_at, expires_at, seq)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
            INSERT INTO {p}lease (id, server, solo, members, claimed_at)
            VALUES (?, ?, 0, ?, ?)";
        head_count = "SELECT count(*) FROM {p}job_queue
            WHERE queue = ?1 AND (rank, seq) <= (?2, ?3)";
        delete_head = "DELETE FROM {p}job_queue WHERE queue = ?1 AND (rank, seq) <= (?2, ?3)";
        /// Without a condition on the kinds, SQLite need not gather the keys before it deletes.
        delete_kinds = "DELETE FROM {p}job_queue
            WHERE queue = ?1 AND (rank, seq) <= (?2, ?3)
                AND kind IN (SELECT value FROM json_each(?4))";
        note_seqs = "UPDATE {p}job SET seq = new.seq, due_at = coalesce(new.due, due_at)
            FROM (SELECT unhex(value ->> 0) AS id, value ->> 1 AS seq, value ->> 2 AS due
                FROM json_each(?1)) AS new
            WHERE {p}job.id = new.id";
        jobs = with_ids!("SELECT j.id, j.kind, j.queue, j.priority, j.options
            FROM ids CROSS JOIN {p}job AS j ON j.id = ids.id");
        set_inputs = "UPDATE {p}job SET input = new.input
            FROM (SELECT unhex(value ->> 0) AS id, value ->> 1 AS input
                FROM json_each(?1)) AS new
            WHERE {p}job.id = new.id";

        // Tags.

        insert_tags = "INSERT INTO {p}job_tag (job_id, tag, seq)
            SELECT unhex(value ->> 0), value ->> 1, value ->> 2 FROM json_each(?1) WHERE true
            ON CONFLICT DO NOTHING";
        tags = "SELECT tag FROM {p}job_tag WHERE job_id = ?1 ORDER BY seq";

        // Leases.

        lock_leases = "SELECT id, revoked FROM {p}lease
            WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY id";
        leases_of = "SELECT id, server, solo, members, revoked, started, started_at FROM {p}lease
            WHERE server IN (SELECT value FROM json_each(?1)) ORDER BY id";
        delete_leases = "DELETE FROM {p}lease WHERE id IN (SELECT value FROM json_each(?1))";
        lease = "SELECT members, revoked, started FROM {p}lease WHERE id = ?1";
        set_revoked = "UPDATE {p}lease SET revoked = ?2 WHERE id = ?1";
        /// A job that is leased alone keeps the time of its start.
        set_started = "UPDATE {p}lease SET started = ?2,
                started_at = CASE WHEN solo THEN coalesce(started_at, ?3) ELSE ?3 END
            WHERE id = ?1";
        leases_with = "SELECT id, members, revoked FROM {p}lease
            WHERE instr(members, ?1) > 0 ORDER BY id";
        leases = "SELECT id, members, revoked FROM {p}lease ORDER BY id";
        all_leases = "SELECT id, server, solo, members, revoked, started, started_at FROM {p}lease
            ORDER BY id DESC";

        // History.

        attempted = "SELECT a.job_id
            FROM (SELECT unhex(value ->> 0) AS id, value ->> 1 AS run FROM json_each(?1)) AS asked
            CROSS JOIN {p}job_attempt AS a ON a.job_id = asked.id AND a.run = asked.run";

        // The rarer states.

        due = "SELECT s.job_id, s.run, s.charged, s.due_at, s.seq, j.kind, j.queue, j.priority,
                j.options
            FROM {p}job_schedule AS s CROSS JOIN {p}job AS j ON j.id = s.job_id
            WHERE s.due_at <= ?1 ORDER BY s.due_at, s.seq LIMIT ?2";
        delete_due = "DELETE FROM {p}job_schedule WHERE (due_at, seq) <= (?1, ?2)";
        insert_expiry = "INSERT INTO {p}job_expiry (job_id, expires_at)
            SELECT unhex(value ->> 0), value ->> 1 FROM json_each(?1) WHERE true
            ON CONFLICT (job_id) DO UPDATE SET expires_at = excluded.expires_at";

        insert_kept = "INSERT INTO {p}job_expiry (job_id, expires_at, succeeded_at, seq)
            SELECT unhex(value ->> 0), value ->> 1, ?2, value ->> 2 FROM json_each(?1) WHERE true
            ON CONFLICT (job_id) DO UPDATE SET expires_at = excluded.expires_at,
                succeeded_at = excluded.succeeded_at, seq = excluded.seq";

        // Continuations.

        /// Asked at the end of every job: the list is not even looked at where no job waits.
        open_edges = "SELECT e.child_id, e.position, e.parent_id, e.on_end, e.as_result,
                e.released, e.output
            FROM json_each(CASE WHEN EXISTS (SELECT 1 FROM {p}job_awaiting) THEN ?1 END) AS ids
            CROSS JOIN {p}job_edge AS e ON e.parent_id = unhex(ids.value)
            WHERE e.released = 0";
        edges_to = "SELECT child_id, position, parent_id, on_end, as_result, released, output
            FROM {p}job_edge WHERE child_id IN (SELECT unhex(value) FROM json_each(?1))
            ORDER BY child_id, position";
        release_edges = "UPDATE {p}job_edge SET released = 1, output = new.output
            FROM (SELECT unhex(value ->> 0) AS child, value ->> 1 AS position,
                    value ->> 2 AS output FROM json_each(?1)) AS new
            WHERE child_id = new.child AND {p}job_edge.position = new.position";
        count_down = "UPDATE {p}job_awaiting SET pending = pending - taken.count
            FROM (SELECT unhex(value ->> 0) AS id, value ->> 1 AS count
                FROM json_each(?1)) AS taken
            WHERE job_id = taken.id
            RETURNING job_id, pending, hand_over, delay_us, due_at";
        awaiting = in_ids!("SELECT job_id, pending, hand_over, delay_us, due_at
            FROM {p}job_awaiting WHERE job_id");
        delete_awaiting = concat!(in_ids!("DELETE FROM {p}job_awaiting WHERE job_id"),
            " RETURNING job_id");
        deleted_because_of = with_ids!("SELECT d.job_id, d.cause
            FROM ids CROSS JOIN {p}job_deleted AS d ON d.cause = ids.id ORDER BY d.job_id");
        caused = with_ids!("SELECT d.job_id
            FROM ids CROSS JOIN {p}job_deleted AS d ON d.job_id = ids.id
            WHERE d.cause IS NOT NULL");

        // Batches.

        batches = with_ids!("SELECT ", batch_columns!(), "
            FROM ids CROSS JOIN {p}batch AS b ON b.id = ids.id");
        save_batch = "UPDATE {p}batch SET opened = ?2, state = ?3, total = ?4, pending = ?5,
                succeeded = ?6, failed = ?7, deleted = ?8, skipped = ?9, cause = ?10,
                cancelled = ?11, ended_at = CASE WHEN ?12 THEN coalesce(ended_at, ?13) END,
                expires_at = ?14
            WHERE id = ?1";
        dropped_batches = with_ids!("SELECT b.id
            FROM ids CROSS JOIN {p}batch AS b ON b.cause = ids.id");
        batch_trees = "WITH RECURSIVE tree (outermost, id, depth) AS (
                SELECT unhex(value), unhex(value), 0 FROM json_each(?1)
                UNION ALL SELECT tree.outermost, b.id, tree.depth + 1
                FROM tree CROSS JOIN {p}batch AS b ON b.parent_id = tree.id)
            SELECT outermost, id FROM tree ORDER BY depth, id";
        members = "SELECT batch_id, position, node_id, is_batch FROM {p}batch_member
            WHERE batch_id = ?1 AND position > ?2 ORDER BY position LIMIT ?3";
        failed_members = "SELECT m.batch_id, m.position, m.node_id, m.is_batch
            FROM {p}batch_member AS m
            CROSS JOIN {p}job_failed AS f ON f.job_id = m.node_id
            WHERE m.batch_id = ?1 AND m.position > ?2 ORDER BY m.position LIMIT ?3";
        awaiting_members = with_ids!("SELECT m.batch_id, count(*)
            FROM ids CROSS JOIN {p}batch_member AS m ON m.batch_id = ids.id
            CROSS JOIN {p}job_awaiting AS w ON w.job_id = m.node_id
            WHERE m.is_batch = 0
                AND NOT EXISTS (SELECT 1 FROM {p}job_deleted WHERE job_id = m.node_id)
            GROUP BY m.batch_id");
        batch_outputs = "SELECT a.output FROM {p}batch_member AS m
            CROSS JOIN {p}job_attempt AS a ON a.job_id = m.node_id
            WHERE m.batch_id = ?1 AND a.ended = 0 AND a.superseded = 0
            ORDER BY m.position";
        recent_batches = concat!("SELECT ", batch_columns!(), " FROM {p}batch AS b
            WHERE b.parent_id IS NULL AND b.seq < ?1 ORDER BY b.seq DESC LIMIT ?2");
        cancelled_batches = "SELECT id FROM {p}batch WHERE cancelled = 1 AND state < 2 LIMIT ?1";
        expired_batches = "SELECT id FROM {p}batch WHERE expires_at <= ?1
            ORDER BY expires_at LIMIT ?2";
        take_members = "DELETE FROM {p}batch_member WHERE batch_id = ?1 AND position IN (
                SELECT position FROM {p}batch_member
                WHERE batch_id = ?1 ORDER BY position LIMIT ?2)
            RETURNING batch_id, position, node_id, is_batch";
        delete_batches = in_ids!("DELETE FROM {p}batch WHERE id");
        delete_batch_finished = in_ids!("DELETE FROM {p}batch_finished WHERE batch_id");

        // Places. A job that is in none of these tables is leased, or nowhere.

        placed = with_ids!("SELECT j.id,
                CASE WHEN q.seq IS NOT NULL OR t.seq IS NOT NULL THEN 'enqueued'
                    WHEN s.seq IS NOT NULL THEN 'scheduled'
                    WHEN d.seq IS NOT NULL THEN 'deleted' WHEN w.seq IS NOT NULL THEN 'awaiting'
                    WHEN f.seq IS NOT NULL THEN 'failed'
                    WHEN a.ended = 0 AND a.superseded = 0 THEN 'succeeded' END,
                coalesce(q.seq, t.seq, s.seq, d.seq, w.seq, f.seq, a.run),
                coalesce(q.run, t.run, s.run, d.run, w.seq * 0, f.run, a.run + 1),
                coalesce(q.charged, t.charged, s.charged, d.charged, w.seq * 0, f.charged, 0),
                a.run
            FROM ids CROSS JOIN {p}job AS j ON j.id = ids.id
            LEFT JOIN {p}job_queue AS q ON q.queue = j.queue AND q.rank = -j.priority
                AND q.seq = j.seq AND q.job_id = j.id
            LEFT JOIN {p}throttle_wait AS t ON t.job_id = j.id
            LEFT JOIN {p}job_schedule AS s ON s.job_id = j.id
            LEFT JOIN {p}job_deleted AS d ON d.job_id = j.id
            LEFT JOIN {p}job_awaiting AS w ON w.job_id = j.id
            LEFT JOIN {p}job_failed AS f ON f.job_id = j.id
            LEFT JOIN {p}job_attempt AS a ON a.job_id = j.id
                AND a.run = (SELECT max(run) FROM {p}job_attempt WHERE job_id = j.id)");
        leave_line = "DELETE FROM {p}job_queue
            WHERE (queue, rank, seq) = (SELECT queue, -priority, ?2 FROM {p}job WHERE id = ?1)
                AND job_id = ?1";
        leave_waiting = "DELETE FROM {p}throttle_wait WHERE job_id = ?1 AND seq = ?2";
        leave_schedule = "DELETE FROM {p}job_schedule WHERE job_id = ?1 AND seq = ?2";
        leave_awaiting = "DELETE FROM {p}job_awaiting WHERE job_id = ?1 AND seq = ?2";
        leave_failed = "DELETE FROM {p}job_failed WHERE job_id = ?1 AND seq = ?2";
        /// Of rows that this transaction has found in their places.
        leave_lines = "DELETE FROM {p}job_queue WHERE (queue, rank, seq) IN (
            SELECT j.queue, -j.priority, j.seq FROM json_each(?1) AS ids
            CROSS JOIN {p}job AS j ON j.id = unhex(ids.value))";
        leave_deleted = "DELETE FROM {p}job_deleted WHERE job_id = ?1 AND seq = ?2";
        supersede = "UPDATE {p}job_attempt SET superseded = 1
            WHERE job_id = ?1 AND run = ?2 AND ended = 0 AND superseded = 0";
        /// ?3: from when on the list may name it. What is kept longer is not in this list.
        listed_batch_finished = "SELECT l.at, l.id, l.jobs FROM {p}batch_finished AS l
            WHERE l.at >= (SELECT a.ended_at - ?3 FROM {p}job_attempt AS a
                    WHERE a.job_id = ?1 AND a.run = ?2 AND a.keeps = 1)
                AND instr(l.jobs, ?1) > 0
            ORDER BY l.at, l.id LIMIT 1";
        set_batch_finished = "UPDATE {p}batch_finished SET jobs = ?3 WHERE at = ?1 AND id = ?2";
        listed_finished = "SELECT l.at, l.id, l.jobs FROM {p}job_finished AS l
            WHERE l.at >= (SELECT a.ended_at - ?3 FROM {p}job_attempt AS a
                    WHERE a.job_id = ?1 AND a.run = ?2 AND a.keeps = 0)
                AND instr(l.jobs, ?1) > 0
            ORDER BY l.at, l.id LIMIT 1";
        set_finished = "UPDATE {p}job_finished SET jobs = ?3 WHERE id = ?2";
        was_attempted = "SELECT 1 FROM {p}job_attempt WHERE job_id = ?1 AND run = ?2";
        drop_expiry = "DELETE FROM {p}job_expiry WHERE job_id = ?1";
        known = with_ids!("SELECT j.id FROM ids CROSS JOIN {p}job AS j ON j.id = ids.id");
        outputs = with_ids!("SELECT a.job_id, a.output
            FROM ids CROSS JOIN {p}job_attempt AS a ON a.job_id = ids.id
            WHERE a.ended = 0 AND a.superseded = 0");
        failures = with_ids!("SELECT f.job_id, f.failure
            FROM ids CROSS JOIN {p}job_failed AS f ON f.job_id = ids.id");
        deletions = with_ids!("SELECT d.job_id, d.reason, d.failure
            FROM ids CROSS JOIN {p}job_deleted AS d ON d.job_id = ids.id");

        // Unique keys.

        take_unique = "INSERT INTO {p}job_unique (kind, key, job_id, held_since)
            VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        unique_holder = "SELECT job_id, held_since FROM {p}job_unique WHERE kind = ?1 AND key = ?2";
        set_unique = "INSERT INTO {p}job_unique (kind, key, job_id, held_since)
            VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET job_id = excluded.job_id, held_since = excluded.held_since";
        /// While the record still names the former queue and priority.
        rewrite_line = "UPDATE {p}job_queue SET queue = ?2, rank = ?3
            WHERE (queue, rank, seq) = (SELECT queue, -priority, seq FROM {p}job WHERE id = ?1)
                AND job_id = ?1";
        rewrite_waiting = "UPDATE {p}throttle_wait SET queue = ?2, rank = ?3 WHERE job_id = ?1";
        rewrite_job = "UPDATE {p}job SET queue = ?2, priority = ?3, args = ?4, options = ?5,
                expires_at = ?6 WHERE id = ?1";

        // Throttles.

        make_throttles = "INSERT INTO {p}throttle (scope, key, kind, declared, per_us, touched_at)
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ?2
            FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING";
        throttles_named = concat!("SELECT ", throttle_columns!(), "
            FROM json_each(?1) AS asked CROSS JOIN {p}throttle AS t
                ON t.scope = asked.value ->> 0 AND t.key = asked.value ->> 1
            ORDER BY t.scope, t.key");
        throttles_by_id = concat!("SELECT ", throttle_columns!(), " FROM {p}throttle AS t
            WHERE t.id IN (SELECT value FROM json_each(?1)) ORDER BY t.scope, t.key");
        due_throttles = concat!("SELECT ", throttle_columns!(), " FROM {p}throttle AS t
            WHERE t.wake_at <= ?2 AND (t.scope <> '') = ?1 ORDER BY t.wake_at LIMIT ?3");
        next_call = "SELECT min(wake_at) FROM {p}throttle WHERE wake_at IS NOT NULL";
        /// A row in four groups of columns.
        save_throttles = "UPDATE {p}throttle
            SET kind = new.value ->> '$[0][1]', declared = new.value ->> '$[0][2]',
                per_us = new.value ->> '$[0][3]', own_limit = new.value ->> '$[1][0]',
                used = new.value ->> '$[1][1]', tokens = new.value ->> '$[1][2]',
                window_at = new.value ->> '$[1][3]', called = new.value ->> '$[2][0]',
                called_at = new.value ->> '$[2][1]', wake_at = new.value ->> '$[2][2]',
                touched_at = new.value ->> '$[3]'
            FROM json_each(?1) AS new WHERE {p}throttle.id = new.value ->> '$[0][0]'";
        passed = "SELECT a.throttle, sum(a.count), min(a.at)
            FROM json_each(?1) AS asked CROSS JOIN {p}throttle_admission AS a
                ON a.throttle = asked.value ->> 0 AND a.at > asked.value ->> 1
            GROUP BY a.throttle";
        insert_admissions = "INSERT INTO {p}throttle_admission (throttle, at, count)
            SELECT value ->> 0, ?2, value ->> 1 FROM json_each(?1) WHERE true
            ON CONFLICT DO UPDATE SET count = count + excluded.count";
        prune_admissions = "DELETE FROM {p}throttle_admission WHERE throttle = ?1 AND at < ?2";
        free_slots = "DELETE FROM {p}throttle_slot WHERE (lease, job_id) IN (
                SELECT value ->> 0, unhex(value ->> 1) FROM json_each(?1)) RETURNING throttle";
        move_slots = "UPDATE {p}throttle_slot SET lease = ?3 WHERE lease = ?1 AND job_id = ?2";
        free_slots_of = "DELETE FROM {p}throttle_slot
            WHERE lease IN (SELECT value FROM json_each(?1)) RETURNING throttle";
        free_lost_slots = "DELETE FROM {p}throttle_slot WHERE throttle = ?1
            AND NOT EXISTS (SELECT 1 FROM {p}lease WHERE id = lease)";
        count_slots = "SELECT count(*) FROM {p}throttle_slot WHERE throttle = ?1";
        waiting = "SELECT w.job_id, w.queue, w.rank, w.seq, w.kind, w.run, w.charged, w.solo,
                j.options
            FROM {p}throttle_wait AS w CROSS JOIN {p}job AS j ON j.id = w.job_id
            WHERE w.throttle = ?1
                AND NOT EXISTS (SELECT 1 FROM {p}queue_pause WHERE queue = w.queue)
            ORDER BY w.rank, w.seq LIMIT ?2";
        waits = "SELECT EXISTS (SELECT 1 FROM {p}throttle_wait WHERE throttle = ?1),
            EXISTS (SELECT 1 FROM {p}throttle_wait AS w WHERE w.throttle = ?1
                AND NOT EXISTS (SELECT 1 FROM {p}queue_pause WHERE queue = w.queue))";
        wake_throttles = "UPDATE {p}throttle SET wake_at = ?1 WHERE wake_at > ?1";
        set_members = "UPDATE {p}lease SET members = ?2 WHERE id = ?1";
        line_options = "SELECT coalesce(j.options, '')
            FROM {p}job_queue AS q CROSS JOIN {p}job AS j ON j.id = q.job_id
            WHERE q.queue = ?1 ORDER BY q.rank, q.seq LIMIT ?2";
        throttles = concat!("SELECT ", throttle_columns!(), ",
                (SELECT count(*) FROM {p}throttle_wait WHERE throttle = t.id)
            FROM {p}throttle AS t WHERE t.scope = ?1 ORDER BY t.key");

        // Servers and kinds.

        announce = "INSERT INTO {p}server
                (name, queues, kinds, workers, started_at, live_since, heartbeat_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5) RETURNING id";
        announce_kinds = "INSERT INTO {p}kind (name, queue, retries, on_exhausted, seen_at)
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, ?2
            FROM json_each(?1) WHERE true
            ON CONFLICT (name) DO UPDATE SET queue = excluded.queue, retries = excluded.retries,
                on_exhausted = excluded.on_exhausted, seen_at = excluded.seen_at";
        beat = "UPDATE {p}server SET heartbeat_at = ?2, memory = ?4, cpu = ?5,
                live_since = CASE WHEN heartbeat_at < ?3 THEN ?2 ELSE live_since END
            WHERE id = ?1 AND gone_at IS NULL
            RETURNING paused, stopping";
        see_kinds = "UPDATE {p}kind SET seen_at = ?2 WHERE seen_at < ?3 AND name IN (
                SELECT names.value FROM {p}server AS s, json_each(s.kinds) AS names
                WHERE s.id = ?1)";
        depart = "UPDATE {p}server SET gone_at = ?2 WHERE id = ?1 AND gone_at IS NULL";
        /// One that is gone already may have claimed jobs before it noticed.
        bury_silent = "UPDATE {p}server SET gone_at = coalesce(gone_at, ?2)
            WHERE heartbeat_at < ?1 AND (gone_at IS NULL
                OR EXISTS (SELECT 1 FROM {p}lease WHERE server = {p}server.id))
            RETURNING id";
        /// Tagged rows, so that one statement answers all questions.
        poll = "SELECT 0, names.value, NULL, NULL FROM json_each(?1) AS names
            WHERE NOT EXISTS (SELECT 1 FROM {p}queue_pause WHERE queue = names.value)
                AND EXISTS (SELECT 1 FROM {p}job_queue AS q WHERE q.queue = names.value
                    AND q.kind IN (SELECT value FROM json_each(?2)))
            UNION ALL SELECT 1, NULL, min(due_at), NULL FROM {p}job_schedule
            UNION ALL SELECT 2, NULL, id, revoked FROM {p}lease
                WHERE server = ?3 AND length(revoked) > 0
            UNION ALL SELECT 3, NULL, recurring_version, NULL FROM {p}control
            UNION ALL SELECT 4, NULL, min(wake_at), NULL FROM {p}throttle
                WHERE wake_at IS NOT NULL";
        servers = "SELECT id, name, queues, workers, started_at, live_since, heartbeat_at,
                gone_at IS NOT NULL, paused, kinds, stopping, memory, cpu FROM {p}server ORDER BY id";
        kinds = "SELECT name, queue, retries, on_exhausted FROM {p}kind ORDER BY name";
        unknown_jobs = "SELECT job_id, state, seq, run, charged FROM (
                SELECT q.job_id, q.kind, 'enqueued' AS state, q.seq, q.run, q.charged
                FROM {p}job_queue AS q
                UNION ALL SELECT t.job_id, t.kind, 'enqueued', t.seq, t.run, t.charged
                FROM {p}throttle_wait AS t
                UNION ALL SELECT s.job_id, j.kind, 'scheduled', s.seq, s.run, s.charged
                FROM {p}job_schedule AS s CROSS JOIN {p}job AS j ON j.id = s.job_id
                WHERE s.due_at <= ?1) AS waiting
            WHERE kind NOT IN (SELECT name FROM {p}kind WHERE seen_at > ?2
                UNION SELECT names.value FROM {p}server AS s, json_each(s.kinds) AS names
                WHERE s.gone_at IS NULL OR s.gone_at > ?2)
                AND EXISTS (SELECT 1 FROM {p}job AS j
                    WHERE j.id = waiting.job_id AND j.created_at <= ?2)
            LIMIT ?3";
        pause_queue = "INSERT INTO {p}queue_pause (queue, paused_at) VALUES (?1, ?2)
            ON CONFLICT DO NOTHING";
        resume_queue = "DELETE FROM {p}queue_pause WHERE queue = ?1";
        stop_server = "UPDATE {p}server SET stopping = 1 WHERE id = ?1 AND gone_at IS NULL";
        pause_server = "UPDATE {p}server SET paused = ?2 WHERE id = ?1 AND gone_at IS NULL";

        // Recurring schedules.

        put_recurring = concat!("INSERT OR REPLACE INTO {p}recurring (", recurring_columns!(), ")
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)");
        move_recurring = "UPDATE {p}recurring SET next_at = ?2, last_at = ?3, last_job = ?4,
                error = ?5 WHERE id = ?1";
        all_recurring = concat!("SELECT ", recurring_columns!(), " FROM {p}recurring ORDER BY id");
        one_recurring = concat!("SELECT ", recurring_columns!(), " FROM {p}recurring WHERE id = ?1");
        delete_recurring = "DELETE FROM {p}recurring WHERE id = ?1";
        recurring_changed = "UPDATE {p}control SET recurring_version = recurring_version + 1";
        insert_fire = "INSERT INTO {p}recurring_fire (recurring_id, at, job_id)
            VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        /// ?2: how many of each, but one.
        fires = "SELECT f.recurring_id, f.at, f.job_id FROM json_each(?1) AS asked
            CROSS JOIN {p}recurring_fire AS f ON f.recurring_id = asked.value
                AND f.at >= coalesce((SELECT at FROM {p}recurring_fire
                    WHERE recurring_id = asked.value ORDER BY at DESC LIMIT 1 OFFSET ?2), 0)
            ORDER BY f.recurring_id, f.at DESC";

        // Parts of a running job.

        step_output = "SELECT output FROM {p}job_step WHERE job_id = ?1 AND name = ?2";
        keep_step = "INSERT INTO {p}job_step (job_id, name, output, at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO NOTHING";
        count_log = with_ids!("SELECT id, (SELECT count(*) FROM
                (SELECT 1 FROM {p}job_log WHERE job_id = ids.id LIMIT ?2)) FROM ids");
        put_progress = "INSERT INTO {p}job_progress (job_id, done, total)
            SELECT unhex(value ->> 0), value ->> 1, value ->> 2 FROM json_each(?1) WHERE true
            ON CONFLICT DO UPDATE SET done = excluded.done, total = excluded.total";

        // Retention.

        /// ?1: the latest time. Rows of the list until they name ?2 jobs.
        take_finished = "DELETE FROM {p}job_finished WHERE id IN (
                SELECT id FROM (
                    SELECT id, sum(size) OVER (ORDER BY at, id) - size AS before FROM (
                        SELECT id, at, length(jobs) / 16 AS size FROM {p}job_finished
                        WHERE at < ?1 ORDER BY at, id LIMIT ?2
                    )
                ) WHERE before < ?2
            ) RETURNING jobs";
        gone_by = with_ids!("SELECT a.job_id
            FROM ids CROSS JOIN {p}job_attempt AS a ON a.job_id = ids.id
                AND a.run = (SELECT max(run) FROM {p}job_attempt WHERE job_id = ids.id)
            WHERE a.ended = 0 AND a.superseded = 0 AND a.keeps = 0 AND a.ended_at < ?2");
        expired = "SELECT job_id FROM {p}job_expiry WHERE expires_at <= ?1
            ORDER BY expires_at LIMIT ?2";
        forget_servers = "DELETE FROM {p}server WHERE gone_at < ?1
            AND NOT EXISTS (SELECT 1 FROM {p}lease WHERE server = {p}server.id)";
        /// Those that a schedule which stands still may look for again are kept.
        forget_fires = "DELETE FROM {p}recurring_fire WHERE at < ?1
            AND NOT EXISTS (SELECT 1 FROM {p}recurring AS r
                WHERE r.id = recurring_id AND r.next_at <= {p}recurring_fire.at)";
        /// A key holds only as long as its holder is stored.
        forget_keys = "DELETE FROM {p}job_unique WHERE held_since < ?1
            AND NOT EXISTS (SELECT 1 FROM {p}job WHERE id = job_id)";

        /// ?1: what was touched before that, and before its window.
        forget_throttles = "DELETE FROM {p}throttle WHERE touched_at < ?1 - per_us
            AND wake_at IS NULL AND own_limit IS NULL AND (used = 0 OR kind NOT IN (0, 4))";
        /// Where none wait, nobody else forgets them.
        forget_admissions = "DELETE FROM {p}throttle_admission WHERE (throttle, at) IN (
                SELECT a.throttle, a.at FROM {p}throttle AS sliding
                CROSS JOIN {p}throttle_admission AS a
                    ON a.throttle = sliding.id AND a.at < ?1 - max(sliding.per_us, 60000000)
                WHERE sliding.kind = 2)";

        delete_line_rows = "DELETE FROM {p}job_queue WHERE (queue, rank, seq) IN (
            SELECT j.queue, -j.priority, j.seq FROM json_each(?1) AS ids
            CROSS JOIN {p}job AS j ON j.id = unhex(ids.value))
                AND job_id IN (SELECT unhex(value) FROM json_each(?1))";
        delete_waiting = in_ids!("DELETE FROM {p}throttle_wait WHERE job_id");
        delete_schedule = in_ids!("DELETE FROM {p}job_schedule WHERE job_id");
        delete_awaiting_rows = in_ids!("DELETE FROM {p}job_awaiting WHERE job_id");
        delete_failed = in_ids!("DELETE FROM {p}job_failed WHERE job_id");
        delete_deleted = in_ids!("DELETE FROM {p}job_deleted WHERE job_id");
        delete_expiry = in_ids!("DELETE FROM {p}job_expiry WHERE job_id");
        delete_attempts = in_ids!("DELETE FROM {p}job_attempt WHERE job_id");
        delete_events = in_ids!("DELETE FROM {p}job_event WHERE job_id");
        delete_edges_to = in_ids!("DELETE FROM {p}job_edge WHERE child_id");
        /// What a parent handed over stays as long as the child still waits for others.
        delete_edges_from = concat!(in_ids!("DELETE FROM {p}job_edge WHERE parent_id"),
            " AND NOT EXISTS (SELECT 1 FROM {p}job_awaiting WHERE job_id = child_id)");
        delete_keys = in_ids!("DELETE FROM {p}job_unique WHERE job_id");
        delete_steps = in_ids!("DELETE FROM {p}job_step WHERE job_id");
        delete_log = in_ids!("DELETE FROM {p}job_log WHERE job_id");
        delete_progress = in_ids!("DELETE FROM {p}job_progress WHERE job_id");
        delete_tags = in_ids!("DELETE FROM {p}job_tag WHERE job_id");
        delete_jobs = in_ids!("DELETE FROM {p}job WHERE id");

        // Looking at it.

        records = with_ids!("SELECT j.id, j.kind, j.queue, j.priority, j.args, j.options, j.input,
                j.created_at, s.due_at, d.reason, p.done, p.total, f.at, d.at, a.ended_at,
                f.failure, d.failure,
                (SELECT json_group_array(tag ORDER BY seq) FROM {p}job_tag WHERE job_id = j.id)
            FROM ids CROSS JOIN {p}job AS j ON j.id = ids.id
            LEFT JOIN {p}job_schedule AS s ON s.job_id = j.id
            LEFT JOIN {p}job_deleted AS d ON d.job_id = j.id
            LEFT JOIN {p}job_failed AS f ON f.job_id = j.id
            LEFT JOIN {p}job_progress AS p ON p.job_id = j.id
            LEFT JOIN {p}job_attempt AS a ON a.job_id = j.id
                AND a.run = (SELECT max(run) FROM {p}job_attempt WHERE job_id = j.id)");
        runs = "SELECT run, ended, server, started_at, ended_at, output, failure
            FROM {p}job_attempt WHERE job_id = ?1 ORDER BY run";
        events = "SELECT at, from_state, to_state, reason, server
            FROM {p}job_event WHERE job_id = ?1 ORDER BY id";
        log_lines = "SELECT at, run, line, id FROM (
                SELECT at, run, line, id FROM {p}job_log
                WHERE job_id = ?1 AND id > ?2 ORDER BY id DESC LIMIT ?3
            ) ORDER BY id";
        /// The number of those Enqueued, if it is known.
        counts = "SELECT coalesce(?1,
                (SELECT count(*) FROM {p}job_queue) + (SELECT count(*) FROM {p}throttle_wait)),
            (SELECT count(*) FROM {p}job_schedule),
            (SELECT count(*) FROM {p}job_awaiting AS w
                WHERE w.hand_over <> 3 AND NOT EXISTS (SELECT 1 FROM {p}job_deleted WHERE job_id = w.job_id)),
            (SELECT coalesce(sum(length(jobs)), 0) / 16 FROM {p}job_finished)
                + (SELECT coalesce(sum(length(jobs)), 0) / 16 FROM {p}batch_finished)
                + (SELECT count(*) FROM {p}job_expiry WHERE succeeded_at IS NOT NULL),
            (SELECT count(*) FROM {p}job_failed),
            (SELECT count(*) FROM {p}job_deleted),
            (SELECT count(*) FROM {p}job_schedule WHERE reason = 1)";
        recent = "SELECT id FROM {p}job ORDER BY rowid DESC LIMIT ?1";

        queues = "SELECT queue, sum(waiting), sum(throttled),
                EXISTS (SELECT 1 FROM {p}queue_pause AS p WHERE p.queue = line.queue),
                (SELECT j.created_at FROM {p}job_queue AS q
                    CROSS JOIN {p}job AS j ON j.id = q.job_id
                    WHERE q.queue = line.queue ORDER BY q.rank, q.seq LIMIT 1)
            FROM (
                SELECT queue, count(*) AS waiting, 0 AS throttled FROM {p}job_queue GROUP BY queue
                UNION ALL
                SELECT queue, 0, count(*) FROM {p}throttle_wait GROUP BY queue
                UNION ALL
                SELECT queue, 0, 0 FROM {p}queue_pause
            ) AS line GROUP BY queue ORDER BY queue";
        /// What has ended from ?1 on, in spans of ?2.
        ends = concat!("SELECT at / ?2 * ?2 AS span, sum(succeeded), sum(failed) FROM (",
            ends_since!("?1"), ") GROUP BY span ORDER BY span");
        counted_ends = "SELECT at, succeeded, failed FROM {p}throughput WHERE at >= ?1 ORDER BY at";
        count_ends = concat!("INSERT INTO {p}throughput (at, succeeded, failed)
            SELECT at / ?1 * ?1 AS span, sum(succeeded), sum(failed) FROM (",
            ends_since!("(SELECT coalesce(max(at) + ?1, 0) FROM {p}throughput)"),
            ") WHERE at < ?2 GROUP BY span ON CONFLICT DO NOTHING");
        forget_counted = "DELETE FROM {p}throughput WHERE at < ?1";
        forget_failed = "DELETE FROM {p}run_failed WHERE at < ?1";
        insert_run_failed = "INSERT INTO {p}run_failed (at, jobs) VALUES (?1, ?2)";
        run_failed = "SELECT jobs FROM {p}run_failed ORDER BY id DESC LIMIT ?1";
        last_runs = with_ids!("SELECT j.id, j.kind, j.created_at, a.started_at, a.ended_at, a.server,
                a.run, j.due_at
            FROM ids CROSS JOIN {p}job AS j ON j.id = ids.id
            CROSS JOIN {p}job_attempt AS a ON a.job_id = j.id
                AND a.run = (SELECT max(run) FROM {p}job_attempt WHERE job_id = j.id)");
        kinds_in_line = "SELECT kind, count(*) FROM (
                SELECT * FROM (SELECT kind FROM {p}job_queue
                    WHERE queue = ?1 ORDER BY rank, seq LIMIT ?2)
                UNION ALL
                SELECT * FROM (SELECT kind FROM {p}throttle_wait
                    WHERE queue = ?1 ORDER BY rank, seq LIMIT ?2)
            ) GROUP BY kind";
        names_of = with_ids!("SELECT j.id, j.kind, j.queue
            FROM ids CROSS JOIN {p}job AS j ON j.id = ids.id");
        last_failures = with_ids!("SELECT a.job_id, a.failure
            FROM ids CROSS JOIN {p}job_attempt AS a ON a.job_id = ids.id
                AND a.run = (SELECT max(run) FROM {p}job_attempt WHERE job_id = ids.id AND ended = 1)");
        steps = "SELECT name, at, output FROM {p}job_step WHERE job_id = ?1 ORDER BY at, name";
        edges_from = "SELECT child_id, position, parent_id, on_end, as_result, released, output
            FROM {p}job_edge WHERE parent_id = ?1 ORDER BY child_id, position LIMIT ?2";
        unique_key = "SELECT key FROM {p}job_unique WHERE job_id = ?1";
        holders = "SELECT id, server, claimed_at FROM {p}lease
            WHERE id IN (SELECT value FROM json_each(?1))";

        // Searching.

        list_line = "SELECT * FROM (
                SELECT * FROM (
                    SELECT job_id, rank, seq FROM {p}job_queue
                    WHERE queue = ?4 AND (rank, seq) > (?1, ?2) ORDER BY rank, seq LIMIT ?3
                )
                UNION ALL
                SELECT * FROM (
                    SELECT job_id, rank, seq FROM {p}throttle_wait
                    WHERE queue = ?4 AND (rank, seq) > (?1, ?2) ORDER BY rank, seq LIMIT ?3
                )
            ) ORDER BY rank, seq LIMIT ?3";
        list_schedule = "SELECT job_id, due_at, seq FROM {p}job_schedule
            WHERE (due_at, seq) > (?1, ?2) ORDER BY due_at, seq LIMIT ?3";
        list_retries = "SELECT job_id, due_at, seq FROM {p}job_schedule
            WHERE reason = 1 AND (due_at, seq) > (?1, ?2) ORDER BY due_at, seq LIMIT ?3";
        list_awaiting = "SELECT job_id, 0, seq FROM {p}job_awaiting
            WHERE seq < ?2 AND hand_over <> 3 ORDER BY seq DESC LIMIT ?3";
        list_failed = "SELECT job_id, at, seq FROM {p}job_failed
            WHERE (at, seq) < (?1, ?2) ORDER BY at DESC, seq DESC LIMIT ?3";
        list_deleted = "SELECT job_id, at, seq FROM {p}job_deleted
            WHERE (at, seq) < (?1, ?2) ORDER BY at DESC, seq DESC LIMIT ?3";
        list_kept = "SELECT job_id, succeeded_at, seq FROM {p}job_expiry
            WHERE succeeded_at IS NOT NULL AND (succeeded_at, seq) < (?1, ?2)
            ORDER BY succeeded_at DESC, seq DESC LIMIT ?3";
        list_tagged = "SELECT job_id, 0, seq FROM {p}job_tag
            WHERE tag = ?4 AND seq < ?2 ORDER BY seq DESC LIMIT ?3";
        finished = "SELECT at, id, jobs FROM (
                SELECT at, id, jobs,
                    sum(length(jobs)) OVER (ORDER BY at DESC, id DESC) - length(jobs) AS before
                FROM (
                    SELECT * FROM (
                        SELECT at, id, jobs FROM {p}job_finished
                        WHERE (at, id) <= (?1, ?2) ORDER BY at DESC, id DESC LIMIT ?3
                    )
                    UNION ALL
                    SELECT * FROM (
                        SELECT at, id, jobs FROM {p}batch_finished
                        WHERE (at, id) <= (?1, ?2) ORDER BY at DESC, id DESC LIMIT ?3
                    )
                )
            ) WHERE before < 16 * ?3 ORDER BY at DESC, id DESC";
        /// One step of the index for each queue.
        lines = "WITH RECURSIVE line (queue) AS (
                VALUES ('')
                UNION ALL
                SELECT (
                    SELECT min(queue) FROM (
                        SELECT min(queue) AS queue FROM {p}job_queue WHERE queue > line.queue
                        UNION ALL
                        SELECT min(queue) FROM {p}throttle_wait WHERE queue > line.queue
                    )
                )
                FROM line WHERE line.queue IS NOT NULL
            ) SELECT queue FROM line WHERE queue <> ''";
        tag_size = "SELECT count(*) FROM (SELECT 1 FROM {p}job_tag WHERE tag = ?1 LIMIT ?2)";
        /// ?2 to ?4: lists of kinds, queues and tags, or NULL; ?7 and ?8: what the arguments are to
        /// contain one of.
        sift = with_ids!("SELECT j.id FROM ids CROSS JOIN {p}job AS j ON j.id = ids.id
            WHERE (?2 IS NULL OR j.kind IN (SELECT value FROM json_each(?2)))
                AND (?3 IS NULL OR j.queue IN (SELECT value FROM json_each(?3)))
                AND (?5 IS NULL OR j.created_at >= ?5)
                AND (?6 IS NULL OR j.created_at < ?6)
                AND (?4 IS NULL OR json_array_length(?4) = (
                    SELECT count(*) FROM {p}job_tag
                    WHERE job_id = j.id AND tag IN (SELECT value FROM json_each(?4))
                ))
                AND (?7 IS NULL OR instr(lower(j.args), ?7) > 0 OR instr(lower(j.args), ?8) > 0)");
    }
}
