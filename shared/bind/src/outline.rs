//! The volume's outline (ISO 32000-1 §12.3.3), written while inputs come in.

use crate::copy::Copier;
use crate::source::Source;
use fanfold_pdf::{FileWriter, text_string};
use lopdf::{Dictionary, Object, ObjectId};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// Entries of one input beyond this are left out.
const MOST_ENTRIES: usize = 500_000;

/// The entries of the outermost level: the last one waits for the number of its successor.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Outline {
    root: Option<u32>,
    first: Option<u32>,
    #[serde(with = "crate::plain::numbered_dictionary")]
    last: Option<(u32, Dictionary)>,
    visible: usize,
}

/// An input's own outline, in the order in which it is read.
pub(crate) struct Entries<'a> {
    entries: Vec<Entry<'a>>,
    top: Vec<usize>,
}

struct Entry<'a> {
    dictionary: &'a Dictionary,
    children: Vec<usize>,
    parent: Option<usize>,
}

impl<'a> Entries<'a> {
    /// Reads an outline; entries that come back to themselves end it.
    pub(crate) fn of(source: &'a Source) -> Self {
        let mut outline = Self {
            entries: Vec::new(),
            top: Vec::new(),
        };
        let Object::Dictionary(root) = source.get(source.catalog(), b"Outlines") else {
            return outline;
        };
        let mut seen: FxHashSet<ObjectId> = FxHashSet::default();
        let mut stack = vec![(root.get(b"First").ok(), None)];
        // Siblings go on the stack below their elder's children: the order of reading.
        while let Some((next, parent)) = stack.pop() {
            let Some(Object::Reference(id)) = next else {
                continue;
            };
            if outline.entries.len() >= MOST_ENTRIES || !seen.insert(*id) {
                continue;
            }
            let Some(Object::Dictionary(dictionary)) = source.document.objects.get(id) else {
                continue;
            };
            let index = outline.entries.len();
            outline.entries.push(Entry {
                dictionary,
                children: Vec::new(),
                parent,
            });
            match parent {
                Some(parent) => outline.entries[parent].children.push(index),
                None => outline.top.push(index),
            }
            stack.push((dictionary.get(b"Next").ok(), parent));
            stack.push((dictionary.get(b"First").ok(), Some(index)));
        }
        outline
    }

    /// Writes the entries; those of the outermost level go to `parent`, or into the volume's own.
    /// Gives the first and last number, and how many entries show when `parent` is open.
    pub(crate) fn write<W: Write>(
        &self,
        copier: &mut Copier<'_, W>,
        outline: &mut Outline,
        parent: Option<u32>,
    ) -> io::Result<Option<(u32, u32, usize)>> {
        let numbers: Vec<u32> = self.entries.iter().map(|_| copier.out.reserve()).collect();
        // Children come after their parents, so going backwards finds them counted.
        let mut shown = vec![0_usize; self.entries.len()];
        for (index, entry) in self.entries.iter().enumerate().rev() {
            shown[index] = entry
                .children
                .iter()
                .map(|&child| 1 + self.shown_open(child, &shown))
                .sum();
        }
        let top_parent = match parent {
            Some(parent) => parent,
            None => outline.root(copier.out),
        };
        for (index, entry) in self.entries.iter().enumerate() {
            let mut item = entry.copy(copier)?;
            let above = entry.parent.map_or(top_parent, |parent| numbers[parent]);
            item.set("Parent", Object::Reference((above, 0)));
            if let (Some(&first), Some(&last)) = (entry.children.first(), entry.children.last()) {
                item.set("First", Object::Reference((numbers[first], 0)));
                item.set("Last", Object::Reference((numbers[last], 0)));
                let count = i64::try_from(shown[index]).unwrap_or(i64::MAX);
                item.set("Count", if entry.is_open() { count } else { -count });
            }
            if entry.parent.is_none() && parent.is_none() {
                outline.append(
                    numbers[index],
                    item,
                    1 + self.shown_open(index, &shown),
                    copier.out,
                )?;
                continue;
            }
            let siblings = entry
                .parent
                .map_or(&self.top, |parent| &self.entries[parent].children);
            let at = siblings.binary_search(&index).unwrap_or(0);
            if let Some(previous) = at.checked_sub(1) {
                item.set("Prev", Object::Reference((numbers[siblings[previous]], 0)));
            }
            if let Some(&next) = siblings.get(at + 1) {
                item.set("Next", Object::Reference((numbers[next], 0)));
            }
            copier.out.dictionary(numbers[index], &item)?;
        }
        let total = self
            .top
            .iter()
            .map(|&index| 1 + self.shown_open(index, &shown))
            .sum();
        Ok(self
            .top
            .first()
            .zip(self.top.last())
            .map(|(&first, &last)| (numbers[first], numbers[last], total)))
    }

    fn shown_open(&self, index: usize, shown: &[usize]) -> usize {
        if self.entries[index].is_open() {
            shown[index]
        } else {
            0
        }
    }
}

impl Entry<'_> {
    fn is_open(&self) -> bool {
        self.dictionary
            .get(b"Count")
            .and_then(Object::as_i64)
            .is_ok_and(|count| count > 0)
    }

    /// Title, look, target and element; the rest is the tree's.
    fn copy<W: Write>(&self, copier: &mut Copier<'_, W>) -> io::Result<Dictionary> {
        let mut own = Dictionary::new();
        match copier.source.get(self.dictionary, b"Title") {
            title @ Object::String(..) => own.set("Title", title.clone()),
            _ => own.set("Title", text_string("")),
        }
        for key in [b"Dest".as_slice(), b"A", b"C", b"F", b"SE"] {
            if let Ok(value) = self.dictionary.get(key) {
                own.set(key, value.clone());
            }
        }
        let copy = copier.copy(&Object::Dictionary(own))?;
        let mut copy = match copy {
            Object::Dictionary(copy) => copy,
            _ => Dictionary::new(),
        };
        // A target on a page that is not there is worse than none.
        let gone = matches!(copy.get(b"Dest"), Ok(Object::Array(place)) if matches!(place.first(), Some(Object::Null) | None));
        if gone {
            copy.remove(b"Dest");
        }
        Ok(copy)
    }
}

impl Outline {
    /// The number of the outline dictionary.
    pub(crate) fn root<W: Write>(&mut self, out: &mut FileWriter<W>) -> u32 {
        *self.root.get_or_insert_with(|| out.reserve())
    }

    /// Adds an entry to the outermost level; `visible` counts it and what shows below it.
    pub(crate) fn append<W: Write>(
        &mut self,
        number: u32,
        mut entry: Dictionary,
        visible: usize,
        out: &mut FileWriter<W>,
    ) -> io::Result<()> {
        let root = self.root(out);
        entry.set("Parent", Object::Reference((root, 0)));
        self.first.get_or_insert(number);
        self.visible += visible;
        if let Some((previous, mut dictionary)) = self.last.take() {
            entry.set("Prev", Object::Reference((previous, 0)));
            dictionary.set("Next", Object::Reference((number, 0)));
            out.dictionary(previous, &dictionary)?;
        }
        self.last = Some((number, entry));
        Ok(())
    }

    /// Writes what is left and gives the outline's number; `None` without entries.
    pub(crate) fn finish<W: Write>(self, out: &mut FileWriter<W>) -> io::Result<Option<u32>> {
        let (Some(root), Some(first), Some((last, entry))) = (self.root, self.first, self.last)
        else {
            return Ok(None);
        };
        out.dictionary(last, &entry)?;
        let mut dictionary = Dictionary::new();
        dictionary.set("Type", Object::Name(b"Outlines".to_vec()));
        dictionary.set("First", Object::Reference((first, 0)));
        dictionary.set("Last", Object::Reference((last, 0)));
        dictionary.set("Count", i64::try_from(self.visible).unwrap_or(i64::MAX));
        out.dictionary(root, &dictionary)?;
        Ok(Some(root))
    }
}
