//! The rule parser: style rules with nesting, and at-rules.

use super::color_profile;
use super::counter_style::{self, CounterStyleRule};
use super::page_rule::{self, PageSelectorRule};
use super::reach::reach;
use super::{Import, MOST_RULES, Rule, RuleIndex, Sheet, font_face, media, registered, supports};
use crate::css::declaration::{Block, declare};
use crate::css::problem::{describe, invalid, unsupported};
use crate::css::{Parse, Problem};
use crate::select::{PseudoElement, SelectorList, SelectorParser, parse_list};
use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserState,
    QualifiedRuleParser, RuleBodyItemParser, RuleBodyParser, SourceLocation, StyleSheetParser,
    match_ignore_ascii_case,
};
use selectors::context::QuirksMode;
use selectors::parser::AncestorHashes;
use std::sync::Arc;

/// Most work one unfolded nested selector may be, in bytes of selector text; nesting multiplies.
const HEAVIEST_SELECTOR: usize = 1 << 16;

const TARGET_TEXT: &[u8] = b"target-text";

/// Parses a whole sheet.
pub(super) fn parse(css: &str, base: &str) -> Sheet {
    let mut input = Parser::new(css);
    let mut parser = RuleParser {
        sheet: Sheet::default(),
        base: base.into(),
        layer: 0,
        path: Vec::new(),
        parent: None,
        block: Block::default(),
        imports_allowed: true,
        anonymous: 0,
    };
    let mut rules = StyleSheetParser::new(&mut input, &mut parser);
    while let Some(result) = rules.next() {
        if let Err((error, source, location)) = result {
            rules
                .parser
                .sheet
                .report(location, describe(&error, source));
        }
    }
    let mut sheet = parser.sheet;
    sheet.index = RuleIndex::new(&sheet.rules);
    sheet.pages_may_name_targets = !sheet.pages.is_empty()
        && css
            .as_bytes()
            .windows(TARGET_TEXT.len())
            .any(|part| part.eq_ignore_ascii_case(TARGET_TEXT));
    sheet
}

/// The rule that nested ones are in.
#[derive(Clone)]
struct Parent {
    selectors: SelectorList,
    weight: usize,
}

struct RuleParser {
    sheet: Sheet,
    base: Arc<str>,
    layer: u16,
    path: Vec<Arc<str>>,
    parent: Option<Parent>,
    /// Declarations of the current rule since its last nested one.
    block: Block,
    imports_allowed: bool,
    anonymous: usize,
}

/// What an at-rule's prelude says.
enum AtPrelude {
    Import {
        url: Arc<str>,
        layer: Option<Option<Vec<Arc<str>>>>,
        applies: bool,
    },
    /// `@layer` with its names.
    Layer(Vec<Vec<Arc<str>>>),
    /// `@media` or `@supports`, and whether it holds.
    Condition(bool),
    FontFace,
    Page(Vec<PageSelectorRule>),
    ColorProfile,
    Property(Arc<str>),
    CounterStyle(Arc<str>),
    /// Without effect on paper.
    Ignored,
}

impl RuleParser {
    /// Parses the contents of a block: rules, and declarations inside a style rule.
    fn body(&mut self, input: &mut Parser<'_>) {
        let mut items = RuleBodyParser::new(input, self);
        while let Some(result) = items.next() {
            if let Err((error, source, location)) = result {
                items
                    .parser
                    .sheet
                    .report(location, describe(&error, source));
            }
        }
    }

    /// Ends the run of declarations so far as a rule of the current selectors.
    fn flush(&mut self) {
        if self.block.settings.is_empty() {
            return;
        }
        let block = Arc::new(std::mem::take(&mut self.block));
        let Some(parent) = &self.parent else { return };
        for selector in parent.selectors.slice() {
            let pseudo = match selector.pseudo_elements().as_slice() {
                [] => None,
                [PseudoElement::Is(pseudo)] => Some(*pseudo),
                _ => continue,
            };
            if self.sheet.rules.len() >= MOST_RULES {
                let location = SourceLocation { line: 0, column: 1 };
                self.sheet.report(
                    location,
                    format!("over {MOST_RULES} rules; the rest has no effect"),
                );
                return;
            }
            let reach = reach(selector, &mut self.sheet.nths);
            self.sheet.rules.push(Rule {
                hashes: AncestorHashes::new(selector, QuirksMode::NoQuirks),
                reach,
                selector: selector.clone(),
                pseudo,
                layer: self.layer,
                block: Arc::clone(&block),
            });
        }
    }

    /// Runs `parse` inside the layer called `name` below the current one.
    fn in_layer(&mut self, name: &[Arc<str>], parse: impl FnOnce(&mut Self)) {
        let (layer, length) = (self.layer, self.path.len());
        self.path.extend_from_slice(name);
        self.layer = self.sheet.layer(&self.path);
        parse(self);
        self.layer = layer;
        self.path.truncate(length);
    }

    fn anonymous_layer(&mut self) -> Vec<Arc<str>> {
        self.anonymous += 1;
        // No author can write a name with a space.
        vec![format!("anonymous {}", self.anonymous).into()]
    }

    fn at_page_level(&self) -> bool {
        self.parent.is_none()
    }
}

fn layer_name(input: &mut Parser<'_>) -> Parse<Vec<Arc<str>>> {
    let mut name = vec![crate::css::custom_ident(input, &[])?];
    while crate::css::delimiter(input, '.') {
        name.push(crate::css::custom_ident(input, &[])?);
    }
    Ok(name)
}

fn import(input: &mut Parser<'_>, base: &str) -> Parse<AtPrelude> {
    let url = crate::css::url::join(base, &input.expect_url_or_string()?).into();
    let layer = if input
        .try_parse(|input| input.expect_ident_matching("layer"))
        .is_ok()
    {
        Some(None)
    } else {
        input
            .try_parse(|input| -> Parse<_> {
                input.expect_function_matching("layer")?;
                input.parse_nested_block(layer_name)
            })
            .ok()
            .map(Some)
    };
    let supported = input.try_parse(|input| -> Parse<bool> {
        input.expect_function_matching("supports")?;
        input.parse_nested_block(|input| {
            input
                .try_parse(supports::declaration)
                .or_else(|_| supports::condition(input))
        })
    });
    let applies = supported.unwrap_or(true) && media::query_list(input)?;
    Ok(AtPrelude::Import {
        url,
        layer,
        applies,
    })
}

impl<'i> AtRuleParser<'i> for RuleParser {
    type Prelude = AtPrelude;
    type AtRule = ();
    type Error = Problem;

    fn parse_prelude(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i>) -> Parse<AtPrelude> {
        let top = self.at_page_level();
        if !name.eq_ignore_ascii_case("import") && !name.eq_ignore_ascii_case("layer") {
            self.imports_allowed = false;
        }
        match_ignore_ascii_case! { &name,
            "import" if top && self.imports_allowed => import(input, &self.base),
            "import" => Err(unsupported("@import after other rules")),
            "layer" => {
                if input.is_exhausted() {
                    return Ok(AtPrelude::Layer(Vec::new()));
                }
                input.parse_comma_separated(layer_name).map(AtPrelude::Layer)
            },
            "media" => media::query_list(input).map(AtPrelude::Condition),
            "supports" => supports::condition(input).map(AtPrelude::Condition),
            "font-face" if top => Ok(AtPrelude::FontFace),
            "page" if top => page_rule::selectors(input).map(AtPrelude::Page),
            "counter-style" if top => counter_style::name(input).map(AtPrelude::CounterStyle),
            "color-profile" if top => color_profile::name(input).map(|()| AtPrelude::ColorProfile),
            "property" => registered::name(input).map(AtPrelude::Property),
            "keyframes" | "-webkit-keyframes" | "-moz-keyframes" | "-o-keyframes" | "view-transition"
            | "starting-style" | "charset" | "-ms-viewport" | "viewport" | "font-palette-values" => {
                crate::css::rest(input);
                Ok(AtPrelude::Ignored)
            },
            "namespace" => {
                crate::css::rest(input);
                Err(unsupported("@namespace"))
            },
            _ => {
                let message = format!("@{name}");
                crate::css::rest(input);
                Err(unsupported(message))
            }
        }
    }

    fn rule_without_block(&mut self, prelude: AtPrelude, start: &ParserState) -> Result<(), ()> {
        match prelude {
            AtPrelude::Import {
                url,
                layer,
                applies,
            } => {
                let layer = match layer {
                    None => 0,
                    Some(name) => {
                        let name = name.unwrap_or_else(|| self.anonymous_layer());
                        self.sheet.layer(&name)
                    }
                };
                if applies {
                    self.sheet.imports.push(Import {
                        url,
                        layer,
                        location: start.source_location(),
                    });
                }
                Ok(())
            }
            AtPrelude::Layer(names) if !names.is_empty() => {
                for name in names {
                    self.in_layer(&name, |_| {});
                }
                Ok(())
            }
            AtPrelude::Ignored => Ok(()),
            _ => Err(()),
        }
    }

    fn parse_block(
        &mut self,
        prelude: AtPrelude,
        start: &ParserState,
        input: &mut Parser<'i>,
    ) -> Parse<()> {
        match prelude {
            AtPrelude::Import { .. } => return Err(invalid()),
            AtPrelude::Layer(mut names) => {
                self.imports_allowed = false;
                let name = match names.len() {
                    0 => self.anonymous_layer(),
                    1 => names.remove(0),
                    _ => return Err(invalid()),
                };
                self.flush();
                self.in_layer(&name, |parser| {
                    parser.body(input);
                    parser.flush();
                });
            }
            AtPrelude::Condition(true) => self.body(input),
            AtPrelude::Condition(false) | AtPrelude::Ignored => {
                crate::css::rest(input);
            }
            AtPrelude::FontFace => {
                let mut problems = Vec::new();
                let face = font_face::parse(input, &self.base, &mut |location, message| {
                    problems.push((location, message));
                });
                for (location, message) in problems {
                    self.sheet.report(location, message);
                }
                match face {
                    Some(face) => self.sheet.font_faces.push(face),
                    None => self.sheet.report(
                        start.source_location(),
                        "@font-face needs font-family and src; the rule has no effect".to_owned(),
                    ),
                }
            }
            AtPrelude::Page(selectors) => {
                let mut problems = Vec::new();
                let rule = page_rule::parse(
                    input,
                    selectors,
                    &self.base,
                    self.layer,
                    &mut |location, message| {
                        problems.push((location, message));
                    },
                );
                for (location, message) in problems {
                    self.sheet.report(location, message);
                }
                self.sheet.pages.push(rule);
            }
            AtPrelude::ColorProfile => {
                let source = color_profile::source(input, &self.base);
                self.sheet.cmyk_profile = source.or_else(|| self.sheet.cmyk_profile.take());
            }
            AtPrelude::Property(name) => match registered::parse(name, input) {
                Some(rule) => self.sheet.properties.push(rule),
                None => self.sheet.report(
                    start.source_location(),
                    "@property needs syntax, inherits and an initial-value that fits; the rule has \
                     no effect"
                        .to_owned(),
                ),
            },
            AtPrelude::CounterStyle(name) => {
                let rule: CounterStyleRule = counter_style::parse(name, input)?;
                self.sheet.counter_styles.push(rule);
            }
        }
        Ok(())
    }
}

impl<'i> QualifiedRuleParser<'i> for RuleParser {
    type Prelude = Parent;
    type QualifiedRule = ();
    type Error = Problem;

    fn parse_prelude(&mut self, input: &mut Parser<'i>) -> Parse<Parent> {
        self.imports_allowed = false;
        let start = input.position();
        let selectors = parse_list(
            SelectorParser {
                nested: self.parent.is_some(),
            },
            input,
        )?;
        let text = input.slice_from(start);
        let Some(parent) = &self.parent else {
            return Ok(Parent {
                selectors,
                weight: text.len(),
            });
        };
        let references = text.bytes().filter(|byte| *byte == b'&').count().max(1);
        let weight = text.len() + references.saturating_mul(parent.weight);
        if weight > HEAVIEST_SELECTOR {
            return Err(ParseError::custom(Problem::Limit(format!(
                "nested selectors unfold to over {HEAVIEST_SELECTOR} bytes; the rule has no effect"
            ))));
        }
        // Pseudo-elements cannot be what `&` stands for (CSS Nesting 1 §2).
        Ok(Parent {
            selectors: selectors.replace_parent_selector(&parent.selectors),
            weight,
        })
    }

    fn parse_block(
        &mut self,
        prelude: Parent,
        _: &ParserState,
        input: &mut Parser<'i>,
    ) -> Parse<()> {
        self.flush();
        let outer = self.parent.replace(prelude);
        self.body(input);
        self.flush();
        self.parent = outer;
        Ok(())
    }
}

impl<'i> DeclarationParser<'i> for RuleParser {
    type Declaration = ();
    type Error = Problem;

    fn parse_value(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
        _: &ParserState,
    ) -> Parse<()> {
        declare(&name, input, &self.base, &mut self.block)
    }
}

impl RuleBodyItemParser<'_, (), Problem> for RuleParser {
    fn parse_declarations(&self) -> bool {
        self.parent.is_some()
    }

    fn parse_qualified(&self) -> bool {
        true
    }
}
