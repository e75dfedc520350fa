//! Codes and widths of the simple fonts that forms use.

use crate::source::Source;
use crate::win_ansi::win_ansi;
use lopdf::{Dictionary, Object};

/// Advance widths of Helvetica from the space to the tilde, in thousandths of an em (Adobe's AFM).
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
/// What Helvetica's other letters have.
const OTHERS: u16 = 556;
const COURIER: u16 = 600;

/// A font's widths by code, in ems.
pub(crate) struct Metrics {
    widths: Vec<f32>,
}

impl Metrics {
    /// `None` for a font with codes of several bytes, or with an encoding of its own.
    pub(crate) fn of(source: &Source, font: &Dictionary) -> Option<Self> {
        let kind = source.get(font, b"Subtype").as_name().ok()?;
        if !matches!(kind, b"Type1" | b"TrueType" | b"MMType1") {
            return None;
        }
        match source.get(font, b"Encoding") {
            Object::Null | Object::Name(_) => {}
            Object::Dictionary(encoding) => {
                // Differences among the letters would show others.
                let differences = source.get(encoding, b"Differences").as_array();
                let changes_letters = differences.is_ok_and(|differences| {
                    differences.iter().any(
                        |item| matches!(item, Object::Integer(code) if (32..127).contains(code)),
                    )
                });
                if changes_letters {
                    return None;
                }
            }
            _ => return None,
        }
        let name = source.get(font, b"BaseFont").as_name().unwrap_or_default();
        if matches!(name, b"Symbol" | b"ZapfDingbats") {
            return None;
        }
        let mut metrics = Self::standard(name.starts_with(b"Courier"));
        let first = source.get(font, b"FirstChar").as_i64().unwrap_or(0);
        if let (Object::Array(own), Ok(first)) =
            (source.get(font, b"Widths"), usize::try_from(first))
        {
            for (width, own) in metrics.widths.iter_mut().skip(first).zip(own) {
                *width = source.resolve(own).as_float().unwrap_or(0.0) / 1000.0;
            }
        }
        Some(metrics)
    }

    /// Of Helvetica, or of Courier.
    pub(crate) fn standard(fixed: bool) -> Self {
        let standard = |code: u16| match HELVETICA.get(usize::from(code).wrapping_sub(32)) {
            _ if fixed => COURIER,
            Some(&width) => width,
            None => OTHERS,
        };
        let widths = (0..256)
            .map(|code| f32::from(standard(code)) / 1000.0)
            .collect();
        Self { widths }
    }

    /// A text in the font's codes, without what it does not have.
    pub(crate) fn encoded(&self, text: &str) -> Vec<u8> {
        text.chars().filter_map(win_ansi).collect()
    }

    pub(crate) fn width(&self, line: &[u8]) -> f32 {
        line.iter()
            .map(|&code| self.widths.get(usize::from(code)).copied().unwrap_or(0.0))
            .sum()
    }

    /// The lines of a text between margins so many ems apart. What does not fit is broken anywhere.
    pub(crate) fn wrapped(&self, text: &str, room: f32) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        for paragraph in text.replace("\r\n", "\n").split(['\n', '\r']) {
            let (mut line, mut width) = (Vec::new(), 0.0);
            let text = self.encoded(paragraph);
            for word in text.split_inclusive(|&byte| byte == b' ') {
                let bare = word.strip_suffix(b" ").unwrap_or(word);
                if !line.is_empty() && width + self.width(bare) > room {
                    lines.push(std::mem::take(&mut line));
                    width = 0.0;
                }
                for &byte in word {
                    let advance = self.width(&[byte]);
                    if byte != b' ' && !line.is_empty() && width + advance > room {
                        lines.push(std::mem::take(&mut line));
                        width = 0.0;
                    }
                    line.push(byte);
                    width += advance;
                }
            }
            lines.push(line);
        }
        lines
    }
}
