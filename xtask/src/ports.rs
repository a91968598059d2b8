//! Free ports of 127.0.0.1.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result};

use crate::interrupt;

/// Between the choice of a port and the server's bind another program may take the port.
const ATTEMPTS: usize = 3;

/// Starts a server on a free port, and on another one if that fails.
///
/// # Errors
/// The error of the last attempt.
pub(crate) fn on_free_port<T>(mut start: impl FnMut(u16) -> Result<T>) -> Result<T> {
    for _ in 1..ATTEMPTS {
        if let Ok(started) = start(free()?) {
            return Ok(started);
        }
        interrupt::check()?;
    }
    start(free()?)
}

fn free() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .context("no free port on 127.0.0.1")
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use anyhow::bail;

    use super::*;

    #[test]
    fn a_taken_port_is_followed_by_another_attempt() {
        let attempts = Cell::new(0);
        let port = on_free_port(|port| {
            attempts.set(attempts.get() + 1);
            if attempts.get() < ATTEMPTS {
                bail!("port {port} is taken");
            }
            Ok(port)
        });
        assert!(port.is_ok_and(|port| port > 0));
        assert_eq!(attempts.get(), ATTEMPTS);
    }

    #[test]
    fn the_last_error_is_reported() {
        let attempts = Cell::new(0);
        let error = on_free_port(|_| -> Result<()> {
            attempts.set(attempts.get() + 1);
            bail!("attempt {}", attempts.get())
        });
        assert_eq!(error.map_err(|error| error.to_string()), Err("attempt 3".to_owned()));
    }
}
