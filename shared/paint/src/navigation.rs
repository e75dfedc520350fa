//! Ways through a document: outline, named destinations, links (ISO 32000-1 §12.3, §12.5.6.5).

use crate::page_space::{Box4, PageSpace, float};
use crate::{LinkTarget, OutlineEntry, Sheet};
use fanfold_geometry::Point;
use fanfold_pdf::{FileWriter, text_string};
use lopdf::{Dictionary, Object, StringFormat};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Entries in a leaf of the name tree.
const LEAF: usize = 64;
/// Outline levels beyond this are one level: no reader shows more.
const DEEPEST_OUTLINE: u32 = 32;

/// Named destinations by name; of two anchors with one name the first counts (HTML §6.4.4).
pub(crate) struct Destinations<'s> {
    by_name: BTreeMap<&'s str, (usize, Point)>,
}

impl<'s> Destinations<'s> {
    pub(crate) fn of(sheets: &'s [Sheet]) -> Self {
        let mut by_name = BTreeMap::new();
        for (index, sheet) in sheets.iter().enumerate() {
            for anchor in &sheet.anchors {
                by_name
                    .entry(anchor.name.as_str())
                    .or_insert((index, anchor.at));
            }
        }
        Self { by_name }
    }

    /// Writes the name tree (§7.9.6) and gives its root's number.
    pub(crate) fn write<W: Write>(
        &self,
        sheets: &[Sheet],
        pages: &[u32],
        out: &mut FileWriter<W>,
    ) -> io::Result<Option<u32>> {
        if self.by_name.is_empty() {
            return Ok(None);
        }
        // The tree is ordered by bytes, as the map is: UTF-8 keeps the order of characters.
        let entries: Vec<(&str, Object)> = self
            .by_name
            .iter()
            .map(|(name, &(sheet, at))| (*name, destination(sheets, pages, sheet, at)))
            .collect();
        let mut leaves: Vec<Object> = Vec::new();
        for chunk in entries.chunks(LEAF) {
            let mut leaf = Dictionary::new();
            let limits = [chunk[0].0, chunk[chunk.len() - 1].0].map(name_string);
            leaf.set("Limits", limits.to_vec());
            let names = chunk
                .iter()
                .flat_map(|(name, place)| [name_string(name), place.clone()]);
            leaf.set("Names", names.collect::<Vec<_>>());
            let number = out.reserve();
            out.dictionary(number, &leaf)?;
            leaves.push(Object::Reference((number, 0)));
        }
        let mut root = Dictionary::new();
        root.set("Kids", leaves);
        let number = out.reserve();
        out.dictionary(number, &root)?;
        Ok(Some(number))
    }

    /// Writes the link annotations of a sheet and gives references to them: indirect, as programs that
    /// edit annotations expect them.
    pub(crate) fn annotations<W: Write>(
        &self,
        sheet: &Sheet,
        out: &mut FileWriter<W>,
    ) -> io::Result<Vec<Object>> {
        let space = PageSpace::new(sheet.size.height);
        let mut annotations = Vec::new();
        for link in &sheet.links {
            let mut annotation = Dictionary::new();
            annotation.set("Type", Object::Name(b"Annot".to_vec()));
            annotation.set("Subtype", Object::Name(b"Link".to_vec()));
            annotation.set("Rect", rectangle(space.rect(link.area)));
            annotation.set("Border", vec![0.into(), 0.into(), 0.into()]);
            annotation.set("F", 4); // Print: PDF/A asks for it (ISO 19005-2 §6.3.2).
            match &link.target {
                LinkTarget::Uri(uri) => {
                    let mut action = Dictionary::new();
                    action.set("S", Object::Name(b"URI".to_vec()));
                    action.set("URI", Object::String(ascii_uri(uri), StringFormat::Literal));
                    annotation.set("A", action);
                }
                LinkTarget::Anchor(name) if self.by_name.contains_key(name.as_str()) => {
                    annotation.set("Dest", name_string(name));
                }
                LinkTarget::Anchor(_) => continue,
            }
            let number = out.reserve();
            out.dictionary(number, &annotation)?;
            annotations.push(Object::Reference((number, 0)));
        }
        Ok(annotations)
    }
}

/// Writes the outline and gives its root's number; none without entries.
pub(crate) fn write_outline<W: Write>(
    entries: &[OutlineEntry],
    sheets: &[Sheet],
    pages: &[u32],
    out: &mut FileWriter<W>,
) -> io::Result<Option<u32>> {
    let entries: Vec<&OutlineEntry> = entries
        .iter()
        .filter(|entry| entry.sheet < pages.len())
        .collect();
    if entries.is_empty() {
        return Ok(None);
    }
    let root = out.reserve();
    let numbers: Vec<u32> = entries.iter().map(|_| out.reserve()).collect();
    let tree = OutlineTree::of(&entries);
    for (index, entry) in entries.iter().enumerate() {
        let mut item = Dictionary::new();
        let title = if entry.title.trim().is_empty() {
            "\u{2013}"
        } else {
            entry.title.as_str()
        };
        item.set("Title", text_string(title));
        let node = &tree.nodes[index];
        item.set(
            "Parent",
            Object::Reference((node.parent.map_or(root, |parent| numbers[parent]), 0)),
        );
        for (key, other) in [
            ("Prev", node.previous),
            ("Next", node.next),
            ("First", node.children.first().copied()),
            ("Last", node.children.last().copied()),
        ] {
            if let Some(other) = other {
                item.set(key, Object::Reference((numbers[other], 0)));
            }
        }
        if !node.children.is_empty() {
            // Negative: closed. The number is how many entries opening it shows.
            item.set("Count", -i64::try_from(node.children.len()).unwrap_or(0));
        }
        item.set("Dest", destination(sheets, pages, entry.sheet, entry.at));
        out.dictionary(numbers[index], &item)?;
    }
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", Object::Name(b"Outlines".to_vec()));
    for (key, entry) in [("First", tree.top.first()), ("Last", tree.top.last())] {
        if let Some(&entry) = entry {
            dictionary.set(key, Object::Reference((numbers[entry], 0)));
        }
    }
    dictionary.set("Count", i64::try_from(tree.top.len()).unwrap_or(0));
    out.dictionary(root, &dictionary)?;
    Ok(Some(root))
}

/// Entries by what is above, beside and below them.
struct OutlineTree {
    nodes: Vec<OutlineNode>,
    top: Vec<usize>,
}

#[derive(Default)]
struct OutlineNode {
    parent: Option<usize>,
    previous: Option<usize>,
    next: Option<usize>,
    children: Vec<usize>,
}

impl OutlineTree {
    /// An entry is below the nearest entry before it of a lower level; skipped levels are closed up.
    fn of(entries: &[&OutlineEntry]) -> Self {
        let mut nodes: Vec<OutlineNode> = Vec::with_capacity(entries.len());
        let mut top = Vec::new();
        let mut open: Vec<(u32, usize)> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let level = entry.level.clamp(1, DEEPEST_OUTLINE);
            while open.last().is_some_and(|&(above, _)| above >= level) {
                open.pop();
            }
            let parent = open.last().map(|&(_, parent)| parent);
            let siblings = match parent {
                Some(parent) => &mut nodes[parent].children,
                None => &mut top,
            };
            let previous = siblings.last().copied();
            siblings.push(index);
            if let Some(previous) = previous {
                nodes[previous].next = Some(index);
            }
            nodes.push(OutlineNode {
                parent,
                previous,
                ..OutlineNode::default()
            });
            open.push((level, index));
        }
        Self { nodes, top }
    }
}

fn destination(sheets: &[Sheet], pages: &[u32], sheet: usize, at: Point) -> Object {
    let space = PageSpace::new(sheets[sheet].size.height);
    let (x, y) = space.point(at);
    // Zoom 0 keeps the reader's own, as null does, and is shorter.
    Object::Array(vec![
        Object::Reference((pages[sheet], 0)),
        Object::Name(b"XYZ".to_vec()),
        Object::Real(float(x)),
        Object::Real(float(y)),
        Object::Integer(0),
    ])
}

fn name_string(name: &str) -> Object {
    Object::String(name.as_bytes().to_vec(), StringFormat::Literal)
}

pub(crate) fn rectangle(area: Box4) -> Vec<Object> {
    [area.left, area.bottom, area.right, area.top]
        .map(|edge| Object::Real(float(edge)))
        .to_vec()
}

/// URIs are ASCII in PDF (§12.6.4.7); what is not is percent-encoded as UTF-8 (RFC 3987 §3.1).
fn ascii_uri(uri: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(uri.len());
    for &byte in uri.as_bytes() {
        if matches!(byte, 0x21..=0x7e) {
            bytes.push(byte);
        } else {
            bytes.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    bytes
}
