//! Which embedded family stands for a name or a script.

/// The family whose glyphs are used when nothing else has a character.
pub const LAST_RESORT: &str = "DejaVu Sans";

const SANS: &[&str] = &["Liberation Sans"];
const SERIF: &[&str] = &["Liberation Serif"];
const MONO: &[&str] = &["Liberation Mono"];

/// Family names in lower case and what serves for them, in order of preference.
///
/// Liberation has the metrics of Arial, Times New Roman and Courier New, Carlito those of Calibri,
/// Caladea those of Cambria; the others are of the same kind only. The generic families are CSS
/// Fonts 4 §2.1.
pub fn aliases() -> &'static [(&'static str, &'static [&'static str])] {
    &[
        ("sans-serif", SANS),
        ("serif", SERIF),
        ("monospace", MONO),
        ("cursive", SERIF),
        ("fantasy", SANS),
        ("system-ui", SANS),
        ("math", SERIF),
        ("emoji", &["DejaVu Sans"]),
        ("fangsong", SERIF),
        ("ui-sans-serif", SANS),
        ("ui-serif", SERIF),
        ("ui-monospace", MONO),
        ("ui-rounded", SANS),
        ("-apple-system", SANS),
        ("blinkmacsystemfont", SANS),
        ("arial", SANS),
        ("arimo", SANS),
        ("arial unicode ms", SANS),
        ("helvetica", SANS),
        ("helvetica neue", SANS),
        ("nimbus sans", SANS),
        ("verdana", SANS),
        ("tahoma", SANS),
        ("trebuchet ms", SANS),
        ("geneva", SANS),
        ("segoe ui", SANS),
        ("roboto", SANS),
        ("open sans", SANS),
        ("inter", SANS),
        ("lato", SANS),
        ("noto sans", SANS),
        ("calibri", &["Carlito", "Liberation Sans"]),
        ("times new roman", SERIF),
        ("times", SERIF),
        ("tinos", SERIF),
        ("georgia", SERIF),
        ("garamond", SERIF),
        ("palatino", SERIF),
        ("palatino linotype", SERIF),
        ("book antiqua", SERIF),
        ("noto serif", SERIF),
        ("cambria", &["Caladea", "Liberation Serif"]),
        ("courier new", MONO),
        ("courier", MONO),
        ("cousine", MONO),
        ("consolas", MONO),
        ("menlo", MONO),
        ("monaco", MONO),
        ("lucida console", MONO),
        ("sfmono-regular", MONO),
        ("noto naskh", &["Noto Naskh Arabic"]),
        ("traditional arabic", &["Noto Naskh Arabic"]),
        ("simplified arabic", &["Noto Naskh Arabic"]),
        ("mangal", &["Noto Sans Devanagari"]),
        ("nirmala ui", &["Noto Sans Devanagari"]),
        ("latha", &["Noto Sans Tamil"]),
        ("vrinda", &["Noto Sans Bengali"]),
        ("gautami", &["Noto Sans Telugu"]),
        ("shruti", &["Noto Sans Gujarati"]),
    ]
}

/// ISO 15924 scripts and the families that serve them, in order of preference; `Zyyy` is for
/// every script, after its own.
pub fn fallbacks() -> &'static [([u8; 4], &'static [&'static str])] {
    const FALLBACKS: &[([u8; 4], &[&str])] = &[
        (*b"Arab", &["Noto Sans Arabic", "Noto Naskh Arabic"]),
        (*b"Hebr", &["Noto Sans Hebrew"]),
        (*b"Deva", &["Noto Sans Devanagari"]),
        (*b"Beng", &["Noto Sans Bengali"]),
        (*b"Taml", &["Noto Sans Tamil"]),
        (*b"Telu", &["Noto Sans Telugu"]),
        (*b"Gujr", &["Noto Sans Gujarati"]),
        (*b"Thai", &["Noto Sans Thai"]),
        // In the order in which fontconfig ranks them: the rupee sign is Devanagari's before it is Carlito's.
        (
            *b"Zyyy",
            &[
                "Liberation Sans",
                "Noto Sans Arabic",
                "Noto Sans Devanagari",
                "Noto Sans Thai",
                "Carlito",
                "DejaVu Sans",
            ],
        ),
    ];
    FALLBACKS
}

/// The script of a content language (BCP 47), where it is one that [`fallbacks`] serves and the families
/// of the generic names do not have: so not Latin, and not Hebrew, which is in Liberation.
///
/// By the script subtag, else by the language's usual script (CLDR's likely subtags).
pub fn script_of(language: &str) -> Option<[u8; 4]> {
    let mut subtags = language.split(['-', '_']);
    let primary = subtags.next()?.to_ascii_lowercase();
    let written = subtags.next().filter(|subtag| subtag.len() == 4);
    let script = match written {
        Some(script) => {
            let mut script = <[u8; 4]>::try_from(script.as_bytes()).ok()?;
            script.make_ascii_lowercase();
            script[0].make_ascii_uppercase();
            script
        }
        None => match primary.as_str() {
            "ar" | "fa" | "ur" | "ps" | "ckb" | "ug" | "sd" => *b"Arab",
            "hi" | "mr" | "ne" | "sa" | "kok" => *b"Deva",
            "bn" | "as" => *b"Beng",
            "ta" => *b"Taml",
            "te" => *b"Telu",
            "gu" => *b"Gujr",
            "th" => *b"Thai",
            _ => return None,
        },
    };
    let served = fallbacks().iter().any(|(served, _)| *served == script);
    (served && ![*b"Zyyy", *b"Hebr"].contains(&script)).then_some(script)
}

/// Whether a family name is one of CSS's generic ones (CSS Fonts 4 §2.1), whose fonts depend on the
/// language of the text.
pub fn is_generic(family: &str) -> bool {
    const GENERIC: [&str; 9] = [
        "serif",
        "sans-serif",
        "monospace",
        "cursive",
        "fantasy",
        "system-ui",
        "ui-serif",
        "ui-sans-serif",
        "ui-monospace",
    ];
    GENERIC.iter().any(|name| family.eq_ignore_ascii_case(name))
}
