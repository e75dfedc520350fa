//! Subsets of one program become one font, and every code shows the same glyph.

mod simple;

use fanfold_bind::{BindOptions, Binder, Input};
use lopdf::{Dictionary, Document, Object, Stream};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, pen::SvgPen};
use skrifa::raw::{FontRef, TableProvider};
use skrifa::{GlyphId, MetadataProvider};
use std::collections::BTreeMap;
use std::fmt::Write as _;

fn liberation() -> Vec<u8> {
    let face = fanfold_fonts::faces()
        .iter()
        .find(|face| face.family == "Liberation Sans");
    face.expect("an embedded face").data().to_vec()
}

fn glyph_of(font: &[u8], character: char) -> u16 {
    let font = FontRef::new(font).expect("a font");
    let glyph = font.charmap().map(character).expect("a glyph");
    u16::try_from(glyph.to_u32()).expect("a number")
}

/// Where a table is in a font.
fn table(font: &[u8], tag: &[u8; 4]) -> std::ops::Range<usize> {
    let record = font[12..]
        .chunks(16)
        .find(|record| &record[..4] == tag)
        .expect("a table");
    let long = |at: usize| u32::from_be_bytes(record[at..at + 4].try_into().expect("four bytes"));
    long(8) as usize..(long(8) + long(12)) as usize
}

/// The font with no outlines and widths but those of some glyphs, which keep their numbers.
fn retained(font: &[u8], kept: &[u16]) -> Vec<u8> {
    let reader = FontRef::new(font).expect("a font");
    let loca = reader.loca(None).expect("a table");
    let (glyf, hmtx) = (table(font, b"glyf"), table(font, b"hmtx"));
    let mut subset = font.to_vec();
    let mut keep = kept.to_vec();
    // Components are kept too.
    let mut at = 0;
    while at < keep.len() {
        let glyph = loca
            .get_glyf(
                GlyphId::new(keep[at].into()),
                &reader.glyf().expect("a table"),
            )
            .expect("a glyph");
        if let Some(skrifa::raw::tables::glyf::Glyph::Composite(glyph)) = glyph {
            let components = glyph.components().map(|one| one.glyph.to_u32());
            keep.extend(components.map(|one| u16::try_from(one).expect("a number")));
        }
        at += 1;
    }
    let count = reader.maxp().expect("a table").num_glyphs();
    for glyph in (0..count).filter(|glyph| !keep.contains(glyph)) {
        let start = loca.get_raw(glyph.into()).expect("a place") as usize;
        let end = loca.get_raw(usize::from(glyph) + 1).expect("a place") as usize;
        subset[glyf.start + start..glyf.start + end].fill(0);
        subset[hmtx.start + usize::from(glyph) * 4..][..4].fill(0);
    }
    subset
}

/// A page that shows a text in a subset whose codes are the glyph numbers of the whole font.
fn part(tag: &str, text: &str, alter: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let font = liberation();
    let mut glyphs: BTreeMap<u16, char> = BTreeMap::new();
    let (mut codes, mut cmap) = (String::new(), String::new());
    let mut widths: Vec<Object> = Vec::new();
    for character in text.chars() {
        let glyph = glyph_of(&font, character);
        let _ = write!(codes, "{glyph:04X}");
        glyphs.insert(glyph, character);
    }
    let reader = FontRef::new(&font).expect("a font");
    let metrics = reader.glyph_metrics(Size::new(1000.0), LocationRef::default());
    for (&glyph, &character) in &glyphs {
        let width = metrics.advance_width(GlyphId::new(glyph.into()));
        widths.push(i64::from(glyph).into());
        widths.push(vec![width.expect("a width").into()].into());
        let _ = writeln!(cmap, "<{glyph:04X}><{:04X}>", u32::from(character));
    }
    let kept: Vec<u16> = glyphs.keys().copied().collect();
    let mut program = retained(&font, &kept);
    alter(&mut program);
    let mut document = Document::new();
    let mut stream = |data: Vec<u8>| document.add_object(Stream::new(Dictionary::new(), data));
    let program = stream(program);
    let cmap = stream(
        format!(
            "begincmap {} beginbfchar\n{cmap}endbfchar endcmap",
            glyphs.len()
        )
        .into_bytes(),
    );
    let content = stream(format!("BT /F 10 Tf 9 9 Td <{codes}> Tj ET").into_bytes());
    let reference = |id: lopdf::ObjectId| Object::Reference(id);
    let name = format!("{tag}+Liberation");
    let mut descriptor = Dictionary::new();
    descriptor.set("Type", Object::Name(b"FontDescriptor".to_vec()));
    descriptor.set("FontName", Object::Name(name.clone().into_bytes()));
    descriptor.set("Flags", 4);
    descriptor.set("FontFile2", reference(program));
    let descriptor = document.add_object(descriptor);
    let mut below = Dictionary::new();
    below.set("Type", Object::Name(b"Font".to_vec()));
    below.set("Subtype", Object::Name(b"CIDFontType2".to_vec()));
    below.set("BaseFont", Object::Name(name.clone().into_bytes()));
    below.set("CIDToGIDMap", Object::Name(b"Identity".to_vec()));
    below.set("DW", 123);
    below.set("W", widths);
    below.set("FontDescriptor", reference(descriptor));
    let below = document.add_object(below);
    let mut font = Dictionary::new();
    font.set("Type", Object::Name(b"Font".to_vec()));
    font.set("Subtype", Object::Name(b"Type0".to_vec()));
    font.set("BaseFont", Object::Name(name.into_bytes()));
    font.set("Encoding", Object::Name(b"Identity-H".to_vec()));
    font.set("DescendantFonts", vec![reference(below)]);
    font.set("ToUnicode", reference(cmap));
    let font = document.add_object(font);
    let pages = document.new_object_id();
    let mut page = Dictionary::new();
    page.set("Type", Object::Name(b"Page".to_vec()));
    page.set("Parent", reference(pages));
    page.set("MediaBox", vec![0.into(), 0.into(), 99.into(), 99.into()]);
    page.set("Contents", reference(content));
    let mut fonts = Dictionary::new();
    fonts.set("F", reference(font));
    let mut resources = Dictionary::new();
    resources.set("Font", fonts);
    page.set("Resources", resources);
    let page = document.add_object(page);
    let mut tree = Dictionary::new();
    tree.set("Type", Object::Name(b"Pages".to_vec()));
    tree.set("Kids", vec![reference(page)]);
    tree.set("Count", 1);
    document.objects.insert(pages, tree.into());
    let mut catalog = Dictionary::new();
    catalog.set("Type", Object::Name(b"Catalog".to_vec()));
    catalog.set("Pages", reference(pages));
    let catalog = document.add_object(catalog);
    document.trailer.set("Root", reference(catalog));
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("memory takes all");
    bytes
}

fn volume(parts: &[Vec<u8>]) -> Document {
    let mut binder = Binder::new(Vec::new(), BindOptions::default()).expect("memory takes all");
    for (index, bytes) in parts.iter().enumerate() {
        binder
            .add(Input {
                name: &index.to_string(),
                title: None,
                bytes,
            })
            .expect("a good part");
    }
    let (bytes, _) = binder.finish_into().expect("memory takes all");
    Document::load_mem(&bytes).expect("readable")
}

fn programs(document: &Document) -> usize {
    let fonts: std::collections::BTreeSet<lopdf::ObjectId> = document
        .objects
        .values()
        .filter_map(|object| {
            object
                .as_dict()
                .ok()?
                .get(b"FontFile2")
                .ok()?
                .as_reference()
                .ok()
        })
        .collect();
    fonts.len()
}

/// The letters of a CMap, one for each code.
fn texts_of(cmap: &str) -> BTreeMap<u16, u16> {
    let mut texts = BTreeMap::new();
    for line in cmap.lines() {
        let numbers = line.split(['<', '>', ' ']).filter(|word| !word.is_empty());
        let numbers: Result<Vec<u16>, _> =
            numbers.map(|word| u16::from_str_radix(word, 16)).collect();
        match numbers.as_deref() {
            Ok(&[code, text]) => drop(texts.insert(code, text)),
            Ok(&[first, last, text]) => texts.extend((first..=last).zip(text..)),
            _ => {}
        }
    }
    texts
}

/// What a page shows: outline, width and text of each glyph.
fn shown(document: &Document, number: u32) -> Vec<(String, f32, String)> {
    let follow = |holder: &Dictionary, key: &[u8]| -> Object {
        let value = holder.get(key).expect("a value");
        document.dereference(value).expect("an object").1.clone()
    };
    let page = document
        .get_dictionary(document.get_pages()[&number])
        .expect("a page");
    let resources = follow(page, b"Resources");
    let fonts = follow(resources.as_dict().expect("a dictionary"), b"Font");
    let font = follow(fonts.as_dict().expect("a dictionary"), b"F");
    let font = font.as_dict().expect("a font");
    let below = follow(font, b"DescendantFonts");
    let below = document
        .dereference(&below.as_array().expect("an array")[0])
        .expect("a font")
        .1
        .as_dict()
        .expect("a font")
        .clone();
    let descriptor = follow(&below, b"FontDescriptor");
    let program = follow(descriptor.as_dict().expect("a dictionary"), b"FontFile2");
    let program = plain(&program);
    let map = follow(&below, b"CIDToGIDMap");
    let map = map.as_stream().is_ok().then(|| plain(&map));
    let glyph_at = |code: u16| match &map {
        Some(map) => {
            let pair = map
                .get(usize::from(code) * 2..)
                .and_then(<[u8]>::first_chunk);
            pair.map_or(0, |pair| u16::from_be_bytes(*pair))
        }
        None => code,
    };
    let reader = FontRef::new(&program).expect("a font");
    let cmap = follow(font, b"ToUnicode");
    let texts = texts_of(&String::from_utf8(plain(&cmap)).expect("text"));
    let mut widths: BTreeMap<i64, f32> = BTreeMap::new();
    for pair in follow(&below, b"W").as_array().expect("an array").chunks(2) {
        let first = pair[0].as_i64().expect("a code");
        for (code, width) in (first..).zip(pair[1].as_array().expect("a run")) {
            widths.insert(code, width.as_float().expect("a number"));
        }
    }
    let content = document.get_page_content(document.get_pages()[&number]);
    let content = lopdf::content::Content::decode(&content).expect("content");
    let text = content.operations.iter().find(|one| one.operator == "Tj");
    let codes = text.expect("a text").operands[0].as_str().expect("codes");
    codes
        .chunks(2)
        .map(|code| {
            let code = u16::from_be_bytes([code[0], code[1]]);
            let mut pen = SvgPen::new();
            let outline = reader
                .outline_glyphs()
                .get(GlyphId::new(glyph_at(code).into()));
            let settings = DrawSettings::unhinted(Size::new(1000.0), LocationRef::default());
            outline
                .expect("an outline")
                .draw(settings, &mut pen)
                .expect("drawn");
            (
                pen.to_string(),
                widths[&i64::from(code)],
                format!("{:04X}", texts[&code]),
            )
        })
        .collect()
}

fn plain(object: &Object) -> Vec<u8> {
    let stream = object.as_stream().expect("a stream");
    if stream.dict.has(b"Filter") {
        fanfold_pdf::inflate(&stream.content, 1 << 24).expect("data")
    } else {
        stream.content.clone()
    }
}

const TEXTS: [&str; 4] = ["Ångström", "Übung 17", "naïve Größe", "Ada"];
const TAGS: [&str; 4] = ["AAAAAA", "BBBBBB", "CCCCCC", "DDDDDD"];

#[test]
fn subsets_with_the_numbers_of_the_whole_become_one() {
    let parts: Vec<Vec<u8>> = TEXTS
        .iter()
        .zip(TAGS)
        .map(|(text, tag)| part(tag, text, |_| {}))
        .collect();
    let together = volume(&parts);
    assert_eq!(programs(&together), 1);
    for (number, bytes) in (1..).zip(&parts) {
        let alone = Document::load_mem(bytes).expect("readable");
        assert_eq!(shown(&together, number), shown(&alone, 1), "page {number}");
    }
}

#[test]
fn a_font_that_stays_alone_stays_as_it_is() {
    let part = part("AAAAAA", TEXTS[0], |_| {});
    let program = |document: &Document| {
        let largest = document
            .objects
            .values()
            .filter(|object| object.as_stream().is_ok())
            .map(plain)
            .max_by_key(Vec::len);
        largest.expect("a program")
    };
    let original = Document::load_mem(&part).expect("readable");
    // Compressed, as it was not.
    assert!(program(&volume(&[part])) == program(&original));
}

/// The same with codes in the order in which the text has them, and a map from these to glyphs.
fn numbered(tag: &str, text: &str) -> Vec<u8> {
    let font = liberation();
    let mut glyphs: Vec<(u16, char)> = Vec::new();
    let mut codes = String::new();
    for character in text.chars() {
        let glyph = glyph_of(&font, character);
        let known = glyphs.iter().position(|(one, _)| *one == glyph);
        let code = known.unwrap_or(glyphs.len()) + 1;
        if code > glyphs.len() {
            glyphs.push((glyph, character));
        }
        let _ = write!(codes, "{code:04X}");
    }
    altered(&part(tag, text, |_| {}), |document| {
        let below = with_key(document, b"W");
        let pairs = below.get(b"W").and_then(Object::as_array).expect("widths");
        let widths: BTreeMap<i64, Object> = pairs
            .chunks(2)
            .map(|pair| {
                let run = pair[1].as_array().expect("a run");
                (pair[0].as_i64().expect("a code"), run[0].clone())
            })
            .collect();
        let run: Vec<Object> = glyphs
            .iter()
            .map(|(glyph, _)| widths[&i64::from(*glyph)].clone())
            .collect();
        below.set("W", vec![1.into(), run.into()]);
        for stream in document.objects.values_mut() {
            let Ok(stream) = stream.as_stream_mut() else {
                continue;
            };
            if stream.content.starts_with(b"begincmap") {
                let mut cmap = format!("begincmap {} beginbfchar\n", glyphs.len());
                for (code, (_, character)) in (1..).zip(&glyphs) {
                    let _ = writeln!(cmap, "<{code:04X}><{:04X}>", u32::from(*character));
                }
                cmap.push_str("endbfchar endcmap");
                stream.set_content(cmap.into_bytes());
            } else if stream.content.starts_with(b"BT /F") {
                let content = format!("BT /F 10 Tf 9 9 Td <{codes}> Tj ET");
                stream.set_content(content.into_bytes());
            }
        }
        let map: Vec<u8> = [0]
            .into_iter()
            .chain(glyphs.iter().map(|(glyph, _)| *glyph))
            .flat_map(u16::to_be_bytes)
            .collect();
        let map = document.add_object(Stream::new(Dictionary::new(), map));
        with_key(document, b"W").set("CIDToGIDMap", Object::Reference(map));
    })
}

#[test]
fn fonts_whose_codes_mean_other_glyphs_share_the_program() {
    // Each text begins with other letters, so that no code means the same in two of them.
    let numbered = TEXTS
        .iter()
        .zip(TAGS)
        .map(|(text, tag)| numbered(tag, text));
    let mut parts: Vec<Vec<u8>> = numbered.collect();
    parts.push(part("EEEEEE", "Ångström", |_| {}));
    parts.push(part("FFFFFF", "Größe", |_| {}));
    for parts in [parts.clone(), parts.into_iter().rev().collect()] {
        let together = volume(&parts);
        assert_eq!(programs(&together), 1);
        for (number, bytes) in (1..).zip(&parts) {
            let alone = Document::load_mem(bytes).expect("readable");
            assert_eq!(shown(&together, number), shown(&alone, 1), "page {number}");
        }
    }
}

/// The same with a map of all glyphs of the whole font, and the metrics of all, as TCPDF does.
fn with_whole_map(tag: &str, text: &str) -> Vec<u8> {
    let font = liberation();
    let hmtx = table(&font, b"hmtx");
    let part = part(tag, text, |program| {
        program[hmtx.clone()].copy_from_slice(&font[hmtx.clone()]);
    });
    altered(&part, |document| {
        let reader = FontRef::new(&font).expect("a font");
        let count = reader.maxp().expect("a table").num_glyphs();
        let map: Vec<u8> = (0..count).flat_map(u16::to_be_bytes).collect();
        let map = document.add_object(Stream::new(Dictionary::new(), map));
        with_key(document, b"W").set("CIDToGIDMap", Object::Reference(map));
    })
}

#[test]
fn subsets_with_the_map_of_the_whole_become_one() {
    let parts: Vec<Vec<u8>> = TEXTS
        .iter()
        .zip(TAGS)
        .map(|(text, tag)| with_whole_map(tag, text))
        .collect();
    let together = volume(&parts);
    assert_eq!(programs(&together), 1);
    let maps = together.objects.values().filter(|object| {
        let Ok(below) = object.as_dict() else {
            return false;
        };
        below.has(b"CIDToGIDMap")
    });
    assert_eq!(maps.count(), 1, "all are one font");
    for (number, bytes) in (1..).zip(&parts) {
        let alone = Document::load_mem(bytes).expect("readable");
        assert_eq!(shown(&together, number), shown(&alone, 1), "page {number}");
    }
}

#[test]
fn glyphs_of_fonts_that_only_have_the_same_name_stay_apart() {
    // The outline of one `A` is another.
    let altered = part("BBBBBB", "Aber", |program| {
        let font = liberation();
        let reader = FontRef::new(&font).expect("a font");
        let glyph = usize::from(glyph_of(&font, 'A'));
        let start = reader
            .loca(None)
            .expect("a table")
            .get_raw(glyph)
            .expect("a place");
        let at = table(program, b"glyf").start + start as usize;
        // Its bounding box.
        program[at + 3] ^= 1;
    });
    let parts = [part("AAAAAA", TEXTS[3], |_| {}), altered];
    let together = volume(&parts);
    // Both are in one program.
    assert_eq!(programs(&together), 1);
    for (number, bytes) in (1..).zip(&parts) {
        let alone = Document::load_mem(bytes).expect("readable");
        assert_eq!(shown(&together, number), shown(&alone, 1), "page {number}");
    }
}

/// A part with other objects.
fn altered(bytes: &[u8], alter: impl FnOnce(&mut Document)) -> Vec<u8> {
    let mut document = Document::load_mem(bytes).expect("readable");
    alter(&mut document);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("memory takes all");
    bytes
}

fn with_key<'a>(document: &'a mut Document, key: &[u8]) -> &'a mut Dictionary {
    let objects = document.objects.values_mut();
    let mut dictionaries = objects.filter_map(|object| object.as_dict_mut().ok());
    dictionaries
        .find(|dictionary| dictionary.has(key))
        .expect("one with the key")
}

/// Both fonts stay, and a good second page is as it was.
fn stay_apart(what: &str, first: Vec<u8>, second: Vec<u8>) {
    let alone = Document::load_mem(&second).expect("readable");
    let began = std::time::Instant::now();
    let together = volume(&[first, second]);
    assert!(began.elapsed().as_secs() < 10, "{what} takes too long");
    assert_eq!(programs(&together), 2, "{what}");
    assert_eq!(shown(&together, 2), shown(&alone, 1), "{what}");
}

#[test]
fn a_first_font_without_glyphs_takes_none_from_the_next() {
    let empty = part("AAAAAA", "A", |program| {
        for tag in [b"glyf", b"hmtx"] {
            let range = table(program, tag);
            program[range].fill(0);
        }
    });
    let next = part("BBBBBB", "Ada", |_| {});
    let alone = Document::load_mem(&next).expect("readable");
    let together = volume(&[empty, next]);
    assert_eq!(shown(&together, 2), shown(&alone, 1));
}

#[test]
fn damaged_and_endless_glyphs_stay_out() {
    let glyph = usize::from(glyph_of(&liberation(), 'A'));
    // Composites of so many components that are composites themselves, the last of `last`.
    let nested = |count: usize, last: usize| {
        move |program: &mut Vec<u8>| {
            let (glyf, loca) = (table(program, b"glyf"), table(program, b"loca"));
            let long = program[table(program, b"head")][51] == 1;
            let length = (10 + count * 6).next_multiple_of(4);
            let mut end = 0;
            for index in 0..loca.len() / if long { 4 } else { 2 } {
                if long {
                    let place = u32::try_from(end).expect("small").to_be_bytes();
                    program[loca.start + index * 4..][..4].copy_from_slice(&place);
                } else {
                    let place = u16::try_from(end / 2).expect("small").to_be_bytes();
                    program[loca.start + index * 2..][..2].copy_from_slice(&place);
                }
                if !(glyph - 6..=glyph).contains(&index) {
                    continue;
                }
                let below = if index == glyph - 6 { last } else { index - 1 };
                let below = u16::try_from(below).expect("a number").to_be_bytes();
                let mut outline = vec![0; length];
                outline[..2].fill(0xff);
                for at in 0..count {
                    let more = if at + 1 < count { 0x20 } else { 0 };
                    outline[10 + at * 6..][..4].copy_from_slice(&[0, more, below[0], below[1]]);
                }
                program[glyf.start + end..][..length].copy_from_slice(&outline);
                end += length;
            }
        }
    };
    let good = || part("BBBBBB", "Ada", |_| {});
    for (what, alter) in [
        ("no such component", nested(1, 65_000)),
        ("a circle", nested(40, glyph)),
    ] {
        stay_apart(what, part("AAAAAA", "A", alter), good());
    }
    // What can be read goes along, and costs the others nothing.
    let alone = Document::load_mem(&good()).expect("readable");
    let together = volume(&[part("AAAAAA", "A", nested(200, 0)), good()]);
    assert_eq!(shown(&together, 2), shown(&alone, 1), "many components");
    let overlapping = part("AAAAAA", "A", |program| {
        let loca = table(program, b"loca");
        let half = loca.len() / 2;
        program.copy_within(loca.start..loca.start + half, loca.start + half);
    });
    stay_apart("outlines in each other", overlapping, good());
    let revised = part("AAAAAA", "Ada", |program| {
        let head = table(program, b"head").start;
        program[head + 5] ^= 1;
    });
    stay_apart("another version", revised, good());
}

#[test]
fn widths_and_texts_that_are_unsure_stay_out() {
    let good = || part("BBBBBB", "Ada", |_| {});
    let ranges = altered(&part("AAAAAA", "Ada", |_| {}), |document| {
        let range: [Object; 3] = [0.into(), 65_535.into(), 9.into()];
        let ranges: Vec<Object> = range.iter().cycle().take(30_000).cloned().collect();
        with_key(document, b"W").set("W", ranges);
    });
    stay_apart("ranges over each other", ranges, good());
    let wide = altered(&part("AAAAAA", "Ada", |_| {}), |document| {
        let below = with_key(document, b"W");
        let widths = below.get_mut(b"W").and_then(Object::as_array_mut);
        widths.expect("an array")[1] = vec![1.into()].into();
    });
    let together = volume(&[wide.clone(), good()]);
    for (number, bytes) in [(1, wide), (2, good())] {
        let alone = Document::load_mem(&bytes).expect("readable");
        assert_eq!(shown(&together, number), shown(&alone, 1), "another width");
    }
    let long = altered(&part("AAAAAA", "Ada", |_| {}), |document| {
        let streams = document.objects.values_mut();
        let cmap = streams
            .filter_map(|object| object.as_stream_mut().ok())
            .find(|stream| stream.content.starts_with(b"begincmap"));
        let text = format!("1 beginbfchar <0001> <{}> endbfchar", "0041".repeat(300));
        cmap.expect("a CMap").set_content(text.into_bytes());
    });
    stay_apart("a text without end", long, good());
}

#[test]
fn programs_that_other_fonts_use_stay_as_they_are() {
    let shared = altered(&part("AAAAAA", "Ada", |_| {}), |document| {
        let descriptor = with_key(document, b"FontFile2").clone();
        let mut font = Dictionary::new();
        font.set("Type", Object::Name(b"Font".to_vec()));
        font.set("Subtype", Object::Name(b"TrueType".to_vec()));
        font.set("FontDescriptor", descriptor);
        let page = with_key(document, b"Resources");
        let resources = page.get_mut(b"Resources").and_then(Object::as_dict_mut);
        let fonts = resources.expect("resources").get_mut(b"Font");
        let fonts = fonts.and_then(Object::as_dict_mut);
        fonts.expect("fonts").set("G", font);
    });
    stay_apart("a direct font", shared, part("BBBBBB", "Ada", |_| {}));
}

#[test]
fn fonts_without_a_tag_become_one_too() {
    let untagged = |text: &str| {
        altered(&part("AAAAAA", text, |_| {}), |document| {
            for key in [b"W".as_slice(), b"DescendantFonts"] {
                let name = Object::Name(b"Liberation".to_vec());
                with_key(document, key).set("BaseFont", name);
            }
        })
    };
    let parts: Vec<Vec<u8>> = TEXTS.iter().map(|text| untagged(text)).collect();
    let together = volume(&parts);
    assert_eq!(programs(&together), 1);
    for (number, bytes) in (1..).zip(&parts) {
        let alone = Document::load_mem(bytes).expect("readable");
        assert_eq!(shown(&together, number), shown(&alone, 1), "page {number}");
    }
}
