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
const DOUBLE_DIGITS: usize = 15;

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
    let text = value.to_string();
    let significant = text
        .bytes()
        .filter(u8::is_ascii_digit)
        .skip_while(|&b| b == b'0')
        .count();
    match text.parse::<f64>() {
        Ok(double) if significant <= DOUBLE_DIGITS => Value::from(double),
        _ => Value::from(text),
    }
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
