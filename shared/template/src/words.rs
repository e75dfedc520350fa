//! Amounts in words: English by thousands or by lakh and crore, and Hindi.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::locale::{Language, Locale, minor_digits};

/// Above this amounts have no common words.
const MAX_WHOLE: u64 = 999_999_999_999_999;

/// How large numbers are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    /// Thousand, lakh (10⁵), crore (10⁷).
    Indian,
    /// Thousand, million, billion, trillion.
    International,
}

/// Writes an amount in words: "Five lakh rupees and fifty paise only", or only the number without a
/// currency. Hindi locales get Hindi; all others English, by lakh and crore in India.
///
/// `None` when the amount is negative or above 999,999,999,999,999.
pub(crate) fn amount(
    locale: &Locale,
    value: Decimal,
    currency: Option<&str>,
    system: Option<System>,
) -> Option<String> {
    let digits = currency.map_or(0, minor_digits);
    let value = value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    let whole = value.trunc().to_u64().filter(|&whole| whole <= MAX_WHOLE)?;
    let minor = ((value - value.trunc()) * Decimal::from(10_u32.pow(digits))).to_u64()?;
    let hindi = locale.language == Language::Hindi;
    let system = system.unwrap_or(match locale.language {
        Language::Hindi | Language::Tamil => System::Indian,
        _ if locale.region() == Some("IN") => System::Indian,
        _ => System::International,
    });
    let number = |n: u64| {
        if hindi {
            scaled(n, &HINDI_SCALE, &hindi_below_thousand)
        } else {
            english(n, system)
        }
    };
    let Some(currency) = currency else {
        return Some(capitalised(&number(whole)));
    };
    let unit = units(currency, hindi);
    let mut parts = Vec::new();
    if whole > 0 || minor == 0 {
        parts.push(format!(
            "{} {}",
            number(whole),
            if whole == 1 { unit.one } else { unit.many }
        ));
    }
    if minor > 0 {
        parts.push(format!(
            "{} {}",
            number(minor),
            if minor == 1 {
                unit.minor_one
            } else {
                unit.minor_many
            }
        ));
    }
    let (and, only) = if hindi {
        (" और ", "मात्र")
    } else {
        (" and ", "only")
    };
    Some(capitalised(&format!("{} {only}", parts.join(and))))
}

struct Unit<'a> {
    one: &'a str,
    many: &'a str,
    minor_one: &'a str,
    minor_many: &'a str,
}

fn units(currency: &str, hindi: bool) -> Unit<'_> {
    let unit = |one, many, minor_one, minor_many| Unit {
        one,
        many,
        minor_one,
        minor_many,
    };
    match (currency, hindi) {
        ("INR", true) => unit("रुपया", "रुपये", "पैसा", "पैसे"),
        ("INR", false) => unit("rupee", "rupees", "paisa", "paise"),
        ("AED", true) => unit("दिरहम", "दिरहम", "फ़िल्स", "फ़िल्स"),
        ("AED", false) => unit("dirham", "dirhams", "fils", "fils"),
        ("USD", false) => unit("US dollar", "US dollars", "cent", "cents"),
        ("EUR", false) => unit("euro", "euros", "cent", "cents"),
        ("GBP", false) => unit("pound sterling", "pounds sterling", "penny", "pence"),
        ("SAR", false) => unit("Saudi riyal", "Saudi riyals", "halala", "halalas"),
        (code, true) => unit(code, code, "सौवाँ भाग", "सौवें भाग"),
        (code, false) => unit(code, code, "minor unit", "minor units"),
    }
}

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const INDIAN_SCALE: [(u64, &str); 3] = [
    (10_000_000, "crore"),
    (100_000, "lakh"),
    (1_000, "thousand"),
];
const INTERNATIONAL_SCALE: [(u64, &str); 4] = [
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];
const HINDI_SCALE: [(u64, &str); 3] = [(10_000_000, "करोड़"), (100_000, "लाख"), (1_000, "हज़ार")];

fn english(n: u64, system: System) -> String {
    match system {
        System::Indian => scaled(n, &INDIAN_SCALE, &english_below_thousand),
        System::International => scaled(n, &INTERNATIONAL_SCALE, &english_below_thousand),
    }
}

/// Names a number by a scale of great units. The counts of the greatest unit (a lakh crore) are named by the
/// same scale; each step divides by at least 1,000, so the depth is small.
fn scaled(n: u64, scale: &[(u64, &str)], small: &dyn Fn(u64) -> String) -> String {
    let mut rest = n;
    let mut parts = Vec::new();
    for &(size, name) in scale {
        if rest >= size {
            parts.push(format!("{} {name}", scaled(rest / size, scale, small)));
            rest %= size;
        }
    }
    if rest > 0 || parts.is_empty() {
        parts.push(small(rest));
    }
    parts.join(" ")
}

/// Names 0 to 999.
fn english_below_thousand(n: u64) -> String {
    let tens = |n: u64| match (n / 10, n % 10) {
        (0 | 1, _) => SMALL[n as usize].to_owned(),
        (ten, 0) => TENS[ten as usize].to_owned(),
        (ten, one) => format!("{}-{}", TENS[ten as usize], SMALL[one as usize]),
    };
    match (n / 100 % 10, n % 100) {
        (0, rest) => tens(rest),
        (hundreds, 0) => format!("{} hundred", SMALL[hundreds as usize]),
        (hundreds, rest) => format!("{} hundred {}", SMALL[hundreds as usize], tens(rest)),
    }
}

#[rustfmt::skip]
const HINDI: [&str; 100] = [
    "शून्य", "एक", "दो", "तीन", "चार", "पाँच", "छह", "सात", "आठ", "नौ",
    "दस", "ग्यारह", "बारह", "तेरह", "चौदह", "पंद्रह", "सोलह", "सत्रह", "अठारह", "उन्नीस",
    "बीस", "इक्कीस", "बाईस", "तेईस", "चौबीस", "पच्चीस", "छब्बीस", "सत्ताईस", "अट्ठाईस", "उनतीस",
    "तीस", "इकतीस", "बत्तीस", "तैंतीस", "चौंतीस", "पैंतीस", "छत्तीस", "सैंतीस", "अड़तीस", "उनतालीस",
    "चालीस", "इकतालीस", "बयालीस", "तैंतालीस", "चौवालीस", "पैंतालीस", "छियालीस", "सैंतालीस", "अड़तालीस", "उनचास",
    "पचास", "इक्यावन", "बावन", "तिरपन", "चौवन", "पचपन", "छप्पन", "सत्तावन", "अट्ठावन", "उनसठ",
    "साठ", "इकसठ", "बासठ", "तिरसठ", "चौंसठ", "पैंसठ", "छियासठ", "सड़सठ", "अड़सठ", "उनहत्तर",
    "सत्तर", "इकहत्तर", "बहत्तर", "तिहत्तर", "चौहत्तर", "पचहत्तर", "छिहत्तर", "सतहत्तर", "अठहत्तर", "उन्यासी",
    "अस्सी", "इक्यासी", "बयासी", "तिरासी", "चौरासी", "पचासी", "छियासी", "सत्तासी", "अट्ठासी", "नवासी",
    "नब्बे", "इक्यानवे", "बानवे", "तिरानवे", "चौरानवे", "पचानवे", "छियानवे", "सत्तानवे", "अट्ठानवे", "निन्यानवे",
];

/// Names 0 to 999.
fn hindi_below_thousand(n: u64) -> String {
    match (n / 100 % 10, n % 100) {
        (0, rest) => HINDI[rest as usize].to_owned(),
        (hundreds, 0) => format!("{} सौ", HINDI[hundreds as usize]),
        (hundreds, rest) => format!("{} सौ {}", HINDI[hundreds as usize], HINDI[rest as usize]),
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(tag: &str, value: &str, currency: Option<&str>) -> Option<String> {
        amount(
            &Locale::parse(tag).expect("a tag"),
            value.parse().expect("a number"),
            currency,
            None,
        )
    }

    #[test]
    fn english_by_lakh_and_crore() {
        assert_eq!(
            words("en-IN", "500000", Some("INR")).as_deref(),
            Some("Five lakh rupees only")
        );
        assert_eq!(
            words("en-IN", "12345678.50", Some("INR")).as_deref(),
            Some(
                "One crore twenty-three lakh forty-five thousand six hundred seventy-eight rupees and fifty paise only"
            )
        );
        assert_eq!(
            words("en-IN", "1000000000000", None).as_deref(),
            Some("One lakh crore")
        );
        assert_eq!(
            words("en-IN", "0.01", Some("INR")).as_deref(),
            Some("One paisa only")
        );
        assert_eq!(
            words("en-IN", "0", Some("INR")).as_deref(),
            Some("Zero rupees only")
        );
    }

    #[test]
    fn english_by_thousands() {
        assert_eq!(
            words("en-US", "1000001", Some("USD")).as_deref(),
            Some("One million one US dollars only")
        );
        assert_eq!(
            words("ar-AE", "21000", Some("AED")).as_deref(),
            Some("Twenty-one thousand dirhams only")
        );
    }

    #[test]
    fn hindi() {
        assert_eq!(
            words("hi-IN", "555000", Some("INR")).as_deref(),
            Some("पाँच लाख पचपन हज़ार रुपये मात्र")
        );
        assert_eq!(
            words("hi-IN", "1.25", Some("INR")).as_deref(),
            Some("एक रुपया और पच्चीस पैसे मात्र")
        );
    }

    #[test]
    fn amounts_without_words_are_refused() {
        assert_eq!(words("en", "-1", None), None);
        assert_eq!(words("en", "1000000000000000", None), None);
        assert!(words("en", "999999999999999", None).is_some());
    }
}
