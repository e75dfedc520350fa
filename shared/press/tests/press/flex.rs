//! Flex containers (CSS Flexbox 1).

use crate::read::{Document, draw, print};

const STYLE: &str = "<style>@page{size:400px;margin:0}*{margin:0}body{font:10px/10px monospace}\
                     main{display:flex}</style>";

fn printed(html: &str) -> Option<Document> {
    print(&format!("{STYLE}{html}"))
}

/// Whether a word is at a place, within what a font's ascent may shift it.
#[track_caller]
fn at(document: &Document, word: &str, x: f32, y: f32) {
    let found = document.only(word);
    assert!(
        (found.x - x).abs() < 1.0 && (found.y - y).abs() < 3.0,
        "{word} is at {x}, {y}: {found:?}"
    );
}

#[test]
fn columns_wrap_in_a_set_height() {
    let html = "<main style='flex-flow:column wrap;height:50px'>\
                <p style='height:20px'>A<p style='height:20px'>B<p style='height:20px'>C</main>";
    let Some(document) = printed(html) else {
        return;
    };
    at(&document, "A", 0.0, 0.0);
    at(&document, "B", 0.0, 20.0);
    // Both columns stretch to half of the width.
    at(&document, "C", 200.0, 0.0);
}

#[test]
fn wrap_reverse_stacks_lines_from_the_end() {
    let html = "<main style='flex-wrap:wrap-reverse;height:100px;align-content:flex-start'>\
                <p style='width:300px'>A<p style='width:300px'>B</main>";
    let Some(document) = printed(html) else {
        return;
    };
    at(&document, "A", 0.0, 90.0);
    at(&document, "B", 0.0, 80.0);
}

#[test]
fn align_content_places_lines() {
    for (value, first, second) in [
        ("flex-end", 80.0, 90.0),
        ("center", 40.0, 50.0),
        ("space-between", 0.0, 90.0),
        ("stretch", 0.0, 50.0),
    ] {
        let html = format!(
            "<main style='flex-wrap:wrap;height:100px;align-content:{value}'>\
             <p style='width:300px'>A<p style='width:300px'>B</main>"
        );
        let Some(document) = printed(&html) else {
            return;
        };
        at(&document, "A", 0.0, first);
        at(&document, "B", 0.0, second);
    }
}

#[test]
fn a_stretched_height_is_what_a_ratio_is_of() {
    let html =
        "<main style='height:60px'><div style='aspect-ratio:2/1'>C1</div><div>C2</div></main>";
    let Some(document) = printed(html) else {
        return;
    };
    at(&document, "C1", 0.0, 0.0);
    at(&document, "C2", 120.0, 0.0);
}

#[test]
fn margins_of_an_item_s_children_stay_inside() {
    let html = "<main><div><p style='margin:20px 0'>in</p></div></main><p>after</p>";
    let Some(document) = printed(html) else {
        return;
    };
    at(&document, "in", 0.0, 20.0);
    at(&document, "after", 0.0, 50.0);
}

#[test]
fn a_flexed_height_is_definite_for_what_is_inside() {
    let html = "<main style='flex-direction:column;height:100px'><p>head</p>\
                <section style='display:flex;flex:auto;flex-direction:column;\
                justify-content:space-between'><p>first</p><p>last</p></section></main>";
    let Some(document) = printed(html) else {
        return;
    };
    at(&document, "first", 0.0, 10.0);
    at(&document, "last", 0.0, 90.0);
}

#[test]
fn a_column_s_items_shrink_to_their_content() {
    let html = "<main style='flex-direction:column;height:50px'>\
                <p style='height:40px'>one</p><p style='height:40px'>two</p></main>";
    let Some(document) = printed(html) else {
        return;
    };
    at(&document, "two", 0.0, 25.0);
}

#[test]
fn containers_in_items_end() {
    let wrapped = "<div style='display:flex;flex-flow:column wrap;height:100px'>".repeat(40);
    let rows: String = (0..40)
        .map(|level| {
            let height = 80 - level;
            format!("<div style='display:flex'><i style='height:{height}px'></i>")
        })
        .collect();
    let grids: String = (0..40)
        .map(|level| {
            let height = 80 - level;
            format!(
                "<div style='display:grid;grid-auto-flow:column'><i style='height:{height}px'></i>"
            )
        })
        .collect();
    let least: String = (0..40)
        .map(|level| {
            let height = 80 - level;
            format!(
                "<div style='display:flex;min-height:{height}%'><i style='height:{height}px'></i>"
            )
        })
        .collect();
    for open in [wrapped, rows, grids, least] {
        let Some(document) = printed(&format!("{open}in")) else {
            return;
        };
        document.only("in");
    }
}

#[test]
fn heights_reach_through_many_containers() {
    let open = "<div style='display:flex;flex:auto'>".repeat(12);
    let html =
        format!("<main style='height:100px'>{open}<p style='align-self:flex-end'>deep</p></main>");
    let Some(document) = printed(&html) else {
        return;
    };
    at(&document, "deep", 0.0, 90.0);
}

#[test]
fn wrapped_columns_break_what_no_page_has_room_for() {
    let lines: String = (0..100).map(|line| format!("t{line}<br>")).collect();
    let html = format!(
        "<main style='flex-flow:column wrap;height:300px'><div>{lines}</div></main><p>after"
    );
    let Some(document) = printed(&html) else {
        return;
    };
    assert_eq!(document.pages.len(), 3);
    for line in 0..100 {
        assert_eq!(document.only(&format!("t{line}")).page, 1 + line / 40);
    }
    // One that the next page has room for goes there.
    let html = "<p style='height:200px'>A</p><main style='flex-flow:column wrap;height:300px'>\
                <p style='height:300px'>B</p><p>C</p></main>";
    let Some(document) = printed(html) else {
        return;
    };
    assert_eq!(document.only("B").page, 2);
    at(&document, "C", 200.0, 0.0);
}

#[test]
fn margins_below_a_line_need_no_room_on_the_page() {
    let items: String = (0..4)
        .map(|item| format!("<div style='width:100%;margin-bottom:29px'><div style='height:60px'>i{item}</div></div>"))
        .collect();
    let html = format!(
        "<style>@page{{size:300px 240px;margin:0}} body{{margin:0;font:14px/20px 'DejaVu Sans'}}\
         </style><div style='display:flex;flex-wrap:wrap'>{items}</div>"
    );
    let Some(document) = print(&html) else { return };
    let pages: Vec<usize> = (0..4)
        .map(|item| document.only(&format!("i{item}")).page)
        .collect();
    assert_eq!(pages, [1, 1, 1, 2]);
}

#[test]
fn items_have_levels_wherever_they_are() {
    for display in ["flex", "grid"] {
        let html = format!(
            "<style>@page{{size:100px;margin:0}}body{{margin:0;display:{display}}}\
             div{{width:50px;height:50px;background:red;z-index:1}}\
             p{{position:absolute;margin:0;width:80px;height:30px;background:blue}}</style>\
             <div></div><p></p>"
        );
        let Some(picture) = draw(&html) else { return };
        assert_eq!(picture.at(20, 20), [255, 0, 0], "{display}");
        assert_eq!(picture.at(70, 20), [0, 0, 255], "{display}");
    }
}

#[test]
fn items_with_an_automatic_margin_are_not_stretched() {
    let html = "<style>@page{size:100px;margin:0}body{margin:0}main{display:flex;height:60px}\
                div{width:20px;background:lime}</style><main><div style='margin-bottom:auto'><p \
                style='margin:0;height:20px'></div><div style='margin:auto 0'><p style='margin:0;height:80px'>\
                </div></main>";
    let Some(page) = draw(html) else { return };
    assert_eq!(page.at(10, 10), [0, 255, 0]);
    assert_eq!(page.at(10, 40), [255, 255, 255]);
    // A larger item begins where its line does.
    assert_eq!(page.at(30, 75), [0, 255, 0]);
}

#[test]
fn a_line_below_another_begins_where_it_stands() {
    let rows = |name: &str, count: usize| -> String {
        (1..=count).map(|n| format!("<p>{name}{n}</p>")).collect()
    };
    let html = |style: &str, count: usize| {
        format!(
            "<style>@page{{size:200px 100px;margin:0}}body,p{{margin:0;line-height:20px}}\
             div{{display:flex;flex-wrap:wrap}}section{{width:50%}}</style>\
             <div><section><p>one</p></section><section><p>two</p></section>\
             <section style='{style}'>{}</section><section>{}</section></div>",
            rows("a", count),
            rows("b", 4)
        )
    };
    let Some(document) = printed(&html("", 8)) else {
        return;
    };
    let pages = ["a1", "a4", "a5", "a8", "b1", "b4"].map(|word| document.only(word).page);
    assert_eq!(pages, [1, 1, 2, 2, 1, 1]);
    // One that avoids breaks and has room on the next page goes there with its line.
    let Some(document) = printed(&html("break-inside:avoid", 5)) else {
        return;
    };
    let pages = ["a1", "a5", "b1", "b4"].map(|word| document.only(word).page);
    assert_eq!(pages, [2, 2, 2, 2]);
}

#[test]
fn on_a_line_a_flex_or_grid_container_has_its_first_baseline() {
    // CSS Flexbox 1 §8.5, CSS Grid 2 §10.6; an inline-block has its last.
    for (style, beside) in [
        ("inline-flex", "above"),
        ("inline-flex;flex-direction:column", "above"),
        ("inline-grid;overflow:hidden", "above"),
        ("inline-block", "below"),
    ] {
        let html = format!(
            "<style>@page{{size:400px 300px}}p{{margin:0}}</style>text\
             <span style='display:{style};font-size:10px;gap:0 20px'><p>above</p><p>middle<br>below</p></span>"
        );
        let Some(document) = print(&html) else { return };
        let baseline = |word: &str, size: f32| document.only(word).y + size;
        // A word's place is a line's top, about its size above the baseline.
        let apart = (baseline("text", 16.0) - baseline(beside, 10.0)).abs();
        assert!(apart < 4.0, "{style}: {apart}");
    }
    // That of an item without text is its lower edge.
    let html = "<style>@page{size:400px 300px}</style><p>text<span style='display:inline-flex;\
                flex-direction:column'><i style='height:50px'></i><i>caption</i></span>";
    let Some(document) = print(html) else { return };
    assert!(document.only("caption").y > document.only("text").y + 5.0);
}

#[test]
fn base_sizes_count_in_the_width_of_a_container_that_fits_its_items() {
    // CSS Flexbox 1 §9.9.1: no narrower than what may not shrink, no wider than what may not grow.
    for (items, width) in [
        (
            "<i style='flex:1 0 100px'></i><i style='flex:0 0 30px'></i>",
            130,
        ),
        ("<i style='flex:0 0 20px'><u></u></i>", 40),
        ("<i style='flex:0 0 20px;min-width:0'><u></u></i>", 20),
        ("<i style='flex:0 0 20px;max-width:50%'><u></u></i>", 40),
        ("<i style='flex:1 0 60px;max-width:100%'></i>", 60),
        (
            "<i style='flex:1 1 20px'><u></u></i><i style='flex:0 0 25px;max-width:10px'></i>",
            50,
        ),
    ] {
        let Some(picture) = draw(&format!(
            "<style>@page{{size:200px 50px;margin:0}}body{{margin:0}}div{{float:left;display:flex;height:40px;\
             background:red}}u{{display:block;width:40px}}</style><div>{items}</div>"
        )) else {
            return;
        };
        assert_eq!(picture.at(width - 2, 20), [255, 0, 0], "{items}");
        assert_eq!(picture.at(width + 2, 20), [255; 3], "{items}");
    }
}

#[test]
fn items_follow_their_stretched_heights_in_a_container_that_goes_on() {
    // Lines of two items: one of 80 px, one of two words whose last is at the line's end.
    for (css, end) in [
        ("u{margin-top:auto}", 60.0),
        ("div{justify-content:space-between}", 60.0),
        ("div{justify-content:center}", 40.0),
        ("div{display:grid;align-content:end}", 60.0),
        (
            "div{display:block;position:relative}u{position:absolute;bottom:0}",
            60.0,
        ),
        ("div{display:block}i{height:75%}", 60.0),
    ] {
        let pairs: String = (0..4)
            .map(|pair| format!("<p>x</p><div><i>a{pair}</i><u>b{pair}</u></div>"))
            .collect();
        let Some(document) = print(&format!(
            "<style>@page{{size:200px 200px;margin:0}}body{{margin:0;font:16px/20px 'DejaVu Sans'}}\
             main{{display:flex;flex-wrap:wrap}}main>*{{width:50%;margin:0}}p{{height:80px}}\
             div{{display:flex;flex-direction:column}}i,u{{display:block}}{css}</style><main>{pairs}</main>"
        )) else {
            return;
        };
        for (pair, page, top) in [(0, 1, 0.0), (1, 1, 80.0), (2, 2, 0.0), (3, 2, 80.0)] {
            let word = document.only(&format!("b{pair}"));
            let y = (word.y / 20.0).floor() * 20.0;
            assert_eq!((word.page, y), (page, top + end), "{css}, {pair}");
        }
    }
}
