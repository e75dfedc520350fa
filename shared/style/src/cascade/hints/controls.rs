//! Form controls: what their attributes say of their size, and how much of them is filled (HTML §15.5).

use crate::dom::Element;

/// The line of a control that shows how much of something is there, and the rest of it.
const TRACK: &str = "linear-gradient(#efefef, #efefef) center / 100%";

/// What the attributes of a control declare; empty for other elements.
pub(super) fn declarations(element: &Element) -> String {
    match &*element.name {
        "input" => input(element),
        "textarea" => textarea(element),
        "select" => select(element),
        "progress" => progress(element),
        "meter" => meter(element),
        _ => String::new(),
    }
}

/// A number of characters or lines, as attributes give it.
fn count(element: &Element, name: &str) -> Option<u32> {
    let number = element.attribute(name)?.trim().parse().ok()?;
    (1..=10_000).contains(&number).then_some(number)
}

fn number(element: &Element, name: &str) -> Option<f32> {
    let number: f32 = element.attribute(name)?.trim().parse().ok()?;
    number.is_finite().then_some(number)
}

fn input(element: &Element) -> String {
    let kind = element.attribute("type").unwrap_or("text");
    let is = |kinds: &[&str]| kinds.iter().any(|other| kind.eq_ignore_ascii_case(other));
    if is(&["range"]) {
        return range(element);
    }
    if is(&["color"]) {
        return color(element);
    }
    // The width of a button or a date is that of its content; an unknown type is text.
    let sized = !is(&[
        "hidden",
        "checkbox",
        "radio",
        "file",
        "submit",
        "image",
        "reset",
        "button",
        "date",
        "month",
        "week",
        "time",
        "datetime-local",
        "number",
    ]);
    match count(element, "size").filter(|_| sized) {
        // As wide as so many characters of common sans-serif fonts.
        Some(size) => format!("width: calc({size} * 0.6em + 1.275em)"),
        None => String::new(),
    }
}

fn range(element: &Element) -> String {
    let low = number(element, "min").unwrap_or(0.0);
    let high = number(element, "max").unwrap_or(100.0).max(low);
    let value = number(element, "value").unwrap_or((low + high) / 2.0);
    let part = 100.0 * part_of(value, low, high);
    format!(
        "background: radial-gradient(circle, #0075ff 7.5px, transparent 8px) \
         {part}% center / 16px 16px no-repeat, linear-gradient(#0075ff, #0075ff) \
         left center / {part}% 6px no-repeat, {TRACK} 6px no-repeat"
    )
}

fn color(element: &Element) -> String {
    let value = element.attribute("value").unwrap_or_default().trim();
    let digits = value.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        format!("background: linear-gradient({value}, {value}) content-box, #efefef")
    } else {
        String::new()
    }
}

fn textarea(element: &Element) -> String {
    let columns = count(element, "cols");
    let width = columns.map(|columns| format!("width: calc({columns} * 0.6em + 15px);"));
    let rows = count(element, "rows");
    let height = rows.map(|rows| format!("height: {rows}lh;"));
    width.into_iter().chain(height).collect()
}

fn select(element: &Element) -> String {
    match count(element, "size") {
        Some(size) if size > 1 || element.attribute("multiple").is_some() => {
            format!("height: {}px", 17 * size + 2)
        }
        _ => String::new(),
    }
}

fn progress(element: &Element) -> String {
    let Some(value) = number(element, "value") else {
        return String::new();
    };
    let most = number(element, "max").filter(|most| *most > 0.0);
    bar("#0075ff", part_of(value, 0.0, most.unwrap_or(1.0)))
}

/// The colour says how far the value's region is from the optimum's (HTML §4.10.14).
fn meter(element: &Element) -> String {
    let of = |name: &str, otherwise: f32| number(element, name).unwrap_or(otherwise);
    let least = of("min", 0.0);
    let most = of("max", 1.0).max(least);
    let within = |value: f32| value.clamp(least, most);
    let value = within(of("value", 0.0));
    let low = within(of("low", least));
    let high = within(of("high", most)).max(low);
    let optimum = within(of("optimum", (least + most) / 2.0));
    let region = |value: f32| i32::from(value >= low) + i32::from(value > high);
    let color = match region(value).abs_diff(region(optimum)) {
        0 => "#107c10",
        1 => "#ffb900",
        _ => "#d83b01",
    };
    bar(color, part_of(value, least, most))
}

fn part_of(value: f32, least: f32, most: f32) -> f32 {
    let part = (value - least) / (most - least);
    if part.is_finite() {
        part.clamp(0.0, 1.0)
    } else {
        0.0
    }
}

fn bar(color: &str, part: f32) -> String {
    format!(
        "background: linear-gradient({color}, {color}) left center / {}% 0.5em no-repeat, \
         {TRACK} 0.5em no-repeat",
        part * 100.0
    )
}
