//! The document's facts twice, as PDF has them: the information dictionary (ISO 32000-1 §14.3.3) and
//! XMP (§14.3.2, ISO 16684-1).

use crate::Catalog;
use fanfold_pdf::text_string;
use lopdf::{Dictionary, Object};
use std::fmt::Write;

/// What made the file.
const PRODUCER: &str = "Fanfold";

/// The information dictionary.
pub(crate) fn information(catalog: &Catalog) -> Dictionary {
    let mut information = Dictionary::new();
    for (key, value) in [
        ("Title", &catalog.title),
        ("Author", &catalog.author),
        ("Subject", &catalog.subject),
        ("Keywords", &catalog.keywords),
    ] {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            information.set(key, text_string(value));
        }
    }
    for (key, value) in [
        ("CreationDate", &catalog.created),
        ("ModDate", &catalog.modified),
    ] {
        if let Some(moment) = value.as_deref().and_then(Moment::parse) {
            information.set(key, Object::string_literal(moment.pdf()));
        }
    }
    information.set("Producer", Object::string_literal(PRODUCER));
    information
}

/// The XMP packet.
pub(crate) fn xmp(catalog: &Catalog) -> String {
    let mut body = String::new();
    let filled = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
    if let Some(title) = filled(&catalog.title) {
        let _ = write!(
            body,
            "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:title>",
            escape(&title)
        );
    }
    if let Some(author) = filled(&catalog.author) {
        let _ = write!(
            body,
            "<dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator>",
            escape(&author)
        );
    }
    if let Some(subject) = filled(&catalog.subject) {
        let _ = write!(
            body,
            "<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:description>",
            escape(&subject)
        );
    }
    if let Some(language) = filled(&catalog.language) {
        let _ = write!(
            body,
            "<dc:language><rdf:Bag><rdf:li>{}</rdf:li></rdf:Bag></dc:language>",
            escape(&language)
        );
    }
    if let Some(keywords) = filled(&catalog.keywords) {
        let _ = write!(body, "<pdf:Keywords>{}</pdf:Keywords>", escape(&keywords));
    }
    let _ = write!(body, "<pdf:Producer>{PRODUCER}</pdf:Producer>");
    for (name, value) in [
        ("CreateDate", &catalog.created),
        ("ModifyDate", &catalog.modified),
    ] {
        if let Some(moment) = value.as_deref().and_then(Moment::parse) {
            let _ = write!(body, "<xmp:{name}>{}</xmp:{name}>", moment.iso());
        }
    }
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">\
         {body}</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>"
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // XML 1.0 has no such characters at all.
            '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}' => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// A date as far as it is given, from ISO 8601.
#[derive(Debug, PartialEq, Eq)]
struct Moment {
    /// Year, month, day, hour, minute, second.
    fields: Vec<u16>,
    /// Minutes east of UTC.
    offset: Option<i16>,
}

impl Moment {
    /// `2024-05-01`, with `T10:20`, seconds and a zone if wanted. `None` for anything else.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, time) = match text.find(['T', 't', ' ']) {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        let mut fields = Vec::new();
        let limits = [
            (0, 9999, 4),
            (1, 12, 2),
            (1, 31, 2),
            (0, 23, 2),
            (0, 59, 2),
            (0, 60, 2),
        ];
        for (part, limit) in date.split('-').zip(limits) {
            fields.push(field(part, limit)?);
        }
        let mut offset = None;
        if let Some(time) = time {
            let zone = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
            // Fractions of a second have no place in a PDF date.
            let clock = time[..zone].split(['.', ',']).next()?;
            if fields.len() != 3 {
                return None;
            }
            for (part, limit) in clock.split(':').zip(&limits[3..]) {
                fields.push(field(part, *limit)?);
            }
            offset = zone_offset(&time[zone..])?;
        }
        (date.split('-').count() <= 3).then_some(Self { fields, offset })
    }

    /// §7.9.4.
    fn pdf(&self) -> String {
        let mut text = String::from("D:");
        for (index, value) in self.fields.iter().enumerate() {
            let _ = if index == 0 {
                write!(text, "{value:04}")
            } else {
                write!(text, "{value:02}")
            };
        }
        match self.offset {
            Some(0) => text.push('Z'),
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                let minutes = offset.unsigned_abs();
                let _ = write!(text, "{sign}{:02}'{:02}'", minutes / 60, minutes % 60);
            }
            None => {}
        }
        text
    }

    fn iso(&self) -> String {
        let mut text = String::new();
        for (index, value) in self.fields.iter().enumerate() {
            let separator = ["", "-", "-", "T", ":", ":"][index.min(5)];
            text.push_str(separator);
            let _ = if index == 0 {
                write!(text, "{value:04}")
            } else {
                write!(text, "{value:02}")
            };
        }
        if self.fields.len() == 4 {
            text.push_str(":00"); // XMP has no time of hours alone.
        }
        match self.offset {
            Some(0) => text.push('Z'),
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                let minutes = offset.unsigned_abs();
                let _ = write!(text, "{sign}{:02}:{:02}", minutes / 60, minutes % 60);
            }
            None => {}
        }
        text
    }
}

fn field(text: &str, (least, most, digits): (u16, u16, usize)) -> Option<u16> {
    let all_digits = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = all_digits.then(|| text.parse().ok())??;
    (least..=most).contains(&value).then_some(value)
}

/// The outer option is whether it is one at all.
fn zone_offset(zone: &str) -> Option<Option<i16>> {
    match zone.as_bytes() {
        [] => Some(None),
        [b'Z' | b'z'] => Some(Some(0)),
        [sign @ (b'+' | b'-'), ..] => {
            let rest = &zone[1..];
            let (hours, minutes) = match rest.split_once(':') {
                Some(parts) => parts,
                None if rest.len() == 4 && rest.is_ascii() => rest.split_at(2),
                None => (rest, "00"),
            };
            let minutes = field(hours, (0, 23, 2))? * 60 + field(minutes, (0, 59, 2))?;
            let minutes = i16::try_from(minutes).ok()?;
            Some(Some(if *sign == b'-' { -minutes } else { minutes }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_any_precision() {
        for (iso, pdf, xmp) in [
            ("2024-05-01", "D:20240501", "2024-05-01"),
            ("2024-05", "D:202405", "2024-05"),
            (
                "2024-05-01T10:20:30Z",
                "D:20240501102030Z",
                "2024-05-01T10:20:30Z",
            ),
            (
                "2024-05-01T10:20+05:30",
                "D:202405011020+05'30'",
                "2024-05-01T10:20+05:30",
            ),
            (
                "2024-05-01 10:20:30.5-0330",
                "D:20240501102030-03'30'",
                "2024-05-01T10:20:30-03:30",
            ),
        ] {
            let moment = Moment::parse(iso).expect("a date");
            assert_eq!((moment.pdf().as_str(), moment.iso().as_str()), (pdf, xmp));
        }
        for bad in [
            "",
            "yesterday",
            "2024-13-01",
            "2024-05-01T",
            "2024-05T10:00",
            "2024-05-01-02",
            "24-5-1",
        ] {
            assert_eq!(Moment::parse(bad), None, "{bad}");
        }
    }
}
