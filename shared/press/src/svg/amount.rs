//! How much text an SVG document has, and whether paths may carry it: usvg's time for an element grows with
//! the square of its text, and has no end where a path is very long for the accuracy that is asked.

use super::NAMESPACE;
use std::collections::BTreeMap;
use usvg::roxmltree::{Document, Node};

/// Bytes of text in one `<text>`.
const LONGEST: usize = 10_000;
/// Bytes of text in all, each time that it is used.
const MOST: usize = 200_000;
/// References that refer on to others, one after another.
const MOST_STEPS: usize = 1000;

/// Refuses a document with more text than can be laid out in time.
///
/// # Errors
/// Which limit is passed.
pub(super) fn check(source: &Document<'_>) -> Result<(), String> {
    let is = |node: &Node<'_, '_>, name: &str| node.has_tag_name((NAMESPACE, name));
    let mut has_text = false;
    for text in source.descendants().filter(|node| is(node, "text")) {
        has_text = true;
        if own(text) > LONGEST {
            return Err(format!("more than {LONGEST} bytes in one <text>"));
        }
    }
    if !has_text {
        return Ok(());
    }
    let too_much = || Err(format!("more than {MOST} bytes of text"));
    // What is used more than once counts as often: amounts go from what is referred to to what refers.
    let nodes: Vec<_> = source.descendants().collect();
    let place = |node: Node<'_, '_>| node.id().get_usize();
    let mut targets = BTreeMap::new();
    for node in &nodes {
        if let Some(id) = node.attribute("id") {
            targets.entry(id).or_insert_with(|| place(*node));
        }
    }
    let uses: Vec<_> = nodes
        .iter()
        .filter(|node| is(node, "use"))
        .filter_map(|node| {
            let url = node.attributes().find(|found| found.name() == "href")?;
            let target = targets.get(url.value().trim().strip_prefix('#')?)?;
            Some((place(*node), *target))
        })
        .collect();
    let mut used = vec![0_usize; nodes.len()];
    for _ in 0..MOST_STEPS {
        let mut amounts = vec![0_usize; nodes.len()];
        for node in nodes.iter().rev() {
            let here = place(*node);
            let text = node.text().filter(|_| node.is_text()).map_or(0, str::len);
            amounts[here] = amounts[here].saturating_add(text + used[here]);
            if let Some(parent) = node.parent() {
                let around = parent.id().get_usize();
                amounts[around] = amounts[around].saturating_add(amounts[here]);
            }
        }
        if amounts[0] > MOST {
            return too_much();
        }
        let mut settled = true;
        for (at, target) in &uses {
            settled &= used[*at] == amounts[*target];
            used[*at] = amounts[*target];
        }
        if settled {
            return Ok(());
        }
    }
    too_much()
}

/// Bytes of text inside.
fn own(node: Node<'_, '_>) -> usize {
    let texts = node.descendants().filter(Node::is_text);
    texts.filter_map(|text| text.text()).map(str::len).sum()
}

/// A path that carries text is at most about so long, in its own units.
const LONGEST_PATH: f64 = 1e6;
/// And at most so many times enlarged.
const MOST_ENLARGED: f64 = 1e4;

/// Whether text may run along the document's paths: along an arc whose length, on the page, is beyond what
/// `f64` tells from its accuracy, places are searched without end.
///
/// Counted more strictly than needed: all transforms as if they were in each other.
pub(super) fn paths_may_carry(source: &Document<'_>) -> bool {
    let mut enlarged = 1.0_f64;
    for node in source.descendants().filter(Node::is_element) {
        let nested = node != source.root_element();
        for attribute in node.attributes() {
            let value = attribute.value();
            match attribute.name() {
                "transform" => {
                    let Some((by, _)) = super::adapt::transform(value) else {
                        return false;
                    };
                    let [a, b, c, d] = [by.a, by.b, by.c, by.d].map(|part| f64::from(part.abs()));
                    enlarged *= (a + b).max(c + d).max(1.0);
                }
                "viewBox" if nested => return false,
                "style" if value.contains("transform") => return false,
                "d" | "points" | "x" | "y" | "x1" | "y1" | "x2" | "y2" | "width" | "height"
                | "cx" | "cy" | "r" | "rx" | "ry"
                    if !extent(value).is_some_and(|extent| extent <= LONGEST_PATH) =>
                {
                    return false;
                }
                _ => {}
            }
        }
        let is_style = node.has_tag_name((NAMESPACE, "style"));
        if is_style && node.text().is_some_and(|text| text.contains("transform")) {
            return false;
        }
    }
    // Not where it is no number.
    enlarged <= MOST_ENLARGED
}

/// The sum of the numbers in a value, rounded up; none where one has an exponent.
fn extent(value: &str) -> Option<f64> {
    let mut sum = 0.0;
    let mut whole: Option<f64> = None;
    let mut fraction = false;
    let mut rest = value.bytes().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'0'..=b'9' if fraction => {}
            b'0'..=b'9' => {
                whole = Some(whole.unwrap_or_default() * 10.0 + f64::from(byte - b'0'));
            }
            _ => {
                let exponent = matches!(byte, b'e' | b'E')
                    && matches!(rest.peek(), Some(b'0'..=b'9' | b'+' | b'-'));
                if exponent && (whole.is_some() || fraction) {
                    return None;
                }
                if let Some(whole) = whole.take() {
                    sum += whole + 1.0;
                }
                fraction = byte == b'.';
            }
        }
    }
    Some(sum + whole.map_or(0.0, |whole| whole + 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_enlarged_paths_carry_no_text() {
        let carries = |inside: &str| {
            let text = format!("<svg xmlns='{NAMESPACE}' viewBox='0 0 100 100'>{inside}</svg>");
            paths_may_carry(&Document::parse(&text).expect("well formed"))
        };
        assert!(carries(
            "<path id='p99999999' fill='#1e5000' d='M0 0C10.123456789-5,20.5.5 30 0z'/>"
        ));
        assert!(carries(
            "<g transform='scale(20)'><path d='M0 0L99 99'/></g>"
        ));
        assert!(!carries("<path d='M0 0L1e20 0'/>"));
        assert!(!carries("<circle r='9999999'/>"));
        assert!(!carries(
            "<g transform='scale(200)'><g transform='scale(200)'/></g>"
        ));
        assert!(!carries("<g transform='skewX(90)'/>"));
        assert!(!carries("<g transform='wrong(1)'/>"));
        assert!(!carries("<svg viewBox='0 0 .0001 .0001'/>"));
        assert!(!carries("<style>path{transform:scale(9999999)}</style>"));
    }
}
