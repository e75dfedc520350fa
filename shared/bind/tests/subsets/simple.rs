//! Simple fonts of one program share it.

use super::{
    TAGS, TEXTS, altered, glyph_of, liberation, part, plain, programs, retained, table, volume,
    with_key,
};
use lopdf::{Dictionary, Document, Object};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, pen::SvgPen};
use skrifa::raw::FontRef;
use skrifa::{GlyphId, MetadataProvider};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A page in a simple font with codes in the order in which the text has them, which its program gives to
/// glyphs.
fn simple(tag: &str, text: &str) -> Vec<u8> {
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
        let _ = write!(codes, "{code:02X}");
    }
    let kept: Vec<u16> = glyphs.iter().map(|(glyph, _)| *glyph).collect();
    let program = with_codes(&retained(&font, &kept), &kept);
    let reader = FontRef::new(&font).expect("a font");
    let metrics = reader.glyph_metrics(Size::new(1000.0), LocationRef::default());
    altered(&part(tag, text, |_| {}), |document| {
        let descriptor = with_key(document, b"W").get(b"FontDescriptor").cloned();
        let widths = kept.iter().map(|glyph| {
            let width = metrics.advance_width(GlyphId::new((*glyph).into()));
            Object::Real(width.expect("a width"))
        });
        let widths: Vec<Object> = widths.collect();
        let simple = with_key(document, b"DescendantFonts");
        simple.remove(b"DescendantFonts");
        simple.remove(b"Encoding");
        simple.set("Subtype", Object::Name(b"TrueType".to_vec()));
        simple.set("FirstChar", 1);
        simple.set("LastChar", widths.len() as i64);
        simple.set("Widths", widths);
        simple.set("FontDescriptor", descriptor.expect("a descriptor"));
        for stream in document.objects.values_mut() {
            let Ok(stream) = stream.as_stream_mut() else {
                continue;
            };
            if stream.content.starts_with(b"begincmap") {
                let mut cmap = format!("begincmap {} beginbfchar\n", glyphs.len());
                for (code, (_, character)) in (1..).zip(&glyphs) {
                    let _ = writeln!(cmap, "<{code:02X}><{:04X}>", u32::from(*character));
                }
                cmap.push_str("endbfchar endcmap");
                stream.set_content(cmap.into_bytes());
            } else if stream.content.starts_with(b"BT /F") {
                let content = format!("BT /F 10 Tf 9 9 Td <{codes}> Tj ET");
                stream.set_content(content.into_bytes());
            } else {
                stream.set_content(program.clone());
            }
        }
    })
}

/// The page in a simple font with the codes of `WinAnsiEncoding`.
fn lettered(tag: &str, text: &str) -> Vec<u8> {
    let font = liberation();
    let letters: BTreeMap<char, u16> = text
        .chars()
        .map(|one| (one, glyph_of(&font, one)))
        .collect();
    let kept: Vec<u16> = letters.values().copied().collect();
    let program = with_letters(&retained(&font, &kept), &letters);
    let reader = FontRef::new(&font).expect("a font");
    let metrics = reader.glyph_metrics(Size::new(1000.0), LocationRef::default());
    altered(&simple(tag, text), |document| {
        let descriptor = with_key(document, b"FontName");
        descriptor.set("Flags", 32);
        let widths = (' '..='ÿ').map(|letter| {
            let glyph = letters
                .get(&letter)
                .map(|glyph| GlyphId::new((*glyph).into()));
            let width = glyph.and_then(|glyph| metrics.advance_width(glyph));
            Object::Real(width.unwrap_or(0.0))
        });
        let widths: Vec<Object> = widths.collect();
        let simple = with_key(document, b"FirstChar");
        simple.set("Encoding", Object::Name(b"WinAnsiEncoding".to_vec()));
        simple.set("FirstChar", i64::from(b' '));
        simple.set("LastChar", 255);
        simple.set("Widths", widths);
        for stream in document.objects.values_mut() {
            let Ok(stream) = stream.as_stream_mut() else {
                continue;
            };
            if stream.content.starts_with(b"begincmap") {
                let mut cmap = format!("begincmap {} beginbfchar\n", letters.len());
                for letter in letters.keys() {
                    let code = u32::from(*letter);
                    let _ = writeln!(cmap, "<{code:02X}><{code:04X}>");
                }
                cmap.push_str("endbfchar endcmap");
                stream.set_content(cmap.into_bytes());
            } else if stream.content.starts_with(b"BT /F") {
                let codes = text
                    .chars()
                    .map(|letter| format!("{:02X}", u32::from(letter)));
                let codes: String = codes.collect();
                let content = format!("BT /F 10 Tf 9 9 Td <{codes}> Tj ET");
                stream.set_content(content.into_bytes());
            } else {
                stream.set_content(program.clone());
            }
        }
    })
}

/// A font whose codes from 1 on show these glyphs, by one table of the Macintosh platform.
fn with_codes(font: &[u8], glyphs: &[u16]) -> Vec<u8> {
    let count = u16::try_from(glyphs.len()).expect("few");
    let words = [0, 1, 1, 0, 0, 12, 6, 10 + count * 2, 0, 1, count];
    with_table(font, words.into_iter().chain(glyphs.iter().copied()))
}

/// A font whose letters show these glyphs, by one table of Unicode: a segment for each letter.
fn with_letters(font: &[u8], letters: &BTreeMap<char, u16>) -> Vec<u8> {
    let count = u16::try_from(letters.len() + 1).expect("few");
    let codes = letters.keys().map(|letter| *letter as u16).chain([0xffff]);
    let codes: Vec<u16> = codes.collect();
    let by = letters
        .iter()
        .map(|(letter, glyph)| glyph.wrapping_sub(*letter as u16));
    let head = [0, 1, 3, 1, 0, 12, 4, 16 + count * 8, 0, count * 2, 0, 0, 0];
    let words = head.into_iter().chain(codes.iter().copied()).chain([0]);
    let words = words.chain(codes.iter().copied()).chain(by).chain([1]);
    with_table(font, words.chain((0..count).map(|_| 0)))
}

/// A font with the tables that PDF asks for, and this one for codes.
fn with_table(font: &[u8], cmap: impl Iterator<Item = u16>) -> Vec<u8> {
    let cmap: Vec<u8> = cmap.flat_map(u16::to_be_bytes).collect();
    let tags = [
        b"cmap", b"cvt ", b"fpgm", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"prep",
    ];
    let tables = tags.map(|tag| match tag {
        b"cmap" => cmap.clone(),
        other => font[table(font, other)].to_vec(),
    });
    let mut file = vec![0, 1, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0];
    let mut at = 12 + 16 * tables.len();
    for (tag, table) in tags.iter().zip(&tables) {
        file.extend_from_slice(*tag);
        file.extend_from_slice(&[0; 4]);
        for number in [at, table.len()] {
            file.extend_from_slice(&u32::try_from(number).expect("small").to_be_bytes());
        }
        at += table.len().next_multiple_of(4);
    }
    for table in &tables {
        file.extend_from_slice(table);
        file.resize(file.len().next_multiple_of(4), 0);
    }
    file
}

/// What a page in a simple font shows, or in what has become of it: outline, width and text of each code.
fn shown_by_bytes(document: &Document, number: u32) -> Vec<(String, f32, String)> {
    let follow = |holder: &Dictionary, key: &[u8]| -> Object {
        let value = holder.get(key).expect("a value");
        document.dereference(value).expect("an object").1.clone()
    };
    let page = document.get_dictionary(document.get_pages()[&number]);
    let page = page.expect("a page");
    let fonts = follow(
        follow(page, b"Resources").as_dict().expect("resources"),
        b"Font",
    );
    let font = follow(fonts.as_dict().expect("fonts"), b"F");
    let font = font.as_dict().expect("a font");
    let composite = font.has(b"DescendantFonts");
    let below = match composite {
        true => {
            let cmap = plain(&follow(font, b"Encoding"));
            let cmap = String::from_utf8_lossy(&cmap).into_owned();
            assert!(cmap.contains("<00> <FF> 0"), "{cmap}");
            let below = follow(font, b"DescendantFonts");
            let below = &below.as_array().expect("an array")[0];
            let below = document.dereference(below).expect("a font").1;
            below.as_dict().expect("a font").clone()
        }
        false => font.clone(),
    };
    let descriptor = follow(&below, b"FontDescriptor");
    let program = plain(&follow(
        descriptor.as_dict().expect("a dictionary"),
        b"FontFile2",
    ));
    let word = |data: &[u8], at: usize| u16::from_be_bytes([data[at], data[at + 1]]);
    let map = composite.then(|| plain(&follow(&below, b"CIDToGIDMap")));
    let widths = match composite {
        true => follow(&below, b"W").as_array().expect("widths")[1].clone(),
        false => follow(&below, b"Widths"),
    };
    let first = match composite {
        true => follow(&below, b"W").as_array().expect("widths")[0].clone(),
        false => follow(&below, b"FirstChar"),
    };
    let first = usize::try_from(first.as_i64().expect("a code")).expect("a code");
    let texts = String::from_utf8(plain(&follow(font, b"ToUnicode"))).expect("text");
    let reader = FontRef::new(&program).expect("a font");
    let content = document.get_page_content(document.get_pages()[&number]);
    let content = lopdf::content::Content::decode(&content).expect("content");
    let text = content.operations.iter().find(|one| one.operator == "Tj");
    let codes = text.expect("a text").operands[0].as_str().expect("codes");
    let show = |code: &u8| {
        let code = usize::from(*code);
        let glyph = match &map {
            Some(map) => word(map, code * 2),
            None if font.has(b"Encoding") => {
                let letter = char::from(u8::try_from(code).expect("a byte"));
                glyph_of(&program, letter)
            }
            None => word(&program[table(&program, b"cmap")], 12 + 10 + (code - 1) * 2),
        };
        let mut pen = SvgPen::new();
        let outline = reader.outline_glyphs().get(GlyphId::new(glyph.into()));
        let settings = DrawSettings::unhinted(Size::new(1000.0), LocationRef::default());
        let outline = outline.expect("an outline");
        outline.draw(settings, &mut pen).expect("drawn");
        let width = &widths.as_array().expect("widths")[code - first];
        let key = format!("<{code:02X}><");
        let at = texts.find(&key).expect("a text") + key.len();
        let text = texts[at..at + 4].to_owned();
        (pen.to_string(), width.as_float().expect("a width"), text)
    };
    codes.iter().map(show).collect()
}

/// Each page of the volume shows what its part's page does.
fn shows_what_each_does_alone(together: &Document, parts: &[Vec<u8>]) {
    for (number, bytes) in (1..).zip(parts) {
        let alone = Document::load_mem(bytes).expect("readable");
        let expected = shown_by_bytes(&alone, 1);
        assert_eq!(shown_by_bytes(together, number), expected, "page {number}");
    }
}

#[test]
fn simple_fonts_share_a_program_but_for_the_first() {
    let mut parts: Vec<Vec<u8>> = TEXTS
        .iter()
        .zip(TAGS)
        .map(|(text, tag)| simple(tag, text))
        .collect();
    // The same once more is the same.
    parts.push(simple("AAAAAA", TEXTS[0]));
    parts.push(simple("BBBBBB", TEXTS[1]));
    let together = volume(&parts);
    assert_eq!(programs(&together), 2);
    shows_what_each_does_alone(&together, &parts);
    // With a composite font of the program, they share that one's.
    parts.insert(0, part("EEEEEE", "Ada", |_| {}));
    assert_eq!(programs(&volume(&parts)), 1);
}

#[test]
fn simple_fonts_with_letters_share_a_program_but_for_the_first() {
    let mut parts: Vec<Vec<u8>> = TEXTS
        .iter()
        .zip(TAGS)
        .map(|(text, tag)| lettered(tag, text))
        .collect();
    let together = volume(&parts);
    assert_eq!(programs(&together), 2);
    shows_what_each_does_alone(&together, &parts);
    // With fonts of the program whose codes are their own, they share those fonts' one.
    parts.push(simple("EEEEEE", "Ada"));
    assert_eq!(programs(&volume(&parts)), 2);
}

#[test]
fn letters_that_are_not_sure_stay_simple() {
    let first = [lettered("AAAAAA", "Ada"), lettered("BBBBBB", "Dad")];
    assert_eq!(programs(&volume(&first)), 2);
    let odd = |alter: fn(&mut Document)| altered(&lettered("CCCCCC", "dA"), alter);
    for (what, odd) in [
        (
            "symbolic",
            odd(|document| with_key(document, b"FontName").set("Flags", 4)),
        ),
        (
            "another encoding",
            odd(|document| {
                let other = Object::Name(b"MacRomanEncoding".to_vec());
                with_key(document, b"FirstChar").set("Encoding", other);
            }),
        ),
        (
            // A second code with a width, which the program has no glyph for.
            "a letter without a glyph",
            odd(|document| {
                let widths = with_key(document, b"FirstChar").get_mut(b"Widths");
                let widths = widths.and_then(Object::as_array_mut).expect("widths");
                widths[usize::from(b'!' - b' ')] = 300.into();
            }),
        ),
        (
            "a letter without a width",
            odd(|document| {
                let widths = with_key(document, b"FirstChar").get_mut(b"Widths");
                let widths = widths.and_then(Object::as_array_mut).expect("widths");
                widths[usize::from(b'A' - b' ')] = 0.into();
            }),
        ),
        (
            "a letter beyond the widths",
            odd(|document| {
                let widths = with_key(document, b"FirstChar").get_mut(b"Widths");
                let widths = widths.and_then(Object::as_array_mut).expect("widths");
                widths.truncate(usize::from(b'd' - b' '));
            }),
        ),
        (
            "a letter without a text",
            odd(|document| {
                for stream in document.objects.values_mut() {
                    if let Ok(stream) = stream.as_stream_mut()
                        && stream.content.starts_with(b"begincmap")
                    {
                        stream.set_content(b"1 beginbfchar <64><0064> endbfchar".to_vec());
                    }
                }
            }),
        ),
    ] {
        let parts = [first[0].clone(), first[1].clone(), odd];
        assert_eq!(programs(&volume(&parts)), 3, "{what}");
    }
    let parts = [first[0].clone(), first[1].clone(), lettered("CCCCCC", "dA")];
    assert_eq!(programs(&volume(&parts)), 2);
}

#[test]
fn simple_fonts_of_a_form_stay_simple() {
    let form = |tag, text| {
        altered(&simple(tag, text), |document| {
            let catalog = document.trailer.get(b"Root").and_then(Object::as_reference);
            let catalog = document.get_dictionary_mut(catalog.expect("a catalog"));
            let catalog = catalog.expect("a catalog");
            catalog.set("AcroForm", Dictionary::new());
        })
    };
    let together = volume(&[
        form("AAAAAA", "Ada"),
        form("BBBBBB", "Dada!"),
        form("CCCCCC", "!"),
    ]);
    assert_eq!(programs(&together), 3);
}
