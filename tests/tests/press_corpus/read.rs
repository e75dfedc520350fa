//! Reads the words of a PDF that the press made, and those that were recorded of an oracle.
//!
//! A word is a run of glyphs on one baseline without a gap of [`GAP`] ems. Spaces, and glyphs without an advance
//! (marks), are left out. `oracle/printed.py` reads the oracles' PDFs in the same way.

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::BTreeMap;

const GAP: f64 = 0.17;
const BASELINE: f64 = 0.3;
/// A form in a form in a form: the press nests no deeper.
const MAX_DEPTH: usize = 16;

/// A word: its first glyph's origin and its last one's end, in points from the page's top left.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    /// From one.
    pub(crate) page: usize,
    pub(crate) x: f32,
    /// The baseline.
    pub(crate) y: f32,
    pub(crate) end: f32,
    pub(crate) text: String,
}

impl Word {
    /// What has to be equal.
    ///
    /// In scripts that shape or reorder, a PDF maps glyphs to text in several right ways: there only places count.
    /// So may brackets be mirrored, hyphens be of any kind, ligatures be letters, and small capitals be large ones.
    pub(crate) fn key(&self) -> String {
        let complex = |c: char| matches!(c, '\u{590}'..='\u{10ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
        if self.text.chars().any(complex) {
            return String::new();
        }
        let mut key = String::new();
        for character in self.text.chars() {
            match character {
                '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' => key.push('|'),
                '\u{2010}' | '\u{2011}' => key.push('-'),
                'ﬀ' => key.push_str("ff"),
                'ﬁ' => key.push_str("fi"),
                'ﬂ' => key.push_str("fl"),
                'ﬃ' => key.push_str("ffi"),
                'ﬄ' => key.push_str("ffl"),
                _ => key.extend(character.to_lowercase()),
            }
        }
        key
    }

    /// Whether it is a list marker.
    pub(crate) fn is_marker(&self) -> bool {
        matches!(self.text.as_str(), "•" | "◦" | "▪" | "▾" | "▸")
    }
}

/// What a document looks like.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    /// In points.
    pub(crate) sizes: Vec<(f32, f32)>,
    pub(crate) words: Vec<Word>,
}

impl Drawn {
    /// What `oracle/record.py` wrote.
    pub(crate) fn recorded(text: &str) -> Self {
        let mut drawn = Self::default();
        for line in text.lines() {
            let fields: Vec<&str> = line.splitn(4, ' ').collect();
            let number = |at: usize| fields[at].parse::<f32>().expect("a recorded number");
            if fields.len() == 2 {
                drawn.sizes.push((number(0), number(1)));
            } else {
                drawn.words.push(Word {
                    page: drawn.sizes.len(),
                    x: number(0),
                    y: number(1),
                    end: number(2),
                    text: fields.get(3).copied().unwrap_or_default().to_owned(),
                });
            }
        }
        drawn
    }
}

/// The pages and words of `bytes`.
pub(crate) fn pdf(bytes: &[u8]) -> Drawn {
    let mut drawn = Drawn::default();
    each_page(bytes, |size, glyphs| {
        drawn.sizes.push(size);
        for glyphs in glyphs.into_values() {
            words(drawn.sizes.len(), glyphs, &mut drawn.words);
        }
    });
    drawn
}

/// Gives `each` every page's size and glyphs.
pub(crate) fn each_page(bytes: &[u8], mut each: impl FnMut((f32, f32), Glyphs)) {
    let document = Document::load_mem(bytes).expect("the press writes PDF");
    let mut fonts = BTreeMap::new();
    for id in document.page_iter() {
        let page = document.get_dictionary(id).expect("a page");
        let media = inherited(&document, page, b"MediaBox").expect("a page has a size");
        let media: Vec<f64> = numbers(media);
        let size = ((media[2] - media[0]) as f32, (media[3] - media[1]) as f32);
        let mut reader = Reader {
            document: &document,
            fonts: &mut fonts,
            glyphs: BTreeMap::new(),
        };
        let content = document.get_page_content(id);
        let resources = inherited(&document, page, b"Resources").and_then(|it| it.as_dict().ok());
        // From the top left, downwards.
        let base = [1.0, 0.0, 0.0, -1.0, -media[0], media[3]];
        reader.run(&content, resources, base, 0);
        each(size, reader.glyphs);
    }
}

/// Glyphs as they are painted, by the direction of writing in hundredths.
pub(crate) type Glyphs = BTreeMap<(i32, i32), Vec<Glyph>>;

fn inherited<'a>(document: &'a Document, page: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    let mut node = page;
    for _ in 0..64 {
        if let Ok(found) = node.get(key) {
            return document.dereference(found).ok().map(|(_, object)| object);
        }
        let parent = node.get(b"Parent").ok()?;
        node = document.dereference(parent).ok()?.1.as_dict().ok()?;
    }
    None
}

fn numbers(object: &Object) -> Vec<f64> {
    let items = object.as_array().map_or(&[][..], Vec::as_slice);
    items
        .iter()
        .map(|it| f64::from(it.as_float().unwrap_or(0.0)))
        .collect()
}

type Matrix = [f64; 6];

/// First `a`, then `b`.
fn concat(a: Matrix, b: Matrix) -> Matrix {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    ]
}

/// A glyph: its origin, across and along the direction of writing and on the page.
pub(crate) struct Glyph {
    across: f64,
    along: f64,
    width: f64,
    size: f64,
    pub(crate) text: String,
    x: f64,
    /// The baseline's, from the page's top.
    pub(crate) y: f64,
}

/// What a font's codes, of two bytes, stand for.
#[derive(Default)]
struct Font {
    text: BTreeMap<u16, String>,
    widths: BTreeMap<u16, f64>,
    default_width: f64,
}

/// Text state, as far as the press sets it.
#[derive(Clone, Default)]
struct State {
    ctm: Matrix,
    font: Option<ObjectId>,
    size: f64,
    spacing: f64,
    rise: f64,
    stretch: f64,
    leading: f64,
}

struct Reader<'a> {
    document: &'a Document,
    fonts: &'a mut BTreeMap<ObjectId, Font>,
    glyphs: Glyphs,
}

impl Reader<'_> {
    fn run(&mut self, content: &[u8], resources: Option<&Dictionary>, ctm: Matrix, depth: usize) {
        let content = Content::decode(content).expect("the press writes operators");
        let mut state = State {
            ctm,
            stretch: 1.0,
            ..State::default()
        };
        let (mut stack, mut line, mut at) = (Vec::new(), Matrix::default(), Matrix::default());
        for Operation { operator, operands } in &content.operations {
            let number = |index: usize| operands[index].as_float().map_or(0.0, f64::from);
            match operator.as_str() {
                "q" => stack.push(state.clone()),
                "Q" => state = stack.pop().expect("q before Q"),
                "cm" => state.ctm = concat(std::array::from_fn(number), state.ctm),
                "BT" => (line, at) = (IDENTITY, IDENTITY),
                "Tf" => {
                    state.font = self.font(resources, operands[0].as_name().unwrap_or_default());
                    state.size = number(1);
                }
                "Tc" => state.spacing = number(0),
                "Ts" => state.rise = number(0),
                "Tz" => state.stretch = number(0) / 100.0,
                "TL" => state.leading = number(0),
                "Td" | "TD" | "T*" => {
                    let down = [1.0, 0.0, 0.0, 1.0, 0.0, -state.leading];
                    let by = if operator == "T*" {
                        down
                    } else {
                        [1.0, 0.0, 0.0, 1.0, number(0), number(1)]
                    };
                    if operator == "TD" {
                        state.leading = -number(1);
                    }
                    line = concat(by, line);
                    at = line;
                }
                "Tm" => {
                    line = std::array::from_fn(number);
                    at = line;
                }
                "Tj" => self.show(&state, &mut at, &operands[0]),
                "TJ" => {
                    for item in operands[0].as_array().expect("TJ has an array") {
                        match item.as_float() {
                            Ok(by) => advance(
                                &mut at,
                                -f64::from(by) / 1000.0 * state.size * state.stretch,
                            ),
                            Err(_) => self.show(&state, &mut at, item),
                        }
                    }
                }
                "Do" if depth < MAX_DEPTH => {
                    self.form(
                        resources,
                        operands[0].as_name().unwrap_or_default(),
                        state.ctm,
                        depth,
                    );
                }
                _ => {}
            }
        }
    }

    fn form(&mut self, resources: Option<&Dictionary>, name: &[u8], ctm: Matrix, depth: usize) {
        let document = self.document;
        let Some(Object::Stream(stream)) =
            resources.and_then(|it| resource(document, it, b"XObject", name))
        else {
            return;
        };
        let kind = stream.dict.get(b"Subtype").and_then(Object::as_name);
        if kind.ok() != Some(b"Form".as_slice()) {
            return;
        }
        let matrix = stream.dict.get(b"Matrix").map(numbers).unwrap_or_default();
        let matrix = Matrix::try_from(matrix).unwrap_or(IDENTITY);
        let own = stream.dict.get(b"Resources").ok();
        let own = own.and_then(|it| document.dereference(it).ok()?.1.as_dict().ok());
        let content = stream.get_plain_content().expect("a form has content");
        self.run(&content, own.or(resources), concat(matrix, ctm), depth + 1);
    }

    fn show(&mut self, state: &State, at: &mut Matrix, string: &Object) {
        let bytes = string.as_str().expect("text is a string");
        let font = &self.fonts[&state.font.expect("a font before text")];
        for code in bytes.chunks_exact(2) {
            let code = u16::from_be_bytes([code[0], code[1]]);
            let width = font
                .widths
                .get(&code)
                .copied()
                .unwrap_or(font.default_width)
                / 1000.0;
            let place = [
                state.size * state.stretch,
                0.0,
                0.0,
                state.size,
                0.0,
                state.rise,
            ];
            let matrix = concat(concat(place, *at), state.ctm);
            let size = matrix[0].hypot(matrix[1]);
            let (cos, sin) = (matrix[0] / size, matrix[1] / size);
            let (x, y) = (matrix[4], matrix[5]);
            let text = font.text.get(&code).map_or("\u{fffd}", String::as_str);
            // Where the writing slants, printed.py does not know advances.
            let slants = sin.abs() >= 0.01 && cos.abs() >= 0.01;
            let shown = if slants { 0.5 } else { width };
            if size > 0.0 && width > 0.01 && !text.trim().is_empty() {
                let direction = ((cos * 100.0).round() as i32, (sin * 100.0).round() as i32);
                self.glyphs.entry(direction).or_default().push(Glyph {
                    across: y * cos - x * sin,
                    along: x * cos + y * sin,
                    width: shown * size,
                    size,
                    text: text.to_owned(),
                    x,
                    y,
                });
            }
            advance(at, (width * state.size + state.spacing) * state.stretch);
        }
    }

    fn font(&mut self, resources: Option<&Dictionary>, name: &[u8]) -> Option<ObjectId> {
        let fonts = resources?.get(b"Font").ok()?;
        let fonts = self.document.dereference(fonts).ok()?.1.as_dict().ok()?;
        let id = fonts.get(name).ok()?.as_reference().ok()?;
        if !self.fonts.contains_key(&id) {
            let font = Font::read(self.document, id).expect("the press writes Type 0 fonts");
            self.fonts.insert(id, font);
        }
        Some(id)
    }
}

const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

fn advance(at: &mut Matrix, by: f64) {
    *at = concat([1.0, 0.0, 0.0, 1.0, by, 0.0], *at);
}

fn resource<'a>(
    document: &'a Document,
    resources: &'a Dictionary,
    kind: &[u8],
    name: &[u8],
) -> Option<&'a Object> {
    let all = document
        .dereference(resources.get(kind).ok()?)
        .ok()?
        .1
        .as_dict()
        .ok()?;
    Some(document.dereference(all.get(name).ok()?).ok()?.1)
}

impl Font {
    fn read(document: &Document, id: ObjectId) -> Option<Self> {
        let font = document.get_dictionary(id).ok()?;
        let descendants = document
            .dereference(font.get(b"DescendantFonts").ok()?)
            .ok()?
            .1;
        let descendant = document
            .dereference(descendants.as_array().ok()?.first()?)
            .ok()?
            .1
            .as_dict()
            .ok()?;
        let mut read = Self {
            default_width: descendant
                .get(b"DW")
                .and_then(Object::as_float)
                .map_or(1000.0, f64::from),
            ..Self::default()
        };
        // `first [w …]` or `first last w` (ISO 32000-2 §9.7.4.3).
        let widths = document
            .dereference(descendant.get(b"W").ok()?)
            .ok()?
            .1
            .as_array()
            .ok()?;
        let mut rest = widths.as_slice();
        while let [first, second, tail @ ..] = rest {
            let first = first.as_i64().ok()? as u16;
            rest = if let Ok(list) = second.as_array() {
                for (code, width) in (first..).zip(list) {
                    read.widths.insert(code, f64::from(width.as_float().ok()?));
                }
                tail
            } else {
                let width = f64::from(tail.first()?.as_float().ok()?);
                read.widths
                    .extend((first..=second.as_i64().ok()? as u16).map(|code| (code, width)));
                &tail[1..]
            };
        }
        let map = document
            .dereference(font.get(b"ToUnicode").ok()?)
            .ok()?
            .1
            .as_stream()
            .ok()?;
        read.take_unicode(&String::from_utf8_lossy(&map.get_plain_content().ok()?));
        Some(read)
    }

    /// The mappings of a ToUnicode CMap (ISO 32000-2 §9.10.3).
    fn take_unicode(&mut self, map: &str) {
        for (section, one) in [("bfchar", true), ("bfrange", false)] {
            let (begin, end) = (format!("begin{section}"), format!("end{section}"));
            for part in map.split(begin.as_str()).skip(1) {
                let part = part.split(end.as_str()).next().unwrap_or_default();
                let part = part
                    .replace('[', " [ ")
                    .replace(']', " ] ")
                    .replace("><", "> <");
                let mut tokens = part.split_whitespace();
                while let Some(first) = tokens.next() {
                    let first = code(first);
                    let last = if one {
                        first
                    } else {
                        tokens.next().map_or(first, code)
                    };
                    let Some(target) = tokens.next() else { break };
                    if target == "[" {
                        for (code, target) in
                            (first..).zip(tokens.by_ref().take_while(|it| *it != "]"))
                        {
                            self.text.insert(code, unicode(target, 0));
                        }
                    } else {
                        let range = (first..=last).enumerate();
                        self.text
                            .extend(range.map(|(by, code)| (code, unicode(target, by as u16))));
                    }
                }
            }
        }
    }
}

fn hex(token: &str) -> Vec<u16> {
    let digits = token.trim_matches(['<', '>']).as_bytes();
    let parse = |four: &[u8]| u16::from_str_radix(&String::from_utf8_lossy(four), 16).unwrap_or(0);
    digits.chunks(4).map(parse).collect()
}

fn code(token: &str) -> u16 {
    hex(token).first().copied().unwrap_or(0)
}

/// UTF-16 in hexadecimal, the last unit raised by `by`.
fn unicode(token: &str, by: u16) -> String {
    let mut units = hex(token);
    if let Some(last) = units.last_mut() {
        *last = last.wrapping_add(by);
    }
    String::from_utf16_lossy(&units)
}

/// Glyphs of one direction as words.
fn words(page: usize, mut glyphs: Vec<Glyph>, words: &mut Vec<Word>) {
    glyphs.sort_by(|a, b| a.across.total_cmp(&b.across));
    for line in glyphs.chunk_by_mut(|a, b| b.across - a.across <= BASELINE) {
        line.sort_by(|a, b| a.along.total_cmp(&b.along));
        let mut word: Option<(Word, f64, f64)> = None;
        for glyph in line {
            let goes_on = word
                .as_ref()
                .is_some_and(|(_, _, end)| glyph.along - end <= GAP * glyph.size);
            if !goes_on {
                words.extend(word.take().map(|(word, ..)| word));
            }
            let (word, start, end) = word.get_or_insert_with(|| {
                let word = Word {
                    page,
                    x: glyph.x as f32,
                    y: glyph.y as f32,
                    end: 0.0,
                    text: String::new(),
                };
                (word, glyph.along, glyph.along)
            });
            word.text.push_str(&glyph.text);
            *end = end.max(glyph.along + glyph.width);
            word.end = word.x + (*end - *start) as f32;
        }
        words.extend(word.map(|(word, ..)| word));
    }
}
