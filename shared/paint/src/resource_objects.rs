//! The objects that content streams name, but for fonts.

use crate::content::{self, Content};
use crate::navigation::rectangle;
use crate::page_space::{Box4, float, precise};
use crate::resources::{FormKind, Resources, alpha_name};
use fanfold_pdf::FileWriter;
use lopdf::{Dictionary, Object};
use std::io;

type Out = FileWriter<Vec<u8>>;

impl Resources<'_> {
    /// Writes the forms from `first` on, with their contents and the resource dictionary that these name from.
    pub(crate) fn write_forms(
        &mut self,
        first: usize,
        contents: impl IntoIterator<Item = Vec<u8>>,
        resources: u32,
        out: &mut Out,
    ) -> io::Result<()> {
        for (index, content) in (first..).zip(contents) {
            self.write_form(index, &content, resources, out)?;
        }
        Ok(())
    }

    /// Writes `content` as a group with these resources, and gives its number.
    pub(crate) fn write_group(
        mut self,
        content: Content,
        bounds: Box4,
        out: &mut Out,
    ) -> io::Result<u32> {
        let resources = out.reserve();
        let whole = self.form(content, bounds, FormKind::Group);
        let forms = self.forms.iter_mut();
        let contents = forms
            .map(|form| std::mem::take(&mut form.content))
            .collect();
        self.write_forms(0, content::finish(contents), resources, out)?;
        let group = self.forms[whole].number.take().unwrap_or_default();
        let mut dictionary = Dictionary::new();
        self.write_objects(&mut dictionary, out)?;
        out.dictionary(resources, &dictionary)?;
        Ok(group)
    }

    /// A transparency group or a pattern.
    fn write_form(
        &mut self,
        index: usize,
        content: &[u8],
        resources: u32,
        out: &mut Out,
    ) -> io::Result<()> {
        let number = out.reserve();
        let form = &mut self.forms[index];
        form.number = Some(number);
        let mut dictionary = Dictionary::new();
        dictionary.set("BBox", rectangle(form.bounds));
        dictionary.set("Resources", Object::Reference((resources, 0)));
        if let FormKind::Tiling { step, matrix } = form.kind {
            dictionary.set("Type", name("Pattern"));
            dictionary.set("PatternType", 1);
            dictionary.set("PaintType", 1);
            dictionary.set("TilingType", 1);
            dictionary.set("XStep", float(step.0));
            dictionary.set("YStep", float(step.1));
            let matrix: Vec<Object> = matrix.iter().map(|&part| precise(part).into()).collect();
            dictionary.set("Matrix", matrix);
        } else {
            let gray = form.kind == FormKind::GrayGroup;
            let mut group = Dictionary::new();
            group.set("S", name("Transparency"));
            group.set("CS", name(if gray { "DeviceGray" } else { "DeviceRGB" }));
            // What is in it blends with what is in it alone (Compositing 1 §5.1).
            group.set("I", true);
            dictionary.set("Type", name("XObject"));
            dictionary.set("Subtype", name("Form"));
            dictionary.set("Group", group);
        }
        out.compressed_stream(number, dictionary, content)
    }

    /// Writes the images, which other objects then refer to.
    pub(crate) fn write_images(&mut self, out: &mut Out) -> io::Result<()> {
        for image in &self.images[self.image_numbers.len()..] {
            let mut dictionary = image.pixels.dictionary.clone();
            if let Some(alpha) = &image.alpha {
                let number = out.reserve();
                out.stream(number, &alpha.dictionary, &alpha.data)?;
                dictionary.set("SMask", Object::Reference((number, 0)));
            }
            let number = out.reserve();
            out.stream(number, &dictionary, &image.pixels.data)?;
            self.image_numbers.push(number);
        }
        Ok(())
    }

    /// Writes all that is not written yet, and adds what content streams name to their resource dictionary.
    pub(crate) fn write_objects(
        &mut self,
        resources: &mut Dictionary,
        out: &mut Out,
    ) -> io::Result<()> {
        let mut set = |key: &str, entries: Dictionary| {
            if !entries.is_empty() {
                resources.set(key, entries);
            }
        };
        self.write_images(out)?;
        let mut entries = Dictionary::new();
        for (index, number) in self.image_numbers.iter().enumerate() {
            entries.set(format!("I{index}"), Object::Reference((*number, 0)));
        }
        entries.extend(&self.numbered("X", |kind| kind == FormKind::Group));
        set("XObject", entries);
        set("ExtGState", self.graphics_states());
        let mut entries = Dictionary::new();
        for (index, shading) in std::mem::take(&mut self.shadings).into_iter().enumerate() {
            let mut dictionary = shading.dictionary;
            if let Some((function, code)) = shading.function {
                let number = out.reserve();
                out.compressed_stream(number, function, &code)?;
                dictionary.set("Function", Object::Reference((number, 0)));
            }
            let number = out.reserve();
            out.dictionary(number, &dictionary)?;
            entries.set(format!("S{index}"), Object::Reference((number, 0)));
        }
        set("Shading", entries);
        set(
            "Pattern",
            self.numbered("P", |kind| matches!(kind, FormKind::Tiling { .. })),
        );
        Ok(())
    }

    /// References to the forms that `wanted` wants, called by their index.
    fn numbered(&self, prefix: &str, wanted: impl Fn(FormKind) -> bool) -> Dictionary {
        let mut entries = Dictionary::new();
        for (index, form) in self.forms.iter().enumerate() {
            if let Some(number) = form.number.filter(|_| wanted(form.kind)) {
                entries.set(format!("{prefix}{index}"), Object::Reference((number, 0)));
            }
        }
        entries
    }

    /// ISO 32000-1 §8.4.5; blend modes are §11.3.5, masks §11.6.5.3.
    fn graphics_states(&self) -> Dictionary {
        let mut entries = Dictionary::new();
        for &alpha in &self.alphas {
            let opacity = Object::Real(float(f64::from(alpha) / 255.0));
            let mut state = Dictionary::new();
            state.set("ca", opacity.clone());
            state.set("CA", opacity);
            entries.set(alpha_name(alpha), state);
        }
        for mode in &self.blends {
            let mode = format!("{mode:?}");
            let mut state = Dictionary::new();
            state.set("BM", name(&mode));
            entries.set(mode, state);
        }
        for (index, &(form, luminosity)) in self.masks.iter().enumerate() {
            let Some(number) = self.forms[form].number else {
                continue;
            };
            let mut mask = Dictionary::new();
            mask.set("S", name(if luminosity { "Luminosity" } else { "Alpha" }));
            mask.set("G", Object::Reference((number, 0)));
            let mut state = Dictionary::new();
            state.set("SMask", mask);
            entries.set(format!("M{index}"), state);
        }
        entries
    }
}

fn name(name: &str) -> Object {
    Object::Name(name.as_bytes().to_vec())
}
