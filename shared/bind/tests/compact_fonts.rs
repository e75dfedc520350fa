//! Composite fonts with CFF programs share one, and every code shows the same glyph.

use fanfold_bind::{BindOptions, Binder, Input};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};
use skrifa::raw::ps::{Sid, cff::CffFontRef};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A number of five bytes.
fn number(value: usize) -> Vec<u8> {
    let value = i32::try_from(value).expect("a small number");
    [&[29], value.to_be_bytes().as_slice()].concat()
}

fn index(items: &[Vec<u8>]) -> Vec<u8> {
    let count = u16::try_from(items.len()).expect("few items");
    let mut index = count.to_be_bytes().to_vec();
    if items.is_empty() {
        return index;
    }
    index.push(2);
    let mut place = 1_u16;
    index.extend(place.to_be_bytes());
    for item in items {
        place += u16::try_from(item.len()).expect("a short item");
        index.extend(place.to_be_bytes());
    }
    index.extend(items.concat());
    index
}

/// How a program differs from what is usual.
#[derive(Clone, Default)]
struct Oddity {
    /// Entries of the private dictionary.
    private: Vec<u8>,
    /// Local subroutines.
    subroutines: Vec<Vec<u8>>,
    second_font: bool,
    /// The last glyph has the CID of the first.
    twice: bool,
}

/// A program with CIDs from 0 on.
fn program(glyphs: &[Vec<u8>], odd: &Oddity) -> Vec<u8> {
    let head = [vec![1, 0, 4, 2], index(&[b"Hand".to_vec()])].concat();
    let strings = index(&[b"Adobe".to_vec(), b"Identity".to_vec()]);
    let top = |places: [usize; 4]| {
        // Registry, ordering and supplement: the first two strings that are not standard, and 0.
        let mut top = vec![28, 1, 135, 28, 1, 136, 139, 12, 30];
        for (place, operator) in places
            .into_iter()
            .zip([&[15][..], &[12, 37], &[17], &[12, 36]])
        {
            top.extend(number(place));
            top.extend(operator);
        }
        index(&[top])
    };
    let charset_at = head.len() + top([0; 4]).len() + strings.len() + index(&[]).len();
    let mut charset = vec![0];
    for cid in 1..glyphs.len() {
        let is_last = cid + 1 == glyphs.len();
        let cid = if odd.twice && is_last { 1 } else { cid };
        charset.extend(u16::try_from(cid).expect("few glyphs").to_be_bytes());
    }
    let select_at = charset_at + charset.len();
    let select = [vec![0], vec![0; glyphs.len()]].concat();
    let strings_at = select_at + select.len();
    let charstrings = index(glyphs);
    let fonts_at = strings_at + charstrings.len();
    let mut private = odd.private.clone();
    if !odd.subroutines.is_empty() {
        let place = private.len() + 6;
        private.extend(number(place));
        private.push(19);
    }
    let fonts = |place| {
        let font = [number(private.len()), number(place), vec![18]].concat();
        match odd.second_font {
            true => index(&[font.clone(), font]),
            false => index(&[font]),
        }
    };
    let private_at = fonts_at + fonts(0).len();
    let mut program = head;
    program.extend(top([charset_at, select_at, strings_at, fonts_at]));
    program.extend([strings, index(&[]), charset, select, charstrings].concat());
    program.extend(fonts(private_at));
    program.extend(&private);
    if !odd.subroutines.is_empty() {
        program.extend(index(&odd.subroutines));
    }
    program
}

/// A glyph that is another for each letter, but for letters that look alike.
fn charstring(letter: char) -> Vec<u8> {
    let letter = if letter == 'о' { 'o' } else { letter };
    let [low, high, ..] = u32::from(letter).to_le_bytes();
    // As a move: `dx dy rmoveto endchar`.
    vec![28, 0, low, 28, 0, high, 21, 14]
}

fn width(letter: char) -> i64 {
    300 + i64::from(u32::from(letter) % 64)
}

/// A page that shows a text with codes in the order of its letters, and two codes that have no glyph.
fn part(tag: &str, text: &str, odd: &Oddity) -> Vec<u8> {
    let mut letters: Vec<char> = Vec::new();
    let mut codes = "1234".to_owned();
    for letter in text.chars() {
        let known = letters.iter().position(|one| *one == letter);
        let code = known.unwrap_or(letters.len()) + 1;
        if code > letters.len() {
            letters.push(letter);
        }
        let _ = write!(codes, "{code:04X}");
    }
    let _ = write!(codes, "{:04X}", letters.len() + 1);
    let mut glyphs = vec![vec![139, 22, 14]];
    glyphs.extend(letters.iter().copied().map(charstring));
    let mut cmap = format!("begincmap {} beginbfchar\n", letters.len());
    for (code, letter) in (1..).zip(&letters) {
        let _ = writeln!(cmap, "<{code:04X}><{:04X}>", u32::from(*letter));
    }
    cmap.push_str("endbfchar endcmap");
    let mut document = Document::new();
    let name = Object::Name(format!("{tag}+Hand").into_bytes());
    let of_program = dictionary! { "Subtype" => "CIDFontType0C" };
    let program = document.add_object(Stream::new(of_program, program(&glyphs, odd)));
    let texts = document.add_object(Stream::new(Dictionary::new(), cmap.into_bytes()));
    let content = format!("BT /F 10 Tf 9 9 Td <{codes}> Tj ET");
    let content = document.add_object(Stream::new(Dictionary::new(), content.into_bytes()));
    let bounds = [0, 0, i64::try_from(letters.len()).expect("few"), 9].map(Object::from);
    let descriptor = document.add_object(dictionary! {
        "Type" => "FontDescriptor", "FontName" => name.clone(), "Flags" => 4,
        "FontBBox" => bounds.to_vec(), "FontFile3" => program,
    });
    let mut widths: Vec<Object> = vec![500.into()];
    widths.extend(letters.iter().map(|&letter| width(letter).into()));
    let below = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "CIDFontType0", "BaseFont" => name.clone(), "DW" => 77,
        "CIDSystemInfo" => dictionary! {
            "Registry" => Object::string_literal("Adobe"),
            "Ordering" => Object::string_literal("Identity"), "Supplement" => 0,
        },
        "W" => vec![0.into(), widths.into()], "FontDescriptor" => descriptor,
    });
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "BaseFont" => name, "Encoding" => "Identity-H",
        "DescendantFonts" => vec![below.into()], "ToUnicode" => texts,
    });
    let pages = document.new_object_id();
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
        "MediaBox" => [0, 0, 99, 99].map(Object::from).to_vec(),
        "Resources" => dictionary! { "Font" => dictionary! { "F" => font } },
    });
    let tree = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
    document.objects.insert(pages, tree.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("memory takes all");
    bytes
}

fn volume(parts: &[Vec<u8>], pause: bool) -> Document {
    let mut binder = Binder::new(Vec::new(), BindOptions::default()).expect("memory takes all");
    for (index, bytes) in parts.iter().enumerate() {
        let name = &index.to_string();
        let input = Input {
            name,
            title: None,
            bytes,
        };
        binder.add(input).expect("a good part");
        if pause {
            let (out, state) = binder.suspend();
            binder = Binder::resume(out, BindOptions::default(), &state).expect("a state");
        }
    }
    let (bytes, _) = binder.finish_into().expect("memory takes all");
    Document::load_mem(&bytes).expect("readable")
}

fn programs(document: &Document) -> usize {
    let of = |object: &Object| {
        let descriptor = object.as_dict().ok()?;
        descriptor.get(b"FontFile3").ok()?.as_reference().ok()
    };
    let programs: BTreeSet<ObjectId> = document.objects.values().filter_map(of).collect();
    programs.len()
}

fn plain(object: &Object) -> Vec<u8> {
    let stream = object.as_stream().expect("a stream");
    match stream.dict.has(b"Filter") {
        true => fanfold_pdf::inflate(&stream.content, 1 << 20).expect("data"),
        false => stream.content.clone(),
    }
}

/// CIDs by code, as a CMap says.
fn cids(cmap: &str) -> BTreeMap<u16, u16> {
    let code = |word: &str| u16::from_str_radix(word.trim_matches(['<', '>']), 16).expect("a code");
    let mut found = BTreeMap::new();
    let (mut is_char, mut is_range) = (false, false);
    for line in cmap.lines() {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            [_, "begincidchar"] => is_char = true,
            [_, "begincidrange"] => is_range = true,
            ["endcidchar" | "endcidrange"] => (is_char, is_range) = (false, false),
            &[one, cid] if is_char => {
                let before = found.insert(code(one), cid.parse().expect("a CID"));
                assert!(before.is_none(), "{one} is there twice");
            }
            &[first, last, cid] if is_range => {
                let cid: u16 = cid.parse().expect("a CID");
                assert_eq!(first[..3], last[..3], "they differ in the last byte only");
                for (at, code) in (0..).zip(code(first)..=code(last)) {
                    assert!(
                        found.insert(code, cid + at).is_none(),
                        "{code} is there twice"
                    );
                }
            }
            _ => {}
        }
    }
    found
}

/// What a page shows: the charstring, the width and the text of each code.
fn shown(document: &Document, number: u32) -> Vec<(Vec<u8>, f32, Option<String>)> {
    let follow = |holder: &Object, key: &[u8]| -> Object {
        let value = holder.as_dict().expect("a dictionary").get(key);
        let value = document.dereference(value.expect("a value"));
        value.expect("an object").1.clone()
    };
    let page = document.get_pages()[&number];
    let resources = follow(document.get_object(page).expect("a page"), b"Resources");
    let font = follow(&follow(&resources, b"Font"), b"F");
    let below = follow(&font, b"DescendantFonts");
    let below = document.dereference(&below.as_array().expect("an array")[0]);
    let below = below.expect("a font").1.clone();
    let program = plain(&follow(&follow(&below, b"FontDescriptor"), b"FontFile3"));
    let reader = CffFontRef::new_cff(&program, 0, None).expect("a program");
    let charset = reader.charset().expect("a charset");
    let encoding = follow(&font, b"Encoding");
    let map = encoding
        .as_stream()
        .is_ok()
        .then(|| cids(&String::from_utf8(plain(&encoding)).expect("text")));
    let mut widths: BTreeMap<u16, f32> = BTreeMap::new();
    for pair in follow(&below, b"W").as_array().expect("an array").chunks(2) {
        let first = u16::try_from(pair[0].as_i64().expect("a CID")).expect("a CID");
        for (cid, width) in (first..).zip(pair[1].as_array().expect("a run")) {
            widths.insert(cid, width.as_float().expect("a number"));
        }
    }
    let default = follow(&below, b"DW").as_float().expect("a number");
    let texts = String::from_utf8(plain(&follow(&font, b"ToUnicode"))).expect("text");
    let content = document.get_page_content(page);
    let content = lopdf::content::Content::decode(&content).expect("content");
    let text = content.operations.iter().find(|one| one.operator == "Tj");
    let codes = text.expect("a text").operands[0].as_str().expect("codes");
    codes
        .chunks(2)
        .map(|code| {
            let code = u16::from_be_bytes([code[0], code[1]]);
            let cid = map.as_ref().map_or(code, |map| {
                // Codes that a CMap does not have.
                map.get(&code).copied().unwrap_or(0)
            });
            let glyph = charset
                .glyph_id(Sid::new(cid))
                .map_or(0, |glyph| glyph.to_u32());
            let outline = reader.charstrings().get(glyph as usize).expect("a glyph");
            let key = format!("<{code:04X}><");
            let text = texts
                .find(&key)
                .map(|at| texts[at + key.len()..][..4].to_owned());
            let width = widths.get(&cid).copied().unwrap_or(default);
            (outline.to_vec(), width, text)
        })
        .collect()
}

fn shows_the_same(parts: &[Vec<u8>], volume: &Document) {
    for (number, bytes) in (1..).zip(parts) {
        let alone = Document::load_mem(bytes).expect("readable");
        assert_eq!(shown(volume, number), shown(&alone, 1), "page {number}");
    }
}

#[test]
fn ranges_of_codes_end_with_their_last_bytes_row() {
    let many = |from: u32| -> String { (from..from + 600).filter_map(char::from_u32).collect() };
    let usual = Oddity::default();
    let parts = [
        part("AAAAAA", &many(0x4e00), &usual),
        part("BBBBBB", &many(0x4e00), &usual),
        part("CCCCCC", &many(0x4f00), &usual),
    ];
    let together = volume(&parts, false);
    assert_eq!(programs(&together), 2);
    shows_the_same(&parts, &together);
}

const TEXTS: [(&str, &str); 5] = [
    ("AAAAAA", "Ångström"),
    ("BBBBBB", "Übung 17"),
    // The Cyrillic letter looks like the Latin one.
    ("CCCCCC", "mom моm"),
    ("DDDDDD", "Ångström"),
    (
        "EEEEEE",
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    ),
];

#[test]
fn fonts_whose_codes_mean_other_glyphs_share_the_program() {
    let usual = Oddity::default();
    let with_subroutines = Oddity {
        private: vec![139, 10 + 10],
        subroutines: vec![vec![11], vec![139, 11]],
        ..Oddity::default()
    };
    for odd in [usual, with_subroutines] {
        let parts: Vec<_> = TEXTS
            .iter()
            .map(|(tag, text)| part(tag, text, &odd))
            .collect();
        let together = volume(&parts, false);
        // The first stays as it is.
        assert_eq!(programs(&together), 2);
        shows_the_same(&parts, &together);
        let paused = volume(&parts, true);
        shows_the_same(&parts, &paused);
        assert_eq!(programs(&paused), 2);
    }
}

#[test]
fn a_font_that_stays_alone_stays_as_it_is() {
    let parts = [part("AAAAAA", "Ada", &Oddity::default())];
    let alone = volume(&parts, false);
    shows_the_same(&parts, &alone);
    let has_cmap = |object: &Object| object.as_stream().is_ok_and(|it| it.dict.has_type(b"CMap"));
    assert!(!alone.objects.values().any(has_cmap));
}

#[test]
fn programs_that_differ_or_are_not_understood_stay_apart() {
    let usual = Oddity::default();
    for odd in [
        // Another width that charstrings count from.
        Oddity {
            private: vec![239, 21],
            ..usual.clone()
        },
        Oddity {
            subroutines: vec![vec![11]],
            ..usual.clone()
        },
        Oddity {
            second_font: true,
            ..usual.clone()
        },
        Oddity {
            twice: true,
            ..usual.clone()
        },
    ] {
        let parts = [part("AAAAAA", "Ada", &usual), part("BBBBBB", "Aber", &odd)];
        let together = volume(&parts, false);
        assert_eq!(programs(&together), 2);
        shows_the_same(&parts, &together);
        let has_cmap =
            |object: &Object| object.as_stream().is_ok_and(|it| it.dict.has_type(b"CMap"));
        assert!(!together.objects.values().any(has_cmap));
    }
}

#[test]
fn cut_programs_do_no_harm() {
    let good = part("AAAAAA", "Ångström", &Oddity::default());
    let other = part("BBBBBB", "Übung 17", &Oddity::default());
    let start = other.windows(4).position(|four| four == [1, 0, 4, 2]);
    let start = start.expect("a program");
    for at in start..start + 200 {
        for damage in [0xff, 1] {
            let mut bytes = other.clone();
            bytes[at] ^= damage;
            let mut binder =
                Binder::new(Vec::new(), BindOptions::default()).expect("memory takes all");
            for bytes in [&good, &good, &bytes] {
                let input = Input {
                    name: "part",
                    title: None,
                    bytes,
                };
                binder.add(input).expect("a part whose font is damaged");
            }
            let (bytes, _) = binder.finish_into().expect("memory takes all");
            let together = Document::load_mem(&bytes).expect("readable");
            let good = Document::load_mem(&good).expect("readable");
            assert_eq!(shown(&together, 2), shown(&good, 1), "byte {at}");
        }
    }
}

/// The part with a form of a field that names the page's font.
fn with_form(part: &[u8], appearance: &str) -> Vec<u8> {
    let mut document = Document::load_mem(part).expect("readable");
    let page = document.get_pages()[&1];
    let font = |document: &Document| {
        let page = document.get_dictionary(page)?;
        let resources = page.get(b"Resources")?.as_dict()?;
        resources.get(b"Font")?.as_dict()?.get(b"F").cloned()
    };
    let font = font(&document).expect("a font");
    let field = document.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "FT" => "Tx", "T" => Object::string_literal("f"),
        "Rect" => [0, 0, 9, 9].map(Object::from).to_vec(), "DA" => Object::string_literal(appearance),
    });
    let page = document.get_object_mut(page).and_then(Object::as_dict_mut);
    page.expect("a page").set("Annots", vec![field.into()]);
    let form = dictionary! {
        "Fields" => vec![field.into()],
        "DR" => dictionary! { "Font" => dictionary! { "F" => font } },
    };
    let catalog = document.catalog_mut().expect("a catalog");
    catalog.set("AcroForm", form);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("memory takes all");
    bytes
}

#[test]
fn fonts_of_fields_stay_as_they_are() {
    let usual = Oddity::default();
    let parts: Vec<_> = TEXTS
        .iter()
        .map(|(tag, text)| part(tag, text, &usual))
        .collect();
    let filled: Vec<_> = parts
        .iter()
        .map(|part| with_form(part, "/F 9 Tf"))
        .collect();
    let together = volume(&filled, false);
    shows_the_same(&filled, &together);
    let catalog = together.catalog().expect("a catalog");
    let (_, form) = catalog
        .get(b"AcroForm")
        .and_then(|form| together.dereference(form))
        .expect("a form");
    let follow = |holder: &Object, key: &[u8]| {
        let value = holder.as_dict().and_then(|holder| holder.get(key));
        let value = value.and_then(|value| together.dereference(value));
        value.expect("an object").1.clone()
    };
    let fonts = follow(&follow(form, b"DR"), b"Font");
    let names: BTreeSet<String> = fonts
        .as_dict()
        .expect("fonts")
        .iter()
        .map(|(name, _)| {
            let name = follow(&follow(&fonts, name), b"BaseFont");
            String::from_utf8_lossy(name.as_name().expect("a name")).into_owned()
        })
        .collect();
    let expected = TEXTS.map(|(tag, _)| format!("{tag}+Hand"));
    assert_eq!(names, BTreeSet::from(expected));
}

#[test]
fn fonts_that_a_form_lists_and_no_field_names_become_one() {
    let usual = Oddity::default();
    let parts = TEXTS.iter().map(|(tag, text)| part(tag, text, &usual));
    let filled: Vec<_> = parts.map(|part| with_form(&part, "/Helv 9 Tf")).collect();
    let together = volume(&filled, false);
    shows_the_same(&filled, &together);
    assert_eq!(programs(&together), 2);
}
