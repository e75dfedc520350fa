//! The box of a widget: its size, background and border.

use super::numbers;
use crate::source::Source;
use fanfold_pdf::write_real;
use lopdf::{Dictionary, Object};

/// A box with what surrounds its text.
pub(super) struct Frame {
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) border: f32,
    style: Style,
    /// How far its content is turned against the page, in degrees.
    turn: i64,
}

/// How a border is drawn (table 166).
#[derive(Clone, Copy)]
enum Style {
    Solid,
    Underline,
    /// Dashed, or as if lit from above.
    Other,
}

impl Frame {
    /// Of a widget with its appearance characteristics (`MK`, table 189).
    pub(super) fn of(source: &Source, widget: &Dictionary, colors: &Dictionary) -> Option<Self> {
        let rectangle = source.get(widget, b"Rect").as_array().ok()?;
        let mut sides = [0.0; 4];
        for (side, value) in sides.iter_mut().zip(rectangle) {
            *side = source.resolve(value).as_float().ok()?;
        }
        // A border that no one asks for is one of 1 (§12.5.4), but readers draw none.
        let border = match source.get(widget, b"BS") {
            Object::Dictionary(style) => source.get(style, b"W").as_float().unwrap_or(1.0),
            _ => match source.get(widget, b"Border") {
                Object::Array(border) => border
                    .get(2)
                    .and_then(|width| source.resolve(width).as_float().ok())
                    .unwrap_or(0.0),
                _ => 0.0,
            },
        };
        let style = match source.get(widget, b"BS") {
            Object::Dictionary(style) => match source.get(style, b"S") {
                Object::Null => Style::Solid,
                Object::Name(name) if name == b"S" => Style::Solid,
                Object::Name(name) if name == b"U" => Style::Underline,
                _ => Style::Other,
            },
            _ => match source.get(widget, b"Border") {
                Object::Array(border) if border.len() > 3 => Style::Other,
                _ => Style::Solid,
            },
        };
        let turn = source.get(colors, b"R").as_i64().unwrap_or(0);
        let turn = turn.rem_euclid(360) / 90 * 90;
        let mut frame = Self {
            width: (sides[2] - sides[0]).abs(),
            height: (sides[3] - sides[1]).abs(),
            border: border.max(0.0),
            style,
            turn,
        };
        if turn % 180 != 0 {
            std::mem::swap(&mut frame.width, &mut frame.height);
        }
        (frame.width.is_finite() && frame.height.is_finite()).then_some(frame)
    }

    /// The matrix that turns a form of this box, where it is turned.
    pub(super) fn matrix(&self) -> Option<[f32; 6]> {
        let (width, height) = (self.width, self.height);
        match self.turn {
            90 => Some([0.0, 1.0, -1.0, 0.0, height, 0.0]),
            180 => Some([-1.0, 0.0, 0.0, -1.0, width, height]),
            270 => Some([0.0, -1.0, 1.0, 0.0, 0.0, width]),
            _ => None,
        }
    }

    /// Background and border; `None` for a border that readers draw in ways of their own.
    pub(super) fn draw(
        &self,
        source: &Source,
        colors: &Dictionary,
        content: &mut Vec<u8>,
    ) -> Option<()> {
        if let Some(operator) = color(source, colors, b"BG", ["g", "rg", "k"], content) {
            content.extend_from_slice(operator.as_bytes());
            content.push(b'\n');
            numbers(content, &[0.0, 0.0, self.width, self.height], "re f");
        }
        if self.border > 0.0
            && let Some(operator) = color(source, colors, b"BC", ["G", "RG", "K"], content)
        {
            content.extend_from_slice(operator.as_bytes());
            content.push(b'\n');
            numbers(content, &[self.border], "w");
            let half = self.border / 2.0;
            let (width, height) = (self.width - self.border, self.height - self.border);
            match self.style {
                Style::Solid => numbers(content, &[half, half, width, height], "re s"),
                Style::Underline => {
                    numbers(content, &[0.0, half], "m");
                    numbers(content, &[self.width, half], "l S");
                }
                Style::Other => return None,
            }
        }
        Some(())
    }
}

/// Writes the components of a color, and gives the operator for their number.
fn color(
    source: &Source,
    colors: &Dictionary,
    key: &[u8],
    operators: [&'static str; 3],
    content: &mut Vec<u8>,
) -> Option<&'static str> {
    let components: Vec<f32> = source
        .get(colors, key)
        .as_array()
        .ok()?
        .iter()
        .filter_map(|component| source.resolve(component).as_float().ok())
        .collect();
    let operator = match components.len() {
        1 => operators[0],
        3 => operators[1],
        4 => operators[2],
        _ => return None,
    };
    for component in components {
        write_real(content, component);
        content.push(b' ');
    }
    Some(operator)
}
