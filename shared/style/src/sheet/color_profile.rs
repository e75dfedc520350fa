//! `@color-profile` rules (CSS Color 5 §9).

use crate::css::problem::invalid;
use crate::css::{Parse, Problem};
use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, Parser, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser,
};
use std::sync::Arc;

/// The name in the prelude; of profiles that are read there is one.
pub(super) fn name(input: &mut Parser<'_>) -> Parse<()> {
    match input.expect_ident()? {
        name if name.eq_ignore_ascii_case("device-cmyk") => Ok(()),
        _ => Err(crate::css::problem::unsupported(
            "@color-profile of another name than device-cmyk",
        )),
    }
}

/// The URL of the profile.
pub(super) fn source(input: &mut Parser<'_>, base: &str) -> Option<Arc<str>> {
    let mut descriptors = Descriptors { base, source: None };
    for _ in RuleBodyParser::new(input, &mut descriptors) {}
    descriptors.source
}

struct Descriptors<'b> {
    base: &'b str,
    source: Option<Arc<str>>,
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
        if !name.eq_ignore_ascii_case("src") {
            // How colours are fitted to the inks is the printer's matter.
            return Err(invalid());
        }
        self.source = Some(crate::css::url::url(input, self.base)?);
        Ok(())
    }
}

impl<'i> AtRuleParser<'i> for Descriptors<'_> {
    type Prelude = ();
    type AtRule = ();
    type Error = Problem;
}

impl<'i> QualifiedRuleParser<'i> for Descriptors<'_> {
    type Prelude = ();
    type QualifiedRule = ();
    type Error = Problem;
}

impl RuleBodyItemParser<'_, (), Problem> for Descriptors<'_> {
    fn parse_qualified(&self) -> bool {
        false
    }

    fn parse_declarations(&self) -> bool {
        true
    }
}
