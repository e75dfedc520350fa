//! Generated content.

use super::CounterStyleName;
use std::sync::Arc;

/// How a counter that `counter-reset` makes goes on (CSS Lists 3 §4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counting {
    /// List items add one.
    #[default]
    Up,
    /// `reversed()` with a value: they take one away.
    Down,
    /// `reversed()` without one: the value is such that the last has 1.
    DownToLast,
}

/// Generated content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GeneratedStyle {
    /// `content`; none is `normal`, an empty list `none`.
    pub content: Option<Vec<ContentItem>>,
    /// `counter-reset`.
    pub counter_reset: Vec<(Arc<str>, i32, Counting)>,
    /// `counter-set`.
    pub counter_set: Vec<(Arc<str>, i32)>,
    /// `counter-increment`.
    pub counter_increment: Vec<(Arc<str>, i32)>,
    /// `string-set` (CSS GCPM 3).
    pub string_set: Vec<(Arc<str>, Vec<ContentItem>)>,
    /// The name in `position: running(name)`.
    pub running: Option<Arc<str>>,
    /// `bookmark-level`; none is `none`. The user-agent sheet gives `h1`–`h6` 1 to 6.
    pub bookmark_level: Option<u32>,
    /// `bookmark-label`; empty is the element's text.
    pub bookmark_label: Vec<ContentItem>,
}

/// Which of the values that a page has is asked for (CSS GCPM 3 §1.1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// The first on the page, or else the one in force when it begins.
    #[default]
    First,
    /// The first if the page begins with it, or else the one in force when it begins.
    Start,
    /// The one in force when the page ends.
    Last,
    /// None where the page has one, or else the one in force when it begins.
    FirstExcept,
}

/// What `target-text()` takes of its element (CSS Content 3 §4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TargetPart {
    /// Its text.
    #[default]
    Content,
    /// The first letter of that.
    FirstLetter,
}

/// What `content()` takes of its element (CSS GCPM 3 §1.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementPart {
    /// Its text.
    Text,
    /// The content of its `::before`.
    Before,
    /// The content of its `::after`.
    After,
    /// The first letter of its text.
    FirstLetter,
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
    /// `string(name, pick)` in a margin box.
    String(Arc<str>, Pick),
    /// `element(name, pick)` in a margin box.
    Element(Arc<str>, Pick),
    /// `content(part)` in `string-set` and `bookmark-label`.
    OfElement(ElementPart),
    /// `target-counter(url, name, style)`, and `target-counters()` with its separator.
    TargetCounter(Arc<str>, Arc<str>, Option<Arc<str>>, CounterStyleName),
    /// `target-text(url, part)`.
    TargetText(Arc<str>, TargetPart),
    /// `leader(text)`.
    Leader(Arc<str>),
}
