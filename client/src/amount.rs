//! Amounts of OGPU as people write them.

use ogpu_primitives::{Balance, OGPU};

/// Decimal places of one OGPU.
const DECIMALS: usize = 18;

/// Why a text is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Neither digits nor one decimal point.
    #[error("'{0}' is not an amount: write OGPU as in 1.5, or planck as in 1500planck")]
    NotANumber(String),
    /// More than 18 decimal places.
    #[error(
        "'{0}' has more than 18 decimal places; the smallest unit is 0.000000000000000001 OGPU (1 planck)"
    )]
    TooPrecise(String),
    /// More than the type holds.
    #[error("'{0}' is more than all OGPU there are")]
    TooLarge(String),
}

/// Reads `1.5` as OGPU and `1500planck` as planck; the result is in planck.
pub fn parse(text: &str) -> Result<Balance, AmountError> {
    let trimmed = text.trim();
    let too_large = || AmountError::TooLarge(text.to_owned());
    let not_a_number = || AmountError::NotANumber(text.to_owned());
    if let Some(planck) = trimmed.strip_suffix("planck") {
        let digits = planck.trim().replace('_', "");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(not_a_number());
        }
        return digits.parse().map_err(|_| too_large());
    }
    let digits = trimmed
        .strip_suffix("OGPU")
        .unwrap_or(trimmed)
        .trim()
        .replace('_', "");
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits.as_str(), ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
        return Err(not_a_number());
    }
    if fraction.len() > DECIMALS {
        return Err(AmountError::TooPrecise(text.to_owned()));
    }
    let whole: Balance = if whole.is_empty() {
        0
    } else {
        whole.parse().map_err(|_| too_large())?
    };
    let padded = format!("{fraction:0<DECIMALS$}");
    let fraction: Balance = padded.parse().map_err(|_| not_a_number())?;
    whole
        .checked_mul(OGPU)
        .and_then(|planck| planck.checked_add(fraction))
        .ok_or_else(too_large)
}

/// Writes planck as OGPU without rounding: `1.5`, `0.000000000000000001`, `0`.
pub fn format(planck: Balance) -> String {
    let fraction = format!("{:018}", planck % OGPU);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        (planck / OGPU).to_string()
    } else {
        format!("{}.{fraction}", planck / OGPU)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn amount_should_survive_when_it_is_written_and_read(planck: u128) {
            prop_assert_eq!(parse(&format(planck)), Ok(planck));
        }
    }

    #[test]
    fn amount_should_be_read_when_it_is_ogpu_or_planck() {
        assert_eq!(parse("1.5"), Ok(OGPU + OGPU / 2));
        assert_eq!(parse(".5 OGPU"), Ok(OGPU / 2));
        assert_eq!(parse("1_000planck"), Ok(1_000));
    }

    #[test]
    fn amount_should_be_refused_when_it_is_no_number() {
        for text in ["", ".", "1,5", "-1", "1e3", "1.2.3", "planck"] {
            assert!(matches!(parse(text), Err(AmountError::NotANumber(_))), "{text}");
        }
        assert!(matches!(
            parse("0.0000000000000000001"),
            Err(AmountError::TooPrecise(_))
        ));
        assert!(matches!(parse(&"9".repeat(40)), Err(AmountError::TooLarge(_))));
    }
}
