//! `@font-face` and the font properties, by fonts whose letters are boxes.

use crate::read::{Picture, draw, print};

/// Draws "a" at 100 px in a font of `descriptors` and text of `style`.
fn draw_letter(descriptors: &str, style: &str) -> Option<Picture> {
    draw(&format!(
        "<style>@page{{size:400px 200px;margin:0}} body{{margin:0}} \
         @font-face{{font-family:B;{descriptors}}}</style>\
         <div style='font:100px/200px B;font-optical-sizing:none;{style}'>a</div>"
    ))
}

/// The columns of the page that have ink at `y`: the first, and how many.
fn ink(picture: &Picture, y: usize) -> (usize, usize) {
    let dark = |x: &usize| picture.at(*x, y)[0] < 128;
    let first = (0..400).find(dark).unwrap_or(0);
    (first, (0..400).filter(dark).count())
}

/// Asserts how wide the letter is drawn.
#[track_caller]
fn assert_width(descriptors: &str, style: &str, expected: usize) {
    let Some(picture) = draw_letter(descriptors, style) else {
        return;
    };
    let (_, width) = ink(&picture, 110);
    assert!(
        width.abs_diff(expected) <= 1,
        "{descriptors} {style}: {width}, not {expected}"
    );
}

#[test]
fn packed_fonts_are_unpacked() {
    for file in ["boxes.ttf", "boxes.woff", "boxes.woff2"] {
        assert_width(&format!("src:url({file})"), "", 50);
        assert_width(&format!("src:url({file})"), "font-weight:900", 100);
    }
}

#[test]
fn axes_follow_the_text() {
    let font = "src:url(boxes.ttf)";
    assert_width(font, "font-weight:100", 30);
    assert_width(font, "font-weight:650", 75);
    assert_width(font, "font-variation-settings:\"wght\" 650", 75);
    assert_width(
        font,
        "font-weight:900;font-variation-settings:\"wght\" 100",
        30,
    );
    assert_width(font, "font-size:144px;font-optical-sizing:auto", 58);
    // Beyond what the rule allows the weight is made up, by a line around of a twelfth of the size.
    let narrow = "src:url(boxes.ttf);font-weight:100 400";
    assert_width(narrow, "font-weight:400", 50);
    assert_width(narrow, "font-weight:900;font-synthesis:none", 50);
    assert_width(
        "src:url(boxes.ttf);font-variation-settings:\"wght\" 900",
        "",
        100,
    );
}

/// Asserts whether the letter leans.
#[track_caller]
fn assert_leaning(descriptors: &str, style: &str, expected: bool) {
    let Some(picture) = draw_letter(descriptors, style) else {
        return;
    };
    let leaning = ink(&picture, 60).0 > ink(&picture, 120).0 + 5;
    assert_eq!(leaning, expected, "{descriptors} {style}");
}

#[test]
fn axes_slant_where_the_rule_leaves_it_to_the_font() {
    assert_leaning("src:url(boxes.ttf)", "font-style:italic", true);
    assert_leaning("src:url(boxes.ttf)", "font-style:normal", false);
    assert_leaning(
        "src:url(boxes.ttf);font-style:normal",
        "font-style:italic;font-synthesis:none",
        false,
    );
}

#[test]
fn slants_are_made_up_where_they_may_be() {
    // The rule keeps the font's own axis from slanting.
    for (synthesis, italic, oblique) in [
        ("auto", true, true),
        ("oblique-only", false, true),
        ("none", false, false),
    ] {
        let upright = "src:url(boxes.ttf);font-style:normal";
        let style = format!("font-synthesis-style:{synthesis};font-style:");
        assert_leaning(upright, &format!("{style}italic"), italic);
        assert_leaning(upright, &format!("{style}oblique"), oblique);
    }
}

#[test]
fn sizes_are_adjusted() {
    let font = "src:url(boxes.ttf)";
    assert_width("src:url(boxes.ttf);size-adjust:200%", "", 100);
    // Its lower-case x is half an em high.
    assert_width(font, "font-size-adjust:1", 100);
    assert_width(font, "font-size-adjust:cap-height .35", 25);
    assert_width(font, "font-size-adjust:from-font", 50);
    assert_width(
        "src:url(boxes.ttf);size-adjust:50%",
        "font-size-adjust:1",
        100,
    );
    // Ascent and descent make the line, and place the baseline.
    let line = "src:url(boxes.ttf);ascent-override:50%;descent-override:0%";
    let Some(picture) = draw_letter(line, "line-height:normal") else {
        return;
    };
    assert_eq!((ink(&picture, 48).1, ink(&picture, 53).1), (50, 0));
}

#[test]
fn local_fonts_are_those_of_every_document() {
    let Some(local) = draw_letter("src:local('Liberation Sans Bold')", "") else {
        return;
    };
    let same =
        draw_letter("src:local(nowhere)", "font-family:Arial;font-weight:bold").expect("poppler");
    let other = draw_letter("src:local(nowhere)", "font-family:Arial").expect("poppler");
    assert_eq!(ink(&local, 110), ink(&same, 110));
    assert_ne!(ink(&local, 110), ink(&other, 110));
    // What stands in for a family is not that font, which the next source may have.
    let boxes = draw_letter("src:url(boxes.ttf)", "");
    let stand_in = "src:local('Lato Regular'),local('Arial'),url(boxes.ttf)";
    let after = draw_letter(stand_in, "").expect("poppler");
    assert_eq!(ink(&after, 110), ink(&boxes.expect("poppler"), 110));
}

#[test]
fn a_font_whose_outlines_leave_their_range_takes_no_document_down() {
    let Some(document) = print(
        "<style>@font-face{font-family:B;src:url(out-of-range.ttf)} p{font:20px B}</style>\
         <p>a<p style='font-weight:900'>a",
    ) else {
        return;
    };
    assert_eq!(document.pages_of("a"), [1, 1]);
}
