//! Dates of the Gregorian calendar (CLDR `dates/calendars/gregorian`).

use jiff::civil::Date;

use super::{Language, Locale};

/// How a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateStyle {
    /// Day of the week, day, month by name, year.
    Full,
    /// Day, month by name, year.
    Long,
    /// Day, month by short name, year.
    Medium,
    /// Numbers only, the year with four digits: legal papers outlive two.
    Short,
    /// Month by name and year.
    Month,
    /// ISO 8601.
    Iso,
}

impl DateStyle {
    pub(crate) const NAMES: &'static str = "full, long, medium, short, month or iso";

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "full" => Self::Full,
            "long" => Self::Long,
            "medium" => Self::Medium,
            "short" => Self::Short,
            "month" => Self::Month,
            "iso" => Self::Iso,
            _ => return None,
        })
    }
}

struct Names {
    months: [&'static str; 12],
    short_months: [&'static str; 12],
    /// From Monday.
    days: [&'static str; 7],
}

const ENGLISH: Names = Names {
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    short_months: [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ],
    days: [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ],
};

const HINDI: Names = Names {
    months: [
        "जनवरी",
        "फ़रवरी",
        "मार्च",
        "अप्रैल",
        "मई",
        "जून",
        "जुलाई",
        "अगस्त",
        "सितंबर",
        "अक्टूबर",
        "नवंबर",
        "दिसंबर",
    ],
    short_months: [
        "जन॰",
        "फ़र॰",
        "मार्च",
        "अप्रैल",
        "मई",
        "जून",
        "जुल॰",
        "अग॰",
        "सित॰",
        "अक्टू॰",
        "नव॰",
        "दिस॰",
    ],
    days: [
        "सोमवार",
        "मंगलवार",
        "बुधवार",
        "गुरुवार",
        "शुक्रवार",
        "शनिवार",
        "रविवार",
    ],
};

const TAMIL: Names = Names {
    months: [
        "ஜனவரி",
        "பிப்ரவரி",
        "மார்ச்",
        "ஏப்ரல்",
        "மே",
        "ஜூன்",
        "ஜூலை",
        "ஆகஸ்ட்",
        "செப்டம்பர்",
        "அக்டோபர்",
        "நவம்பர்",
        "டிசம்பர்",
    ],
    short_months: [
        "ஜன.",
        "பிப்.",
        "மார்.",
        "ஏப்.",
        "மே",
        "ஜூன்",
        "ஜூலை",
        "ஆக.",
        "செப்.",
        "அக்.",
        "நவ.",
        "டிச.",
    ],
    days: ["திங்கள்", "செவ்வாய்", "புதன்", "வியாழன்", "வெள்ளி", "சனி", "ஞாயிறு"],
};

const ARABIC: Names = Names {
    months: [
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ],
    short_months: [
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ],
    days: [
        "الاثنين",
        "الثلاثاء",
        "الأربعاء",
        "الخميس",
        "الجمعة",
        "السبت",
        "الأحد",
    ],
};

const GERMAN: Names = Names {
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    short_months: [
        "Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.",
        "Dez.",
    ],
    days: [
        "Montag",
        "Dienstag",
        "Mittwoch",
        "Donnerstag",
        "Freitag",
        "Samstag",
        "Sonntag",
    ],
};

const FRENCH: Names = Names {
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    short_months: [
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
        "déc.",
    ],
    days: [
        "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
    ],
};

const SPANISH: Names = Names {
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    short_months: [
        "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic",
    ],
    days: [
        "lunes",
        "martes",
        "miércoles",
        "jueves",
        "viernes",
        "sábado",
        "domingo",
    ],
};

impl Locale {
    /// Writes a date.
    pub(crate) fn date(&self, date: Date, style: DateStyle) -> String {
        let names = match self.language {
            Language::English => &ENGLISH,
            Language::Hindi => &HINDI,
            Language::Tamil => &TAMIL,
            Language::Arabic => &ARABIC,
            Language::German => &GERMAN,
            Language::French => &FRENCH,
            Language::Spanish => &SPANISH,
            Language::Other => return iso(date, style),
        };
        if style == DateStyle::Iso {
            return iso(date, style);
        }
        let american = self.language == Language::English
            && matches!(self.region(), None | Some("US" | "PH" | "PR"));
        let (day, month, year) = (date.day(), date.month(), date.year());
        // jiff's months and days of the week are within 1..=12 and 1..=7.
        let long = names.months[usize::from(month.unsigned_abs()) - 1];
        let short = names.short_months[usize::from(month.unsigned_abs()) - 1];
        let weekday =
            names.days[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())];
        let text = match (style, self.language) {
            (DateStyle::Iso, _) => iso(date, style),
            (DateStyle::Long, Language::English) if american => format!("{long} {day}, {year}"),
            (DateStyle::Full, Language::English) if american => {
                format!("{weekday}, {long} {day}, {year}")
            }
            (DateStyle::Medium, Language::English) if american => format!("{short} {day}, {year}"),
            (DateStyle::Short, Language::English) if american => format!("{month}/{day}/{year}"),
            (DateStyle::Long, Language::German) => format!("{day}. {long} {year}"),
            (DateStyle::Full, Language::German) => format!("{weekday}, {day}. {long} {year}"),
            (DateStyle::Medium | DateStyle::Short, Language::German) => {
                format!("{day:02}.{month:02}.{year}")
            }
            (DateStyle::Long | DateStyle::Full | DateStyle::Medium, Language::French) => {
                let day = if day == 1 {
                    "1er".to_owned()
                } else {
                    day.to_string()
                };
                match style {
                    DateStyle::Full => format!("{weekday} {day} {long} {year}"),
                    DateStyle::Medium => format!("{day} {short} {year}"),
                    _ => format!("{day} {long} {year}"),
                }
            }
            (DateStyle::Long, Language::Spanish) => format!("{day} de {long} de {year}"),
            (DateStyle::Full, Language::Spanish) => format!("{weekday}, {day} de {long} de {year}"),
            (DateStyle::Month, Language::Spanish) => format!("{long} de {year}"),
            (DateStyle::Long, Language::Tamil) => format!("{day} {long}, {year}"),
            (DateStyle::Full, Language::Tamil) => format!("{weekday}, {day} {long}, {year}"),
            (DateStyle::Medium, Language::Tamil) => format!("{day} {short}, {year}"),
            (DateStyle::Full, Language::Arabic) => format!("{weekday}، {day} {long} {year}"),
            (DateStyle::Long, _) => format!("{day} {long} {year}"),
            (DateStyle::Full, _) => format!("{weekday}, {day} {long} {year}"),
            (DateStyle::Medium, _) => format!("{day} {short} {year}"),
            (DateStyle::Month, _) => format!("{long} {year}"),
            // Right-to-left marks keep day, month and year in reading order (CLDR `ar` dateFormats/short).
            (DateStyle::Short, Language::Arabic) => format!("{day}\u{200f}/{month}\u{200f}/{year}"),
            (DateStyle::Short, _) => format!("{day:02}/{month:02}/{year}"),
        };
        self.digits(text)
    }
}

fn iso(date: Date, style: DateStyle) -> String {
    match style {
        DateStyle::Month => format!("{:04}-{:02}", date.year(), date.month()),
        _ => date.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(tag: &str, style: DateStyle) -> String {
        Locale::parse(tag)
            .expect("a tag")
            .date(Date::constant(2026, 1, 5), style)
    }

    #[test]
    fn long_dates() {
        assert_eq!(date("en-IN", DateStyle::Long), "5 January 2026");
        assert_eq!(date("en-US", DateStyle::Long), "January 5, 2026");
        assert_eq!(date("hi-IN", DateStyle::Long), "5 जनवरी 2026");
        assert_eq!(date("ta-IN", DateStyle::Long), "5 ஜனவரி, 2026");
        assert_eq!(date("ar-EG", DateStyle::Long), "٥ يناير ٢٠٢٦");
        assert_eq!(date("de", DateStyle::Long), "5. Januar 2026");
        assert_eq!(date("fr", DateStyle::Long), "5 janvier 2026");
        assert_eq!(date("es", DateStyle::Long), "5 de enero de 2026");
        assert_eq!(date("ja", DateStyle::Long), "2026-01-05");
    }

    #[test]
    fn other_styles() {
        assert_eq!(date("en-GB", DateStyle::Full), "Monday, 5 January 2026");
        assert_eq!(date("en-IN", DateStyle::Medium), "5 Jan 2026");
        assert_eq!(date("en-IN", DateStyle::Short), "05/01/2026");
        assert_eq!(date("en-US", DateStyle::Short), "1/5/2026");
        assert_eq!(date("de", DateStyle::Medium), "05.01.2026");
        assert_eq!(date("hi", DateStyle::Month), "जनवरी 2026");
        assert_eq!(date("ja", DateStyle::Month), "2026-01");
        assert_eq!(date("ar-EG", DateStyle::Iso), "2026-01-05");
    }
}
