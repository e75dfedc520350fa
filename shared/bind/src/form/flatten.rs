//! Flattening: what the fields of a form show becomes content of their pages.
//!
//! Each widget's appearance is drawn where a reader would draw it (ISO 32000-1 §12.5.5, algorithm 8.1),
//! behind the page's own content. In a tagged file it is marked content of the structure element that the
//! widget was an object of (§14.7.4), so that what is filled in can still be read in its place.

mod tagged;

use super::dictionary_mut;
use crate::rewrite::is_name;
use crate::source::Source;
use fanfold_pdf::write_real;
use lopdf::{Dictionary, Object, ObjectId, Stream};
use rustc_hash::{FxHashMap, FxHashSet};
use tagged::Tagged;

/// Flags of annotations (table 165).
const HIDDEN: i64 = 1 << 1;
const NO_ROTATE: i64 = 1 << 4;
const NO_VIEW: i64 = 1 << 5;
/// References to references are followed this far.
const LONGEST_CHAIN: usize = 32;
/// Streams in lists of contents that pages have from others, of all pages of an input that are drawn into.
const MOST_SHARED_CONTENTS: usize = 1 << 18;
/// Fields nested deeper are not asked for a value.
const DEEPEST: usize = 64;

/// An appearance and where it is drawn.
struct Placed {
    widget: ObjectId,
    stream: ObjectId,
    /// From the page's user space to that around the form.
    matrix: [f64; 6],
    /// The layer that it belongs to.
    layer: Option<Object>,
}

/// Draws all widgets into their pages and takes them, and the `fields`, out of the input. `resources` are
/// the form's, for appearances without their own. Says how many fields have a value and no appearance:
/// they are left out.
pub(super) fn flatten(
    source: &mut Source,
    fields: &[ObjectId],
    resources: &[(Vec<u8>, Object)],
) -> usize {
    let mut widgets: FxHashSet<ObjectId> = FxHashSet::default();
    let mut bare = 0;
    let mut pages = Vec::new();
    let (mut lists, mut room) = (FxHashSet::default(), MOST_SHARED_CONTENTS);
    for index in 0..source.pages.len() {
        let (own, left) = take_widgets(source, index);
        let mut placed = Vec::new();
        // A page that is drawn into has a list of its own: what the input has once for many pages must not
        // become very much. A list that only this page has is no longer than the input.
        if !own.is_empty() {
            let page = source.document.objects.get(&source.pages[index].id);
            let page = page.and_then(|page| page.as_dict().ok());
            let list = page.and_then(|page| end_of(source, page.get(b"Contents").ok()?));
            let is_shared = list.is_some_and(|list| !lists.insert(list));
            let contents = match page {
                Some(page) if is_shared => contents_of(source, page).len(),
                _ => 0,
            };
            match room.checked_sub(contents) {
                Some(left) => room = left,
                None => {
                    bare += own.len();
                    widgets.extend(own);
                    pages.push((placed, left));
                    continue;
                }
            }
        }
        for &widget in &own {
            match place(source, index, widget) {
                Some(one) => placed.push(one),
                None => bare += usize::from(is_bare(source, widget)),
            }
        }
        widgets.extend(own);
        pages.push((placed, left));
    }
    widgets.extend(fields.iter().filter(|&&id| is_widget(source, id)));
    let drawn = pages.iter().enumerate().flat_map(|(index, (placed, _))| {
        let page = source.pages[index].id;
        placed.iter().map(move |one| (one.widget, page))
    });
    let tagged = Tagged::retag(source, &widgets, &drawn.collect::<Vec<_>>());
    let (mut frame, mut added) = (None, Added::default());
    let default = default_resources(source, resources);
    for (index, (placed, left)) in pages.into_iter().enumerate() {
        if let Some(left) = left
            && let Some(page) = dictionary_mut(source, source.pages[index].id)
        {
            match left.is_empty() {
                true => drop(page.remove(b"Annots")),
                false => page.set("Annots", left),
            }
        }
        if placed.is_empty() {
            continue;
        }
        for one in &placed {
            complete(source, one.stream, &default);
        }
        let open = *frame.get_or_insert_with(|| {
            source.add(Object::Stream(Stream::new(
                Dictionary::new(),
                b"q".to_vec(),
            )))
        });
        // Nothing of it fails: the page and what it has are dictionaries.
        let _ = draw(source, index, &placed, &tagged, open, &mut added);
    }
    source.replaced.extend(widgets);
    source.replaced.extend(fields);
    bare
}

fn is_widget(source: &Source, id: ObjectId) -> bool {
    matches!(source.document.objects.get(&id), Some(Object::Dictionary(widget))
        if is_name(widget, b"Subtype", b"Widget"))
}

/// The widgets of a page, and its other annotations when there are widgets.
fn take_widgets(source: &Source, page: usize) -> (Vec<ObjectId>, Option<Vec<Object>>) {
    let id = source.pages[page].id;
    let Some(Object::Dictionary(page)) = source.document.objects.get(&id) else {
        return (Vec::new(), None);
    };
    let Object::Array(annotations) = source.get(page, b"Annots") else {
        return (Vec::new(), None);
    };
    let mut own = Vec::new();
    let mut left = Vec::new();
    for annotation in annotations {
        // Those that stood in the array itself were made objects before.
        match end_of(source, annotation) {
            Some(id) if is_widget(source, id) => {
                if !own.contains(&id) {
                    own.push(id);
                }
            }
            _ => left.push(annotation.clone()),
        }
    }
    let has_widgets = left.len() < annotations.len();
    (own, has_widgets.then_some(left))
}

/// The object that a reference leads to.
fn end_of(source: &Source, object: &Object) -> Option<ObjectId> {
    let mut id = object.as_reference().ok()?;
    for _ in 0..LONGEST_CHAIN {
        match source.document.objects.get(&id)? {
            Object::Reference(next) => id = *next,
            _ => return Some(id),
        }
    }
    None
}

/// Where a widget is drawn; `None` for one that readers do not show.
fn place(source: &Source, page: usize, id: ObjectId) -> Option<Placed> {
    let widget = source.document.objects.get(&id)?.as_dict().ok()?;
    let flags = source.get(widget, b"F").as_i64().unwrap_or(0);
    if flags & (HIDDEN | NO_VIEW) != 0 {
        return None;
    }
    let stream = appearance(source, widget)?;
    let dictionary = &source.document.objects.get(&stream)?.as_stream().ok()?.dict;
    let turn = match flags & NO_ROTATE {
        0 => 0,
        _ => turn(source, page),
    };
    Some(Placed {
        widget: id,
        stream,
        matrix: placement(source, dictionary, widget, turn)?,
        layer: match widget.get(b"OC") {
            Ok(layer) if matches!(source.resolve(layer), Object::Dictionary(_)) => {
                Some(layer.clone())
            }
            _ => None,
        },
    })
}

/// The normal appearance; of several, that of the state that the widget is in.
fn appearance(source: &Source, widget: &Dictionary) -> Option<ObjectId> {
    let appearances = source.get(widget, b"AP").as_dict().ok()?;
    let normal = appearances.get(b"N").ok()?;
    let stream = match source.resolve(normal) {
        Object::Stream(_) => normal,
        Object::Dictionary(states) => {
            let state = match source.get(widget, b"AS") {
                Object::Name(state) => state.clone(),
                _ => match value(source, widget) {
                    Object::Name(state) if states.has(state) => state.clone(),
                    _ => b"Off".to_vec(),
                },
            };
            states.get(&state).ok()?
        }
        _ => return None,
    };
    let stream = end_of(source, stream)?;
    matches!(
        source.document.objects.get(&stream),
        Some(Object::Stream(_))
    )
    .then_some(stream)
}

/// The value of a widget's field.
fn value<'a>(source: &'a Source, widget: &'a Dictionary) -> &'a Object {
    let mut field = widget;
    for _ in 0..DEEPEST {
        match (source.get(field, b"V"), source.get(field, b"Parent")) {
            (Object::Null, Object::Dictionary(above)) => field = above,
            (value, _) => return value,
        }
    }
    &Object::Null
}

/// Whether a reader would show something of a widget that has no appearance.
fn is_bare(source: &Source, id: ObjectId) -> bool {
    let Some(Object::Dictionary(widget)) = source.document.objects.get(&id) else {
        return false;
    };
    let flags = source.get(widget, b"F").as_i64().unwrap_or(0);
    let is_seen = flags & (HIDDEN | NO_VIEW) == 0
        && rectangle(source, widget)
            .is_some_and(|[left, bottom, right, top]| left < right && bottom < top);
    is_seen
        && appearance(source, widget).is_none()
        && match value(source, widget) {
            Object::String(text, _) => !text.is_empty(),
            Object::Array(items) => !items.is_empty(),
            Object::Stream(_) => true,
            // A button in this state has nothing to show, or has its appearance.
            _ => false,
        }
}

/// The rotation of a page in degrees.
fn turn(source: &Source, page: usize) -> i64 {
    let page = &source.pages[page];
    let own = match source.document.objects.get(&page.id) {
        Some(Object::Dictionary(own)) => source.get(own, b"Rotate"),
        _ => &Object::Null,
    };
    let turn = match own {
        Object::Null => source.get(&page.inherited, b"Rotate"),
        own => own,
    };
    turn.as_i64().unwrap_or(0).rem_euclid(360)
}

fn numbers<const N: usize>(
    source: &Source,
    dictionary: &Dictionary,
    key: &[u8],
) -> Option<[f64; N]> {
    let items = source.get(dictionary, key).as_array().ok()?;
    if items.len() < N {
        return None;
    }
    let mut numbers = [0.0; N];
    for (number, item) in numbers.iter_mut().zip(items) {
        *number = source.resolve(item).as_float().ok()?.into();
    }
    Some(numbers)
}

fn rectangle(source: &Source, widget: &Dictionary) -> Option<[f64; 4]> {
    let [a, b, c, d] = numbers(source, widget, b"Rect")?;
    Some([a.min(c), b.min(d), a.max(c), b.max(d)])
}

/// The matrix A of algorithm 8.1, and behind it the turn back of a widget that does not turn with its page:
/// around its upper left corner (table 165).
fn placement(
    source: &Source,
    form: &Dictionary,
    widget: &Dictionary,
    turn: i64,
) -> Option<[f64; 6]> {
    let [left, bottom, right, top] = rectangle(source, widget)?;
    let [a, b, c, d, e, f] =
        numbers(source, form, b"Matrix").unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let [x0, y0, x1, y1] = numbers(source, form, b"BBox")?;
    let corners = [(x0, y0), (x0, y1), (x1, y0), (x1, y1)]
        .map(|(x, y)| (a * x + c * y + e, b * x + d * y + f));
    let least = |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(f64::INFINITY, f64::min);
    let most =
        |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
    let (low, high) = (
        (least(|it| it.0), least(|it| it.1)),
        (most(|it| it.0), most(|it| it.1)),
    );
    // A box without width or height is only moved.
    let scale = |to: f64, from: f64| if from > 0.0 { to / from } else { 1.0 };
    let (wide, tall) = (
        scale(right - left, high.0 - low.0),
        scale(top - bottom, high.1 - low.1),
    );
    let placed = [
        wide,
        0.0,
        0.0,
        tall,
        left - low.0 * wide,
        bottom - low.1 * tall,
    ];
    let (sin, cos) = match turn {
        90 => (1.0, 0.0),
        180 => (0.0, -1.0),
        270 => (-1.0, 0.0),
        _ => (0.0, 1.0),
    };
    let [wide, _, _, tall, x, y] = placed;
    let (x, y) = (x - left, y - top);
    let matrix = [
        wide * cos,
        wide * sin,
        -tall * sin,
        tall * cos,
        x * cos - y * sin + left,
        x * sin + y * cos + top,
    ];
    matrix.iter().all(|it| it.is_finite()).then_some(matrix)
}

/// The form's resources as a dictionary of their own.
fn default_resources(source: &mut Source, resources: &[(Vec<u8>, Object)]) -> Option<Object> {
    if resources.is_empty() {
        return None;
    }
    let mut dictionary = Dictionary::new();
    for (category, entries) in resources {
        dictionary.set(category.clone(), entries.clone());
    }
    Some(Object::Reference(
        source.add(Object::Dictionary(dictionary)),
    ))
}

/// Gives an appearance what it can go without and a form on a page cannot (table 95).
fn complete(source: &mut Source, stream: ObjectId, default: &Option<Object>) {
    let has_resources = match source.document.objects.get(&stream) {
        Some(Object::Stream(stream)) => {
            matches!(
                source.get(&stream.dict, b"Resources"),
                Object::Dictionary(_)
            )
        }
        _ => return,
    };
    if let Some(Object::Stream(stream)) = source.document.objects.get_mut(&stream) {
        stream.dict.set("Subtype", Object::Name(b"Form".to_vec()));
        if let (false, Some(default)) = (has_resources, default) {
            stream.dict.set("Resources", default.clone());
        }
    }
}

/// Dictionaries of resources that are added to, by where they are: pages may share them.
#[derive(Default)]
struct Added(FxHashMap<ObjectId, Names>);

/// What was added to a dictionary.
#[derive(Default)]
struct Names {
    known: FxHashMap<ObjectId, Vec<u8>>,
    /// Names with lower numbers are taken: nothing is taken out, so that none is asked for twice.
    next: usize,
}

impl Added {
    /// The name of an object in a dictionary, new or not.
    fn name(&mut self, source: &mut Source, dictionary: ObjectId, object: &Object) -> Vec<u8> {
        let names = self.0.entry(dictionary).or_default();
        let id = object.as_reference().ok();
        if let Some(name) = id.and_then(|id| names.known.get(&id)) {
            return name.clone();
        }
        let Some(entries) = dictionary_mut(source, dictionary) else {
            return Vec::new();
        };
        let name = loop {
            let name = format!("FanfoldField{}", names.next).into_bytes();
            names.next += 1;
            if !entries.has(&name) {
                break name;
            }
        };
        entries.set(name.clone(), object.clone());
        if let Some(id) = id {
            names.known.insert(id, name.clone());
        }
        name
    }
}

/// A page's resources as an object, which other pages may have, too.
fn resources_of(source: &mut Source, index: usize) -> Option<ObjectId> {
    let page = &source.pages[index];
    let id = page.id;
    let own = source.document.objects.get(&id)?.as_dict().ok()?;
    let is_there = matches!(source.get(own, b"Resources"), Object::Dictionary(_));
    let holder = if is_there { own } else { &page.inherited };
    let shared = holder.get(b"Resources").ok().cloned();
    let shared = shared.and_then(|shared| end_of(source, &shared));
    let resources = match shared.filter(|&shared| is_dictionary(source, shared)) {
        Some(shared) => shared,
        None => {
            let direct = source.get(holder, b"Resources").as_dict();
            let direct = direct.cloned().unwrap_or_default();
            source.add(Object::Dictionary(direct))
        }
    };
    dictionary_mut(source, id)?.set("Resources", Object::Reference(resources));
    source.pages[index].inherited.remove(b"Resources");
    Some(resources)
}

/// A category of resources as an object.
fn category_of(source: &mut Source, resources: ObjectId, key: &str) -> Option<ObjectId> {
    let holder = source.document.objects.get(&resources)?.as_dict().ok()?;
    let category = holder.get(key.as_bytes()).ok().cloned();
    if let Some(shared) = category.and_then(|category| end_of(source, &category))
        && is_dictionary(source, shared)
    {
        return Some(shared);
    }
    let direct = source.get(holder, key.as_bytes()).as_dict();
    let direct = direct.cloned().unwrap_or_default();
    let category = source.add(Object::Dictionary(direct));
    dictionary_mut(source, resources)?.set(key, Object::Reference(category));
    Some(category)
}

fn is_dictionary(source: &Source, id: ObjectId) -> bool {
    matches!(
        source.document.objects.get(&id),
        Some(Object::Dictionary(_))
    )
}

/// The streams of a page's content.
fn contents_of<'a>(source: &'a Source, page: &'a Dictionary) -> &'a [Object] {
    match (source.get(page, b"Contents"), page.get(b"Contents")) {
        (Object::Array(items), _) => items,
        (Object::Stream(_), Ok(stream)) => std::slice::from_ref(stream),
        _ => &[],
    }
}

/// Adds appearances behind a page's content, which `open` begins with saving the graphics state.
fn draw(
    source: &mut Source,
    index: usize,
    placed: &[Placed],
    tagged: &Tagged,
    open: ObjectId,
    added: &mut Added,
) -> Option<()> {
    let id = source.pages[index].id;
    let own = source.document.objects.get(&id)?.as_dict().ok()?;
    let mut contents = contents_of(source, own).to_vec();
    let resources = resources_of(source, index)?;
    let forms = category_of(source, resources, "XObject")?;
    let mut content = Vec::new();
    if !contents.is_empty() {
        contents.insert(0, Object::Reference(open));
        content.extend_from_slice(b"Q\n");
    }
    for one in placed {
        let mut brackets = 0;
        if let Some(layer) = &one.layer {
            let layers = category_of(source, resources, "Properties")?;
            content.extend_from_slice(b"/OC ");
            write_name(&mut content, &added.name(source, layers, layer));
            content.extend_from_slice(b" BDC ");
            brackets += 1;
        }
        if let Some(mark) = tagged.mark(one.widget) {
            content.extend_from_slice(mark.as_bytes());
            brackets += 1;
        }
        content.extend_from_slice(b"q ");
        for number in one.matrix {
            write_real(&mut content, number as f32);
            content.push(b' ');
        }
        content.extend_from_slice(b"cm ");
        let form = Object::Reference(one.stream);
        write_name(&mut content, &added.name(source, forms, &form));
        content.extend_from_slice(b" Do Q");
        content.extend_from_slice(&b" EMC".repeat(brackets));
        content.push(b'\n');
    }
    let content = source.add(Object::Stream(Stream::new(Dictionary::new(), content)));
    contents.push(Object::Reference(content));
    dictionary_mut(source, id)?.set("Contents", contents);
    Some(())
}

fn write_name(content: &mut Vec<u8>, name: &[u8]) {
    fanfold_pdf::write_object(content, &Object::Name(name.to_vec()));
}
