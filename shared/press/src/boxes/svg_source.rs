//! The SVG document that an `<svg>` element in a page stands for.

use super::content::following;
use fanfold_style::computed::Slant;
use fanfold_style::dom::{Element, NodeData};
use fanfold_style::values::Sizing;
use fanfold_style::{ComputedStyle, Dom, NodeId};
use std::fmt::Write;

/// The namespace of SVG's elements.
pub(super) const NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// `root` as a document of its own, its colour and font those of the page around it.
pub(super) fn serialized(dom: &Dom, root: NodeId, style: &ComputedStyle) -> String {
    let mut text = String::new();
    let mut open: Vec<(NodeId, &str)> = Vec::new();
    let mut next = Some(root);
    while let Some(node) = next {
        // What is not around this node has ended.
        while let Some((parent, name)) = open.last()
            && Some(*parent) != dom.node(node).parent
            && node != root
        {
            // Writing to a string cannot fail.
            let _ = write!(text, "</{name}>");
            open.pop();
        }
        let mut inside = None;
        match &dom.node(node).data {
            NodeData::Element(element)
                if &*element.namespace == NAMESPACE && is_name(&element.name) =>
            {
                let _ = write!(text, "<{}", element.name);
                attributes(element, node == root, style, &mut text);
                inside = dom.node(node).first_child;
                if inside.is_some() {
                    text.push('>');
                    open.push((node, &element.name));
                } else {
                    text.push_str("/>");
                }
            }
            NodeData::Text(run) => escape(run, &mut text),
            _ => {}
        }
        next = inside.or_else(|| following(dom, node, root));
    }
    while let Some((_, name)) = open.pop() {
        let _ = write!(text, "</{name}>");
    }
    text
}

fn attributes(element: &Element, is_root: bool, style: &ComputedStyle, text: &mut String) {
    if is_root {
        let _ = write!(text, " xmlns=\"{NAMESPACE}\"");
        if element.attribute("color").is_none() {
            let color = style.text.color;
            let part = |value: f32| value.clamp(0.0, 1.0) * 255.0;
            let (r, g, b) = (part(color.r), part(color.g), part(color.b));
            let _ = write!(text, " color=\"rgba({r:.0},{g:.0},{b:.0},{})\"", color.a);
        }
    }
    let mut sized: [Option<&str>; 2] = [None; 2];
    if is_root {
        inherited(element, style, text);
        sized = viewport(element, style, text);
    }
    for (index, (name, value)) in element.attributes.iter().enumerate() {
        let known = element.attributes[..index]
            .iter()
            .any(|(before, _)| before == name)
            || sized.contains(&Some(&**name));
        // Names lost their prefixes in parsing: the first of a kind counts.
        if known || name.starts_with("xmlns") || !is_name(name) {
            continue;
        }
        let _ = write!(text, " {name}=\"");
        escape(value, text);
        text.push('"');
    }
}

/// The width and height that a style sheet gives an element without `viewBox`: they are its viewport's, of which
/// percentages are (SVG 2 §8.9, §7.9). Names the attributes written.
fn viewport(
    element: &Element,
    style: &ComputedStyle,
    text: &mut String,
) -> [Option<&'static str>; 2] {
    if element.attribute("viewBox").is_some() {
        return [None; 2];
    }
    let sizes = [("width", style.box_.width), ("height", style.box_.height)];
    sizes.map(|(name, size)| {
        let Sizing::Size(length) = size else {
            return None;
        };
        let length = length.to_length()?;
        let _ = write!(text, " {name}=\"{}\"", length.0);
        Some(name)
    })
}

/// Presentation attributes for what the element has from the page.
fn inherited(element: &Element, style: &ComputedStyle, text: &mut String) {
    let font = &style.font;
    let mut families = String::new();
    for family in font.families.iter() {
        if !families.is_empty() {
            families.push(',');
        }
        // A generic name quoted would be a family's own.
        if is_name(family) {
            families.push_str(family);
        } else {
            let _ = write!(families, "'{}'", family.replace(['\'', '\\'], ""));
        }
    }
    let slant = match font.slant {
        Slant::Normal => "normal",
        Slant::Italic => "italic",
        Slant::Oblique => "oblique",
    };
    let values = [
        ("font-family", families),
        ("font-size", format!("{}", font.size.0)),
        ("font-weight", format!("{}", font.weight)),
        ("font-style", slant.to_owned()),
    ];
    for (name, value) in values {
        if element.attribute(name).is_none() {
            let _ = write!(text, " {name}=\"");
            escape(&value, text);
            text.push('"');
        }
    }
}

/// Whether XML can have it as a name, leaving out those that only exotic writers use.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn escape(raw: &str, text: &mut String) {
    for c in raw.chars() {
        match c {
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            '"' => text.push_str("&quot;"),
            '\t' | '\n' | '\r' => text.push(c),
            // XML has no other controls, not even as references.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => text.push(c),
        }
    }
}
