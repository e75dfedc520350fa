//! Generated content.

use super::CounterStyleName;
use std::sync::Arc;

/// Generated content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GeneratedStyle {
    /// `content`; none is `normal`, an empty list `none`.
    pub content: Option<Vec<ContentItem>>,
    /// `counter-reset`; true marks `reversed()`.
    pub counter_reset: Vec<(Arc<str>, i32, bool)>,
    /// `counter-set`.
    pub counter_set: Vec<(Arc<str>, i32)>,
    /// `counter-increment`.
    pub counter_increment: Vec<(Arc<str>, i32)>,
    /// `string-set` (CSS GCPM 3).
    pub string_set: Vec<(Arc<str>, Vec<ContentItem>)>,
    /// `bookmark-level`; none is `none`. The user-agent sheet gives `h1`–`h6` 1 to 6.
    pub bookmark_level: Option<u32>,
    /// `bookmark-label`; empty is the element's text.
    pub bookmark_label: Vec<ContentItem>,
}

/// One item of a `content` list, `attr()` already replaced by its text.
#[derive(Clone, Debug, PartialEq)]
pub enum ContentItem {
    /// Text.
    Text(Arc<str>),
    /// `counter(name, style)`; `page` and `pages` are the page counters.
    Counter(Arc<str>, CounterStyleName),
    /// `counters(name, separator, style)`.
    Counters(Arc<str>, Arc<str>, CounterStyleName),
    /// `open-quote`.
    OpenQuote,
    /// `close-quote`.
    CloseQuote,
    /// `no-open-quote`.
    NoOpenQuote,
    /// `no-close-quote`.
    NoCloseQuote,
    /// An image.
    Image(Arc<str>),
    /// `string(name)` in a margin box.
    String(Arc<str>),
    /// `content()` or `content(text)` in `string-set` and `bookmark-label`.
    ElementText,
    /// `target-counter(url, name, style)`.
    TargetCounter(Arc<str>, Arc<str>, CounterStyleName),
    /// `leader(text)`.
    Leader(Arc<str>),
}
