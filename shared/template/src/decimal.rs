//! Template values as exact decimals, and back.
//!
//! A JSON number arrives as an integer or as the double nearest to what was written; the shortest text
//! that reads back as that double is the decimal that was written, as long as it has at most 15
//! significant digits. So amounts up to 9,999,999,999,999.99 may be numbers; greater ones must be strings.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Significant decimal digits that a double holds exactly (IEEE 754 binary64, `DBL_DIG`).
const DOUBLE_DIGITS: u32 = 15;
/// The least whole number with more.
const DOUBLE_LIMIT: u128 = 10u128.pow(DOUBLE_DIGITS);
/// The powers of ten that doubles are, from the zeroth on.
const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Reads a number, or a string that is a plain number (`-1234.50`).
pub(crate) fn from_value(value: &Value) -> Result<Decimal, Error> {
    match value.kind() {
        ValueKind::Number => {
            if value.is_integer() {
                let whole =
                    i128::try_from(value.clone()).map_err(|_| too_large(&value.to_string()))?;
                return Decimal::try_from_i128_with_scale(whole, 0)
                    .map_err(|_| too_large(&whole.to_string()));
            }
            let double = f64::try_from(value.clone())?;
            if let Some(amount) = short_decimal(double) {
                return Ok(amount);
            }
            // Display never writes an exponent; parsing rounds what is below 28 decimals.
            let text = double.to_string();
            text.parse().map_err(|_| too_large(&text))
        }
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default().trim();
            parse(text).ok_or_else(|| {
                let shown: String = text.chars().take(40).collect();
                bad(format!(
                    "{shown:?} is not a number: write it plainly, such as \"1234.50\""
                ))
            })
        }
        kind => Err(bad(format!(
            "a number is needed here, not a value of type {kind}"
        ))),
    }
}

fn parse(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.len() <= 40;
    if plain {
        Decimal::from_str_exact(text).ok()
    } else {
        None
    }
}

/// A number when a double holds it exactly, otherwise its text.
pub(crate) fn to_value(value: Decimal) -> Value {
    let value = value.normalize();
    if value.scale() == 0
        && let Some(whole) = value.to_i64()
    {
        return Value::from(whole);
    }
    if value.mantissa().unsigned_abs() >= DOUBLE_LIMIT {
        return Value::from(value.to_string());
    }
    let power = POWERS_OF_TEN.get(value.scale() as usize);
    match power.zip(value.mantissa().to_f64()) {
        // Both are exact, so the quotient is the double nearest to the decimal.
        Some((power, mantissa)) => Value::from(mantissa / power),
        None => {
            let text = value.to_string();
            text.parse::<f64>()
                .map_or_else(|_| Value::from(text), Value::from)
        }
    }
}

/// The decimal that is written for `double`, where that has at most four decimals, as amounts do.
fn short_decimal(double: f64) -> Option<Decimal> {
    let written = POWERS_OF_TEN.iter().zip(0..=4).find_map(|(power, scale)| {
        let mantissa = (double * power).round();
        // No other decimal of so few digits is nearest to the same double.
        let is_it = mantissa.abs() < DOUBLE_LIMIT as f64 && mantissa / power == double;
        is_it.then_some((mantissa, scale))
    });
    let (mantissa, scale) = written.filter(|(mantissa, _)| *mantissa != 0.0)?;
    Some(Decimal::new(mantissa as i64, scale))
}

fn too_large(text: &str) -> Error {
    let shown: String = text.chars().take(40).collect();
    bad(format!(
        "{shown} is too large for exact arithmetic (28 digits)"
    ))
}

/// An error of a filter's or function's argument.
pub(crate) fn bad(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// The error of an operation whose result has no exact decimal.
pub(crate) fn overflow() -> Error {
    bad("the result is too large for exact arithmetic (28 digits)".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: impl Into<Value>) -> Option<String> {
        from_value(&value.into())
            .ok()
            .map(|decimal| decimal.to_string())
    }

    #[test]
    fn doubles_read_as_they_were_written() {
        assert_eq!(read(0.1).as_deref(), Some("0.1"));
        assert_eq!(
            read(9_999_999_999_999.99).as_deref(),
            Some("9999999999999.99")
        );
        assert_eq!(read(1e300), None);
        assert_eq!(read(f64::NAN), None);
        assert_eq!(read(i128::MAX), None);
    }

    #[test]
    fn amounts_go_through_doubles_unchanged() {
        let mut random = 1u64;
        for turn in 0..20_000u32 {
            // Knuth's MMIX generator; its high bits are the random ones.
            random = random.wrapping_mul(6_364_136_223_846_793_005);
            random = random.wrapping_add(1_442_695_040_888_963_407);
            let mantissa = (random >> 4) as i64 >> (turn % 60);
            let amount = Decimal::new(mantissa, turn % 28);
            let value = to_value(amount);
            assert_eq!(from_value(&value).ok(), Some(amount), "{value}");
            if let Ok(double) = f64::try_from(value)
                && double.fract() != 0.0
            {
                assert_eq!(double.to_string().parse(), Ok(amount));
                assert_eq!(amount.to_string().parse(), Ok(double));
            }
        }
        assert_eq!(read(-0.0).as_deref(), Some("0"));
        assert_eq!(read(-47.25).as_deref(), Some("-47.25"));
    }

    #[test]
    fn strings_must_be_plain() {
        assert_eq!(read(" -12.50 ").as_deref(), Some("-12.50"));
        for text in [
            "", "-", "1,000", "1e3", "0x10", "1_000", ".5", "1.2.3", "NaN", "12 ",
        ] {
            assert_eq!(read(text).is_some(), text.trim() == "12", "{text:?}");
        }
    }

    #[test]
    fn results_stay_exact() {
        for text in [
            "0.3",
            "500000",
            "9999999999999.99",
            "123456789012345678.91",
            "-0.05",
        ] {
            let decimal: Decimal = text.parse().expect("a number");
            assert_eq!(
                from_value(&to_value(decimal))
                    .expect("a number")
                    .to_string(),
                text
            );
        }
    }
}
