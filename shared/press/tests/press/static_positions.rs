//! Absolutely positioned boxes without insets: where they would be in the flow, or alone in their container.

use crate::read::{draw, print};

/// Asserts that an absolute box of 20 by 10 px in a container of 100 by 60 px, at 10 px from the page's corner, has its
/// own corner at this place in it.
#[track_caller]
fn assert_at(container: &str, own: &str, (x, y): (usize, usize)) {
    let Some(picture) = draw(&format!(
        "<style>@page{{size:140px 100px;margin:10px}}body{{margin:0}}div{{position:relative;width:100px;height:60px}}\
         b{{position:absolute;background:red;width:20px;height:10px}}</style>\
         <div style='{container}'><b style='{own}'></b></div>"
    )) else {
        return;
    };
    let (left, top) = (x + 10, y + 10);
    let what = format!("{own} in {container}");
    for (x, y) in [(left + 1, top + 1), (left + 18, top + 8)] {
        assert_eq!(picture.at(x, y), [255, 0, 0], "{what}");
    }
    for (x, y) in [
        (left - 2, top + 5),
        (left + 22, top + 5),
        (left + 10, top - 2),
        (left + 10, top + 12),
    ] {
        assert_eq!(picture.at(x, y), [255; 3], "{what}");
    }
}

#[test]
fn flex_containers_align_them_as_their_only_item() {
    let flex = |style: &str| format!("display:flex;{style}");
    assert_at(
        &flex("justify-content:center;align-items:center"),
        "",
        (40, 25),
    );
    assert_at(
        &flex("justify-content:flex-end"),
        "align-self:flex-end",
        (80, 50),
    );
    assert_at(&flex("justify-content:space-between"), "", (0, 0));
    assert_at(&flex("justify-content:space-around"), "", (40, 0));
    assert_at(&flex("flex-direction:row-reverse"), "", (80, 0));
    assert_at(&flex("flex-direction:column-reverse"), "", (0, 50));
    assert_at(
        &flex("flex-direction:column;justify-content:center;align-items:flex-end"),
        "",
        (80, 25),
    );
    assert_at(&flex("flex-wrap:wrap-reverse"), "", (0, 50));
    assert_at(&flex("direction:rtl"), "", (80, 0));
    assert_at(&flex("direction:rtl;justify-content:flex-end"), "", (0, 0));
    // Margins are part of what is aligned, and an inset comes before alignment on its axis.
    assert_at(&flex("justify-content:center"), "margin-left:20px", (50, 0));
    assert_at(
        &flex("justify-content:center;align-items:center"),
        "left:5px",
        (5, 25),
    );
    // The content box is what they are aligned in.
    assert_at(
        &flex(
            "box-sizing:border-box;padding:20px 0 0 40px;justify-content:center;align-items:center",
        ),
        "",
        (60, 35),
    );
}

#[test]
fn grid_containers_align_them_in_their_content_box_or_area() {
    let grid = |style: &str| format!("display:grid;{style}");
    assert_at(&grid("place-items:center"), "", (40, 25));
    assert_at(&grid("place-items:center"), "place-self:end", (80, 50));
    assert_at(&grid("direction:rtl"), "justify-self:end", (0, 0));
    assert_at(
        &grid("grid-template-columns:50px 50px"),
        "grid-column:2;justify-self:center;align-self:end",
        (65, 50),
    );
}

#[test]
fn what_is_aligned_in_a_container_higher_than_its_page_is_on_a_page() {
    let Some(document) = print(
        "<style>@page{size:200px 100px;margin:10px}b{position:absolute}</style>\
         <div style='display:flex;align-items:flex-end;height:3000px'><b>seen</b></div>",
    ) else {
        return;
    };
    assert_eq!(document.pages_of("seen"), [1]);
}

#[test]
fn a_box_is_as_wide_as_its_text_right_to_left_too() {
    let Some(picture) = draw(
        "<style>@page{size:140px 100px;margin:10px}body{margin:0;direction:rtl}\
         b{position:absolute;background:red;height:10px;font-size:0}i{display:inline-block;width:30px}</style>\
         <div><b><i></i> <i></i></b></div>",
    ) else {
        return;
    };
    assert_eq!(picture.at(75, 15), [255, 0, 0]);
    assert_eq!(picture.at(128, 15), [255, 0, 0]);
    assert_eq!(picture.at(67, 15), [255; 3]);
}

#[test]
fn what_is_too_high_for_its_insets_is_centred_all_the_same() {
    // CSS 2.2 §10.6.4: both margins are equal; across, the start edge is kept (§10.3.7).
    assert_at("", "inset:40px 0 40px 90px;margin:auto", (90, 25));
    assert_at("", "inset:0 90px;margin:auto", (90, 25));
}
