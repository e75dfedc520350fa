//! Custom properties and `var()` (CSS Variables 1).

use super::Applicable;
use crate::css::declaration::{CustomValue, CustomWide, Setting, mentions_var};
use crate::css::numeric::Units;
use crate::sheet::registered::PropertyRule;
use cssparser::{Parser, Token};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
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
    /// Those with `@property` rules, the same for all elements of a document.
    registered: Option<Arc<Registered>>,
}

/// The `@property` rules of a document by name; the last of a name counts.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Registered(BTreeMap<Arc<str>, PropertyRule>);

impl Registered {
    /// What `rules` register.
    pub(crate) fn new<'r>(rules: impl Iterator<Item = &'r PropertyRule>) -> Self {
        Self(
            rules
                .map(|rule| (Arc::clone(&rule.name), rule.clone()))
                .collect(),
        )
    }
}

impl Custom {
    /// What the root inherits where `registered` are registered.
    pub(crate) fn initial(registered: Registered) -> Self {
        if registered.0.is_empty() {
            return Self::default();
        }
        let initial = |(name, rule): (&Arc<str>, &PropertyRule)| {
            Some((Arc::clone(name), Arc::clone(rule.initial.as_ref()?)))
        };
        Self {
            values: registered.0.iter().filter_map(initial).collect(),
            registered: Some(Arc::new(registered)),
        }
    }

    /// The rule of a registered property.
    fn rule(&self, name: &str) -> Option<&PropertyRule> {
        self.registered.as_ref()?.0.get(name)
    }

    /// The registered properties that do not inherit and are not as at the start.
    fn stopping(&self) -> impl Iterator<Item = &PropertyRule> {
        let registered = self.registered.iter().flat_map(|rules| rules.0.values());
        registered
            .filter(|rule| !rule.inherits && self.values.get(&rule.name) != rule.initial.as_ref())
    }

    /// The properties of an element whose parent has `parent` and to which `blocks` apply, strongest last.
    pub(crate) fn cascade(parent: &Arc<Self>, blocks: &[Applicable<'_>]) -> Arc<Self> {
        let declares = blocks.iter().any(|applicable| applicable.block.has_custom);
        if !declares && parent.stopping().next().is_none() {
            return Arc::clone(parent);
        }
        let mut own: FxHashMap<Arc<str>, Arc<str>> = FxHashMap::default();
        let mut values = parent.values.clone();
        for rule in parent.stopping() {
            set(&mut values, &rule.name, rule.initial.as_ref());
        }
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
                        let rule = parent.rule(name);
                        let initial = rule.and_then(|rule| rule.initial.as_ref());
                        set(&mut values, name, initial);
                    }
                    CustomValue::Wide(CustomWide::Inherit) => {
                        set(&mut values, name, parent.values.get(name));
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
        let mut values = resolver.values;
        for name in &names {
            // What a registered property does not take is as if it were not declared (§2.4 there).
            if let Some(rule) = parent.rule(name)
                && !(values.get(name)).is_some_and(|value| rule.syntax.takes(value))
            {
                let instead = match rule.inherits {
                    true => parent.values.get(name),
                    false => rule.initial.as_ref(),
                };
                set(&mut values, name, instead);
            }
        }
        Arc::new(Self {
            values,
            registered: parent.registered.clone(),
        })
    }

    /// These as an element's children inherit them: what the element gives registered properties, unlike
    /// `parent`, is computed where it is declared (CSS Properties and Values 1 §2.4).
    pub(crate) fn computed(self: Arc<Self>, parent: &Arc<Self>, units: &Units) -> Arc<Self> {
        let Some(registered) = self
            .registered
            .as_ref()
            .filter(|_| !Arc::ptr_eq(&self, parent))
        else {
            return self;
        };
        let changed = registered.0.iter().filter_map(|(name, rule)| {
            let value = self.values.get(name)?;
            if parent.values.get(name) == Some(value) {
                return None;
            }
            let computed = rule.syntax.computed(value, units)?;
            (computed != **value).then(|| (Arc::clone(name), computed.into()))
        });
        let changed: Vec<(Arc<str>, Arc<str>)> = changed.collect();
        if changed.is_empty() {
            return self;
        }
        let mut values = self.values.clone();
        values.extend(changed);
        Arc::new(Self {
            values,
            registered: self.registered.clone(),
        })
    }

    /// `css` with every `var()` substituted; none when it is invalid at computed-value time.
    pub(crate) fn substitute(&self, css: &str) -> Option<String> {
        let mut out = String::new();
        let mut lookup = |name: &str| self.values.get(name).cloned();
        substitute(css, &mut lookup, &mut out).then_some(out)
    }
}

/// Gives a property a value, or none.
fn set(values: &mut FxHashMap<Arc<str>, Arc<str>>, name: &Arc<str>, value: Option<&Arc<str>>) {
    match value {
        Some(value) => values.insert(Arc::clone(name), Arc::clone(value)),
        None => values.remove(name),
    };
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
