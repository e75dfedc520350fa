//! Which plural form a number takes (CLDR `supplemental/plurals`, cardinal).

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Language, Locale};

/// CLDR's plural categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PluralCategory {
    Zero,
    One,
    Two,
    Few,
    Many,
    Other,
}

impl PluralCategory {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::One => "one",
            Self::Two => "two",
            Self::Few => "few",
            Self::Many => "many",
            Self::Other => "other",
        }
    }
}

impl Locale {
    /// The category of a number in this language.
    pub(crate) fn plural(&self, value: Decimal) -> PluralCategory {
        let value = value.abs().normalize();
        let whole = value.scale() == 0;
        let i = value.trunc().to_u128().unwrap_or(u128::MAX);
        match self.language {
            Language::English | Language::German | Language::Other if whole && i == 1 => {
                PluralCategory::One
            }
            Language::Tamil | Language::Spanish if whole && i == 1 => PluralCategory::One,
            Language::Hindi if i == 0 || (whole && i == 1) => PluralCategory::One,
            Language::French if i < 2 => PluralCategory::One,
            Language::French | Language::Spanish
                if whole && i != 0 && i.is_multiple_of(1_000_000) =>
            {
                PluralCategory::Many
            }
            Language::Arabic if whole => match (i, i % 100) {
                (0, _) => PluralCategory::Zero,
                (1, _) => PluralCategory::One,
                (2, _) => PluralCategory::Two,
                (_, 3..=10) => PluralCategory::Few,
                (_, 11..=99) => PluralCategory::Many,
                _ => PluralCategory::Other,
            },
            _ => PluralCategory::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category(tag: &str, value: &str) -> &'static str {
        Locale::parse(tag)
            .expect("a tag")
            .plural(value.parse().expect("a number"))
            .as_str()
    }

    #[test]
    fn categories() {
        assert_eq!(
            [
                category("en", "1"),
                category("en", "0"),
                category("en", "1.5")
            ],
            ["one", "other", "other"]
        );
        assert_eq!(
            [
                category("hi", "0"),
                category("hi", "0.5"),
                category("hi", "2")
            ],
            ["one", "one", "other"]
        );
        assert_eq!(
            [category("fr", "1.5"), category("fr", "2")],
            ["one", "other"]
        );
        let arabic = [
            "0", "1", "2", "3", "10", "11", "99", "100", "102", "103", "111",
        ]
        .map(|n| category("ar", n));
        assert_eq!(
            arabic,
            [
                "zero", "one", "two", "few", "few", "many", "many", "other", "other", "few", "many"
            ]
        );
    }
}
