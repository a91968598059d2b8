//! Opening transactions on whatever database it is.

/// Runs `$body` with `$t` as the tables of whatever database this is, in what `$open` opens, and
/// commits; all of it again, if other transactions were in the way. So the body uses up nothing
/// of what it is given. `$effects` are those of the last run alone.
macro_rules! within {
    ($storage:expr, $open:ident, |$t:ident, $effects:ident| $body:expr) => {
        within!($storage, $open, |$t| {
            *$effects = $crate::storage::Effects::default();
            $body
        })
    };
    ($storage:expr, $open:ident, |$t:ident| $body:expr) => {
        match &$storage.0.backend {
            #[cfg(feature = "sqlite")]
            $crate::storage::Backend::Sqlite(backend) => within!(@run backend, $open, |$t| $body),
            #[cfg(feature = "postgres")]
            $crate::storage::Backend::Postgres(backend) => within!(@run backend, $open, |$t| $body),
            #[cfg(feature = "mysql")]
            $crate::storage::Backend::MySql(backend) => within!(@run backend, $open, |$t| $body),
        }
    };
    (@run $backend:ident, $open:ident, |$t:ident| $body:expr) => {{
        let mut tries = $crate::storage::retry::Tries::default();
        loop {
            let tried = async {
                let mut open = $backend.$open().await?;
                let answer = {
                    let mut tables = open.tables();
                    let $t = &mut tables;
                    $body
                };
                open.commit().await?;
                Ok(answer)
            };
            let tried = tried.await;
            if !tries.again(&tried).await {
                break tried;
            }
        }
    }};
}

/// Calls a method that every backend has.
macro_rules! backend {
    ($storage:expr, |$backend:ident| $body:expr) => {
        match &$storage.0.backend {
            #[cfg(feature = "sqlite")]
            $crate::storage::Backend::Sqlite($backend) => $body,
            #[cfg(feature = "postgres")]
            $crate::storage::Backend::Postgres($backend) => $body,
            #[cfg(feature = "mysql")]
            $crate::storage::Backend::MySql($backend) => $body,
        }
    };
}

/// Runs `$body` with `$t` as the tables that the caller's own transaction sees.
macro_rules! joined {
    ($storage:expr, $transaction:expr, |$t:ident| $body:expr) => {
        match (&$storage.0.backend, $transaction) {
            #[cfg(feature = "sqlite")]
            (
                $crate::storage::Backend::Sqlite(backend),
                $crate::storage::Transaction::Sqlite(connection),
            ) => {
                backend.check_ours(connection).await?;
                let $t = &mut backend.join(connection);
                $body
            }
            #[cfg(feature = "postgres")]
            (
                $crate::storage::Backend::Postgres(backend),
                $crate::storage::Transaction::Postgres(connection),
            ) => {
                backend.check_ours(connection).await?;
                let $t = &mut backend.join(connection);
                $body
            }
            #[cfg(feature = "mysql")]
            (
                $crate::storage::Backend::MySql(backend),
                $crate::storage::Transaction::MySql(connection),
            ) => {
                backend.check_ours(connection).await?;
                let $t = &mut backend.join(connection);
                $body
            }
            #[allow(unreachable_patterns)] // with one database built in
            (_, transaction) => {
                let found = transaction.database().to_owned();
                return Err($crate::error::Error::ForeignTransaction {
                    expected: $storage.place(),
                    found,
                });
            }
        }
    };
}
