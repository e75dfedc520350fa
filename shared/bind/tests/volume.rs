//! What a volume keeps of its inputs, read back with lopdf.

use fanfold_bind::{
    BindError, BindOptions, Binder, Input, OutlineMode, Protection, Recompress, Stamp, Summary,
};
use fanfold_geometry::{Color, Point, Px, Rect, Size};
use fanfold_paint::{
    Anchor, Catalog, Item, Link, LinkTarget, OutlineEntry, PaintCache, PositionedGlyph, Sheet,
    TextRun, write,
};
use fanfold_text::{FaceId, Fonts};
use lopdf::{Document, Object};
use std::sync::Arc;

fn fonts() -> (Fonts, FaceId) {
    let face = fanfold_fonts::faces()
        .iter()
        .find(|face| face.family == "Liberation Sans");
    let mut fonts = Fonts::new();
    let id = fonts
        .add(face.expect("an embedded face").data().into(), 0, None)
        .expect("a font");
    (fonts, id)
}

/// Two pages: a word, a link from the first to `place` on the second, two outline entries.
fn part(word: &str, place: &str) -> Vec<u8> {
    let (fonts, face) = fonts();
    let glyphs = word.char_indices().map(|(at, character)| PositionedGlyph {
        id: fonts.face(face).glyph(character).expect("a glyph"),
        x: Px(at as f32 * 10.0),
        y: Px::ZERO,
        advance: Px(10.0),
        text: (at as u32, at as u32 + 1),
    });
    let text = TextRun {
        face,
        size: Px(16.0),
        color: Color::BLACK,
        origin: Point::new(Px(20.0), Px(40.0)),
        glyphs: glyphs.collect(),
        text: Arc::from(word),
        rtl: false,
        synthetic_bold: false,
        synthetic_oblique: false,
    };
    let size = Size::new(Px(200.0), Px(100.0));
    let area = Rect::new(Px::ZERO, Px::ZERO, Px(50.0), Px(20.0));
    let first = Sheet {
        size,
        items: vec![Item::Text(text)],
        links: vec![Link {
            area,
            target: LinkTarget::Anchor(place.into()),
        }],
        ..Sheet::default()
    };
    let at = Point::new(Px::ZERO, Px(10.0));
    let second = Sheet {
        size,
        anchors: vec![Anchor {
            name: place.into(),
            at,
        }],
        ..Sheet::default()
    };
    let entry = |title: &str, level, sheet| OutlineEntry {
        title: title.into(),
        level,
        sheet,
        at,
    };
    let catalog = Catalog {
        language: Some("en".into()),
        outline: vec![entry(word, 1, 0), entry("Détails", 2, 1)],
        ..Catalog::default()
    };
    write(&[first, second], &catalog, &fonts, &PaintCache::new()).expect("a document")
}

fn volume(options: BindOptions, parts: &[(&str, Vec<u8>)]) -> (Vec<u8>, Summary) {
    let mut binder = Binder::new(Vec::new(), options).expect("memory takes all");
    for (name, bytes) in parts {
        binder
            .add(Input {
                name,
                title: None,
                bytes,
            })
            .expect("a good part");
    }
    binder.finish_into().expect("memory takes all")
}

fn outline(bytes: &[u8]) -> Vec<(String, usize, usize)> {
    let document = Document::load_mem(bytes).expect("a readable volume");
    let toc = document.get_toc().expect("an outline");
    toc.toc
        .into_iter()
        .map(|entry| (entry.title, entry.level, entry.page))
        .collect()
}

fn entries(expected: &[(&str, usize, usize)]) -> Vec<(String, usize, usize)> {
    expected
        .iter()
        .map(|&(title, level, page)| (title.to_owned(), level, page))
        .collect()
}

#[test]
fn a_volume_that_is_stopped_and_gone_on_with_has_the_same_bytes() {
    // Subsets that are united, names that clash, and what a volume adds.
    let words = ["Alpha", "Beta", "Gamma", "Alpha", "Delta"];
    let parts: Vec<(&str, Vec<u8>)> = words.iter().map(|word| (*word, part(word, "x"))).collect();
    for outline in [OutlineMode::Documents, OutlineMode::Inputs] {
        let plain = BindOptions {
            outline,
            ..BindOptions::default()
        };
        let adorned = BindOptions {
            stamp: Some(Stamp::default()),
            contents: Some("Contents".into()),
            separators: true,
            right_hand: true,
            protection: Some(Protection {
                owner_password: "o".into(),
                ..Protection::default()
            }),
            ..plain.clone()
        };
        let tight = BindOptions {
            recompress: Recompress::of_inputs(parts.len()),
            ..plain.clone()
        };
        for options in [plain, adorned, tight] {
            let (expected, summary) = volume(options.clone(), &parts);
            let mut out = Vec::new();
            let mut state: Option<Vec<u8>> = None;
            for (name, bytes) in &parts {
                let mut binder = match &state {
                    None => Binder::new(Vec::new(), options.clone()).expect("a volume"),
                    Some(state) => {
                        Binder::resume(Vec::new(), options.clone(), state).expect("a volume")
                    }
                };
                binder
                    .add(Input {
                        name,
                        title: None,
                        bytes,
                    })
                    .expect("a volume");
                let (written, kept) = binder.suspend();
                out.extend(written);
                state = Some(kept);
            }
            let state = state.expect("a volume");
            let last = Binder::resume(Vec::new(), options.clone(), &state).expect("a volume");
            let (rest, same) = last.finish_into().expect("a volume");
            out.extend(rest);
            assert!(out == expected, "other bytes");
            assert_eq!(same, summary);
            // As other code would have begun it: the number follows the name.
            let mut others = state.clone();
            others[b"fanfold-bind ".len()] ^= 1;
            for damaged in [&state[..state.len() - 1], &state[1..], &others, b""] {
                let resumed = Binder::resume(Vec::new(), options.clone(), damaged);
                assert!(matches!(resumed.err(), Some(BindError::State)));
            }
        }
    }
}

/// A page with some 3 KB of lines to random places.
fn page_of_lines(seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut number = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % 500
    };
    let lines: String = (0..200)
        .map(|_| format!("{} {} m 9 {} l S\n", number(), number(), number()))
        .collect();
    format!(
        "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\
         2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 500 500]>>\nendobj\n\
         3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 4 0 R>>\nendobj\n\
         4 0 obj\n<</Length {}>>stream\n{lines}\nendstream\nendobj\n\
         trailer\n<</Root 1 0 R>>\n",
        lines.len()
    )
    .into_bytes()
}

#[test]
fn what_may_be_packed_tightly_runs_out_over_all_that_a_volume_is_made_in() {
    let parts: Vec<(&str, Vec<u8>)> = (1..=4).map(|seed| ("a", page_of_lines(seed))).collect();
    let with = |recompress| BindOptions {
        recompress,
        ..BindOptions::default()
    };
    // Nothing, two pages of the four, and all.
    let budgets = [0, 8000, 100_000].map(Recompress::First);
    let lengths = budgets.map(|budget| volume(with(budget), &parts).0.len());
    assert!(lengths.is_sorted_by(|one, next| one > next), "{lengths:?}");
    for budget in budgets {
        let mut out = Vec::new();
        let mut binder = Binder::new(Vec::new(), with(budget)).expect("a volume");
        for (name, bytes) in &parts {
            let input = Input {
                name,
                title: None,
                bytes,
            };
            binder.add(input).expect("a good part");
            let (written, state) = binder.suspend();
            out.extend(written);
            binder = Binder::resume(Vec::new(), with(budget), &state).expect("a volume");
        }
        out.extend(binder.finish_into().expect("a volume").0);
        assert!(out == volume(with(budget), &parts).0, "{budget:?}");
    }
}

#[test]
fn what_is_compressed_anew_is_the_same_and_smaller() {
    let words = ["Alpha", "Beta", "Gamma"];
    let parts: Vec<(&str, Vec<u8>)> = words.iter().map(|word| (*word, part(word, "x"))).collect();
    let with = |recompress| {
        let options = BindOptions {
            recompress,
            ..BindOptions::default()
        };
        volume(options, &parts).0
    };
    let plain = with(Recompress::Never);
    let contents = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let document = Document::load_mem(bytes).expect("a readable volume");
        let pages = document.get_pages();
        pages
            .values()
            .map(|page| document.get_page_content(*page))
            .collect()
    };
    for recompress in [Recompress::of_inputs(parts.len()), Recompress::All] {
        let tight = with(recompress);
        assert_eq!(contents(&tight), contents(&plain));
        assert!(tight.len() < plain.len(), "{recompress:?}");
        assert_eq!(with(recompress), tight);
    }
}

#[test]
fn outlines_nest_below_their_documents() {
    let parts = [("a.pdf", part("Alpha", "x")), ("b.pdf", part("Beta", "y"))];
    let (bytes, summary) = volume(BindOptions::default(), &parts);
    assert_eq!(
        (summary.pages, summary.documents, summary.bytes),
        (4, 2, bytes.len() as u64)
    );
    assert_eq!(summary.warnings, []);
    let expected = [
        ("a.pdf", 1, 1),
        ("Alpha", 2, 1),
        ("Détails", 3, 2),
        ("b.pdf", 1, 3),
        ("Beta", 2, 3),
        ("Détails", 3, 4),
    ];
    assert_eq!(outline(&bytes), entries(&expected));
    let options = BindOptions {
        outline: OutlineMode::Inputs,
        ..BindOptions::default()
    };
    let expected = [
        ("Alpha", 1, 1),
        ("Détails", 2, 2),
        ("Beta", 1, 3),
        ("Détails", 2, 4),
    ];
    assert_eq!(outline(&volume(options, &parts).0), entries(&expected));
    let options = BindOptions {
        outline: OutlineMode::None,
        ..BindOptions::default()
    };
    let document = Document::load_mem(&volume(options, &parts).0).expect("a readable volume");
    assert!(!document.catalog().expect("a catalog").has(b"Outlines"));
}

/// The page that the link of a page leads to.
fn link_target(document: &Document, page: u32) -> u32 {
    let pages = document.get_pages();
    let link = document.get_page_annotations(pages[&page]).expect("links")[0];
    let Ok(Object::String(name, _)) = link.get(b"Dest") else {
        panic!("no named destination: {link:?}")
    };
    let names = document
        .catalog()
        .and_then(|catalog| catalog.get(b"Names"))
        .and_then(Object::as_dict);
    let root = names
        .and_then(|names| names.get(b"Dests"))
        .and_then(Object::as_reference)
        .expect("a name tree");
    let kids = document
        .get_dictionary(root)
        .and_then(|root| root.get(b"Kids"))
        .and_then(Object::as_array);
    for kid in kids.expect("leaves") {
        let leaf = document
            .get_dictionary(kid.as_reference().expect("a leaf"))
            .expect("a leaf");
        let names = leaf
            .get(b"Names")
            .and_then(Object::as_array)
            .expect("names");
        for pair in names.chunks(2) {
            if pair[0].as_str().expect("a name") == name {
                let target = pair[1].as_array().expect("a place")[0]
                    .as_reference()
                    .expect("a page");
                let found = pages.iter().find(|(_, id)| **id == target);
                return *found.expect("a page of the volume").0;
            }
        }
    }
    panic!("{name:?} is not in the name tree")
}

#[test]
fn links_lead_to_their_own_document_when_names_clash() {
    let parts = ["a", "b", "c"].map(|name| (name, part("Word", "section-1")));
    let document = Document::load_mem(&volume(BindOptions::default(), &parts).0).expect("readable");
    assert_eq!(
        [1, 3, 5].map(|page| link_target(&document, page)),
        [2, 4, 6]
    );
}

#[test]
fn equal_fonts_are_stored_once() {
    let parts: Vec<(&str, Vec<u8>)> = ["Alpha", "Beta", "Gamma", "Delta"]
        .iter()
        .map(|word| (*word, part(word, word)))
        .collect();
    let inputs: usize = parts.iter().map(|(_, bytes)| bytes.len()).sum();
    let (bytes, _) = volume(BindOptions::default(), &parts);
    let document = Document::load_mem(&bytes).expect("readable");
    let programs = document.objects.values().filter(|object| {
        object
            .as_stream()
            .is_ok_and(|stream| stream.dict.has(b"Length1"))
    });
    assert_eq!(programs.count(), 1);
    assert!(
        bytes.len() * 3 < inputs,
        "{} bytes of {inputs}",
        bytes.len()
    );
}

#[test]
fn a_part_that_cannot_be_read_leaves_the_volume_as_it_was() {
    let good = part("Alpha", "x");
    let mut binder = Binder::new(Vec::new(), BindOptions::default()).expect("memory takes all");
    binder
        .add(Input {
            name: "a",
            title: Some("First"),
            bytes: &good,
        })
        .expect("a good part");
    for bad in [&b""[..], b"%PDF-1.4 nothing else", &good[..good.len() / 2]] {
        let error = binder
            .add(Input {
                name: "bad.pdf",
                title: None,
                bytes: bad,
            })
            .expect_err("damaged");
        assert!(
            matches!(&error, BindError::Unreadable { name, .. } if name == "bad.pdf"),
            "{error}"
        );
    }
    binder
        .add_placeholder("Letter 7", "The data has no field “name” (at /customer).")
        .expect("a page");
    let (bytes, summary) = binder.finish_into().expect("memory takes all");
    assert_eq!((summary.pages, summary.documents), (3, 2));
    let expected = [
        ("First", 1, 1),
        ("Alpha", 2, 1),
        ("Détails", 3, 2),
        ("Letter 7", 1, 3),
    ];
    assert_eq!(outline(&bytes), entries(&expected));
    let document = Document::load_mem(&bytes).expect("readable");
    let text = document.extract_text(&[3]).expect("the placeholder's text");
    assert!(
        text.contains("Letter 7") && text.contains("/customer"),
        "{text}"
    );
}

#[test]
fn objects_that_cannot_be_read_are_reported() {
    let mut options = BindOptions::default();
    // Too little for the part's object stream: catalog and pages are in it.
    options.limits.inflated = 64;
    let mut binder = Binder::new(Vec::new(), options).expect("memory takes all");
    let bytes = part("Alpha", "x");
    let added = binder.add(Input {
        name: "a",
        title: None,
        bytes: &bytes,
    });
    assert!(
        matches!(added, Err(BindError::OverLimit { limit: 64, .. })),
        "{added:?}"
    );
    let mut damaged = include_bytes!("one-page.pdf").to_vec();
    let at = damaged
        .windows(7)
        .position(|window| window == b"5 0 obj")
        .expect("the font");
    damaged[at..at + 7].copy_from_slice(b"5 0 xxx");
    let mut binder = Binder::new(Vec::new(), BindOptions::default()).expect("memory takes all");
    binder
        .add(Input {
            name: "a",
            title: None,
            bytes: &damaged,
        })
        .expect("a page");
    let summary = binder.finish().expect("memory takes all");
    assert!(
        summary
            .warnings
            .iter()
            .any(|warning| warning.message.contains("cannot be read"))
    );
}

#[test]
fn nothing_makes_no_volume() {
    let binder = Binder::new(Vec::new(), BindOptions::default()).expect("memory takes all");
    assert!(matches!(binder.finish(), Err(BindError::Empty)));
}

#[test]
fn inputs_over_the_limits_are_refused() {
    let bytes = part("Alpha", "x");
    let mut options = BindOptions::default();
    options.limits.pages = 1;
    let mut binder = Binder::new(Vec::new(), options).expect("memory takes all");
    let error = binder
        .add(Input {
            name: "a",
            title: None,
            bytes: &bytes,
        })
        .expect_err("two pages");
    assert!(
        matches!(
            error,
            BindError::OverLimit {
                what: "pages",
                limit: 1,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn the_refusal_of_pages_that_copy_too_much_says_so() {
    let page = format!("<</Type/Page/Contents[{}]>>", "4 0 R ".repeat(2000));
    let kids = "3 0 R ".repeat(2000);
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        &format!("<</Type/Pages/Count 2000/Kids[{kids}]>>"),
        &page,
        "<</Length 0>>stream\n\nendstream",
    ];
    let mut bytes = b"%PDF-1.7\n".to_vec();
    for (number, object) in (1..).zip(objects) {
        bytes.extend(format!("{number} 0 obj\n{object}\nendobj\n").into_bytes());
    }
    bytes.extend_from_slice(b"trailer\n<</Root 1 0 R>>\n");
    let mut binder = Binder::new(Vec::new(), BindOptions::default()).expect("memory takes all");
    let error = binder.add(Input {
        name: "a",
        title: None,
        bytes: &bytes,
    });
    let message = error.expect_err("four million values").to_string();
    assert!(message.contains("pages that come again"), "{message}");
}

#[test]
fn page_trees_of_any_size_are_whole() {
    let bytes = part("Alpha", "x");
    let parts: Vec<(&str, Vec<u8>)> = (0..70).map(|_| ("a", bytes.clone())).collect();
    let (volume, _) = volume(BindOptions::default(), &parts);
    assert_eq!(
        Document::load_mem(&volume)
            .expect("readable")
            .get_pages()
            .len(),
        140
    );
}
