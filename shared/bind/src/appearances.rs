//! Appearances of fields, for forms that leave them to their readers
//! (`NeedAppearances`, ISO 32000-1 §12.7.2, §12.7.3.3).
//!
//! Such a form cannot go on asking in a volume where other forms have appearances of their own, which
//! would be drawn anew too. So the fields are drawn here, as poppler draws them: readers show the same
//! before and after.

mod frame;
mod marks;
mod stale;

use crate::form::dictionary_mut;
use crate::form_fonts::{font_of, standard_font};
use crate::metrics::Metrics;
use crate::rewrite::{is_name, with_fonts};
use crate::source::Source;
use fanfold_pdf::{write_object, write_real};
use frame::Frame;
use lopdf::{Dictionary, Object, ObjectId, Stream, StringFormat, decode_text_string};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Flags of fields (tables 228 and 230).
const MULTILINE: i64 = 1 << 12;
const PASSWORD: i64 = 1 << 13;
const COMB: i64 = 1 << 24;
const COMBO: i64 = 1 << 17;
const EDIT: i64 = 1 << 18;
const PUSH_BUTTON: i64 = 1 << 16;
/// Space at both sides of a text, besides the border.
const SIDE: f32 = 2.0;
/// Sizes that are tried for a text of several lines without a size.
const LARGEST: u8 = 20;
/// Bytes of a text that is drawn.
const MOST_CHARACTERS: usize = 1 << 16;

/// Bytes that are read and written for the fields of an input.
const MOST_BYTES: usize = 16 << 20;
/// Bytes of a default appearance.
const LONGEST_STYLE: usize = 4 << 10;

/// The default appearance of a field without one, and what a font is called that takes another's place.
const PLAIN: &[u8] = b"/FanfoldText 0 Tf 0 g";
const SUBSTITUTE: &[u8] = b"FanfoldText";

/// What a field has or inherits. Fields below share what they inherit.
#[derive(Clone, Default)]
struct Inherited {
    kind: Option<Rc<[u8]>>,
    value: Value,
    /// The default appearance.
    text: Option<Rc<[u8]>>,
    align: i64,
    flags: i64,
    /// Characters that a text may have.
    most: i64,
    /// The fields that have the options and selected ones.
    options: Option<ObjectId>,
    selected: Option<ObjectId>,
    /// Whether scripts say how the value is written.
    is_formatted: bool,
}

#[derive(Clone, Default)]
enum Value {
    #[default]
    None,
    Text(Rc<str>),
    /// Something else.
    Other,
}

/// A widget's part in that.
struct Look {
    kind: Rc<[u8]>,
    value: Rc<str>,
    text: Rc<[u8]>,
    align: i64,
    flags: i64,
    most: i64,
}

/// What may still be read and written.
struct Budget {
    left: usize,
}

impl Budget {
    fn take(&mut self, bytes: usize) -> Option<()> {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(0);
        left.map(drop)
    }
}

/// Which fields are drawn, and how.
#[derive(Clone, Copy, Default)]
pub(crate) struct Drawing {
    /// Also those whose appearance shows something else than their value, not only those without one.
    pub(crate) stale: bool,
    /// In Helvetica where the field's own font cannot be used, and without the work of scripts: no reader
    /// will do it better, as nothing but what is drawn is left.
    pub(crate) last: bool,
}

/// Draws fields of a form. `fields` are all nodes, parents first, `resources` the form's. Says whether all
/// have an appearance then.
pub(crate) fn draw(
    source: &mut Source,
    drawing: Drawing,
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
    let mut budget = Budget { left: MOST_BYTES };
    let mut known: FxHashMap<ObjectId, Inherited> = FxHashMap::default();
    for &id in fields {
        let above = parents.get(&id).copied().flatten();
        let above = above.and_then(|above| known.get(&above));
        let inherited = Inherited::of(source, id, above.cloned().unwrap_or_default(), &mut budget);
        known.insert(id, inherited.clone());
        if !is_widget(source, id) {
            continue;
        }
        let there = stale::appearance(source, id, &inherited, &fonts, &mut budget);
        if there == stale::Appearance::Good || (!drawing.stale && there == stale::Appearance::Stale)
        {
            continue;
        }
        let Some(drawn) = drawn(source, drawing, id, &inherited, &fonts, &mut budget) else {
            all = false;
            continue;
        };
        let Drawn {
            stream,
            state,
            is_whole,
        } = drawn;
        all &= is_whole;
        let stream = Object::Reference(source.add(Object::Stream(stream)));
        let Some(Object::Dictionary(widget)) = source.document.objects.get(&id) else {
            continue;
        };
        let mut appearances = match source.get(widget, b"AP") {
            Object::Dictionary(appearances) => appearances.clone(),
            _ => Dictionary::new(),
        };
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

fn is_widget(source: &Source, id: ObjectId) -> bool {
    matches!(source.document.objects.get(&id), Some(Object::Dictionary(widget))
        if is_name(widget, b"Subtype", b"Widget"))
}

/// A button's state that is drawn, and the appearances of its states.
type State = (Vec<u8>, Dictionary);

/// An appearance that was made.
struct Drawn {
    stream: Stream,
    state: Option<State>,
    /// Whether the font has all characters of the text.
    is_whole: bool,
}

fn drawn(
    source: &Source,
    drawing: Drawing,
    id: ObjectId,
    inherited: &Inherited,
    fonts: &Dictionary,
    budget: &mut Budget,
) -> Option<Drawn> {
    let widget = source.document.objects.get(&id)?.as_dict().ok()?;
    let colors = source
        .get(widget, b"MK")
        .as_dict()
        .cloned()
        .unwrap_or_default();
    let mut look = inherited.look(drawing)?;
    // A text of several lines may be set in all sizes before one is chosen.
    let sizes = match look.flags & MULTILINE {
        0 => 1,
        _ => usize::from(LARGEST),
    };
    budget.take(look.value.len() * sizes)?;
    let frame = Frame::of(source, widget, &colors)?;
    let mut content = Vec::new();
    frame.draw(source, &colors, &mut content)?;
    let (mut state, mut is_whole) = (None, true);
    let own_font;
    match &*look.kind {
        b"Btn" if look.flags & PUSH_BUTTON == 0 => {
            own_font = dingbats(source, &look, fonts)?;
            marks::mark(source, &look, &colors, &frame, &mut content)?;
            state = Some(on_state(source, widget)?);
        }
        b"Ch" if look.flags & COMBO == 0 => {
            let (font, metrics) = look.font(source, drawing, fonts)?;
            own_font = font;
            let top = source.get(widget, b"TI").as_i64().unwrap_or(0);
            let top = usize::try_from(top).unwrap_or(0);
            let options = inherited.options(source, budget)?;
            let selected = inherited.selected(source, &options)?;
            content.extend_from_slice(b"/Tx BMC\n");
            marks::list(
                &look,
                &options,
                &selected,
                top,
                &frame,
                &metrics,
                &mut content,
            )?;
            content.extend_from_slice(b"EMC\n");
        }
        b"Tx" | b"Ch" => {
            if &*look.kind == b"Ch" {
                match inherited.choice(source, budget) {
                    Some(choice) => look.value = choice,
                    None if drawing.last => {}
                    None => return None,
                }
            }
            // A value that a script writes otherwise.
            if inherited.is_formatted && !look.value.is_empty() && !drawing.last {
                return None;
            }
            let (font, metrics) = look.font(source, drawing, fonts)?;
            own_font = font;
            let mut is_cut = false;
            if drawing.last {
                let whole = look.value.chars().count();
                let known = |it: &char| matches!(it, '\r' | '\n') || metrics.has(*it);
                let known: String = look.value.chars().filter(known).collect();
                is_cut = known.chars().count() < whole;
                look.value = known.into();
            }
            if &*look.kind == b"Tx" && look.flags & PASSWORD != 0 {
                look.value = "*".repeat(look.value.chars().count()).into();
            }
            content.extend_from_slice(b"/Tx BMC\nq\nBT\n");
            is_whole = match look.cells() {
                Some(cells) => look.draw_apart(cells, &frame, &metrics, &mut content)?,
                None => look.draw(&frame, &metrics, &mut content)?,
            };
            is_whole &= !is_cut;
            content.extend_from_slice(b"ET\nQ\nEMC\n");
        }
        _ => return None,
    }
    budget.take(content.len())?;
    let mut own = Dictionary::new();
    let (name, font) = own_font;
    own.set(name, font);
    let mut resources = Dictionary::new();
    resources.set("Font", own);
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", Object::Name(b"XObject".to_vec()));
    dictionary.set("Subtype", Object::Name(b"Form".to_vec()));
    let size = [frame.width, frame.height].map(Object::Real);
    let [width, height] = size;
    dictionary.set("BBox", vec![0.into(), 0.into(), width, height]);
    dictionary.set("Resources", resources);
    if let Some(matrix) = frame.matrix() {
        dictionary.set("Matrix", matrix.map(Object::Real).to_vec());
    }
    Some(Drawn {
        stream: Stream::new(dictionary, content),
        state,
        is_whole,
    })
}

/// A font and its name.
type Font = (Vec<u8>, Object);

/// The font of a mark: others do not have them.
fn dingbats(source: &Source, look: &Look, fonts: &Dictionary) -> Option<Font> {
    let name = font_of(&look.text)?;
    let font = fonts.get(&name).ok()?;
    let is_right = is_name(
        source.resolve(font).as_dict().ok()?,
        b"BaseFont",
        b"ZapfDingbats",
    );
    is_right.then(|| (name, font.clone()))
}

/// The state that a button shows, when it is on.
fn on_state(source: &Source, widget: &Dictionary) -> Option<State> {
    let state = source.get(widget, b"AS").as_name().ok()?;
    let appearances = source.get(widget, b"AP").as_dict().ok()?;
    let states = source.get(appearances, b"N").as_dict().ok()?;
    (state != b"Off" && states.has(state)).then(|| (state.to_vec(), states.clone()))
}

/// A text string with its line ends, which lopdf takes out of those in PDFDocEncoding.
fn decoded(text: &[u8]) -> Option<String> {
    let whole = |bytes: &[u8]| {
        decode_text_string(&Object::String(bytes.to_vec(), StringFormat::Literal)).ok()
    };
    if text.starts_with(&[0xfe, 0xff]) || text.starts_with(&[0xef, 0xbb, 0xbf]) {
        return whole(text);
    }
    // A carriage return ends a line alone, or together with the line feed behind it.
    let mut lines = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        for line in line.split(|byte| *byte == b'\r') {
            lines.push(whole(line)?);
        }
    }
    Some(lines.join("\n"))
}

impl Inherited {
    /// Of a field below another.
    fn of(source: &Source, id: ObjectId, above: Self, budget: &mut Budget) -> Self {
        let mut own = above;
        let Some(Object::Dictionary(field)) = source.document.objects.get(&id) else {
            return own;
        };
        if let Ok(kind) = source.get(field, b"FT").as_name() {
            own.kind = Some(kind.into());
        }
        let value = match source.get(field, b"V") {
            // Of a list of which several options may be selected (table 231).
            Object::Array(values) if values.len() == 1 => source.resolve(&values[0]),
            value => value,
        };
        match value {
            Object::Null => {}
            Object::Array(values) if values.is_empty() => own.value = Value::None,
            Object::String(text, _) => {
                let text = budget.take(text.len()).and_then(|()| decoded(text));
                own.value = text
                    .filter(|text| text.len() <= MOST_CHARACTERS)
                    .map_or(Value::Other, |text| Value::Text(text.into()));
            }
            _ => own.value = Value::Other,
        }
        if let Ok(text) = source.get(field, b"DA").as_str() {
            own.text = (text.len() <= LONGEST_STYLE).then(|| text.into());
        }
        if let Ok(align) = source.get(field, b"Q").as_i64() {
            own.align = align;
        }
        if let Ok(flags) = source.get(field, b"Ff").as_i64() {
            own.flags = flags;
        }
        if let Ok(most) = source.get(field, b"MaxLen").as_i64() {
            own.most = most;
        }
        if !matches!(source.get(field, b"Opt"), Object::Null) {
            own.options = Some(id);
        }
        if !matches!(source.get(field, b"I"), Object::Null) {
            own.selected = Some(id);
        }
        if let Object::Dictionary(actions) = source.get(field, b"AA") {
            own.is_formatted |= actions.has(b"F");
        }
        own
    }

    fn look(&self, drawing: Drawing) -> Option<Look> {
        Some(Look {
            kind: self.kind.clone()?,
            value: match &self.value {
                Value::Text(text) => text.clone(),
                Value::None => "".into(),
                Value::Other if self.kind.as_deref() == Some(b"Tx") => return None,
                Value::Other => "".into(),
            },
            text: match &self.text {
                Some(text) => text.clone(),
                None if drawing.last => PLAIN.into(),
                None => return None,
            },
            align: self.align,
            flags: self.flags,
            most: self.most,
        })
    }

    fn options(&self, source: &Source, budget: &mut Budget) -> Option<Vec<marks::Choice>> {
        let field = source
            .document
            .objects
            .get(&self.options?)?
            .as_dict()
            .ok()?;
        marks::options(source, source.get(field, b"Opt"), budget)
    }

    /// The options of a list that are selected; `None` when that is not sure.
    fn selected(&self, source: &Source, options: &[marks::Choice]) -> Option<Vec<usize>> {
        if let Some(id) = self.selected {
            let field = source.document.objects.get(&id)?.as_dict().ok()?;
            return source
                .get(field, b"I")
                .as_array()
                .ok()?
                .iter()
                .take(options.len())
                .map(|index| usize::try_from(source.resolve(index).as_i64().ok()?).ok())
                .collect();
        }
        match &self.value {
            Value::None => Some(Vec::new()),
            Value::Text(text) if text.is_empty() => Some(Vec::new()),
            Value::Text(text) => Some(vec![marks::option_of(options, text)?]),
            Value::Other => None,
        }
    }

    /// What a combo box shows; `None` for a value that is none of its options and not typed.
    fn choice(&self, source: &Source, budget: &mut Budget) -> Option<Rc<str>> {
        let value = match &self.value {
            Value::None => return Some("".into()),
            Value::Text(text) if text.is_empty() => return Some("".into()),
            Value::Text(text) => text,
            Value::Other => return None,
        };
        let options = match self.options {
            Some(_) => self.options(source, budget)?,
            None => Vec::new(),
        };
        match marks::option_of(&options, value) {
            Some(index) => Some(options[index].display.as_str().into()),
            None if self.flags & EDIT != 0 => Some(value.clone()),
            None => None,
        }
    }
}

impl Look {
    /// The font that the text is set in.
    fn font(
        &mut self,
        source: &Source,
        drawing: Drawing,
        fonts: &Dictionary,
    ) -> Option<(Font, Metrics)> {
        let name = font_of(&self.text);
        if let Some(name) = &name
            && let Ok(font) = fonts.get(name)
            && let Ok(dictionary) = source.resolve(font).as_dict()
            && let Some(metrics) = Metrics::of(source, dictionary)
        {
            return Some(((name.clone(), font.clone()), metrics));
        }
        if !drawing.last {
            return None;
        }
        match name {
            Some(name) => {
                let renamed = [(name, SUBSTITUTE.to_vec())].into_iter().collect();
                self.text = with_fonts(&self.text, &renamed).into();
            }
            None => self.text = PLAIN.into(),
        }
        let font = (SUBSTITUTE.to_vec(), standard_font(b"Helvetica"));
        Some((font, Metrics::standard()))
    }

    /// Whether the font has all characters. Of a line without some, the others are drawn, as readers do:
    /// there is nothing to be seen without. `None` when nothing is drawn.
    fn draw(&self, frame: &Frame, metrics: &Metrics, content: &mut Vec<u8>) -> Option<bool> {
        let room = frame.width - 2.0 * frame.border - 2.0 * SIDE;
        let given = self.size();
        if &*self.kind == b"Tx" && self.flags & MULTILINE != 0 {
            metrics.encoded(&self.value.replace(['\r', '\n'], ""))?;
            let size = given.unwrap_or_else(|| {
                (2..=LARGEST)
                    .rev()
                    .map(f32::from)
                    .find(|&size| {
                        let lines = metrics.wrapped(&self.value, room / size);
                        let lines = lines.map_or(0, |lines| lines.len()) as f32;
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
            for line in metrics.wrapped(&self.value, room / size)? {
                let x = self.start(frame, metrics.width(&line) * size);
                numbers(content, &[x - at, -size], "Td");
                at = x;
                show(content, line);
            }
            return Some(true);
        }
        let line = metrics.encoded_in_part(&self.value);
        let is_whole = metrics.encoded(&self.value).is_some();
        if line.is_empty() && !is_whole {
            return None;
        }
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
        Some(is_whole)
    }

    /// The cells of a comb, each for a character (table 228).
    fn cells(&self) -> Option<u16> {
        let is_comb = &*self.kind == b"Tx"
            && self.flags & COMB != 0
            && self.flags & (MULTILINE | PASSWORD) == 0;
        let cells = u16::try_from(self.most).ok().filter(|cells| *cells > 0);
        cells.filter(|_| is_comb)
    }

    /// As [`draw`](Self::draw), each character in the middle of its cell.
    fn draw_apart(
        &self,
        cells: u16,
        frame: &Frame,
        metrics: &Metrics,
        content: &mut Vec<u8>,
    ) -> Option<bool> {
        let mut line = metrics.encoded_in_part(&self.value);
        line.truncate(cells.into());
        let is_whole = metrics.encoded(&self.value).is_some();
        if line.is_empty() && !is_whole {
            return None;
        }
        let cell = frame.width / f32::from(cells);
        let size = self.size().unwrap_or_else(|| {
            let high = frame.height - 2.0 * frame.border;
            high.min(cell).floor().max(1.0)
        });
        self.write_style(size, content);
        let free = f32::from(cells) - line.len() as f32;
        let first = match self.align {
            1 => (free / 2.0).floor(),
            2 => free,
            _ => 0.0,
        };
        let y = 0.5 * frame.height - 0.4 * size;
        numbers(content, &[1.0, 0.0, 0.0, 1.0, 0.0, y], "Tm");
        let mut at = 0.0;
        for (index, &code) in line.iter().enumerate() {
            let inside = (cell - metrics.width(&[code]) * size) / 2.0;
            let x = (first + index as f32) * cell + inside;
            numbers(content, &[x - at, 0.0], "Td");
            at = x;
            show(content, vec![code]);
        }
        Some(is_whole)
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

    /// The default appearance, with a size. Graphics states are left out: they are resources of the form,
    /// and say nothing of letters.
    fn write_style(&self, size: f32, content: &mut Vec<u8>) {
        let mut tokens = self.tokens();
        while let Some(at) = tokens.iter().position(|token| token == b"gs") {
            tokens.drain(at.saturating_sub(1)..=at);
        }
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
