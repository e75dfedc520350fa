//! `@counter-style` rules (CSS Counter Styles 3 §3).

use crate::css::problem::invalid;
use crate::css::{Parse, Problem, custom_ident, keyword, string};
use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserState,
    QualifiedRuleParser, RuleBodyItemParser, RuleBodyParser, match_ignore_ascii_case,
};
use std::sync::Arc;

/// How counter values become symbols.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum System {
    Cyclic,
    Fixed(i32),
    Symbolic,
    Alphabetic,
    Numeric,
    Additive,
    Extends(Arc<str>),
    /// Predefined only: longhand Chinese (CSS Counter Styles 3 §7.1.2); ten digits and three marks.
    Chinese {
        /// Ten to nineteen go without the one.
        informal: bool,
    },
    /// Predefined only: Ethiopic (§7.2); units, tens, hundred, ten thousand.
    Ethiopic,
}

/// A counter style's definition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CounterStyleRule {
    pub(crate) name: Arc<str>,
    pub(crate) system: System,
    pub(crate) symbols: Vec<Arc<str>>,
    /// Weights and symbols, heaviest first.
    pub(crate) additive: Vec<(i32, Arc<str>)>,
    pub(crate) negative: Option<(Arc<str>, Arc<str>)>,
    pub(crate) prefix: Option<Arc<str>>,
    pub(crate) suffix: Option<Arc<str>>,
    /// Inclusive bounds; none is `auto`.
    pub(crate) range: Option<Vec<(i32, i32)>>,
    pub(crate) pad: Option<(i32, Arc<str>)>,
    pub(crate) fallback: Option<Arc<str>>,
}

impl CounterStyleRule {
    /// A rule without descriptors but `system`.
    pub(crate) fn new(name: Arc<str>, system: System) -> Self {
        Self {
            name,
            system,
            symbols: Vec::new(),
            additive: Vec::new(),
            negative: None,
            prefix: None,
            suffix: None,
            range: None,
            pad: None,
            fallback: None,
        }
    }

    /// Whether there are as many symbols as the system needs.
    pub(crate) fn has_symbols(&self) -> bool {
        match self.system {
            System::Cyclic | System::Fixed(_) | System::Symbolic => !self.symbols.is_empty(),
            System::Alphabetic | System::Numeric => self.symbols.len() >= 2,
            System::Additive => !self.additive.is_empty(),
            System::Extends(_) | System::Chinese { .. } | System::Ethiopic => true,
        }
    }
}

/// The name in the prelude.
pub(super) fn name(input: &mut Parser<'_>) -> Parse<Arc<str>> {
    custom_ident(
        input,
        &[
            "none",
            "decimal",
            "disc",
            "square",
            "circle",
            "disclosure-open",
            "disclosure-closed",
        ],
    )
}

/// Parses the block.
pub(crate) fn parse(name: Arc<str>, input: &mut Parser<'_>) -> Parse<CounterStyleRule> {
    let mut rule = CounterStyleRule::new(name, System::Symbolic);
    let mut parser = Descriptors(&mut rule);
    for result in RuleBodyParser::new(input, &mut parser) {
        result.map_err(|(error, ..)| error)?;
    }
    if rule.has_symbols() {
        Ok(rule)
    } else {
        Err(ParseError::custom(Problem::Limit(
            "@counter-style has too few symbols; the rule has no effect".into(),
        )))
    }
}

struct Descriptors<'a>(&'a mut CounterStyleRule);

fn symbol(input: &mut Parser<'_>) -> Parse<Arc<str>> {
    input
        .try_parse(string)
        .or_else(|_| custom_ident(input, &[]))
}

fn bound(input: &mut Parser<'_>, infinite: i32) -> Parse<i32> {
    if input
        .try_parse(|input| input.expect_ident_matching("infinite"))
        .is_ok()
    {
        return Ok(infinite);
    }
    Ok(input.expect_integer()?)
}

fn system(input: &mut Parser<'_>) -> Parse<System> {
    if input
        .try_parse(|input| input.expect_ident_matching("extends"))
        .is_ok()
    {
        return custom_ident(input, &["none"]).map(System::Extends);
    }
    let systems = [
        ("cyclic", System::Cyclic),
        ("fixed", System::Fixed(1)),
        ("symbolic", System::Symbolic),
        ("alphabetic", System::Alphabetic),
        ("numeric", System::Numeric),
        ("additive", System::Additive),
    ];
    match keyword(input, &systems)? {
        System::Fixed(first) => Ok(System::Fixed(
            input.try_parse(Parser::expect_integer).unwrap_or(first),
        )),
        system => Ok(system),
    }
}

/// A weight and a symbol, in either order.
fn weighted(input: &mut Parser<'_>) -> Parse<(i32, Arc<str>)> {
    let before = input.try_parse(Parser::expect_integer);
    let sign = symbol(input)?;
    let weight = match before {
        Ok(weight) => weight,
        Err(_) => input.expect_integer()?,
    };
    if weight < 0 {
        Err(invalid())
    } else {
        Ok((weight, sign))
    }
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
        let rule = &mut *self.0;
        match_ignore_ascii_case! { &name,
            "system" => rule.system = system(input)?,
            "symbols" => {
                while !input.is_exhausted() {
                    rule.symbols.push(symbol(input)?);
                }
            },
            "additive-symbols" => {
                rule.additive = input.parse_comma_separated(weighted)?;
                if !rule.additive.is_sorted_by(|left, right| left.0 > right.0) {
                    return Err(invalid());
                }
            },
            "negative" => {
                let before = symbol(input)?;
                rule.negative = Some((before, input.try_parse(symbol).unwrap_or_else(|_| "".into())));
            },
            "prefix" => rule.prefix = Some(symbol(input)?),
            "suffix" => rule.suffix = Some(symbol(input)?),
            "range" => {
                if input.try_parse(|input| input.expect_ident_matching("auto")).is_err() {
                    rule.range = Some(input.parse_comma_separated(|input| {
                        Ok((bound(input, i32::MIN)?, bound(input, i32::MAX)?))
                    })?);
                }
            },
            "pad" => rule.pad = Some(weighted(input)?),
            "fallback" => rule.fallback = Some(custom_ident(input, &["none"])?),
            _ => {
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
