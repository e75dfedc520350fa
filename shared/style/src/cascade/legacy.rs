//! HTML's own rules for numbers and colours in attributes (HTML standard §2.3.4, §2.3.6).

use crate::css::color::{self, ColorValue};
use crate::css::numeric::Length;
use fanfold_geometry::Color;

/// The digits, with one decimal point, that `text` starts with after white space.
fn leading_number(text: &str) -> Option<(f32, &str)> {
    let text = text.trim_start().trim_start_matches('+');
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let value: f32 = text[..end].parse().ok()?;
    (value.is_finite()).then_some((value.min(1e7), &text[end..]))
}

/// HTML's rules for parsing dimension values: px or a percentage.
pub(super) fn dimension(text: &str) -> Option<Length> {
    let (value, rest) = leading_number(text)?;
    Some(if rest.starts_with('%') {
        Length::percent(value / 100.0)
    } else {
        Length::px(value)
    })
}

/// HTML's rules for parsing non-negative integers, as px.
pub(super) fn pixels(text: &str) -> Option<f32> {
    leading_number(text).map(|(value, _)| value.trunc())
}

/// HTML's rules for parsing integers.
pub(super) fn integer(text: &str) -> Option<i32> {
    let text = text.trim_start();
    let digits = text.trim_start_matches(['+', '-']);
    let sign = text.len() - digits.len();
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    (sign <= 1)
        .then(|| text[..sign + end].trim_start_matches('+').parse().ok())
        .flatten()
}

/// HTML's rules for parsing a legacy font size, in px.
pub(super) fn font_size(text: &str) -> Option<f32> {
    const SIZES: [f32; 7] = [12.0, 16.0 * 8.0 / 9.0, 16.0, 19.2, 24.0, 32.0, 48.0];
    let text = text.trim();
    let value = integer(text)?;
    let size = if text.starts_with(['+', '-']) {
        value.saturating_add(3)
    } else {
        value
    };
    let index = usize::try_from(size.clamp(1, 7) - 1).ok()?;
    SIZES.get(index).copied()
}

/// HTML's rules for parsing a legacy colour value.
pub(super) fn legacy_color(text: &str) -> Option<ColorValue> {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("transparent") {
        return None;
    }
    if let Some(known) = color::named(text) {
        return Some(known);
    }
    let digits = text.strip_prefix('#').unwrap_or(text);
    if let Some(exact) = color::hash(digits).filter(|_| matches!(digits.len(), 3 | 6)) {
        return Some(ColorValue::Is(exact));
    }
    // Anything else is made hexadecimal: other characters are zero, and the length a multiple of three.
    let mut digits: Vec<u8> = digits
        .chars()
        .take(128)
        .map(|c| if c.is_ascii_hexdigit() { c as u8 } else { b'0' })
        .collect();
    while digits.is_empty() || !digits.len().is_multiple_of(3) {
        digits.push(b'0');
    }
    let length = digits.len() / 3;
    let mut parts: Vec<&[u8]> = digits
        .chunks(length)
        .map(|part| &part[length.saturating_sub(8)..])
        .collect();
    while parts[0].len() > 2 && parts.iter().all(|part| part[0] == b'0') {
        parts = parts.into_iter().map(|part| &part[1..]).collect();
    }
    let channel = |part: &[u8]| {
        let text = std::str::from_utf8(&part[..part.len().min(2)]).unwrap_or("0");
        u8::from_str_radix(text, 16).map_or(0.0, |value| f32::from(value) / 255.0)
    };
    Some(ColorValue::Is(Color::rgb(
        channel(parts[0]),
        channel(parts[1]),
        channel(parts[2]),
    )))
}
