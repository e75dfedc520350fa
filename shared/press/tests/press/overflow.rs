//! What sticks out of boxes, over the ends of pages.

use crate::breaks::{STYLE, all_on_sheets, on_low_pages};
use crate::read::{lines, print};

#[test]
fn what_sticks_out_of_a_set_height_at_the_pages_end_is_kept() {
    let rows = "<p>a<br>b<br>c<br>d<br>e<br>f<br>g<br>h</p>";
    for html in [
        format!("<div style='display:grid;grid-auto-rows:40px'>{rows}</div>"),
        format!("<br><div style='display:grid;grid-auto-rows:40px'>{rows}<p>i</div>"),
        format!("<br><div style='display:flex;height:40px'>{rows}</div>"),
        format!("<br><div style='display:flex;flex-direction:column;height:40px'>{rows}</div>"),
        format!("<br><div style='display:flex'><div style='max-height:40px'>{rows}</div></div>"),
        format!("<div style='display:grid'><div><div style='height:0'>{rows}</div></div></div>"),
        format!("<br><table><td><div style='max-height:40px'>{rows}</div></table>"),
        format!("<br><div style='position:absolute;max-height:40px'>{rows}</div>"),
    ] {
        let Some(document) = on_low_pages(&html) else {
            return;
        };
        for word in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            document.only(word);
        }
    }
}

#[test]
fn what_sticks_out_of_inline_blocks_is_on_the_pages() {
    let rows = "<br>".to_string() + &["a", "b", "c", "d", "e", "f", "g", "h"].join("<br>");
    for body in [
        format!("<div style='display:inline-block;height:20px'>{rows}</div>"),
        format!("<p>x<br>x</p><div style='display:inline-block;height:20px'>{rows}</div>"),
        format!("<div style='display:inline-block;margin-top:20px'>{rows}</div>"),
        // A float that has no room beside it comes later.
        format!(
            "<div style='display:inline-block;width:190px'>{rows}</div><i style='float:left;width:90px'>i</i>"
        ),
    ] {
        let page = "@page{size:200px 100px;margin:0}";
        let Some(document) = print(&format!("<style>{page}{STYLE}</style>{body}")) else {
            return;
        };
        for word in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            document.only(word);
        }
        assert!(document.pages.len() < 5, "{body}");
    }
}

#[test]
fn what_follows_a_container_of_items_comes_below_its_end_whatever_sticks_out_of_it() {
    let lines = lines("a", 9);
    let (row, column) = (
        "display:flex;height:50px",
        "display:flex;flex-direction:column;height:50px",
    );
    let grid = "display:grid;height:50px;grid-template-rows:90px";
    let forced = "<p>a0</p><p style='break-before:page'>a8</p>";
    let soft = format!("<p>{lines}</p><p>b0</p>");
    for (style, inside) in [
        (row, soft.as_str()),
        ("display:flex;flex-wrap:wrap;height:50px", &soft),
        (grid, &soft),
        (column, forced),
    ] {
        let html = format!("<div style='{style}'>{inside}</div><p>c0</p><p>c1</p>");
        let Some(document) = on_low_pages(&html) else {
            return;
        };
        let (first, last) = (document.only("a0"), document.only("a8"));
        let (c0, c1) = (document.only("c0"), document.only("c1"));
        assert_eq!([c0.page, c1.page, last.page], [1, 1, 2], "{html}");
        assert_eq!((c0.y - first.y, c1.y - first.y), (50.0, 70.0), "{html}");
    }
}

#[test]
fn what_sticks_out_of_stretched_items_goes_on_without_their_edges() {
    let lines = lines("a", 9);
    let html = format!(
        "<div style='display:flex;height:50px'><p style='padding-left:10px;border:5px solid'>{lines}</p>\
         <p style='padding-top:10px'>b0</p></div><p>c0</p>"
    );
    let Some(document) = on_low_pages(&html) else {
        return;
    };
    let (first, last) = (document.only("a0"), document.only("a8"));
    // Five lines fill the page.
    assert_eq!((last.page, last.x), (2, first.x));
    assert_eq!((document.only("a4").page, last.y - first.y), (2, 75.0));
}

#[test]
fn what_follows_a_box_comes_below_its_end_whatever_sticks_out_of_it() {
    let forced = "<p>a</p><p style='break-before:page'>b</p>";
    let soft = "<p>a</p><p>e</p><p>e</p><p>e</p><p>e</p><p>b</p>";
    let floated =
        "<p>a</p><div style='float:left;height:75px'></div><div style='clear:left'>b</div>";
    for inside in [forced, soft, floated] {
        for around in [
            ["", ""],
            ["<div>", "</div>"],
            ["<div style='display:flow-root'>", "</div>"],
        ] {
            for style in [
                "height:50px",
                "max-height:50px",
                "display:flow-root;height:50px",
            ] {
                let [start, end] = around;
                let html =
                    format!("{start}<div style='{style}'>{inside}</div>{end}<p>c</p><p>d</p>");
                let Some(document) = on_low_pages(&html) else {
                    return;
                };
                let (a, b) = (document.only("a"), document.only("b"));
                let (c, d) = (document.only("c"), document.only("d"));
                assert_eq!([a.page, b.page, c.page, d.page], [1, 2, 1, 1], "{html}");
                assert_eq!((c.y - a.y, d.y - a.y), (50.0, 70.0), "{html}");
            }
        }
    }
}

#[test]
fn what_sticks_out_of_a_box_goes_on_as_wide_as_the_box_and_without_its_edges() {
    let lines: String = (0..14).map(|line| format!("<p>o{line}</p>")).collect();
    let html = format!(
        "<div style='padding-left:10px'><div style='margin-left:20px;height:30px;border:5px solid'>\
         {lines}</div></div><p>c</p>"
    );
    let Some(document) = on_low_pages(&html) else {
        return;
    };
    let (first, c) = (document.only("o0"), document.only("c"));
    assert_eq!((c.page, c.y - first.y), (1, 35.0));
    assert_eq!(document.pages.len(), 3);
    for (word, page, line) in [("o4", 2, 0.0), ("o8", 2, 4.0), ("o9", 3, 0.0)] {
        let word = document.only(word);
        assert_eq!((word.page, word.x), (page, first.x));
        assert_eq!(word.y - first.y, line * 20.0 - 5.0);
    }
}

#[test]
fn what_sticks_out_of_aligned_boxes_is_on_the_sheet() {
    let lines = lines("a", 4);
    for html in [
        format!("<table><td style='height:100px'><p style='max-height:10px'>{lines}</table>"),
        format!(
            "<table><td style='height:100px;vertical-align:bottom'><p style='height:0'>{lines}</table>"
        ),
        format!("<table><td><div style='height:0;float:left'>{lines}</div><td>b<br>b<br>b</table>"),
        // Nor is a percentage of the row's height, which makes the content higher, worth a line.
        "<table><tr style='height:20px'><td>b<tr style='height:20px'><td>\
         <p style='min-height:30%'></p>a0<br>a1<br>a2<td>a3</table>"
            .to_owned(),
        format!(
            "<div style='display:grid;grid-template-rows:10px 60px'><b></b>\
             <p style='height:20px;margin:auto'>{lines}</p></div>"
        ),
    ] {
        if all_on_sheets(&html, &["a0", "a1", "a2", "a3"]).is_none() {
            return;
        }
    }
}

#[test]
fn what_sticks_out_goes_on_where_a_page_ends_earlier_for_what_follows() {
    // The page ends in the lines that a box after them, which avoids breaks, must not leave.
    let lines: String = (0..10).map(|line| format!("<p>a{line}</p>")).collect();
    let html = format!(
        "<p>b0</p><div style='height:20px'>{lines}</div><p>b1</p>\
         <p style='break-before:page;break-after:avoid'>c0<br>c1<br>c2<br>c3</p>\
         <div style='break-inside:avoid'>d0<br>d1</div>"
    );
    let words = (0..10).map(|line| format!("a{line}"));
    let others = ["b0", "b1", "c0", "c1", "c2", "c3", "d0", "d1"];
    let words: Vec<String> = words.chain(others.map(str::to_owned)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some(document) = all_on_sheets(&html, &words) else {
        return;
    };
    let pages = ["a8", "a9", "c1", "c2"].map(|word| document.only(word).page);
    assert_eq!(pages, [2, 3, 2, 3], "{html}");
}

#[test]
fn a_box_that_goes_on_has_no_room_below_floats_that_fill_the_page() {
    let html = "<style>@page{size:400px 150px;margin:10px}body{margin:0;font:14px/24px 'DejaVu Sans'}</style>\
         <div style='width:120px'><br><br><p style='height:0'>w84w w85w w86w w87w w88w w89w w90w w91w w92w \
         w93w w94w w95w w96w <i style='float:right;height:1100px'>w98w w99w</i></p><div style='display:flex'>\
         <p>w132w w136w w137w w138w w139w w140w w141w w142w w143w</p></div></div>";
    let Some(document) = print(html) else { return };
    for word in ["w141w", "w142w", "w143w"] {
        let word = document.only(word);
        assert!(word.y < 140.0, "{word:?} is below the page area");
    }
}

#[test]
fn what_sticks_out_inside_a_box_that_clips_it_is_not_printed_below() {
    let lines: String = (0..9).map(|line| format!("<p>a{line}</p>")).collect();
    let inside = format!("<div style='height:20px'>{lines}</div><p>b0</p>");
    let hidden = |style: &str| {
        on_low_pages(&format!(
            "<div style='overflow:hidden;{style}'>{inside}</div><p>c0</p>"
        ))
    };
    let (Some(ends), Some(goes_on)) = (hidden(""), hidden("height:160px")) else {
        return;
    };
    // It ends on the first page.
    assert_eq!((ends.pages.len(), ends.only("c0").page), (1, 1));
    // It ends on the second, down to where what sticks out is seen.
    let pages = ["a4", "a5", "a7", "c0"].map(|word| goes_on.only(word).page);
    assert_eq!(pages, [1, 2, 2, 2]);
}

#[test]
fn what_sticks_out_goes_on_beside_a_float_that_follows() {
    let lines: String = (0..9).map(|line| format!("<p>a{line}</p>")).collect();
    let html = format!("<div style='height:20px'>{lines}</div><div style='float:right'>b0</div>");
    all_on_sheets(&html, &["a0", "a5", "a8", "b0"]);
    let document = on_low_pages(&html);
    assert!(document.is_none_or(|document| document.only("b0").page == 1));
}

#[test]
fn a_float_after_the_height_that_a_page_cuts_is_on_the_next_page() {
    let lines = lines("b", 5);
    let html = format!(
        "<div style='position:absolute'><p>{lines}</p><p>a0</p><div style='height:150px'></div>\
         <p>&nbsp;<i style='float:left'>a1</i></p></div>"
    );
    all_on_sheets(&html, &["b0", "b4", "a0", "a1"]);
}

#[test]
fn what_sticks_out_of_the_last_of_several_flex_lines_is_on_the_pages() {
    let lines = lines("a", 6);
    let html = format!(
        "<div style='display:flex;flex-wrap:wrap;height:160px'><p style='width:300px'>b0</p>\
         <p style='width:300px;height:0'>{lines}</p></div>"
    );
    all_on_sheets(&html, &["b0", "a0", "a4", "a5"]);
}

#[test]
fn lines_of_flex_items_with_margins_spread_no_further_than_the_sheet() {
    let html = "<div style='display:flex;flex-wrap:wrap;min-height:160px'><p style='width:300px'>a0</p>\
                <p style='width:300px;margin-top:20px'>a1</p></div>";
    all_on_sheets(html, &["a0", "a1"]);
}

#[test]
fn floats_after_a_line_that_pages_share_are_on_one_page() {
    let html = "<p><span style='line-height:230px'>a0</span><br><i style='float:right'>a1</i>\
                <i style='float:right;padding-top:90px'>a2</i>a3</p>";
    let Some(document) = on_low_pages(html) else {
        return;
    };
    for word in ["a1", "a2", "a3"] {
        document.only(word);
    }
}

#[test]
fn a_box_that_nothing_follows_ends_at_its_height_too() {
    let lines: String = (0..9).map(|line| format!("<p>a{line}</p>")).collect();
    let html =
        format!("<div style='height:30px'>{lines}</div><div style='position:absolute'>b0</div>");
    let Some(document) = on_low_pages(&html) else {
        return;
    };
    let (first, last) = (document.only("a0"), document.only("a8"));
    let below = document.only("b0");
    assert_eq!((below.page, below.y - first.y), (1, 30.0));
    assert_eq!((last.page, last.y - first.y), (2, 60.0));
}

#[test]
fn breaks_in_what_sticks_out_choose_the_page() {
    let inside = "<div style='height:50px'><p>a0</p><p style='break-before:left;margin-top:10px'>a1</p>\
                  <p style='break-before:left'>a2</p><p style='page:narrow'>a3</p><p>a4</p></div>";
    let on_pages = |html: &str| {
        let pages = "@page{size:300px 100px;margin:0}@page narrow{size:200px 100px}";
        print(&format!("<style>{pages}{STYLE}</style>{html}"))
    };
    let Some(document) = on_pages(inside) else {
        return;
    };
    let pages = ["a0", "a1", "a2", "a3"].map(|word| document.only(word).page);
    assert_eq!(pages, [1, 2, 4, 5]);
    let widths: Vec<f32> = document.pages.iter().map(|page| page.0.round()).collect();
    assert_eq!(widths, [300.0, 300.0, 300.0, 300.0, 200.0, 300.0]);
    // A margin below a forced break stays (CSS Fragmentation 3 §5.2).
    assert_eq!(document.only("a1").y - document.only("a2").y, 10.0);
    // What follows has the pages between to itself.
    let follows = "<p>b0</p><p style='break-before:page'>b1</p><p style='break-before:page'>b2</p>\
                   <p style='break-before:page'>b3</p>";
    let Some(document) = on_pages(&format!("{inside}{follows}")) else {
        return;
    };
    let pages = ["a0", "a1", "a2", "a3"].map(|word| document.only(word).page);
    assert_eq!(pages, [1, 2, 4, 5]);
    let pages = ["b0", "b1", "b2", "b3"].map(|word| document.only(word).page);
    assert_eq!(pages, [1, 2, 3, 4]);
}

#[test]
fn an_absolute_box_below_the_first_edges_of_pieces_that_all_have_them_is_there_once() {
    let lines = lines("a", 5);
    let html = format!(
        "<div style='position:relative;border:20px solid;box-decoration-break:clone'>{lines}\
         <div style='position:absolute;top:50px;right:0'>b0</div>\
         <div style='position:absolute;top:70px;right:0'>b1</div></div>"
    );
    let Some(document) = all_on_sheets(&html, &["a0", "a4", "b0", "b1"]) else {
        return;
    };
    assert_eq!(["b0", "b1"].map(|word| document.only(word).page), [1, 2]);
}

#[test]
fn a_margin_that_no_page_has_room_below_is_cut_off_above_what_is_positioned_too() {
    let html = "<div style='height:60px'></div><div style='position:absolute'>\
                <p style='margin-top:30px'>a0</p><div style='position:absolute'>a1</div></div>";
    all_on_sheets(html, &["a0", "a1"]);
}

#[test]
fn what_a_stretched_height_would_push_below_the_sheet_keeps_its_place() {
    let lines = lines("b", 5);
    let tall = "<div><p style='height:100%'></p>a0&nbsp;</div>";
    for container in [
        "display:flex",
        "display:grid;grid-template-columns:1fr 1fr",
        "display:flex;flex-direction:column;height:100px",
    ] {
        let items = match container.contains("column;") {
            true => tall.replacen("<div>", "<div style='flex:1'>", 1),
            false => format!("{tall}<p>{lines}</p>"),
        };
        let html = format!("<div style='{container}'>{items}</div>");
        if all_on_sheets(&html, &["a0"]).is_none() {
            return;
        }
    }
}
