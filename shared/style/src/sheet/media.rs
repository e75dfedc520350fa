//! Media queries (Media Queries 4), answered for paper: an A4 page before any `@page` is read (§4.1).

use crate::css::numeric::{Units, distance, number};
use crate::css::problem::invalid;
use crate::css::{Parse, delimiter};
use crate::page::A4;
use cssparser::{Delimiter, Parser, Token, match_ignore_ascii_case};

/// Whether any query of a comma-separated list holds; an empty list does.
pub(crate) fn query_list(input: &mut Parser<'_>) -> Parse<bool> {
    if input.is_exhausted() {
        return Ok(true);
    }
    let mut any = false;
    loop {
        // A malformed query is `not all`; the others still count (§3.2).
        let holds = input.parse_until_before(Delimiter::Comma, |input| query(input));
        any |= holds.unwrap_or(false);
        if input.try_parse(Parser::expect_comma).is_err() {
            return Ok(any);
        }
    }
}

/// Whether a media attribute's queries hold.
pub(crate) fn attribute_holds(text: &str) -> bool {
    query_list(&mut Parser::new(text)).unwrap_or(false)
}

fn query(input: &mut Parser<'_>) -> Parse<bool> {
    let typed = input.try_parse(|input| -> Parse<bool> {
        let mut negated = false;
        let mut name = input.expect_ident_cloned()?;
        match_ignore_ascii_case! { &name,
            "not" => {
                negated = true;
                name = input.expect_ident_cloned()?;
            },
            "only" => name = input.expect_ident_cloned()?,
            _ => {}
        }
        let mut holds = match_ignore_ascii_case! { &name,
            "all" | "print" => true,
            "and" | "or" | "not" | "only" | "layer" => return Err(invalid()),
            _ => false,
        };
        while input
            .try_parse(|input| input.expect_ident_matching("and"))
            .is_ok()
        {
            // Unknown features are neither true nor false; both ways the query does not hold.
            holds &= in_parens(input)?.unwrap_or(negated);
        }
        input.expect_exhausted()?;
        Ok(holds != negated)
    });
    if let Ok(holds) = typed {
        return Ok(holds);
    }
    let holds = condition(input)?;
    input.expect_exhausted()?;
    Ok(holds.unwrap_or(false))
}

/// A condition's truth; none when a feature is unknown.
fn condition(input: &mut Parser<'_>) -> Parse<Option<bool>> {
    if input
        .try_parse(|input| input.expect_ident_matching("not"))
        .is_ok()
    {
        return Ok(in_parens(input)?.map(|holds| !holds));
    }
    let mut holds = in_parens(input)?;
    if input
        .try_parse(|input| input.expect_ident_matching("and"))
        .is_ok()
    {
        loop {
            holds = match (holds, in_parens(input)?) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
            if input
                .try_parse(|input| input.expect_ident_matching("and"))
                .is_err()
            {
                return Ok(holds);
            }
        }
    }
    while input
        .try_parse(|input| input.expect_ident_matching("or"))
        .is_ok()
    {
        holds = match (holds, in_parens(input)?) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
    }
    Ok(holds)
}

fn in_parens(input: &mut Parser<'_>) -> Parse<Option<bool>> {
    match input.next()? {
        Token::ParenthesisBlock => {}
        Token::Function(_) => {
            return input.parse_nested_block(|input| {
                crate::css::rest(input);
                Ok(None)
            });
        }
        _ => return Err(invalid()),
    }
    input.parse_nested_block(|input| {
        if let Ok(holds) = input.try_parse(condition) {
            return Ok(holds);
        }
        if let Ok(holds) = input.try_parse(feature) {
            return Ok(holds);
        }
        crate::css::rest(input);
        Ok(None)
    })
}

/// The page margins of the user-agent style sheet, both sides together, in px.
const MARGINS: f32 = 150.0;

/// What a feature is on paper.
enum Actual {
    /// A length in px with two readings: the page box's is Media Queries 4 §4.1, that of what is between the
    /// margins is nearer to browsers. What holds for one alone does not hold: A4 is no narrow window
    /// (`max-width: 768px`), and has no room for what is made for a wide one (`min-width: 768px`).
    Between(f32, f32),
    /// A length in px, a ratio or a number.
    Number(f32),
    /// One keyword.
    Keyword(&'static str),
}

fn actual(name: &str) -> Option<Actual> {
    let (width, height) = (A4.width.0, A4.height.0);
    Some(match name {
        "width" => Actual::Between(width - MARGINS, width),
        "height" => Actual::Between(height - MARGINS, height),
        "device-width" => Actual::Number(width),
        "device-height" => Actual::Number(height),
        "aspect-ratio" | "device-aspect-ratio" => Actual::Number(width / height),
        "color" => Actual::Number(8.0),
        "color-index" | "monochrome" | "grid" => Actual::Number(0.0),
        // In dots per px; 300 dpi is what print is made for.
        "resolution" | "-webkit-device-pixel-ratio" => Actual::Number(300.0 / 96.0),
        "orientation" => Actual::Keyword("portrait"),
        "hover" | "any-hover" | "pointer" | "any-pointer" | "update" | "scripting"
        | "overflow-inline" | "inverted-colors" | "forced-colors" => Actual::Keyword("none"),
        "overflow-block" => Actual::Keyword("paged"),
        "prefers-color-scheme" => Actual::Keyword("light"),
        "prefers-reduced-motion" => Actual::Keyword("reduce"),
        "prefers-contrast" | "prefers-reduced-transparency" | "prefers-reduced-data" => {
            Actual::Keyword("no-preference")
        }
        "color-gamut" => Actual::Keyword("srgb"),
        "scan" => Actual::Keyword("progressive"),
        "display-mode" => Actual::Keyword("browser"),
        "dynamic-range" | "video-dynamic-range" => Actual::Keyword("standard"),
        _ => return None,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Comparison {
    fn holds(self, left: f32, right: f32) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Equal => (left - right).abs() < 0.001,
            Self::AtLeast => left >= right,
            Self::More => left > right,
        }
    }

    fn flipped(self) -> Self {
        match self {
            Self::Less => Self::More,
            Self::AtMost => Self::AtLeast,
            Self::Equal => Self::Equal,
            Self::AtLeast => Self::AtMost,
            Self::More => Self::Less,
        }
    }

    fn parse(input: &mut Parser<'_>) -> Parse<Self> {
        let strict = match input.next()? {
            Token::Delim('=') => return Ok(Self::Equal),
            Token::Delim('<') => Self::Less,
            Token::Delim('>') => Self::More,
            _ => return Err(invalid()),
        };
        let start = input.state();
        if matches!(input.next_including_whitespace(), Ok(Token::Delim('='))) {
            return Ok(if strict == Self::Less {
                Self::AtMost
            } else {
                Self::AtLeast
            });
        }
        input.reset(&start);
        Ok(strict)
    }
}

/// A feature in parentheses: `name`, `name: value`, or a range.
fn feature(input: &mut Parser<'_>) -> Parse<Option<bool>> {
    let Ok(name) = input.try_parse(|input| input.expect_ident_cloned()) else {
        return range_from_value(input);
    };
    let name = name.to_ascii_lowercase();
    if input.is_exhausted() {
        return Ok(actual(&name).map(|actual| match actual {
            Actual::Number(value) | Actual::Between(value, _) => value != 0.0,
            Actual::Keyword(keyword) => !matches!(keyword, "none" | "no-preference"),
        }));
    }
    if input.try_parse(Parser::expect_colon).is_ok() {
        let (plain, comparison) = if let Some(plain) = name.strip_prefix("min-") {
            (plain, Comparison::AtLeast)
        } else if let Some(plain) = name.strip_prefix("max-") {
            (plain, Comparison::AtMost)
        } else {
            (name.as_str(), Comparison::Equal)
        };
        return match actual(plain) {
            None => Ok(None),
            Some(Actual::Number(own)) => {
                let wanted = value(input)?;
                Ok(Some(comparison.holds(own, wanted)))
            }
            Some(Actual::Between(least, most)) => {
                let wanted = value(input)?;
                Ok(Some(
                    comparison.holds(least, wanted) && comparison.holds(most, wanted),
                ))
            }
            Some(Actual::Keyword(keyword)) => {
                let wanted = input.expect_ident()?;
                Ok(Some(wanted.eq_ignore_ascii_case(keyword)))
            }
        };
    }
    let comparison = Comparison::parse(input)?;
    let wanted = value(input)?;
    Ok(match actual(&name) {
        Some(Actual::Number(own)) => Some(comparison.holds(own, wanted)),
        Some(Actual::Between(least, most)) => {
            Some(comparison.holds(least, wanted) && comparison.holds(most, wanted))
        }
        _ => None,
    })
}

/// `400px <= width` and `400px <= width <= 700px`.
fn range_from_value(input: &mut Parser<'_>) -> Parse<Option<bool>> {
    let low = value(input)?;
    let first = Comparison::parse(input)?.flipped();
    let name = input.expect_ident()?.to_ascii_lowercase();
    let (least, most) = match actual(&name) {
        Some(Actual::Number(own)) => (own, own),
        Some(Actual::Between(least, most)) => (least, most),
        _ => return Ok(None),
    };
    let mut holds = first.holds(least, low) && first.holds(most, low);
    if !input.is_exhausted() {
        let second = Comparison::parse(input)?;
        let high = value(input)?;
        holds &= second.holds(least, high) && second.holds(most, high);
    }
    Ok(Some(holds))
}

/// A length in px, a ratio, a resolution in dots per px, or a number.
fn value(input: &mut Parser<'_>) -> Parse<f32> {
    // Relative units are of the initial values (§1.3).
    let units = Units {
        ratios: crate::computed::FontRatios::default(),
        font_size: 16.0,
        root_font_size: 16.0,
        line_height: 19.2,
        root_line_height: 19.2,
        viewport: A4,
    };
    if let Ok(first) = input.try_parse(number) {
        return if delimiter(input, '/') {
            Ok(first / number(input)?)
        } else {
            Ok(first)
        };
    }
    if let Ok(length) = input.try_parse(distance) {
        return Ok(length.0.resolve(&units).to_length().unwrap_or_default().0);
    }
    match input.next()? {
        Token::Dimension { value, unit, .. } => Ok(match_ignore_ascii_case! { unit,
            "dpi" => value / 96.0,
            "dpcm" => value * 2.54 / 96.0,
            "dppx" | "x" => *value,
            _ => return Err(invalid()),
        }),
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::attribute_holds;

    #[test]
    fn answers_for_paper() {
        for (query, expected) in [
            ("", true),
            ("print", true),
            ("screen", false),
            ("not screen", true),
            ("screen, print", true),
            ("only print and (orientation: portrait)", true),
            ("(min-width: 600px)", true),
            ("(min-width: 640px) and (max-width: 800px)", true),
            ("(max-width: 768px)", false),
            ("(min-width: 768px)", false),
            ("(640px <= width <= 800px)", true),
            ("(max-width: 600px)", false),
            ("(400px <= width <= 600px)", false),
            ("(width > 15cm) and (height < 30cm)", true),
            ("not (min-width: 600px)", false),
            ("(unknown: 1)", false),
            ("not (unknown: 1)", false),
            ("(color) or (hover)", true),
            ("print and", false),
            ("(prefers-color-scheme: dark)", false),
        ] {
            assert_eq!(attribute_holds(query), expected, "{query}");
        }
    }
}
