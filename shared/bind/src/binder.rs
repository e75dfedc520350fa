//! The merge itself.

mod state;

use crate::catalog::Whole;
use crate::copy::{Copier, Known};
use crate::destinations::{Destinations, Names};
use crate::fields::Fields;
use crate::form::Form;
use crate::front::{self, Place};
use crate::layers::{self, Layers};
use crate::options::{BindError, BindOptions, Limits, OutlineMode, Recompress};
use crate::outline::{Entries, Outline};
use crate::page_labels::PageLabels;
use crate::page_tree::PageTree;
use crate::placeholder;
use crate::protect::Sealer;
use crate::rewrite::{Rewrite, literal};
use crate::source::{Page, Source};
use crate::stamp::{Stamps, View};
use crate::subsets::{self, Subsets};
use crate::tags::Tags;
use fanfold_pdf::{FileWriter, WriterOptions, text_string};
use lopdf::{Dictionary, Object, ObjectId};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// Warnings beyond this are counted, not kept.
const MOST_WARNINGS: usize = 1000;

/// Merges PDFs into one, forward into `W`.
///
/// An input that cannot be read leaves the binder as it was: the merge can go on without it, or with
/// [`add_placeholder`](Self::add_placeholder) in its place.
pub struct Binder<W: Write> {
    out: FileWriter<W>,
    options: BindOptions,
    tree: PageTree,
    /// Cover and contents.
    front: PageTree,
    /// What the contents list.
    places: Vec<Place>,
    stamps: Stamps,
    /// The visible box of the last page.
    last_view: Option<View>,
    known: Known,
    outline: Outline,
    destinations: Destinations,
    labels: PageLabels,
    fields: Fields,
    layers: Layers,
    tags: Tags,
    subsets: Subsets,
    whole: Whole,
    documents: usize,
    /// Files read so far, covers too.
    sources: usize,
    warnings: Vec<Warning>,
    more_warnings: u64,
}

/// A PDF to be added.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What messages call it: a file name or a document's id.
    pub name: &'a str,
    /// Its outline entry; `name` without one.
    pub title: Option<&'a str>,
    /// The file.
    pub bytes: &'a [u8],
}

/// What an input has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    /// Its number of pages.
    pub pages: usize,
    /// Index of its first page in the volume, without the pages in front (cover and contents).
    pub first_page: usize,
}

/// What a volume holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Pages.
    pub pages: usize,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// Inputs and placeholders.
    pub documents: usize,
    /// What could not be kept; at most 1,000.
    pub warnings: Vec<Warning>,
    /// Warnings beyond those.
    pub more_warnings: u64,
}

/// Something of an input that the volume does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The input.
    pub input: String,
    /// What is missing.
    pub message: String,
}

impl<W: Write> Binder<W> {
    /// Starts a volume.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn new(out: W, options: BindOptions) -> Result<Self, BindError> {
        let mut out = FileWriter::new(out, options.writer())?;
        if let Some(protection) = &options.protection {
            out.protect(Box::new(Sealer::new(protection)));
        }
        Ok(Self {
            out,
            options,
            tree: PageTree::default(),
            front: PageTree::default(),
            places: Vec::new(),
            stamps: Stamps::default(),
            last_view: None,
            known: Known::default(),
            outline: Outline::default(),
            destinations: Destinations::default(),
            labels: PageLabels::default(),
            fields: Fields::default(),
            layers: Layers::default(),
            tags: Tags::default(),
            subsets: Subsets::default(),
            whole: Whole::default(),
            documents: 0,
            sources: 0,
            warnings: Vec::new(),
            more_warnings: 0,
        })
    }

    /// Adds all pages of a PDF.
    ///
    /// # Errors
    /// [`BindError::Encrypted`], [`BindError::Unreadable`] or [`BindError::OverLimit`] for the input, after
    /// which the binder can go on; [`BindError::Output`] when the output cannot be written, after which it
    /// cannot.
    pub fn add(&mut self, input: Input<'_>) -> Result<Added, BindError> {
        let source = Source::read(input.name, input.bytes, &self.options.limits)?;
        self.begin(input.title.unwrap_or(input.name))?;
        self.add_source(input, source, false)
    }

    /// Adds all pages of a PDF in front of everything, contents included. It has no outline entry of its
    /// own, no labels and no stamps.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_cover(&mut self, input: Input<'_>) -> Result<Added, BindError> {
        let source = Source::read(input.name, input.bytes, &self.options.limits)?;
        self.add_source(input, source, true)
    }

    /// What stands before a document: its separator, and blank pages.
    fn begin(&mut self, title: &str) -> Result<(), BindError> {
        self.turn_to_right_hand()?;
        if self.options.separators {
            let page = front::separator(title, &mut self.out)?;
            self.add_own_page(page)?;
            self.last_view = Some(View::a4());
            self.turn_to_right_hand()?;
        }
        if self.options.stamp.is_some() {
            self.stamps.begin(title);
        }
        Ok(())
    }

    fn turn_to_right_hand(&mut self) -> io::Result<()> {
        if self.options.right_hand && self.tree.len() % 2 == 1 {
            let sides = self.last_view.as_ref().map(View::upright);
            self.add_own_page(front::blank(sides))?;
        }
        Ok(())
    }

    /// Adds a page that the volume makes itself, and gives its number.
    fn add_own_page(&mut self, mut page: Dictionary) -> io::Result<u32> {
        self.labels.add_unlabelled(self.tree.len());
        let number = self.out.reserve();
        let parent = self.tree.add(number, &mut self.out)?;
        page.set("Parent", Object::Reference((parent, 0)));
        self.out.dictionary(number, &page)?;
        Ok(number)
    }

    fn add_source(
        &mut self,
        input: Input<'_>,
        mut source: Source,
        cover: bool,
    ) -> Result<Added, BindError> {
        self.documents += usize::from(!cover);
        self.sources += 1;
        let form = Form::prepare(
            &mut source,
            &self.fields,
            self.options.forms,
            self.documents,
        );
        layers::prepare(&mut source);
        self.tags.prepare(&mut source, self.documents);
        put_annotations_on_pages(&mut source);
        let fonts = self
            .subsets
            .prepare(&mut source, &form.resources, &mut self.out);
        let first_page = self.tree.len();
        if !cover {
            self.labels.add(&source, first_page);
        }
        let numbers: Vec<u32> = source.pages.iter().map(|_| self.out.reserve()).collect();
        let names = Names::of(&source);
        let rewrite = Rewrite {
            destinations: self.destinations.rename(&names, self.documents),
            fields: form.renamed.clone(),
            full_names: form.singles.renamed.clone(),
            fields_of_widgets: form.singles.of_widgets.clone(),
            shows_all_layers: layers::are_all_shown(&source),
            ..Rewrite::default()
        };
        let mut copier = Copier::new(&source, &mut self.out, &mut self.known, rewrite, &numbers);
        copier.recompress = self.options.recompress;
        subsets::replace(fonts, &mut copier);
        if matches!(
            source.get(source.catalog(), b"StructTreeRoot"),
            Object::Null
        ) {
            copier.leave_out_elements();
        }
        self.fields.open(&form, &mut copier);
        self.fields
            .add_resources(&form, self.documents, &mut copier)?;
        self.tags.open(self.sources, &mut copier)?;
        let tree = if cover {
            &mut self.front
        } else {
            &mut self.tree
        };
        for (page, &number) in source.pages.iter().zip(&numbers) {
            let stamps = self.options.stamp.is_some() && !cover;
            let (mut dictionary, view) = copy_page(page, stamps, &mut copier)?;
            if stamps {
                self.stamps
                    .mark(&mut dictionary, &view, tree.len(), copier.out);
            }
            self.last_view = Some(view);
            let parent = tree.add(number, copier.out)?;
            dictionary.set("Parent", Object::Reference((parent, 0)));
            copier.out.dictionary(number, &dictionary)?;
        }
        let losses = losses(&source, &form);
        self.destinations.add(&names, &mut copier)?;
        self.fields.add(form, &mut copier)?;
        self.tags.add(&mut copier)?;
        self.whole.add(self.documents, &mut copier)?;
        let mut own_entry = None;
        let outline = if cover {
            OutlineMode::None
        } else {
            self.options.outline
        };
        match outline {
            OutlineMode::Documents => {
                let entry = copier.out.reserve();
                let below =
                    Entries::of(&source).write(&mut copier, &mut self.outline, Some(entry))?;
                own_entry = Some((entry, below));
            }
            OutlineMode::Inputs => {
                Entries::of(&source).write(&mut copier, &mut self.outline, None)?;
            }
            OutlineMode::None => {}
        }
        self.layers.add(&mut copier)?;
        if let Some((entry, below)) = own_entry {
            let title = input.title.unwrap_or(input.name);
            self.add_entry(entry, title, numbers[0], below)?;
        }
        if !cover {
            self.list(input.title.unwrap_or(input.name), numbers[0], first_page);
        }
        self.warn(input.name, losses);
        if self.whole.lacks_intents_of(&source) {
            let message = "its output intents are left out: not all inputs have the same";
            self.warn(input.name, vec![message.to_owned()]);
        }
        Ok(Added {
            pages: numbers.len(),
            first_page,
        })
    }

    /// Adds a page that says what is missing, for a document that could not be made.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn add_placeholder(&mut self, title: &str, message: &str) -> Result<Added, BindError> {
        self.documents += 1;
        self.begin(title)?;
        let first_page = self.tree.len();
        let mut page = placeholder::page(title, message, &mut self.out)?;
        if self.options.stamp.is_some() {
            let view = View::a4();
            self.stamps
                .mark(&mut page, &view, first_page, &mut self.out);
        }
        let number = self.add_own_page(page)?;
        self.list(title, number, first_page);
        if self.options.outline == OutlineMode::Documents {
            let entry = self.out.reserve();
            self.add_entry(entry, title, number, None)?;
        }
        Ok(Added {
            pages: 1,
            first_page,
        })
    }

    /// Notes a document for the contents.
    fn list(&mut self, title: &str, page: u32, index: usize) {
        if self.options.contents.is_some() {
            self.places.push(Place {
                title: title.to_owned(),
                page,
                index,
            });
        }
    }

    /// Makes the pages in front, cover aside, and says how many pages there are in front.
    fn make_front(&mut self) -> io::Result<usize> {
        let even = |pages: usize| pages + usize::from(self.options.right_hand) * (pages % 2);
        let mut own = Vec::new();
        let mut front = even(self.front.len());
        if let Some(heading) = &self.options.contents {
            let all = even(self.front.len() + front::contents_pages(self.places.len()));
            own = front::contents(heading, &self.places, all, &mut self.out)?;
            front = all;
        }
        let blanks = front - self.front.len() - own.len();
        own.extend(std::iter::repeat_n(front::blank(None), blanks));
        for mut page in own {
            let number = self.out.reserve();
            let parent = self.front.add(number, &mut self.out)?;
            page.set("Parent", Object::Reference((parent, 0)));
            self.out.dictionary(number, &page)?;
        }
        Ok(front)
    }

    /// Pages so far, without those in front.
    pub fn pages(&self) -> usize {
        self.tree.len()
    }

    /// Bytes written so far.
    pub fn bytes(&self) -> u64 {
        self.out.position()
    }

    /// Ends the volume.
    ///
    /// # Errors
    /// [`BindError::Empty`] without pages; [`BindError::Output`] when the output cannot be written.
    pub fn finish(self) -> Result<Summary, BindError> {
        Ok(self.finish_into()?.1)
    }

    /// Ends the volume and gives the output back.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn finish_into(mut self) -> Result<(W, Summary), BindError> {
        if self.fields.keep_some_appearances() {
            let message = "not all forms ask readers to draw their fields anew (NeedAppearances): fields without an appearance may stay empty in some readers";
            self.warn("the volume", vec![message.to_owned()]);
        }
        if self.tree.len() == 0 {
            return Err(BindError::Empty);
        }
        let front = self.make_front()?;
        let pages = front + self.tree.len();
        if let Some(stamp) = &self.options.stamp {
            self.stamps.finish(stamp, front, pages, &mut self.out)?;
        }
        let Some(tree) = self.tree.finish_behind(self.front, &mut self.out)? else {
            return Err(BindError::Empty);
        };
        let mut catalog = Dictionary::new();
        catalog.set("Type", Object::Name(b"Catalog".to_vec()));
        catalog.set("Pages", Object::Reference((tree, 0)));
        if let Some(language) = &self.options.info.language {
            catalog.set("Lang", literal(language.clone().into_bytes()));
        }
        if let Some(outline) = self.outline.finish(&mut self.out)? {
            catalog.set("Outlines", Object::Reference((outline, 0)));
        }
        for (key, number) in [
            ("AcroForm", self.fields.finish(&mut self.out)?),
            ("OCProperties", self.layers.finish(&mut self.out)?),
        ] {
            if let Some(number) = number {
                catalog.set(key, Object::Reference((number, 0)));
            }
        }
        self.tags.finish(&mut catalog, &mut self.out)?;
        self.subsets.finish(&mut self.out)?;
        let destinations = self
            .destinations
            .write(self.known.dangling, &mut self.out)?;
        if let Some(labels) = self.labels.write(front, &mut self.out)? {
            catalog.set("PageLabels", Object::Reference((labels, 0)));
        }
        let info = self.out.reserve();
        self.out.dictionary(info, &self.options.info_dictionary())?;
        let number = self.whole.finish(catalog, destinations, &mut self.out)?;
        let (out, bytes) = self.out.finish(number, Some(info))?;
        Ok((
            out,
            Summary {
                pages,
                bytes,
                documents: self.documents,
                warnings: self.warnings,
                more_warnings: self.more_warnings,
            },
        ))
    }

    /// A document's own outline entry; what is below it is closed.
    fn add_entry(
        &mut self,
        number: u32,
        title: &str,
        page: u32,
        below: Option<(u32, u32, usize)>,
    ) -> io::Result<()> {
        let mut entry = Dictionary::new();
        entry.set("Title", text_string(title));
        entry.set(
            "Dest",
            vec![
                Object::Reference((page, 0)),
                Object::Name(b"XYZ".to_vec()),
                Object::Null,
                Object::Null,
                Object::Integer(0),
            ],
        );
        if let Some((first, last, count)) = below {
            entry.set("First", Object::Reference((first, 0)));
            entry.set("Last", Object::Reference((last, 0)));
            entry.set("Count", -i64::try_from(count).unwrap_or(i64::MAX));
        }
        self.outline.append(number, entry, 1, &mut self.out)
    }

    fn warn(&mut self, name: &str, messages: Vec<String>) {
        for message in messages {
            if self.warnings.len() < MOST_WARNINGS {
                self.warnings.push(Warning {
                    input: name.to_owned(),
                    message,
                });
            } else {
                self.more_warnings += 1;
            }
        }
    }
}

/// How many pages a PDF has.
///
/// # Errors
/// As [`Binder::add`], without [`BindError::Output`].
pub fn count_pages(input: Input<'_>, limits: &Limits) -> Result<usize, BindError> {
    Ok(Source::read(input.name, input.bytes, limits)?.pages.len())
}

/// What of an input is not kept, and what that means.
fn losses(source: &Source, form: &Form) -> Vec<String> {
    let mut messages = Vec::new();
    if form.signatures > 0 {
        let stays = match form.is_flat {
            true => "what the fields show stays",
            false => "the fields stay, unsigned",
        };
        messages.push(format!(
            "{} of its signatures removed, as a merge breaks them; {stays}",
            form.signatures
        ));
    }
    if form.xfa {
        let stays = match form.is_flat {
            true => "what the fields of the PDF show stays",
            false => "the fields of the PDF stay",
        };
        messages.push(format!("its XFA form is left out; {stays}"));
    }
    if form.undrawn > 0 {
        messages.push(format!(
            "{} of its fields have a value and no appearance, and cannot be drawn: they are left out",
            form.undrawn
        ));
    }
    if let [first, rest @ ..] = form.singles.conflicts.as_slice() {
        let others = match rest.len() {
            0 => String::new(),
            others => format!(" and {others} others"),
        };
        messages.push(format!(
            "its value of the field {first}{others} is left out: the field has that of an input before"
        ));
    }
    if form.singles.apart > 0 {
        messages.push(format!(
            "{} of its fields are not joined with those of other inputs: they, or others below the same name, are signatures or no usual fields",
            form.singles.apart
        ));
    }
    if !matches!(source.get(source.catalog(), b"Collection"), Object::Null) {
        messages.push("the portfolio view is left out; its files stay attached".to_owned());
    }
    if source.misses_objects() {
        messages.push("some of its objects cannot be read and are left out".to_owned());
    }
    messages
}

/// Annotations that name another page than those of the input, or none that is there, would bring that
/// page's content along.
fn put_annotations_on_pages(source: &mut Source) {
    let pages: FxHashSet<ObjectId> = source.pages.iter().map(|page| page.id).collect();
    let mut astray: Vec<(ObjectId, ObjectId)> = Vec::new();
    for page in &source.pages {
        let Some(Object::Dictionary(dictionary)) = source.document.objects.get(&page.id) else {
            continue;
        };
        let Object::Array(annotations) = source.get(dictionary, b"Annots") else {
            continue;
        };
        for id in annotations.iter().filter_map(|one| one.as_reference().ok()) {
            let at = match source.document.objects.get(&id) {
                Some(Object::Dictionary(annotation)) => annotation.get(b"P").ok(),
                _ => None,
            };
            let is_right =
                at.is_none_or(|at| at.as_reference().is_ok_and(|at| pages.contains(&at)));
            if !is_right {
                astray.push((id, page.id));
            }
        }
    }
    for (id, page) in astray {
        if let Some(Object::Dictionary(annotation)) = source.document.objects.get_mut(&id) {
            annotation.set("P", Object::Reference(page));
        }
    }
}

/// A page with all attributes its own, and how readers show it; with contents and resources that a stamp
/// can be added to.
fn copy_page<W: Write>(
    page: &Page,
    open: bool,
    copier: &mut Copier<'_, W>,
) -> io::Result<(Dictionary, View)> {
    let mut own = Dictionary::new();
    own.set("Type", Object::Name(b"Page".to_vec()));
    if let Some(Object::Dictionary(dictionary)) = copier.source.document.objects.get(&page.id) {
        for (key, value) in dictionary.iter().chain(page.inherited.iter()) {
            // With kids, readers take it for a node of the page tree.
            if !matches!(key.as_slice(), b"Type" | b"Parent" | b"Kids" | b"Count") {
                own.set(key.clone(), value.clone());
            }
        }
    }
    let source = copier.source;
    if matches!(source.get(&own, b"MediaBox"), Object::Null) {
        // Required; readers take US Letter where it is missing.
        own.set("MediaBox", vec![0.into(), 0.into(), 612.into(), 792.into()]);
    }
    if matches!(source.get(&own, b"Resources"), Object::Null) {
        own.set("Resources", Dictionary::new());
    }
    if let Object::Array(streams) = source.get(&own, b"Contents") {
        let is_stream = |item: &Object| matches!(source.resolve(item), Object::Stream(_));
        if !streams.iter().all(is_stream) {
            let streams = streams.iter().filter(|item| is_stream(item)).cloned();
            let streams: Vec<Object> = streams.collect();
            own.set("Contents", streams);
        }
    } else if !matches!(source.get(&own, b"Contents"), Object::Stream(_)) {
        own.remove(b"Contents");
    }
    if let Object::Array(annotations) = source.get(&own, b"Annots") {
        let annotations: Vec<Object> = annotations
            .iter()
            .filter(|annotation| matches!(source.resolve(annotation), Object::Dictionary(_)))
            .cloned()
            .collect();
        own.set("Annots", annotations);
    } else {
        own.remove(b"Annots");
    }
    let view = View::of(source, &own);
    if open {
        Stamps::open(source, &mut own);
    }
    let copy = match copier.copy(&Object::Dictionary(own))? {
        Object::Dictionary(copy) => copy,
        _ => Dictionary::new(),
    };
    Ok((copy, view))
}

impl BindOptions {
    /// How the file is written.
    fn writer(&self) -> WriterOptions {
        // Structure elements, annotations and entries are small and alike.
        let mut options = WriterOptions {
            objects_per_stream: 512,
            ..WriterOptions::default()
        };
        match self.recompress {
            Recompress::Never => {}
            Recompress::First(bytes) => options.tight = bytes,
            Recompress::All => {
                options.level = 9;
                options.tight = u64::MAX;
            }
        }
        options
    }

    fn info_dictionary(&self) -> Dictionary {
        let mut dictionary = Dictionary::new();
        for (key, value) in [
            ("Title", &self.info.title),
            ("Author", &self.info.author),
            ("Subject", &self.info.subject),
            ("Keywords", &self.info.keywords),
            ("CreationDate", &self.info.created),
        ] {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                dictionary.set(key, text_string(value));
            }
        }
        dictionary.set("Producer", text_string("Fanfold"));
        dictionary
    }
}
