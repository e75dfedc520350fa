//! A door in front of the tree builder that stops what would make it slow or large.
//!
//! The builder scans its stack of open elements for most tags, so unbounded nesting costs quadratic
//! time; and unclosed formatting elements are re-opened in every paragraph, which multiplies nodes.

use super::sink::{Scratch, Sink};
use super::{DEEPEST, MOST_FORMATTING};
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::TreeBuilder;
use html5ever::{LocalName, local_name};
use std::cell::{Cell, RefCell};

/// The tree builder behind its limits.
pub(super) struct Limited {
    builder: TreeBuilder<usize, Sink>,
    /// Start tags minus end tags, an upper bound of the open elements.
    open: Cell<usize>,
    /// The same of formatting elements alone.
    formatting: Cell<usize>,
    most_nodes: usize,
    /// Tokens that came, without those that only tell of errors.
    tokens: Cell<usize>,
    /// The tokenizer's line when it gave its last token.
    line: Cell<u64>,
    /// Line feeds in what it was not given.
    passed_feeds: Cell<u64>,
    /// What it gave last was a tag after which it is in its data state, with nothing begun.
    in_data: Cell<bool>,
    /// Names of the elements left out for their depth and not yet ended.
    dropped: RefCell<Vec<LocalName>>,
    flattened: Cell<Option<u32>>,
    truncated: Cell<Option<u32>>,
}

impl Limited {
    pub(super) fn new(builder: TreeBuilder<usize, Sink>, most_nodes: usize) -> Self {
        Self {
            builder,
            open: Cell::new(0),
            formatting: Cell::new(0),
            most_nodes,
            tokens: Cell::new(0),
            line: Cell::new(1),
            passed_feeds: Cell::new(0),
            in_data: Cell::new(false),
            dropped: RefCell::default(),
            flattened: Cell::new(None),
            truncated: Cell::new(None),
        }
    }

    pub(super) fn flattened(&self) -> Option<u32> {
        self.flattened.get()
    }

    pub(super) fn truncated(&self) -> Option<u32> {
        self.truncated.get()
    }

    /// How many tokens came.
    pub(super) fn tokens(&self) -> usize {
        self.tokens.get()
    }

    /// Whether the tokenizer could as well begin with what comes next.
    pub(super) fn in_data(&self) -> bool {
        self.in_data.get()
    }

    /// The tokenizer is given something.
    pub(super) fn leave_data(&self) {
        self.in_data.set(false);
    }

    /// Takes a token of a part of the source that the tokenizer is not given, with so many line feeds. It is
    /// none that the tokenizer would have to be told of; that another encoding may be meant is of no interest.
    pub(super) fn take(&self, token: Token, feeds: u64) {
        self.passed_feeds.set(self.passed_feeds.get() + feeds);
        let result = self.process(token);
        debug_assert!(matches!(
            result,
            TokenSinkResult::Continue | TokenSinkResult::EncodingIndicator(_)
        ));
    }

    pub(super) fn into_scratch(self) -> Vec<Scratch> {
        self.builder.sink.into_nodes()
    }

    /// Hands the token on, unless it is over a limit.
    fn process(&self, token: Token) -> TokenSinkResult<usize> {
        let line = self.line.get() + self.passed_feeds.get();
        let line32 = u32::try_from(line).unwrap_or(u32::MAX);
        if self.builder.sink.len() >= self.most_nodes && !matches!(token, Token::EOFToken) {
            if self.truncated.get().is_none() {
                self.truncated.set(Some(line32));
            }
            return TokenSinkResult::Continue;
        }
        if let Token::TagToken(tag) = &token
            && self.stops(tag, line32)
        {
            return TokenSinkResult::Continue;
        }
        self.builder.process_token(token, line)
    }

    /// Whether the tag goes no further.
    fn stops(&self, tag: &Tag, line: u32) -> bool {
        match tag.kind {
            TagKind::StartTag => {
                let deep =
                    self.open.get() >= DEEPEST && self.builder.sink.insertion_depth() >= DEEPEST;
                let formatting = is_formatting(&tag.name);
                let crowded = formatting && self.formatting.get() >= MOST_FORMATTING;
                if crowded || (deep && !is_void(&tag.name)) {
                    self.dropped.borrow_mut().push(tag.name.clone());
                    if self.flattened.get().is_none() {
                        self.flattened.set(Some(line));
                    }
                    return true;
                }
                if !is_void(&tag.name) && !tag.self_closing {
                    self.open.set(self.open.get() + 1);
                    self.formatting
                        .set(self.formatting.get() + usize::from(formatting));
                }
                false
            }
            TagKind::EndTag => {
                let mut dropped = self.dropped.borrow_mut();
                if dropped.last() == Some(&tag.name) {
                    dropped.pop();
                    return true;
                }
                self.open.set(self.open.get().saturating_sub(1));
                if is_formatting(&tag.name) {
                    self.formatting.set(self.formatting.get().saturating_sub(1));
                }
                false
            }
        }
    }
}

/// The elements that the parser keeps on its list of active formatting elements.
fn is_formatting(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("a")
            | local_name!("b")
            | local_name!("big")
            | local_name!("code")
            | local_name!("em")
            | local_name!("font")
            | local_name!("i")
            | local_name!("nobr")
            | local_name!("s")
            | local_name!("small")
            | local_name!("strike")
            | local_name!("strong")
            | local_name!("tt")
            | local_name!("u")
    )
}

fn is_void(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("area")
            | local_name!("base")
            | local_name!("br")
            | local_name!("col")
            | local_name!("embed")
            | local_name!("hr")
            | local_name!("img")
            | local_name!("input")
            | local_name!("link")
            | local_name!("meta")
            | local_name!("source")
            | local_name!("track")
            | local_name!("wbr")
    )
}

impl TokenSink for Limited {
    type Handle = usize;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<usize> {
        self.line.set(line);
        let is_tag = matches!(token, Token::TagToken(_));
        if !matches!(token, Token::ParseError(_)) {
            self.tokens.set(self.tokens.get() + 1);
        }
        let result = self.process(token);
        let goes_on = matches!(result, TokenSinkResult::Continue);
        self.in_data.set(is_tag && goes_on);
        result
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}
