//! How large replaced elements are, and what is around them, by where their colour is on the page.

use crate::read::{draw, print};

const RED: [u8; 3] = [255, 0, 0];

/// An image of 40 by 20 px, red all over.
const WIDE: &str = "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20' viewBox='0 0 40 20' preserveAspectRatio='none'><rect width='40' height='20' fill='red'/></svg>\"";

/// Left, top, right and bottom of what is red on a page of 100 px.
fn red(body: &str) -> Option<[usize; 4]> {
    let html = format!(
        "<style>@page{{size:100px;margin:0}}body,p{{margin:0}}body{{font:10px/12px sans-serif}}\
         table{{border-spacing:0}}td{{padding:0}}img{{vertical-align:top}}</style>{body}"
    );
    let picture = draw(&html)?;
    let points = (0..100).flat_map(|x| (0..100).map(move |y| (x, y)));
    let red: Vec<(usize, usize)> = points.filter(|(x, y)| picture.at(*x, *y) == RED).collect();
    assert!(!red.is_empty(), "nothing is red: {body}");
    let across = || red.iter().map(|(x, _)| *x);
    let down = || red.iter().map(|(_, y)| *y);
    Some([
        across().min()?,
        down().min()?,
        across().max()? + 1,
        down().max()? + 1,
    ])
}

/// Each body with `IMG` in the place of an image, without its `>`, and where the image is.
fn are_at(cases: &[(&str, [usize; 4])]) {
    for (body, expected) in cases {
        let body = body.replace("IMG", WIDE);
        let Some(found) = red(&body) else { return };
        let near = found
            .iter()
            .zip(expected)
            .all(|(one, other)| one.abs_diff(*other) <= 1);
        assert!(near, "{body} is at {found:?}, not at {expected:?}");
    }
}

#[test]
fn an_image_bound_to_its_container_makes_it_no_wider() {
    // CSS Sizing 3 §5.2.2.
    let bound = "style='max-width:100%;height:auto'>";
    for (around, expected) in [
        ("<table style='width:30px'><td>IMG", [0, 0, 30, 15]),
        (
            "<table style='width:100px'><col style='width:20%'><col><td>IMG<td></table>",
            [0, 0, 20, 10],
        ),
        (
            "<div style='width:20px'><span style='display:inline-block'>IMG</span></div>",
            [0, 0, 20, 10],
        ),
        (
            "<div style='width:20px'><div style='float:left'>IMG</div></div>",
            [0, 0, 20, 10],
        ),
        (
            "<div style='width:36px;display:flex'><div>IMG</div><div style='flex:none;width:16px'></div></div>",
            [0, 0, 20, 10],
        ),
        // Where there is room it has its own size.
        ("<table><td>IMG</table>", [0, 0, 40, 20]),
    ] {
        let body = around.replace("IMG", &format!("IMG {bound}"));
        are_at(&[(&body, expected)]);
    }
}

#[test]
fn images_are_flex_items_as_others_are() {
    are_at(&[
        // Stretched to the line (CSS Flexbox 1 §9.4), unless they have a height or another alignment.
        (
            "<div style='display:flex'>IMG><p style='height:50px'></div>",
            [0, 0, 40, 50],
        ),
        (
            "<div style='display:flex'>IMG style='height:10px;width:40px'><p style='height:50px'></div>",
            [0, 0, 40, 10],
        ),
        (
            "<div style='display:flex;align-items:center'>IMG><p style='height:50px'></div>",
            [0, 15, 40, 35],
        ),
        // A flexed width makes the height (§9.4 step 7).
        (
            "<div style='display:flex;align-items:start'>IMG style='flex:1'></div>",
            [0, 0, 100, 50],
        ),
        // Limits of the height are kept with their ratio, and those of the width count after flexing (§9.2.3, §9.7).
        (
            "<div style='display:flex'>IMG style='max-height:10px'><p style='flex:1'></div>",
            [0, 0, 20, 10],
        ),
        (
            "<div style='display:flex;width:60px;align-items:start'>IMG style='min-width:50px;flex:1 0 auto'><p style='flex:1 0 20px'></div>",
            [0, 0, 50, 25],
        ),
        // They shrink down to what they would be of themselves (§4.5).
        (
            "<div style='display:flex;width:60px;align-items:start'>IMG style='width:80px'><p style='flex:0 0 10px'></div>",
            [0, 0, 50, 25],
        ),
        (
            "<div style='display:flex;width:30px;align-items:start'>IMG style='width:80px'></div>",
            [0, 0, 40, 20],
        ),
        // A height that is known makes the width (§9.2.3.B).
        (
            "<div style='display:flex;height:40px'>IMG></div>",
            [0, 0, 80, 40],
        ),
        (
            "<div style='display:flex;height:40px'>IMG style='height:100%'></div>",
            [0, 0, 80, 40],
        ),
        // Columns stretch them across.
        (
            "<div style='display:flex;flex-direction:column;width:80px'>IMG></div>",
            [0, 0, 80, 40],
        ),
        (
            "<div style='display:flex;flex-direction:column;width:80px;align-items:center'>IMG></div>",
            [20, 0, 60, 20],
        ),
        // What is in an item is of the item's height.
        (
            "<div style='display:flex;height:40px'><div>IMG style='height:100%'></div></div>",
            [0, 0, 80, 40],
        ),
    ]);
}

#[test]
fn images_fill_grid_areas_where_they_are_told_to() {
    are_at(&[
        // `normal` keeps their size, `stretch` does not (CSS Grid 2 §6.2).
        (
            "<div style='display:grid;grid-template-columns:80px'>IMG></div>",
            [0, 0, 40, 20],
        ),
        (
            "<div style='display:grid;grid-template-columns:80px;justify-items:stretch'>IMG></div>",
            [0, 0, 80, 40],
        ),
        (
            "<div style='display:grid;grid-template:60px/30px'>IMG style='width:100%;height:100%'></div>",
            [0, 0, 30, 60],
        ),
        (
            "<div style='display:grid;grid-template-columns:30px 30px'>IMG style='width:100%;height:100%'><p style='height:50px'></div>",
            [0, 0, 30, 50],
        ),
    ]);
}

#[test]
fn proportions_alone_fill_the_line() {
    let drawing = "<svg viewBox='0 0 40 20'><rect width='40' height='20' fill='red'/></svg>";
    are_at(&[
        (
            &format!("<div style='display:flex;width:80px'>{drawing}</div>"),
            [0, 0, 80, 40],
        ),
        (
            &format!(
                "<div style='display:flex;width:80px'>{drawing}<p style='flex:none;width:20px'></div>"
            ),
            [0, 0, 60, 30],
        ),
    ]);
}

#[test]
fn percentages_of_nothing_are_nothing() {
    let html = format!("<div style='width:0'>{WIDE} style='max-width:100%'></div><p>x");
    let Some(picture) = draw(&format!(
        "<style>@page{{size:100px;margin:0}}</style>{html}"
    )) else {
        return;
    };
    assert_ne!(picture.at(20, 20), RED);
}

#[test]
fn an_image_in_a_row_that_pages_share_keeps_its_shape() {
    let text = "<p>a<br>b<br>c<br>d<br>e<br>f<br>g<br>h<br>i<br>j<br>k";
    are_at(&[(
        &format!("<div style='display:flex'>IMG><div>{text}</div></div>"),
        [0, 0, 40, 20],
    )]);
}

#[test]
fn rows_of_a_grid_are_aligned() {
    let html = "<style>@page{size:200px;margin:0}body{margin:0;font:10px/12px sans-serif}</style>\
                <div style='display:grid;height:100px;align-content:center'><i>a</i><i>b</i></div>";
    let Some(document) = print(html) else { return };
    let (a, b) = (document.only("a"), document.only("b"));
    assert_eq!(b.y - a.y, 12.0);
    // Two rows of 12 px in 100: they begin at 38, and the letters' boxes with them.
    assert!((a.y - 38.0).abs() < 1.0, "{}", a.y);
}

#[test]
fn a_frame_has_a_border_of_two_pixels() {
    // HTML standard §15.4.1.
    let body =
        format!("<iframe style='display:inline-block;width:10px;height:6px'></iframe>{WIDE}>");
    let Some(place) = red(&body) else { return };
    assert_eq!((place[0], place[2]), (14, 54));
}
