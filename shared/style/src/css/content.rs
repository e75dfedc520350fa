//! Generated content, counters, quotes and bookmarks (CSS Content 3, CSS Lists 3, CSS GCPM 3).

use super::numeric::integer;
use super::problem::{invalid, unsupported};
use super::{
    Compute, Computing, Parse, ParseContext, computed_as_specified, custom_ident, keyword, string,
};
use crate::computed::{
    ContentItem, CounterStyleName, CounterSymbols, Counting, ElementPart, Pick, TargetPart,
};
use crate::sheet::counter_style::{CounterStyleRule, System};
use cssparser::{Parser, match_ignore_ascii_case};
use std::sync::Arc;

computed_as_specified!(
    CounterStyleName,
    (Arc<str>, i32),
    (Arc<str>, i32, Counting),
    (Arc<str>, Arc<str>),
);

/// A content item as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    /// What does not depend on the element.
    Is(ContentItem),
    /// `attr(name)` with its fallback.
    Attr(Arc<str>, Arc<str>),
    /// A target given as `attr()`: `target-counter(attr(href), page)`.
    TargetOfAttr(Arc<str>, Arc<str>, Option<Arc<str>>, CounterStyleName),
    /// The same of `target-text()`.
    TextOfAttr(Arc<str>, TargetPart),
}

impl Compute for Item {
    type To = ContentItem;
    fn compute(&self, cx: &Computing<'_>) -> ContentItem {
        let attribute = |name: &str| cx.element.and_then(|element| element.attribute(name));
        match self {
            Self::Is(item) => item.clone(),
            Self::Attr(name, fallback) => {
                ContentItem::Text(attribute(name).map_or_else(|| Arc::clone(fallback), Arc::from))
            }
            Self::TargetOfAttr(name, counter, separator, style) => ContentItem::TargetCounter(
                attribute(name).unwrap_or_default().into(),
                Arc::clone(counter),
                separator.clone(),
                style.clone(),
            ),
            Self::TextOfAttr(name, part) => {
                ContentItem::TargetText(attribute(name).unwrap_or_default().into(), *part)
            }
        }
    }
}

/// A list of content items.
pub(crate) type ItemList = Vec<Item>;
/// `string-set` as specified.
pub(crate) type StringSet = Vec<Assignment>;

/// One name and value of `string-set`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Assignment(Arc<str>, ItemList);

impl Compute for Assignment {
    type To = (Arc<str>, Vec<ContentItem>);
    fn compute(&self, cx: &Computing<'_>) -> Self::To {
        (Arc::clone(&self.0), self.1.compute(cx))
    }
}

/// `content`: none is `normal`, an empty list `none`.
pub(crate) type ContentValue = Option<ItemList>;

/// `content`.
pub(crate) fn content(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<ContentValue> {
    if input
        .try_parse(|input| input.expect_ident_matching("normal"))
        .is_ok()
    {
        return Ok(None);
    }
    if input
        .try_parse(|input| input.expect_ident_matching("none"))
        .is_ok()
    {
        return Ok(Some(Vec::new()));
    }
    let list = items(input, cx)?;
    if super::delimiter(input, '/') {
        // Alternative text for assistive technology; checked, then not drawn.
        items(input, cx)?;
    }
    Ok(Some(list))
}

/// At least one content item.
fn items(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<ItemList> {
    let mut list = vec![item(input, cx)?];
    while let Ok(next) = input.try_parse(|input| item(input, cx)) {
        list.push(next);
    }
    Ok(list)
}

fn item(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<Item> {
    if let Ok(text) = input.try_parse(string) {
        return Ok(Item::Is(ContentItem::Text(text)));
    }
    if let Ok(url) = input.try_parse(|input| super::url::url(input, cx.base)) {
        return Ok(Item::Is(ContentItem::Image(url)));
    }
    let quotes = [
        ("open-quote", ContentItem::OpenQuote),
        ("close-quote", ContentItem::CloseQuote),
        ("no-open-quote", ContentItem::NoOpenQuote),
        ("no-close-quote", ContentItem::NoCloseQuote),
    ];
    if let Ok(quote) = input.try_parse(|input| keyword(input, &quotes)) {
        return Ok(Item::Is(quote));
    }
    let name = input.expect_function()?.clone();
    input.parse_nested_block(|input| function(&name, input))
}

fn function(name: &str, input: &mut Parser<'_>) -> Parse<Item> {
    Ok(Item::Is(match_ignore_ascii_case! { name,
        "attr" => return attr(input).map(|(name, fallback)| Item::Attr(name, fallback)),
        "counter" => {
            let name = custom_ident(input, &["none"])?;
            ContentItem::Counter(name, optional_style(input)?)
        },
        "counters" => {
            let name = custom_ident(input, &["none"])?;
            input.expect_comma()?;
            let separator = string(input)?;
            ContentItem::Counters(name, separator, optional_style(input)?)
        },
        "string" => {
            let name = custom_ident(input, &[])?;
            ContentItem::String(name, pick(input)?)
        },
        "element" => {
            let name = custom_ident(input, &[])?;
            ContentItem::Element(name, pick(input)?)
        },
        "content" => {
            let parts = [
                ("text", Some(ElementPart::Text)),
                ("before", Some(ElementPart::Before)),
                ("after", Some(ElementPart::After)),
                ("first-letter", Some(ElementPart::FirstLetter)),
                ("marker", None),
            ];
            let part = if input.is_exhausted() {
                Some(ElementPart::Text)
            } else {
                keyword(input, &parts)?
            };
            ContentItem::OfElement(part.ok_or_else(|| unsupported("content(marker)"))?)
        },
        "leader" => {
            let leaders = [("dotted", "."), ("solid", "_"), ("space", " ")];
            match input.try_parse(string) {
                Ok(text) => ContentItem::Leader(text),
                Err(_) => ContentItem::Leader(keyword(input, &leaders)?.into()),
            }
        },
        "target-counter" => return target_counter(input, false),
        "target-counters" => return target_counter(input, true),
        "target-text" => return target_text(input),
        _ => return Err(invalid()),
    }))
}

/// The second argument of `string()` and `element()`.
fn pick(input: &mut Parser<'_>) -> Parse<Pick> {
    if input.try_parse(Parser::expect_comma).is_err() {
        return Ok(Pick::First);
    }
    let picks = [
        ("first", Pick::First),
        ("start", Pick::Start),
        ("last", Pick::Last),
        ("first-except", Pick::FirstExcept),
    ];
    keyword(input, &picks)
}

/// `attr(name)`, `attr(name type?, fallback?)`; only text can come of it here. Older drafts have a comma before the
/// type, and so has much that is written for printing: `attr(href, url)`.
fn attr(input: &mut Parser<'_>) -> Parse<(Arc<str>, Arc<str>)> {
    let name: Arc<str> = input.expect_ident()?.to_ascii_lowercase().into();
    let kind =
        |input: &mut Parser<'_>| keyword(input, &[("string", ()), ("raw-string", ()), ("url", ())]);
    let after_comma = |input: &mut Parser<'_>| {
        input.expect_comma()?;
        kind(input)
    };
    if input.try_parse(kind).is_err() {
        input.try_parse(after_comma).ok();
    }
    let fallback = match input.try_parse(Parser::expect_comma) {
        Ok(()) => string(input)?,
        Err(_) => "".into(),
    };
    Ok((name, fallback))
}

/// The first argument of the target functions, and whether it is the name of an attribute that has it.
fn target(input: &mut Parser<'_>) -> Parse<(Arc<str>, bool)> {
    let is_attr = input
        .try_parse(|input| input.expect_function_matching("attr"))
        .is_ok();
    let target = if is_attr {
        input.parse_nested_block(attr)?.0
    } else {
        // The reference stays as written: targets are in this document.
        Arc::from(&*input.expect_url_or_string()?)
    };
    Ok((target, is_attr))
}

fn target_text(input: &mut Parser<'_>) -> Parse<Item> {
    let (target, is_attr) = target(input)?;
    let mut part = TargetPart::Content;
    if input.try_parse(Parser::expect_comma).is_ok() {
        let parts = [
            ("content", Some(TargetPart::Content)),
            ("first-letter", Some(TargetPart::FirstLetter)),
            ("before", None),
            ("after", None),
        ];
        part = keyword(input, &parts)?
            .ok_or_else(|| unsupported("target-text() of generated content"))?;
    }
    Ok(if is_attr {
        Item::TextOfAttr(target, part)
    } else {
        Item::Is(ContentItem::TargetText(target, part))
    })
}

/// The arguments of `target-counter()`, or of `target-counters()`.
fn target_counter(input: &mut Parser<'_>, all: bool) -> Parse<Item> {
    let (target, is_attr) = target(input)?;
    input.expect_comma()?;
    let counter = custom_ident(input, &["none"])?;
    let separator = if all {
        input.expect_comma()?;
        Some(string(input)?)
    } else {
        None
    };
    let style = optional_style(input)?;
    Ok(if is_attr {
        Item::TargetOfAttr(target, counter, separator, style)
    } else {
        Item::Is(ContentItem::TargetCounter(
            target, counter, separator, style,
        ))
    })
}

fn optional_style(input: &mut Parser<'_>) -> Parse<CounterStyleName> {
    match input.try_parse(Parser::expect_comma) {
        // As a list's style, it shows nothing (CSS 2.2 §12.4).
        Ok(()) => Ok(super::none_or(input, counter_style)?
            .unwrap_or_else(|| CounterStyleName::Text("".into()))),
        Err(_) => Ok(CounterStyleName::Named("decimal".into())),
    }
}

/// A `<counter-style>` name or a string. Predefined names are kept in lower case.
pub(crate) fn counter_style(input: &mut Parser<'_>) -> Parse<CounterStyleName> {
    if let Ok(text) = input.try_parse(string) {
        return Ok(CounterStyleName::Text(text));
    }
    if input
        .try_parse(|input| input.expect_function_matching("symbols"))
        .is_ok()
    {
        return input.parse_nested_block(counter_symbols);
    }
    let name = custom_ident(input, &[])?;
    let lower = name.to_ascii_lowercase();
    let name = if crate::counter::is_predefined(&lower) {
        lower.into()
    } else {
        name
    };
    Ok(CounterStyleName::Named(name))
}

/// The arguments of `symbols()`; images are not strings.
fn counter_symbols(input: &mut Parser<'_>) -> Parse<CounterStyleName> {
    let systems = [
        ("cyclic", System::Cyclic),
        ("numeric", System::Numeric),
        ("alphabetic", System::Alphabetic),
        ("symbolic", System::Symbolic),
        ("fixed", System::Fixed(1)),
    ];
    let system = input.try_parse(|input| keyword(input, &systems));
    let system = system.unwrap_or(System::Symbolic);
    let mut rule = CounterStyleRule::new("".into(), system);
    while !input.is_exhausted() {
        rule.symbols.push(string(input)?);
    }
    if rule.has_symbols() {
        Ok(CounterStyleName::Symbols(CounterSymbols(Arc::new(rule))))
    } else {
        Err(invalid())
    }
}

/// `counter-increment` and `counter-set`: names with numbers, `default` where none is given.
pub(crate) fn counters(input: &mut Parser<'_>, default: i32) -> Parse<Vec<(Arc<str>, i32)>> {
    let list = |input: &mut Parser<'_>| {
        let mut counters = Vec::new();
        while !input.is_exhausted() {
            let name = custom_ident(input, &["none"])?;
            let value = input.try_parse(integer).unwrap_or(default);
            counters.push((name, value));
        }
        if counters.is_empty() {
            Err(invalid())
        } else {
            Ok(counters)
        }
    };
    Ok(super::none_or(input, list)?.unwrap_or_default())
}

/// `counter-reset`: as [`counters`], with `reversed(name)`.
pub(crate) fn counter_reset(input: &mut Parser<'_>) -> Parse<Vec<(Arc<str>, i32, Counting)>> {
    let list = |input: &mut Parser<'_>| {
        let mut counters = Vec::new();
        while !input.is_exhausted() {
            let reversed = input
                .try_parse(|input| input.expect_function_matching("reversed"))
                .is_ok();
            let name = if reversed {
                input.parse_nested_block(|input| custom_ident(input, &["none"]))?
            } else {
                custom_ident(input, &["none"])?
            };
            let value = input.try_parse(integer).ok();
            let counting = match (reversed, value) {
                (false, _) => Counting::Up,
                (true, Some(_)) => Counting::Down,
                (true, None) => Counting::DownToLast,
            };
            counters.push((name, value.unwrap_or(0), counting));
        }
        if counters.is_empty() {
            Err(invalid())
        } else {
            Ok(counters)
        }
    };
    Ok(super::none_or(input, list)?.unwrap_or_default())
}

/// Opening and closing marks, outermost first.
pub(crate) type QuotePairs = Vec<(Arc<str>, Arc<str>)>;

/// `quotes`.
pub(crate) fn quotes(input: &mut Parser<'_>) -> Parse<Option<QuotePairs>> {
    if input
        .try_parse(|input| input.expect_ident_matching("auto"))
        .is_ok()
    {
        return Ok(None);
    }
    if input
        .try_parse(|input| input.expect_ident_matching("none"))
        .is_ok()
    {
        return Ok(Some(Vec::new()));
    }
    let mut pairs = Vec::new();
    while !input.is_exhausted() {
        pairs.push((string(input)?, string(input)?));
    }
    if pairs.is_empty() {
        Err(invalid())
    } else {
        Ok(Some(pairs))
    }
}

/// `string-set`.
pub(crate) fn string_set(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<StringSet> {
    let list = |input: &mut Parser<'_>| {
        input.parse_comma_separated(|input| {
            let name = custom_ident(input, &["none"])?;
            Ok(Assignment(name, items(input, cx)?))
        })
    };
    Ok(super::none_or(input, list)?.unwrap_or_default())
}

/// `bookmark-level` as a number.
pub(crate) fn bookmark_level(input: &mut Parser<'_>) -> Parse<u32> {
    u32::try_from(integer(input)?)
        .ok()
        .filter(|level| *level >= 1)
        .ok_or_else(invalid)
}

/// `bookmark-label`.
pub(crate) fn bookmark_label(input: &mut Parser<'_>, cx: &ParseContext<'_>) -> Parse<ItemList> {
    let list = items(input, cx)?;
    let own_text = [Item::Is(ContentItem::OfElement(ElementPart::Text))];
    // Empty stands for the element's text, the initial value.
    Ok(if list == own_text { Vec::new() } else { list })
}

/// Whether a value written `text` may read attributes, which keeps its style from being shared.
pub(crate) fn reads_attributes(items: &[Item]) -> bool {
    items.iter().any(|item| !matches!(item, Item::Is(_)))
}
