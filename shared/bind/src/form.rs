//! An input's form, put in order before it is copied: every field reachable from the root fields,
//! what fields inherit from the form their own, names that another input has changed.

mod flatten;
pub(crate) mod join;

use crate::appearances::{self, Drawing};
use crate::fields::{Fields, first_part};
use crate::form_fonts;
use crate::options::FormMode;
use crate::rewrite::is_name;
use crate::source::Source;
use join::Singles;
use lopdf::{Dictionary, Object, ObjectId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::hash_map::Entry;

/// Fields nested deeper than this are taken as roots.
const DEEPEST: usize = 64;

/// What the volume takes over of an input's form.
#[derive(Default)]
pub(crate) struct Form {
    /// Root fields.
    pub(crate) roots: Vec<ObjectId>,
    /// Fields that are joined with those of other inputs, and are below none of the roots.
    pub(crate) singles: Singles,
    /// The order of calculation (`CO`).
    pub(crate) calculated: Vec<ObjectId>,
    /// Names of the root fields in the volume, as far as they must differ.
    pub(crate) names: FxHashSet<String>,
    /// First parts of names that differ in the volume.
    pub(crate) renamed: FxHashMap<String, String>,
    /// Categories of the default resources (`DR`).
    pub(crate) resources: Vec<(Vec<u8>, Object)>,
    /// Whether the input wants its reader to draw the fields.
    pub(crate) needs_appearances: bool,
    /// Whether some of its fields have no appearance then.
    pub(crate) is_bare: bool,
    /// Signatures that were removed from their fields.
    pub(crate) signatures: usize,
    /// Whether there was an XFA form.
    pub(crate) xfa: bool,
    /// Whether what the fields show is content of the pages now.
    pub(crate) is_flat: bool,
    /// Fields that are left out then, as they have no appearance.
    pub(crate) undrawn: usize,
}

impl Form {
    /// Puts the form of an input in order, in the input. Signature fields stay, unsigned, with the
    /// picture that they have: a merged document cannot be the one that was signed.
    pub(crate) fn prepare(
        source: &mut Source,
        fields: &Fields,
        mode: FormMode,
        input: usize,
    ) -> Self {
        let mut form = Self::default();
        let dictionary = match source.get(source.catalog(), b"AcroForm") {
            Object::Dictionary(dictionary) => dictionary.clone(),
            _ => Dictionary::new(),
        };
        let mut walk = Walk::default();
        let widgets = page_widgets(source);
        if let Object::Array(roots) = source.get(&dictionary, b"Fields").clone() {
            for root in roots {
                let id = match root {
                    Object::Reference(id) => id,
                    direct @ Object::Dictionary(_) => promote(source, direct),
                    _ => continue,
                };
                walk.attach(source, id);
            }
        }
        for id in widgets {
            if !walk.parents.contains_key(&id) && has_type(source, id) {
                walk.attach(source, id);
            }
        }
        for (root, key) in walk
            .roots
            .iter()
            .flat_map(|&root| [(root, "DA"), (root, "Q")])
        {
            let value = source.get(&dictionary, key.as_bytes()).clone();
            if !matches!(value, Object::Null)
                && let Some(field) = dictionary_mut(source, root)
                && !field.has(key.as_bytes())
            {
                field.set(key, value);
            }
        }
        form.remove_signatures(source, &walk);
        form.resources = form_fonts::gather(source, &dictionary, &walk.order, &walk.parents);
        form.xfa = !matches!(source.get(&dictionary, b"XFA"), Object::Null);
        form.needs_appearances = matches!(
            source.get(&dictionary, b"NeedAppearances"),
            Object::Boolean(true)
        );
        // Readers draw fields without an appearance even when they are not asked to.
        if form.needs_appearances || mode == FormMode::Flatten {
            let drawing = Drawing {
                stale: form.needs_appearances,
                last: mode == FormMode::Flatten,
            };
            let resources = &form.resources;
            let all = appearances::draw(source, drawing, &walk.order, &walk.parents, resources);
            form.is_bare = !all;
        }
        if mode == FormMode::Flatten {
            form.undrawn = flatten::flatten(source, &walk.order, &form.resources);
            return Self {
                is_flat: true,
                undrawn: form.undrawn,
                signatures: form.signatures,
                xfa: form.xfa,
                ..Self::default()
            };
        }
        if mode == FormMode::Join {
            let joined = &fields.joined;
            let resources = &form.resources;
            form.singles = Singles::take(source, &mut walk, joined, input, resources);
            form.is_bare |= form.singles.is_bare;
        }
        form.rename(source, &walk, fields, input);
        if let Object::Array(order) = source.get(&dictionary, b"CO") {
            form.calculated = order
                .iter()
                .filter_map(|field| field.as_reference().ok())
                .filter(|id| walk.parents.contains_key(id))
                .map(|id| form.singles.of_widgets.get(&id).copied().unwrap_or(id))
                .collect();
        }
        form.roots = walk.roots;
        form
    }

    fn remove_signatures(&mut self, source: &mut Source, walk: &Walk) {
        let mut signed: FxHashMap<ObjectId, bool> = FxHashMap::default();
        for &id in &walk.order {
            let above = walk
                .parents
                .get(&id)
                .copied()
                .flatten()
                .is_some_and(|parent| signed.get(&parent) == Some(&true));
            let Some(Object::Dictionary(field)) = source.document.objects.get(&id) else {
                continue;
            };
            let is_signature = match source.get(field, b"FT") {
                Object::Name(kind) => kind == b"Sig",
                _ => above,
            };
            signed.insert(id, is_signature);
            if is_signature
                && let Some(field) = dictionary_mut(source, id)
                && field.remove(b"V").is_some()
            {
                self.signatures += 1;
            }
        }
    }

    /// Names are on the first node with one on each way down: roots need none.
    fn rename(&mut self, source: &mut Source, walk: &Walk, fields: &Fields, input: usize) {
        let mut named: Vec<(ObjectId, Object)> = Vec::new();
        let mut below: FxHashSet<ObjectId> = walk.taken.clone();
        for &id in &walk.order {
            if below.contains(&id) {
                continue;
            }
            let parent = walk.parents.get(&id).copied().flatten();
            if parent.is_some_and(|parent| below.contains(&parent)) {
                below.insert(id);
                continue;
            }
            if let Some(Object::Dictionary(field)) = source.document.objects.get(&id)
                && let name @ Object::String(..) = source.get(field, b"T")
            {
                named.push((id, name.clone()));
                below.insert(id);
            }
        }
        let own: FxHashSet<String> = named.iter().map(|(_, name)| first_part(name)).collect();
        for (id, name) in named {
            let new = fields.name(&name, input, &own);
            self.names.insert(first_part(&new));
            if new != name {
                self.renamed.insert(first_part(&name), first_part(&new));
                if let Some(field) = dictionary_mut(source, id) {
                    field.set("T", new);
                }
            }
        }
    }
}

/// The fields that are reached, with their parents.
#[derive(Default)]
struct Walk {
    roots: Vec<ObjectId>,
    parents: FxHashMap<ObjectId, Option<ObjectId>>,
    order: Vec<ObjectId>,
    /// Roots whose fields were taken apart.
    taken: FxHashSet<ObjectId>,
    /// The kids of those that had one put below them.
    adopted: FxHashMap<ObjectId, FxHashSet<ObjectId>>,
}

impl Walk {
    /// Makes a field part of the form: with all above it as its `Parent` says, which need not list it,
    /// and all below it.
    fn attach(&mut self, source: &mut Source, field: ObjectId) {
        let mut child = field;
        for _ in 0..DEEPEST {
            if self.parents.contains_key(&child) {
                return;
            }
            let Some(Object::Dictionary(dictionary)) = source.document.objects.get(&child) else {
                return;
            };
            let parent = match dictionary.get(b"Parent") {
                Ok(&Object::Reference(id)) => id,
                _ => break,
            };
            let Some(Object::Dictionary(above)) = source.document.objects.get(&parent) else {
                break;
            };
            if parent == child || parent == field {
                break;
            }
            let known = match self.adopted.entry(parent) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let kids = match source.get(above, b"Kids") {
                        Object::Array(kids) => kids.clone(),
                        _ => Vec::new(),
                    };
                    let known = kids.iter().filter_map(|kid| kid.as_reference().ok());
                    let known = place.insert(known.collect());
                    if let Some(above) = dictionary_mut(source, parent) {
                        above.set("Kids", kids);
                    }
                    known
                }
            };
            if known.insert(child)
                && let Some(above) = dictionary_mut(source, parent)
                && let Ok(Object::Array(kids)) = above.get_mut(b"Kids")
            {
                kids.push(Object::Reference(child));
            }
            if self.parents.contains_key(&parent) {
                self.walk(source, child, Some(parent));
                return;
            }
            child = parent;
        }
        self.roots.push(child);
        if let Some(root) = dictionary_mut(source, child) {
            root.remove(b"Parent");
        }
        self.walk(source, child, None);
    }

    /// Notes a field and all below it; what comes up a second time stays where it came up first.
    fn walk(&mut self, source: &mut Source, field: ObjectId, parent: Option<ObjectId>) {
        let mut stack = vec![(field, parent)];
        while let Some((id, parent)) = stack.pop() {
            let Some(Object::Dictionary(dictionary)) = source.document.objects.get(&id) else {
                continue;
            };
            if self.parents.contains_key(&id) {
                continue;
            }
            self.parents.insert(id, parent);
            self.order.push(id);
            let listed = match source.get(dictionary, b"Kids") {
                Object::Array(kids) => kids.clone(),
                _ => Vec::new(),
            };
            let right = match parent {
                Some(parent) => is_parent(dictionary, parent),
                None => true,
            };
            if let (false, Some(parent)) = (right, parent)
                && let Some(field) = dictionary_mut(source, id)
            {
                field.set("Parent", Object::Reference(parent));
            }
            let mut kids = Vec::with_capacity(listed.len());
            for kid in &listed {
                match kid {
                    Object::Reference(kid) if !self.parents.contains_key(kid) => kids.push(*kid),
                    direct @ Object::Dictionary(_) => kids.push(promote(source, direct.clone())),
                    _ => {}
                }
            }
            if kids.len() != listed.len() || listed.iter().any(|kid| kid.as_reference().is_err()) {
                let kids: Vec<Object> = kids.iter().map(|&kid| Object::Reference(kid)).collect();
                if let Some(field) = dictionary_mut(source, id) {
                    field.set("Kids", kids);
                }
            }
            stack.extend(kids.into_iter().rev().map(|kid| (kid, Some(id))));
        }
    }
}

fn is_parent(field: &Dictionary, parent: ObjectId) -> bool {
    matches!(field.get(b"Parent"), Ok(&Object::Reference(id)) if id == parent)
}

/// All widgets on pages, as indirect objects.
fn page_widgets(source: &mut Source) -> Vec<ObjectId> {
    let mut widgets = Vec::new();
    let pages: Vec<ObjectId> = source.pages.iter().map(|page| page.id).collect();
    for page in pages {
        let Some(Object::Dictionary(dictionary)) = source.document.objects.get(&page) else {
            continue;
        };
        let Object::Array(annotations) = source.get(dictionary, b"Annots") else {
            continue;
        };
        let direct = annotations.iter().any(
            |one| matches!(one, Object::Dictionary(one) if is_name(one, b"Subtype", b"Widget")),
        );
        if direct {
            let mut indirect = Vec::with_capacity(annotations.len());
            for one in annotations.clone() {
                indirect.push(match one {
                    Object::Dictionary(_) => Object::Reference(promote(source, one)),
                    other => other,
                });
            }
            if let Some(page) = dictionary_mut(source, page) {
                page.set("Annots", indirect);
            }
        }
        let Some(Object::Dictionary(dictionary)) = source.document.objects.get(&page) else {
            continue;
        };
        if let Object::Array(annotations) = source.get(dictionary, b"Annots") {
            widgets.extend(annotations.iter().filter_map(|one| {
                let id = one.as_reference().ok()?;
                let widget = source.document.objects.get(&id)?.as_dict().ok()?;
                is_name(widget, b"Subtype", b"Widget").then_some(id)
            }));
        }
    }
    widgets
}

/// Whether a widget is a field, or of one: it or something above it says of what type.
fn has_type(source: &Source, widget: ObjectId) -> bool {
    let mut object = source.document.objects.get(&widget);
    for _ in 0..DEEPEST {
        let Some(Object::Dictionary(field)) = object else {
            return false;
        };
        if field.has(b"FT") {
            return true;
        }
        object = field
            .get(b"Parent")
            .ok()
            .map(|parent| source.resolve(parent));
    }
    false
}

/// Makes a direct object indirect.
fn promote(source: &mut Source, object: Object) -> ObjectId {
    source.add(object)
}

pub(crate) fn dictionary_mut(source: &mut Source, id: ObjectId) -> Option<&mut Dictionary> {
    source
        .document
        .objects
        .get_mut(&id)
        .and_then(|object| object.as_dict_mut().ok())
}
