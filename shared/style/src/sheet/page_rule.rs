//! `@page` rules and their margin boxes (CSS Paged Media 3 §4–5).

use crate::css::declaration::{Block, declare, parse_block};
use crate::css::problem::{describe, invalid};
use crate::css::{Parse, Problem};
use crate::page::{MarginBox, PageSelector};
use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, Parser, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, SourceLocation, Token, match_ignore_ascii_case, parse_nth,
};
use std::sync::Arc;

/// An `@page` rule.
#[derive(Debug)]
pub(crate) struct PageRule {
    /// Which pages it is for; none is all.
    pub(crate) selectors: Vec<PageSelectorRule>,
    /// Its own declarations.
    pub(crate) block: Arc<Block>,
    /// The margin boxes' declarations, in order.
    pub(crate) margin_boxes: Vec<(MarginBox, Arc<Block>)>,
    /// The declarations of its footnote area, in order.
    pub(crate) footnotes: Vec<Arc<Block>>,
    /// Its layer, 0 for none.
    pub(crate) layer: u16,
}

/// One selector of an `@page` rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageSelectorRule {
    name: Option<Arc<str>>,
    first: bool,
    blank: bool,
    /// `:right` when true.
    side: Option<bool>,
    /// `:nth(An+B)`.
    nth: Option<(i32, i32)>,
    /// `of name` in it: the pages counted are those of one element with that page name.
    of: Option<Arc<str>>,
}

impl PageSelectorRule {
    fn matches(&self, page: &PageSelector<'_>) -> bool {
        let counted = |index: usize, (step, offset): (i32, i32)| {
            let beyond = i64::try_from(index).unwrap_or(i64::MAX - 1) + 1 - i64::from(offset);
            let step = i64::from(step);
            if step == 0 {
                beyond == 0
            } else {
                beyond % step == 0 && beyond / step >= 0
            }
        };
        self.name
            .as_deref()
            .is_none_or(|name| page.name == Some(name))
            && (!self.first || page.index == 0)
            && (!self.blank || page.blank)
            && self.side.is_none_or(|right| page.right == right)
            && self.nth.is_none_or(|nth| match &self.of {
                None => counted(page.index, nth),
                Some(of) => {
                    let mut groups = page.groups.iter();
                    page.name == Some(of)
                        && groups.any(|(name, index)| name == of && counted(*index, nth))
                }
            })
    }

    /// Named (also in `:nth(… of name)`), then `:first`, `:blank` and `:nth()`, then sides (§4.4).
    fn specificity(&self) -> u32 {
        let middle = u32::from(self.first) + u32::from(self.blank) + u32::from(self.nth.is_some());
        (u32::from(self.name.is_some() || self.of.is_some()) << 20)
            + (middle << 10)
            + u32::from(self.side.is_some())
    }
}

impl PageRule {
    /// The specificity of the selector by which the rule is for `page`, if it is.
    pub(crate) fn matches(&self, page: &PageSelector<'_>) -> Option<u32> {
        if self.selectors.is_empty() {
            return Some(0);
        }
        self.selectors
            .iter()
            .filter(|selector| selector.matches(page))
            .map(PageSelectorRule::specificity)
            .max()
    }
}

/// The selectors after `@page`.
pub(super) fn selectors(input: &mut Parser<'_>) -> Parse<Vec<PageSelectorRule>> {
    if input.is_exhausted() {
        return Ok(Vec::new());
    }
    input.parse_comma_separated(|input| {
        let mut rule = PageSelectorRule {
            name: input
                .try_parse(|input| crate::css::custom_ident(input, &["auto"]))
                .ok(),
            ..PageSelectorRule::default()
        };
        while input.try_parse(Parser::expect_colon).is_ok() {
            let token = input.next_including_whitespace()?.clone();
            match token {
                Token::Ident(name) => match_ignore_ascii_case! { &name,
                    "first" => rule.first = true,
                    "blank" => rule.blank = true,
                    "left" | "verso" => rule.side = Some(false),
                    "right" | "recto" => rule.side = Some(true),
                    _ => return Err(invalid()),
                },
                Token::Function(name) if name.eq_ignore_ascii_case("nth") => {
                    let (nth, of) = input.parse_nested_block(|input| {
                        let nth = parse_nth(input)?;
                        let counts_group = input
                            .try_parse(|input| input.expect_ident_matching("of"))
                            .is_ok();
                        let of = counts_group
                            .then(|| crate::css::custom_ident(input, &["auto"]))
                            .transpose()?;
                        Ok((nth, of))
                    })?;
                    (rule.nth, rule.of) = (Some(nth), of);
                }
                _ => return Err(invalid()),
            }
        }
        if rule == PageSelectorRule::default() {
            Err(invalid())
        } else {
            Ok(rule)
        }
    })
}

/// Parses the block of an `@page` rule.
pub(super) fn parse(
    input: &mut Parser<'_>,
    selectors: Vec<PageSelectorRule>,
    base: &Arc<str>,
    layer: u16,
    report: &mut dyn FnMut(SourceLocation, String),
) -> PageRule {
    let mut parser = PageParser {
        base,
        block: Block::default(),
        boxes: Vec::new(),
        footnotes: Vec::new(),
        report,
    };
    let mut items = RuleBodyParser::new(input, &mut parser);
    while let Some(result) = items.next() {
        if let Err((error, source, location)) = result {
            (items.parser.report)(location, describe(&error, source));
        }
    }
    PageRule {
        selectors,
        block: Arc::new(parser.block),
        margin_boxes: parser.boxes,
        footnotes: parser.footnotes,
        layer,
    }
}

/// What a rule inside `@page` is about.
#[derive(Clone, Copy)]
enum Area {
    Margin(MarginBox),
    Footnotes,
}

struct PageParser<'a> {
    base: &'a Arc<str>,
    block: Block,
    boxes: Vec<(MarginBox, Arc<Block>)>,
    footnotes: Vec<Arc<Block>>,
    report: &'a mut dyn FnMut(SourceLocation, String),
}

impl<'i> DeclarationParser<'i> for PageParser<'_> {
    type Declaration = ();
    type Error = Problem;

    fn parse_value(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
        _: &ParserState,
    ) -> Parse<()> {
        declare(&name, input, self.base, &mut self.block)
    }
}

impl<'i> AtRuleParser<'i> for PageParser<'_> {
    type Prelude = Area;
    type AtRule = ();
    type Error = Problem;

    fn parse_prelude(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i>) -> Parse<Area> {
        let place = match_ignore_ascii_case! { &name,
            "footnote" => return Ok(Area::Footnotes),
            "top-left-corner" => MarginBox::TopLeftCorner,
            "top-left" => MarginBox::TopLeft,
            "top-center" => MarginBox::TopCenter,
            "top-right" => MarginBox::TopRight,
            "top-right-corner" => MarginBox::TopRightCorner,
            "right-top" => MarginBox::RightTop,
            "right-middle" => MarginBox::RightMiddle,
            "right-bottom" => MarginBox::RightBottom,
            "bottom-right-corner" => MarginBox::BottomRightCorner,
            "bottom-right" => MarginBox::BottomRight,
            "bottom-center" => MarginBox::BottomCenter,
            "bottom-left" => MarginBox::BottomLeft,
            "bottom-left-corner" => MarginBox::BottomLeftCorner,
            "left-bottom" => MarginBox::LeftBottom,
            "left-middle" => MarginBox::LeftMiddle,
            "left-top" => MarginBox::LeftTop,
            _ => {
                let message = format!("@{name} in @page");
                crate::css::rest(input);
                return Err(crate::css::problem::unsupported(message));
            }
        };
        Ok(Area::Margin(place))
    }

    fn parse_block(&mut self, area: Area, _: &ParserState, input: &mut Parser<'i>) -> Parse<()> {
        // The block's own parser counts from its text; add where that starts.
        input.skip_whitespace();
        let start = input.current_source_location();
        let css = crate::css::rest(input);
        let report = &mut *self.report;
        let block = parse_block(css, self.base, &mut |location, message| {
            let first = location.line == 0;
            let column = if first {
                start.column + location.column - 1
            } else {
                location.column
            };
            report(
                SourceLocation {
                    line: start.line + location.line,
                    column,
                },
                message,
            );
        });
        match area {
            Area::Margin(place) => self.boxes.push((place, Arc::new(block))),
            Area::Footnotes => self.footnotes.push(Arc::new(block)),
        }
        Ok(())
    }
}

impl QualifiedRuleParser<'_> for PageParser<'_> {
    type Prelude = ();
    type QualifiedRule = ();
    type Error = Problem;
}

impl RuleBodyItemParser<'_, (), Problem> for PageParser<'_> {
    fn parse_declarations(&self) -> bool {
        true
    }
    fn parse_qualified(&self) -> bool {
        false
    }
}
