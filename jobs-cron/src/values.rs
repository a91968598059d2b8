/// A set of small numbers: the values that a field admits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Values(u64);

impl Values {
    pub(crate) fn contains(self, value: u32) -> bool {
        value < u64::BITS && self.0 & (1 << value) != 0
    }

    pub(crate) fn union(self, other: Values) -> Values {
        Values(self.0 | other.0)
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = u32> {
        (0..u64::BITS).filter(move |&value| self.contains(value))
    }
}

impl FromIterator<u32> for Values {
    fn from_iter<I: IntoIterator<Item = u32>>(values: I) -> Self {
        let bits = values.into_iter().filter(|&value| value < u64::BITS);
        Values(bits.fold(0, |set, value| set | 1 << value))
    }
}
