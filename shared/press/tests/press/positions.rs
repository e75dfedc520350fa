//! Absolutely positioned and fixed boxes over pages.

use crate::read::{PAGE, draw, draw_page, lines, print};

#[test]
fn absolute_boxes_go_on_on_the_next_pages() {
    let tall = lines("a", 20);
    for (case, html) in [
        (
            "on the page",
            format!(
                "{PAGE}<p>flow</p><div style='position:absolute;top:40px;left:50px'>{tall}</div>"
            ),
        ),
        (
            "in a box",
            format!(
                "{PAGE}<p>flow</p><div style='position:relative'>\
                 <div style='position:absolute;left:50px;top:20px'>{tall}</div></div>"
            ),
        ),
    ] {
        let Some(document) = print(&html) else { return };
        for line in 0..20 {
            let word = document.only(&format!("a{line}"));
            assert!(word.y > 19.0 && word.y < 181.0, "{word:?}, {case}");
            assert!((word.x - 70.0).abs() < 1.0, "{word:?}, {case}");
        }
        assert_eq!(document.only("a0").page, 1);
        assert_eq!(document.only("a6").page, 2, "{case}");
        assert_eq!(document.pages.len(), 3, "{case}");
    }
}

#[test]
fn a_cover_that_fills_the_sheet_makes_no_page() {
    let html = format!(
        "{PAGE}<div style='position:absolute;top:-20px;left:-20px;width:200px;height:200px'>\
         <p>Title</p></div>"
    );
    let Some(document) = print(&html) else { return };
    assert_eq!(document.pages.len(), 1);
}

#[test]
fn every_fixed_box_is_on_every_page() {
    let fixed: String = (0..1200)
        .map(|index| format!("<i style='position:fixed;top:0;left:0'>x{index}</i>"))
        .collect();
    let nested = "<div style='position:absolute'><b style='position:fixed;top:0'>deep</b></div>";
    let flow = "<p style='break-after:page'>one</p><p>two</p>";
    let Some(document) = print(&format!("{PAGE}{nested}{flow}{fixed}")) else {
        return;
    };
    for name in ["deep", "x0", "x999", "x1000", "x1199"] {
        assert_eq!(document.pages_of(name), [1, 2], "{name}");
    }
}

#[test]
fn static_positions_are_those_of_the_display_before() {
    let html = |style: &str| {
        format!(
            "{PAGE}<div>before <b style='position:absolute;margin-left:30px;{style}'>it</b></div>"
        )
    };
    let Some(block) = print(&html("display:block")) else {
        return;
    };
    let (before, it) = (block.only("before"), block.only("it"));
    assert!(
        (it.x - before.x - 30.0).abs() < 1.0 && it.y > before.y + 19.0,
        "{it:?}"
    );
    let Some(inline) = print(&html("")) else {
        return;
    };
    let (before, it) = (inline.only("before"), inline.only("it"));
    assert!(it.x > before.x + 60.0 && it.y < before.y + 5.0, "{it:?}");
    let rtl = format!(
        "{PAGE}<div style='direction:rtl'><b style='position:absolute;width:40px'>it</b></div>"
    );
    let Some(rtl) = print(&rtl) else { return };
    assert!(rtl.only("it").x > 139.0, "{:?}", rtl.words);
}

#[test]
fn a_static_position_is_of_the_container_s_start_edge() {
    let html = format!(
        "{PAGE}<div><b style='position:absolute;direction:rtl'>left</b></div>\
         <div style='direction:rtl'><b style='position:absolute;direction:ltr'>right</b></div>"
    );
    let Some(document) = print(&html) else { return };
    assert!((document.only("left").x - 20.0).abs() < 1.0);
    assert!(document.only("right").x > 130.0);
}

#[test]
fn after_a_line_break_a_block_s_static_position_is_on_the_next_line() {
    let html = format!("{PAGE}<div><br><div style='position:absolute'>it</div></div>");
    let Some(document) = print(&html) else { return };
    let word = document.only("it");
    assert!(word.y > 39.0, "{word:?}");
}

#[test]
fn what_a_box_of_set_height_clips_makes_no_page() {
    let html = format!(
        "{PAGE}<div style='height:30px;overflow:hidden'>{}</div><p>after</p>",
        lines("a", 30)
    );
    let Some(document) = print(&html) else { return };
    assert_eq!(document.pages.len(), 1);
    let word = document.only("after");
    assert!((word.y - 50.0).abs() < 5.0, "{word:?}");
}

#[test]
fn logical_sides_follow_the_direction() {
    let html = "<style>@page{size:200px;margin:0}body{margin:0;font:10px/1 monospace}</style>\
                <p style='margin:logical 0 0 0 50px;text-align:left'>a\
                <p dir=rtl style='margin:logical 0 50px;text-align:left'>b\
                <p dir=rtl style='padding:logical 0 0 0 30px;text-align:left'>c";
    let Some(document) = print(html) else {
        return;
    };
    for (word, x) in [("a", 0.0), ("b", 50.0), ("c", 30.0)] {
        assert!((document.only(word).x - x).abs() < 0.5, "{word}");
    }
}

#[test]
fn a_box_that_discards_what_does_not_fit_has_its_lower_edge() {
    let html = format!(
        "{PAGE}<style>article{{continue:discard;border-bottom:10px solid;orphans:1;widows:1}}</style>\
         <article><section>{}</section></article>",
        lines("x", 20)
    );
    let Some(document) = print(&html) else { return };
    assert_eq!(document.pages.len(), 1);
    assert_eq!(document.words.len(), 7);
}

#[test]
fn absolute_boxes_on_a_line_are_where_they_would_be_in_it() {
    let css = "<style>u{display:inline-block;width:30px} i{position:absolute;top:60px}</style>";
    let html = format!(
        "{PAGE}{css}<p><i>A</i><u></u><i>B</i><i>C</i><u></u><b></b><u></u><i>D</i><a name=n></a><i>E</i>"
    );
    let Some(document) = print(&html) else { return };
    // Those at one place are over each other.
    for (word, x) in [
        ("A", 20.0),
        ("B", 50.0),
        ("C", 50.0),
        ("D", 110.0),
        ("E", 110.0),
    ] {
        let found = document.only(word);
        assert!((found.x - x).abs() < 1.0, "{found:?} should be at {x}");
    }
}

#[test]
fn an_absolute_box_is_placed_in_the_inline_box_around_it() {
    // Content areas begin 4 px below a line's top.
    let css = "<style>p,section,i{font:10px/20px 'DejaVu Sans'} u{display:inline-block;width:6px} span{position:relative} i{position:absolute}</style>";
    for (html, x, y) in [
        (
            "<u></u><u></u><u></u><span><u></u><i style='left:0;top:30px'>At</i><u></u></span>",
            38.0,
            58.0,
        ),
        (
            "<u></u><u></u><u></u><span><u></u><i style='right:0;top:30px;width:10px'>At</i><u></u><u></u></span>",
            46.0,
            58.0,
        ),
        // Moved with it.
        (
            "<u></u><u></u><u></u><span style='left:7px;top:5px'><u></u><i style='left:0;top:30px'>At</i><u></u></span>",
            45.0,
            63.0,
        ),
        // From its first line to its last.
        (
            "<u></u><u></u><u></u><span><u></u><br><u></u><i style='left:0;bottom:-30px'>At</i></span>",
            38.0,
            70.0,
        ),
        // In a column.
        (
            "<section style='columns:2;column-gap:0;column-fill:auto;height:20px'><u></u><u></u><u></u>\
             <span><u></u><i style='left:0;top:30px'>At</i><u></u></span></section>",
            38.0,
            58.0,
        ),
        // A transform does not make an inline box one.
        (
            "<u></u><b style='transform:rotate(0deg)'><u></u><i style='left:0;top:30px'>At</i></b>",
            20.0,
            54.0,
        ),
        // It has no line at all.
        (
            "<span><i style='left:9px;top:30px'>At</i></span>",
            29.0,
            54.0,
        ),
        // Of the page, behind an inline box that is none.
        (
            "<u></u><u></u><u></u><b><u></u><i style='left:0;top:30px'>At</i><u></u></b>",
            20.0,
            54.0,
        ),
    ] {
        let Some(document) = print(&format!("{PAGE}{css}<p>{html}")) else {
            return;
        };
        let word = document.only("At");
        assert!(
            (word.x - x).abs() < 1.0 && (word.y - y).abs() < 1.0,
            "{word:?} should be at {x}, {y}: {html}"
        );
    }
}

#[test]
fn fixed_boxes_are_painted_in_their_order() {
    // Ten pixels of each box are over the next one's.
    let html = "<style>@page{size:100px;margin:0}body{margin:0}div{position:absolute;top:0;width:30px;\
                height:30px}</style><div style='left:0;background:red;z-index:2'></div>\
                <div style='position:fixed;left:20px;background:lime;z-index:1'></div>\
                <div style='left:40px;background:blue'></div>\
                <section style='position:relative;background:yellow;width:100px;height:60px'>\
                <div style='position:fixed;top:40px;background:black'></div></section>\
                <div style='position:fixed;z-index:-1;top:50px;height:40px;background:red'></div>";
    for style in ["", "body{overflow:hidden}", "section{z-index:0}"] {
        let html = format!("<style>{style}</style>{html}");
        let Some(picture) = draw(&html) else { return };
        assert_eq!(picture.at(25, 10), [255, 0, 0], "{style}");
        assert_eq!(picture.at(35, 10), [0, 255, 0], "{style}");
        assert_eq!(picture.at(15, 50), [0, 0, 0], "{style}");
        assert_eq!(picture.at(15, 80), [255, 0, 0], "{style}");
    }
}

#[test]
fn fixed_boxes_are_between_the_positioned_boxes_around_and_after_them() {
    let html = "<style>@page{size:100px;margin:0}body{margin:0}div{position:relative}\
                p{position:absolute;margin:0;top:0;width:40px;height:100px}\
                i{position:fixed;top:0;left:20px;width:60px;height:40px;background:lime}</style>\
                <div><div style='background:black;height:40px'><p style='background:red'></p><i></i>\
                </div></div><p style='left:60px;background:blue'></p>\
                <div style='break-before:page;background:black;height:40px'><p style='background:red'></p></div>";
    let Some(first) = draw(html) else { return };
    assert_eq!(first.at(10, 20), [255, 0, 0]);
    assert_eq!(first.at(30, 20), [0, 255, 0]);
    assert_eq!(first.at(50, 20), [0, 255, 0]);
    assert_eq!(first.at(70, 20), [0, 0, 255]);
    assert_eq!(first.at(90, 60), [0, 0, 255]);
}

#[test]
fn outlines_follow_the_corners_of_borders() {
    let html = "<style>@page{size:60px;margin:0}body{margin:0}div{margin:20px;width:20px;height:20px;\
                outline:10px solid blue;border-radius:10px}</style><div></div>";
    let Some(picture) = draw(html) else { return };
    assert_eq!(picture.at(12, 12), [255, 255, 255]);
    assert_eq!(picture.at(30, 12), [0, 0, 255]);
    assert_eq!(picture.at(15, 18), [0, 0, 255]);
}

#[test]
fn offsets_run_along_the_pieces_of_a_broken_containing_block() {
    // Pieces of 160px; four of them, the last of 20px.
    let boxes = "<div style='position:absolute;top:5px;left:50px'>First</div>\
                 <div style='position:absolute;top:330px;left:50px'>Third</div>\
                 <div style='position:absolute;bottom:0;left:50px'>Last</div>";
    let (lines, before) = (lines("a", 25), format!("<p>b</p>{boxes}"));
    for (case, content) in [
        ("boxes at the start", format!("{before}<p>{lines}</p>")),
        ("boxes at the end", format!("<p>b</p><p>{lines}</p>{boxes}")),
    ] {
        let html = format!("{PAGE}<div style='position:relative'>{content}</div>after");
        let Some(document) = print(&html) else { return };
        assert_eq!(document.pages.len(), 4, "{case}");
        for (name, page, y) in [("First", 1, 25.0), ("Third", 3, 30.0), ("Last", 4, 40.0)] {
            let word = document.only(name);
            assert_eq!(word.page, page, "{case}: {word:?}");
            assert!((word.y - y).abs() < 4.0, "{case}: {word:?}, not at {y}");
            assert!((word.x - 70.0).abs() < 1.0, "{case}: {word:?}");
        }
    }
}

#[test]
fn absolute_boxes_below_the_page_are_on_the_next_ones() {
    let below = "<div style='position:absolute;top:400px;left:50px'>Below</div>";
    for html in [
        format!("{PAGE}<p>flow</p>{below}"),
        format!("{PAGE}<div style='position:relative'><p>flow</p>{below}</div>"),
        format!("{PAGE}<div style='position:relative;height:700px'><p>flow</p>{below}</div>"),
    ] {
        let Some(document) = print(&html) else { return };
        let word = document.only("Below");
        assert_eq!(
            (word.page, document.pages.len()),
            (3, 3),
            "{word:?}, {html}"
        );
        assert!(word.y > 90.0 && word.y < 120.0, "{word:?}, {html}");
    }
    let hidden = "<div style='position:absolute;top:99999px'>Hidden</div>";
    let Some(document) = print(&format!("{PAGE}<p>flow</p>{hidden}")) else {
        return;
    };
    assert_eq!(document.pages.len(), 1);
}

#[test]
fn absolute_boxes_in_grid_areas_are_on_the_pages_of_their_rows() {
    let rows: String = (0..4).map(|row| format!("<p>r{row}</p>")).collect();
    let html = format!(
        "{PAGE}<div style='display:grid;position:relative;grid-auto-rows:100px'>{rows}\
         <b style='position:absolute;grid-row:1;right:0'>One</b>\
         <b style='position:absolute;grid-row:3;right:0'>Three</b></div>"
    );
    let Some(document) = print(&html) else { return };
    for (name, row) in [("One", "r0"), ("Three", "r2")] {
        let (word, beside) = (document.only(name), document.only(row));
        assert_eq!(word.page, beside.page, "{word:?}, {beside:?}");
        assert!((word.y - beside.y).abs() < 2.0, "{word:?}, {beside:?}");
    }
}

#[test]
fn fixed_boxes_stay_in_their_stacking_contexts() {
    let html = "<style>@page{size:100px;margin:0}body{margin:0;position:relative;z-index:0}\
                p{margin:0;width:50px;height:50px;background:blue}\
                i{position:fixed;top:0;left:0;width:100px;height:100px;background:lime;z-index:-1}\
                b{position:fixed;top:0;left:0;width:20px;height:20px;background:red;z-index:9}\
                div{position:relative;z-index:1;width:40px;height:10px;margin-top:-50px;background:black}\
                </style><p></p><i></i><section style='opacity:.5'><b></b></section><div></div>";
    let Some(picture) = draw(html) else { return };
    // Below the content of the body's context, which is all there is.
    assert_eq!(picture.at(30, 30), [0, 0, 255]);
    assert_eq!(picture.at(70, 70), [0, 255, 0]);
    // In a transparent context, whose level is below that of the one after it.
    let through = picture.at(10, 15);
    assert!(
        through[0] > 100 && through[0] < 150 && through[2] > 100,
        "{through:?}"
    );
    assert_eq!(picture.at(10, 5), [0, 0, 0]);
}

#[test]
fn absolute_boxes_in_what_is_laid_out_whole_are_not_lost_below_the_page() {
    let below = "<div style='position:absolute;top:300px'>Below</div>";
    for around in ["flex", "grid", "table", "inline-block"] {
        let html = format!(
            "{PAGE}<p>flow</p><div style='display:{around}'><div style='position:relative'>\
             <p>in</p>{below}</div></div>"
        );
        let Some(document) = print(&html) else { return };
        let (word, inside) = (document.only("Below"), document.only("in"));
        // Two pages of 160px further down.
        assert_eq!((inside.page, word.page), (1, 3), "{around}: {word:?}");
        let at = inside.y + 300.0 - 320.0;
        assert!((word.y - at).abs() < 3.0, "{around}: {word:?}, not at {at}");
    }
}

#[test]
fn absolute_boxes_in_a_transparent_box_are_as_transparent() {
    let absolute = "<div style='position:absolute;left:50px;top:50px;width:20px;height:20px;background:red'></div>";
    let page = |around: &str| {
        draw(&format!(
            "<style>@page{{size:100px;margin:0}}body{{margin:0}}</style>{around}{absolute}</div></div>\
             <div style='position:absolute;left:60px;top:60px;width:20px;height:20px;background:blue'></div>"
        ))
    };
    let (red, half) = ([255, 0, 0], [255, 127, 127]);
    let cases = [
        ("<div><div>", red),
        ("<div><div style='opacity:.5'>", half),
        ("<div style='opacity:.5'><div style='transform:none'>", half),
        (
            "<div style='opacity:.5'><div style='opacity:1;isolation:isolate'>",
            half,
        ),
        (
            "<div style='position:relative'><div style='opacity:.5'>",
            half,
        ),
        // What does not hold it does not cut it off.
        (
            "<div style='opacity:.5'><div style='overflow:hidden;height:1px'>",
            half,
        ),
    ];
    for (around, expected) in cases {
        let Some(picture) = page(around) else { return };
        let found = picture.at(55, 55);
        let near = found
            .iter()
            .zip(expected)
            .all(|(one, other)| one.abs_diff(other) < 3);
        assert!(near, "{around}: {found:?} for {expected:?}");
        assert_eq!(
            picture.at(65, 65),
            [0, 0, 255],
            "{around}: what comes later is above"
        );
    }
}

#[test]
fn transformed_boxes_below_the_page_stay_where_they_are_moved_from() {
    let (style, end) = ("position:absolute;top:160px;left:0", "Foot</div>");
    let shift = "transform:translateY(-100%)";
    for html in [
        format!(
            "<div style='position:relative;height:160px'><div style='{style};{shift}'>{end}</div>"
        ),
        format!(
            "<div style='position:relative;height:160px'><div style='{style};transform:rotate(-90deg);transform-origin:0 0'>{end}</div>"
        ),
        format!(
            "<div style='display:flex;height:160px'><div style='position:relative'><div style='{style};{shift}'>{end}</div></div>"
        ),
        // The one moved back is inside, or around.
        format!(
            "<div style='position:relative'><div style='{style}'><div style='position:relative;top:-100px'>{end}</div></div>"
        ),
        format!(
            "<div style='position:relative;height:160px;transform:translateY(-50px)'><div style='{style}'>{end}</div>"
        ),
    ] {
        let html = format!("{PAGE}{html}");
        let Some(document) = print(&html) else { return };
        let word = document.only("Foot");
        assert_eq!(
            (word.page, document.pages.len()),
            (1, 1),
            "{word:?}, {html}"
        );
        assert!(word.y > 55.0 && word.y < 181.0, "{word:?}, {html}");
    }
}

#[test]
fn absolute_boxes_on_later_pages_are_as_transparent_as_what_they_are_in() {
    let html = "<style>@page{size:100px;margin:0}body{margin:0}</style>\
                <div style='display:inline-block;opacity:.5;position:relative'>t\
                <div style='position:absolute;top:100px;left:0;width:50px;height:50px;background:red'>\
                <p style='margin-top:60px'>text</div></div>";
    let Some(picture) = draw_page(html, 2) else {
        return;
    };
    let [red, green, blue] = picture.at(10, 10);
    assert!(red == 255 && green.abs_diff(127) < 3 && blue.abs_diff(127) < 3);
}

#[test]
fn absolute_boxes_on_later_pages_have_percentages_of_their_containing_block() {
    let html = format!(
        "{PAGE}<div style='display:inline-block;position:relative;width:100px;height:150px'>\
         <div style='position:absolute;top:200px;left:0;width:50%;height:80%;padding:0 10%;box-sizing:border-box'>\
         <p>In</p><p style='position:absolute;bottom:0'>End</p></div></div>"
    );
    let Some(document) = print(&html) else { return };
    let (inside, end) = (document.only("In"), document.only("End"));
    assert_eq!((inside.page, end.page), (2, 2));
    assert!((inside.x - 30.0).abs() < 1.0, "{inside:?}");
    assert!(
        (end.y - inside.y - 100.0).abs() < 1.0,
        "{inside:?}, {end:?}"
    );
}

#[test]
fn what_nobody_sees_makes_no_page() {
    for (around, own) in [
        ("visibility:hidden", ""),
        ("", "visibility:hidden"),
        ("", "opacity:0"),
        ("opacity:0", ""),
        ("", "width:1px;height:1px;clip:rect(0,0,0,0)"),
        ("", "left:-9999px"),
    ] {
        for display in ["block", "inline-block"] {
            let html = format!(
                "{PAGE}<div style='display:{display};position:relative;{around}'>in\
                 <div style='position:absolute;top:350px;{own}'>Off</div></div>"
            );
            let Some(document) = print(&html) else { return };
            assert_eq!(document.pages.len(), 1, "{display}: {around}; {own}");
        }
    }
}

#[test]
fn offsets_from_the_end_reach_back_to_earlier_pages() {
    // Pieces of 160px, 160px and 40px.
    let boxes: String = [0, 20, 100, 180, 300, 330]
        .iter()
        .map(|by| format!("<b style='position:absolute;bottom:{by}px;left:50px'>B{by}</b>"))
        .collect();
    for content in [
        format!("{boxes}<p>{}</p>", lines("a", 18)),
        format!("<p>{}</p>{boxes}", lines("a", 18)),
    ] {
        let html = format!("{PAGE}<div style='position:relative'>{content}</div>");
        let Some(document) = print(&html) else { return };
        assert_eq!(document.pages.len(), 3);
        for (by, line) in [(0, 17), (20, 16), (100, 12), (180, 8), (300, 2)] {
            let word = document.only(&format!("B{by}"));
            let beside = document.only(&format!("a{line}"));
            assert_eq!(word.page, beside.page, "{word:?}, {beside:?}");
            assert!((word.y - beside.y).abs() < 3.0, "{word:?}, {beside:?}");
        }
        assert_eq!(document.only("B330").page, 1);
    }
}

#[test]
fn every_absolute_box_of_a_long_containing_block_is_printed_once() {
    let boxes = |from: u32| -> String {
        let all = (from..60).step_by(2);
        let all = all.map(|index| {
            let top = index * 20;
            format!("<b style='position:absolute;top:{top}px;left:50px'>T{index}</b>")
        });
        all.collect()
    };
    let html = format!(
        "{PAGE}<div style='position:relative'>{}<p>{}</p>{}</div>",
        boxes(1),
        lines("a", 60),
        boxes(0)
    );
    let Some(document) = print(&html) else { return };
    for index in 0..60 {
        let word = document.only(&format!("T{index}"));
        let beside = document.only(&format!("a{index}"));
        assert_eq!(word.page, beside.page, "{word:?}, {beside:?}");
        assert!((word.y - beside.y).abs() < 3.0, "{word:?}, {beside:?}");
    }
}

#[test]
fn absolute_boxes_that_the_page_cuts_go_on_from_what_is_laid_out_whole() {
    let v = lines("v", 8);
    for [before, after] in [
        [
            "<table><tr><td style='position:relative;height:20px'>",
            "</table>",
        ],
        [
            "<table><td><div style='position:relative;height:20px'>",
            "</div></table>",
        ],
        [
            "<div style='display:flex'><div style='position:relative;height:20px'>",
            "</div></div>",
        ],
        [
            "<div style='display:grid'><div style='position:relative;height:20px'>",
            "</div></div>",
        ],
        [
            "<span style='display:inline-block;vertical-align:top;position:relative;height:20px'>",
            "</span>",
        ],
    ] {
        // Four lines are left on the page below a line of its own, at most.
        let html = format!(
            "{PAGE}<style>table{{border-spacing:0}}td{{padding:0}}</style><p>{}</p>\
             {before}<div style='position:absolute;top:0'>{v}</div>{after}<p>end</p>",
            lines("u", 4)
        );
        let Some(document) = print(&html) else { return };
        for line in 0..8 {
            let page = document.only(&format!("v{line}")).page;
            assert_eq!(page, 1 + usize::from(line > 3), "v{line}, {before}");
        }
        assert_eq!(document.only("end").page, 1);
    }
}

#[test]
fn absolute_boxes_are_printed_once_where_a_break_is_found_above() {
    let absolute = "<b style='position:absolute;left:60px'>T0</b>";
    for html in [
        // It stays above the break.
        format!(
            "<div style='position:relative'>{absolute}<br>a<table></table></div>\
             <table><tbody style='break-before:avoid'><td>\
             <div style='height:140px;break-inside:avoid'>b</div></table>"
        ),
        // It goes with its line.
        format!(
            "<div style='padding-bottom:1px'><div style='position:relative'><p>a</p>\
             <p>{}d {absolute}</p></div>\
             <p style='height:30px;break-before:avoid'>b</p></div>",
            lines("c", 5)
        ),
    ] {
        let Some(document) = print(&format!("{PAGE}{html}")) else {
            return;
        };
        document.only("T0");
    }
}

#[test]
fn an_absolute_box_at_the_page_s_end_whose_line_is_cut_goes_to_the_next_page() {
    let page = "@page{size:300px 100px;margin:0 0 12px}";
    let style = format!("<style>{page}body{{margin:0;font:16px/20px 'DejaVu Sans'}}</style>");
    let html = format!(
        "{style}<div style='height:88px'></div><div><b style='position:absolute'>T0</b></div>"
    );
    let Some(document) = print(&html) else { return };
    assert_eq!(document.only("T0").page, 2);
}

#[test]
fn a_box_that_is_shifted_to_the_side_goes_on_on_the_next_page() {
    for shift in ["transform:translateX(-50%)", "translate:20px 0"] {
        let html = format!(
            "{PAGE}<p style='height:100px'></p><div style='position:relative'>\
             <div style='position:absolute;left:40px;{shift}'>{}</div></div>",
            lines("a", 6)
        );
        let Some(document) = print(&html) else { return };
        for line in 0..6 {
            let page = document.only(&format!("a{line}")).page;
            assert_eq!(page, 1 + usize::from(line > 2), "a{line}, {shift}");
        }
        assert_eq!(document.only("a0").x, document.only("a5").x, "{shift}");
    }
}

#[test]
fn a_break_is_found_above_in_a_box_whose_absolute_box_goes_on() {
    let html = format!(
        "{PAGE}<div style='position:relative'><div>{}<p>{}<b style='position:absolute;left:60px'>{}</b></p></div></div>\
         <div style='height:80px;break-before:avoid;break-inside:avoid'>z</div>",
        lines("a", 2),
        lines("b", 3),
        lines("c", 6)
    );
    let Some(document) = print(&html) else { return };
    let z = document.only("z");
    assert!(z.page == 2 && z.y < 180.0, "{z:?}");
    assert_eq!(document.only("a1").page, 1);
    for line in 0..6 {
        document.only(&format!("c{line}"));
    }
}

#[test]
fn an_absolute_box_that_the_page_cuts_is_not_moved_with_what_it_is_in() {
    let absolute =
        |lines: &str| format!("<div style='position:absolute;border:20px solid'>{lines}</div>");
    let item = absolute(&lines("a", 10));
    let cell = absolute(
        "<p style='min-height:600px'>a0<br>a1<br>a2<br>a3<br>a4<br><i>a5 a6</i></p><p></p>",
    );
    let pages = "@page{size:200px;margin:0}";
    for (style, html) in [
        (
            pages,
            format!(
                "<div style='height:230px;display:flex;align-items:center'>\
                 <div style='position:relative'>{item}</div></div>"
            ),
        ),
        (
            "@page{size:300px 400px;margin:0} body{margin:0 20px;font:16px/normal 'DejaVu Sans'}\
             p{margin:16px 0}",
            format!(
                "<table><td>w1w w2w w3w</td><tr><td rowspan=9></td></tr><tr style='height:300px'><td></td>\
                 <td style='position:relative'><h4> <span>w16w w17w</span></h4>{cell}</td></tr>\
                 <td colspan=2></td><td>w30w w31w w32w</td><td>w33w w34w w35w</td></table>"
            ),
        ),
    ] {
        let Some(document) = print(&format!("{PAGE}<style>{style}</style>{html}")) else {
            return;
        };
        for line in 0..7 {
            let word = document.only(&format!("a{line}"));
            let height = document.pages[word.page - 1].1;
            assert!(word.y < height - 10.0, "{word:?}");
        }
    }
}

#[test]
fn what_is_placed_below_an_empty_height_in_an_absolute_box_is_printed() {
    let html = "<div style='position:absolute'><div style='break-inside:avoid'>a<p style='height:600px'></div>\
                <p><span style='position:absolute'>b</span></p></div>";
    let Some(document) = print(&format!("{PAGE}{html}")) else {
        return;
    };
    assert_eq!(document.only("a").page, 1);
    assert!(document.only("b").page > 1);
}

#[test]
fn an_absolute_box_less_than_a_pixel_above_a_later_pages_end_is_there_once() {
    let html = "<p>b</p><div style='position:absolute;margin-top:299.5px'>a0<br>a1</div>";
    // Page areas are 160 px high.
    let Some(document) = print(&format!("{PAGE}{html}")) else {
        return;
    };
    let (first, second) = (document.only("a0"), document.only("a1"));
    assert_eq!((first.page, second.y - first.y), (second.page, 20.0));
}
