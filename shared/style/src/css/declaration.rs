//! Declarations and declaration blocks.

use super::content::reads_attributes;
use super::problem::invalid;
use super::property::{PropertyId, Value, unknown};
use super::{Parse, ParseContext, Problem, keyword, shorthand};
use cssparser::{Delimiter, ParseError, Parser};
use std::sync::Arc;

/// CSS-wide keywords (CSS Cascade 5 §7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wide {
    Initial,
    Inherit,
    Unset,
    Revert,
    RevertLayer,
}

/// One longhand or custom property set by a declaration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Setting {
    /// A parsed value.
    Value(Value),
    /// A CSS-wide keyword.
    Wide(PropertyId, Wide),
    /// A value with `var()`, parsed after substitution.
    Pending(PropertyId, Arc<Pending>),
    /// A custom property.
    Custom(Arc<str>, CustomValue),
}

impl Setting {
    /// The longhand; none for a custom property.
    pub(crate) fn id(&self) -> Option<PropertyId> {
        match self {
            Self::Value(value) => Some(value.id()),
            Self::Wide(id, _) | Self::Pending(id, _) => Some(*id),
            Self::Custom(..) => None,
        }
    }
}

/// A declaration with `var()`, as written.
#[derive(Debug, PartialEq)]
pub(crate) struct Pending {
    /// The property as written, a longhand or a shorthand.
    pub(crate) property: Box<str>,
    /// The value's text.
    pub(crate) css: Box<str>,
    /// What relative URLs are joined with.
    pub(crate) base: Arc<str>,
}

/// A custom property's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CustomValue {
    /// A CSS-wide keyword.
    Wide(CustomWide),
    /// Tokens as text, `var()` not yet substituted.
    Text(Arc<str>),
}

/// What a CSS-wide keyword means for a custom property, which inherits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CustomWide {
    /// The guaranteed-invalid value.
    Initial,
    /// As if not declared here.
    Inherit,
}

/// A block of declarations, in order.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Block {
    /// Settings with their `!important`.
    pub(crate) settings: Vec<(Setting, bool)>,
    /// Some setting is not important.
    pub(crate) has_normal: bool,
    /// Some setting is important.
    pub(crate) has_important: bool,
    /// Computing it reads the element's attributes.
    pub(crate) reads_attributes: bool,
    /// It sets custom properties.
    pub(crate) has_custom: bool,
}

impl Block {
    /// Adds a setting.
    pub(crate) fn push(&mut self, setting: Setting, important: bool) {
        self.has_normal |= !important;
        self.has_important |= important;
        match &setting {
            Setting::Value(Value::Content(Some(items)) | Value::BookmarkLabel(items)) => {
                self.reads_attributes |= reads_attributes(items);
            }
            // String-set rarely reads attributes, and var() may bring attr() in: be safe.
            Setting::Value(Value::StringSet(_)) => self.reads_attributes = true,
            Setting::Pending(_, pending) => self.reads_attributes |= pending.css.contains("attr("),
            Setting::Custom(_, CustomValue::Text(text)) => {
                self.has_custom = true;
                self.reads_attributes |= text.contains("attr(");
            }
            Setting::Custom(..) => self.has_custom = true,
            Setting::Value(_) | Setting::Wide(..) => {}
        }
        self.settings.push((setting, important));
    }
}

/// Parses the value of the declaration of `name` and adds what it sets to `block`.
///
/// `input` ends where the declaration does.
pub(crate) fn declare(
    name: &str,
    input: &mut Parser<'_>,
    base: &Arc<str>,
    block: &mut Block,
) -> Parse<()> {
    if name.starts_with("--") {
        return declare_custom(name, input, block);
    }
    let name = name.to_ascii_lowercase();
    let Some(property) = shorthand::Property::named(&name) else {
        if shorthand::is_ignored(&name) {
            super::rest(input);
            return Ok(());
        }
        return Err(match shorthand::unsupported_property(&name) {
            true => super::problem::unsupported(format!("the property `{name}`")),
            false => unknown(&name),
        });
    };
    let start = input.state();
    let cx = ParseContext { base };
    let parsed = input.parse_until_before(Delimiter::Bang, |input| {
        parse_settings(&property, input, &cx)
    });
    let parsed = parsed.and_then(|settings| Ok((settings, important(input)?)));
    match parsed {
        Ok((settings, important)) => {
            for setting in settings {
                block.push(setting, important);
            }
            Ok(())
        }
        Err(error) => {
            input.reset(&start);
            let (css, important) = text_and_importance(input)?;
            if !mentions_var(&css) {
                return Err(error);
            }
            let pending = Arc::new(Pending {
                property: name.into(),
                css: css.into(),
                base: Arc::clone(base),
            });
            for id in property.longhands() {
                block.push(Setting::Pending(*id, Arc::clone(&pending)), important);
            }
            Ok(())
        }
    }
}

fn declare_custom(name: &str, input: &mut Parser<'_>, block: &mut Block) -> Parse<()> {
    /// Longest custom property value that is kept.
    const LONGEST: usize = 64 * 1024;
    let (css, important) = text_and_importance(input)?;
    if css.len() > LONGEST {
        return Err(ParseError::custom(Problem::Limit(format!(
            "the value of a custom property is over {LONGEST} bytes"
        ))));
    }
    let value = match css.to_ascii_lowercase().as_str() {
        "initial" => CustomValue::Wide(CustomWide::Initial),
        // Origins are not rolled back for custom properties; inheriting is what is left of revert.
        "inherit" | "unset" | "revert" | "revert-layer" => CustomValue::Wide(CustomWide::Inherit),
        _ => CustomValue::Text(css.into()),
    };
    block.push(Setting::Custom(name.into(), value), important);
    Ok(())
}

/// The settings of a value without `var()`.
fn parse_settings(
    property: &shorthand::Property,
    input: &mut Parser<'_>,
    cx: &ParseContext<'_>,
) -> Parse<Vec<Setting>> {
    if let Ok(wide) = input.try_parse(wide) {
        return Ok(property
            .longhands()
            .iter()
            .map(|id| Setting::Wide(*id, wide))
            .collect());
    }
    let values = property.parse(input, cx)?;
    input.expect_exhausted()?;
    Ok(values.into_iter().map(Setting::Value).collect())
}

/// The values of `property` (as written) from text where `var()` has been substituted.
pub(crate) fn parse_substituted(property: &str, css: &str, base: &str) -> Option<Vec<Setting>> {
    let property = shorthand::Property::named(property)?;
    let mut input = Parser::new(css);
    let settings = parse_settings(&property, &mut input, &ParseContext { base }).ok()?;
    input.is_exhausted().then_some(settings)
}

/// Whether `css` is a valid value of `name`, for `@supports`.
pub(crate) fn is_supported(name: &str, input: &mut Parser<'_>) -> bool {
    let mut block = Block::default();
    let name_lower = name.to_ascii_lowercase();
    let known = name.starts_with("--") || shorthand::Property::named(&name_lower).is_some();
    known && declare(name, input, &Arc::from(""), &mut block).is_ok()
}

fn wide(input: &mut Parser<'_>) -> Parse<Wide> {
    let keywords = [
        ("initial", Wide::Initial),
        ("inherit", Wide::Inherit),
        ("unset", Wide::Unset),
        ("revert", Wide::Revert),
        ("revert-layer", Wide::RevertLayer),
    ];
    let wide = keyword(input, &keywords)?;
    input.expect_exhausted()?;
    Ok(wide)
}

fn important(input: &mut Parser<'_>) -> Parse<bool> {
    if input.is_exhausted() {
        return Ok(false);
    }
    cssparser::parse_important(input)?;
    input.expect_exhausted()?;
    Ok(true)
}

/// The declaration's text without `!important`, and whether that was there.
fn text_and_importance(input: &mut Parser<'_>) -> Parse<(String, bool)> {
    let text = super::rest(input).trim();
    let lower = text.to_ascii_lowercase();
    let marked = lower
        .strip_suffix("important")
        .map(str::trim_end)
        .and_then(|rest| rest.strip_suffix('!'))
        .map(str::trim_end);
    match marked {
        Some(rest) => Ok((text[..rest.len()].to_owned(), true)),
        None if text.contains('\0') => Err(invalid()),
        None => Ok((text.to_owned(), false)),
    }
}

/// Whether `css` has a `var()` reference.
pub(crate) fn mentions_var(css: &str) -> bool {
    css.as_bytes()
        .windows(4)
        .any(|window| window.eq_ignore_ascii_case(b"var("))
}

/// Parses a `style` attribute, or any declaration list. Problems go to `report` with their place.
pub(crate) fn parse_block(
    css: &str,
    base: &Arc<str>,
    report: &mut dyn FnMut(cssparser::SourceLocation, String),
) -> Block {
    let mut input = Parser::new(css);
    let mut block = Block::default();
    let mut parser = ListParser {
        base,
        block: &mut block,
    };
    for result in cssparser::RuleBodyParser::new(&mut input, &mut parser) {
        if let Err((error, source, location)) = result {
            report(location, super::problem::describe(&error, source));
        }
    }
    block
}

struct ListParser<'a> {
    base: &'a Arc<str>,
    block: &'a mut Block,
}

impl<'i> cssparser::DeclarationParser<'i> for ListParser<'_> {
    type Declaration = ();
    type Error = Problem;

    fn parse_value(
        &mut self,
        name: cssparser::CowRcStr<'i>,
        input: &mut Parser<'i>,
        _: &cssparser::ParserState,
    ) -> Parse<()> {
        declare(&name, input, self.base, self.block)
    }
}

impl cssparser::AtRuleParser<'_> for ListParser<'_> {
    type Prelude = ();
    type AtRule = ();
    type Error = Problem;
}

impl cssparser::QualifiedRuleParser<'_> for ListParser<'_> {
    type Prelude = ();
    type QualifiedRule = ();
    type Error = Problem;
}

impl cssparser::RuleBodyItemParser<'_, (), Problem> for ListParser<'_> {
    fn parse_declarations(&self) -> bool {
        true
    }
    fn parse_qualified(&self) -> bool {
        false
    }
}
