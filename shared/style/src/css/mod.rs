//! CSS values: tokens → specified values → computed values.

pub(crate) mod background;
pub(crate) mod border;
pub(crate) mod border_image;
pub(crate) mod boxes;
mod calc;
pub(crate) mod color;
pub(crate) mod color_mix;
mod color_space;
pub(crate) mod content;
pub(crate) mod declaration;
pub(crate) mod effects;
pub(crate) mod font;
pub(crate) mod gradient;
pub(crate) mod grid;
mod math;
pub(crate) mod numeric;
pub(crate) mod problem;
pub(crate) mod property;
pub(crate) mod shape;
pub(crate) mod shorthand;
pub(crate) mod text;
pub(crate) mod url;

pub(crate) use problem::{Parse, Problem};

use cssparser::{Parser, Token};
use std::sync::Arc;

/// What parsing a value needs to know about its sheet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ParseContext<'a> {
    /// The URL that relative ones are joined with.
    pub(crate) base: &'a str,
}

/// Where the user-agent sheet is from, which alone may say some things. No URL has such a character.
pub(crate) const USER_AGENT: &str = "\u{0}";

impl ParseContext<'_> {
    /// Whether it is the user-agent sheet that is read.
    pub(crate) fn is_user_agent(&self) -> bool {
        self.base == USER_AGENT
    }
}

/// What computing a value needs to know about its element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Computing<'a> {
    /// The bases of relative units.
    pub(crate) units: numeric::Units,
    /// The element's `color`, for `currentcolor`.
    pub(crate) color: fanfold_geometry::Color,
    /// `direction: rtl`.
    pub(crate) rtl: bool,
    /// Where `attr()` looks.
    pub(crate) element: Option<&'a crate::dom::Element>,
    /// The parent's style, for `bolder`, `larger` and the like.
    pub(crate) parent: &'a crate::ComputedStyle,
}

/// A specified value that has a computed one.
pub(crate) trait Compute {
    /// The computed value's type.
    type To;
    /// The computed value on the element that `cx` describes.
    fn compute(&self, cx: &Computing<'_>) -> Self::To;
}

/// Values that are computed as specified.
macro_rules! computed_as_specified {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::css::Compute for $type {
            type To = Self;
            fn compute(&self, _: &$crate::css::Computing<'_>) -> Self {
                self.clone()
            }
        }
    )*};
}
pub(crate) use computed_as_specified;

computed_as_specified!(bool, f32, i32, u32, Arc<str>, (bool, bool));

impl<T: Compute> Compute for Option<T> {
    type To = Option<T::To>;
    fn compute(&self, cx: &Computing<'_>) -> Self::To {
        self.as_ref().map(|value| value.compute(cx))
    }
}

impl<T: Compute> Compute for Vec<T> {
    type To = Vec<T::To>;
    fn compute(&self, cx: &Computing<'_>) -> Self::To {
        self.iter().map(|value| value.compute(cx)).collect()
    }
}

/// One of `choices` by keyword.
pub(crate) fn keyword<T: Clone>(input: &mut Parser<'_>, choices: &[(&str, T)]) -> Parse<T> {
    let ident = input.expect_ident()?;
    choices
        .iter()
        .find(|(name, _)| ident.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.clone())
        .ok_or_else(problem::invalid)
}

/// `none`, or what `parse` gives.
pub(crate) fn none_or<'i, T>(
    input: &mut Parser<'i>,
    parse: impl FnOnce(&mut Parser<'i>) -> Parse<T>,
) -> Parse<Option<T>> {
    named_or(input, "none", parse)
}

/// The keyword `name`, or what `parse` gives.
pub(crate) fn named_or<'i, T>(
    input: &mut Parser<'i>,
    name: &str,
    parse: impl FnOnce(&mut Parser<'i>) -> Parse<T>,
) -> Parse<Option<T>> {
    if input
        .try_parse(|input| input.expect_ident_matching(name))
        .is_ok()
    {
        return Ok(None);
    }
    parse(input).map(Some)
}

/// A `<custom-ident>`, which no CSS-wide keyword nor `reserved` can be.
pub(crate) fn custom_ident(input: &mut Parser<'_>, reserved: &[&str]) -> Parse<Arc<str>> {
    let ident = input.expect_ident()?;
    let wide = [
        "initial",
        "inherit",
        "unset",
        "revert",
        "revert-layer",
        "default",
    ];
    if wide
        .iter()
        .chain(reserved)
        .any(|name| ident.eq_ignore_ascii_case(name))
    {
        return Err(problem::invalid());
    }
    Ok(Arc::from(&**ident))
}

/// A string token.
pub(crate) fn string(input: &mut Parser<'_>) -> Parse<Arc<str>> {
    Ok(Arc::from(&**input.expect_string()?))
}

/// Consumes the rest of the input, nested blocks too, and gives its text.
pub(crate) fn rest<'i>(input: &mut Parser<'i>) -> &'i str {
    input.skip_whitespace();
    let start = input.position();
    while input.next_including_whitespace_and_comments().is_ok() {}
    input.slice_from(start)
}

/// Whether the next token is `expected` as a delimiter; consumes it if so.
pub(crate) fn delimiter(input: &mut Parser<'_>, expected: char) -> bool {
    input
        .try_parse(|input| match input.next() {
            Ok(Token::Delim(found)) if *found == expected => Ok(()),
            _ => Err(()),
        })
        .is_ok()
}
