//! Numbers for people: steps of an axis, and how a number is written.

/// Round numbers from zero to at least `most`, some five of them.
pub(super) fn ticks(most: f64) -> Vec<f64> {
    let rough = (most / 4.0).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * power);
    let step = step.into_iter().find(|step| *step >= rough).unwrap_or(rough);
    let count = (most / step).ceil().max(1.0) as usize;
    (0..=count).map(|tick| tick as f64 * step).collect()
}

/// With a comma between thousands, and a digit after the point below ten.
pub(super) fn written(value: f64) -> String {
    if value > 0.0 && value < 10.0 && value.fract() != 0.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Thousands and millions in short.
pub(super) fn short(value: f64) -> String {
    match value {
        value if value >= 1e6 => format!("{} M", written(value / 1e6)),
        value if value >= 1e3 => format!("{} k", written(value / 1e3)),
        _ => written(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_largest_value() {
        assert_eq!(ticks(93_000.0), [0.0, 25_000.0, 50_000.0, 75_000.0, 100_000.0]);
        assert_eq!(ticks(4.2), [0.0, 2.0, 4.0, 6.0]);
    }

    #[test]
    fn numbers_are_written_with_commas() {
        assert_eq!(written(1_234_567.0), "1,234,567");
        assert_eq!(written(9.43), "9.4");
        assert_eq!(written(0.0), "0");
        assert_eq!(short(10_000_000.0), "10 M");
    }
}
