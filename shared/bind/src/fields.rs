//! The volume's form (ISO 32000-1 §12.7): the fields of all inputs, each under a name of its own.

pub(crate) mod joined;

use crate::copy::Copier;
use crate::form::Form;
use crate::rewrite::free_name;
use fanfold_pdf::{FileWriter, write_object};
use joined::Joined;
use lopdf::{Dictionary, Object, decode_text_string};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Default resources by category and name, in PDF's syntax.
type Resources = BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, Vec<u8>>>;

/// Root fields by number, their names, and what all fields share.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Fields {
    roots: Vec<u32>,
    names: FxHashSet<String>,
    pub(crate) joined: Joined,
    calculated: Vec<u32>,
    resources: Resources,
    /// Whether all inputs with fields want their reader to draw them, and whether some have fields that
    /// only a reader can draw.
    needs_appearances: Option<bool>,
    some_are_bare: bool,
}

impl Fields {
    /// The name of a root field for an input: its own, or the next with a number that neither the
    /// volume nor the input has. A name is compared up to its first full stop: `a.b` could be a field
    /// `b` below another input's `a`.
    pub(crate) fn name(&self, name: &Object, input: usize, own: &FxHashSet<String>) -> Object {
        let Object::String(bytes, format) = name else {
            return name.clone();
        };
        let is_taken = |first: &str| self.names.contains(first) || self.joined.has_root(first);
        if !is_taken(&first_part(name)) {
            return name.clone();
        }
        let wide = bytes.starts_with(&[0xfe, 0xff]);
        let stop = if wide {
            bytes
                .chunks(2)
                .position(|unit| unit == [0, b'.'])
                .map(|unit| unit * 2)
        } else {
            bytes.iter().position(|&byte| byte == b'.')
        };
        let (first, rest) = bytes.split_at(stop.unwrap_or(bytes.len()));
        let mut free = free_name(first, input, |candidate| {
            let key = first_part(&Object::String(candidate.to_vec(), *format));
            is_taken(&key) || own.contains(&key)
        });
        free.extend_from_slice(rest);
        Object::String(free, *format)
    }

    /// Gives fields that are joined their numbers, before anything that refers to them is copied.
    pub(crate) fn open<W: Write>(&mut self, form: &Form, copier: &mut Copier<'_, W>) {
        self.joined.open(&form.singles, &mut self.roots, copier);
    }

    /// Takes an input's default resources over, before anything that uses them is copied: fonts whose
    /// name means another font in the volume get a new one.
    pub(crate) fn add_resources<W: Write>(
        &mut self,
        form: &Form,
        input: usize,
        copier: &mut Copier<'_, W>,
    ) -> io::Result<()> {
        let source = copier.source;
        for (category, entries) in &form.resources {
            let Object::Dictionary(entries) = source.resolve(entries) else {
                continue;
            };
            for (name, value) in entries {
                let copy = copier.copy(value)?;
                if matches!(copy, Object::Null) {
                    continue;
                }
                let mut bytes = Vec::new();
                write_object(&mut bytes, &copy);
                let known = self.resources.entry(category.clone()).or_default();
                match known.get(name) {
                    Some(there) if *there == bytes => continue,
                    Some(_) if category == b"Font" => {}
                    Some(_) => continue,
                    None => {
                        known.insert(name.clone(), bytes);
                        continue;
                    }
                }
                // An equal font may be there under a name that an earlier input got.
                let renamed = known.iter().find(|(key, value)| {
                    **value == bytes && key.starts_with(name) && !entries.has(key)
                });
                let renamed = match renamed {
                    Some((renamed, _)) => renamed.clone(),
                    None => free_name(name, input, |candidate| {
                        known.contains_key(candidate) || entries.has(candidate)
                    }),
                };
                known.insert(renamed.clone(), bytes);
                copier.rewrite.fonts.insert(name.clone(), renamed);
            }
        }
        Ok(())
    }

    /// Takes an input's fields over.
    pub(crate) fn add<W: Write>(
        &mut self,
        form: Form,
        copier: &mut Copier<'_, W>,
    ) -> io::Result<()> {
        if !form.roots.is_empty() || !form.singles.fields.is_empty() {
            let all = self.needs_appearances.unwrap_or(true);
            self.needs_appearances = Some(all && form.needs_appearances);
            self.some_are_bare |= form.is_bare;
        }
        for id in form.roots {
            self.roots.extend(copier.number(id)?);
        }
        for id in form.calculated {
            if let Some(number) = copier.number(id)?
                && !self.calculated.contains(&number)
            {
                self.calculated.push(number);
            }
        }
        self.joined.add(form.singles.fields, copier)?;
        self.joined.keep_apart(&form.names);
        self.names.extend(form.names);
        Ok(())
    }

    /// Whether some inputs have fields that only a reader can draw, and others do not ask for that. Then the
    /// volume does not ask: readers would draw fields anew whose appearance is as it should be.
    pub(crate) fn keep_some_appearances(&self) -> bool {
        self.some_are_bare && self.needs_appearances == Some(false)
    }

    /// Writes the form; `None` without fields.
    pub(crate) fn finish<W: Write>(self, out: &mut FileWriter<W>) -> io::Result<Option<u32>> {
        if self.roots.is_empty() {
            return Ok(None);
        }
        self.joined.finish(out)?;
        let references = |numbers: Vec<u32>| -> Vec<Object> {
            numbers
                .into_iter()
                .map(|number| Object::Reference((number, 0)))
                .collect()
        };
        let mut rest = Dictionary::new();
        rest.set("Fields", references(self.roots));
        if !self.calculated.is_empty() {
            rest.set("CO", references(self.calculated));
        }
        if self.needs_appearances == Some(true) {
            rest.set("NeedAppearances", true);
        }
        let mut form = Vec::new();
        write_object(&mut form, &Object::Dictionary(rest));
        // Before the closing brackets: what is already in PDF's syntax.
        form.truncate(form.len() - 2);
        if !self.resources.is_empty() {
            form.extend_from_slice(b"/DR<<");
            for (category, entries) in self.resources {
                write_object(&mut form, &Object::Name(category));
                form.extend_from_slice(b"<<");
                for (name, value) in entries {
                    write_object(&mut form, &Object::Name(name));
                    form.push(b' ');
                    form.extend_from_slice(&value);
                }
                form.extend_from_slice(b">>");
            }
            form.extend_from_slice(b">>");
        }
        form.extend_from_slice(b">>");
        let number = out.reserve();
        out.serialized(number, &form)?;
        Ok(Some(number))
    }
}

/// What of a field's name must not be in two inputs.
pub(crate) fn first_part(name: &Object) -> String {
    let name = decode_text_string(name).unwrap_or_default();
    name.split('.').next().unwrap_or_default().to_owned()
}
