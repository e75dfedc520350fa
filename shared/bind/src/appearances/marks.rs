//! List boxes, and the marks of check boxes and radio buttons.

use super::{Budget, Frame, Look, SIDE, numbers, show};
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
    options: &[Choice],
    selected: &[usize],
    first: usize,
    frame: &Frame,
    metrics: &Metrics,
    content: &mut Vec<u8>,
) -> Option<()> {
    let lines: Option<Vec<Vec<u8>>> = options
        .iter()
        .map(|option| metrics.encoded(&option.display))
        .collect();
    let lines = lines?;
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
    for (index, line) in lines.into_iter().enumerate().skip(first) {
        if y < -size {
            break;
        }
        content.extend_from_slice(b"q\n");
        let selected = selected.contains(&index);
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
    Some(())
}

/// An option of a choice.
pub(super) struct Choice {
    /// What the field's value is then.
    export: String,
    pub(super) display: String,
}

/// The options of a choice, each a text or a pair (§12.7.4.4); `None` when some are something else.
pub(super) fn options(source: &Source, field: &Object, budget: &mut Budget) -> Option<Vec<Choice>> {
    let mut text = |value: &Object| match source.resolve(value) {
        Object::String(text, _) => {
            budget.take(text.len())?;
            super::decoded(text)
        }
        _ => None,
    };
    let options = field.as_array().ok()?;
    if options.len() > MOST_OPTIONS {
        return None;
    }
    options
        .iter()
        .map(|option| {
            Some(match source.resolve(option) {
                Object::Array(pair) => Choice {
                    export: text(pair.first()?)?,
                    display: text(pair.get(1)?)?,
                },
                _ => {
                    let display = text(option)?;
                    Choice {
                        export: display.clone(),
                        display,
                    }
                }
            })
        })
        .collect()
}

/// The option of a value: it should be what is exported, some have what is shown.
pub(super) fn option_of(options: &[Choice], value: &str) -> Option<usize> {
    let exported = options.iter().position(|option| option.export == value);
    exported.or_else(|| options.iter().position(|option| option.display == value))
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
