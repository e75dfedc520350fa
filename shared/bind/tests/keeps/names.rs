//! Destinations by name, of the name tree and the old dictionary, and names of fields in actions.

use super::{PAGES, array, catalog, dictionary, fields_of, get, merged, page, pdf, resolve, text};
use lopdf::{Dictionary, Document, Object};
use std::collections::BTreeMap;

/// The volume's names with the page that each leads to and the height on it.
fn names(document: &Document) -> BTreeMap<String, (u32, i64)> {
    let names = dictionary(document, get(document, catalog(document), "Names"));
    let root = dictionary(document, get(document, names, "Dests"));
    let pages = document.get_pages();
    array(document, root, "Kids")
        .iter()
        .flat_map(|leaf| array(document, dictionary(document, leaf), "Names").chunks(2))
        .map(|pair| {
            let place = resolve(document, &pair[1]).as_array().expect("an array");
            let id = place[0].as_reference().expect("a page");
            let number = pages.iter().find(|(_, page)| **page == id).expect("a page");
            (
                text(&pair[0]),
                (*number.0, place[3].as_i64().expect("a number")),
            )
        })
        .collect()
}

/// What the links of a page name.
fn links(document: &Document, number: u32) -> Vec<Object> {
    array(document, page(document, number), "Annots")
        .iter()
        .map(|one| {
            let link = dictionary(document, one);
            match get(document, link, "A") {
                Object::Dictionary(action) => get(document, action, "D").clone(),
                _ => get(document, link, "Dest").clone(),
            }
        })
        .collect()
}

/// Where the links of a page lead; nothing where there is no such name.
fn targets(document: &Document, number: u32) -> Vec<Option<(u32, i64)>> {
    let names = names(document);
    links(document, number)
        .iter()
        .map(|name| names.get(&text(name)).copied())
        .collect()
}

/// A page whose name `a` means something else in the tree than in the old dictionary.
fn both_kinds() -> Vec<u8> {
    pdf(&[
        "<</Type/Catalog/Pages 2 0 R/Dests<</a[3 0 R/XYZ 0 1 0]/old<</D[3 0 R/XYZ 0 2 0]>>>>/Names<</Dests<</Names[(a)[3 0 R/XYZ 0 3 0](new)[3 0 R/XYZ 0 4 0]]>>>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[<</Subtype/Link/Rect[0 0 9 9]/Dest/a>><</Subtype/Link/Rect[0 0 9 9]/Dest(a)>><</Subtype/Link/Rect[0 0 9 9]/Dest 4 0 R>><</Subtype/Link/Rect[0 0 9 9]/A<</S/GoTo/D/new>>>>]>>",
        "(old)",
    ])
}

#[test]
fn names_of_both_kinds_lead_where_they_led() {
    let part = both_kinds();
    let (document, _) = merged(&[&part, &part, &part]);
    for number in 1..=3 {
        let expected = [1, 3, 2, 4].map(|height| Some((number, height)));
        assert_eq!(targets(&document, number), expected);
    }
    assert_eq!(names(&document)["a"], (1, 3));
    assert_eq!(names(&document).len(), 12);
}

/// Links by this name; and the name itself when asked for.
fn naming(name: &str, defined: bool) -> Vec<u8> {
    let names = if defined {
        format!("/Names<</Dests<</Names[({name})[3 0 R/XYZ 0 1 0]]>>>>")
    } else {
        String::new()
    };
    pdf(&[
        &format!("<</Type/Catalog/Pages 2 0 R{names}>>"),
        PAGES,
        &format!(
            "<</Type/Page/Parent 2 0 R/Annots[<</Subtype/Link/Rect[0 0 9 9]/Dest({name})>>]>>"
        ),
    ])
}

#[test]
fn a_name_that_an_input_lacks_does_not_lead_into_another_input() {
    let (has, lacks) = (naming("x", true), naming("x", false));
    for parts in [[&has, &lacks], [&lacks, &has]] {
        let (document, _) = merged(&parts.map(Vec::as_slice));
        let page = if parts[0] == &has { 1 } else { 2 };
        assert_eq!(names(&document)["x"], (page, 1), "the name stays");
        assert_eq!(targets(&document, page), [Some((page, 1))]);
        assert_eq!(targets(&document, 3 - page), [None]);
    }
    // Where no other input has it, it stays as it was.
    let (document, _) = merged(&[&lacks, &naming("y", true)]);
    assert_eq!(links(&document, 1), [Object::string_literal("x")]);
}

#[test]
fn actions_name_fields_as_the_volume_does() {
    let part = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R]>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[4 0 R 5 0 R]>>",
        "<</Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(a)>>",
        "<</Subtype/Widget/Rect[0 0 9 9]/FT/Btn/T(b)/A<</S/ResetForm/Fields[(a.c) 4 0 R(z)]>>/AA<</U<</S/Hide/T(b)>>>>>>",
    ]);
    let (document, _) = merged(&[&part, &part]);
    let action = |number| -> Vec<&Dictionary> {
        let widget = &array(&document, page(&document, number), "Annots")[1];
        let widget = dictionary(&document, widget);
        let more = dictionary(&document, get(&document, widget, "AA"));
        vec![
            dictionary(&document, get(&document, widget, "A")),
            dictionary(&document, get(&document, more, "U")),
        ]
    };
    for (number, suffix) in [(1, ""), (2, "~2")] {
        let [reset, hide] = action(number)[..] else {
            panic!("two actions")
        };
        let fields = array(&document, reset, "Fields");
        assert_eq!(text(&fields[0]), format!("a{suffix}.c"));
        assert_eq!(
            fields[1],
            array(&document, page(&document, number), "Annots")[0]
        );
        assert_eq!(text(&fields[2]), "z");
        assert_eq!(text(get(&document, hide, "T")), format!("b{suffix}"));
        assert_eq!(fields_of(&document, number)[0].0, format!("/a{suffix}"));
    }
}
