//! Object syntax (ISO 32000-1 §7.3), compactly.

use lopdf::{Dictionary, Object, StringFormat};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends `object`. A stream's dictionary is written without its data: streams are indirect objects,
/// which only a file writer can write.
pub fn write_object(out: &mut Vec<u8>, object: &Object) {
    match object {
        Object::Null => out.extend_from_slice(b"null"),
        Object::Boolean(true) => out.extend_from_slice(b"true"),
        Object::Boolean(false) => out.extend_from_slice(b"false"),
        Object::Integer(value) => write_integer(out, *value),
        Object::Real(value) => write_real(out, *value),
        Object::Name(name) => write_name(out, name),
        Object::String(bytes, StringFormat::Literal) => write_literal(out, bytes),
        Object::String(bytes, StringFormat::Hexadecimal) => write_hexadecimal(out, bytes),
        Object::Array(items) => write_array(out, items),
        Object::Dictionary(dictionary) => write_dictionary(out, dictionary),
        Object::Stream(stream) => write_dictionary(out, &stream.dict),
        Object::Reference((number, generation)) => {
            write_integer(out, i64::from(*number));
            out.push(b' ');
            write_integer(out, i64::from(*generation));
            out.extend_from_slice(b" R");
        }
    }
}

/// Appends `<<…>>`, keys in the dictionary's order.
pub fn write_dictionary(out: &mut Vec<u8>, dictionary: &Dictionary) {
    out.extend_from_slice(b"<<");
    for (key, value) in dictionary {
        write_entry(out, key, value);
    }
    out.extend_from_slice(b">>");
}

pub(crate) fn write_entry(out: &mut Vec<u8>, key: &[u8], value: &Object) {
    write_name(out, key);
    separate(out, value);
    write_object(out, value);
}

/// Appends a real number in the fewest digits that give it back. PDF has no exponents and no
/// infinities: what is not finite becomes 0.
pub fn write_real(out: &mut Vec<u8>, value: f32) {
    if !value.is_finite() {
        out.push(b'0');
        return;
    }
    let thousandths = f64::from(value) * 1000.0;
    let whole = thousandths.round();
    // Nearly all numbers of a page have at most three decimals; formatting integers is much cheaper.
    // The comparison is exact: another text would not give the same f32 back.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded above, and compared afterwards"
    )]
    if whole.abs() < 1e9 && (whole / 1000.0) as f32 == value {
        write_thousandths(out, whole as i64);
    } else {
        let digits = format!("{value}");
        out.extend_from_slice(digits.as_bytes());
        // Without a point it would be an integer, and for many readers too large for one.
        if !digits.contains('.') {
            out.extend_from_slice(b".0");
        }
    }
}

/// A text string (ISO 32000-1 §7.9.2.2): ASCII as it is, anything else as UTF-16 with its mark.
pub fn text_string(text: &str) -> Object {
    if text
        .bytes()
        .all(|byte| (0x20..0x7f).contains(&byte) || matches!(byte, b'\t' | b'\n' | b'\r'))
    {
        return Object::String(text.as_bytes().to_vec(), StringFormat::Literal);
    }
    let mut bytes = vec![0xfe, 0xff];
    bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    Object::String(bytes, StringFormat::Literal)
}

fn write_thousandths(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    let value = value.unsigned_abs();
    let (whole, mut fraction) = (value / 1000, value % 1000);
    if whole != 0 || fraction == 0 {
        write_unsigned(out, whole);
    }
    if fraction != 0 {
        out.push(b'.');
        let mut place = 100;
        while fraction != 0 {
            out.push(b'0' + u8::try_from(fraction / place).unwrap_or(9));
            fraction %= place;
            place = (place / 10).max(1);
        }
    }
}

pub(crate) fn write_integer(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    write_unsigned(out, value.unsigned_abs());
}

fn write_unsigned(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0_u8; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

fn write_name(out: &mut Vec<u8>, name: &[u8]) {
    out.push(b'/');
    for &byte in name {
        if matches!(byte, b'!'..=b'~') && !b"()<>[]{}/%#".contains(&byte) {
            out.push(byte);
        } else {
            out.push(b'#');
            push_hex(out, byte);
        }
    }
}

fn write_literal(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'(');
    for &byte in bytes {
        match byte {
            b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            // A bare carriage return in a literal string reads back as a line feed.
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => out.push(byte),
        }
    }
    out.push(b')');
}

fn write_hexadecimal(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'<');
    for &byte in bytes {
        push_hex(out, byte);
    }
    out.push(b'>');
}

fn push_hex(out: &mut Vec<u8>, byte: u8) {
    out.push(HEX[usize::from(byte >> 4)]);
    out.push(HEX[usize::from(byte & 15)]);
}

fn write_array(out: &mut Vec<u8>, items: &[Object]) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            separate(out, item);
        }
        write_object(out, item);
    }
    out.push(b']');
}

/// White space before what does not begin with a delimiter.
fn separate(out: &mut Vec<u8>, next: &Object) {
    let delimited = matches!(
        next,
        Object::Name(_)
            | Object::String(..)
            | Object::Array(_)
            | Object::Dictionary(_)
            | Object::Stream(_)
    );
    if !delimited {
        out.push(b' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(object: &Object) -> String {
        let mut out = Vec::new();
        write_object(&mut out, object);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn reals_are_short_and_never_exponents() {
        for (value, text) in [
            (0.0, "0"),
            (-0.5, "-.5"),
            (12.25, "12.25"),
            (100.0, "100"),
            (0.001, ".001"),
            (-3.105, "-3.105"),
            (0.000_12, "0.00012"),
            (f32::NAN, "0"),
            (f32::NEG_INFINITY, "0"),
        ] {
            assert_eq!(written(&Object::Real(value)), text);
        }
        assert!(!written(&Object::Real(f32::MAX)).contains('e'));
    }

    #[test]
    fn strings_and_names_escape_what_they_must() {
        let string = Object::String(b"a(b)\\\r".to_vec(), StringFormat::Literal);
        assert_eq!(written(&string), "(a\\(b\\)\\\\\\r)");
        assert_eq!(written(&Object::Name(b"A b#".to_vec())), "/A#20b#23");
        assert_eq!(written(&text_string("é")), "(\u{fffd}\u{fffd}\0\u{fffd})");
    }

    #[test]
    fn arrays_separate_only_where_needed() {
        let array = Object::Array(vec![
            Object::Integer(1),
            Object::Name(b"N".to_vec()),
            Object::Reference((3, 0)),
            Object::Array(vec![]),
            Object::Boolean(true),
        ]);
        assert_eq!(written(&array), "[1/N 3 0 R[] true]");
    }
}
