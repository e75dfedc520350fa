//! What changes in an input's dictionaries on their way into the volume, besides object numbers.

use crate::destinations::{Dangler, Named, Renaming};
use crate::source::Source;
use fanfold_pdf::{text_string, write_object};
use lopdf::{Dictionary, Object, ObjectId, StringFormat, decode_text_string};
use rustc_hash::FxHashMap;

/// An input's names and keys that differ in the volume.
#[derive(Default)]
pub(crate) struct Rewrite {
    /// Named destinations.
    pub(crate) destinations: Renaming,
    /// First parts of the names of fields, as texts.
    pub(crate) fields: FxHashMap<String, String>,
    /// Full names of fields that are joined.
    pub(crate) full_names: FxHashMap<String, String>,
    /// Fields by the widgets that they were one with.
    pub(crate) fields_of_widgets: FxHashMap<ObjectId, ObjectId>,
    /// Fonts of the form's default resources.
    pub(crate) fonts: FxHashMap<Vec<u8>, Vec<u8>>,
    /// Attribute classes of the tags.
    pub(crate) classes: FxHashMap<Vec<u8>, Vec<u8>>,
    /// Keys of the parent tree; others lead nowhere and are left out.
    pub(crate) parents: FxHashMap<i64, i64>,
    /// What the element identifiers begin with.
    pub(crate) id_prefix: Vec<u8>,
    /// Whether all layers are shown, as in a file that does not list any.
    pub(crate) shows_all_layers: bool,
}

/// What a value becomes in the volume.
pub(crate) enum Value {
    /// The same with new object numbers.
    Same,
    /// Another.
    New(Object),
    /// A copy of another object of the input.
    CopyOf(Object),
    /// A destination's name that the input does not have.
    Dangling(Dangler),
}

impl From<Option<Object>> for Value {
    fn from(value: Option<Object>) -> Self {
        value.map_or(Self::Same, Self::New)
    }
}

impl Rewrite {
    /// What the value of a key becomes. Pages that destinations count are given by `page`.
    pub(crate) fn value(
        &self,
        source: &Source,
        dictionary: &Dictionary,
        key: &[u8],
        value: &Object,
        page: impl Fn(i64) -> Object,
    ) -> Value {
        match key {
            b"Dest" => return self.destination(source, value, page),
            b"D" if is_name(dictionary, b"S", b"GoTo") => {
                return self.destination(source, value, page);
            }
            _ => {}
        }
        let new = match key {
            b"DA" if !self.fonts.is_empty() => match source.resolve(value) {
                Object::String(text, format) => {
                    Some(Object::String(self.default_appearance(text), *format))
                }
                _ => None,
            },
            b"StructParent" | b"StructParents" => Some(
                source
                    .resolve(value)
                    .as_i64()
                    .ok()
                    .and_then(|key| self.parents.get(&key))
                    .map_or(Object::Null, |&key| Object::Integer(key)),
            ),
            b"C" if !self.classes.is_empty() && is_element(dictionary) => {
                self.class(source, source.resolve(value))
            }
            b"ID" if !self.id_prefix.is_empty() && is_element(dictionary) => {
                Some(self.identifier(source.resolve(value)))
            }
            b"Headers" if !self.id_prefix.is_empty() && dictionary.has(b"O") => {
                match source.resolve(value) {
                    Object::Array(ids) => Some(Object::Array(
                        ids.iter()
                            .map(|id| self.identifier(source.resolve(id)))
                            .collect(),
                    )),
                    _ => None,
                }
            }
            // Without conditions, the content is shown when its layers are.
            b"P" | b"VE" if self.shows_all_layers && dictionary.has_type(b"OCMD") => {
                Some(Object::Null)
            }
            b"Fields"
                if self.renames_fields()
                    && (is_name(dictionary, b"S", b"ResetForm")
                        || is_name(dictionary, b"S", b"SubmitForm")) =>
            {
                return self.field_names(source.resolve(value));
            }
            b"T" if self.renames_fields() && is_name(dictionary, b"S", b"Hide") => {
                return self.field_names(source.resolve(value));
            }
            _ => None,
        };
        new.into()
    }

    fn renames_fields(&self) -> bool {
        !(self.fields.is_empty() && self.full_names.is_empty() && self.fields_of_widgets.is_empty())
    }

    /// Full names of fields, alone or in an array with references to fields.
    fn field_names(&self, value: &Object) -> Value {
        let renamed = |name: &Object| -> Object {
            let text = match name {
                Object::String(..) => decode_text_string(name).unwrap_or_default(),
                Object::Reference(id) => {
                    let field = self.fields_of_widgets.get(id).unwrap_or(id);
                    return Object::Reference(*field);
                }
                other => return other.clone(),
            };
            if let Some(new) = self.full_names.get(&text) {
                return text_string(new);
            }
            let (first, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
            match self.fields.get(first) {
                Some(new) => text_string(&format!("{new}{rest}")),
                None => name.clone(),
            }
        };
        match value {
            Object::String(..) => Value::New(renamed(value)),
            Object::Array(names) => {
                Value::CopyOf(Object::Array(names.iter().map(renamed).collect()))
            }
            _ => Value::Same,
        }
    }

    /// A destination by name under its name in the volume, or one by page index under its page, which
    /// would be another in the volume.
    pub(crate) fn destination(
        &self,
        source: &Source,
        value: &Object,
        page: impl Fn(i64) -> Object,
    ) -> Value {
        let mut value = source.resolve(value);
        // Only names may lead to dictionaries; where links do, not all readers follow.
        if let Object::Dictionary(dictionary) = value
            && dictionary.has(b"D")
        {
            value = source.get(dictionary, b"D");
            if matches!(value, Object::Array(items) if !matches!(items.first(), Some(Object::Integer(_))))
            {
                return Value::CopyOf(value.clone());
            }
        }
        if let Object::Array(place) = value
            && let Some(&Object::Integer(index)) = place.first()
        {
            let mut place = place.clone();
            place[0] = page(index);
            // What follows the page are a name and numbers (§12.3.2.2).
            place
                .iter_mut()
                .skip(1)
                .for_each(|item| *item = source.resolve(item).clone());
            return Value::New(Object::Array(place));
        }
        match self.destinations.of(value) {
            Some(Named::Known(name)) => Value::New(name),
            Some(Named::Dangling(name)) => Value::Dangling(name),
            None => Value::Same,
        }
    }

    /// The identifier of an element as the volume knows it.
    pub(crate) fn identifier(&self, id: &Object) -> Object {
        match id {
            Object::String(id, format) => {
                Object::String([self.id_prefix.as_slice(), id].concat(), *format)
            }
            _ => Object::Null,
        }
    }

    /// A class name, or an array of class names with revision numbers.
    fn class(&self, source: &Source, value: &Object) -> Option<Object> {
        let renamed = |name: &Object| match name {
            Object::Name(name) => Object::Name(self.classes.get(name).unwrap_or(name).clone()),
            Object::Integer(revision) => Object::Integer(*revision),
            _ => Object::Null,
        };
        match value {
            Object::Name(_) => Some(renamed(value)),
            Object::Array(items) => Some(Object::Array(
                items
                    .iter()
                    .map(|item| renamed(source.resolve(item)))
                    .collect(),
            )),
            _ => None,
        }
    }

    /// A default appearance string (§12.7.3.3) with the volume's font names.
    fn default_appearance(&self, text: &[u8]) -> Vec<u8> {
        with_fonts(text, &self.fonts)
    }
}

/// A default appearance string with other font names.
pub(crate) fn with_fonts(text: &[u8], fonts: &FxHashMap<Vec<u8>, Vec<u8>>) -> Vec<u8> {
    let mut new = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| byte == b'/') {
        new.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let length = rest
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || b"\0/()<>[]{}%".contains(byte))
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(length);
        match fonts.get(&unescaped(name)) {
            Some(renamed) => write_object(&mut new, &Object::Name(renamed.clone())),
            None => {
                new.push(b'/');
                new.extend_from_slice(name);
            }
        }
        rest = after;
    }
    new.extend_from_slice(rest);
    new
}

/// Structure elements have a type and a parent; their own `Type` is optional (table 323).
pub(crate) fn is_element(dictionary: &Dictionary) -> bool {
    dictionary.has_type(b"StructElem")
        || (dictionary.has(b"S")
            && dictionary.has(b"P")
            && !dictionary.has(b"Type")
            && !dictionary.has(b"Rect"))
}

pub(crate) fn is_name(dictionary: &Dictionary, key: &[u8], name: &[u8]) -> bool {
    dictionary
        .get(key)
        .and_then(Object::as_name)
        .is_ok_and(|value| value == name)
}

/// A new name that no one has: with `~2` or the next number behind it, in the name's own encoding.
pub(crate) fn free_name(name: &[u8], first: usize, taken: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut number = first;
    loop {
        let mut candidate = name.to_vec();
        for byte in format!("~{number}").bytes() {
            if name.starts_with(&[0xfe, 0xff]) {
                candidate.push(0);
            }
            candidate.push(byte);
        }
        if !taken(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

/// An ASCII string object.
pub(crate) fn literal(text: Vec<u8>) -> Object {
    Object::String(text, StringFormat::Literal)
}

/// A name without its `#` escapes (§7.3.5).
pub(crate) fn unescaped(name: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(name.len());
    let mut rest = name;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'#'
            && let [high, low, after @ ..] = rest
            && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        {
            plain.push(high << 4 | low);
            rest = after;
        } else {
            plain.push(*first);
        }
    }
    plain
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}
