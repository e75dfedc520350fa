//! Name templates: `{case_id}_{bundle}.pdf`.
//!
//! `{field}` takes a field of the document's data (`{customer.name}` goes into an object),
//! `{bundle}` the bundle's name, `{row}` the row's number from 1, `{id}` the document's id where the
//! data has no field of that name. `{{` and `}}` are literal braces.

use serde_json::{Map, Value};

/// Characters and fields of a template.
const TEMPLATE_CHARS: usize = 1_024;
const TEMPLATE_FIELDS: usize = 50;
/// Bytes of a name that was filled in; every use of one allows fewer.
const FILLED_BYTES: usize = 1_024;

/// A parsed name template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameTemplate {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(String),
}

/// Why a name template cannot be read or filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// A brace without its partner.
    #[error("a '{0}' has no partner; write {{field}}, or {0}{0} for the character itself")]
    Brace(char),
    /// `{}`.
    #[error("an empty {{}}; name a field of the data, bundle or row")]
    EmptyField,
    /// The data has no such field.
    #[error("{{{0}}} is not a field of the document's data; it can be a field, bundle or row")]
    Missing(String),
    /// The field is null, a list or an object, or an empty text.
    #[error("{{{0}}} is {1}; a name needs a text, a number or a boolean")]
    NotText(String, &'static str),
    /// The template's own text is too long, or it has too many fields.
    #[error(
        "a name with fields has at most {TEMPLATE_CHARS} characters and {TEMPLATE_FIELDS} fields"
    )]
    LongTemplate,
    /// What the template makes is too long.
    #[error("the name becomes longer than {FILLED_BYTES} bytes; use a shorter field")]
    TooLong,
    /// The field's value would make a folder.
    #[error("{{{0}}} holds a slash; only the template itself may name folders")]
    Slash(String),
}

/// What a template may use of one document.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fields<'a> {
    /// The document's data, with its row.
    pub data: Option<&'a Map<String, Value>>,
    /// The bundle's name.
    pub bundle: Option<&'a str>,
    /// The row's number, from 1.
    pub row: Option<u64>,
    /// The document's id, once it is known.
    pub id: Option<&'a str>,
}

impl NameTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// On a brace without its partner, an empty field, or a template that is too long.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.chars().nth(TEMPLATE_CHARS).is_some() {
            return Err(NameError::LongTemplate);
        }
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '{' | '}' if rest.next_if_eq(&c).is_some() => literal.push(c),
                '}' => return Err(NameError::Brace('}')),
                '{' => {
                    let mut field = String::new();
                    loop {
                        match rest.next() {
                            Some('}') => break,
                            Some('{') | None => return Err(NameError::Brace('{')),
                            Some(c) => field.push(c),
                        }
                    }
                    let field = field.trim();
                    if field.is_empty() {
                        return Err(NameError::EmptyField);
                    }
                    if !literal.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut literal)));
                    }
                    pieces.push(Piece::Field(field.to_owned()));
                }
                c => literal.push(c),
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        let template = Self { pieces };
        if template.fields().nth(TEMPLATE_FIELDS).is_some() {
            return Err(NameError::LongTemplate);
        }
        Ok(template)
    }

    /// A template that is only the text given, braces and all.
    pub fn literal(text: &str) -> Self {
        Self {
            pieces: vec![Piece::Text(text.to_owned())],
        }
    }

    /// The fields the template uses, in order, repeats included.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Field(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// Fills the template.
    ///
    /// # Errors
    /// When a field is missing, is not a text, number or boolean, or would make a folder, and when
    /// the name becomes too long.
    pub fn fill(&self, fields: &Fields<'_>) -> Result<String, NameError> {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Field(name) => {
                    let value = fields.text(name)?;
                    if value.len() > FILLED_BYTES {
                        return Err(NameError::TooLong);
                    }
                    if value.contains(['/', '\\']) {
                        return Err(NameError::Slash(name.clone()));
                    }
                    out.push_str(value.trim());
                }
            }
            if out.len() > FILLED_BYTES {
                return Err(NameError::TooLong);
            }
        }
        Ok(out)
    }
}

impl Fields<'_> {
    /// The value of one field as text.
    ///
    /// # Errors
    /// When it is missing or is not a text, number or boolean.
    pub fn text(&self, name: &str) -> Result<String, NameError> {
        match name {
            "bundle" if self.bundle.is_some() => {
                return Ok(self.bundle.unwrap_or_default().to_owned());
            }
            "row" if self.row.is_some() => return Ok(self.row.unwrap_or_default().to_string()),
            _ => {}
        }
        let not = |what| Err(NameError::NotText(name.to_owned(), what));
        match self.data.and_then(|data| lookup(data, name)) {
            Some(Value::String(text)) if text.trim().is_empty() => not("empty"),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            Some(Value::Bool(flag)) => Ok(flag.to_string()),
            Some(Value::Null) => not("null"),
            Some(Value::Array(_)) => not("a list"),
            Some(Value::Object(_)) => not("an object"),
            None => match (name, self.id) {
                ("id", Some(id)) => Ok(id.to_owned()),
                _ => Err(NameError::Missing(name.to_owned())),
            },
        }
    }
}

/// A field by its whole name first (a CSV column may be called `a.b`), then by dotted path.
fn lookup<'a>(data: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = data.get(name) {
        return Some(value);
    }
    let mut path = name.split('.');
    let mut value = data.get(path.next()?)?;
    for step in path {
        value = value.as_object()?.get(step)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fill(template: &str, data: &Value) -> Result<String, NameError> {
        let fields = Fields {
            data: data.as_object(),
            bundle: Some("emi"),
            row: Some(3),
            id: Some("d1"),
        };
        NameTemplate::parse(template)?.fill(&fields)
    }

    #[test]
    fn fields_bundle_and_row() {
        let data = json!({"case_id": "LN-7", "n": 4, "who": {"name": "Asha"}, "a.b": "dot"});
        assert_eq!(
            fill("{case_id}_{bundle}_{row}.pdf", &data).unwrap(),
            "LN-7_emi_3.pdf"
        );
        assert_eq!(
            fill("{n}-{who.name}-{a.b}-{id}", &data).unwrap(),
            "4-Asha-dot-d1"
        );
        assert_eq!(fill("{{x}}", &data).unwrap(), "{x}");
    }

    #[test]
    fn what_cannot_be_a_name_says_so() {
        let data = json!({"o": {}, "l": [], "z": null, "e": "", "s": "a/b"});
        assert_eq!(
            fill("{nope}", &data),
            Err(NameError::Missing("nope".into()))
        );
        for field in ["o", "l", "z", "e"] {
            assert!(
                matches!(
                    fill(&format!("{{{field}}}"), &data),
                    Err(NameError::NotText(..))
                ),
                "{field}"
            );
        }
        assert_eq!(fill("{s}", &data), Err(NameError::Slash("s".into())));
        assert_eq!(fill("{", &data), Err(NameError::Brace('{')));
        assert_eq!(fill("a}", &data), Err(NameError::Brace('}')));
        assert_eq!(fill("{ }", &data), Err(NameError::EmptyField));
    }

    #[test]
    fn names_do_not_grow_without_bound() {
        let data = json!({"a": "x".repeat(1_000), "b": "x".repeat(2_000)});
        assert!(fill("{a}", &data).is_ok());
        for template in ["{a}{a}", "{b}"] {
            assert_eq!(fill(template, &data), Err(NameError::TooLong), "{template}");
        }
        for template in ["{a}".repeat(51), "x".repeat(1_025)] {
            assert_eq!(fill(&template, &data), Err(NameError::LongTemplate));
        }
        let literal = NameTemplate::literal(&"x".repeat(2_000));
        assert_eq!(literal.fill(&Fields::default()), Err(NameError::TooLong));
    }
}
