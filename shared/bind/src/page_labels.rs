//! Page labels (ISO 32000-1 §12.4.2): each input keeps its own.

use crate::source::Source;
use crate::tree;
use fanfold_pdf::{FileWriter, write_dictionary, write_object};
use lopdf::{Dictionary, Object};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Label ranges of the volume, by the index of their first page.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct PageLabels {
    ranges: BTreeMap<usize, Label>,
    any: bool,
    last_had_labels: bool,
}

/// How the pages of a range are labelled.
#[derive(Serialize, Deserialize)]
enum Label {
    /// As the input says, in PDF's syntax.
    Own(Vec<u8>),
    /// By their place in the volume.
    Place,
}

impl PageLabels {
    /// Takes over the labels of an input whose first page is `start`.
    pub(crate) fn add(&mut self, source: &Source, start: usize) {
        let pages = source.pages.len();
        let labels = read(source, pages);
        if labels.is_empty() {
            self.add_unlabelled(start);
            return;
        }
        if !labels.contains_key(&0) {
            // Every page must have a range; the specification asks for one at 0.
            self.ranges.insert(start, Label::Own(decimal(1)));
        }
        for (index, label) in labels {
            self.ranges.insert(start + index, Label::Own(label));
        }
        self.any = true;
        self.last_had_labels = true;
    }

    /// Pages without labels are numbered as readers number them: through the whole volume.
    pub(crate) fn add_unlabelled(&mut self, start: usize) {
        if start == 0 || self.last_had_labels {
            self.ranges.insert(start, Label::Place);
        }
        self.last_had_labels = false;
    }

    /// Writes the number tree, behind so many pages in front; `None` when no input has labels.
    pub(crate) fn write<W: Write>(
        self,
        front: usize,
        out: &mut FileWriter<W>,
    ) -> io::Result<Option<u32>> {
        if !self.any {
            return Ok(None);
        }
        let before = (front > 0).then_some((0, Label::Place));
        let ranges = self
            .ranges
            .into_iter()
            .map(|(start, label)| (start + front, label));
        let mut tree = b"<</Nums[".to_vec();
        for (index, (start, label)) in before.into_iter().chain(ranges).enumerate() {
            if index > 0 {
                tree.push(b' ');
            }
            write_object(
                &mut tree,
                &Object::Integer(i64::try_from(start).unwrap_or(i64::MAX)),
            );
            match label {
                Label::Own(label) => tree.extend_from_slice(&label),
                Label::Place => tree.extend_from_slice(&decimal(start + 1)),
            }
        }
        tree.extend_from_slice(b"]>>");
        let number = out.reserve();
        out.serialized(number, &tree)?;
        Ok(Some(number))
    }
}

fn decimal(first: usize) -> Vec<u8> {
    format!("<</S/D/St {first}>>").into_bytes()
}

/// An input's ranges, from its number tree (§7.9.7).
fn read(source: &Source, pages: usize) -> BTreeMap<usize, Vec<u8>> {
    let mut ranges = BTreeMap::new();
    let root = source.get(source.catalog(), b"PageLabels");
    for (index, label) in tree::numbers(source, root) {
        let index = usize::try_from(index).ok().filter(|index| *index < pages);
        if let (Some(index), Object::Dictionary(label)) = (index, source.resolve(label)) {
            ranges.insert(index, serialized(source, label));
        }
    }
    ranges
}

/// Style, prefix and start, and nothing that refers to the input.
fn serialized(source: &Source, label: &Dictionary) -> Vec<u8> {
    let mut own = Dictionary::new();
    if let style @ Object::Name(_) = source.get(label, b"S") {
        own.set("S", style.clone());
    }
    if let prefix @ Object::String(..) = source.get(label, b"P") {
        own.set("P", prefix.clone());
    }
    if let Object::Integer(start) = source.get(label, b"St")
        && *start >= 1
    {
        own.set("St", *start);
    }
    let mut bytes = Vec::new();
    write_dictionary(&mut bytes, &own);
    bytes
}
