//! `@font-face` (CSS Fonts 4 §4).

use crate::css::problem::describe;
use crate::css::{Parse, Problem, font, named_or, numeric};
use crate::{FontFaceRule, FontSource};
use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, Parser, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, SourceLocation, UnicodeRange, match_ignore_ascii_case,
};
use std::sync::Arc;

/// Parses the block; none without a family or a source.
pub(super) fn parse(
    input: &mut Parser<'_>,
    base: &str,
    report: &mut dyn FnMut(SourceLocation, String),
) -> Option<FontFaceRule> {
    let mut parser = Descriptors {
        base,
        face: FontFaceRule {
            family: "".into(),
            sources: Vec::new(),
            weight: None,
            slant: None,
            stretch: None,
            ranges: Vec::new(),
            features: Vec::new(),
            variations: Vec::new(),
            overrides: [None; 3],
            size_adjust: 1.0,
        },
    };
    for result in RuleBodyParser::new(input, &mut parser) {
        if let Err((error, source, location)) = result {
            report(location, describe(&error, source));
        }
    }
    let face = parser.face;
    (!face.family.is_empty() && !face.sources.is_empty()).then_some(face)
}

struct Descriptors<'a> {
    base: &'a str,
    face: FontFaceRule,
}

/// One value, or two for a range.
fn range<'i>(
    input: &mut Parser<'i>,
    one: impl Fn(&mut Parser<'i>) -> Parse<f32>,
) -> Parse<(f32, f32)> {
    let first = one(input)?;
    let second = input.try_parse(&one).unwrap_or(first);
    Ok((first.min(second), first.max(second)))
}

fn weight(input: &mut Parser<'_>) -> Parse<f32> {
    match font::weight(input)? {
        font::Weight::Number(weight) => Ok(weight),
        font::Weight::Bolder | font::Weight::Lighter => Err(crate::css::problem::invalid()),
    }
}

/// A percentage that is not negative.
fn share(input: &mut Parser<'_>) -> Parse<f32> {
    let share = numeric::percentage(input)?;
    if share < 0.0 {
        Err(crate::css::problem::invalid())
    } else {
        Ok(share)
    }
}

fn source(input: &mut Parser<'_>, base: &str) -> Parse<Option<FontSource>> {
    if input
        .try_parse(|input| input.expect_function_matching("local"))
        .is_ok()
    {
        let name = input.parse_nested_block(font::family)?;
        return Ok(Some(FontSource::Local(name)));
    }
    let url: Arc<str> = crate::css::url::url(input, base)?;
    let mut usable = true;
    while let Ok(function) = input.try_parse(|input| input.expect_function().cloned()) {
        let is_format = function.eq_ignore_ascii_case("format");
        input.parse_nested_block(|input| -> Parse<()> {
            if is_format {
                let name = input.expect_ident_or_string()?.to_ascii_lowercase();
                usable &= matches!(
                    name.trim_end_matches("-variations"),
                    "woff" | "woff2" | "truetype" | "opentype" | "collection"
                );
            }
            crate::css::rest(input);
            Ok(())
        })?;
    }
    Ok(usable.then_some(FontSource::Url(url)))
}

impl<'i> DeclarationParser<'i> for Descriptors<'_> {
    type Declaration = ();
    type Error = Problem;

    fn parse_value(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
        _: &ParserState,
    ) -> Parse<()> {
        match_ignore_ascii_case! { &name,
            "font-family" => self.face.family = font::family(input)?,
            "src" => {
                let base = self.base;
                let sources = input.parse_comma_separated(|input| source(input, base))?;
                self.face.sources = sources.into_iter().flatten().collect();
            },
            "font-weight" => self.face.weight = named_or(input, "auto", |input| range(input, weight))?,
            "font-style" => {
                self.face.slant = named_or(input, "auto", font::slant)?;
                input.try_parse(numeric::angle).ok();
            },
            "font-stretch" | "font-width" => {
                self.face.stretch = named_or(input, "auto", |input| range(input, font::stretch))?;
            },
            "font-feature-settings" => self.face.features = font::settings(input)?,
            "font-variation-settings" => self.face.variations = font::variations(input)?,
            "ascent-override" => self.face.overrides[0] = named_or(input, "normal", share)?,
            "descent-override" => self.face.overrides[1] = named_or(input, "normal", share)?,
            "line-gap-override" => self.face.overrides[2] = named_or(input, "normal", share)?,
            "size-adjust" => self.face.size_adjust = share(input)?,
            "unicode-range" => {
                let ranges = input.parse_comma_separated(|input| Ok(UnicodeRange::parse(input)?))?;
                self.face.ranges = ranges.iter().map(|range| (range.start, range.end)).collect();
            },
            _ => {
                // How it is loaded is no matter on paper.
                crate::css::rest(input);
            }
        }
        input.expect_exhausted()?;
        Ok(())
    }
}

impl AtRuleParser<'_> for Descriptors<'_> {
    type Prelude = ();
    type AtRule = ();
    type Error = Problem;
}

impl QualifiedRuleParser<'_> for Descriptors<'_> {
    type Prelude = ();
    type QualifiedRule = ();
    type Error = Problem;
}

impl RuleBodyItemParser<'_, (), Problem> for Descriptors<'_> {
    fn parse_declarations(&self) -> bool {
        true
    }
    fn parse_qualified(&self) -> bool {
        false
    }
}
