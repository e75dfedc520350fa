//! The pages of an input, from its page tree (ISO 32000-1 §7.7.3).

use super::budget::Fault;
use super::{Page, Source};
use lopdf::{Dictionary, Object, ObjectId};
use rustc_hash::FxHashSet;

/// The page attributes that pages inherit (table 30).
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];
/// Nodes inside each other; and parents of what the catalog calls the root.
const DEEPEST: usize = 1000;
/// Inherited values larger than this become objects of their own: every page has them.
const MOST_INHERITED: usize = 4;

/// Values in copies of pages that come again; a file of a kilobyte could ask for gigabytes.
const MOST_COPIED: usize = 1 << 21;

/// A walk through the tree.
struct Walk {
    pages: Vec<Page>,
    nodes: Vec<ObjectId>,
    seen: FxHashSet<ObjectId>,
    most: usize,
    copied: usize,
    /// Kids that are not there.
    gaps: bool,
}

impl Source {
    /// Walks the page tree in order, and says whether all kids were there. Fails when there are more than
    /// `most` pages, or when too much would be copied.
    pub(super) fn collect_pages(&mut self, most: usize) -> Result<bool, Fault> {
        if let Ok(id) = self
            .document
            .trailer
            .get(b"Root")
            .and_then(Object::as_reference)
        {
            self.replaced.insert(id);
        }
        let mut walk = Walk {
            pages: Vec::new(),
            nodes: Vec::new(),
            seen: FxHashSet::default(),
            most,
            copied: 0,
            gaps: false,
        };
        if let Some(root) = self.page_root() {
            walk.tree(self, root)?;
        }
        self.pages = walk.pages;
        self.replaced.extend(walk.nodes);
        Ok(!walk.gaps)
    }

    /// Takes every page there is: the tree is lost. Fails when there are more than `most`.
    pub(super) fn collect_strays(&mut self, most: usize) -> Result<(), Fault> {
        let is_page =
            |object: &Object| matches!(object, Object::Dictionary(page) if page.has_type(b"Page"));
        let objects = self.document.objects.iter();
        let strays = objects.filter(|(_, object)| is_page(object));
        self.pages = strays
            .map(|(&id, _)| Page {
                id,
                inherited: Dictionary::new(),
            })
            .take(most.saturating_add(1))
            .collect();
        match self.pages.len() <= most {
            true => Ok(()),
            false => Err(too_many(most)),
        }
    }

    /// The root of the page tree; where the catalog leads into its middle, the root above.
    fn page_root(&mut self) -> Option<ObjectId> {
        let mut root = match self.catalog().get(b"Pages").ok()? {
            &Object::Reference(id) => id,
            Object::Dictionary(direct) => {
                let direct = direct.clone();
                self.add(Object::Dictionary(direct))
            }
            _ => return None,
        };
        for _ in 0..DEEPEST {
            let Some(Object::Dictionary(node)) = self.document.objects.get(&root) else {
                break;
            };
            let above = match node.get(b"Parent") {
                Ok(&Object::Reference(parent)) => parent,
                _ => break,
            };
            let Some(Object::Dictionary(parent)) = self.document.objects.get(&above) else {
                break;
            };
            let Object::Array(kids) = self.get(parent, b"Kids") else {
                break;
            };
            // Of a parent that does not know it, it is not a part.
            if !kids
                .iter()
                .any(|kid| kid.as_reference().is_ok_and(|kid| kid == root))
            {
                break;
            }
            root = above;
        }
        Some(root)
    }

    /// A new object of the document.
    pub(crate) fn add(&mut self, object: Object) -> ObjectId {
        self.document.max_id = self.document.max_id.saturating_add(1);
        let id = (self.document.max_id, 0);
        self.document.objects.insert(id, object);
        id
    }

    /// What a node gives to its kids.
    fn handed_down(&mut self, node: &Dictionary, mut inherited: Dictionary) -> Dictionary {
        for key in INHERITED {
            let Ok(value) = node.get(key) else { continue };
            if matches!(self.resolve(value), Object::Null) {
                continue;
            }
            let large = match value {
                Object::Dictionary(dictionary) => !dictionary.is_empty(),
                Object::Array(items) => {
                    items.len() > MOST_INHERITED || items.iter().any(|it| it.as_array().is_ok())
                }
                Object::String(..) | Object::Name(_) => continue,
                _ => false,
            };
            let value = if large {
                Object::Reference(self.add(value.clone()))
            } else {
                value.clone()
            };
            inherited.set(key, value);
        }
        inherited
    }
}

impl Walk {
    /// Nodes are told from pages by their kids: `Type` is often missing or wrong.
    fn tree(&mut self, source: &mut Source, root: ObjectId) -> Result<(), Fault> {
        let mut stack = vec![(root, usize::MAX, 0)];
        // What the nodes hand down; kids have the index of their parent's.
        let mut handed: Vec<Dictionary> = Vec::new();
        while let Some((id, parent, depth)) = stack.pop() {
            let Some(Object::Dictionary(node)) = source.document.objects.get(&id) else {
                self.gaps = true;
                continue;
            };
            let above = handed.get(parent).cloned().unwrap_or_default();
            let kids = match source.get(node, b"Kids") {
                Object::Array(kids) if !node.has_type(b"Page") => Some(kids),
                _ => None,
            };
            let Some(kids) = kids else {
                // An empty node is often written so.
                if !node.has_type(b"Pages") || node.has(b"Contents") {
                    self.page(source, id, above)?;
                }
                continue;
            };
            if depth >= DEEPEST || !self.seen.insert(id) {
                continue;
            }
            let (node, kids) = (node.clone(), kids.clone());
            self.nodes.push(id);
            let index = handed.len();
            let below = source.handed_down(&node, above);
            handed.push(below);
            let mut ids = Vec::with_capacity(kids.len());
            for kid in kids {
                match kid {
                    Object::Reference(kid) => ids.push(kid),
                    // Some write pages into the array itself.
                    Object::Dictionary(_) => ids.push(source.add(kid)),
                    _ => self.gaps = true,
                }
            }
            stack.extend(ids.into_iter().rev().map(|kid| (kid, index, depth + 1)));
        }
        Ok(())
    }

    /// Adds a page. One that comes again is another page that looks the same.
    fn page(
        &mut self,
        source: &mut Source,
        id: ObjectId,
        mut inherited: Dictionary,
    ) -> Result<(), Fault> {
        if self.pages.len() >= self.most {
            return Err(too_many(self.most));
        }
        let mut id = id;
        if let Some(Object::Dictionary(page)) = source.document.objects.get(&id) {
            for key in INHERITED {
                // A null value, or a reference to nothing, is an absent key.
                if !matches!(source.get(page, key), Object::Null) {
                    inherited.remove(key);
                }
            }
            if !self.seen.insert(id) {
                let again = Object::Dictionary(page.clone());
                self.copied += values(&again);
                if self.copied > MOST_COPIED {
                    return Err(Fault::Over {
                        what: "values in copies of pages that come again in its page tree",
                        limit: MOST_COPIED as u64,
                    });
                }
                id = source.add(again);
            }
        }
        self.pages.push(Page { id, inherited });
        Ok(())
    }
}

fn too_many(most: usize) -> Fault {
    Fault::Over {
        what: "pages",
        limit: most as u64,
    }
}

/// How many values an object has, itself included.
fn values(object: &Object) -> usize {
    match object {
        Object::Array(items) => 1 + items.iter().map(values).sum::<usize>(),
        Object::Dictionary(dictionary) => {
            1 + dictionary
                .iter()
                .map(|(_, value)| values(value))
                .sum::<usize>()
        }
        Object::String(text, _) => 1 + text.len() / 64,
        _ => 1,
    }
}
