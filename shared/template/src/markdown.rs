//! Markdown as an HTML document.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::locale::Locale;

const SHEET: &str = include_str!("markdown.css");

/// Makes a whole HTML document; its title is the first heading.
pub(crate) fn document(source: &str, locale: &Locale) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut body = String::with_capacity(source.len() * 3 / 2);
    html::push_html(&mut body, Parser::new_ext(source, options));
    let title = title(Parser::new_ext(source, options));
    let mut page = String::with_capacity(body.len() + SHEET.len() + 256);
    page.push_str("<!DOCTYPE html>\n<html lang=\"");
    page.push_str(locale.tag());
    page.push_str("\" dir=\"");
    page.push_str(locale.direction().as_str());
    page.push_str("\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    page.push_str(&minijinja::HtmlEscape(&title).to_string());
    page.push_str("</title>\n<style>\n");
    page.push_str(SHEET);
    page.push_str("</style>\n</head>\n<body>\n");
    page.push_str(&body);
    page.push_str("</body>\n</html>\n");
    page
}

/// The text of the first heading, of the first level when there is one.
fn title<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    let mut first = None;
    let mut current: Option<String> = None;
    for event in events {
        match event {
            Event::Start(Tag::Heading { .. }) => current = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(title) = &mut current {
                    title.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(level)) => {
                let text = current.take().unwrap_or_default();
                if level == HeadingLevel::H1 {
                    return text;
                }
                first.get_or_insert(text);
            }
            _ => {}
        }
    }
    first.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(source: &str) -> String {
        document(source, &Locale::parse("ar-AE").expect("a tag"))
    }

    #[test]
    fn tables_footnotes_strikethrough_and_html() {
        let html = page(
            "# A & *B*\n\n|a|b|\n|-|-:|\n|1|2|\n\n~~no~~ yes[^1] <kbd>k</kbd>\n\n[^1]: because\n",
        );
        for part in [
            "<html lang=\"ar-AE\" dir=\"rtl\">",
            "<title>A &amp; B</title>",
            "<table>",
            "text-align: right",
            "<del>no</del>",
            "footnote-definition",
            "<kbd>k</kbd>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn the_title_is_the_first_heading_of_the_first_level() {
        assert!(page("## two\n\n# one").contains("<title>one</title>"));
        assert!(page("## two").contains("<title>two</title>"));
        assert!(page("none").contains("<title></title>"));
    }

    #[test]
    fn deep_nesting_ends() {
        assert!(page(&">".repeat(100_000)).len() > 100_000);
        assert!(page(&"[".repeat(100_000)).len() > 100_000);
    }
}
