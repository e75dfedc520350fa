//! Counter values as text (CSS Counter Styles 3).

mod longhand;

use crate::computed::CounterSymbols;
use crate::sheet::counter_style::{self, CounterStyleRule, System};
use rustc_hash::FxHashMap;
use std::sync::{Arc, LazyLock};

/// Longest representation; longer ones fall back (§2 lets us limit to 60).
const LONGEST: usize = 60;
/// Longest chain of `extends` and fallbacks.
const LONGEST_CHAIN: usize = 16;

/// The styles of §6 and §7, as `@counter-style` rules.
static PREDEFINED: LazyLock<CounterStyles> = LazyLock::new(|| {
    let mut styles = CounterStyles::default();
    for definition in include_str!("counters.css").split("@counter-style").skip(1) {
        let Some((name, rest)) = definition.split_once('{') else {
            continue;
        };
        let body = rest.rsplit_once('}').map_or(rest, |(body, _)| body);
        let parsed = counter_style::parse(name.trim().into(), &mut cssparser::Parser::new(body));
        if let Ok(mut rule) = parsed {
            rule.system = longhand::system_of(&rule.name).unwrap_or(rule.system);
            styles.insert(rule);
        }
    }
    styles
});

/// Counter styles by name: a document's own over the predefined ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct CounterStyles {
    rules: FxHashMap<Arc<str>, Arc<CounterStyleRule>>,
}

/// Whether `name`, in lower case, is predefined.
pub(crate) fn is_predefined(name: &str) -> bool {
    PREDEFINED.rules.contains_key(name)
}

impl CounterStyles {
    /// Adds a rule over those before it.
    pub(crate) fn insert(&mut self, rule: CounterStyleRule) {
        self.rules.insert(Arc::clone(&rule.name), Arc::new(rule));
    }

    fn get(&self, name: &str) -> Option<&CounterStyleRule> {
        self.rules
            .get(name)
            .or_else(|| PREDEFINED.rules.get(name))
            .map(|rule| &**rule)
    }

    /// A descriptor of `rule` or of the style it extends.
    fn descriptor<'a, T>(
        &'a self,
        rule: &'a CounterStyleRule,
        read: impl Fn(&'a CounterStyleRule) -> Option<T>,
    ) -> Option<T> {
        let mut at = rule;
        for _ in 0..LONGEST_CHAIN {
            if let Some(found) = read(at) {
                return Some(found);
            }
            at = self.extended(at)?;
        }
        None
    }

    /// The rule whose algorithm `rule` uses: itself or the end of its `extends` chain.
    fn algorithm<'a>(&'a self, rule: &'a CounterStyleRule) -> Option<&'a CounterStyleRule> {
        let mut at = rule;
        for _ in 0..LONGEST_CHAIN {
            match self.extended(at) {
                Some(base) => at = base,
                None => return Some(at),
            }
        }
        None
    }

    /// The rule that `rule` extends, where it does: `decimal` in place of one that is not there, and for all
    /// that extend each other in a circle (§3.1.7).
    fn extended(&self, rule: &CounterStyleRule) -> Option<&CounterStyleRule> {
        let base = |rule: &CounterStyleRule| match &rule.system {
            System::Extends(base) => self.get(base),
            _ => None,
        };
        if !matches!(rule.system, System::Extends(_)) {
            return None;
        }
        let mut chain = std::iter::successors(base(rule), |at| base(at)).take(LONGEST_CHAIN);
        match chain.any(|at| at.name == rule.name) {
            true => self.get("decimal"),
            false => base(rule).or_else(|| self.get("decimal")),
        }
    }

    /// `value` in the style called `name`, decimal where that has no way to write it.
    pub(crate) fn text(&self, value: i32, name: &str) -> String {
        let mut name: &str = name;
        for _ in 0..LONGEST_CHAIN {
            let Some(rule) = self.get(name) else { break };
            if let Some(text) = self.represent(value, rule) {
                return text;
            }
            match self.descriptor(rule, |rule| rule.fallback.as_deref()) {
                Some(fallback) => name = fallback,
                None => break,
            }
        }
        value.to_string()
    }

    /// What comes before and after a marker's number in the style called `name`.
    pub(crate) fn affixes(&self, name: &str) -> (&str, &str) {
        let Some(rule) = self.get(name) else {
            return ("", ". ");
        };
        let prefix = self.descriptor(rule, |rule| rule.prefix.as_deref());
        let suffix = self.descriptor(rule, |rule| rule.suffix.as_deref());
        (prefix.unwrap_or(""), suffix.unwrap_or(". "))
    }

    /// `value` in an anonymous style.
    pub(crate) fn anonymous(&self, value: i32, symbols: &CounterSymbols) -> String {
        self.represent(value, &symbols.0)
            .unwrap_or_else(|| value.to_string())
    }

    fn represent(&self, value: i32, rule: &CounterStyleRule) -> Option<String> {
        let algorithm = self.algorithm(rule)?;
        let in_range = match self.descriptor(rule, |rule| rule.range.as_deref()) {
            Some(ranges) => ranges
                .iter()
                .any(|(low, high)| (*low..=*high).contains(&value)),
            None => match algorithm.system {
                System::Alphabetic | System::Symbolic => value >= 1,
                System::Additive => value >= 0,
                _ => true,
            },
        };
        if !in_range {
            return None;
        }
        let signed = !matches!(algorithm.system, System::Cyclic | System::Fixed(_));
        let magnitude = if signed {
            i64::from(value).abs()
        } else {
            i64::from(value)
        };
        let mut text = symbols(magnitude, algorithm)?;
        let negative = (signed && value < 0).then(|| {
            let signs = self.descriptor(rule, |rule| rule.negative.as_ref());
            signs.map_or(("-", ""), |(before, after)| (&**before, &**after))
        });
        if let Some((length, pad)) = self.descriptor(rule, |rule| rule.pad.as_ref()) {
            let signs = negative.map_or(0, |(before, after)| {
                before.chars().count() + after.chars().count()
            });
            let missing = usize::try_from(*length).unwrap_or(0).min(LONGEST);
            let missing = missing.saturating_sub(text.chars().count() + signs);
            text.insert_str(0, &pad.repeat(missing));
        }
        let (before, after) = negative.unwrap_or_default();
        (text.chars().count() <= LONGEST).then(|| format!("{before}{text}{after}"))
    }
}

/// The symbols for a value, without sign.
fn symbols(value: i64, rule: &CounterStyleRule) -> Option<String> {
    let count = i64::try_from(rule.symbols.len()).ok()?;
    let symbol = |index: i64| {
        usize::try_from(index)
            .ok()
            .and_then(|index| rule.symbols.get(index))
    };
    match rule.system {
        System::Cyclic => symbol((value - 1).rem_euclid(count)).map(ToString::to_string),
        System::Fixed(first) => symbol(value - i64::from(first)).map(ToString::to_string),
        System::Symbolic => {
            let times = usize::try_from((value + count - 1) / count).ok()?;
            if times > LONGEST {
                None
            } else {
                symbol((value - 1) % count).map(|symbol| symbol.repeat(times))
            }
        }
        System::Alphabetic => {
            let (mut rest, mut digits) = (value, Vec::new());
            while rest > 0 {
                rest -= 1;
                digits.push(&**symbol(rest % count)?);
                rest /= count;
            }
            digits.reverse();
            Some(digits.concat())
        }
        System::Numeric => {
            let (mut rest, mut digits) = (value, Vec::new());
            loop {
                digits.push(&**symbol(rest % count)?);
                rest /= count;
                if rest == 0 {
                    break;
                }
            }
            digits.reverse();
            Some(digits.concat())
        }
        System::Additive => additive(value, &rule.additive),
        System::Chinese { informal } => longhand::chinese(value, &rule.symbols, informal),
        System::Ethiopic => longhand::ethiopic(value, &rule.symbols),
        System::Extends(_) => None,
    }
}

fn additive(value: i64, symbols: &[(i32, Arc<str>)]) -> Option<String> {
    if value == 0 {
        return symbols
            .iter()
            .find(|(weight, _)| *weight == 0)
            .map(|(_, symbol)| symbol.to_string());
    }
    let (mut rest, mut text) = (value, String::new());
    for (weight, symbol) in symbols.iter().filter(|(weight, _)| *weight > 0) {
        let times = usize::try_from(rest / i64::from(*weight)).ok()?;
        if times > LONGEST {
            return None;
        }
        text.push_str(&symbol.repeat(times));
        rest %= i64::from(*weight);
    }
    (rest == 0).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::CounterStyles;

    #[test]
    fn writes_predefined_styles() {
        let styles = CounterStyles::default();
        for (value, style, expected) in [
            (7, "decimal", "7"),
            (-7, "decimal", "-7"),
            (7, "decimal-leading-zero", "07"),
            (-7, "decimal-leading-zero", "-7"),
            (1994, "upper-roman", "MCMXCIV"),
            (3999, "lower-roman", "mmmcmxcix"),
            (4000, "lower-roman", "4000"),
            (0, "lower-roman", "0"),
            (27, "lower-alpha", "aa"),
            (703, "upper-latin", "AAA"),
            (0, "lower-alpha", "0"),
            (3, "lower-greek", "γ"),
            (1234, "armenian", "ՌՄԼԴ"),
            (5, "georgian", "ე"),
            (15, "hebrew", "טו"),
            (123, "devanagari", "१२३"),
            (45, "tamil", "௪௫"),
            (67, "arabic-indic", "٦٧"),
            (89, "bengali", "৮৯"),
            (10, "thai", "๑๐"),
            (20, "cjk-decimal", "二〇"),
            (1, "disc", "•"),
            (2, "square", "▪"),
            (3, "no-such-style", "3"),
            (0, "simp-chinese-informal", "零"),
            (11, "simp-chinese-informal", "十一"),
            (11, "simp-chinese-formal", "壹拾壹"),
            (110, "trad-chinese-informal", "一百一十"),
            (1001, "cjk-ideographic", "一千零一"),
            (2030, "trad-chinese-formal", "貳仟零參拾"),
            (-5, "simp-chinese-informal", "负五"),
            (10000, "cjk-ideographic", "一〇〇〇〇"),
            (1120, "japanese-informal", "千百二十"),
            (215, "japanese-formal", "弐百壱拾伍"),
            (-11, "korean-hangul-formal", "마이너스 일십일"),
            (1, "ethiopic-numeric", "፩"),
            (100, "ethiopic-numeric", "፻"),
            (78_010_092, "ethiopic-numeric", "፸፰፻፩፼፺፪"),
            (780_100_000, "ethiopic-numeric", "፯፼፹፻፲፼"),
        ] {
            assert_eq!(styles.text(value, style), expected, "{value} in {style}");
        }
        assert_eq!(styles.affixes("decimal"), ("", ". "));
        assert_eq!(styles.affixes("disc"), ("", " "));
    }

    /// WeasyPrint's test of the name `test_counter_multiple_extends`, after the W3C's `system-extends-invalid`.
    #[test]
    fn circles_and_unknown_styles_extend_decimal() {
        let mut styles = CounterStyles::default();
        for (name, body) in [
            ("a", "system: extends b; prefix: a"),
            ("b", "system: extends c; suffix: b"),
            ("c", "system: extends b; pad: 2 c"),
            ("d", "system: extends d; prefix: d"),
            ("e", "system: extends unknown; pad: 2 e"),
        ] {
            let rule =
                crate::sheet::counter_style::parse(name.into(), &mut cssparser::Parser::new(body));
            styles.insert(rule.expect(name));
        }
        let marker = |value, name| {
            let (before, after) = styles.affixes(name);
            format!("{before}{}{after}", styles.text(value, name))
        };
        let markers = [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e")];
        let markers = markers.map(|(value, name)| marker(value, name));
        assert_eq!(markers, ["a1b", "2b", "c3. ", "d4. ", "e5. "]);
    }

    #[test]
    fn extreme_values_are_written() {
        let styles = CounterStyles::default();
        assert_eq!(styles.text(i32::MIN, "decimal"), i32::MIN.to_string());
        assert_eq!(styles.text(i32::MAX, "lower-alpha"), "fxshrxw");
    }
}
