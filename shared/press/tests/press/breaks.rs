//! Breaks, named pages and the size of pages.

use crate::read::{Document, Fixtures, PRESS, lines, print};
use fanfold_press::Options;

pub(crate) const STYLE: &str = "body{margin:0;font:16px/20px 'DejaVu Sans'} p{margin:0}";

/// `html` on pages that five lines fill.
pub(crate) fn on_low_pages(html: &str) -> Option<Document> {
    let page = "@page{size:300px 100px;margin:0}";
    print(&format!("<style>{page}{STYLE}</style>{html}"))
}

fn sizes(css: &str, body: &str) -> Option<Vec<(i32, i32)>> {
    let document = print(&format!("<style>{STYLE}{css}</style>{body}"))?;
    let round = |(width, height): &(f32, f32)| (width.round() as i32, height.round() as i32);
    Some(document.pages.iter().map(round).collect())
}

#[test]
fn empty_boxes_break_pages() {
    let html = "<p>one</p><div style='page-break-after:always'></div><p>two</p>\
                <div style='break-before:page'></div><p>three</p>\
                <div><div style='break-after:page'></div></div><p>four</p>";
    let page = "@page{size:100px;margin:0}";
    let Some(document) = print(&format!("<style>{page}{STYLE}</style>{html}")) else {
        return;
    };
    for (index, word) in ["one", "two", "three", "four"].iter().enumerate() {
        assert_eq!(document.only(word).page, index + 1, "{word}");
    }
}

#[test]
fn a_box_whose_height_does_not_fit_goes_to_the_next_page() {
    let boxes: String = (0..5)
        .map(|index| format!("<div style='height:30px'>b{index}</div>"))
        .collect();
    let page = "@page{size:100px;margin:10px}";
    let Some(document) = print(&format!("<style>{page}{STYLE}</style>{boxes}")) else {
        return;
    };
    let pages: Vec<usize> = (0..5)
        .map(|index| document.only(&format!("b{index}")).page)
        .collect();
    assert_eq!(pages, [1, 1, 2, 2, 3]);
}

#[test]
fn every_box_higher_than_a_page_is_shown() {
    // With nothing in the flow inside, and after one that ends just at the page's end, or above it.
    for height in ["80.4px", "100px"] {
        let boxes: String = (0..3)
            .map(|index| {
                format!(
                    "<div style='position:relative;height:{height}'>\
                     <b style='position:absolute;top:20px'>b{index}</b></div>"
                )
            })
            .collect();
        let page = "@page{size:100px;margin:10px}";
        let Some(document) = print(&format!("<style>{page}{STYLE}</style>{boxes}end")) else {
            return;
        };
        let pages = ["b0", "b1", "b2", "end"].map(|word| document.only(word).page);
        assert_eq!(pages, [1, 2, 3, 4], "{height}");
    }
    for above in [80, 79] {
        let page = "@page{size:100px;margin:10px}";
        let boxes = format!(
            "<div style='height:{above}.5px'></div><div style='height:110px;background:lime'></div>\
             <p>end"
        );
        let Some(document) = print(&format!("<style>{page}{STYLE}</style>{boxes}")) else {
            return;
        };
        assert_eq!(document.only("end").page, 3, "{above}");
        assert_eq!(document.pages.len(), 3, "{above}");
    }
}

#[test]
fn pages_are_as_large_as_their_boxes_ask_for() {
    for (css, expected) in [
        ("size:100px; width:50px; margin:10px 0 0 20px", (70, 100)),
        (
            "size:4px 1000px; width:100px; height:100px; padding:1px; border:2px solid; margin:3px",
            (112, 112),
        ),
        (
            "size:1000px; margin:100px; max-width:500px; min-height:1500px",
            (700, 1700),
        ),
        ("size:100px; width:40px; margin:auto", (100, 100)),
    ] {
        let Some(sizes) = sizes(&format!("@page{{{css}}}"), "") else {
            return;
        };
        assert_eq!(sizes, [expected], "{css}");
    }
}

#[test]
fn auto_page_margins_centre_the_page_area() {
    let html = format!(
        "<style>@page{{size:200px;width:100px;height:60px;margin:auto}}{STYLE}</style><p>middle"
    );
    let Some(document) = print(&html) else { return };
    assert!((document.only("middle").x - 50.0).abs() < 1.0);
    assert!(document.only("middle").y > 69.0);
}

#[test]
fn pages_take_the_name_of_what_begins_them() {
    let css = "@page{size:100px;margin:0} @page wide{size:200px} section{page:wide} \
               .auto{page:auto} .wide{page:wide}";
    let html = "<p>a</p><section><div class=wide>b</div><div>c</div><p class=auto>d</p></section>\
                <p>e</p>";
    let Some(sizes) = sizes(css, html) else {
        return;
    };
    assert_eq!(sizes, [(100, 100), (200, 200), (100, 100)]);
}

#[test]
fn page_groups_are_counted() {
    let css = "@page{size:100px} @page small{size:50px} @page :nth(1 of small){size:30px} \
               section{page:small} p{break-after:page}";
    let html = "<p>a</p><section><p>b</p><p>c</p></section><section><p>d</p><p>e</p></section>\
                <div>f</div>";
    let Some(sizes) = sizes(css, html) else {
        return;
    };
    let widths: Vec<i32> = sizes.iter().map(|(width, _)| *width).collect();
    assert_eq!(widths, [100, 30, 50, 30, 50, 100]);
}

#[test]
fn a_blank_page_belongs_to_what_goes_on() {
    let css = "@page{size:100px} @page p{size:50px} p{page:p;break-before:right}";
    let Some(sizes) = sizes(css, "<div><p>1</p><p>2</p></div>") else {
        return;
    };
    assert_eq!(sizes, [(50, 50), (100, 100), (50, 50)]);
}

#[test]
fn a_break_before_the_root_says_on_which_side_the_document_begins() {
    for (side, width) in [("left", 40), ("verso", 40), ("right", 50), ("recto", 50)] {
        let css =
            format!("@page:left{{size:40px}} @page:right{{size:50px}} html{{break-before:{side}}}");
        let Some(sizes) = sizes(&css, "abc") else {
            return;
        };
        assert_eq!(sizes, [(width, width)], "{side}");
    }
}

#[test]
fn breaks_before_and_after_floats_are_taken() {
    let Some(document) = print(
        "<p>start</p><div><p style='float:left;break-before:page'>float</p></div>\
         <div style='float:left;break-after:right'>second</div><p>end</p>",
    ) else {
        return;
    };
    assert_eq!(document.pages_of("start"), [1]);
    assert_eq!(document.pages_of("float"), [2]);
    assert_eq!(document.pages_of("second"), [2]);
    // The third page is on the right.
    assert_eq!(document.pages_of("end"), [3]);
}

#[test]
fn only_margins_that_adjoin_a_break_vanish() {
    // Where an edge or a formatting context is between, the margin stays (CSS Fragmentation 3 §5.2).
    for (style, expected) in [
        ("", 0.0),
        ("overflow:hidden", 12.0),
        ("display:flow-root", 12.0),
        ("padding-top:3px", 15.0),
        ("border-top:2px solid", 14.0),
        ("float:left", 12.0),
        ("break-before:page", 12.0),
    ] {
        let html = format!(
            "<style>@page{{size:200px 100px;margin:0}}{STYLE}</style><div style='height:90px'></div>\
             <div style='{style}'><div style='margin-top:12px'>there<br>more</div></div>"
        );
        let Some(document) = print(&html) else { return };
        let (there, more) = (document.only("there"), document.only("more"));
        assert_eq!(there.page, 2, "{style}");
        // The first line of two: its box begins as far above the word as the second's does.
        let line = more.y - there.y;
        let above = there.y - expected;
        assert!(
            (line - 20.0).abs() < 0.5 && (0.0..4.0).contains(&above),
            "{style}: {there:?}"
        );
    }
}

#[test]
fn a_margin_higher_than_the_page_leaves_the_text() {
    for margin in [
        "margin-top:95px",
        "margin-top:3000px;margin-break:keep",
        "margin-top:100px;margin-break:keep;break-before:page",
    ] {
        let html = format!(
            "<style>@page{{size:200px 100px;margin:0}}{STYLE} div{{{margin}}}</style>\
             <div>a</div><section><div>b</div></section><div>c</div>"
        );
        let Some(document) = print(&html) else { return };
        let pages = ["a", "b", "c"].map(|word| document.only(word).page);
        assert_eq!(pages, [1, 2, 3], "{margin}");
        assert!(
            ["a", "b", "c"]
                .iter()
                .all(|word| document.only(word).y < 100.0),
            "{margin}: {:?}",
            document.words
        );
    }
}

#[test]
fn a_line_higher_than_the_page_goes_on() {
    let lines: String = (0..12).map(|line| format!("l{line}<br>")).collect();
    for css in [
        "",
        "overflow:hidden",
        "overflow:hidden;height:270px",
        "vertical-align:top",
        "padding:10px;border:1px solid",
    ] {
        let html = format!(
            "<style>@page{{size:200px 100px;margin:5px}}{STYLE}</style><p>start<div>before \
             <span style='display:inline-block;{css}'>{lines}<b style='display:inline-block'>in\
             </b></span> after</div><p>end"
        );
        let Some(document) = print(&html) else { return };
        for index in 1..12 {
            let above = document.only(&format!("l{}", index - 1));
            let below = document.only(&format!("l{index}"));
            assert!(
                (above.page, above.y) < (below.page, below.y),
                "{css}: {below:?}"
            );
        }
        let [start, before, inside, after, end] =
            ["start", "before", "in", "after", "end"].map(|word| document.only(word));
        assert_eq!((start.page, before.page), (1, after.page), "{css}");
        assert!(inside.page <= end.page && after.page <= end.page, "{css}");
        assert!(document.pages.len() <= 6, "{css}: {}", document.pages.len());
    }
    // Of a picture, each page shows its part.
    let html = format!(
        "<style>@page{{size:200px 100px;margin:0}}{STYLE}</style>before <svg height=250 width=50>\
         <rect width=50 height=250 /></svg> after"
    );
    let Some(document) = print(&html) else { return };
    assert_eq!(document.pages.len(), 3);
    assert_eq!(document.only("before").page, 3);
    // Nothing is in this one.
    let html = html.replace("before", "").replace("after", "");
    let empty = html.replace("<rect width=50 height=250 />", "");
    for (html, pages) in [(html, 3), (empty, 1)] {
        let Some(document) = print(&html) else { return };
        assert_eq!(document.pages.len(), pages);
    }
}

#[test]
fn pages_end_between_boxes_that_hold_only_floats() {
    let items: String = (0..4)
        .map(|item| {
            format!(
                "<div style='break-inside:avoid'><p style='float:right;width:90%'>i{item}</div>"
            )
        })
        .collect();
    let html = format!(
        "<style>@page{{size:200px 100px;margin:0}}{STYLE} h2{{font-size:16px;margin:0}}</style>\
         <div style='height:40px'></div><div><h2>title</h2>{items}</div>"
    );
    let Some(document) = print(&html) else { return };
    let pages: Vec<usize> = (0..4)
        .map(|item| document.only(&format!("i{item}")).page)
        .collect();
    assert_eq!(document.only("title").page, 1);
    assert_eq!(pages, [1, 1, 2, 2]);
}

#[test]
fn cloned_edges_have_room_on_every_page() {
    // Pages of 70 px with 10 px above and below the lines of each fragment: two lines of 20 px.
    let html = "<style>@page{size:100px 70px;margin:0}body{margin:0;font:20px/1 monospace;orphans:1;widows:1}\
                div{box-decoration-break:clone;padding:10px 0}</style><div>a<br>b<br>c<br>d</div>";
    let Some(document) = print(html) else {
        return;
    };
    for (word, page) in [("a", 1), ("b", 1), ("c", 2), ("d", 2)] {
        assert_eq!(document.only(word).page, page, "{word}");
    }
}

#[test]
fn pages_end_at_boxes_without_height_between_headings() {
    let html = format!(
        "<style>@page{{size:200px 100px;margin:0}}{STYLE} h2{{font-size:16px;margin:0}}</style>\
         <div style='height:40px'></div><h2>first</h2><div></div><h2>second</h2><div></div>\
         <div style='height:50px'>tall</div>"
    );
    let Some(document) = print(&html) else { return };
    let pages = ["first", "second", "tall"].map(|word| document.only(word).page);
    assert_eq!(pages, [1, 1, 2]);
    // Next to each other, they stay together.
    let html = html.replace("<div></div>", "");
    let Some(document) = print(&html) else { return };
    let pages = ["first", "second", "tall"].map(|word| document.only(word).page);
    assert_eq!(pages, [2, 2, 2]);
}

#[test]
fn a_height_that_follows_from_a_ratio_goes_on_over_the_pages_end() {
    let html = format!(
        "<style>@page{{size:300px 100px;margin:0}}{STYLE}</style><p>t<p>t<p>t\
         <div style='aspect-ratio:4/1'><p>one<p>two<p>three</div>"
    );
    let Some(document) = print(&html) else { return };
    let pages = ["one", "two", "three"].map(|word| document.only(word).page);
    assert_eq!(pages, [1, 1, 2]);
}

#[test]
fn margins_at_breaks_are_kept_or_not() {
    for (breaks, margin, top) in [
        ("page", "auto", 20.0),
        ("auto", "auto", 0.0),
        ("auto", "keep", 20.0),
        ("page", "discard", 0.0),
    ] {
        let html = format!(
            "<style>@page{{size:200px 100px;margin:0}}{STYLE} div{{height:75px;margin:20px 0 0;\
             margin-break:{margin}}}section + section{{break-before:{breaks}}}</style>\
             <section><div>a</div></section><section><div>b</div></section>"
        );
        let Some(document) = print(&html) else { return };
        let [first, second] = ["a", "b"].map(|word| document.only(word));
        assert_eq!((first.page, second.page), (1, 2));
        assert!(
            (second.y - first.y + 20.0 - top).abs() < 1.0,
            "{breaks} {margin}: {second:?}"
        );
    }
}

#[test]
fn high_lines_go_on_in_columns_beside_floats_and_under_max_lines() {
    let style = "<style>@page{size:300px 200px;margin:20px}body{margin:0;font:16px/20px 'DejaVu Sans';\
                 orphans:1;widows:1}p{margin:0}b{display:inline-block;width:60px}</style>";
    let high: String = (0..20).map(|line| format!("w{line}<br>")).collect();
    let float = "<i style='float:right;height:30px'>float</i>";
    for (case, html, pages) in [
        (
            "columns",
            format!("<div style='columns:2'><b>{high}</b>after</div>"),
            2,
        ),
        ("a float", format!("<p>{float}<b>{high}</b>after</p>"), 3),
        (
            "max-lines",
            format!("<p style='max-lines:1'><b>{high}</b>after</p>"),
            3,
        ),
    ] {
        let Some(document) = print(&format!("{style}{html}")) else {
            return;
        };
        assert_eq!(document.pages.len(), pages, "{case}");
        for line in 0..20 {
            let word = document.only(&format!("w{line}"));
            assert!(word.y > 15.0 && word.y < 185.0, "{word:?}, {case}");
        }
        let last = document.only("w19");
        assert!((document.only("after").y - last.y).abs() < 2.0, "{case}");
    }
}

#[test]
fn the_page_area_is_what_a_pages_own_height_says() {
    let style = format!("<style>@page{{size:200px 100px;margin:0}}{STYLE}</style>");
    // So is what `vh` is of (CSS Paged Media 3 §4.1).
    let css = "<style>@page{height:50px;margin:10px}</style>";
    let html = format!("{style}{css}<div style='height:100vh;break-after:page'>one</div><p>two");
    let Some(document) = print(&html) else { return };
    assert_eq!(document.pages.len(), 2);
}

#[test]
fn absolute_boxes_break_where_they_are_told_to() {
    let html = "<style>@page{size:200px;margin:20px}</style><div style='position:absolute;left:10px'><p>one</p>\
                <p style='break-before:page'>two<p style='page:named'>three</div>";
    let Some(document) = print(html) else { return };
    let pages = ["one", "two", "three"].map(|word| document.only(word).page);
    assert_eq!(pages, [1, 2, 3]);
    assert_eq!(document.only("two").x, 30.0);
}

#[test]
fn a_margin_of_the_root_that_takes_a_page_hides_nothing() {
    let html = "<style>@page{size:200px 100px;margin:10px}html{margin-top:300px}body{margin:0}</style>first<p>last";
    let Some(document) = print(html) else { return };
    let word = document.only("first");
    assert!(word.page == 2 && word.y < 30.0, "{word:?}");
    assert_eq!(document.pages.len(), 2);
}

#[test]
fn what_is_below_an_upper_edge_of_a_page_and_more_is_on_the_next() {
    for (body, page) in [
        ("<div style='padding-top:200px'>word</div>", 2),
        ("<div style='padding-top:500px'>word</div>", 4),
        ("<div style='padding-top:250px'><p>word<p>after</div>", 2),
        ("<p>a<div style='border-top:200px solid red'>word</div>", 3),
        (
            "<div style='padding-top:90px'><div style='padding-top:90px'>word</div></div>",
            2,
        ),
        ("<table><td style='padding:200px 0 0'>word</table>", 2),
        (
            "<div style='display:flex'><div style='padding-top:200px'>word</div></div>",
            2,
        ),
        ("<div style='display:flex;padding-top:200px'>word</div>", 2),
        (
            "<p>a<div style='display:grid;padding-top:200px'>word</div>",
            3,
        ),
        (
            "<div style='box-decoration-break:clone;padding:150px 0 0'>word</div>",
            2,
        ),
        ("<div style='columns:2;padding-top:200px'>word</div>", 2),
        (
            "<div style='columns:2;height:130px'><div style='padding-top:200px'>word</div></div>",
            1,
        ),
    ] {
        let html = format!(
            "<style>@page{{size:200px 150px;margin:0}}body{{margin:0;font:12px/15px 'DejaVu Sans'}}p{{margin:0}}\
             </style>{body}<p>end"
        );
        let Some(document) = print(&html) else { return };
        let word = document.only("word");
        assert_eq!(word.page, page, "{body}");
        assert!(word.y < 150.0, "{body}: {word:?}");
        assert_eq!(document.only("end").page, page, "{body}");
    }
}

#[test]
fn a_float_at_a_lines_end_is_printed_once() {
    // The float stands beside the line that ends where it is anchored; the next line goes to the next page.
    for (height, widows, body) in [
        (24, 1, "<p>aaaa <i>float</i>bbbbbbbb cccccccc"),
        (44, 2, "<p>aaaa <i>float</i>bbbbbbbb cccccccc"),
        (
            44,
            1,
            "<p>aaaa <i>float</i>bbbbbbbb</p><p style='break-before:avoid'>cccccccc",
        ),
    ] {
        let html = format!(
            "<style>@page{{size:100px {height}px;margin:0}}body{{margin:0;font:12px/20px 'DejaVu Sans Mono'}}\
             p{{margin:0;orphans:1;widows:{widows}}}i{{float:right}}</style>{body}"
        );
        let Some(document) = print(&html) else { return };
        assert_eq!(document.only("float").page, 1, "{html}");
        assert_eq!(document.only("bbbbbbbb").page, 2, "{html}");
    }
}

#[test]
fn limits_hold_for_a_box_over_all_its_pages() {
    for (body, pages) in [
        ("<td><div style='height:20px;min-height:250px'>a</div>", 3),
        ("<td><div style='height:350px;max-height:250px'>a</div>", 3),
    ] {
        let html = format!(
            "<style>@page{{size:200px 100px;margin:0}}{STYLE}td{{padding:0}}</style><table>{body}</table>"
        );
        let Some(document) = print(&html) else { return };
        assert_eq!(document.pages.len(), pages, "{body}");
    }
}

#[test]
fn a_cell_that_has_only_its_padding_above_the_break_goes_on_without_it() {
    let html = "<style>@page{size:300px 100px;margin:0}body{margin:0;font:10px/10px 'DejaVu Sans'}p{margin:0}\
                td{padding:0;vertical-align:top}table{border-spacing:0}</style><div style='height:70px'></div>\
                <table><tr><td>a<br>b<br>c<br>d<br>e<br>f<td style='padding-top:8px;line-height:24px'><p>one<br>two";
    let Some(document) = print(html) else { return };
    assert_eq!(document.only("a").page, 1);
    let word = document.only("one");
    assert!(word.page == 2 && word.y < 20.0, "{word:?}");
}

#[test]
fn nothing_is_aligned_below_the_page() {
    for style in [
        "align-items:center",
        "align-items:flex-end",
        "align-content:center;flex-wrap:wrap",
        "flex-direction:column;justify-content:flex-end",
        "flex-direction:column;justify-content:space-between",
    ] {
        for height in ["height", "min-height"] {
            let html = format!(
                "<div style='display:flex;gap:10px;{height}:450px;{style}'><p>a</p><p>b</p></div>c"
            );
            let Some(document) = on_low_pages(&html) else {
                return;
            };
            for word in ["a", "b", "c"] {
                document.only(word);
            }
            // What is on the sheet is where it belongs, however much higher the container is.
            for (height, centre) in [("70px", 45.0), ("130px", 75.0)] {
                let page = "@page{size:300px 100px;margin:20px 0}";
                let html = html.replace("450px", height);
                let document = print(&format!("<style>{page}{STYLE}</style>{html}"));
                let b = document.map(|document| document.only("b").y.floor());
                if style == "align-items:center" {
                    assert_eq!(b, Some(centre), "{height} {style}");
                } else if height == "70px" && !style.contains("center") {
                    assert_eq!(b, Some(70.0), "{style}");
                }
            }
        }
    }
}

#[test]
fn margins_and_edges_higher_than_the_page_hide_nothing() {
    for html in [
        "<i style='float:left;margin:200px 0'>a</i>",
        "<div style='display:flex;padding-top:150px'><p>a</p></div>",
        "<div style='display:grid;padding-top:150px'><p>a</p></div>",
        "<div style='display:flex;border-top:99px solid;flex-direction:column'><p>a</p></div>",
        "<div style='display:flex'><p style='margin-top:200px'>a</p></div>",
        "<div style='display:flex;flex-direction:column'><p style='margin-top:200px'>a</p></div>",
        "<fieldset style='padding-top:150px'><legend>a</legend><p>b</p></fieldset>",
    ] {
        let Some(document) = on_low_pages(html) else {
            return;
        };
        assert!(document.pages.len() < 4, "{html}");
        document.only("a");
    }
}

#[test]
fn a_float_that_has_no_room_beside_a_broken_one_is_on_the_next_page() {
    let html = "<br> <i style='float:right;height:300px'>a</i> \
                <i style='float:left;height:90px;margin-right:9px'>b</i>c";
    let Some(document) = on_low_pages(html) else {
        return;
    };
    assert_eq!(document.only("a").page, 1);
    assert_eq!(document.only("b").page, 2);
}

#[test]
fn a_legend_stays_above_a_list_that_is_broken_further_up() {
    let html = "<fieldset style='margin:0;padding:0;break-after:avoid'><legend>a</legend>\
                <ol style='margin:0'><li>b</li><li>c</li></ol></fieldset>\
                <div style='break-inside:avoid'>d<br>e<br>f</div>";
    let Some(document) = on_low_pages(html) else {
        return;
    };
    assert_eq!(document.only("a").page, 1);
    assert_eq!(document.only("c").page, 2);
}

#[test]
fn a_positioned_box_that_is_broken_further_up_is_painted() {
    for style in [
        "position:relative",
        "opacity:.5",
        "transform:none;z-index:1;position:relative",
    ] {
        let html = format!(
            "<div style='{style}'><p style='break-after:avoid;orphans:1;widows:1'>a<br>b<br>c</div>\
             <div style='break-inside:avoid'>d<br>e<br>f</div>"
        );
        let Some(document) = on_low_pages(&html) else {
            return;
        };
        assert_eq!(document.only("b").page, 1, "{style}");
        assert_eq!(document.only("c").page, 2, "{style}");
    }
}

#[test]
fn an_absolute_box_at_the_pages_end_begins_on_the_next() {
    let page = "@page{size:300px 200px;margin:0}";
    for html in [
        "<p style='height:190px'>x</p><div style='position:absolute'><p>abs</p></div>",
        "<p style='height:190px'>x</p><div style='position:absolute'><p>abs</p><p>two</p></div><p>after",
        "<div style='position:absolute;top:190px;height:60px'>abs<br>two</div>",
    ] {
        let Some(document) = print(&format!("<style>{page}{STYLE}</style>{html}")) else {
            return;
        };
        let word = document.only("abs");
        assert!(word.page == 2 && word.y < 20.0, "{html}: {word:?}");
    }
}

#[test]
fn a_margin_of_the_root_leaves_room_for_a_line() {
    let page = "@page{size:300px 200px;margin:0}html{margin-top:190px}";
    let html = format!("<style>{page}{STYLE}</style><p>one</p><p>two</p>");
    let Some(document) = print(&html) else {
        return;
    };
    let word = document.only("one");
    assert!(word.page == 1 && word.y < 185.0, "{word:?}");
    assert_eq!(document.only("two").page, 2);
}

/// The words of each page, in the order of the alphabet.
fn words_by_page(body: &str) -> Option<Vec<String>> {
    let page = "@page{size:300px 200px;margin:0}";
    let document = print(&format!("<style>{page}{STYLE}</style>{body}"))?;
    let on = |page: usize| {
        let words = document.words.iter().filter(|word| word.page == page + 1);
        let mut words: Vec<&str> = words.map(|word| word.text.as_str()).collect();
        words.sort_unstable();
        words.join(" ")
    };
    Some((0..document.pages.len()).map(on).collect())
}

#[test]
fn breaks_between_and_inside_the_items_of_flex_and_grid_containers_are_taken() {
    // As Chromium has them.
    for (body, pages) in [
        (
            "<div style='display:flex;flex-direction:column'><p>one<p style='break-before:page'>two\
             <p style='break-after:page'>three<p>four</div>",
            vec!["one", "three two", "four"],
        ),
        // The breaks of any item of a line are the line's.
        (
            "<div style='display:flex;flex-wrap:wrap'><p style='width:100%'>one<p style='width:50%'>two\
             <p style='width:50%;break-before:page'>three<p style='width:100%'>four</div>",
            vec!["one", "four three two"],
        ),
        (
            "<div style='display:grid;grid-template-columns:1fr 1fr'><p>one<p>two<p>three\
             <p style='break-before:page'>four<p style='break-after:page'>five<p>six<p>seven</div>",
            vec!["one two", "five four six three", "seven"],
        ),
        // Those of the first and last line are the container's.
        (
            "<p>zero<div style='display:flex;gap:9px'><p>one<p style='break-before:page'>two</div>",
            vec!["zero", "one two"],
        ),
        (
            "<p>zero<div style='display:grid'><p style='break-before:page'>one<p style='break-after:page'>two\
             </div>end",
            vec!["zero", "one two", "end"],
        ),
        (
            "<p>zero<div style='display:flex;gap:9px'><div><p>one<p style='break-before:page'>two</div><p>a</div>",
            vec!["a one zero", "two"],
        ),
        (
            "<p>zero<div style='display:grid;grid-template-columns:1fr 1fr'><div><p>one\
             <p style='break-before:page'>two</div><p>a</div>",
            vec!["a one zero", "two"],
        ),
    ] {
        let Some(found) = words_by_page(body) else {
            return;
        };
        assert_eq!(found, pages, "{body}");
    }
}

#[test]
fn items_that_avoid_a_break_between_them_stay_together() {
    for style in [
        "display:flex;flex-direction:column",
        "display:flex;flex-wrap:wrap",
        "display:grid",
    ] {
        let body = format!(
            "<style>p{{width:100%}}</style><div style='{style}'><p style='height:150px'>one\
             <p style='break-after:avoid'>two<p style='height:40px'>three</div>"
        );
        let Some(found) = words_by_page(&body) else {
            return;
        };
        assert_eq!(found, ["one", "three two"], "{style}");
    }
}

#[test]
fn an_absolute_box_in_an_absolute_box_goes_on() {
    let lines: String = (0..8).map(|line| format!("a{line}<br>")).collect();
    let html = format!(
        "<div style='position:absolute'><div style='position:absolute'>{lines}</div></div>"
    );
    let Some(document) = on_low_pages(&html) else {
        return;
    };
    for line in 0..8 {
        assert_eq!(document.only(&format!("a{line}")).page, 1 + line / 5);
    }
}

#[test]
fn margins_of_flex_items_are_not_repeated_where_they_go_on() {
    let lines: String = (0..8).map(|line| format!("a{line}<br>")).collect();
    let html = format!("<div style='display:flex'><p style='margin-top:20px'>{lines}</p></div>");
    let Some(document) = on_low_pages(&html) else {
        return;
    };
    let first = document.only("a4");
    assert_eq!((first.page, first.y.floor()), (2, 0.0));
}

#[test]
fn a_float_that_another_pushes_off_the_page_is_on_the_next_one() {
    let html = "<div style='min-height:150px;float:left;width:290px'>a</div>\
                <p>b<i style='float:left;margin-right:9px'>c</i></p>";
    let Some(document) = on_low_pages(html) else {
        return;
    };
    assert_eq!(document.only("c").page, 2);
    assert_eq!(document.only("b").page, 2);
}

#[test]
fn content_that_had_no_room_below_a_legend_is_printed_once() {
    for html in [
        "<fieldset style='margin:0;padding:0;border:0'><legend></legend><p style='break-after:avoid'>a</p>\
         <p style='padding:40px 0 50px'>b</p></fieldset>",
        "<fieldset><legend></legend><div style='float:right'>a</div>\
         <table><tr style='height:95px'><td>b</table></fieldset>",
    ] {
        let Some(document) = on_low_pages(html) else {
            return;
        };
        document.only("a");
        document.only("b");
    }
}

#[test]
fn text_after_a_high_picture_in_an_absolute_box_is_shown() {
    let html = format!(
        "<style>@page{{size:300px 200px;margin:0}}{STYLE}</style><div style='position:absolute'>\
         <svg style='display:block' width=20 height=450><rect width=20 height=450 /></svg>word</div>"
    );
    let Some(document) = print(&html) else { return };
    assert_eq!(document.only("word").page, 3);
}

#[test]
fn a_flex_line_whose_items_avoid_breaks_goes_to_the_next_page() {
    let card = "<p style='height:20px;break-inside:avoid'>a<br>b<br>c</p>";
    let html = format!("<br><br><br><br><div style='display:flex'>{card}</div>");
    let Some(document) = on_low_pages(&html) else {
        return;
    };
    for word in ["a", "b", "c"] {
        assert_eq!(document.only(word).page, 2, "{word}");
    }
}

#[test]
fn a_flex_line_that_no_page_has_room_for_begins_where_it_stands() {
    let lines = |name: &str| (0..9).map(|n| format!("{name}{n}<br>")).collect::<String>();
    for (avoids, page) in [("auto", 1), ("avoid", 2)] {
        let html = format!(
            "head<div style='display:flex'><p style='break-inside:{avoids}'>{}</p><p>{}</p></div>",
            lines("a"),
            lines("b"),
        );
        let Some(document) = on_low_pages(&html) else {
            return;
        };
        assert_eq!(document.only("a0").page, page, "{avoids}");
        assert_eq!(document.only("b0").page, page, "{avoids}");
    }
}

#[test]
fn breaks_of_grid_items_in_other_rows_are_not_the_containers() {
    let html = "<p>s</p><div style='display:grid'><p style='grid-row:2;break-before:page'>b</p>\
                <p style='grid-row:1'>a</p></div>";
    let Some(document) = on_low_pages(html) else {
        return;
    };
    assert_eq!(document.only("a").page, 1);
    assert_eq!(document.only("b").page, 2);
}

#[test]
fn an_empty_inline_block_below_a_low_page_asks_for_no_other() {
    let html = "<style>@page{size:10px;margin:0} body{margin:0;display:inline-block}</style>";
    let Some(document) = print(html) else { return };
    assert_eq!(document.pages.len(), 1);
}

#[test]
fn what_stands_at_the_end_of_a_box_that_the_page_cuts_off_is_where_the_whole_box_has_it() {
    // As high as the page, below a margin of 10px: no page is wanted for the rest, in which nothing is.
    let html = "<style>@page{size:300px 100px;margin:0} body{margin:10px} div{position:relative;height:100px}\
                i{position:absolute;left:0} .a{bottom:30px} .b{left:50px;bottom:4px}\
                .c{left:100px;bottom:0;padding-bottom:30px}</style>\
                <div><i class=a>a</i><i class=b>b</i><i class=c>c</i></div>";
    let Some(document) = print(&format!("<style>{STYLE}</style>{html}")) else {
        return;
    };
    let (a, b) = (document.only("a"), document.only("b"));
    assert_eq!((a.page, b.page, document.pages.len()), (1, 1, 1));
    assert_eq!(document.only("c").y, a.y);
    // What would be beyond the page's end is as low as the page allows.
    assert_eq!((b.y - a.y).round(), 20.0);
}

#[test]
fn a_page_may_end_above_what_only_clears_floats() {
    // A list keeps to what is above it, as far as that can be kept together: not past the end of `::after`.
    let html = "<style>header::after{content:'';display:table;clear:both} i{float:right} ul{margin:0}</style>\
                <p>a<br>b</p><header><i>f</i><p>c<br>d</p></header><ul><li>e<br>e2</ul>";
    let Some(document) = on_low_pages(html) else {
        return;
    };
    let pages = ["a", "f", "d", "e"].map(|word| document.only(word).page);
    assert_eq!(pages, [1, 1, 1, 2]);
}

#[test]
fn a_legend_below_an_edge_that_takes_the_page_is_printed() {
    for html in [
        "<fieldset style='margin:90px 0'><legend>in</legend><div></div></fieldset>",
        "<fieldset style='margin:90px 0'><legend>in</legend></fieldset>",
        "<p>a<p>b<p>c<p>d<p style='line-height:16px'>e</p>\
         <div style='position:absolute'><fieldset><legend>in</legend>x</fieldset></div>",
    ] {
        let Some(document) = on_low_pages(html) else {
            return;
        };
        assert_eq!(document.only("in").page, 2, "{html}");
    }
}

#[test]
fn a_line_higher_than_what_edges_leave_of_a_column_goes_on() {
    let html = "<div style='columns:100px;border:20px solid'>\
                <span style='display:inline-block'>a<br>b<br>c<br>d<br>e</span></div>";
    let Some(document) = on_low_pages(html) else {
        return;
    };
    for word in ["a", "b", "c", "d", "e"] {
        document.only(word);
    }
}

#[test]
fn nothing_is_off_the_sheet_below_an_edge_that_leaves_it_too_little_room() {
    let line = "<span style='line-height:40px'>in</span>";
    let item = "<p style='margin:20px 0'>in</p>";
    for (html, page) in [
        (format!("<p style='padding-top:70px'>{line}</p>"), 2),
        (
            format!("<div style='border-top:70px solid'><p>{line}</p></div>"),
            2,
        ),
        (
            format!("<div style='padding-top:70px;display:grid'>{item}</div>"),
            2,
        ),
        (
            format!("<div style='padding-top:70px;display:flex'><p>{line}</p></div>"),
            2,
        ),
        // A margin is cut off.
        (
            "<div style='position:absolute'><p style='margin:120px 0'>in</p></div>".to_owned(),
            1,
        ),
    ] {
        let Some(document) = on_low_pages(&html) else {
            return;
        };
        assert_eq!(document.only("in").page, page, "{html}");
    }
}

#[test]
fn pages_of_lines_and_rows_of_one_box_take_linear_time() {
    let item = |index| format!("<div style='width:100%'>w{index}</div>");
    let wrapped = |count: usize| -> String {
        let items: String = (0..count).map(item).collect();
        format!("<div style='display:flex;flex-wrap:wrap'>{items}</div>")
    };
    let atomic = |count: usize| {
        let lines = "w<br>".repeat(count);
        format!("<span style='display:inline-block'>{lines}</span>")
    };
    let steps = |html: &str| {
        let page = "@page{size:300px 100px;margin:0}";
        let html = format!("<style>{page}{STYLE}</style>{html}");
        let pdf = PRESS.print(&html, &Fixtures, &Options::default());
        pdf.expect("the document prints").steps
    };
    let rows = |count: usize| {
        let rows = "<tr style='break-after:avoid'><td>w".repeat(count);
        format!("<table>{rows}</table>")
    };
    let documents: [&dyn Fn(usize) -> String; 3] = [&wrapped, &atomic, &rows];
    for html in documents {
        // Eight times the lines take eight times the steps; 64 times would be quadratic.
        let (few, many) = (steps(&html(500)), steps(&html(4000)));
        assert!(many < few * 9, "{few} and {many} steps");
    }
}

#[test]
fn a_flex_line_has_the_same_items_on_a_page_of_another_width() {
    // Two items of eight lines are on a line of the first page, which has room for five; on the next one there is room for three, or for one.
    for [first, next] in [[250, 300], [250, 150]] {
        let pages =
            format!("@page{{size:{next}px 100px;margin:0}} @page:first{{size:{first}px 100px}}");
        let items = format!(
            "<div>{}</div><div>{}</div><div>c0</div>",
            lines("a", 8),
            lines("b", 8)
        );
        let html = format!(
            "<style>{pages}{STYLE} div div{{width:100px}}</style>\
             <div style='display:flex;flex-wrap:wrap'>{items}</div>"
        );
        let Some(document) = print(&html) else { return };
        for name in ["a", "b"] {
            for line in 0..8 {
                let word = document.only(&format!("{name}{line}"));
                assert_eq!(word.page, 1 + line / 5, "{name}{line}, {next}");
            }
        }
        assert_eq!(document.only("c0").page, 2, "{next}");
        assert!(document.only("c0").y > document.only("a7").y, "{next}");
    }
}

#[test]
fn floats_go_on_before_what_spans_columns() {
    let float = format!(
        "<div style='float:left'>{}{}</div>",
        lines("e", 8),
        lines("f", 8)
    );
    let spanning = "<h1 style='font:inherit;margin:0;column-span:all'>s0</h1>";
    for begun in [format!("<p>{float}a0</p>"), float] {
        let html = format!("<div style='columns:2;column-gap:0'>{begun}{spanning}b0</div>");
        let Some(document) = on_low_pages(&html) else {
            return;
        };
        for line in 0..16 {
            let name = if line < 8 { "e" } else { "f" };
            let word = document.only(&format!("{name}{}", line % 8));
            assert_eq!(word.page, 1 + line / 10, "{name}{}", line % 8);
        }
        let place = |word| (document.only(word).page, document.only(word).y);
        assert!(place("f7") < place("s0"), "{begun}");
        assert!(place("s0") < place("b0"), "{begun}");
    }
}

#[test]
fn a_relative_position_below_an_edge_makes_no_page() {
    for edge in [
        "padding-top:1px",
        "border-top:1px solid",
        "display:flex;padding-top:1px",
    ] {
        let moved = "<p style='position:relative;top:150px'>a0</p>";
        let Some(document) = on_low_pages(&format!("<div style='{edge}'>{moved}</div><p>b0</p>"))
        else {
            return;
        };
        assert_eq!(document.only("b0").page, 1, "{edge}");
    }
}

/// That each of these words is printed once and on the sheet, which is 100px high.
pub(crate) fn all_on_sheets(html: &str, words: &[&str]) -> Option<Document> {
    let document = on_low_pages(html)?;
    for word in words {
        let word = document.only(word);
        assert!(word.y <= 85.0, "{word:?} is below the sheet: {html}");
    }
    Some(document)
}

#[test]
fn edges_on_every_page_leave_room_for_a_line() {
    // One of both edges alone would.
    let clone = "box-decoration-break:clone";
    let inner = format!("<div style='margin-top:20px;border:15px solid;{clone}'>a0</div>");
    for html in [
        format!("<div style='padding:60px 0;{clone}'><p style='line-height:60px'>a0</p></div>"),
        format!(
            "<div style='padding-bottom:120px;{clone}'><table><tr style='height:300px'><td>a0</table></div>"
        ),
        // Those of the box around have taken some of it.
        format!(
            "<div style='padding:30px 0;{clone}'><div style='display:grid'>{inner}</div></div>"
        ),
    ] {
        if all_on_sheets(&html, &["a0"]).is_none() {
            return;
        }
    }
}

#[test]
fn floats_that_stick_out_of_a_block_of_no_height_are_not_lost() {
    let float = "<p><i style='float:right;margin-top:90px'>a0</i></p>";
    for html in [
        format!("<div style='position:absolute;height:40px'>{float}</div>"),
        // Though its own height goes on below.
        format!(
            "<div style='position:absolute'>{}<p style='height:450px'></div>",
            float.replace("90px", "200px")
        ),
        format!("<table><td><div style='float:left;max-height:40px'>{float}</div></table>"),
    ] {
        if all_on_sheets(&html, &["a0"]).is_none() {
            return;
        }
    }
}

#[test]
fn items_are_aligned_in_what_is_seen_of_stretched_ones() {
    let html = "<div style='height:400px;display:flex'>\
                <div style='display:flex;align-items:center'>a0</div></div>";
    all_on_sheets(html, &["a0"]);
}

#[test]
fn a_grid_in_columns_has_a_line_where_there_is_room_for_one() {
    let high = "<p style='margin-top:16px;line-height:40px'>a0<br>a1<br>a2<br>a3</p>";
    let grid = format!("<div style='columns:2'><div style='display:grid'>{high}</div></div>");
    let html = format!(
        "<table border=1><tr><td>{}<tr><td><td>{grid}</table>",
        lines("b", 4)
    );
    all_on_sheets(&html, &["a0", "a1", "a2"]);
}

#[test]
fn floats_in_what_spans_columns_are_in_it() {
    let float = "<i style='float:right;margin:60px 0'>a0</i>";
    let html = format!(
        "<div style='display:grid'><div style='columns:2'>b<br>c<br>d<br>e\
         <h4 style='column-span:all;margin:0'>{float}</h4>f</div></div>"
    );
    let Some(document) = all_on_sheets(&html, &["a0", "f"]) else {
        return;
    };
    let place = |word| (document.only(word).page, document.only(word).y);
    assert!(place("f") > place("a0"));
}

#[test]
fn a_grid_item_that_begins_below_its_margin_on_a_later_page_has_room() {
    let html = "<div style='display:grid;grid-template-columns:1fr 1fr'>b0\
                <p style='margin:190px 0'>a0</p></div>";
    all_on_sheets(html, &["a0"]);
}

#[test]
fn a_flex_line_whose_text_has_no_room_goes_to_the_next_page() {
    let item = "<p style='line-height:40px'>a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 b0 b1</p>";
    let html = format!(
        "<div style='columns:2'><h4 style='column-span:all;margin:0'>{}</h4>\
         <div style='height:20px;display:flex'>{item}</div></div>",
        lines("c", 4)
    );
    all_on_sheets(&html, &["a0", "a5", "b1"]);
}

#[test]
fn a_line_that_is_cut_in_a_box_that_goes_on_sinks_below_the_edge_above_it() {
    let html =
        "<div style='padding:70px 0 0'><div><p style='line-height:40px'>a0<br>a1</p></div></div>";
    let Some(document) = all_on_sheets(html, &["a0", "a1"]) else {
        return;
    };
    assert_eq!(document.only("a0").page, 2);
}

#[test]
fn text_in_the_middle_of_a_line_higher_than_the_page_is_on_the_next() {
    for edge in ["0", "5px"] {
        let html = format!("<p style='padding-top:{edge};line-height:250px'>a0</p>");
        let Some(document) = all_on_sheets(&html, &["a0"]) else {
            return;
        };
        assert_eq!(document.only("a0").page, 2, "{edge}");
    }
    // An edge above a line that no page has room for makes no page.
    let html = "<div style='padding-top:5px'><p style='line-height:102px'>a0</p></div>";
    let Some(document) = all_on_sheets(html, &["a0"]) else {
        return;
    };
    assert_eq!(document.only("a0").page, 1);
}

#[test]
fn each_piece_of_a_cloned_container_has_edges() {
    let lines: String = (0..10).map(|line| format!("<p>o{line}</p>")).collect();
    for style in [
        "display:block",
        "display:flex;flex-direction:column",
        "display:grid",
    ] {
        let html = format!(
            "<div style='{style};padding:10px 0;box-decoration-break:clone'>{lines}</div><p>c</p>"
        );
        let Some(document) = on_low_pages(&html) else {
            return;
        };
        let first = document.only("o0");
        for (word, page, y) in [
            ("o3", 1, 60.0),
            ("o4", 2, 0.0),
            ("o9", 3, 20.0),
            ("c", 3, 50.0),
        ] {
            let word = document.only(word);
            assert_eq!((word.page, word.y - first.y), (page, y), "{style}");
        }
    }
}

#[test]
fn what_a_box_clips_below_its_end_on_a_later_page_takes_no_room() {
    let lines: String = (0..20).map(|line| format!("<p>o{line}</p>")).collect();
    for inside in [
        lines.clone(),
        format!("<div style='height:400px'>{lines}</div>"),
    ] {
        let html = format!("<div style='overflow:hidden;height:160px'>{inside}</div><p>c</p>");
        let Some(document) = on_low_pages(&html) else {
            return;
        };
        let (first, c) = (document.only("o0"), document.only("c"));
        assert_eq!(document.pages.len(), 2);
        assert_eq!(document.only("o7").page, 2);
        assert_eq!((c.page, c.y - first.y), (2, 60.0));
    }
}
