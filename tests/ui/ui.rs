//! What the macros accept, what they refuse, and in which words.
//!
//! Every refused program holds one mistake and must be answered with one error: a second one
//! would bury it. A case that is meant to have several says how many in its first line.

use std::fs;
use std::path::{Path, PathBuf};

const REFUSED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fail");

#[test]
fn accepted_and_refused_programs() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*.rs");
}

#[test]
fn each_mistake_gets_one_error() {
    let cases = refused_programs();
    assert!(!cases.is_empty(), "no cases in {REFUSED}");
    let problems: Vec<String> = cases.iter().filter_map(|case| miscounted(case)).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

fn refused_programs() -> Vec<PathBuf> {
    let entries = fs::read_dir(REFUSED).expect("the folder of cases");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("a case").path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    cases.sort();
    cases
}

/// What is wrong with the number of errors that a case is answered with.
fn miscounted(case: &Path) -> Option<String> {
    let name = case.file_name()?.to_string_lossy();
    let source = fs::read_to_string(case).expect("a readable case");
    let Ok(answer) = fs::read_to_string(case.with_extension("stderr")) else {
        return Some(format!("{name}: no .stderr beside it"));
    };
    let expected = declared(&source).unwrap_or(1);
    let found = answer.lines().filter(|line| is_error(line)).count();
    (found != expected).then(|| format!("{name}: {found} errors instead of {expected}"))
}

/// The number in a first line such as `// errors: 3`.
fn declared(source: &str) -> Option<usize> {
    source.lines().next()?.strip_prefix("// errors: ")?.parse().ok()
}

fn is_error(line: &str) -> bool {
    let is_summary = line.starts_with("error: aborting") || line.starts_with("error: could not");
    (line.starts_with("error:") || line.starts_with("error[")) && !is_summary
}
