//! How much text an SVG document has: usvg's time for an element grows with the square of it.

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
