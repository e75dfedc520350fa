//! Parsing selector lists, within limits that keep matching bounded.

use super::pseudo::{class_named, element_named};
use super::{Fanfold, Name, PseudoClass, PseudoElement, SelectorList};
use crate::css::problem::invalid;
use crate::css::{Parse, Problem, keyword};
use cssparser::{ParseError, Parser};
use html5ever::{Namespace, ns};
use selectors::parser::{ParseRelative, SelectorParseErrorKind};
use std::sync::Arc;

/// Most simple selectors and combinators in one complex selector: matching recurses per combinator.
const MOST_COMPONENTS: usize = 256;

/// Says which selectors there are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SelectorParser {
    /// Whether `&` stands for a parent rule's selector.
    pub(crate) nested: bool,
}

/// Parses a selector list; relative ones (`> p`) only inside a rule.
pub(crate) fn parse_list(parser: SelectorParser, input: &mut Parser<'_>) -> Parse<SelectorList> {
    let relative = if parser.nested {
        ParseRelative::ForNesting
    } else {
        ParseRelative::No
    };
    let list = SelectorList::parse(&parser, input, relative)?;
    if list
        .slice()
        .iter()
        .any(|selector| selector.len() > MOST_COMPONENTS)
    {
        return Err(ParseError::custom(Problem::Limit(format!(
            "a selector has over {MOST_COMPONENTS} parts; the rule has no effect"
        ))));
    }
    Ok(list)
}

fn unsupported<T>() -> Parse<T> {
    Err(ParseError::custom(
        SelectorParseErrorKind::UnsupportedPseudoClassOrElement,
    ))
}

impl<'i> selectors::parser::Parser<'i> for SelectorParser {
    type Impl = Fanfold;
    type Error = Problem;

    fn parse_nth_child_of(&self) -> bool {
        true
    }

    fn parse_is_and_where(&self) -> bool {
        true
    }

    fn parse_has(&self) -> bool {
        true
    }

    // There are no shadow trees on paper; the rules are also about what is beside them in the list.
    fn parse_host(&self) -> bool {
        true
    }

    fn parse_slotted(&self) -> bool {
        true
    }

    fn parse_part(&self) -> bool {
        true
    }

    fn parse_parent_selector(&self) -> bool {
        self.nested
    }

    fn is_is_alias(&self, name: &str) -> bool {
        ["matches", "-webkit-any", "-moz-any"]
            .iter()
            .any(|alias| name.eq_ignore_ascii_case(alias))
    }

    fn parse_non_ts_pseudo_class(&self, name: &str) -> Parse<PseudoClass> {
        class_named(name).map_or_else(unsupported, Ok)
    }

    fn parse_non_ts_functional_pseudo_class(
        &self,
        name: &str,
        input: &mut Parser<'i>,
        _after_part: bool,
    ) -> Parse<PseudoClass> {
        if name.eq_ignore_ascii_case("lang") {
            let ranges = input.parse_comma_separated(|input| -> Parse<Arc<str>> {
                Ok(input.expect_ident_or_string()?.to_ascii_lowercase().into())
            })?;
            return Ok(PseudoClass::Lang(ranges));
        }
        if name.eq_ignore_ascii_case("dir") {
            return keyword(input, &[("rtl", true), ("ltr", false)])
                .map(PseudoClass::Dir)
                .map_err(|_| invalid());
        }
        unsupported()
    }

    fn parse_pseudo_element(&self, name: &str) -> Parse<PseudoElement> {
        element_named(name).map_or_else(unsupported, Ok)
    }

    fn namespace_for_prefix(&self, prefix: &Name) -> Option<Namespace> {
        // Without `@namespace`, the usual prefixes mean what they usually do.
        match &*prefix.0 {
            "svg" => Some(ns!(svg)),
            "html" | "xhtml" => Some(ns!(html)),
            "math" => Some(ns!(mathml)),
            _ => None,
        }
    }
}
