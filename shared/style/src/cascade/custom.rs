//! Custom properties and `var()` (CSS Variables 1).

use super::Applicable;
use crate::css::declaration::{CustomValue, CustomWide, Setting, mentions_var};
use cssparser::{Parser, Token};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Longest value after substitution.
const LONGEST_VALUE: usize = 64 * 1024;
/// Most bytes that the substitutions of one element may produce.
const MOST_BYTES: usize = 1 << 20;
/// Longest chain of references, which recursion follows.
const LONGEST_CHAIN: usize = 64;

/// An element's custom properties, substituted. What is not there is guaranteed-invalid.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Custom {
    values: FxHashMap<Arc<str>, Arc<str>>,
}

impl Custom {
    /// The properties of an element whose parent has `parent` and to which `blocks` apply, strongest last.
    pub(crate) fn cascade(parent: &Arc<Self>, blocks: &[Applicable<'_>]) -> Arc<Self> {
        if !blocks.iter().any(|applicable| applicable.block.has_custom) {
            return Arc::clone(parent);
        }
        let mut own: FxHashMap<Arc<str>, Arc<str>> = FxHashMap::default();
        let mut values = parent.values.clone();
        let mut names: Vec<Arc<str>> = Vec::new();
        for applicable in blocks {
            for (setting, important) in &applicable.block.settings {
                let Setting::Custom(name, value) = setting else {
                    continue;
                };
                if *important != applicable.important {
                    continue;
                }
                own.remove(name);
                match value {
                    CustomValue::Text(text) => {
                        values.remove(name);
                        own.insert(Arc::clone(name), Arc::clone(text));
                        names.push(Arc::clone(name));
                    }
                    CustomValue::Wide(CustomWide::Initial) => {
                        values.remove(name);
                    }
                    CustomValue::Wide(CustomWide::Inherit) => {
                        match parent.values.get(name) {
                            Some(inherited) => {
                                values.insert(Arc::clone(name), Arc::clone(inherited))
                            }
                            None => values.remove(name),
                        };
                    }
                }
            }
        }
        let mut resolver = Resolver {
            own: &own,
            values,
            visiting: Vec::new(),
            invalid: FxHashSet::default(),
            bytes: 0,
        };
        for name in &names {
            resolver.resolve(name);
        }
        Arc::new(Self {
            values: resolver.values,
        })
    }

    /// `css` with every `var()` substituted; none when it is invalid at computed-value time.
    pub(crate) fn substitute(&self, css: &str) -> Option<String> {
        let mut out = String::new();
        let mut lookup = |name: &str| self.values.get(name).cloned();
        substitute(css, &mut lookup, &mut out).then_some(out)
    }
}

/// Resolves an element's own properties in the order of their references.
struct Resolver<'a> {
    own: &'a FxHashMap<Arc<str>, Arc<str>>,
    values: FxHashMap<Arc<str>, Arc<str>>,
    visiting: Vec<Arc<str>>,
    /// Properties that cannot be resolved, all those of a reference cycle too (§2.3).
    invalid: FxHashSet<Arc<str>>,
    bytes: usize,
}

impl Resolver<'_> {
    fn resolve(&mut self, name: &str) -> Option<Arc<str>> {
        if let Some(value) = self.values.get(name) {
            return Some(Arc::clone(value));
        }
        let (name, text) = self.own.get_key_value(name)?;
        if let Some(at) = self.visiting.iter().position(|visiting| visiting == name) {
            self.invalid.extend(self.visiting[at..].iter().cloned());
            return None;
        }
        if self.invalid.contains(name) {
            return None;
        }
        let value = if mentions_var(text) {
            self.substituted(name, text)?
        } else {
            Arc::clone(text)
        };
        self.values.insert(Arc::clone(name), Arc::clone(&value));
        Some(value)
    }

    /// The value of a property that refers to others; noted as invalid when there is none.
    fn substituted(&mut self, name: &Arc<str>, text: &str) -> Option<Arc<str>> {
        let mut out = String::new();
        let mut valid = self.visiting.len() < LONGEST_CHAIN && self.bytes <= MOST_BYTES;
        if valid {
            self.visiting.push(Arc::clone(name));
            valid = substitute(text, &mut |name| self.resolve(name), &mut out);
            self.visiting.pop();
            self.bytes += out.len();
        }
        if valid && !self.invalid.contains(name) {
            return Some(out.into());
        }
        self.invalid.insert(Arc::clone(name));
        None
    }
}

/// Appends `css` to `out` with references replaced by what `lookup` gives; false when that fails.
fn substitute(
    css: &str,
    lookup: &mut dyn FnMut(&str) -> Option<Arc<str>>,
    out: &mut String,
) -> bool {
    copy(&mut Parser::new(css), lookup, out).is_some()
}

fn copy(
    input: &mut Parser<'_>,
    lookup: &mut dyn FnMut(&str) -> Option<Arc<str>>,
    out: &mut String,
) -> Option<()> {
    loop {
        let start = input.position();
        let Ok(token) = input.next_including_whitespace_and_comments() else {
            return Some(());
        };
        let token = token.clone();
        match token {
            Token::Function(name) if name.eq_ignore_ascii_case("var") => {
                let value = nested(input, |input| reference(input, lookup))?;
                // Tokens must not join across the edges of a substitution.
                out.push_str("/**/");
                out.push_str(&value);
                out.push_str("/**/");
            }
            Token::Function(_)
            | Token::ParenthesisBlock
            | Token::SquareBracketBlock
            | Token::CurlyBracketBlock => {
                out.push_str(input.slice_from(start));
                nested(input, |input| copy(input, lookup, out))?;
                out.push(match token {
                    Token::SquareBracketBlock => ']',
                    Token::CurlyBracketBlock => '}',
                    _ => ')',
                });
            }
            Token::Comment(_) => {}
            Token::BadString(_) | Token::BadUrl(_) => return None,
            _ => out.push_str(input.slice_from(start)),
        }
        if out.len() > LONGEST_VALUE {
            return None;
        }
    }
}

fn nested<'i, T>(
    input: &mut Parser<'i>,
    parse: impl FnOnce(&mut Parser<'i>) -> Option<T>,
) -> Option<T> {
    input
        .parse_nested_block(|input| {
            let value = parse(input);
            crate::css::rest(input);
            value.ok_or_else(crate::css::problem::invalid)
        })
        .ok()
}

/// The arguments of `var()`: the property's value, else the fallback.
fn reference(
    input: &mut Parser<'_>,
    lookup: &mut dyn FnMut(&str) -> Option<Arc<str>>,
) -> Option<String> {
    let name = input
        .expect_ident_cloned()
        .ok()
        .filter(|name| name.starts_with("--"))?;
    let has_fallback = !input.is_exhausted();
    if has_fallback {
        input.expect_comma().ok()?;
    }
    if let Some(value) = lookup(&name) {
        return Some(value.to_string());
    }
    if !has_fallback {
        return None;
    }
    let mut fallback = String::new();
    copy(input, lookup, &mut fallback)?;
    Some(fallback)
}
