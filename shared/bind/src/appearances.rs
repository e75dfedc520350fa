//! Appearances of fields, for forms that leave them to their readers
//! (`NeedAppearances`, ISO 32000-1 §12.7.2, §12.7.3.3).
//!
//! Such a form cannot go on asking in a volume where other forms have appearances of their own, which
//! would be drawn anew too. So the fields are drawn here, as poppler draws them: readers show the same
//! before and after.

mod marks;

use crate::form::dictionary_mut;
use crate::form_fonts::font_of;
use crate::metrics::Metrics;
use crate::rewrite::is_name;
use crate::source::Source;
use fanfold_pdf::{write_object, write_real};
use lopdf::{Dictionary, Object, ObjectId, Stream, StringFormat, decode_text_string};

use rustc_hash::FxHashMap;

/// Flags of fields (tables 228 and 230).
const MULTILINE: i64 = 1 << 12;
const PASSWORD: i64 = 1 << 13;
const COMB: i64 = 1 << 24;
const COMBO: i64 = 1 << 17;
const PUSH_BUTTON: i64 = 1 << 16;
/// Space at both sides of a text, besides the border.
const SIDE: f32 = 2.0;
/// Sizes that are tried for a text of several lines without a size.
const LARGEST: u8 = 20;
/// Characters of a text that are drawn.
const MOST_CHARACTERS: usize = 1 << 14;

/// What a widget inherits and what it has.
struct Look {
    kind: Vec<u8>,
    value: String,
    text: Vec<u8>,
    align: i64,
    flags: i64,
}

/// A box with what surrounds its text.
struct Frame {
    width: f32,
    height: f32,
    border: f32,
}

/// Draws the fields of a form anew. `fields` are all nodes, `resources` the form's. Says whether all have
/// an appearance then.
pub(crate) fn draw(
    source: &mut Source,
    fields: &[ObjectId],
    parents: &FxHashMap<ObjectId, Option<ObjectId>>,
    resources: &[(Vec<u8>, Object)],
) -> bool {
    let mut all = true;
    let fonts = resources
        .iter()
        .find(|(category, _)| category == b"Font")
        .and_then(|(_, fonts)| source.resolve(fonts).as_dict().ok())
        .cloned()
        .unwrap_or_default();
    for &id in fields {
        let Some((stream, state)) = drawn(source, id, parents, &fonts) else {
            all &= !lacks_appearance(source, id);
            continue;
        };
        let stream = Object::Reference(source.add(Object::Stream(stream)));
        let mut appearances = Dictionary::new();
        match state {
            None => appearances.set("N", stream),
            Some((state, mut states)) => {
                states.set(state, stream);
                appearances.set("N", states);
            }
        }
        if let Some(widget) = dictionary_mut(source, id) {
            widget.set("AP", appearances);
        }
    }
    all
}

fn lacks_appearance(source: &Source, id: ObjectId) -> bool {
    matches!(source.document.objects.get(&id), Some(Object::Dictionary(widget))
        if is_name(widget, b"Subtype", b"Widget") && matches!(source.get(widget, b"AP"), Object::Null))
}

/// A button's state that is drawn, and the appearances of its states.
type State = (Vec<u8>, Dictionary);

fn drawn(
    source: &Source,
    id: ObjectId,
    parents: &FxHashMap<ObjectId, Option<ObjectId>>,
    fonts: &Dictionary,
) -> Option<(Stream, Option<State>)> {
    let widget = source.document.objects.get(&id)?.as_dict().ok()?;
    if !is_name(widget, b"Subtype", b"Widget") {
        return None;
    }
    let colors = source
        .get(widget, b"MK")
        .as_dict()
        .cloned()
        .unwrap_or_default();
    if source.get(&colors, b"R").as_i64().unwrap_or(0) != 0 {
        return None;
    }
    let look = Look::of(source, id, parents)?;
    let name = font_of(&look.text)?;
    let font = source.get(fonts, &name).as_dict().ok()?;
    let frame = Frame::of(source, widget)?;
    let mut content = Vec::new();
    frame.draw(source, &colors, &mut content);
    let mut state = None;
    match look.kind.as_slice() {
        b"Btn" if look.flags & PUSH_BUTTON == 0 => {
            if !is_name(font, b"BaseFont", b"ZapfDingbats") {
                return None;
            }
            marks::mark(source, &look, &colors, &frame, &mut content)?;
            state = Some(on_state(source, widget)?);
        }
        b"Ch" if look.flags & COMBO == 0 => {
            let metrics = Metrics::of(source, font)?;
            let top = source.get(widget, b"TI").as_i64().unwrap_or(0);
            let top = usize::try_from(top).unwrap_or(0);
            let options = marks::options(source, inherited(source, id, parents, b"Opt")?);
            content.extend_from_slice(b"/Tx BMC\n");
            marks::list(&look, &options, top, &frame, &metrics, &mut content);
            content.extend_from_slice(b"EMC\n");
        }
        b"Tx" if look.flags & (PASSWORD | COMB) != 0 => return None,
        b"Tx" | b"Ch" => {
            let metrics = Metrics::of(source, font)?;
            content.extend_from_slice(b"/Tx BMC\nq\nBT\n");
            look.draw(&frame, &metrics, &mut content);
            content.extend_from_slice(b"ET\nQ\nEMC\n");
        }
        _ => return None,
    }
    let mut own = Dictionary::new();
    own.set(name.clone(), fonts.get(&name).ok()?.clone());
    let mut resources = Dictionary::new();
    resources.set("Font", own);
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", Object::Name(b"XObject".to_vec()));
    dictionary.set("Subtype", Object::Name(b"Form".to_vec()));
    let size = [frame.width, frame.height].map(Object::Real);
    let [width, height] = size;
    dictionary.set("BBox", vec![0.into(), 0.into(), width, height]);
    dictionary.set("Resources", resources);
    Some((Stream::new(dictionary, content), state))
}

/// The state that a button shows, when it is on.
fn on_state(source: &Source, widget: &Dictionary) -> Option<State> {
    let state = source.get(widget, b"AS").as_name().ok()?;
    let appearances = source.get(widget, b"AP").as_dict().ok()?;
    let states = source.get(appearances, b"N").as_dict().ok()?;
    (state != b"Off" && states.has(state)).then(|| (state.to_vec(), states.clone()))
}

/// A key's value in a field or above it.
fn inherited<'a>(
    source: &'a Source,
    id: ObjectId,
    parents: &FxHashMap<ObjectId, Option<ObjectId>>,
    key: &[u8],
) -> Option<&'a Object> {
    let mut at = Some(id);
    // No longer than there are fields: parents do not come round.
    for _ in 0..=parents.len() {
        let field = source.document.objects.get(&at?)?.as_dict().ok()?;
        match source.get(field, key) {
            Object::Null => at = parents.get(&at?).copied().flatten(),
            value => return Some(value),
        }
    }
    None
}

/// A text string with its line ends, which lopdf takes out of those in PDFDocEncoding.
fn decoded(text: &[u8]) -> Option<String> {
    let whole = |bytes: &[u8]| {
        decode_text_string(&Object::String(bytes.to_vec(), StringFormat::Literal)).ok()
    };
    if text.starts_with(&[0xfe, 0xff]) || text.starts_with(&[0xef, 0xbb, 0xbf]) {
        return whole(text);
    }
    let lines: Option<Vec<String>> = text
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .map(whole)
        .collect();
    Some(lines?.join("\n"))
}

impl Look {
    fn of(
        source: &Source,
        id: ObjectId,
        parents: &FxHashMap<ObjectId, Option<ObjectId>>,
    ) -> Option<Self> {
        let inherited = |key: &[u8]| inherited(source, id, parents, key);
        let value = match inherited(b"V") {
            None | Some(Object::Name(_)) => String::new(),
            Some(Object::String(text, _)) => decoded(text)?,
            Some(_) => return None,
        };
        Some(Self {
            kind: inherited(b"FT")?.as_name().ok()?.to_vec(),
            value: value.chars().take(MOST_CHARACTERS).collect(),
            text: inherited(b"DA")?.as_str().ok()?.to_vec(),
            align: inherited(b"Q").and_then(|q| q.as_i64().ok()).unwrap_or(0),
            flags: inherited(b"Ff").and_then(|f| f.as_i64().ok()).unwrap_or(0),
        })
    }

    fn draw(&self, frame: &Frame, metrics: &Metrics, content: &mut Vec<u8>) {
        let room = frame.width - 2.0 * frame.border - 2.0 * SIDE;
        let given = self.size();
        if self.kind == b"Tx" && self.flags & MULTILINE != 0 {
            let size = given.unwrap_or_else(|| {
                (2..=LARGEST)
                    .rev()
                    .map(f32::from)
                    .find(|&size| {
                        let lines = metrics.wrapped(&self.value, room / size).len() as f32;
                        frame.height - 3.0 - lines * size >= 0.33 * size
                    })
                    .unwrap_or(1.0)
            });
            self.write_style(size, content);
            numbers(
                content,
                &[1.0, 0.0, 0.0, 1.0, 0.0, frame.height - 3.0],
                "Tm",
            );
            let mut at = 0.0;
            for line in metrics.wrapped(&self.value, room / size) {
                let x = self.start(frame, metrics.width(&line) * size);
                numbers(content, &[x - at, -size], "Td");
                at = x;
                show(content, line);
            }
            return;
        }
        let line = metrics.encoded(&self.value);
        let width = metrics.width(&line);
        let size = given.unwrap_or_else(|| {
            let high = frame.height - 2.0 * frame.border;
            let wide = if width > 0.0 { room / width } else { high };
            high.min(wide).floor().max(1.0)
        });
        self.write_style(size, content);
        let x = self.start(frame, width * size);
        let y = 0.5 * frame.height - 0.4 * size;
        numbers(content, &[1.0, 0.0, 0.0, 1.0, x, y], "Tm");
        show(content, line);
    }

    /// Where a line begins.
    fn start(&self, frame: &Frame, width: f32) -> f32 {
        match self.align {
            1 => (frame.width - width) / 2.0,
            2 => frame.width - frame.border - SIDE - width,
            _ => frame.border + SIDE,
        }
    }

    /// The size that the default appearance has; 0 leaves it to the reader.
    fn size(&self) -> Option<f32> {
        let tokens = self.tokens();
        let at = tokens.iter().rposition(|token| token == b"Tf")?;
        let size = std::str::from_utf8(tokens.get(at.checked_sub(1)?)?).ok()?;
        size.parse()
            .ok()
            .filter(|size: &f32| *size > 0.0 && *size < 1000.0)
    }

    fn tokens(&self) -> Vec<Vec<u8>> {
        self.text
            .split(|byte| byte.is_ascii_whitespace() || *byte == 0)
            .filter(|token| !token.is_empty())
            .map(<[u8]>::to_vec)
            .collect()
    }

    /// The default appearance, with a size.
    fn write_style(&self, size: f32, content: &mut Vec<u8>) {
        let mut tokens = self.tokens();
        if let Some(at) = tokens.iter().rposition(|token| token == b"Tf")
            && let Some(token) = at.checked_sub(1).and_then(|at| tokens.get_mut(at))
        {
            token.clear();
            write_real(token, size);
        }
        for token in tokens {
            content.extend_from_slice(&token);
            content.push(b' ');
        }
        content.push(b'\n');
    }
}

impl Frame {
    fn of(source: &Source, widget: &Dictionary) -> Option<Self> {
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
        let frame = Self {
            width: (sides[2] - sides[0]).abs(),
            height: (sides[3] - sides[1]).abs(),
            border: border.max(0.0),
        };
        (frame.width.is_finite() && frame.height.is_finite()).then_some(frame)
    }

    /// Background and border.
    fn draw(&self, source: &Source, colors: &Dictionary, content: &mut Vec<u8>) {
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
            numbers(content, &[half, half, width, height], "re s");
        }
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

fn numbers(content: &mut Vec<u8>, numbers: &[f32], operator: &str) {
    for number in numbers {
        write_real(content, (number * 100.0).round() / 100.0);
        content.push(b' ');
    }
    content.extend_from_slice(operator.as_bytes());
    content.push(b'\n');
}

fn show(content: &mut Vec<u8>, line: Vec<u8>) {
    write_object(content, &Object::String(line, StringFormat::Literal));
    content.extend_from_slice(b" Tj\n");
}
