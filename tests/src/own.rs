//! A connection of the application's own to the database of the jobs.

use jobs_runtime::Transaction;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row, SqlSafeStr, SqliteConnection,
};

use crate::Place;
use crate::place::PATIENCE;

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
        let connection = match url.starts_with("sqlite:") {
            true => {
                let options: SqliteConnectOptions = url.parse().expect("a URL of SQLite");
                let connection = options.busy_timeout(PATIENCE).connect().await;
                Either::Sqlite(Box::new(connection.expect("the file of the jobs")))
            }
            false => {
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
        };
        number.expect("a number")
    }

    /// Begins a transaction that is going to write.
    ///
    /// # Panics
    /// If the database refuses it.
    pub async fn begin(&mut self) {
        let begin = match &self.connection {
            Either::Sqlite(_) => "BEGIN IMMEDIATE",
            Either::Postgres(_) => "BEGIN",
        };
        self.execute(begin).await;
    }

    /// The connection, to store jobs in its transaction.
    pub fn transaction(&mut self) -> Transaction<'_> {
        match &mut self.connection {
            Either::Sqlite(connection) => (&mut **connection).into(),
            Either::Postgres(connection) => (&mut **connection).into(),
        }
    }
}
