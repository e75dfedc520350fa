//! Why a piece of CSS has no effect.

use cssparser::{ParseError, ParseErrorKind};
use selectors::parser::SelectorParseErrorKind;

/// A parse's outcome.
pub(crate) type Parse<T> = Result<T, ParseError<Problem>>;

/// Why a rule, declaration or value is dropped.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Problem {
    /// Not a value of this property, or not valid CSS.
    Invalid,
    /// A property nobody knows.
    UnknownProperty(String),
    /// Valid CSS that has no effect here.
    Unsupported(String),
    /// A selector that cannot be used.
    Selector(SelectorParseErrorKind),
    /// Over a limit; the message names it.
    Limit(String),
}

impl From<SelectorParseErrorKind> for Problem {
    fn from(kind: SelectorParseErrorKind) -> Self {
        Self::Selector(kind)
    }
}

/// An invalid value.
pub(crate) fn invalid() -> ParseError<Problem> {
    ParseError::custom(Problem::Invalid)
}

/// A valid value that this crate cannot honour.
pub(crate) fn unsupported(what: impl Into<String>) -> ParseError<Problem> {
    ParseError::custom(Problem::Unsupported(what.into()))
}

/// What to tell the author about `error` in `source`, the text that was dropped.
pub(crate) fn describe(error: &ParseError<Problem>, source: &str) -> String {
    let excerpt = excerpt(source);
    match &error.kind {
        ParseErrorKind::Custom(Problem::UnknownProperty(name)) => {
            format!("unknown property `{name}`; the declaration has no effect")
        }
        ParseErrorKind::Custom(Problem::Unsupported(what)) => {
            format!("{what} is not supported; it has no effect: `{excerpt}`")
        }
        ParseErrorKind::Custom(Problem::Limit(what)) => format!("{what}: `{excerpt}`"),
        ParseErrorKind::Custom(Problem::Selector(kind)) => {
            format!(
                "{}; the rule has no effect: `{excerpt}`",
                selector_problem(kind)
            )
        }
        ParseErrorKind::Custom(Problem::Invalid) => {
            format!("invalid value; the declaration has no effect: `{excerpt}`")
        }
        ParseErrorKind::Basic(kind) => format!("{kind}; this has no effect: `{excerpt}`"),
    }
}

fn selector_problem(kind: &SelectorParseErrorKind) -> &'static str {
    match kind {
        SelectorParseErrorKind::EmptySelector => "empty selector",
        SelectorParseErrorKind::DanglingCombinator => "a combinator needs a selector on both sides",
        SelectorParseErrorKind::UnsupportedPseudoClassOrElement => {
            "pseudo-class or pseudo-element that is not supported in print"
        }
        SelectorParseErrorKind::ExpectedNamespace => "undeclared namespace prefix",
        _ => "invalid selector",
    }
}

/// The first line of `source`, cut to a readable length.
fn excerpt(source: &str) -> String {
    const LONGEST: usize = 80;
    let line = source.trim().lines().next().unwrap_or_default();
    let line = line.trim_end_matches(['{', ' ', ';']);
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
