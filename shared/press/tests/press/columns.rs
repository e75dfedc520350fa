//! Columns: filled, balanced, broken over pages, spanned.

use crate::read::{draw, print};

const STYLE: &str = "<style>@page{size:200px 100px;margin:0} \
                     body{margin:0;font:16px/20px 'DejaVu Sans';orphans:1;widows:1} p{margin:0}";

fn lines(count: usize) -> String {
    (0..count).map(|line| format!("a{line}<br>")).collect()
}

/// Where words are: page, column of 100 px, line of 20 px.
#[track_caller]
fn places(html: &str, count: usize) -> Option<Vec<(usize, usize, usize)>> {
    let document = print(html)?;
    let place = |line: usize| {
        let word = document.only(&format!("a{line}"));
        let column = (word.x / 100.0).floor() as usize;
        (word.page, column, (word.y / 20.0).floor() as usize)
    };
    Some((0..count).map(place).collect())
}

#[test]
fn columns_are_balanced_and_break_over_pages() {
    for (count, expected) in [
        (4, vec![(1, 0, 0), (1, 0, 1), (1, 1, 0), (1, 1, 1)]),
        (
            13,
            [
                (0..5).map(|line| (1, 0, line)).collect::<Vec<_>>(),
                (0..5).map(|line| (1, 1, line)).collect(),
                vec![(2, 0, 0), (2, 0, 1), (2, 1, 0)],
            ]
            .concat(),
        ),
    ] {
        let html = format!(
            "{STYLE} div{{columns:2;column-gap:0}}</style><div>{}</div>",
            lines(count)
        );
        let Some(found) = places(&html, count) else {
            return;
        };
        assert_eq!(found, expected);
    }
}

#[test]
fn columns_of_a_set_height_are_filled_one_after_the_other() {
    let css = "div{columns:2;column-gap:0;height:60px;column-fill:auto}";
    let html = format!("{STYLE}{css}</style><div>{}</div>", lines(4));
    let Some(found) = places(&html, 4) else {
        return;
    };
    assert_eq!(found, [(1, 0, 0), (1, 0, 1), (1, 0, 2), (1, 1, 0)]);
}

#[test]
fn forced_breaks_end_columns_or_pages() {
    for (value, expected) in [
        ("column", (1, 1, 0)),
        ("always", (1, 1, 0)),
        ("page", (2, 0, 0)),
    ] {
        let css = "div{columns:2;column-gap:0}";
        let html = format!(
            "{STYLE}{css}</style><div><p>a0</p><p style='break-before:{value}'>a1</p></div>"
        );
        let Some(found) = places(&html, 2) else {
            return;
        };
        assert_eq!(found, [(1, 0, 0), expected], "{value}");
    }
    let html = format!("{STYLE}</style><p>a0</p><p style='break-before:column'>a1</p>");
    let Some(found) = places(&html, 2) else {
        return;
    };
    assert_eq!(
        found[1],
        (1, 0, 1),
        "without columns there is no column to end"
    );
}

#[test]
fn a_box_may_span_all_columns() {
    let css = "div{columns:2;column-gap:0} h1{font:inherit;margin:0 0 20px;column-span:all}";
    let html = format!(
        "{STYLE}{css}</style><div><p>a0</p><p>a1</p><h1>a2 reaches over both</h1><p>a3</p><p>a4</p></div>"
    );
    let Some(found) = places(&html, 5) else {
        return;
    };
    let expected = [(1, 0, 0), (1, 1, 0), (1, 0, 1), (1, 0, 3), (1, 1, 3)];
    assert_eq!(found, expected);
}

#[test]
fn a_box_inside_others_may_span_all_columns() {
    let css = "section{columns:2;column-gap:0} h1{font:inherit;margin:0;column-span:all;break-after:auto}";
    let spanned = [(1, 0, 0), (1, 1, 0), (1, 0, 1), (1, 0, 2), (1, 1, 2)];
    for (style, expected) in [
        ("", spanned),
        (
            "break-inside:avoid",
            [(1, 0, 0), (1, 0, 1), (1, 0, 2), (1, 0, 3), (1, 1, 3)],
        ),
        // What is in a formatting context of its own spans none.
        (
            "overflow:hidden",
            [(1, 0, 0), (1, 0, 1), (1, 0, 2), (1, 1, 0), (1, 1, 1)],
        ),
        (
            "transform:rotate(0)",
            [(1, 0, 0), (1, 0, 1), (1, 0, 2), (1, 1, 0), (1, 1, 1)],
        ),
    ] {
        let html = format!(
            "{STYLE}{css}</style><section><div style='{style}'><div>a0<br>a1<h1>a2</h1>a3<br>a4</div></div></section>"
        );
        let Some(found) = places(&html, 5) else {
            return;
        };
        assert_eq!(found, expected, "{style}");
    }
}

#[test]
fn what_a_box_around_a_spanning_one_has_stays_with_it() {
    let css =
        "section{columns:2;column-gap:0} h1{font:inherit;margin:0;column-span:all} li{margin:0}";
    let print = |body: &str| print(&format!("{STYLE}{css}</style><section>{body}</section>end"));
    // A list item's marker is beside its first line.
    let list = "<ol style='margin:0;padding-left:40px'><li>a<li><h1>span</h1>b</ol>";
    let Some(document) = print(list) else { return };
    assert_eq!(document.only("2.").y, document.only("b").y);
    // A break behind the box is behind the part that nothing is in.
    let Some(document) = print("<div style='break-after:page'>a<h1>span</h1></div>b") else {
        return;
    };
    assert_eq!(
        [document.only("span").page, document.only("b").page],
        [1, 2]
    );
    // What is placed in the whole box keeps it whole.
    let placed = "<div style='position:relative'>a<h1>span</h1>b<b style='position:absolute;top:0'>c</b></div>";
    let Some(document) = print(placed) else {
        return;
    };
    assert_eq!(document.only("c").y, document.only("a").y);
    // So does depth: the second column has what would span both.
    let deep = format!(
        "{}a<h1>span</h1>b{}",
        "<div>".repeat(40),
        "</div>".repeat(40)
    );
    let Some(document) = print(&deep) else { return };
    assert!(document.only("span").x > 90.0);
}

#[test]
fn a_box_around_one_that_spans_all_columns_is_sliced() {
    let css = "section{columns:2;column-gap:0} h1{font:inherit;margin:0;column-span:all;height:20px} \
               div{border:solid #f00;border-width:10px 0;padding:10px 0;background:#00f}";
    let html = format!("{STYLE}{css}</style><section><div>a<h1></h1>b</div></section>");
    let Some(picture) = draw(&html) else { return };
    let [blue, red, white] = [[0, 0, 255], [255, 0, 0], [255; 3]];
    // Above the heading there is no lower edge, below it no upper one.
    let expected = [
        (5, red),
        (15, blue),
        (38, blue),
        (45, white),
        (62, blue),
        (85, blue),
        (95, red),
    ];
    for (y, color) in expected {
        assert_eq!(picture.at(60, y), color, "{y}");
    }
}

#[test]
fn the_most_height_is_that_of_columns_that_have_room_in_it() {
    let css = "div{columns:2;column-gap:0;max-height:60px;column-fill:auto}";
    for (count, expected) in [
        (4, vec![(1, 0, 0), (1, 0, 1), (1, 0, 2), (1, 1, 0)]),
        // What does not is not printed beside them, where it could be off the sheet.
        (
            8,
            (0..5)
                .map(|line| (1, 0, line))
                .chain((0..3).map(|line| (1, 1, line)))
                .collect(),
        ),
    ] {
        let html = format!("{STYLE}{css}</style><div>{}</div>", lines(count));
        let Some(found) = places(&html, count) else {
            return;
        };
        assert_eq!(found, expected);
    }
}

#[test]
fn a_rule_is_between_columns_that_have_content() {
    let css = "div{columns:3;column-gap:10px;column-rule:2px solid #f00} \
               @page{size:50px 20px} i{display:block;height:10px}";
    let html = format!("{STYLE}{css}</style><div><i></i><i></i></div>");
    let Some(picture) = draw(&html) else { return };
    assert_eq!(picture.at(14, 5), [255, 0, 0]);
    assert_eq!(picture.at(15, 5), [255, 0, 0]);
    assert_eq!(picture.at(12, 5), [255, 255, 255]);
    assert_eq!(picture.at(34, 5), [255, 255, 255]);
    assert_eq!(picture.at(14, 12), [255, 255, 255]);
}

#[test]
fn columns_in_columns_end() {
    let open = "<div>".repeat(12);
    let css = "div{columns:2;column-gap:0}";
    let html = format!("{STYLE}{css}</style>{open}{}", lines(8));
    let Some(document) = print(&html) else { return };
    for line in 0..8 {
        document.only(&format!("a{line}"));
    }
}

#[test]
fn margins_vanish_at_the_top_of_a_column_that_content_breaks_into() {
    let css =
        "div{columns:2;column-gap:0} p{margin:20px 0 0} h1{margin:0;column-span:all;height:60px}";
    let html =
        format!("{STYLE}{css}</style><div><p>a0</p><p>a1</p><h1></h1><p>a2</p><p>a3</p></div>");
    let Some(found) = places(&html, 4) else {
        return;
    };
    assert_eq!(found[..2], [(1, 0, 1), (1, 1, 0)]);
    assert_eq!(found[2..], [(2, 0, 0), (2, 1, 0)]);
}

#[test]
fn columns_in_columns_end_where_nothing_breaks_too() {
    let block = "<span style='display:inline-block'>";
    for between in ["", block] {
        let open = format!("<div>{between}").repeat(12);
        let css = "div{columns:2;column-gap:0}";
        let html = format!("{STYLE}{css}</style>{block}{open}{}", lines(3));
        let Some(document) = print(&html) else { return };
        // Columns may be too narrow for spaces to be seen.
        let text: String = document.words.into_iter().map(|word| word.text).collect();
        for line in 0..3 {
            assert!(text.contains(&format!("a{line}")), "{text}");
        }
    }
}

#[test]
fn columns_where_nothing_breaks_lose_nothing() {
    let css = "div{columns:2;column-gap:0}";
    for outer in [
        "display:inline-block",
        "display:table-cell",
        "position:absolute",
    ] {
        for inner in ["break-before:page", "page:other"] {
            let html = format!(
                "{STYLE}{css}</style><div style='{outer};width:200px;min-width:200px'><p>a0</p>\
                 <section style='{inner}'><p>a1</p><p>a2</p></section></div>"
            );
            let Some(found) = places(&html, 3) else {
                return;
            };
            let expected = [(1, 0, 0), (1, 1, 0), (1, 1, 1)];
            assert_eq!(found, expected, "{outer} {inner}");
        }
    }
    let html = format!(
        "{STYLE}{css}</style><div style='position:absolute;width:200px;height:30px'>\
         <h2 style='font:inherit;margin:0;column-span:all;height:40px'>a0</h2>a1<br>a2</div>"
    );
    let Some(found) = places(&html, 2) else {
        return;
    };
    assert_eq!(found, [(1, 0, 0), (1, 0, 2)]);
}

#[test]
fn no_number_of_column_breaks_loses_what_follows() {
    let css = "div{position:absolute;width:100px;columns:1000;column-gap:0;font-size:5px;line-height:5px}\
               p{break-before:column}";
    let items: String = (0..1003)
        .map(|item| match item {
            0 | 1001 | 1002 => format!("<p>a{item}</p>"),
            _ => "<p></p>".to_owned(),
        })
        .collect();
    let html = format!("{STYLE}{css}</style><div>{items}</div>");
    let Some(document) = print(&html) else { return };
    for item in [0, 1001, 1002] {
        document.only(&format!("a{item}"));
    }
}

#[test]
fn columns_lower_than_a_line_stay_where_they_are() {
    let css = "div{columns:2;column-gap:0;height:10px}";
    let html = format!("{STYLE}{css}</style><p>a0</p><div>a1</div><p>a2</p>");
    let Some(document) = print(&html) else { return };
    assert_eq!(document.pages.len(), 1);
    assert!(document.only("a2").y < 40.0);
}

const SIDE: &str = "<style>@page{size:200px 100px;margin:0} body{margin:0} \
                    .c{columns:2;column-gap:0;column-fill:auto;width:40px;height:40px}";
const GREEN: [u8; 3] = [0, 128, 0];
const WHITE: [u8; 3] = [255, 255, 255];

/// What is in the middle of the first columns of 20 px, at these heights.
#[track_caller]
fn seen(html: &str, expected: &[(usize, usize, [u8; 3])]) {
    let html = format!("{SIDE}</style>{html}");
    let Some(picture) = draw(&html) else { return };
    for (column, y, colour) in expected {
        assert_eq!(
            picture.at(column * 20 + 10, *y),
            *colour,
            "{column} {y} {html}"
        );
    }
}

#[test]
fn boxes_of_a_set_height_go_on_to_the_side() {
    let blue = [0, 0, 255];
    let expected = [
        (0, 33, blue),
        (0, 38, GREEN),
        (1, 2, GREEN),
        (1, 38, GREEN),
        (2, 2, GREEN),
        (2, 23, blue),
        (2, 30, WHITE),
        (3, 2, WHITE),
        (0, 45, WHITE),
    ];
    let style = "border:5px solid blue;background:green";
    for height in ["height:65px", "min-height:65px"] {
        let html = format!(
            "<div class=c><div style='height:30px'></div><div style='{style};{height}'></div></div>"
        );
        seen(&html, &expected);
    }
}

#[test]
fn edges_of_every_piece_take_nothing_of_a_height() {
    let style = "height:60px;border:5px solid blue;background:green;box-decoration-break:clone";
    let html = format!("<div class=c><div style='{style}'></div></div>");
    let blue = [0, 0, 255];
    seen(
        &html,
        &[
            (0, 2, blue),
            (0, 38, blue),
            (1, 2, blue),
            (1, 20, GREEN),
            (1, 38, blue),
            (2, 2, WHITE),
        ],
    );
}

#[test]
fn flex_containers_are_shared_out_among_columns() {
    for display in [
        "flex",
        "flex;flex-direction:column",
        "grid",
        "flex;flex-wrap:wrap",
    ] {
        let item = "<div style='height:100px;width:20px;background:green;flex:none'></div>";
        let html = format!("<div class=c><div style='display:{display}'>{item}</div></div>");
        let expected = [
            (0, 38, GREEN),
            (1, 2, GREEN),
            (1, 38, GREEN),
            (2, 18, GREEN),
            (2, 22, WHITE),
            (0, 45, WHITE),
        ];
        seen(&html, &expected);
    }
}

#[test]
fn absolute_boxes_go_on_in_the_next_columns() {
    let style = "position:absolute;width:20px;background:green";
    for place in ["height:90px", "height:90px;top:0;left:0"] {
        let html = format!(
            "<div class=c><div style='position:relative;height:10px'>\
             <div style='{style};{place}'></div></div></div>"
        );
        let expected = [
            (0, 38, GREEN),
            (1, 2, GREEN),
            (2, 8, GREEN),
            (2, 12, WHITE),
            (0, 45, WHITE),
        ];
        seen(&html, &expected);
    }
}

#[test]
fn contained_boxes_are_not_broken() {
    let html = "<div class=c><div style='height:30px'></div>\
                <div style='contain:size;height:20px;background:green'></div></div>";
    seen(html, &[(0, 35, WHITE), (1, 2, GREEN), (1, 18, GREEN)]);
}

#[test]
fn columns_without_height_lose_nothing_and_end() {
    let high = "min-height:60px";
    for before in ["<p>a0</p>", "<p>a0</p><p style='break-before:page'>a1</p>"] {
        for display in ["flex", "flex;flex-direction:column", "grid"] {
            let inside = format!("{before}<div style='display:{display};{high}'><p>a2</p></div>a3");
            let columns =
                format!("<div style='columns:3;column-fill:auto;height:0'>{inside}</div>a4");
            let Some(document) = print(&format!("{STYLE}</style>{columns}")) else {
                return;
            };
            assert!(document.pages.len() < 4, "{inside}");
            for word in ["a0", "a2", "a3", "a4"] {
                document.only(word);
            }
        }
    }
}

#[test]
fn the_height_of_balanced_columns_does_not_follow_from_the_pages() {
    // Halves of unequal height, the break between them at a paragraph that keeps its lines together.
    let ends = [200, 240, 300, 400, 1000].map(|height| {
        let html = format!(
            "{STYLE} @page{{size:200px {height}px}} div{{columns:2;column-gap:0}}p{{orphans:9}}</style>\
             <div><p>a<br>b<br>c<br>d</p><p>e<br>f<br>g</p><p>h<br>i</p></div>end"
        );
        print(&html).map(|document| document.only("end").y.round())
    });
    let [Some(first), rest @ ..] = ends else {
        return;
    };
    assert!((100.0..105.0).contains(&first), "{first}");
    assert_eq!(rest, [Some(first); 4]);
}
