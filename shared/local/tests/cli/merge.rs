use crate::program::{Workplace, outline, pages};

fn with_two_inputs() -> Workplace {
    let place = Workplace::new();
    place.write("first.md", "# First\n\ntext");
    place.write(
        "second.html",
        "<h1>Second</h1><p style='break-before: page'>more</p>",
    );
    place.run(&["render", "first.md"]).with_code(0);
    place.run(&["render", "second.html"]).with_code(0);
    place
}

#[test]
fn inputs_are_stitched_in_order_with_an_outline_entry_each() {
    let place = with_two_inputs();
    place
        .run(&[
            "merge",
            "-o",
            "all.pdf",
            "second.pdf",
            "first.pdf",
            "second.pdf",
        ])
        .with_code(0);
    let volume = place.read("all.pdf");
    assert_eq!(pages(&volume), 5);
    let top: Vec<String> = outline(&volume)
        .into_iter()
        .filter(|(level, _)| *level == 1)
        .map(|(_, it)| it)
        .collect();
    assert_eq!(top, ["second", "first", "second"]);
    let again = place.run(&["merge", "-o", "-", "second.pdf", "first.pdf", "second.pdf"]);
    assert_eq!(again.with_code(0).stdout, volume);
}

#[test]
fn a_bad_input_is_named_and_nothing_is_left() {
    let place = with_two_inputs();
    place.write("bad.pdf", "this is not a PDF");
    place.write("empty.pdf", "");
    for bad in ["bad.pdf", "empty.pdf", "none.pdf"] {
        let ended = place
            .run(&["merge", "-o", "all.pdf", "first.pdf", bad])
            .with_code(1);
        assert!(ended.stderr.contains(bad), "{}", ended.stderr);
        assert!(!place.path("all.pdf").exists());
    }
    let parts: Vec<_> = place
        .files("")
        .into_keys()
        .filter(|name| name.ends_with(".part"))
        .collect();
    assert!(parts.is_empty(), "{parts:?}");
}

#[test]
fn volumes_get_contents_stamps_and_right_hand_starts() {
    let place = with_two_inputs();
    place
        .run(&[
            "merge",
            "-o",
            "all.pdf",
            "--contents",
            "--right-hand",
            "--stamp",
            "Page {page} of {pages}",
            "second.pdf",
            "first.pdf",
        ])
        .with_code(0);
    // Contents and a blank page, two pages, one.
    let volume = place.read("all.pdf");
    assert_eq!(pages(&volume), 5);
    let document = lopdf::Document::load_mem(&volume).expect("readable");
    let last = document.get_pages()[&5];
    let content = String::from_utf8_lossy(&document.get_page_content(last)).into_owned();
    assert!(content.contains("(Page 5 of 5)"), "{content}");
}

#[test]
fn forms_stay_are_joined_or_become_content() {
    let place = Workplace::new();
    // Without a table: it is looked for what there is.
    place.write(
        "form.pdf",
        "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>endobj\n\
         2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 99 99]>>endobj\n\
         3 0 obj<</Type/Page/Parent 2 0 R/Annots[4 0 R]>>endobj\n\
         4 0 obj<</Type/Annot/Subtype/Widget/Rect[9 9 90 20]/FT/Tx/T(name)/V(Ada)/DA(/Helv 9 Tf)>>endobj\n\
         trailer<</Root 1 0 R>>\n",
    );
    for (forms, fields, annotations) in [
        (&[][..], 2, 1),
        (&["--forms", "join", "--recompress"], 1, 1),
        (&["--forms", "flatten"], 0, 0),
    ] {
        let inputs = ["form.pdf", "form.pdf"];
        place
            .run(&[&["merge", "-o", "all.pdf"], forms, &inputs].concat())
            .with_code(0);
        let volume = lopdf::Document::load_mem(&place.read("all.pdf")).expect("readable");
        let catalog = volume.catalog().expect("a catalog");
        let form = volume.get_dict_in_dict(catalog, b"AcroForm");
        let found = form.map_or(0, |form| {
            let fields = form.get(b"Fields").and_then(lopdf::Object::as_array);
            fields.expect("fields").len()
        });
        assert_eq!(found, fields, "{forms:?}");
        for (_, page) in volume.get_pages() {
            let found = volume.get_page_annotations(page).expect("a page").len();
            assert_eq!(found, annotations, "{forms:?}");
            let content = volume.get_page_content(page);
            let content = String::from_utf8_lossy(&content);
            assert_eq!(content.contains(" Do Q"), fields == 0, "{content}");
        }
    }
}

#[test]
fn inputs_go_to_several_volumes_of_so_many_pages() {
    let place = with_two_inputs();
    let merge = |output: &str| {
        let inputs = ["second.pdf", "first.pdf", "second.pdf"];
        let split = ["merge", "-o", output, "--split-pages", "3"];
        place.run(&[split.as_slice(), &inputs].concat())
    };
    merge("all.pdf").with_code(0);
    assert_eq!(pages(&place.read("all-1.pdf")), 3);
    assert_eq!(pages(&place.read("all-2.pdf")), 2);
    assert!(!place.path("all.pdf").exists());
    merge("-").with_code(1);
}

#[test]
fn protected_volumes_need_their_password() {
    let place = with_two_inputs();
    place.write("passwords", "secret\n");
    let merge = [
        "merge",
        "-o",
        "all.pdf",
        "--passwords",
        "passwords",
        "first.pdf",
    ];
    place.run(&merge).with_code(0);
    let refused = place
        .run(&["merge", "-o", "again.pdf", "all.pdf"])
        .with_code(1);
    assert!(refused.stderr.contains("password"), "{}", refused.stderr);
    place.write("passwords", "\n");
    place.run(&merge).with_code(1);
}
