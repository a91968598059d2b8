//! Versions of Rust, as far as this program has to compare them.

use std::fmt;

/// `1.94` or `1.94.1`; a missing third number is zero, a suffix such as `-nightly` is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RustVersion {
    major: u32,
    minor: u32,
    patch: u32,
}

impl RustVersion {
    /// Reads a version, or nothing from a text that is none, such as `stable`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('-').next()?.split('.').map(str::parse);
        let major = numbers.next()?.ok()?;
        let minor = numbers.next()?.ok()?;
        let patch = numbers.next().unwrap_or(Ok(0)).ok()?;
        Some(Self { major, minor, patch })
    }

    /// Whether both are the same release but for corrections.
    pub(crate) fn is_same_release(self, other: Self) -> bool {
        (self.major, self.minor) == (other.major, other.minor)
    }
}

impl fmt::Display for RustVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::RustVersion;

    fn version(text: &str) -> RustVersion {
        RustVersion::parse(text).expect(text)
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(version("1.100") > version("1.94.7"));
        assert!(version("1.94") == version("1.94.0"));
        assert!(version("1.94.1") > version("1.94"));
    }

    #[test]
    fn names_of_toolchains_are_read() {
        assert_eq!(version("1.94-x86_64-unknown-linux-gnu"), version("1.94.0"));
        assert_eq!(version("1.97.0-nightly"), version("1.97"));
        assert_eq!(RustVersion::parse("stable-x86_64-unknown-linux-gnu"), None);
    }

    #[test]
    fn a_release_includes_its_corrections() {
        assert!(version("1.94.1").is_same_release(version("1.94")));
        assert!(!version("1.95.0").is_same_release(version("1.94")));
    }
}
