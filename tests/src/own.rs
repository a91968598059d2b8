//! A connection of the application's own to the database of the jobs.

use jobs_runtime::Transaction;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, MySqlConnection, PgConnection, Row, SqlSafeStr,
    SqliteConnection,
};

use crate::Place;
use crate::place::PATIENCE;

/// The code by which PostgreSQL says that it gave up one of two that waited for each other.
const DEADLOCK: &str = "40P01";

/// A connection that the library knows nothing of. In its SQL, `{p}` is what stands before the
/// names of the library's tables.
#[derive(Debug)]
pub struct Own {
    prefix: String,
    connection: Either,
}

#[derive(Debug)]
enum Either {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
    MariaDb(Box<MySqlConnection>),
}

impl Own {
    /// Connects to the database of this place.
    ///
    /// # Panics
    /// If there is none.
    pub async fn connect(place: &Place) -> Self {
        Self::open(&place.url(), place.prefix()).await
    }

    /// Connects to the database behind this URL.
    ///
    /// # Panics
    /// If there is none.
    pub async fn open(url: &str, prefix: String) -> Self {
        let connection = match url.split(':').next() {
            Some("sqlite") => {
                let options: SqliteConnectOptions = url.parse().expect("a URL of SQLite");
                let connection = options.busy_timeout(PATIENCE).connect().await;
                Either::Sqlite(Box::new(connection.expect("the file of the jobs")))
            }
            Some("mariadb") => {
                let connection = MySqlConnection::connect(url).await;
                Either::MariaDb(Box::new(connection.expect("the database of the jobs")))
            }
            _ => {
                let connection = PgConnection::connect(url).await;
                Either::Postgres(Box::new(connection.expect("the database of the jobs")))
            }
        };
        Self { prefix, connection }
    }

    /// Runs statements.
    ///
    /// # Errors
    /// What the database says.
    pub async fn try_execute(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(sql.replace("{p}", &self.prefix)).into_sql_str();
        match &mut self.connection {
            Either::Sqlite(connection) => {
                sqlx::raw_sql(sql).execute(&mut **connection).await.map(drop)
            }
            Either::Postgres(connection) => {
                sqlx::raw_sql(sql).execute(&mut **connection).await.map(drop)
            }
            Either::MariaDb(connection) => {
                sqlx::raw_sql(sql).execute(&mut **connection).await.map(drop)
            }
        }
    }

    /// Runs statements.
    ///
    /// # Panics
    /// If the database refuses them.
    pub async fn execute(&mut self, sql: &str) {
        self.try_execute(sql).await.expect("a statement of the test");
    }

    /// The one number that a query gives.
    ///
    /// # Panics
    /// If it gives something else.
    pub async fn number(&mut self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.replace("{p}", &self.prefix)).into_sql_str();
        let number = match &mut self.connection {
            Either::Sqlite(connection) => {
                sqlx::raw_sql(sql).fetch_one(&mut **connection).await.and_then(|row| row.try_get(0))
            }
            Either::Postgres(connection) => {
                sqlx::raw_sql(sql).fetch_one(&mut **connection).await.and_then(|row| row.try_get(0))
            }
            Either::MariaDb(connection) => {
                sqlx::raw_sql(sql).fetch_one(&mut **connection).await.and_then(|row| row.try_get(0))
            }
        };
        number.expect("a number")
    }

    /// Removes a schema, or on MariaDB the tables with this prefix.
    ///
    /// # Panics
    /// If the database refuses it.
    pub async fn drop_schema(&mut self, schema: &str) {
        let drop = match &mut self.connection {
            Either::Sqlite(_) => return,
            Either::Postgres(_) => format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE"),
            Either::MariaDb(connection) => {
                let tables = "SELECT table_name FROM information_schema.tables
                    WHERE table_schema = database() AND table_name LIKE CONCAT(?, '\\_%')";
                let tables = sqlx::query_scalar(tables).bind(schema).fetch_all(&mut **connection);
                let tables: Vec<String> = tables.await.expect("the tables of the jobs");
                format!("DROP TABLE IF EXISTS {}", tables.join(", "))
            }
        };
        // A session of what the test has dropped may still be at work, behind a pooler for some time:
        // each of the two may wait for a table that the other has locked.
        while let Err(error) = self.try_execute(&drop).await {
            let code = error.as_database_error().and_then(|error| error.code());
            assert_eq!(code.as_deref(), Some(DEADLOCK), "the schema is removed: {error}");
        }
    }

    /// Begins a transaction that is going to write.
    ///
    /// # Panics
    /// If the database refuses it.
    pub async fn begin(&mut self) {
        let begin = match &self.connection {
            Either::Sqlite(_) => "BEGIN IMMEDIATE",
            Either::Postgres(_) | Either::MariaDb(_) => "BEGIN",
        };
        self.execute(begin).await;
    }

    /// The connection, to store jobs in its transaction.
    pub fn transaction(&mut self) -> Transaction<'_> {
        match &mut self.connection {
            Either::Sqlite(connection) => (&mut **connection).into(),
            Either::Postgres(connection) => (&mut **connection).into(),
            Either::MariaDb(connection) => (&mut **connection).into(),
        }
    }
}
