//! Tags of widgets that become content: the reference to the annotation in the structure element becomes
//! one to marked content (ISO 32000-1 §14.7.4.2), and the page's entry in the parent tree says so.

use crate::form::dictionary_mut;
use crate::rewrite::{is_element, is_name};
use crate::source::Source;
use crate::tree;
use lopdf::{Dictionary, Object, ObjectId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::hash_map::Entry;

/// Marked content of a page beyond this is not counted on.
const MOST_MARKS: i64 = 1 << 16;
/// Numbers without content on all pages of an input that are written down as such.
const MOST_GAPS: usize = 1 << 20;
/// Kids of all elements of an input that are looked at.
const MOST_KIDS: usize = 1 << 22;

/// What widgets are marked with, in a file that has tags.
#[derive(Default)]
pub(super) struct Tagged {
    is_tagged: bool,
    marks: FxHashMap<ObjectId, i64>,
}

/// Marked content of a page.
struct Marks {
    /// The page's key in the parent tree.
    key: i64,
    /// The elements by number.
    elements: Vec<Object>,
}

impl Tagged {
    /// Takes all `widgets` out of the structure, and puts those that are `drawn`, on the pages given, in
    /// again as content.
    pub(super) fn retag(
        source: &mut Source,
        widgets: &FxHashSet<ObjectId>,
        drawn: &[(ObjectId, ObjectId)],
    ) -> Self {
        let Some(root) = root_of(source) else {
            return Self::default();
        };
        let mut tagged = Self {
            is_tagged: true,
            ..Self::default()
        };
        let elements = elements_of(source, widgets);
        if elements.is_empty() {
            return tagged;
        }
        let mut entries: Vec<(i64, Object)> = match source.document.objects.get(&root) {
            Some(Object::Dictionary(dictionary)) => {
                let entries = tree::numbers(source, source.get(dictionary, b"ParentTree"));
                let entries = entries.into_iter();
                entries.map(|(key, value)| (key, value.clone())).collect()
            }
            _ => Vec::new(),
        };
        let gone: FxHashSet<i64> = widgets
            .iter()
            .filter_map(|&id| key_of(source, id, b"StructParent"))
            .collect();
        entries.retain(|(key, _)| !gone.contains(key));
        let mut next_key = entries.iter().map(|(key, _)| key.saturating_add(1));
        let mut next_key = next_key.by_ref().max().unwrap_or(0).max(0);
        let most = most_marks(source);
        let mut places: FxHashMap<ObjectId, ObjectId> = FxHashMap::default();
        for &(widget, page) in drawn {
            places.entry(widget).or_insert(page);
        }
        let mut pages: FxHashMap<ObjectId, Marks> = FxHashMap::default();
        let mut full: FxHashSet<ObjectId> = FxHashSet::default();
        let mut room = MOST_GAPS;
        for element in elements {
            let kids = kids_of(source, element);
            let mut left = Vec::with_capacity(kids.len());
            for kid in kids {
                let Some(widget) = widget_of(source, &kid, widgets) else {
                    left.push(kid);
                    continue;
                };
                let Some(&page) = places.get(&widget) else {
                    continue;
                };
                if full.contains(&page) {
                    continue;
                }
                let marks = match pages.entry(page) {
                    Entry::Occupied(marks) => marks.into_mut(),
                    Entry::Vacant(place) => {
                        let most = most.get(&page);
                        let Some((marks, is_new)) =
                            Marks::of(source, page, &entries, next_key, most, &mut room)
                        else {
                            full.insert(page);
                            continue;
                        };
                        next_key += i64::from(is_new);
                        place.insert(marks)
                    }
                };
                let number = marks.elements.len() as i64;
                // Content is the same twice at most where the annotation was.
                if number > MOST_MARKS || tagged.marks.contains_key(&widget) {
                    continue;
                }
                marks.elements.push(Object::Reference(element));
                tagged.marks.insert(widget, number);
                let mut content = Dictionary::new();
                content.set("Type", Object::Name(b"MCR".to_vec()));
                content.set("Pg", Object::Reference(page));
                content.set("MCID", number);
                left.push(Object::Dictionary(content));
            }
            if let Some(element) = dictionary_mut(source, element) {
                match left.is_empty() {
                    true => drop(element.remove(b"K")),
                    false => element.set("K", left),
                }
            }
        }
        let mut pages: Vec<(ObjectId, Marks)> = pages.into_iter().collect();
        pages.sort_by_key(|(_, marks)| marks.key);
        for (page, marks) in pages {
            if let Some(page) = dictionary_mut(source, page) {
                page.set("StructParents", marks.key);
            }
            entries.retain(|(key, _)| *key != marks.key);
            entries.push((marks.key, Object::Array(marks.elements)));
        }
        let numbers: Vec<Object> = entries
            .into_iter()
            .flat_map(|(key, value)| [Object::Integer(key), value])
            .collect();
        let mut parents = Dictionary::new();
        parents.set("Nums", numbers);
        if let Some(root) = dictionary_mut(source, root) {
            root.set("ParentTree", parents);
        }
        tagged
    }

    /// What a widget's content begins with, when it is marked at all.
    pub(super) fn mark(&self, widget: ObjectId) -> Option<String> {
        match self.marks.get(&widget) {
            Some(number) => Some(format!("/Form <</MCID {number}>> BDC ")),
            None => self.is_tagged.then(|| "/Artifact BMC ".to_owned()),
        }
    }
}

impl Marks {
    /// Of a page, and whether its key is new. `None` when the numbers that its content skips have no room.
    fn of(
        source: &Source,
        page: ObjectId,
        entries: &[(i64, Object)],
        next_key: i64,
        most: Option<&i64>,
        room: &mut usize,
    ) -> Option<(Self, bool)> {
        let key = key_of(source, page, b"StructParents");
        let listed = key.and_then(|key| entries.iter().find(|(it, _)| *it == key));
        let mut elements = match listed.map(|(_, value)| source.resolve(value)) {
            Some(Object::Array(elements)) => elements.clone(),
            _ => Vec::new(),
        };
        let used = most.map_or(0, |&most| most.clamp(-1, MOST_MARKS) + 1);
        let used = usize::try_from(used).unwrap_or(0);
        if elements.len() < used {
            *room = room.checked_sub(used - elements.len())?;
            elements.resize(used, Object::Null);
        }
        let is_new = key.is_none();
        let key = key.unwrap_or(next_key);
        Some((Self { key, elements }, is_new))
    }
}

/// The structure tree's root, as an object of its own.
fn root_of(source: &mut Source) -> Option<ObjectId> {
    let root = match source.catalog().get(b"StructTreeRoot").ok()? {
        Object::Dictionary(direct) => direct.clone(),
        reference => {
            let id = super::end_of(source, reference)?;
            return matches!(
                source.document.objects.get(&id),
                Some(Object::Dictionary(_))
            )
            .then_some(id);
        }
    };
    let catalog = super::end_of(source, source.document.trailer.get(b"Root").ok()?)?;
    let root = source.add(Object::Dictionary(root));
    dictionary_mut(source, catalog)?.set("StructTreeRoot", Object::Reference(root));
    Some(root)
}

fn key_of(source: &Source, id: ObjectId, key: &[u8]) -> Option<i64> {
    let dictionary = source.document.objects.get(&id)?.as_dict().ok()?;
    source.get(dictionary, key).as_i64().ok()
}

/// The elements that have widgets, in the order of their numbers.
fn elements_of(source: &Source, widgets: &FxHashSet<ObjectId>) -> Vec<ObjectId> {
    // Elements may share an array of kids.
    let mut looked_at = 0;
    let objects = source.document.objects.iter();
    let elements = objects.filter(|(_, object)| {
        let Object::Dictionary(element) = object else {
            return false;
        };
        is_element(element)
            && match source.get(element, b"K") {
                Object::Array(kids) => {
                    looked_at += kids.len();
                    looked_at <= MOST_KIDS
                        && kids
                            .iter()
                            .any(|kid| widget_of(source, kid, widgets).is_some())
                }
                _ => element
                    .get(b"K")
                    .is_ok_and(|kid| widget_of(source, kid, widgets).is_some()),
            }
    });
    let mut ids: Vec<ObjectId> = elements.map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids
}

fn kids_of(source: &Source, element: ObjectId) -> Vec<Object> {
    let Some(Object::Dictionary(element)) = source.document.objects.get(&element) else {
        return Vec::new();
    };
    match source.get(element, b"K") {
        Object::Null => Vec::new(),
        Object::Array(kids) => kids.clone(),
        _ => element.get(b"K").ok().cloned().into_iter().collect(),
    }
}

/// The widget that a kid of an element refers to.
fn widget_of(source: &Source, kid: &Object, widgets: &FxHashSet<ObjectId>) -> Option<ObjectId> {
    let kid = source.resolve(kid).as_dict().ok()?;
    if !is_name(kid, b"Type", b"OBJR") {
        return None;
    }
    let widget = super::end_of(source, kid.get(b"Obj").ok()?)?;
    widgets.contains(&widget).then_some(widget)
}

/// The largest number of marked content that elements have of each page.
fn most_marks(source: &Source) -> FxHashMap<ObjectId, i64> {
    let mut most: FxHashMap<ObjectId, i64> = FxHashMap::default();
    for object in source.document.objects.values() {
        let Object::Dictionary(element) = object else {
            continue;
        };
        if !is_element(element) {
            continue;
        }
        let page = element.get(b"Pg").ok();
        let mut note = |page: Option<&Object>, number: i64| {
            if let Some(page) = page.and_then(|page| super::end_of(source, page)) {
                let there = most.entry(page).or_insert(number);
                *there = number.max(*there);
            }
        };
        let kids = match source.get(element, b"K") {
            Object::Array(kids) => kids.as_slice(),
            kid => std::slice::from_ref(kid),
        };
        for kid in kids {
            match source.resolve(kid) {
                Object::Integer(number) => note(page, *number),
                Object::Dictionary(content) if !content.has(b"Stm") => {
                    if let Ok(number) = source.get(content, b"MCID").as_i64() {
                        note(content.get(b"Pg").ok().or(page), number);
                    }
                }
                _ => {}
            }
        }
    }
    most
}
