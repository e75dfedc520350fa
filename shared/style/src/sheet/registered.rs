//! `@property` rules (CSS Properties and Values 1 §3).

use crate::css::numeric::Units;
use crate::css::problem::invalid;
use crate::css::{Parse, Problem, color, custom_ident, numeric, string, url};
use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserState,
    QualifiedRuleParser, RuleBodyItemParser, RuleBodyParser, match_ignore_ascii_case,
};
use std::sync::Arc;

/// A registered custom property.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PropertyRule {
    pub(crate) name: Arc<str>,
    pub(crate) syntax: Syntax,
    pub(crate) inherits: bool,
    pub(crate) initial: Option<Arc<str>>,
}

/// What values a custom property takes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Syntax {
    /// `*`.
    Any,
    /// One of these.
    OneOf(Vec<Component>),
}

/// A part of a syntax between bars.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Component {
    kind: Kind,
    list: List,
}

/// Whether a component may come several times.
#[derive(Clone, Copy, Debug, PartialEq)]
enum List {
    One,
    /// `+`.
    Spaces,
    /// `#`.
    Commas,
}

/// The types that values are told apart by; of others all values are taken.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Length,
    LengthPercentage,
    Percentage,
    Number,
    Integer,
    Color,
    Url,
    String,
    CustomIdent,
    Keyword(String),
    /// `<image>`, `<angle>` and such.
    Other,
}

impl Syntax {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text == "*" {
            return Some(Self::Any);
        }
        let components = text.split('|').map(Component::parse);
        components.collect::<Option<Vec<_>>>().map(Self::OneOf)
    }

    /// Whether `value`, without references, is one that the property takes.
    pub(crate) fn takes(&self, value: &str) -> bool {
        let Self::OneOf(components) = self else {
            return true;
        };
        components.iter().any(|component| component.takes(value))
    }

    /// The computed value of `value`, which it takes: lengths in px (§2.4); none where nothing of it is a
    /// length.
    pub(crate) fn computed(&self, value: &str, units: &Units) -> Option<String> {
        let Self::OneOf(components) = self else {
            return None;
        };
        let taken = components.iter().find(|component| component.takes(value));
        taken?.computed(value, units)
    }
}

impl Component {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (text, list) = match (text.strip_suffix('+'), text.strip_suffix('#')) {
            (Some(rest), _) => (rest, List::Spaces),
            (_, Some(rest)) => (rest, List::Commas),
            _ => (text, List::One),
        };
        let kind = match text {
            "<length>" => Kind::Length,
            "<length-percentage>" => Kind::LengthPercentage,
            "<percentage>" => Kind::Percentage,
            "<number>" => Kind::Number,
            "<integer>" => Kind::Integer,
            "<color>" => Kind::Color,
            "<url>" => Kind::Url,
            "<string>" => Kind::String,
            "<custom-ident>" => Kind::CustomIdent,
            "<image>"
            | "<angle>"
            | "<time>"
            | "<resolution>"
            | "<transform-function>"
            | "<transform-list>" => Kind::Other,
            word if !word.is_empty() && !word.contains(['<', '>', ' ']) => {
                Kind::Keyword(word.to_owned())
            }
            _ => return None,
        };
        Some(Self { kind, list })
    }

    fn takes(&self, value: &str) -> bool {
        let mut input = Parser::new(value);
        let parsed = input.parse_entirely(|input| match self.list {
            List::One => self.kind.parse(input),
            List::Spaces => {
                self.kind.parse(input)?;
                while !input.is_exhausted() {
                    self.kind.parse(input)?;
                }
                Ok(())
            }
            List::Commas => {
                input.parse_comma_separated(|input| self.kind.parse(input))?;
                Ok(())
            }
        });
        parsed.is_ok()
    }

    fn computed(&self, value: &str, units: &Units) -> Option<String> {
        if !matches!(self.kind, Kind::Length | Kind::LengthPercentage) {
            return None;
        }
        let mut input = Parser::new(value);
        let mut css = String::new();
        while !input.is_exhausted() {
            if !css.is_empty() {
                css.push_str(match self.list {
                    List::Commas => {
                        input.expect_comma().ok()?;
                        ", "
                    }
                    List::One | List::Spaces => " ",
                });
            }
            let length = numeric::length_percentage(&mut input).ok()?;
            css.push_str(&length.resolve(units).to_css());
        }
        Some(css)
    }
}

impl Kind {
    fn parse(&self, input: &mut Parser<'_>) -> Parse<()> {
        match self {
            Self::Length => numeric::distance(input).map(drop),
            Self::LengthPercentage => numeric::length_percentage(input).map(drop),
            Self::Percentage => input.expect_percentage().map(drop).map_err(Into::into),
            Self::Number => numeric::number(input).map(drop),
            Self::Integer => numeric::integer(input).map(drop),
            Self::Color => color::color(input).map(drop),
            Self::Url => url::url(input, "").map(drop),
            Self::String => string(input).map(drop),
            Self::CustomIdent => custom_ident(input, &[]).map(drop),
            Self::Keyword(word) => match input.expect_ident()? {
                found if **found == **word => Ok(()),
                _ => Err(invalid()),
            },
            Self::Other => {
                crate::css::rest(input);
                Ok(())
            }
        }
    }
}

/// The rule for `name`; none without the descriptors that it must have (§3.1).
pub(super) fn parse(name: Arc<str>, input: &mut Parser<'_>) -> Option<PropertyRule> {
    let mut descriptors = Descriptors::default();
    for _ in RuleBodyParser::new(input, &mut descriptors) {}
    let rule = PropertyRule {
        name,
        syntax: descriptors.syntax?,
        inherits: descriptors.inherits?,
        initial: descriptors.initial,
    };
    let fits = match (&rule.initial, &rule.syntax) {
        (Some(initial), syntax) => syntax.takes(initial),
        (None, syntax) => *syntax == Syntax::Any,
    };
    fits.then_some(rule)
}

/// The name in the prelude.
pub(super) fn name(input: &mut Parser<'_>) -> Parse<Arc<str>> {
    let name = input.expect_ident()?;
    if name.starts_with("--") {
        return Ok((**name).into());
    }
    Err(invalid())
}

#[derive(Default)]
struct Descriptors {
    syntax: Option<Syntax>,
    inherits: Option<bool>,
    initial: Option<Arc<str>>,
}

impl<'i> DeclarationParser<'i> for Descriptors {
    type Declaration = ();
    type Error = Problem;

    fn parse_value(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
        _: &ParserState,
    ) -> Parse<()> {
        match_ignore_ascii_case! { &name,
            "syntax" => {
                let text = string(input)?;
                self.syntax = Some(Syntax::parse(&text).ok_or_else(invalid)?);
            },
            "inherits" => {
                self.inherits = Some(crate::css::keyword(input, &[("true", true), ("false", false)])?);
            },
            "initial-value" => {
                input.skip_whitespace();
                let start = input.position();
                crate::css::rest(input);
                self.initial = Some(input.slice_from(start).trim().into());
            },
            _ => return Err(ParseError::custom(Problem::UnknownProperty(name.to_string()))),
        }
        Ok(())
    }
}

impl<'i> AtRuleParser<'i> for Descriptors {
    type Prelude = ();
    type AtRule = ();
    type Error = Problem;
}

impl<'i> QualifiedRuleParser<'i> for Descriptors {
    type Prelude = ();
    type QualifiedRule = ();
    type Error = Problem;
}

impl RuleBodyItemParser<'_, (), Problem> for Descriptors {
    fn parse_qualified(&self) -> bool {
        false
    }

    fn parse_declarations(&self) -> bool {
        true
    }
}
