//! Reads the library's own tables, by SQL of the tests' own.

use std::path::Path;

use jobs_runtime::JobId;
use jobs_tests::checker::{Attempt, Fire, Server};
use sqlx::any::{AnyConnectOptions, AnyRow};
use sqlx::{AnyConnection, AssertSqlSafe, ConnectOptions, Connection, Row};

use super::database::Database;

/// A connection that the library knows nothing of.
pub(super) struct Tables {
    database: Database,
    connection: AnyConnection,
}

impl Tables {
    pub(super) async fn open(database: &Database, directory: &Path) -> Self {
        sqlx::any::install_default_drivers();
        let options: AnyConnectOptions =
            database.url(directory).parse().expect("a URL of a database");
        let connection = options.connect().await.expect("the database of the test");
        Self { database: database.clone(), connection }
    }

    pub(super) async fn servers(&mut self) -> Vec<Server> {
        let (started, gone) = (self.micros("started_at"), self.micros("gone_at"));
        let sql = format!("SELECT id, name, {started}, {gone} FROM {{p}}server ORDER BY id");
        let rows = self.rows(&sql).await;
        let server = |row: &AnyRow| Server {
            id: row.get(0),
            pid: row.get::<String, _>(1).parse().expect("workers are named by their processes"),
            started: row.get(2),
            gone: row.get(3),
        };
        rows.iter().map(server).collect()
    }

    /// The runs whose ends were accepted. What a success returned is its lease.
    pub(super) async fn attempts(&mut self) -> Vec<Attempt> {
        let (job, run, ended) = (self.id("job_id"), self.number("run"), self.number("ended"));
        let sql = format!("SELECT {job}, {run}, {ended}, output FROM {{p}}job_attempt");
        let rows = self.rows(&sql).await;
        let attempt = |row: &AnyRow| {
            let output: Option<String> = row.get(3);
            let lease = output.map(|output| output.parse().expect("a lease"));
            let success = if row.get::<i64, _>(2) == 0 { lease } else { None };
            Attempt { job: job_id(row, 0), run: row.get(1), success }
        };
        rows.iter().map(attempt).collect()
    }

    /// The occurrences of all recurring schedules.
    pub(super) async fn fires(&mut self) -> Vec<Fire> {
        let (at, job) = (self.micros("at"), self.id("job_id"));
        let sql = format!("SELECT {at}, {job} FROM {{p}}recurring_fire ORDER BY 1");
        let rows = self.rows(&sql).await;
        let fire = |row: &AnyRow| {
            let job = row.get::<Option<String>, _>(1).map(|id| id.parse().expect("an id"));
            Fire { at: row.get(0), job }
        };
        rows.iter().map(fire).collect()
    }

    /// All stored jobs, or those of one kind.
    pub(super) async fn jobs(&mut self, kind: Option<&str>) -> Vec<JobId> {
        let id = self.id("id");
        let of_kind = kind.map_or_else(String::new, |kind| format!(" WHERE kind = '{kind}'"));
        let rows = self.rows(&format!("SELECT {id} FROM {{p}}job{of_kind}")).await;
        rows.iter().map(|row| job_id(row, 0)).collect()
    }

    /// What sliding limits have let through: when, and how many.
    pub(super) async fn admissions(&mut self) -> Vec<(i64, i64)> {
        let at = self.micros("at");
        let sql = format!("SELECT {at}, count FROM {{p}}throttle_admission ORDER BY 1");
        self.rows(&sql).await.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    /// The jobs that have a slot of a throttle under a lease of this process.
    pub(super) async fn slots(&mut self, pid: u32) -> Vec<JobId> {
        let job = self.id("slot.job_id");
        let sql = format!(
            "SELECT {job} FROM {{p}}throttle_slot AS slot
            JOIN {{p}}lease AS lease ON lease.id = slot.lease
            JOIN {{p}}server AS server ON server.id = lease.server
            WHERE server.name = '{pid}'"
        );
        self.rows(&sql).await.iter().map(|row| job_id(row, 0)).collect()
    }

    /// Whether the database lets anybody write; on SQLite one process at a time can.
    pub(super) async fn can_be_written(&mut self) -> bool {
        if !self.database.is_sqlite() {
            return true;
        }
        // Whoever holds it and is not stopped gives it up within this time.
        self.rows("PRAGMA busy_timeout = 1000").await;
        let begun = sqlx::query("BEGIN IMMEDIATE").execute(&mut self.connection).await;
        if begun.is_ok() {
            self.rows("ROLLBACK").await;
        }
        begun.is_ok()
    }

    /// Whether processes of the test have sessions on the server. Those of a killed one last until
    /// the server has done what it was told before.
    pub(super) async fn has_sessions(&mut self) -> bool {
        if self.database.is_sqlite() {
            return false;
        }
        let name = self.database.schema();
        let sql = match self.database.is_postgres() {
            true => format!("SELECT pid FROM pg_stat_activity WHERE application_name = '{name}'"),
            // By what they run: a session that runs nothing ends with its process.
            false => format!(
                "SELECT id FROM information_schema.processlist
                WHERE info LIKE '%{name}%' AND id <> connection_id()"
            ),
        };
        !self.rows(&sql).await.is_empty()
    }

    /// The same for a process that has had these ports.
    pub(super) async fn has_sessions_from(&mut self, ports: &[u16]) -> bool {
        if self.database.is_sqlite() || ports.is_empty() {
            return false;
        }
        let ports: Vec<String> = ports.iter().map(|port| format!("'{port}'")).collect();
        let (from, port) = match self.database.is_postgres() {
            true => ("pg_stat_activity", "CAST(client_port AS text)"),
            false => ("information_schema.processlist", "substring_index(host, ':', -1)"),
        };
        let sql = format!("SELECT 1 FROM {from} WHERE {port} IN ({})", ports.join(", "));
        !self.rows(&sql).await.is_empty()
    }

    /// Makes the claims of all servers wait, inside their transactions. PostgreSQL only.
    pub(super) async fn lock_leases(&mut self) {
        self.rows("BEGIN").await;
        self.rows("LOCK TABLE {p}lease IN SHARE MODE").await;
    }

    /// Whether a claim waits for that.
    pub(super) async fn is_claim_waiting(&mut self) -> bool {
        // Within a transaction the first look would be shown again and again.
        self.rows("SELECT 1 WHERE pg_stat_clear_snapshot() IS NULL").await;
        let waiting = "SELECT pid FROM pg_stat_activity \
            WHERE wait_event_type = 'Lock' AND strpos(query, '{p}job_queue') > 0";
        !self.rows(waiting).await.is_empty()
    }

    pub(super) async fn unlock_leases(&mut self) {
        self.rows("ROLLBACK").await;
    }

    /// Makes the table that jobs write their effects into.
    pub(super) async fn make_effects(&mut self) {
        self.rows("CREATE TABLE {p}effect (job varchar(50), what varchar(50))").await;
    }

    /// The effects by their jobs, in order.
    pub(super) async fn effects(&mut self) -> Vec<(String, String)> {
        let rows = self.rows("SELECT job, what FROM {p}effect ORDER BY job, what").await;
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    /// Removes the schema; a file goes with the directory of the test.
    pub(super) async fn remove(mut self) {
        if self.database.is_postgres() {
            self.rows(&format!("DROP SCHEMA \"{}\" CASCADE", self.database.schema())).await;
        } else if !self.database.is_sqlite() {
            let tables = "SELECT table_name FROM information_schema.tables
                WHERE table_schema = database() AND table_name LIKE '{p}%'";
            for row in self.rows(tables).await {
                self.rows(&format!("DROP TABLE {}", row.get::<String, _>(0))).await;
            }
        }
        let _ = self.connection.close().await;
    }

    async fn rows(&mut self, sql: &str) -> Vec<AnyRow> {
        let sql = AssertSqlSafe(sql.replace("{p}", &self.database.prefix()));
        sqlx::query(sql).fetch_all(&mut self.connection).await.expect("a query of the test")
    }

    fn number(&self, column: &str) -> String {
        match self.database.is_postgres() || self.database.is_sqlite() {
            true => format!("CAST({column} AS bigint)"),
            false => format!("CAST({column} AS signed)"),
        }
    }

    fn id(&self, column: &str) -> String {
        match self.database.is_postgres() {
            true => format!("CAST({column} AS text)"),
            false => format!("lower(hex({column}))"),
        }
    }

    fn micros(&self, column: &str) -> String {
        match self.database.is_postgres() {
            true => format!("CAST(extract(epoch FROM {column}) * 1000000 AS bigint)"),
            false => column.to_owned(),
        }
    }
}

fn job_id(row: &AnyRow, column: usize) -> JobId {
    row.get::<String, _>(column).parse().expect("an id")
}
