//! Decimal numbers and percentages (CLDR `numbers/symbols`, `decimalFormats`, `percentFormats`).

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Language, Locale};

/// How groups of integer digits are made, from the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grouping {
    /// `1,234,567`.
    Thousands,
    /// `12,34,567`: three, then twos.
    Indian,
    /// As thousands, but a number of four digits stays whole (CLDR `minimumGroupingDigits` 2).
    FromFiveDigits,
}

struct Symbols {
    decimal: char,
    group: char,
    minus: &'static str,
    percent: &'static str,
    grouping: Grouping,
}

/// The digit zero of a numbering system (CLDR `supplemental/numberingSystems`).
pub(super) fn zero_of(numbering: &str) -> Option<char> {
    Some(match numbering {
        "latn" => '0',
        "arab" => '٠',
        "arabext" => '۰',
        "deva" => '०',
        "beng" => '০',
        "gujr" => '૦',
        "telu" => '౦',
        "tamldec" => '௦',
        _ => return None,
    })
}

pub(super) fn default_zero(language: Language, region: Option<&str>) -> char {
    match (language, region) {
        (Language::Arabic, Some("AE" | "DZ" | "EH" | "LY" | "MA" | "TN" | "MR")) => '0',
        (Language::Arabic, _) => '٠',
        _ => '0',
    }
}

fn symbols(locale: &Locale) -> Symbols {
    let region = locale.region().unwrap_or("");
    let western = |grouping| Symbols {
        decimal: '.',
        group: ',',
        minus: "-",
        percent: "%",
        grouping,
    };
    let continental = |group, percent, grouping| Symbols {
        decimal: ',',
        group,
        minus: "-",
        percent,
        grouping,
    };
    match locale.language {
        Language::Hindi | Language::Tamil => western(Grouping::Indian),
        Language::English if region == "IN" => western(Grouping::Indian),
        Language::English | Language::Other => western(Grouping::Thousands),
        // The marks keep sign and number together in a right-to-left line.
        Language::Arabic if locale.zero == '٠' => Symbols {
            decimal: '٫',
            group: '٬',
            minus: "\u{61c}-",
            percent: "٪\u{61c}",
            grouping: Grouping::Thousands,
        },
        Language::Arabic => Symbols {
            decimal: if matches!(region, "AE" | "") {
                '.'
            } else {
                ','
            },
            group: if matches!(region, "AE" | "") {
                ','
            } else {
                '.'
            },
            minus: "\u{200e}-",
            percent: "\u{200e}%\u{200e}",
            grouping: Grouping::Thousands,
        },
        Language::German if region == "CH" || region == "LI" => Symbols {
            decimal: '.',
            group: '’',
            minus: "-",
            percent: "%",
            grouping: Grouping::Thousands,
        },
        Language::German => continental('.', "\u{a0}%", Grouping::Thousands),
        Language::French => continental('\u{202f}', "\u{202f}%", Grouping::Thousands),
        Language::Spanish
            if matches!(
                region,
                "MX" | "US" | "419" | "PR" | "GT" | "HN" | "NI" | "PA" | "PE" | "SV"
            ) =>
        {
            western(Grouping::Thousands)
        }
        Language::Spanish => continental('.', "\u{a0}%", Grouping::FromFiveDigits),
    }
}

impl Locale {
    /// Writes a number with `least` to `most` decimals, half rounded away from zero.
    pub(crate) fn number(&self, value: Decimal, least: u32, most: u32) -> String {
        let (negative, text) = self.magnitude(value, least, most);
        if negative {
            format!("{}{text}", symbols(self).minus)
        } else {
            text
        }
    }

    /// Writes a percentage: 12.5 is `12.5%`.
    pub(crate) fn percent(&self, value: Decimal, least: u32, most: u32) -> String {
        format!(
            "{}{}",
            self.number(value, least, most),
            symbols(self).percent
        )
    }

    pub(super) fn minus(&self) -> &'static str {
        symbols(self).minus
    }

    /// The number without its sign, and whether it is below zero after rounding.
    pub(super) fn magnitude(&self, value: Decimal, least: u32, most: u32) -> (bool, String) {
        let least = least.min(most);
        let rounded = value.round_dp_with_strategy(most, RoundingStrategy::MidpointAwayFromZero);
        let negative = rounded.is_sign_negative() && !rounded.is_zero();
        let scale = rounded.scale() as usize;
        let plain = digits_of(rounded, scale + 1);
        let (whole, fraction) = plain.split_at(plain.len() - scale);
        let fraction = fraction.trim_end_matches('0');
        let symbols = symbols(self);
        let mut text = group(whole, symbols.group, symbols.grouping);
        let decimals = fraction.len().max(least as usize);
        if decimals > 0 {
            text.push(symbols.decimal);
            text.push_str(fraction);
            text.extend(std::iter::repeat_n('0', decimals - fraction.len()));
        }
        (negative, self.digits(text))
    }
}

/// The digits of a number, zeros before them where there are fewer than `least`. `Decimal` itself writes
/// each by a division of 96 bits.
fn digits_of(value: Decimal, least: usize) -> String {
    let mantissa = value.mantissa().unsigned_abs();
    let short = u64::try_from(mantissa).map(|short| short.to_string());
    let digits = short.unwrap_or_else(|_| mantissa.to_string());
    match digits.len() < least {
        true => format!("{digits:0>least$}"),
        false => digits,
    }
}

fn group(whole: &str, separator: char, grouping: Grouping) -> String {
    if grouping == Grouping::FromFiveDigits && whole.len() < 5 {
        return whole.to_owned();
    }
    let mut text = String::with_capacity(whole.len() * 2);
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len() - at;
        let boundary = match grouping {
            Grouping::Indian => left == 3 || (left > 3 && (left - 3).is_multiple_of(2)),
            Grouping::Thousands | Grouping::FromFiveDigits => left.is_multiple_of(3),
        };
        if at > 0 && boundary {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(tag: &str, value: &str, least: u32, most: u32) -> String {
        let locale = Locale::parse(tag).expect("a tag");
        locale.number(value.parse().expect("a number"), least, most)
    }

    #[test]
    fn groups_are_the_locales() {
        assert_eq!(number("en-US", "1234567.5", 2, 2), "1,234,567.50");
        assert_eq!(number("en-IN", "1234567890", 0, 0), "1,23,45,67,890");
        assert_eq!(number("hi-IN", "100000", 0, 0), "1,00,000");
        assert_eq!(number("ta-IN", "99999", 0, 0), "99,999");
        assert_eq!(number("de-DE", "1234.56", 2, 2), "1.234,56");
        assert_eq!(number("de-CH", "1234.56", 2, 2), "1’234.56");
        assert_eq!(number("fr-FR", "1234567", 0, 0), "1\u{202f}234\u{202f}567");
        assert_eq!(number("es-ES", "1234", 0, 0), "1234");
        assert_eq!(number("es-ES", "12345", 0, 0), "12.345");
        assert_eq!(number("ar-EG", "1234.5", 1, 2), "١٬٢٣٤٫٥");
        assert_eq!(number("sw-KE", "1234.5", 1, 2), "1,234.5");
    }

    #[test]
    fn halves_round_away_from_zero_and_zero_has_no_sign() {
        assert_eq!(number("en", "2.675", 2, 2), "2.68");
        assert_eq!(number("en", "-2.675", 2, 2), "-2.68");
        assert_eq!(number("en", "-0.001", 2, 2), "0.00");
        assert_eq!(number("en", "7.10", 0, 2), "7.1");
    }

    #[test]
    fn percent_signs_are_the_locales() {
        let percent = |tag: &str| {
            Locale::parse(tag)
                .expect("a tag")
                .percent(Decimal::new(1075, 2), 1, 2)
        };
        assert_eq!(percent("en-IN"), "10.75%");
        assert_eq!(percent("de"), "10,75\u{a0}%");
        assert_eq!(percent("ar-SA"), "١٠٫٧٥٪\u{61c}");
    }
}
