//! What a volume adds: stamps, contents, cover, separators, right-hand starts, encryption.

use fanfold_bind::{
    BindError, BindOptions, Binder, Input, Permissions, Protection, Stamp, StampPlace, Summary,
    count_pages,
};
use lopdf::{Document, Object, ObjectId};
use std::fmt::Write as _;

/// A file with so many pages of 200 by 100 points, each showing `word` and turned by `turn` degrees.
fn part(word: &str, pages: usize, turn: i64) -> Vec<u8> {
    let mut file = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n".to_owned();
    let kids: Vec<String> = (0..pages)
        .map(|page| format!("{} 0 R", page * 2 + 3))
        .collect();
    let _ = writeln!(
        file,
        "2 0 obj<</Type/Pages/Count {pages}/Kids[{}]/MediaBox[0 0 200 100]/Rotate {turn}>>endobj",
        kids.join(" ")
    );
    for page in 0..pages {
        let content = format!("BT ({word} {page}) Tj ET");
        let _ = writeln!(
            file,
            "{} 0 obj<</Type/Page/Parent 2 0 R/Contents {} 0 R>>endobj\n{} 0 obj<</Length {}>>stream\n{content}\nendstream endobj",
            page * 2 + 3,
            page * 2 + 4,
            page * 2 + 4,
            content.len()
        );
    }
    file.push_str("trailer<</Root 1 0 R>>\n");
    file.into_bytes()
}

fn volume(options: BindOptions, parts: &[(&str, Vec<u8>)]) -> (Vec<u8>, Summary) {
    let mut binder = Binder::new(Vec::new(), options).expect("memory takes all");
    for (name, bytes) in parts {
        binder.add(input(name, bytes)).expect("a good part");
    }
    binder.finish_into().expect("memory takes all")
}

fn input<'a>(name: &'a str, bytes: &'a [u8]) -> Input<'a> {
    Input {
        name,
        title: None,
        bytes,
    }
}

/// What each page shows.
fn contents(document: &Document) -> Vec<String> {
    let pages = document.get_pages();
    pages
        .values()
        .map(|&page| String::from_utf8_lossy(&document.get_page_content(page)).into_owned())
        .collect()
}

fn load(bytes: &[u8]) -> Document {
    Document::load_mem(bytes).expect("readable")
}

#[test]
fn stamps_know_the_page_and_all_pages() {
    let options = BindOptions {
        stamp: Some(Stamp {
            text: "{title}: {page} of {pages}".to_owned(),
            ..Stamp::default()
        }),
        ..BindOptions::default()
    };
    let (bytes, _) = volume(options, &[("a", part("x", 2, 0)), ("b", part("y", 1, 0))]);
    let contents = contents(&load(&bytes));
    for (content, stamp) in contents
        .iter()
        .zip(["(a: 1 of 3)", "(a: 2 of 3)", "(b: 3 of 3)"])
    {
        assert!(content.contains(stamp), "{content}");
        // The page's own content comes first, and cannot disturb the stamp.
        let own = content.find("Tj").expect("its own text");
        assert!(own < content.find(stamp).expect("a stamp"));
        assert!(content.starts_with('q'), "{content}");
    }
}

#[test]
fn stamps_are_upright_at_the_edge_that_readers_show() {
    for (turn, matrix) in [
        (0, "1 0 0 1 0 0 cm"),
        (90, "0 1 -1 0 200 0 cm"),
        (180, "-1 0 0 -1 200 100 cm"),
        (-90, "0 -1 1 0 0 100 cm"),
    ] {
        let options = BindOptions {
            stamp: Some(Stamp {
                text: "top".to_owned(),
                place: StampPlace::TopLeft,
                size: 10.0,
                margin: 20.0,
            }),
            ..BindOptions::default()
        };
        let (bytes, _) = volume(options, &[("a", part("x", 1, turn))]);
        let content = contents(&load(&bytes)).remove(0);
        let height = if turn % 180 == 0 { 100 } else { 200 };
        let place = format!("20.00 {}.00 Td", height - 30);
        assert!(
            content.contains(matrix) && content.contains(&place),
            "{turn}: {content}"
        );
    }
}

/// The page that each link of a page leads to.
fn links(document: &Document, number: u32) -> Vec<u32> {
    let pages = document.get_pages();
    let page = document.get_dictionary(pages[&number]).expect("a page");
    let annotations = page
        .get(b"Annots")
        .and_then(Object::as_array)
        .expect("links");
    annotations
        .iter()
        .map(|link| {
            let (_, link) = document.dereference(link).expect("a link");
            let place = link.as_dict().and_then(|link| link.get(b"Dest"));
            let place = place.and_then(Object::as_array).expect("a place");
            let target: ObjectId = place[0].as_reference().expect("a page");
            *pages
                .iter()
                .find(|(_, page)| **page == target)
                .expect("a page")
                .0
        })
        .collect()
}

#[test]
fn contents_lead_to_documents_behind_cover_separators_and_blank_pages() {
    let options = BindOptions {
        contents: Some("What is inside".to_owned()),
        separators: true,
        right_hand: true,
        ..BindOptions::default()
    };
    let mut binder = Binder::new(Vec::new(), options).expect("memory takes all");
    binder
        .add_cover(input("cover", &part("cover", 1, 0)))
        .expect("a cover");
    binder.add(input("one", &part("x", 1, 0))).expect("a part");
    binder.add(input("two", &part("y", 2, 0))).expect("a part");
    binder
        .add_placeholder("three", "could not be made")
        .expect("a placeholder");
    let (bytes, summary) = binder.finish_into().expect("memory takes all");
    let document = load(&bytes);
    let contents = contents(&document);
    let shown: Vec<&str> = contents
        .iter()
        .map(|content| {
            [
                "cover 0",
                "What is inside",
                "x 0",
                "y 0",
                "y 1",
                "could not",
                "(one)",
                "(two)",
                "(three)",
            ]
            .into_iter()
            .find(|text| content.contains(text))
            .unwrap_or("")
        })
        .collect();
    let expected = [
        "cover 0",
        "What is inside",
        "(one)",
        "",
        "x 0",
        "",
        "(two)",
        "",
        "y 0",
        "y 1",
        "(three)",
        "",
        "could not",
    ];
    assert_eq!(shown, expected);
    assert_eq!(summary.pages, expected.len());
    assert_eq!(links(&document, 2), [5, 9, 13]);
    assert!(
        contents[1].contains("(5)") && contents[1].contains("(13)"),
        "{}",
        contents[1]
    );
}

#[test]
fn labels_count_the_pages_in_front() {
    let labelled = String::from_utf8(part("x", 2, 0)).expect("text").replace(
        "/Type/Catalog",
        "/Type/Catalog/PageLabels<</Nums[0<</S/r>>]>>",
    );
    let options = BindOptions {
        contents: Some("Contents".to_owned()),
        ..BindOptions::default()
    };
    let parts = [("a", labelled.into_bytes()), ("b", part("y", 1, 0))];
    let (bytes, _) = volume(options, &parts);
    let document = load(&bytes);
    let labels = document
        .catalog()
        .and_then(|catalog| catalog.get(b"PageLabels"));
    let (_, labels) = document
        .dereference(labels.expect("labels"))
        .expect("an object");
    let ranges = labels.as_dict().and_then(|labels| labels.get(b"Nums"));
    let ranges: Vec<i64> = ranges
        .and_then(Object::as_array)
        .expect("ranges")
        .iter()
        .filter_map(|item| item.as_i64().ok())
        .collect();
    assert_eq!(ranges, [0, 1, 3]);
}

#[test]
fn protected_volumes_open_with_their_passwords() {
    let protected = |user: &str| {
        let options = BindOptions {
            protection: Some(Protection {
                user_password: user.to_owned(),
                owner_password: "owner".to_owned(),
                permissions: Permissions {
                    print: false,
                    ..Permissions::default()
                },
                seed: b"batch 7".to_vec(),
            }),
            ..BindOptions::default()
        };
        volume(options, &[("a", part("secret words", 1, 0))]).0
    };
    let locked = protected("user");
    assert_eq!(
        locked,
        protected("user"),
        "the same merge gives the same bytes"
    );
    assert!(!locked.windows(6).any(|window| window == b"secret"));
    let mut binder = Binder::new(Vec::new(), BindOptions::default()).expect("memory takes all");
    let refusal = binder.add(input("locked", &locked));
    assert!(matches!(refusal, Err(BindError::Encrypted { .. })));
    for password in ["user", "owner"] {
        let options = lopdf::LoadOptions::with_password(password);
        let document = Document::load_mem_with_options(&locked, options).expect("opens");
        assert!(contents(&document)[0].contains("secret words"));
    }
    // With an empty password everyone can read it, this crate too.
    let open = protected("");
    assert_eq!(
        count_pages(input("open", &open), &Default::default()).expect("pages"),
        1
    );
    let (copy, _) = volume(BindOptions::default(), &[("open", open)]);
    assert!(contents(&load(&copy))[0].contains("secret words"));
}

#[test]
fn elements_of_covers_have_identifiers_of_their_own() {
    let tagged = "%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R/MarkInfo<</Marked true>>/StructTreeRoot 4 0 R>>endobj
2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 9 9]>>endobj
3 0 obj<</Type/Page/Parent 2 0 R>>endobj
4 0 obj<</Type/StructTreeRoot/K 5 0 R/IDTree<</Names[(a) 5 0 R]>>>>endobj
5 0 obj<</Type/StructElem/S/P/P 4 0 R/ID(a)>>endobj
trailer<</Root 1 0 R>>
";
    let mut binder = Binder::new(Vec::new(), BindOptions::default()).expect("memory takes all");
    for name in ["one", "two"] {
        binder
            .add(input(name, tagged.as_bytes()))
            .expect("a good part");
    }
    binder
        .add_cover(input("cover", tagged.as_bytes()))
        .expect("a good cover");
    let (bytes, _) = binder.finish_into().expect("memory takes all");
    let document = Document::load_mem(&bytes).expect("readable");
    let ids: std::collections::BTreeSet<Vec<u8>> = document
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok()?.get(b"ID").ok()?.as_str().ok())
        .map(<[u8]>::to_vec)
        .collect();
    assert_eq!(ids.len(), 3);
}
