//! The fonts of a form's fields, all in the form's default resources (ISO 32000-1 §12.7.3.3).
//!
//! Some producers give each field resources of its own, some name fonts that only the appearances have,
//! and some name the fonts that every reader knows without having them.

use crate::form::dictionary_mut;
use crate::rewrite::{free_name, unescaped, with_fonts};
use crate::source::Source;
use fanfold_pdf::write_object;
use lopdf::{Dictionary, Object, ObjectId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// What readers take for a font that is not there: Acrobat's names of the standard 14 fonts.
const STANDARD: [(&[u8], &[u8]); 14] = [
    (b"Helv", b"Helvetica"),
    (b"HeBo", b"Helvetica-Bold"),
    (b"HeOb", b"Helvetica-Oblique"),
    (b"HeBO", b"Helvetica-BoldOblique"),
    (b"Cour", b"Courier"),
    (b"CoBo", b"Courier-Bold"),
    (b"CoOb", b"Courier-Oblique"),
    (b"CoBO", b"Courier-BoldOblique"),
    (b"TiRo", b"Times-Roman"),
    (b"TiBo", b"Times-Bold"),
    (b"TiIt", b"Times-Italic"),
    (b"TiBI", b"Times-BoldItalic"),
    (b"Symb", b"Symbol"),
    (b"ZaDb", b"ZapfDingbats"),
];
/// Their two encodings of their own.
const SYMBOLIC: [&[u8]; 2] = [b"Symbol", b"ZapfDingbats"];

/// A field's part in the search: new names of its fonts, and its default appearance.
#[derive(Clone, Default)]
struct Style {
    renamed: Rc<FxHashMap<Vec<u8>, Vec<u8>>>,
    appearance: Option<Rc<Object>>,
    /// The font that the appearance chooses.
    font: Option<Rc<[u8]>>,
}

/// New names of fonts whose own are taken.
#[derive(Default)]
struct NewNames {
    /// By name and font, in PDF's syntax.
    known: FxHashMap<(Vec<u8>, Vec<u8>), Vec<u8>>,
    /// The number to try next behind a name.
    next: FxHashMap<Vec<u8>, usize>,
}

impl NewNames {
    /// The new name of a font, and whether it is new to the form.
    fn of(&mut self, name: &[u8], font: &Object, taken: impl Fn(&[u8]) -> bool) -> (Vec<u8>, bool) {
        let mut written = Vec::new();
        write_object(&mut written, font);
        let key = (name.to_vec(), written);
        if let Some(there) = self.known.get(&key) {
            return (there.clone(), false);
        }
        let next = self.next.entry(name.to_vec()).or_insert(1);
        let free = free_name(name, *next, taken);
        *next += 1;
        self.known.insert(key, free.clone());
        (free, true)
    }
}

/// The form's default resources by category, with all fonts that its fields name. `fields` are in the
/// order of reading: parents come first.
pub(crate) fn gather(
    source: &mut Source,
    form: &Dictionary,
    fields: &[ObjectId],
    parents: &FxHashMap<ObjectId, Option<ObjectId>>,
) -> Vec<(Vec<u8>, Object)> {
    let mut resources = match source.get(form, b"DR") {
        Object::Dictionary(resources) => resources.clone(),
        _ => Dictionary::new(),
    };
    let mut fonts = match source.get(&resources, b"Font") {
        Object::Dictionary(fonts) => fonts.clone(),
        _ => Dictionary::new(),
    };
    let mut styles: FxHashMap<ObjectId, Style> = FxHashMap::default();
    let mut wanted: FxHashSet<Vec<u8>> = FxHashSet::default();
    let mut names = NewNames::default();
    for &id in fields {
        let above = parents.get(&id).copied().flatten();
        let mut style = above
            .and_then(|above| styles.get(&above))
            .cloned()
            .unwrap_or_default();
        take_own_resources(source, id, &mut fonts, &mut names, &mut style);
        if let Some(name) = style.font.as_deref()
            && !fonts.has(name)
        {
            match font_of_appearance(source, id, name) {
                Some(font) => fonts.set(name, font),
                None => drop(wanted.insert(name.to_vec())),
            }
        }
        styles.insert(id, style);
    }
    for (name, standard) in STANDARD {
        if (wanted.contains(name) && !fonts.has(name))
            || (wanted.contains(standard) && !fonts.has(standard))
        {
            let name = if wanted.contains(name) {
                name
            } else {
                standard
            };
            fonts.set(name, standard_font(standard));
        }
    }
    if !fonts.is_empty() {
        resources.set("Font", fonts);
    }
    resources
        .iter()
        .map(|(category, entries)| (category.clone(), entries.clone()))
        .collect()
}

/// Moves a field's own fonts to the form's: under their names, or new ones where these mean something
/// else.
fn take_own_resources(
    source: &mut Source,
    id: ObjectId,
    fonts: &mut Dictionary,
    names: &mut NewNames,
    style: &mut Style,
) {
    let Some(Object::Dictionary(field)) = source.document.objects.get(&id) else {
        return;
    };
    let mut own_appearance = match source.get(field, b"DA") {
        text @ Object::String(..) => Some(Rc::new(text.clone())),
        _ => None,
    };
    let own_fonts = match source.get(field, b"DR") {
        Object::Dictionary(resources) => match source.get(resources, b"Font") {
            Object::Dictionary(fonts) => Some(fonts.clone()),
            _ => None,
        },
        _ => None,
    };
    if let Some(own) = own_fonts {
        let mut renamed = FxHashMap::default();
        for (name, font) in &own {
            match fonts.get(name) {
                Ok(there) if there == font || source.resolve(there) == source.resolve(font) => {}
                Ok(_) => {
                    let (free, is_new) = names.of(name, font, |it| fonts.has(it) || own.has(it));
                    if is_new {
                        fonts.set(free.clone(), font.clone());
                    }
                    renamed.insert(name.clone(), free);
                }
                Err(_) => fonts.set(name.clone(), font.clone()),
            }
        }
        if !renamed.is_empty() {
            // What it inherits would mean the form's font.
            own_appearance = own_appearance.or_else(|| style.appearance.clone());
        }
        style.renamed = Rc::new(renamed);
        if let Some(field) = dictionary_mut(source, id) {
            field.remove(b"DR");
        }
    }
    let Some(own) = own_appearance else {
        return;
    };
    let Object::String(text, format) = &*own else {
        return;
    };
    let appearance = if style.renamed.is_empty() {
        own.clone()
    } else {
        let text = Object::String(with_fonts(text, &style.renamed), *format);
        if let Some(field) = dictionary_mut(source, id) {
            field.set("DA", text.clone());
        }
        Rc::new(text)
    };
    style.font = match &*appearance {
        Object::String(text, _) => font_of(text).map(Rc::from),
        _ => None,
    };
    style.appearance = Some(appearance);
}

/// The font that a default appearance string chooses: `/Name size Tf`.
pub(crate) fn font_of(text: &[u8]) -> Option<Vec<u8>> {
    let mut tokens = text
        .split(|byte| byte.is_ascii_whitespace() || *byte == 0)
        .filter(|token| !token.is_empty());
    let (mut before, mut last) = (None, None);
    let mut font = None;
    for token in tokens.by_ref() {
        if token == b"Tf" {
            font = before;
        }
        (before, last) = (last, Some(token));
    }
    font.and_then(|name: &[u8]| name.strip_prefix(b"/"))
        .map(unescaped)
}

/// The font of that name which a widget's normal appearance has.
fn font_of_appearance(source: &Source, id: ObjectId, name: &[u8]) -> Option<Object> {
    let widget = source.document.objects.get(&id)?.as_dict().ok()?;
    let appearances = source.get(widget, b"AP").as_dict().ok()?;
    let normal = source.get(appearances, b"N");
    let font_in = |stream: &Object| {
        let stream = stream.as_stream().ok()?;
        let resources = source.get(&stream.dict, b"Resources").as_dict().ok()?;
        let fonts = source.get(resources, b"Font").as_dict().ok()?;
        fonts.get(name).ok().cloned()
    };
    match normal {
        Object::Stream(_) => font_in(normal),
        Object::Dictionary(states) => states
            .iter()
            .find_map(|(_, state)| font_in(source.resolve(state))),
        _ => None,
    }
}

/// One of the 14 fonts that every reader has (§9.6.2.2).
pub(crate) fn standard_font(name: &[u8]) -> Object {
    let mut font = Dictionary::new();
    font.set("Type", Object::Name(b"Font".to_vec()));
    font.set("Subtype", Object::Name(b"Type1".to_vec()));
    font.set("BaseFont", Object::Name(name.to_vec()));
    if !SYMBOLIC.contains(&name) {
        font.set("Encoding", Object::Name(b"WinAnsiEncoding".to_vec()));
    }
    Object::Dictionary(font)
}
