//! JSON without surprises: a field given twice is an error. What is not JSON has its line and column,
//! and nothing after it can be read; a field given twice has its pointer, and the rest is read on.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::{ManifestError, ManifestErrors, Place};

/// Levels of lists and objects in one text. serde_json itself reads 128, and a document travels
/// inside a message: what is accepted here must be readable there.
const LEVELS: u32 = 64;

/// Parses one JSON text of at most [`LEVELS`] levels that stands at `place`: a line, or the root of the
/// manifest. Of a field given twice the first value is taken, and `errors` say so.
pub(super) fn parse(
    text: &[u8],
    place: &Place,
    errors: &mut ManifestErrors,
) -> Result<Value, ManifestError> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let room = Cell::new(ROOM);
    let faults = RefCell::new(errors);
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let strict = Strict {
        levels: LEVELS,
        path: &Path::Root(place),
        room: &room,
        faults: &faults,
    };
    strict
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| {
            let first = place.line.unwrap_or(1);
            let line = first + (error.line() as u64).saturating_sub(1);
            let place = Place::line(place.within, line).at_column(error.column().max(1) as u64);
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or(&message);
            ManifestError::new(place, format!("not valid JSON: {message}"))
        })
}

/// Where a value stands, by the lists and objects around it.
enum Path<'a> {
    Root(&'a Place),
    Item(&'a Path<'a>, usize),
    Member(&'a Path<'a>, &'a str),
}

impl Path<'_> {
    fn place(&self) -> Place {
        match self {
            Self::Root(place) => (*place).clone(),
            Self::Item(list, number) => list.place().join(number),
            Self::Member(object, name) => object.place().join(name),
        }
    }
}

/// Bytes that a text's values may take in memory, by the estimates below. A few megabytes of
/// `[{"":0},{"":0},…]` would take a hundred times their length.
const ROOM: usize = 256 << 20;
/// What a value in a list and a member of an object take; an object begins with room for a few
/// members.
const VALUE: usize = size_of::<Value>();
const FIRST_MEMBERS: usize = 4;
const MEMBER: usize = size_of::<(usize, String, Value)>() + 8;

/// Reads one value whose lists and objects nest at most `levels` deep.
#[derive(Clone, Copy)]
struct Strict<'a, 'e> {
    levels: u32,
    path: &'a Path<'a>,
    room: &'a Cell<usize>,
    faults: &'a RefCell<&'e mut ManifestErrors>,
}

impl Strict<'_, '_> {
    /// The same for what a list or an object holds.
    fn inner<E: Error>(self) -> Result<Self, E> {
        let levels = self.levels.checked_sub(1).ok_or_else(|| {
            E::custom(format_args!("lists and objects nest at most {LEVELS} deep"))
        })?;
        Ok(Self { levels, ..self })
    }

    fn take<E: Error>(self, bytes: usize) -> Result<(), E> {
        let left = self.room.get().checked_sub(bytes).ok_or_else(|| {
            E::custom("too many values for one text; use JSON Lines, CSV, or a file of rows")
        })?;
        self.room.set(left);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.take(value.len())?;
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        self.take(value.len())?;
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        loop {
            let path = Path::Item(self.path, list.len());
            let seed = Strict {
                path: &path,
                ..inner
            };
            let Some(item) = items.next_element_seed(seed)? else {
                return Ok(Value::Array(list));
            };
            self.take(VALUE)?;
            list.push(item);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let path = Path::Member(self.path, &name);
            if object.contains_key(&name) {
                let error = ManifestError::new(path.place(), "the field is given twice");
                self.faults.borrow_mut().push(error);
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            self.take(name.len())?;
            match object.len() {
                0 => self.take(FIRST_MEMBERS * MEMBER)?,
                FIRST_MEMBERS.. => self.take(MEMBER)?,
                _ => {}
            }
            let value = members.next_value_seed(Strict {
                path: &path,
                ..inner
            })?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Result<Value, ManifestError>, String) {
        let mut errors = ManifestErrors::new(10);
        let value = parse(text.as_bytes(), &Place::pointer(""), &mut errors);
        (value, errors.to_string())
    }

    fn refused(text: &str) -> String {
        read(text).0.expect_err("refused").to_string()
    }

    #[test]
    fn nesting_has_a_limit_below_that_of_a_message() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(read(&nested(64)).0.is_ok());
        assert_eq!(
            refused(&nested(65)),
            "line 1:66: not valid JSON: lists and objects nest at most 64 deep"
        );
    }

    #[test]
    fn values_have_a_limit_in_memory() {
        let list =
            |item: &str, count: usize| format!("[{item}{}]", format!(",{item}").repeat(count));
        assert!(read(&list("0", 100_000)).0.is_ok());
        assert!(refused(&list("{\"\":0}", 1_000_000)).contains("too many values"));
    }

    #[test]
    fn nothing_stands_after_the_value() {
        assert!(refused("{} x").contains("trailing characters"));
    }

    #[test]
    fn a_field_given_twice_is_named_and_the_rest_is_read() {
        let (value, errors) =
            read(r#"[{"a": 1, "a": {"c": 1, "c": 2}}, {"b/": [{"x": 1, "x": 2}]}, 3]"#);
        assert_eq!(
            value.expect("JSON"),
            serde_json::json!([{"a": 1}, {"b/": [{"x": 1}]}, 3])
        );
        assert_eq!(
            errors,
            "/0/a: the field is given twice\n/1/b~1/0/x: the field is given twice"
        );
    }
}
