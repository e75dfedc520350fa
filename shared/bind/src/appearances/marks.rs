//! List boxes, and the marks of check boxes and radio buttons.

use super::{Frame, Look, SIDE, numbers, show};
use crate::metrics::Metrics;
use crate::source::Source;
use lopdf::{Dictionary, Object};

/// Widths of the dingbats that mark buttons, in ems (Adobe's AFM): check, check, cross, cross, star,
/// circle, square, diamond.
const MARKS: [(u8, f32); 8] = [
    (b'3', 0.755),
    (b'4', 0.846),
    (b'5', 0.762),
    (b'8', 0.677),
    (b'H', 0.816),
    (b'l', 0.791),
    (b'n', 0.761),
    (b'u', 0.788),
];
/// Lines of a list are this many sizes apart.
const LEADING: f32 = 1.1;
/// Options of a list.
const MOST_OPTIONS: usize = 10_000;

/// Draws the options of a list box, those that show.
pub(super) fn list(
    look: &Look,
    options: &[String],
    first: usize,
    frame: &Frame,
    metrics: &Metrics,
    content: &mut Vec<u8>,
) {
    let lines: Vec<Vec<u8>> = options
        .iter()
        .take(MOST_OPTIONS)
        .map(|option| metrics.encoded(option))
        .collect();
    let size = look.size().unwrap_or_else(|| {
        let widest = lines
            .iter()
            .map(|line| metrics.width(line))
            .fold(0.0, f32::max);
        let high = frame.height - 2.0 * frame.border;
        let room = frame.width - 2.0 * frame.border - 2.0 * SIDE;
        let wide = if widest > 0.0 { room / widest } else { high };
        high.min(wide).floor().max(1.0)
    });
    let mut y = frame.height - LEADING * size;
    for (line, option) in lines.into_iter().zip(options).skip(first) {
        if y < -size {
            break;
        }
        content.extend_from_slice(b"q\n");
        let selected = !look.value.is_empty() && *option == look.value;
        if selected {
            let width = frame.width - 2.0 * frame.border;
            numbers(
                content,
                &[frame.border, y - 0.2 * size, width, LEADING * size],
                "re f",
            );
        }
        content.extend_from_slice(b"BT\n");
        look.write_style(size, content);
        if selected {
            content.extend_from_slice(b"1 g\n");
        }
        let x = look.start(frame, metrics.width(&line) * size);
        numbers(content, &[1.0, 0.0, 0.0, 1.0, x, y], "Tm");
        show(content, line);
        content.extend_from_slice(b"ET\nQ\n");
        y -= LEADING * size;
    }
}

/// What the options of a choice show: the second of a pair is for people.
pub(super) fn options(source: &Source, field: &Object) -> Vec<String> {
    let Object::Array(options) = field else {
        return Vec::new();
    };
    let text = |value: &Object| match source.resolve(value) {
        Object::String(text, _) => super::decoded(text),
        _ => None,
    };
    options
        .iter()
        .take(MOST_OPTIONS)
        .filter_map(|option| match source.resolve(option) {
            Object::Array(pair) => text(pair.get(1)?),
            _ => text(option),
        })
        .collect()
}

/// The mark of a button that is on, from its caption; `None` when it has none.
pub(super) fn mark(
    source: &Source,
    look: &Look,
    colors: &Dictionary,
    frame: &Frame,
    content: &mut Vec<u8>,
) -> Option<()> {
    let caption = match source.get(colors, b"CA") {
        Object::String(caption, _) => caption,
        _ => return None,
    };
    let width = match caption.as_slice() {
        [mark] => MARKS.iter().find(|(code, _)| code == mark)?.1,
        _ => return None,
    };
    let size = look.size().unwrap_or_else(|| {
        let room = frame.width - 2.0 * frame.border - 2.0 * SIDE;
        let high = frame.height - 2.0 * frame.border;
        high.min(room / width).floor().max(1.0)
    });
    content.extend_from_slice(b"q\nBT\n");
    look.write_style(size, content);
    let x = (frame.width - width * size) / 2.0;
    let y = 0.5 * frame.height - 0.4 * size;
    numbers(content, &[1.0, 0.0, 0.0, 1.0, x, y], "Tm");
    show(content, caption.clone());
    content.extend_from_slice(b"ET\nQ\n");
    Some(())
}
