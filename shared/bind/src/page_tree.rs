//! A balanced page tree, written while pages come in (ISO 32000-1 §7.7.3).

use fanfold_pdf::FileWriter;
use lopdf::{Dictionary, Object};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// Kids of a node.
const FANOUT: usize = 64;

/// The open node of each level, leaves first.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct PageTree {
    levels: Vec<Node>,
    pages: usize,
}

#[derive(Serialize, Deserialize)]
struct Node {
    number: u32,
    kids: Vec<u32>,
    count: usize,
}

impl PageTree {
    /// Adds a page and gives the number of its parent.
    pub(crate) fn add<W: Write>(&mut self, page: u32, out: &mut FileWriter<W>) -> io::Result<u32> {
        self.pages += 1;
        self.push(0, page, 1, out)
    }

    /// How many pages there are.
    pub(crate) fn len(&self) -> usize {
        self.pages
    }

    /// Adds a kid to a level's open node. A full node is written only when there is more, so that the
    /// last one can become the root.
    fn push<W: Write>(
        &mut self,
        level: usize,
        kid: u32,
        count: usize,
        out: &mut FileWriter<W>,
    ) -> io::Result<u32> {
        if self
            .levels
            .get(level)
            .is_some_and(|node| node.kids.len() >= FANOUT)
        {
            let next = Node {
                number: out.reserve(),
                kids: Vec::new(),
                count: 0,
            };
            let full = std::mem::replace(&mut self.levels[level], next);
            let parent = self.push(level + 1, full.number, full.count, out)?;
            full.write(Some(parent), out)?;
        } else if level == self.levels.len() {
            self.levels.push(Node {
                number: out.reserve(),
                kids: Vec::new(),
                count: 0,
            });
        }
        let node = &mut self.levels[level];
        node.kids.push(kid);
        node.count += count;
        Ok(node.number)
    }

    /// Writes both trees below one root and gives its number; `None` without pages in the second.
    pub(crate) fn finish_behind<W: Write>(
        self,
        front: Self,
        out: &mut FileWriter<W>,
    ) -> io::Result<Option<u32>> {
        if front.pages == 0 || self.pages == 0 {
            return self.finish(None, out);
        }
        let number = out.reserve();
        let count = front.pages + self.pages;
        let mut kids = Vec::new();
        for tree in [front, self] {
            if let Some(root) = tree.finish(Some(number), out)? {
                kids.push(root);
            }
        }
        let root = Node {
            number,
            kids,
            count,
        };
        root.write(None, out)?;
        Ok(Some(number))
    }

    /// Writes what is open and gives the root's number; `None` without pages.
    fn finish<W: Write>(
        mut self,
        parent: Option<u32>,
        out: &mut FileWriter<W>,
    ) -> io::Result<Option<u32>> {
        let mut level = 0;
        while level < self.levels.len() {
            let placeholder = Node {
                number: 0,
                kids: Vec::new(),
                count: 0,
            };
            let node = std::mem::replace(&mut self.levels[level], placeholder);
            level += 1;
            if level == self.levels.len() {
                let number = node.number;
                node.write(parent, out)?;
                return Ok(Some(number));
            }
            let parent = self.push(level, node.number, node.count, out)?;
            node.write(Some(parent), out)?;
        }
        Ok(None)
    }
}

impl Node {
    fn write<W: Write>(self, parent: Option<u32>, out: &mut FileWriter<W>) -> io::Result<()> {
        let mut dictionary = Dictionary::new();
        dictionary.set("Type", Object::Name(b"Pages".to_vec()));
        if let Some(parent) = parent {
            dictionary.set("Parent", Object::Reference((parent, 0)));
        }
        let kids = self.kids.into_iter();
        let kids: Vec<Object> = kids.map(|kid| Object::Reference((kid, 0))).collect();
        dictionary.set("Kids", kids);
        dictionary.set("Count", i64::try_from(self.count).unwrap_or(i64::MAX));
        out.dictionary(self.number, &dictionary)
    }
}
