//! The merge itself.

use crate::copy::{Copier, Known};
use crate::destinations::{Destinations, Names};
use crate::options::{BindError, BindOptions, OutlineMode};
use crate::outline::{Entries, Outline};
use crate::page_labels::PageLabels;
use crate::page_tree::PageTree;
use crate::placeholder;
use crate::source::{Page, Source};
use fanfold_pdf::{FileWriter, WriterOptions, text_string};
use lopdf::{Dictionary, Object};
use std::io::{self, Write};

/// Warnings beyond this are counted, not kept.
const MOST_WARNINGS: usize = 1000;

/// What of an input's catalog is not kept, and what that means.
const DROPPED: [(&[u8], &str); 5] = [
    (
        b"AcroForm",
        "form fields are no longer a form: they show their last appearance",
    ),
    (
        b"StructTreeRoot",
        "the tags for assistive technology are left out",
    ),
    (
        b"OCProperties",
        "layers are left with their content visible",
    ),
    (b"Threads", "article threads are left out"),
    (b"Collection", "the portfolio view is left out"),
];

/// Merges PDFs into one, forward into `W`.
///
/// An input that cannot be read leaves the binder as it was: the merge can go on without it, or with
/// [`add_placeholder`](Self::add_placeholder) in its place.
pub struct Binder<W: Write> {
    out: FileWriter<W>,
    options: BindOptions,
    tree: PageTree,
    known: Known,
    outline: Outline,
    destinations: Destinations,
    labels: PageLabels,
    language: Language,
    documents: usize,
    warnings: Vec<Warning>,
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
    /// Index of its first page in the volume.
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
}

/// Something of an input that the volume does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The input.
    pub input: String,
    /// What is missing.
    pub message: String,
}

/// The inputs' natural language as far as they agree.
enum Language {
    Unknown,
    Agreed(Vec<u8>),
    Mixed,
}

impl<W: Write> Binder<W> {
    /// Starts a volume.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn new(out: W, options: BindOptions) -> Result<Self, BindError> {
        Ok(Self {
            out: FileWriter::new(out, WriterOptions::default())?,
            options,
            tree: PageTree::default(),
            known: Known::default(),
            outline: Outline::default(),
            destinations: Destinations::default(),
            labels: PageLabels::default(),
            language: Language::Unknown,
            documents: 0,
            warnings: Vec::new(),
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
        self.documents += 1;
        self.warn_of_losses(input.name, &source);
        self.language.meet(source.get(source.catalog(), b"Lang"));
        let first_page = self.tree.len();
        self.labels.add(&source, first_page);
        let numbers: Vec<u32> = source.pages.iter().map(|_| self.out.reserve()).collect();
        let names = Names::of(&source);
        let renaming = self.destinations.rename(&names, self.documents);
        let mut copier = Copier::new(&source, &mut self.out, &mut self.known, &renaming, &numbers);
        for (page, &number) in source.pages.iter().zip(&numbers) {
            let mut dictionary = copy_page(page, &mut copier)?;
            let parent = self.tree.add(number, copier.out)?;
            dictionary.set("Parent", Object::Reference((parent, 0)));
            copier.out.dictionary(number, &dictionary)?;
        }
        self.destinations.add(&names, &mut copier)?;
        let title = input.title.unwrap_or(input.name);
        match self.options.outline {
            OutlineMode::Documents => {
                let entry = copier.out.reserve();
                let below =
                    Entries::of(&source).write(&mut copier, &mut self.outline, Some(entry))?;
                self.add_entry(entry, title, numbers[0], below)?;
            }
            OutlineMode::Inputs => {
                Entries::of(&source).write(&mut copier, &mut self.outline, None)?;
            }
            OutlineMode::None => {}
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
        let first_page = self.tree.len();
        self.labels.add_unlabelled(first_page);
        let number = self.out.reserve();
        let mut page = placeholder::page(title, message, &mut self.out)?;
        let parent = self.tree.add(number, &mut self.out)?;
        page.set("Parent", Object::Reference((parent, 0)));
        self.out.dictionary(number, &page)?;
        if self.options.outline == OutlineMode::Documents {
            let entry = self.out.reserve();
            self.add_entry(entry, title, number, None)?;
        }
        Ok(Added {
            pages: 1,
            first_page,
        })
    }

    /// Pages so far.
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
        let pages = self.tree.len();
        let Some(tree) = self.tree.finish(&mut self.out)? else {
            return Err(BindError::Empty);
        };
        let mut catalog = Dictionary::new();
        catalog.set("Type", Object::Name(b"Catalog".to_vec()));
        catalog.set("Pages", Object::Reference((tree, 0)));
        let language =
            self.options
                .info
                .language
                .as_deref()
                .map(str::as_bytes)
                .or(match &self.language {
                    Language::Agreed(language) => Some(language),
                    Language::Unknown | Language::Mixed => None,
                });
        if let Some(language) = language {
            catalog.set(
                "Lang",
                Object::String(language.to_vec(), lopdf::StringFormat::Literal),
            );
        }
        if let Some(outline) = self.outline.finish(&mut self.out)? {
            catalog.set("Outlines", Object::Reference((outline, 0)));
        }
        if let Some(names) = self.destinations.write(&mut self.out)? {
            let mut dictionary = Dictionary::new();
            dictionary.set("Dests", Object::Reference((names, 0)));
            catalog.set("Names", dictionary);
        }
        if let Some(labels) = self.labels.write(&mut self.out)? {
            catalog.set("PageLabels", Object::Reference((labels, 0)));
        }
        let info = self.out.reserve();
        self.out.dictionary(info, &self.options.info_dictionary())?;
        let number = self.out.reserve();
        self.out.dictionary(number, &catalog)?;
        let (out, bytes) = self.out.finish(number, Some(info))?;
        Ok((
            out,
            Summary {
                pages,
                bytes,
                documents: self.documents,
                warnings: self.warnings,
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

    fn warn_of_losses(&mut self, name: &str, source: &Source) {
        let catalog = source.catalog();
        let mut messages: Vec<&str> = DROPPED
            .iter()
            .filter(|(key, _)| !matches!(source.get(catalog, key), Object::Null))
            .map(|(_, message)| *message)
            .collect();
        if let Object::Dictionary(names) = source.get(catalog, b"Names")
            && names.has(b"EmbeddedFiles")
        {
            messages.push("attached files are left out");
        }
        if source.misses_objects() {
            messages.push("some of its objects cannot be read and are left out");
        }
        for message in messages {
            if self.warnings.len() < MOST_WARNINGS {
                self.warnings.push(Warning {
                    input: name.to_owned(),
                    message: message.to_owned(),
                });
            }
        }
    }
}

/// A page with all attributes its own, without what refers to the parts of the input that are not kept.
fn copy_page<W: Write>(page: &Page, copier: &mut Copier<'_, W>) -> io::Result<Dictionary> {
    let mut own = Dictionary::new();
    own.set("Type", Object::Name(b"Page".to_vec()));
    if let Some(Object::Dictionary(dictionary)) = copier.source.document.objects.get(&page.id) {
        for (key, value) in dictionary.iter().chain(page.inherited.iter()) {
            if !matches!(
                key.as_slice(),
                b"Type" | b"Parent" | b"StructParents" | b"B"
            ) {
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
    let copy = copier.copy(&Object::Dictionary(own))?;
    Ok(match copy {
        Object::Dictionary(copy) => copy,
        _ => Dictionary::new(),
    })
}

impl Language {
    fn meet(&mut self, language: &Object) {
        let Object::String(language, _) = language else {
            *self = Self::Mixed;
            return;
        };
        *self = match std::mem::replace(self, Self::Mixed) {
            Self::Unknown => Self::Agreed(language.clone()),
            Self::Agreed(agreed) if agreed == *language => Self::Agreed(agreed),
            Self::Agreed(_) | Self::Mixed => Self::Mixed,
        };
    }
}

impl BindOptions {
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
