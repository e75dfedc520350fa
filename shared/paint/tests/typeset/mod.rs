//! A page for tests: one shaped line per paragraph, on the embedded fonts.

use fanfold_fonts::{aliases, faces, fallbacks};
use fanfold_geometry::{Color, Point, Px, Size};
use fanfold_paint::{Catalog, Item, PaintCache, PositionedGlyph, Sheet, TextRun, write};
use fanfold_text::{
    FaceDescription, FontQuery, FontSlant, Fonts, LineBreakRules, Shaper, SmallCaps, Span,
    TextDirection,
};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, OnceLock};

/// All embedded fonts.
pub(crate) fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| {
        let mut fonts = Fonts::new();
        for face in faces() {
            let weight = f32::from(face.weight);
            let slant = if face.italic {
                FontSlant::Italic
            } else {
                FontSlant::Normal
            };
            fonts.add_static(
                face.data(),
                FaceDescription {
                    family: face.family.into(),
                    weight: (weight, weight),
                    slant,
                    stretch: (1.0, 1.0),
                    ..FaceDescription::default()
                },
            );
        }
        for (name, families) in aliases() {
            fonts.alias(name, families);
        }
        for (script, families) in fallbacks() {
            fonts.set_fallback(*script, families);
        }
        fonts
    })
}

/// How a line looks.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    pub(crate) size: f32,
    pub(crate) weight: f32,
    pub(crate) family: &'static str,
    pub(crate) color: Color,
    pub(crate) bold: bool,
    pub(crate) oblique: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            size: 16.0,
            weight: 400.0,
            family: "Liberation Sans",
            color: Color::BLACK,
            bold: false,
            oblique: false,
        }
    }
}

/// A line's items in visual order, from a pen position.
pub(crate) fn line(text: &str, x: f32, y: f32, look: Look) -> Vec<Item> {
    let span = Span {
        range: 0..text.len(),
        font: FontQuery {
            families: Arc::from([Arc::from(look.family)]),
            weight: look.weight,
            slant: FontSlant::Normal,
            stretch: 1.0,
            optical_size: 0.0,
            details: None,
        },
        size: Px(look.size),
        letter_spacing: Px::ZERO,
        word_spacing: Px::ZERO,
        features: Vec::new(),
        kerning: true,
        caps: SmallCaps::None,
        language: None,
        rules: LineBreakRules::default(),
        atomic: None,
    };
    let paragraph = Shaper::new().shape(fonts(), text.into(), &[span], TextDirection::Auto);
    let mut pen = Px(x);
    let mut items = Vec::new();
    for piece in paragraph.visual(0..text.len()) {
        let run = &paragraph.runs[piece.run];
        let glyphs = paragraph.glyphs(&piece);
        let mut starts: Vec<u32> = glyphs.iter().map(|glyph| glyph.cluster).collect();
        starts.sort_unstable();
        starts.dedup();
        let origin = Point::new(pen, Px(y));
        let mut advance = Px::ZERO;
        let positioned = glyphs
            .iter()
            .map(|glyph| {
                let next = starts.iter().find(|&&start| start > glyph.cluster);
                let end = next.copied().unwrap_or(piece.range.end as u32);
                let placed = PositionedGlyph {
                    id: glyph.id,
                    x: advance + glyph.x_offset,
                    y: glyph.y_offset,
                    advance: glyph.advance,
                    text: (glyph.cluster, end),
                };
                advance += glyph.advance;
                placed
            })
            .collect();
        pen += advance;
        items.push(Item::Text(TextRun {
            face: run.face,
            size: run.size,
            color: look.color,
            origin,
            glyphs: positioned,
            text: Arc::clone(&paragraph.text),
            rtl: run.level % 2 == 1,
            synthetic_bold: look.bold,
            synthetic_oblique: look.oblique,
        }));
    }
    items
}

/// An A4 sheet of lines.
pub(crate) fn sheet(lines: &[(&str, Look)]) -> Sheet {
    let mut items = Vec::new();
    for (index, (text, look)) in lines.iter().enumerate() {
        items.extend(line(text, 60.0, 60.0 + index as f32 * 30.0, *look));
    }
    Sheet {
        size: Size::new(Px(793.7), Px(1122.5)),
        items,
        ..Sheet::default()
    }
}

/// The file of some sheets.
pub(crate) fn file(sheets: &[Sheet]) -> Vec<u8> {
    write(sheets, &Catalog::default(), fonts(), &PaintCache::new()).expect("a document")
}

/// What a program prints about a file; `None`, with a note, where the program is not installed.
pub(crate) fn ask(program: &str, before: &[&str], pdf: &[u8], after: &[&str]) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path: PathBuf = folder.path().join("test.pdf");
    std::fs::write(&path, pdf).expect("written");
    match Command::new(program)
        .args(before)
        .arg(&path)
        .args(after)
        .output()
    {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
            // Said about every file by builds of mutool without colour management.
            let complaints = complaints.replace("warning: ICC support is not available", "");
            assert!(
                output.status.success() && complaints.trim().is_empty(),
                "{program}: {text}{complaints}"
            );
            Some(text)
        }
        Err(_) => {
            eprintln!("{program} is not installed: not checked");
            None
        }
    }
}
