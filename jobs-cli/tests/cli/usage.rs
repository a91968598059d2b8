//! What needs no jobs: cron expressions, help, mistakes, and the codes for them.

use std::process::Stdio;

use serde_json::json;

use super::program::{alone, command, run};

#[test]
fn a_cron_expression_is_told_in_its_zone() {
    let args = ["cron", "next", "0 9 * * MON-FRI", "--tz", "Europe/Istanbul", "-n", "2"];
    let after = ["--after", "2026-11-27T12:00:00+03:00"];
    let said = alone(&[&args[..], &after, &["--json"]].concat()).json();
    let local = ["2026-11-30T09:00:00+03:00", "2026-12-01T09:00:00+03:00"];
    assert_eq!(said[0], json!({ "at": "2026-11-30T06:00:00Z", "local": local[0] }));
    assert_eq!(said[1]["local"], json!(local[1]));
    assert!(alone(&[&args[..], &after].concat()).ok().contains("Mon 2026-11-30 09:00:00"));
    assert_eq!(alone(&["cron", "next", "0 0 30 2 *"]).ok(), "it never fires\n");
}

#[test]
fn a_wrong_expression_is_answered_with_what_would_be_right() {
    for (args, says) in [
        (["cron", "next", "0 9 * *", "--tz", "UTC"], "five"),
        (["cron", "next", "0 9 * * *", "--tz", "Europe/Istambul"], "Europe/Istanbul"),
        (["cron", "next", "0 9 * * *", "--after", "noon"], "2026-11-28T09:00:00Z"),
    ] {
        let said = alone(&args);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
        assert!(said.err.contains(says), "{said:?}");
    }
}

#[test]
fn a_command_without_a_database_says_how_to_name_one() {
    let said = alone(&["stats"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("--database-url") && said.err.contains("DATABASE_URL"), "{said:?}");
}

#[test]
fn a_database_that_is_not_there_is_an_error_and_makes_no_file() {
    let file = std::env::temp_dir().join(format!("jobs-cli-{}.db", std::process::id()));
    let url = format!("sqlite://{}", file.display());
    let mut stats = command(&["stats"]);
    stats.env("DATABASE_URL", &url);
    let said = run(stats, "");
    assert_eq!(said.code, 1, "{said:?}");
    assert!(!file.exists());

    let said = alone(&["--database-url", &url, "migrate"]);
    assert!(said.ok().contains("up to date"));
    assert!(alone(&["stats", "--database-url", &url]).ok().contains("enqueued"));
    let said = alone(&["stats", "--database-url", &url, "--schema", "other"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("jobs migrate"), "{said:?}");
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
}

#[test]
fn a_password_is_not_shown() {
    let said = alone(&["stats", "--database-url", "postgres://ada:sesame@127.0.0.1:1/none"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(!said.err.contains("sesame"), "{said:?}");
    let mut help = command(&["--help"]);
    help.env("JOBS_DATABASE_URL", "postgres://ada:sesame@db/none");
    let help = run(help, "").ok();
    assert!(help.contains("Exit codes") && !help.contains("sesame"), "{help}");
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let mut next = command(&["cron", "next", "* * * * * *", "-n", "100000"]);
    next.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = next.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
