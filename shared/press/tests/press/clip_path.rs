//! `clip-path`.

use crate::read::{Fixtures, PRESS, Picture, draw, draw_page};
use fanfold_press::Options;

const RED: [u8; 3] = [255, 0, 0];
const WHITE: [u8; 3] = [255; 3];

/// A red box of 100 by 60 px, at 10 px from the page's top left corner, with padding in it and a border of 10 px.
fn boxed(style: &str) -> String {
    format!(
        "<style>@page{{size:200px 100px;margin:0}} body{{margin:0}} div{{position:relative;\
         box-sizing:border-box;margin:10px;width:100px;height:60px;background:red;padding:5px;\
         border:10px solid red}}</style><div style='{style}'></div>"
    )
}

/// Asserts where the box is seen, by places from its corner.
#[track_caller]
fn assert_seen(style: &str, seen: &[(usize, usize)], hidden: &[(usize, usize)]) {
    let Some(picture) = draw(&boxed(style)) else {
        return;
    };
    assert_colors(&picture, style, seen, RED);
    assert_colors(&picture, style, hidden, WHITE);
}

#[track_caller]
fn assert_colors(picture: &Picture, style: &str, places: &[(usize, usize)], color: [u8; 3]) {
    for &(x, y) in places {
        assert_eq!(picture.at(x + 10, y + 10), color, "{style} at {x}, {y}");
    }
}

#[test]
fn insets_are_from_the_sides_of_the_reference_box() {
    let style = "clip-path:inset(10px 20px 30px 5px)";
    assert_seen(
        style,
        &[(6, 11), (78, 28)],
        &[(3, 20), (81, 20), (40, 8), (40, 31)],
    );
    assert_seen("clip-path:inset(10%)", &[(11, 7)], &[(8, 30), (50, 4)]);
    assert_seen(
        "clip-path:inset(0) padding-box",
        &[(11, 11)],
        &[(8, 30), (50, 8)],
    );
    assert_seen(
        "clip-path:content-box inset(0)",
        &[(16, 16)],
        &[(13, 30), (50, 13)],
    );
    // Corners, and those of the box where it has no shape of its own.
    assert_seen(
        "clip-path:inset(0 round 20px)",
        &[(0, 30), (50, 0)],
        &[(2, 2), (97, 57)],
    );
    assert_seen(
        "clip-path:inset(0 round 50% 0 / 10px)",
        &[(97, 2), (4, 9)],
        &[(2, 1), (97, 58)],
    );
    let cornered = "border-radius:20px;clip-path:border-box;outline:5px solid blue";
    assert_seen(cornered, &[(9, 30), (50, 30)], &[(2, 2), (98, 58)]);
    // Sides that pass each other leave nothing.
    assert_seen(
        "clip-path:inset(40px 0 40px)",
        &[],
        &[(50, 30), (50, 20), (50, 40)],
    );
}

#[test]
fn circles_and_ellipses_reach_as_far_as_they_say() {
    assert_seen(
        "clip-path:circle()",
        &[(50, 1), (22, 30), (78, 30)],
        &[(18, 30), (82, 30)],
    );
    assert_seen(
        "clip-path:circle(farthest-side at 0 0)",
        &[(97, 3), (1, 58)],
        &[(97, 50)],
    );
    // A tenth of the diagonal over the square root of two.
    assert_seen("clip-path:circle(10%)", &[(57, 30)], &[(60, 30), (50, 39)]);
    assert_seen(
        "clip-path:ellipse(20px 50% at right 30px bottom 50%)",
        &[(52, 30), (88, 30), (70, 2)],
        &[(48, 30), (92, 30), (55, 5)],
    );
}

#[test]
fn polygons_and_paths_have_fill_rules() {
    assert_seen(
        "clip-path:polygon(0 0,100% 0,0 100%)",
        &[(20, 20)],
        &[(80, 40)],
    );
    let twice = "0 0,100% 0,100% 100%,0 100%,0 0,30px 20px,70px 20px,70px 40px,30px 40px,30px 20px";
    let middle = [(50, 30)];
    assert_seen(&format!("clip-path:polygon({twice})"), &middle, &[]);
    assert_seen(
        &format!("clip-path:polygon(evenodd,{twice})"),
        &[(10, 30)],
        &middle,
    );
    let path = "M0 0h100v60h-100zM50 15a15 15 0 0 1 0 30a15 15 0 0 1 0-30";
    let style = |rule: &str| format!("clip-path:path({rule}\"{path}\")");
    assert_seen(&style(""), &middle, &[]);
    assert_seen(&style("evenodd,"), &[(10, 30), (50, 12)], &middle);
}

#[test]
fn what_is_inside_is_clipped_too() {
    let html = boxed("clip-path:inset(0 50px -30px 0)").replace(
        "</div>",
        "<p style='position:absolute;left:20px;top:60px;margin:0;width:50px;height:9px;\
         background:red'></div>",
    );
    let Some(picture) = draw(&html) else { return };
    assert_colors(&picture, "inside", &[(40, 73), (48, 73)], RED);
    assert_colors(&picture, "outside", &[(52, 73), (70, 73)], WHITE);
    // It is a stacking context: what is below in it does not go below what is around.
    let html = boxed("clip-path:inset(0)").replace(
        "</div>",
        "<p style='position:absolute;z-index:-1;inset:0;background:blue;margin:0'></div>",
    );
    let html = html
        .replace("position:relative;", "")
        .replace("background:red;", "");
    let html = html.replace("<div", "<section style='background:#0f0'><div");
    let Some(picture) = draw(&html) else { return };
    assert_ne!(picture.at(60, 40), [0, 255, 0], "it is above the section");
}

#[test]
fn fragments_are_not_inset_where_pages_cut_them() {
    // Three lines of 40 px, of which one is on the first page.
    let style =
        "height:auto;color:red;font:20px/40px serif;orphans:1;widows:1;clip-path:inset(20px)";
    let html = boxed(style).replace("</div>", "a<br>b<br>c</div>");
    for (page, seen, hidden) in [(1, (50, 64), (50, 25)), (2, (50, 1), (50, 80))] {
        let Some(picture) = draw_page(&html, page) else {
            return;
        };
        assert_eq!(picture.at(seen.0, seen.1), RED, "page {page}");
        assert_eq!(picture.at(hidden.0, hidden.1), WHITE, "page {page}");
    }
}

#[test]
fn shapes_that_are_none_are_told() {
    for value in [
        "circle(-1px)",
        "inset(1px / 2px)",
        "polygon(0 0 1px 1px)",
        "path(\"M0 0 no\")",
        "inset(0) circle()",
        "url(#a)",
        "margin-box",
        "xywh(0 0 1px 1px)",
    ] {
        let style = format!("clip-path:{}", value.replace('"', "&quot;"));
        let html = boxed(&style).replace(['\''], "\"");
        let printed = PRESS.print(&html, &Fixtures, &Options::default());
        let printed = printed.expect("the document prints");
        let said = printed.diagnostics.iter();
        let said = said.filter(|said| said.message.contains("clip-path"));
        assert_eq!(said.count(), 1, "{value}: {:?}", printed.diagnostics);
    }
}
