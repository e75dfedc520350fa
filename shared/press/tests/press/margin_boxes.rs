//! Page margin boxes.

use crate::read::print;

const STYLE: &str = "body{margin:0;font:16px/20px 'DejaVu Sans'}";

/// The corner of a margin box's only word.
fn at(css: &str, word: &str) -> Option<(f32, f32)> {
    let page = format!("@page{{size:400px 300px;margin:60px;{css}}}");
    let document = print(&format!("<style>{STYLE}{page}</style>"))?;
    let word = document.only(word);
    Some((word.x, word.y))
}

#[track_caller]
fn near(actual: (f32, f32), expected: (f32, f32)) {
    let close = |a: f32, b: f32| (a - b).abs() < 1.0;
    assert!(
        close(actual.0, expected.0) && close(actual.1, expected.1),
        "{actual:?} is not {expected:?}"
    );
}

const BOX: &str = "content:'x';line-height:20px;text-align:left;vertical-align:top";

#[test]
fn every_margin_box_has_its_place() {
    let corner = [
        ("top-left-corner", (0.0, 0.0)),
        ("top-left", (60.0, 0.0)),
        ("top-center", (60.0, 0.0)),
        ("top-right-corner", (340.0, 0.0)),
        ("right-top", (340.0, 60.0)),
        ("right-middle", (340.0, 60.0)),
        ("bottom-right-corner", (340.0, 240.0)),
        ("bottom-right", (60.0, 240.0)),
        ("bottom-center", (60.0, 240.0)),
        ("bottom-left-corner", (0.0, 240.0)),
        ("left-bottom", (0.0, 60.0)),
        ("left-middle", (0.0, 60.0)),
    ];
    let Some(origin) = at(&format!("@top-left-corner{{{BOX}}}"), "x") else {
        return;
    };
    for (name, (x, y)) in corner {
        let Some(place) = at(&format!("@{name}{{{BOX}}}"), "x") else {
            return;
        };
        near(place, (origin.0 + x, origin.1 + y));
    }
}

#[test]
fn sizes_and_margins_place_margin_boxes() {
    let Some(origin) = at(&format!("@top-left-corner{{{BOX}}}"), "x") else {
        return;
    };
    for (css, (x, y)) in [
        // At the side's end, in its middle.
        ("@top-right{width:50px;", (290.0, 0.0)),
        ("@top-center{width:80px;", (160.0, 0.0)),
        ("@left-middle{height:40px;", (0.0, 130.0)),
        ("@right-bottom{height:40px;", (340.0, 200.0)),
        // Across the side, auto margins centre, and the outer margin gives way.
        ("@top-left{margin:auto 0;height:20px;", (60.0, 20.0)),
        ("@top-left{height:20px;", (60.0, 40.0)),
        ("@bottom-left{height:20px;", (60.0, 240.0)),
        (
            "@top-left{margin:10px;padding:5px;border:1px solid;",
            (76.0, 16.0),
        ),
    ] {
        let Some(place) = at(&format!("{css}{BOX}}}"), "x") else {
            return;
        };
        near(place, (origin.0 + x, origin.1 + y));
    }
}

#[test]
fn margin_boxes_know_their_page() {
    let html = format!(
        "<style>{STYLE}@page{{size:200px;margin:40px;@bottom-right{{content:'p' counter(page) 'of' \
         counter(pages)}}}} p{{break-after:page}}</style><p>a</p><p>b</p><p>c</p>"
    );
    let Some(document) = print(&html) else { return };
    for page in 1..=3 {
        assert_eq!(document.only(&format!("p{page}of3")).page, page);
    }
}
