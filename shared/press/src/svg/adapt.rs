//! What CSS and SVG 2 allow in attributes and usvg does not read, said in words that it does.

use super::NAMESPACE;
use fanfold_geometry::Transform;
use std::collections::BTreeSet;
use std::ops::Range;
use usvg::roxmltree::{Document, Node};

/// The width of a line that is not drawn, but has a paint.
pub(super) const UNSEEN: f32 = 1.0 / 16_777_216.0;

/// Parts of the source with what replaces them.
type Edits = Vec<(Range<usize>, String)>;

/// The document as usvg is to read it, its root of this size.
///
/// Text on paths is left out unless `paths` may carry some.
pub(super) fn adapted(text: &str, source: &Document<'_>, size: (f32, f32), paths: bool) -> String {
    let root = source.root_element();
    let mut edits = Vec::new();
    let size = format!(" width=\"{}\" height=\"{}\"", size.0, size.1);
    edits.push((after_name(text, root), size));
    for name in ["width", "height"] {
        edits.extend(
            root.attribute_node(name)
                .map(|found| (found.range(), String::new())),
        );
    }
    if let Some(style) = root.attribute_node("style") {
        // What is below the image is drawn as CSS has it, not as far as usvg reads it.
        let end = style.range_value().end;
        edits.push((end..end, ";background-color:transparent!important".into()));
    }
    let mut names = None;
    for node in source.descendants().filter(Node::is_element) {
        if !paths && node.has_tag_name((NAMESPACE, "textPath")) {
            edits.push((node.range(), String::new()));
        } else if node.tag_name().namespace() == Some(NAMESPACE) {
            element(text, node, &mut edits);
            paints(source, node, &mut names, &mut edits);
        }
    }
    edited(text, edits)
}

/// The document with its elements in SVG's namespace.
pub(super) fn named(text: &str, root: Node<'_, '_>) -> String {
    let name = format!(" xmlns=\"{NAMESPACE}\"");
    edited(text, vec![(after_name(text, root), name)])
}

/// Behind an element's name, where attributes begin.
fn after_name(text: &str, node: Node<'_, '_>) -> Range<usize> {
    let start = node.range().start;
    let end = text[start..]
        .find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/')
        .map_or(start, |length| start + length);
    end..end
}

fn edited(text: &str, mut edits: Edits) -> String {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let added: usize = edits.iter().map(|(_, new)| new.len()).sum();
    let mut changed = String::with_capacity(text.len() + added);
    let mut from = 0;
    for (range, new) in edits {
        // What an edit before has taken is gone.
        if range.start >= from {
            changed.push_str(&text[from..range.start]);
            changed.push_str(&new);
            from = range.end;
        }
    }
    changed.push_str(&text[from..]);
    changed
}

fn element(text: &str, node: Node<'_, '_>, edits: &mut Edits) {
    for attribute in node
        .attributes()
        .filter(|found| found.namespace().is_none())
    {
        let value = attribute.value();
        match attribute.name() {
            // Presentation attributes take what the property does (SVG 2 §8.5).
            "transform" | "gradientTransform" | "patternTransform" => {
                if let Some(matrix) = matrix(value) {
                    edits.push((attribute.range_value(), matrix));
                }
            }
            "style" => {
                let font = node.attribute("font");
                if let Some(style) = style(value, font) {
                    edits.push((attribute.range_value(), escaped(&style)));
                }
            }
            // Markers take the paint of a line without width too, which usvg does not keep (SVG 2 §13.2).
            "stroke-width" if value.trim().parse() == Ok(0.0f32) && has_markers(node) => {
                edits.push((attribute.range_value(), format!("{UNSEEN}")));
            }
            // The shorthands.
            "font" => {
                let new = match node.attribute("style") {
                    Some(_) => String::new(),
                    None => format!("style=\"font:{}\"", escaped(value)),
                };
                edits.push((attribute.range(), new));
            }
            "marker" => {
                let mut new = String::new();
                for name in ["marker-start", "marker-mid", "marker-end"] {
                    if !node.has_attribute(name) {
                        new.push_str(&format!("{name}=\"{}\" ", escaped(value)));
                    }
                }
                edits.push((attribute.range(), new));
            }
            _ => {}
        }
    }
    if matches!(node.tag_name().name(), "text" | "tspan") {
        anchor(text, node, edits);
    }
}

fn has_markers(node: Node<'_, '_>) -> bool {
    let mut names = ["marker", "marker-start", "marker-mid", "marker-end"].iter();
    names.any(|name| node.has_attribute(*name))
}

/// In text from right to left the start is on the right (SVG 2 §11.10.2.1).
fn anchor(text: &str, node: Node<'_, '_>, edits: &mut Edits) {
    let inherited = |name: &str| {
        node.ancestors()
            .take(super::draw::DEEPEST)
            .find_map(|around| around.attribute(name))
    };
    if inherited("direction").map(str::trim) != Some("rtl") {
        return;
    }
    let turned = |anchor: Option<&str>| match anchor.map(str::trim) {
        None | Some("start") => Some("end"),
        Some("end") => Some("start"),
        _ => None,
    };
    match node.attribute_node("text-anchor") {
        Some(own) => {
            if let Some(new) = turned(Some(own.value())) {
                edits.push((own.range_value(), new.to_owned()));
            }
        }
        None if node.has_tag_name((NAMESPACE, "text")) => {
            if let Some(new) = turned(inherited("text-anchor")) {
                let new = format!(" text-anchor=\"{new}\"");
                edits.push((after_name(text, node), new));
            }
        }
        None => {}
    }
}

/// A paint that refers to nothing paints nothing, or what is named for that case (SVG 2 §13.2).
fn paints<'a>(
    source: &'a Document<'_>,
    node: Node<'_, '_>,
    names: &mut Option<BTreeSet<&'a str>>,
    edits: &mut Edits,
) {
    for name in ["fill", "stroke"] {
        let Some(attribute) = node.attribute_node(name) else {
            continue;
        };
        let Some(rest) = attribute.value().trim_start().strip_prefix("url(") else {
            continue;
        };
        let (url, other) = rest.split_once(')').unwrap_or((rest, ""));
        let quotes = ['"', '\'', ' '];
        let names = names.get_or_insert_with(|| {
            let elements = source.descendants();
            elements.filter_map(|node| node.attribute("id")).collect()
        });
        let found = url
            .trim_matches(quotes)
            .strip_prefix('#')
            .is_some_and(|id| names.contains(id));
        if !found {
            let other = match other.trim() {
                "" => "none",
                other => other,
            };
            edits.push((attribute.range_value(), escaped(other)));
        }
    }
}

/// Declarations with their transform as a matrix, and a font before them; none where nothing changes.
fn style(value: &str, font: Option<&str>) -> Option<String> {
    let mut changed = font.is_some();
    let mut new = font.map_or_else(String::new, |font| format!("font:{font};"));
    for declaration in value.split(';') {
        match declaration.split_once(':') {
            Some((name, value)) if name.trim() == "transform" => match matrix(value) {
                Some(matrix) => {
                    changed = true;
                    new.push_str(&format!("transform:{matrix}"));
                }
                None => new.push_str(declaration),
            },
            _ => new.push_str(declaration),
        }
        new.push(';');
    }
    changed.then_some(new)
}

/// A list of transform functions as one matrix; none where usvg reads it as it is, or where it is none.
fn matrix(value: &str) -> Option<String> {
    let (Transform { a, b, c, d, e, f }, foreign) = transform(value)?;
    foreign.then(|| format!("matrix({a} {b} {c} {d} {e} {f})"))
}

/// What a list of transform functions does, and whether it is more than SVG 1.1 has.
pub(super) fn transform(value: &str) -> Option<(Transform, bool)> {
    let mut whole = Transform::IDENTITY;
    let mut foreign = false;
    let mut rest = value.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('(')?;
        let (inside, after) = after.split_once(')')?;
        let name = name.trim();
        let parts: Vec<(f32, bool)> = inside
            .split(|c: char| c == ',' || c.is_ascii_whitespace())
            .filter(|part| !part.is_empty())
            .map(number)
            .collect::<Option<_>>()?;
        foreign |= parts.iter().any(|(_, has_unit)| *has_unit);
        foreign |= matches!(
            name,
            "translateX" | "translateY" | "scaleX" | "scaleY" | "skew"
        );
        let numbers: Vec<f32> = parts.into_iter().map(|(number, _)| number).collect();
        whole = whole.then_inner(function(name, &numbers)?);
        rest = after.trim_start_matches(|c: char| c == ',' || c.is_ascii_whitespace());
    }
    Some((whole, foreign))
}

/// A number in px or degrees, and whether it has a unit.
fn number(text: &str) -> Option<(f32, bool)> {
    let end = text
        .rfind(|c: char| c.is_ascii_digit() || c == '.')
        .map_or(0, |last| last + 1);
    let value: f32 = text[..end].parse().ok()?;
    let scale = match &text[end..] {
        "" => return Some((value, false)),
        "px" | "deg" => 1.0,
        "pt" => 96.0 / 72.0,
        "in" => 96.0,
        "cm" => 96.0 / 2.54,
        "mm" => 96.0 / 25.4,
        "grad" => 0.9,
        "rad" => 180.0 / std::f32::consts::PI,
        "turn" => 360.0,
        _ => return None,
    };
    Some((value * scale, true))
}

/// A transform function (CSS Transforms 1 §12.1, SVG 2 §8.5), lengths in px and angles in degrees.
fn function(name: &str, numbers: &[f32]) -> Option<Transform> {
    let base = Transform::IDENTITY;
    let shift = |e: f32, f: f32| Transform { e, f, ..base };
    let scale = |a: f32, d: f32| Transform { a, d, ..base };
    let skew = |x: f32, y: f32| Transform {
        b: y.to_radians().tan(),
        c: x.to_radians().tan(),
        ..base
    };
    let turn = |angle: f32| {
        let (sin, cos) = angle.to_radians().sin_cos();
        Transform {
            a: cos,
            b: sin,
            c: -sin,
            d: cos,
            ..base
        }
    };
    Some(match (name, numbers) {
        ("matrix", &[a, b, c, d, e, f]) => Transform { a, b, c, d, e, f },
        ("translate", &[x, y]) => shift(x, y),
        ("translate" | "translateX", &[x]) => shift(x, 0.0),
        ("translateY", &[y]) => shift(0.0, y),
        ("scale", &[x, y]) => scale(x, y),
        ("scale", &[x]) => scale(x, x),
        ("scaleX", &[x]) => scale(x, 1.0),
        ("scaleY", &[y]) => scale(1.0, y),
        ("rotate", &[angle]) => turn(angle),
        ("rotate", &[angle, x, y]) => shift(x, y)
            .then_inner(turn(angle))
            .then_inner(shift(-x, -y)),
        ("skew", &[x, y]) => skew(x, y),
        ("skew" | "skewX", &[x]) => skew(x, 0.0),
        ("skewY", &[y]) => skew(0.0, y),
        _ => return None,
    })
}

fn escaped(value: &str) -> String {
    let mut new = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => new.push_str("&amp;"),
            '<' => new.push_str("&lt;"),
            '"' => new.push_str("&quot;"),
            '\'' => new.push_str("&apos;"),
            c => new.push(c),
        }
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(inside: &str) -> String {
        let text = format!("<svg xmlns='{NAMESPACE}' width='3'>{inside}</svg>");
        let source = Document::parse(&text).expect("well formed");
        let new = adapted(&text, &source, (1.0, 2.0), true);
        let start = format!("<svg width=\"1\" height=\"2\" xmlns='{NAMESPACE}' >");
        let inside = new.strip_prefix(&start).expect("the root's size is set");
        inside.trim_end_matches("</svg>").to_owned()
    }

    #[test]
    fn transforms_of_css_become_matrices() {
        assert_eq!(
            changed("<g transform='translateX(2px) scaleY(3)'/>"),
            "<g transform='matrix(1 0 0 3 2 0)'/>"
        );
        assert_eq!(
            changed("<g style='fill:red;transform:translate(1in, 2px)'/>"),
            "<g style='fill:red;transform:matrix(1 0 0 1 96 2);'/>"
        );
        let plain = "<g transform='translate(2) rotate(3 4,5)'/>";
        assert_eq!(changed(plain), plain);
        let wrong = "<g transform='translateX(2em)'/>";
        assert_eq!(changed(wrong), wrong);
    }

    #[test]
    fn paints_that_are_not_there_paint_nothing() {
        assert_eq!(
            changed("<g id='a' fill='url(#a)' stroke='url(#b) red'/>"),
            "<g id='a' fill='url(#a)' stroke='red'/>"
        );
        assert_eq!(changed("<g fill='url(#)'/>"), "<g fill='none'/>");
    }

    #[test]
    fn shorthands_are_spelt_out() {
        assert_eq!(
            changed("<text font='2px \"a\"' style='fill:red'/>"),
            "<text  style='font:2px &quot;a&quot;;fill:red;'/>"
        );
        assert_eq!(
            changed("<path marker='url(#a)' marker-mid='none'/>"),
            "<path marker-start=\"url(#a)\" marker-end=\"url(#a)\"  marker-mid='none'/>"
        );
    }

    #[test]
    fn text_from_right_to_left_starts_on_the_right() {
        assert_eq!(
            changed("<g direction='rtl'><text><tspan text-anchor='end'/></text></g>"),
            "<g direction='rtl'><text text-anchor=\"end\"><tspan text-anchor='start'/></text></g>"
        );
    }
}
