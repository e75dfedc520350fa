//! Fonts of glyphs with colours: Type 3, whose glyphs are content streams (ISO 32000-2 §9.6.4).
//!
//! Their codes are of one byte, so that a face has a font for each 256 of its glyphs. What is written of a
//! glyph depends on the face alone, so that the bind stores it once for all documents.

use crate::canvas::{EVERYWHERE, paint_apart};
use crate::color_glyph::{ColorGlyph, Shows};
use crate::content::{self, write_number};
use crate::face_program::{descriptor, tag};
use crate::page_space::PageSpace;
use crate::resources::{ColorBlock, Resources, UsedFont};
use fanfold_geometry::Px;
use fanfold_pdf::FileWriter;
use lopdf::{Dictionary, Object};
use std::io;

/// Width of a letter m that is never shown. Poppler takes the size of letters in a font of this type from that of
/// its m, or of any glyph as if that was narrow: emoji would be more than two lines high for it.
const M: i64 = 600;

type Out = FileWriter<Vec<u8>>;

/// A glyph's content stream, and the object that it names.
struct Procedure {
    content: Vec<u8>,
    shown: Option<u32>,
}

/// Writes the font of the glyphs of `block`, whose images are written, and gives the number of its dictionary.
pub(crate) fn write(
    resources: &Resources<'_>,
    font: &UsedFont,
    block: &ColorBlock,
    out: &mut Out,
) -> io::Result<u32> {
    let ColorBlock { block, glyphs } = block;
    let of_code = |code: u8| u16::from_be_bytes([*block, code]);
    let mut procedures = Dictionary::new();
    let mut differences: Vec<Object> = Vec::new();
    let mut shown = Dictionary::new();
    let mut next = None;
    for (&code, glyph) in glyphs {
        let width = font.program.width(of_code(code));
        let procedure = procedure(resources, glyph, (code, width), out)?;
        if let Some(number) = procedure.shown {
            shown.set(format!("G{code}"), Object::Reference((number, 0)));
        }
        let number = out.reserve();
        out.compressed_stream(number, Dictionary::new(), &procedure.content)?;
        let name = format!("g{code}");
        procedures.set(name.clone(), Object::Reference((number, 0)));
        if next != Some(code) {
            differences.push(i64::from(code).into());
        }
        differences.push(Object::Name(name.into_bytes()));
        next = code.checked_add(1);
    }
    let measure = (0..=u8::MAX).find(|code| !glyphs.contains_key(code));
    if let Some(code) = measure {
        let number = out.reserve();
        out.compressed_stream(number, Dictionary::new(), format!("{M} 0 d0").as_bytes())?;
        procedures.set("m", Object::Reference((number, 0)));
        differences.extend([i64::from(code).into(), Object::Name(b"m".to_vec())]);
    }
    let codes = || glyphs.keys().copied().chain(measure);
    let (first, last) = (codes().min().unwrap_or(0), codes().max().unwrap_or(0));
    let widths = (first..=last).map(|code| match glyphs.contains_key(&code) {
        true => Object::Real(font.program.width(of_code(code))),
        false if measure == Some(code) => Object::Integer(M),
        false => Object::Integer(0),
    });
    let widths: Vec<Object> = widths.collect();
    let codes = glyphs.keys().map(|&code| (u16::from(code), of_code(code)));
    let [to_unicode, described, number] = std::array::from_fn(|_| out.reserve());
    let map = font.program.to_unicode(codes, 2);
    out.compressed_stream(to_unicode, Dictionary::new(), map.as_bytes())?;
    let set = std::iter::once(*block).chain(glyphs.keys().copied());
    let name = format!(
        "{}+{}",
        tag(&font.face.program_key, set),
        font.face.postscript_name
    );
    out.dictionary(described, &descriptor(&font.face, &name))?;

    let mut encoding = Dictionary::new();
    encoding.set("Type", Object::Name(b"Encoding".to_vec()));
    encoding.set("Differences", differences);
    let mut named = Dictionary::new();
    if !shown.is_empty() {
        named.set("XObject", shown);
    }
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", Object::Name(b"Font".to_vec()));
    dictionary.set("Subtype", Object::Name(b"Type3".to_vec()));
    dictionary.set("Name", Object::Name(name.into_bytes()));
    let metrics = &font.face.metrics;
    let em = 1000.0 / metrics.units_per_em.max(1.0);
    let widest = glyphs.keys().map(|&code| font.program.width(of_code(code)));
    let bounds = [
        0.0,
        (-metrics.descent * em).round(),
        widest.fold(0.0, f32::max).round(),
        (metrics.ascent * em).round(),
    ];
    dictionary.set("FontBBox", bounds.map(Object::Real).to_vec());
    let matrix = [0.001, 0.0, 0.0, 0.001, 0.0, 0.0].map(Object::Real);
    dictionary.set("FontMatrix", matrix.to_vec());
    dictionary.set("CharProcs", procedures);
    dictionary.set("Encoding", encoding);
    dictionary.set("FirstChar", i64::from(first));
    dictionary.set("LastChar", i64::from(last));
    dictionary.set("Widths", widths);
    dictionary.set("FontDescriptor", Object::Reference((described, 0)));
    dictionary.set("ToUnicode", Object::Reference((to_unicode, 0)));
    dictionary.set("Resources", named);
    out.dictionary(number, &dictionary)?;
    Ok(number)
}

/// What draws a glyph: with an image or a form of its own, which the font's resources call by its code.
fn procedure(
    resources: &Resources<'_>,
    glyph: &ColorGlyph,
    (code, width): (u8, f32),
    out: &mut Out,
) -> io::Result<Procedure> {
    let mut content = Vec::new();
    write_number(&mut content, f64::from(width));
    content.extend_from_slice(b" 0 d0\n");
    let mut shown = None;
    match &glyph.shows {
        Shows::Nothing => {}
        Shows::Image(image, place) => {
            shown = resources.image_number(image);
            if shown.is_some() {
                draw(
                    &mut content,
                    code,
                    image.matrix(PageSpace::new(Px::ZERO).rect(*place)),
                );
            }
        }
        Shows::Items(items) => {
            let mut own = Resources::new(resources.fonts, resources.cache);
            let drawn = paint_apart(items, &mut own);
            if own.is_empty() {
                let drawn = content::finish(vec![drawn]);
                content.extend(drawn.into_iter().flatten());
            } else {
                // Opacities are of the group that it is, so that the text's applies to all of it.
                shown = Some(own.write_group(drawn, EVERYWHERE, out)?);
                draw(&mut content, code, [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
            }
        }
    }
    Ok(Procedure { content, shown })
}

fn draw(content: &mut Vec<u8>, code: u8, matrix: [f64; 6]) {
    content.extend_from_slice(b"q\n");
    for number in matrix {
        write_number(content, number);
        content.push(b' ');
    }
    content.extend_from_slice(format!("cm\n/G{code} Do\nQ\n").as_bytes());
}
