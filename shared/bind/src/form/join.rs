//! Joining: the fields of an input taken apart into what a field is and what its widgets are
//! (ISO 32000-1 §12.5.6.19 lets them be one dictionary), so that widgets of several inputs can be of one
//! field.

use super::{Walk, dictionary_mut};
use crate::appearances::{self, Drawing};
use crate::fields::joined::{Joined, Kind, Standing, Value};
use crate::rewrite::is_name;
use crate::source::Source;
use fanfold_pdf::{text_string, write_object};
use lopdf::{Dictionary, Object, ObjectId, decode_text_string};
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};

/// Entries that fields hand down (table 220 and those of types).
const HANDED_DOWN: [&[u8]; 8] = [b"FT", b"Ff", b"V", b"DV", b"DA", b"Q", b"MaxLen", b"Opt"];
/// Entries of fields; those of widgets are all others.
const OF_FIELDS: [&[u8]; 18] = [
    b"FT",
    b"Parent",
    b"Kids",
    b"T",
    b"TU",
    b"TM",
    b"Ff",
    b"V",
    b"DV",
    b"DS",
    b"RV",
    b"Opt",
    b"MaxLen",
    b"TI",
    b"I",
    b"Lock",
    b"SV",
    b"DataPrep",
];
/// Entries that both may have: how a text looks.
const OF_BOTH: [&[u8]; 2] = [b"DA", b"Q"];
/// Actions of fields (table 196); those of widgets are others.
const ACTIONS_OF_FIELDS: [&[u8]; 4] = [b"K", b"F", b"V", b"C"];
/// Flags that make a field another kind of field: of texts, of buttons, of choices (tables 226, 228, 230).
const KIND_OF_TEXT: i64 = 1 << 12 | 1 << 13 | 1 << 20 | COMB | 1 << 25;
const KIND_OF_BUTTON: i64 = 1 << 15 | 1 << 16;
const KIND_OF_CHOICE: i64 = 1 << 17 | 1 << 18 | 1 << 21;
const COMB: i64 = 1 << 24;
/// Names in a full name.
const DEEPEST: usize = 64;
/// Bytes of a full name.
const LONGEST_NAME: usize = 4 << 10;
/// Bytes of a text that each field below gets a copy of.
const LONGEST_COPIED: usize = 256;

/// A field of an input, apart from its widgets.
pub(crate) struct Single {
    /// Its full name in the volume, by parts.
    pub(crate) path: Vec<String>,
    /// Its dictionary, without name, parent and kids.
    pub(crate) field: ObjectId,
    /// What it was one with, as far as others refer to it as a field.
    pub(crate) widgets: Vec<ObjectId>,
    pub(crate) kind: Kind,
    pub(crate) value: Value,
    pub(crate) flags: i64,
}

/// An input's fields, apart from each other.
#[derive(Default)]
pub(crate) struct Singles {
    pub(crate) fields: Vec<Single>,
    /// Nodes above, by their full name's parts in the volume.
    pub(crate) groups: Vec<(Vec<String>, ObjectId)>,
    /// Fields by the widgets that they were one with.
    pub(crate) of_widgets: FxHashMap<ObjectId, ObjectId>,
    /// Full names that differ in the volume.
    pub(crate) renamed: FxHashMap<String, String>,
    /// Fields whose value is another than that of the field they join.
    pub(crate) conflicts: Vec<String>,
    /// Whether some of these cannot be drawn with that value.
    pub(crate) is_bare: bool,
    /// How many fields stay apart because of what they are, or what stands beside them below their root.
    /// Signatures do not count: they are never joined.
    pub(crate) apart: usize,
}

/// What is known of a node on the way down.
#[derive(Clone, Default)]
struct Above {
    path: Vec<String>,
    /// Bytes of the names so far.
    bytes: usize,
    /// The nearest node with a name.
    field: Option<ObjectId>,
    handed_down: Vec<(&'static [u8], Object)>,
    /// The root's index.
    root: usize,
}

/// A node with a name.
struct Named {
    id: ObjectId,
    above: Above,
    widgets: Vec<ObjectId>,
    has_fields_below: bool,
}

impl Singles {
    /// Takes the fields below all roots apart whose shape allows it; the roots that are left stay as they
    /// are. `resources` are the form's.
    pub(super) fn take(
        source: &mut Source,
        walk: &mut Walk,
        joined: &Joined,
        input: usize,
        resources: &[(Vec<u8>, Object)],
    ) -> Self {
        share_handed_down(source, walk);
        let mut singles = Self::default();
        let named = nodes(source, walk, &mut singles.apart);
        let own: FxHashSet<String> = named.iter().map(|it| it.above.path.join(".")).collect();
        // What this input adds counts for its later fields too.
        let mut standing = Standing::new(joined, input, &own);
        for node in named {
            let name = node.above.path.join(".");
            if node.has_fields_below {
                let path = standing.group(&node.above.path);
                singles.groups.push((path, node.id));
                continue;
            }
            let Some(mut single) = split(source, node, &mut singles.of_widgets) else {
                continue;
            };
            single.path = standing.field(&single.path, &single.kind);
            let full = single.path.join(".");
            if full != name {
                singles.renamed.insert(name, full.clone());
            }
            if let Some(value) = joined.value(&full)
                && *value != single.value
            {
                singles.is_bare |= !set_value(source, &mut single, value.clone(), resources);
                singles.conflicts.push(full);
            }
            singles.fields.push(single);
        }
        walk.roots.retain(|root| !walk.taken.contains(root));
        singles
    }
}

/// Makes what fields hand down objects of their own where it is large: each field below gets it.
fn share_handed_down(source: &mut Source, walk: &Walk) {
    for &id in &walk.order {
        for key in HANDED_DOWN {
            let Some(Object::Dictionary(node)) = source.document.objects.get(&id) else {
                break;
            };
            let large = match node.get(key) {
                Ok(Object::String(text, _)) => text.len() > LONGEST_COPIED,
                Ok(value) => matches!(value, Object::Array(_) | Object::Dictionary(_)),
                Err(_) => false,
            };
            if !large {
                continue;
            }
            let Ok(value) = node.get(key).cloned() else {
                continue;
            };
            let shared = source.add(value);
            if let Some(node) = dictionary_mut(source, id) {
                node.set(key, Object::Reference(shared));
            }
        }
    }
}

/// The nodes with names below the roots that can be taken apart, parents first; `apart` counts those fields
/// that cannot.
fn nodes(source: &Source, walk: &mut Walk, apart: &mut usize) -> Vec<Named> {
    let roots: FxHashMap<ObjectId, usize> = walk.roots.iter().copied().zip(0..).collect();
    let mut known: FxHashMap<ObjectId, Above> = FxHashMap::default();
    let mut named: Vec<Named> = Vec::new();
    let mut index: FxHashMap<ObjectId, usize> = FxHashMap::default();
    let mut odd: FxHashSet<usize> = FxHashSet::default();
    for &id in &walk.order {
        let Some(Object::Dictionary(node)) = source.document.objects.get(&id) else {
            continue;
        };
        let parent = walk.parents.get(&id).copied().flatten();
        let mut own = match parent.and_then(|parent| known.get(&parent)) {
            Some(above) => above.clone(),
            None => Above {
                root: roots.get(&id).copied().unwrap_or(usize::MAX),
                ..Above::default()
            },
        };
        let name = match source.get(node, b"T") {
            name @ Object::String(..) => decode_text_string(name).unwrap_or_default(),
            _ => String::new(),
        };
        for key in HANDED_DOWN {
            if let Ok(value) = node.get(key)
                && !matches!(source.resolve(value), Object::Null)
            {
                own.handed_down.retain(|(there, _)| *there != key);
                own.handed_down.push((key, value.clone()));
            }
        }
        if !name.is_empty() {
            if let Some(above) = own.field.and_then(|above| index.get(&above))
                && let Some(above) = named.get_mut(*above)
            {
                above.has_fields_below = true;
            }
            // A name of no letters, or one that is endless, is none that another input's could equal.
            let parts = name.split('.').count();
            own.bytes += name.len();
            if own.path.len() + parts > DEEPEST
                || own.bytes > LONGEST_NAME
                || name.split('.').any(str::is_empty)
            {
                odd.insert(own.root);
            } else {
                own.path.extend(name.split('.').map(str::to_owned));
            }
            own.field = Some(id);
            index.insert(id, named.len());
            named.push(Named {
                id,
                above: own.clone(),
                widgets: Vec::new(),
                has_fields_below: false,
            });
        }
        match own.field.and_then(|field| index.get(&field)) {
            Some(&field) if is_name(node, b"Subtype", b"Widget") => {
                let field = &mut named[field];
                field.widgets.push(id);
                // Some say of the widget what they should say of the field.
                for (key, value) in &own.handed_down {
                    let said = &mut field.above.handed_down;
                    if !said.iter().any(|(there, _)| there == key) {
                        said.push((key, value.clone()));
                    }
                }
            }
            Some(_) => {}
            None => drop(odd.insert(own.root)),
        }
        known.insert(id, own);
    }
    let mut values: FxHashMap<String, Value> = FxHashMap::default();
    for node in &named {
        let mut field = Dictionary::new();
        if let Some((_, value)) = node.above.handed_down.iter().find(|(key, _)| *key == b"V") {
            field.set("V", value.clone());
        }
        // Two of one name should have one value; where they do not, readers take them as two.
        let own = value(source, &field);
        if *values
            .entry(node.above.path.join("."))
            .or_insert_with(|| own.clone())
            != own
        {
            odd.insert(node.above.root);
        }
        let kind = node.above.handed_down.iter().find(|(key, _)| *key == b"FT");
        let kind = kind.and_then(|(_, kind)| source.resolve(kind).as_name().ok());
        // A signature field has one widget, and no one else's (§12.7.4.5). A value that is a stream is that of
        // one field.
        let is_odd = match node.has_fields_below {
            true => !node.widgets.is_empty(),
            false => {
                let own = source.get(&field, b"V");
                !matches!(kind, Some(b"Tx" | b"Btn" | b"Ch")) || matches!(own, Object::Stream(_))
            }
        };
        if is_odd {
            odd.insert(node.above.root);
        }
    }
    let is_apart = |node: &&Named| odd.contains(&node.above.root);
    *apart = named
        .iter()
        .filter(is_apart)
        .filter(|node| !node.has_fields_below && !is_signature(source, node))
        .count();
    named.retain(|node| !odd.contains(&node.above.root));
    walk.taken = named
        .iter()
        .filter_map(|node| walk.roots.get(node.above.root).copied())
        .collect();
    named
}

fn is_signature(source: &Source, node: &Named) -> bool {
    let kind = node.above.handed_down.iter().find(|(key, _)| *key == b"FT");
    kind.is_some_and(
        |(_, kind)| matches!(source.resolve(kind), Object::Name(kind) if kind == b"Sig"),
    )
}

/// Makes a field and its widgets objects of their own.
fn split(
    source: &mut Source,
    node: Named,
    of_widgets: &mut FxHashMap<ObjectId, ObjectId>,
) -> Option<Single> {
    let Some(Object::Dictionary(dictionary)) = source.document.objects.get(&node.id) else {
        return None;
    };
    let is_merged = node.widgets.contains(&node.id);
    let mut field = Dictionary::new();
    for (key, value) in dictionary {
        let is_of_field = OF_FIELDS.contains(&key.as_slice()) || OF_BOTH.contains(&key.as_slice());
        if !matches!(key.as_slice(), b"T" | b"Parent" | b"Kids") && (is_of_field || !is_merged) {
            field.set(key.clone(), value.clone());
        }
    }
    for (key, value) in &node.above.handed_down {
        field.set(*key, value.clone());
    }
    if is_merged && let Object::Dictionary(actions) = source.get(dictionary, b"AA") {
        let mut actions = actions.clone();
        actions = actions
            .into_iter()
            .filter(|(key, _)| ACTIONS_OF_FIELDS.contains(&key.as_slice()))
            .collect();
        if !actions.is_empty() {
            field.set("AA", actions);
        }
    }
    let flags = source.get(&field, b"Ff").as_i64().unwrap_or(0);
    let kind = kind(source, &field, flags);
    let value = value(source, &field);
    let id = match is_merged {
        true => source.add(Object::Dictionary(field)),
        false => {
            source
                .document
                .objects
                .insert(node.id, Object::Dictionary(field));
            node.id
        }
    };
    if is_merged {
        of_widgets.insert(node.id, id);
    }
    for &widget in &node.widgets {
        let own_actions = match source.document.objects.get(&widget) {
            Some(Object::Dictionary(own)) if widget == node.id => match source.get(own, b"AA") {
                Object::Dictionary(actions) => Some(
                    actions
                        .clone()
                        .into_iter()
                        .filter(|(key, _)| !ACTIONS_OF_FIELDS.contains(&key.as_slice()))
                        .collect::<Dictionary>(),
                ),
                _ => None,
            },
            _ => None,
        };
        if let Some(own) = dictionary_mut(source, widget) {
            for key in OF_FIELDS {
                own.remove(key);
            }
            match own_actions {
                Some(actions) if actions.is_empty() => drop(own.remove(b"AA")),
                Some(actions) => own.set("AA", actions),
                None => {}
            }
            own.set("Parent", Object::Reference(id));
        }
    }
    Some(Single {
        path: node.above.path,
        field: id,
        widgets: node.widgets,
        kind,
        value,
        flags,
    })
}

/// What fields must have in common.
fn kind(source: &Source, field: &Dictionary, flags: i64) -> Kind {
    let kind = source.get(field, b"FT").as_name().unwrap_or_default();
    let mask = match kind {
        b"Tx" => KIND_OF_TEXT,
        b"Btn" => KIND_OF_BUTTON,
        _ => KIND_OF_CHOICE,
    };
    let mut digest = Sha256::new();
    let mut bytes = Vec::new();
    write_object(&mut bytes, &plain(source, source.get(field, b"Opt"), 3));
    if kind == b"Tx" && flags & COMB != 0 {
        write_object(&mut bytes, source.get(field, b"MaxLen"));
    }
    digest.update(kind);
    digest.update((flags & mask).to_be_bytes());
    digest.update(&bytes);
    let mut key = [0; 16];
    key.copy_from_slice(&digest.finalize()[..16]);
    Kind(key)
}

/// Options without references.
fn plain(source: &Source, object: &Object, depth: usize) -> Object {
    match source.resolve(object) {
        Object::Array(items) if depth > 0 => {
            let items = items.iter().map(|item| plain(source, item, depth - 1));
            Object::Array(items.collect())
        }
        text @ Object::String(..) => text_string(&decode_text_string(text).unwrap_or_default()),
        other @ (Object::Integer(_) | Object::Name(_)) => other.clone(),
        _ => Object::Null,
    }
}

fn value(source: &Source, field: &Dictionary) -> Value {
    match plain(source, source.get(field, b"V"), 2) {
        text @ Object::String(..) => match decode_text_string(&text) {
            Ok(text) if !text.is_empty() => Value::Text(text),
            _ => Value::None,
        },
        Object::Name(state) if state != b"Off" => Value::State(state),
        Object::Array(texts) => Value::Texts(
            texts
                .iter()
                .map(|text| decode_text_string(text).unwrap_or_default())
                .collect(),
        ),
        _ => Value::None,
    }
}

/// Gives a field the value of the one that it joins, and its widgets the look of that. Says whether all
/// have one then.
fn set_value(
    source: &mut Source,
    single: &mut Single,
    value: Value,
    resources: &[(Vec<u8>, Object)],
) -> bool {
    single.value = value;
    let states = match &single.value {
        Value::State(state) => Some(state.clone()),
        _ => None,
    };
    let written = match &single.value {
        Value::None => None,
        Value::Text(text) => Some(text_string(text)),
        Value::State(state) => Some(Object::Name(state.clone())),
        Value::Texts(texts) => {
            let texts = texts.iter().map(|text| text_string(text));
            Some(Object::Array(texts.collect()))
        }
    };
    let Some(field) = dictionary_mut(source, single.field) else {
        return false;
    };
    for key in [b"V".as_slice(), b"RV", b"I"] {
        field.remove(key);
    }
    if let Some(written) = written {
        field.set("V", written);
    }
    let is_button = is_name(field, b"FT", b"Btn");
    for &widget in &single.widgets {
        if is_button {
            let state = on_state(source, widget, states.as_deref());
            if let Some(widget) = dictionary_mut(source, widget) {
                widget.set("AS", Object::Name(state));
            }
        } else if let Some(widget) = dictionary_mut(source, widget) {
            widget.remove(b"AP");
        }
    }
    if is_button {
        return true;
    }
    let order: Vec<ObjectId> = [single.field]
        .into_iter()
        .chain(single.widgets.iter().copied())
        .collect();
    let parents = order
        .iter()
        .map(|&id| (id, (id != single.field).then_some(single.field)))
        .collect();
    appearances::draw(source, Drawing::default(), &order, &parents, resources)
}

/// The state that a button is in when its field has this value.
fn on_state(source: &Source, widget: ObjectId, value: Option<&[u8]>) -> Vec<u8> {
    let states = match source.document.objects.get(&widget) {
        Some(Object::Dictionary(widget)) => match source.get(widget, b"AP") {
            Object::Dictionary(appearances) => source.get(appearances, b"N").as_dict().ok(),
            _ => None,
        },
        _ => None,
    };
    value
        .filter(|value| states.is_some_and(|states| states.has(value)))
        .unwrap_or(b"Off")
        .to_vec()
}
