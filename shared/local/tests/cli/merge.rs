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
