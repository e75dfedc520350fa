//! Amounts of money (CLDR `numbers/currencyFormats`, `currencies`; ISO 4217).

use rust_decimal::Decimal;

use super::{Language, Locale};

const NBSP: char = '\u{a0}';
const RLM: char = '\u{200f}';

/// Decimals of a currency (ISO 4217, column "Minor unit").
pub(crate) fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

fn symbol<'a>(locale: &Locale, currency: &'a str) -> &'a str {
    let region = locale.region().unwrap_or("");
    if locale.language == Language::Arabic {
        return match currency {
            "AED" => "د.إ.\u{200f}",
            "BHD" => "د.ب.\u{200f}",
            "EGP" => "ج.م.\u{200f}",
            "JOD" => "د.أ.\u{200f}",
            "KWD" => "د.ك.\u{200f}",
            "MAD" => "د.م.\u{200f}",
            "OMR" => "ر.ع.\u{200f}",
            "QAR" => "ر.ق.\u{200f}",
            "SAR" => "ر.س.\u{200f}",
            "USD" => "US$",
            "EUR" => "€",
            "GBP" => "UK£",
            "INR" => "₹",
            "JPY" => "JP¥",
            other => other,
        };
    }
    match (currency, locale.language) {
        ("USD", Language::French) => "$US",
        ("USD", Language::Spanish) if region != "US" && region != "PR" => "US$",
        ("USD", Language::English) if matches!(region, "CA" | "AU" | "NZ" | "SG") => "US$",
        ("CAD", Language::English) if region == "CA" => "$",
        ("AUD", Language::English) if region == "AU" => "$",
        ("MXN", Language::Spanish) if region == "MX" => "$",
        ("GBP", Language::French) => "£GB",
        ("USD", _) => "$",
        ("EUR", _) => "€",
        ("GBP", _) => "£",
        ("INR", _) => "₹",
        ("JPY", _) => "¥",
        ("KRW", _) => "₩",
        ("ILS", _) => "₪",
        ("VND", _) => "₫",
        (other, _) => other,
    }
}

impl Locale {
    /// Writes an amount in a currency, rounded half away from zero to the currency's decimals.
    pub(crate) fn money(&self, value: Decimal, currency: &str) -> String {
        let digits = minor_digits(currency);
        let (negative, amount) = self.magnitude(value, digits, digits);
        let minus = if negative { self.minus() } else { "" };
        let symbol = symbol(self, currency);
        let region = self.region().unwrap_or("");
        match self.language {
            Language::Arabic => format!("{RLM}{minus}{amount}{NBSP}{symbol}"),
            Language::German if region == "AT" => format!("{symbol}{NBSP}{minus}{amount}"),
            Language::German if region == "CH" || region == "LI" => {
                // CLDR writes "CHF-5.00": the sign takes the place of the space.
                if negative {
                    format!("{symbol}-{amount}")
                } else {
                    format!("{symbol}{NBSP}{amount}")
                }
            }
            Language::Spanish if matches!(region, "MX" | "US" | "PR") => {
                prefixed(minus, symbol, &amount)
            }
            Language::German | Language::French | Language::Spanish => {
                format!("{minus}{amount}{NBSP}{symbol}")
            }
            _ => prefixed(minus, symbol, &amount),
        }
    }
}

/// A symbol before the amount; one that ends in a letter keeps a space (CLDR `currencySpacing`).
fn prefixed(minus: &str, symbol: &str, amount: &str) -> String {
    let space = if symbol.ends_with(char::is_alphabetic) {
        "\u{a0}"
    } else {
        ""
    };
    format!("{minus}{symbol}{space}{amount}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(tag: &str, value: &str, currency: &str) -> String {
        Locale::parse(tag)
            .expect("a tag")
            .money(value.parse().expect("a number"), currency)
    }

    #[test]
    fn amounts_are_written_as_the_locale_does() {
        assert_eq!(money("en-IN", "500000", "INR"), "₹5,00,000.00");
        assert_eq!(money("hi-IN", "12345678.9", "INR"), "₹1,23,45,678.90");
        assert_eq!(money("ta-IN", "-500000", "INR"), "-₹5,00,000.00");
        assert_eq!(money("en-US", "1234.5", "USD"), "$1,234.50");
        assert_eq!(money("en-IN", "1234.5", "AED"), "AED\u{a0}1,234.50");
        assert_eq!(money("de-DE", "1234.56", "EUR"), "1.234,56\u{a0}€");
        assert_eq!(money("de-AT", "1234.56", "EUR"), "€\u{a0}1.234,56");
        assert_eq!(money("de-CH", "-5", "CHF"), "CHF-5.00");
        assert_eq!(money("fr-FR", "1234.56", "EUR"), "1\u{202f}234,56\u{a0}€");
        assert_eq!(money("es-ES", "1234.56", "EUR"), "1234,56\u{a0}€");
        assert_eq!(
            money("ar-EG", "1234.5", "EGP"),
            "\u{200f}١٬٢٣٤٫٥٠\u{a0}ج.م.\u{200f}"
        );
        assert_eq!(
            money("ar-AE", "-1234.5", "AED"),
            "\u{200f}\u{200e}-1,234.50\u{a0}د.إ.\u{200f}"
        );
    }

    #[test]
    fn decimals_are_the_currencys() {
        assert_eq!(money("en", "1234.5", "JPY"), "¥1,235");
        assert_eq!(money("en", "1.2345", "KWD"), "KWD\u{a0}1.235");
    }
}
