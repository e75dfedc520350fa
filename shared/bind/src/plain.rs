//! Dictionaries and streams of lopdf's, written down for a volume's state.

use lopdf::{Dictionary, Object, Stream, StringFormat};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An object without its indirection, as it is written down. Nested as deep as the parser allows.
#[derive(Serialize, Deserialize)]
enum Plain {
    Null,
    Boolean(bool),
    Integer(i64),
    Real(f32),
    Name(Vec<u8>),
    Literal(Vec<u8>),
    Hexadecimal(Vec<u8>),
    Array(Vec<Plain>),
    Dictionary(Vec<(Vec<u8>, Plain)>),
    Reference(u32, u16),
}

impl From<&Object> for Plain {
    fn from(object: &Object) -> Self {
        match object {
            // A stream stands in no dictionary or array.
            Object::Null | Object::Stream(_) => Self::Null,
            Object::Boolean(value) => Self::Boolean(*value),
            Object::Integer(value) => Self::Integer(*value),
            Object::Real(value) => Self::Real(*value),
            Object::Name(name) => Self::Name(name.clone()),
            Object::String(text, StringFormat::Literal) => Self::Literal(text.clone()),
            Object::String(text, StringFormat::Hexadecimal) => Self::Hexadecimal(text.clone()),
            Object::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Object::Dictionary(dictionary) => Self::Dictionary(plain(dictionary)),
            Object::Reference((number, generation)) => Self::Reference(*number, *generation),
        }
    }
}

impl From<Plain> for Object {
    fn from(plain: Plain) -> Self {
        match plain {
            Plain::Null => Self::Null,
            Plain::Boolean(value) => Self::Boolean(value),
            Plain::Integer(value) => Self::Integer(value),
            Plain::Real(value) => Self::Real(value),
            Plain::Name(name) => Self::Name(name),
            Plain::Literal(text) => Self::String(text, StringFormat::Literal),
            Plain::Hexadecimal(text) => Self::String(text, StringFormat::Hexadecimal),
            Plain::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Plain::Dictionary(entries) => Self::Dictionary(dictionary(entries)),
            Plain::Reference(number, generation) => Self::Reference((number, generation)),
        }
    }
}

fn plain(dictionary: &Dictionary) -> Vec<(Vec<u8>, Plain)> {
    dictionary
        .iter()
        .map(|(key, value)| (key.clone(), value.into()))
        .collect()
}

fn dictionary(entries: Vec<(Vec<u8>, Plain)>) -> Dictionary {
    let mut dictionary = Dictionary::new();
    for (key, value) in entries {
        dictionary.set(key, Object::from(value));
    }
    dictionary
}

/// A dictionary and its number.
pub(crate) mod numbered_dictionary {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<(u32, Dictionary)>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let value = value.as_ref();
        value
            .map(|(number, dictionary)| (number, plain(dictionary)))
            .serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<(u32, Dictionary)>, D::Error> {
        let read = Option::<(u32, Vec<(Vec<u8>, Plain)>)>::deserialize(deserializer)?;
        Ok(read.map(|(number, entries)| (number, dictionary(entries))))
    }
}

/// A stream as it came, compressed or not.
pub(crate) mod stream {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        stream: &Stream,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        (plain(&stream.dict), &stream.content).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Stream, D::Error> {
        let (entries, content) = Deserialize::deserialize(deserializer)?;
        Ok(Stream::new(dictionary(entries), content))
    }
}

/// The same, where there is one.
pub(crate) mod maybe_stream {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        stream: &Option<Stream>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let stream = stream.as_ref();
        stream
            .map(|stream| (plain(&stream.dict), &stream.content))
            .serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Stream>, D::Error> {
        let read = Option::<(Vec<(Vec<u8>, Plain)>, Vec<u8>)>::deserialize(deserializer)?;
        Ok(read.map(|(entries, content)| Stream::new(dictionary(entries), content)))
    }
}
