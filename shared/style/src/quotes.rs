//! Quotation marks by language, for `quotes: auto` (Unicode CLDR's delimiters).

/// The quotation marks of `language` (BCP 47): outer pair, then inner. English where unknown.
pub fn quotes_for(language: Option<&str>) -> [(&'static str, &'static str); 2] {
    const ENGLISH: [(&str, &str); 2] = [("“", "”"), ("‘", "’")];
    let language = language.unwrap_or_default().to_ascii_lowercase();
    let base = language.split(['-', '_']).next().unwrap_or_default();
    match (language.as_str(), base) {
        ("de-ch" | "fr-ch" | "it-ch", _) | (_, "rm") => [("«", "»"), ("‹", "›")],
        ("pt-pt", _) => [("«", "»"), ("“", "”")],
        ("zh-tw" | "zh-hk" | "zh-mo" | "zh-hant", _) | (_, "ja" | "yue") => {
            [("「", "」"), ("『", "』")]
        }
        (_, "de" | "cs" | "sk" | "sl" | "lt" | "is" | "et" | "lb" | "hsb" | "dsb" | "sq") => {
            [("„", "“"), ("‚", "‘")]
        }
        (_, "fr") => [("«", "»"), ("«", "»")],
        (_, "br") => [("«", "»"), ("“", "”")],
        (_, "es" | "it" | "ca" | "gl" | "eu" | "el") => [("«", "»"), ("“", "”")],
        (_, "ru" | "uk" | "be") => [("«", "»"), ("„", "“")],
        (_, "no" | "nb" | "nn") => [("«", "»"), ("‘", "’")],
        (_, "sv" | "fi") => [("”", "”"), ("’", "’")],
        (_, "da") => [("“", "”"), ("‘", "’")],
        (_, "pl" | "ro") => [("„", "”"), ("«", "»")],
        (_, "hu") => [("„", "”"), ("»", "«")],
        (_, "bg") => [("„", "“"), ("’", "’")],
        (_, "hr" | "bs" | "sr" | "mk") => [("„", "”"), ("‘", "’")],
        (_, "nl") => [("‘", "’"), ("‘", "’")],
        (_, "am" | "fa") => [("«", "»"), ("‹", "›")],
        (_, "he" | "iw") => [("”", "”"), ("’", "’")],
        (_, "ar") => [("”", "“"), ("’", "‘")],
        (_, "ur") => [("“", "”"), ("‘", "’")],
        _ => ENGLISH,
    }
}
