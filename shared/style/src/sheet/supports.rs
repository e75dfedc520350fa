//! `@supports` conditions (CSS Conditional 3 and 4).

use crate::css::Parse;
use crate::css::declaration::is_supported;
use crate::css::problem::invalid;
use crate::select::{SelectorParser, parse_list};
use cssparser::{Parser, Token};

/// Whether a condition holds.
pub(super) fn condition(input: &mut Parser<'_>) -> Parse<bool> {
    if input
        .try_parse(|input| input.expect_ident_matching("not"))
        .is_ok()
    {
        return in_parens(input).map(|holds| !holds);
    }
    let mut holds = in_parens(input)?;
    if input
        .try_parse(|input| input.expect_ident_matching("and"))
        .is_ok()
    {
        loop {
            holds &= in_parens(input)?;
            if input
                .try_parse(|input| input.expect_ident_matching("and"))
                .is_err()
            {
                return Ok(holds);
            }
        }
    }
    while input
        .try_parse(|input| input.expect_ident_matching("or"))
        .is_ok()
    {
        holds |= in_parens(input)?;
    }
    Ok(holds)
}

fn in_parens(input: &mut Parser<'_>) -> Parse<bool> {
    match input.next()?.clone() {
        Token::ParenthesisBlock => input.parse_nested_block(|input| {
            if let Ok(holds) = input.try_parse(condition) {
                return Ok(holds);
            }
            if let Ok(holds) = input.try_parse(declaration) {
                return Ok(holds);
            }
            // A general enclosed expression is false (§6.1).
            crate::css::rest(input);
            Ok(false)
        }),
        Token::Function(name) if name.eq_ignore_ascii_case("selector") => {
            input.parse_nested_block(|input| {
                let known = input
                    .try_parse(|input| parse_list(SelectorParser::default(), input))
                    .is_ok();
                crate::css::rest(input);
                Ok(known)
            })
        }
        Token::Function(_) => input.parse_nested_block(|input| {
            crate::css::rest(input);
            Ok(false)
        }),
        _ => Err(invalid()),
    }
}

/// Whether a declaration is one that has an effect here.
pub(super) fn declaration(input: &mut Parser<'_>) -> Parse<bool> {
    let name = input.expect_ident_cloned()?;
    input.expect_colon()?;
    let supported = is_supported(&name, input);
    crate::css::rest(input);
    Ok(supported)
}
