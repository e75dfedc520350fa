//! Page margin boxes.

use crate::read::{Document, draw, print};

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
fn heights_of_margin_boxes_follow_their_content() {
    let boxes = format!(
        "@left-top{{{BOX};content:'x a a'}} @left-middle{{{BOX};content:'b'}} \
         @left-bottom{{{BOX};content:'c';margin-top:10%}}"
    );
    let css = format!(
        "*{{font:20px/20px monospace}} {STYLE}@page{{size:200px 360px;margin:60px 30px;{boxes}}}"
    );
    let Some(document) = print(&format!("<style>{css}</style>")) else {
        return;
    };
    // 240 px: three lines at the top count twice, and six to one are 205 and 34 px; a tenth of the height is 24 px.
    let top = document.only("x").y;
    assert!((document.only("b").y - top - 102.9).abs() < 1.0);
    assert!((document.only("c").y - top - 137.1 - 24.0).abs() < 1.0);
    // One that asks for its content's height is in the middle of the page's margin.
    let css = "@top-left{content:'x';height:max-content;margin:auto 0;line-height:20px}";
    let page = format!("{STYLE}@page{{size:200px;margin:60px;{css}}}");
    let Some(document) = print(&format!("<style>{page}</style>")) else {
        return;
    };
    assert!((document.only("x").y - 20.0).abs() < 3.0);
}

#[test]
fn margin_boxes_are_painted_clockwise() {
    let boxes = ["bottom-left", "bottom-right", "left-top", "left-bottom"];
    let colors = ["lime", "red", "lime", "red"];
    let boxes = boxes.iter().zip(colors);
    let boxes: String = boxes
        .map(|(name, color)| format!("@{name}{{content:'';background:{color};margin:-20px}}"))
        .collect();
    let css = format!("<style>@page{{size:200px;margin:50px;{boxes}}}</style>");
    let Some(page) = draw(&css) else { return };
    assert_eq!(page.at(105, 175), [0, 255, 0]);
    assert_eq!(page.at(25, 105), [0, 255, 0]);
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

/// What the boxes at the top left and top right of each page say.
fn headers(boxes: &str, css: &str, body: &str, pages: usize) -> Option<Vec<(String, String)>> {
    let page = format!("@page{{size:300px 200px;margin:50px;{boxes}}} p{{margin:0}} {css}");
    let document = print(&format!("<style>{STYLE}{page}</style>{body}"))?;
    assert_eq!(document.pages.len(), pages);
    let text = |page: usize, right: bool| {
        let words = document.words.iter().filter(|word| word.page == page);
        let found = words.filter(|word| word.y < 50.0 && (word.x > 150.0) == right);
        let found: Vec<&str> = found.map(|word| word.text.as_str()).collect();
        found.join(" ")
    };
    Some(
        (1..=pages)
            .map(|page| (text(page, false), text(page, true)))
            .collect(),
    )
}

#[test]
fn names_have_the_value_that_is_picked() {
    let body = "<p><i>a</i></p><p>x<i>b</i><i>c</i></p><p>y</p>";
    for (pick, expected) in [
        ("first", ["a", "b", "c"]),
        ("start", ["a", "a", "c"]),
        ("last", ["a", "c", "c"]),
        ("first-except", ["", "", "c"]),
    ] {
        let boxes = format!(
            "@top-left{{content:string(t,{pick})}} @top-right{{content:element(t,{pick})}}"
        );
        let css = "p + p{break-before:page} i{display:block;string-set:t content()}";
        let Some(found) = headers(&boxes, css, body, 3) else {
            return;
        };
        let found: Vec<&str> = found.iter().map(|(left, _)| left.as_str()).collect();
        assert_eq!(found, expected, "string, {pick}");
        let css = "p + p{break-before:page} i{position:running(t)}";
        let Some(found) = headers(&boxes, css, body, 3) else {
            return;
        };
        let found: Vec<&str> = found.iter().map(|(_, right)| right.as_str()).collect();
        assert_eq!(found, expected, "element, {pick}");
    }
}

#[test]
fn a_running_element_is_in_the_margin_with_all_that_is_in_it() {
    let boxes = "@top-left{content:element(h);width:200px}";
    let css = ".h{position:running(h)} .h b::after{content:' of ' counter(pages)} \
               .h u{position:absolute;right:0}";
    let body = "<div class=h><b>Page</b><table><tr><td>cell</table><u>aside</u></div>\
                <p>one</p><p style='break-before:page'>two</p>";
    let Some(found) = headers(boxes, css, body, 2) else {
        return;
    };
    for (left, right) in found {
        assert!(
            left.contains("Page of 2") && left.contains("cell"),
            "{left}"
        );
        assert_eq!(right, "aside");
    }
}

#[test]
fn long_documents_have_their_page_numbers_and_text() {
    // Their first pages are written before the number of pages is known.
    const PAGES: usize = 150;
    let text: String = (1..=PAGES)
        .map(|page| format!("<p><a href='#t{page}' id=t{page}>w{page}</a></p>"))
        .collect();
    let page = "@page{size:200px;margin:40px;@bottom-right{content:'p' counter(page) 'of' counter(pages)}}";
    let pinned = "<div style='position:fixed;top:0;z-index:-1'>pinned</div>";
    for pinned in ["", pinned] {
        let html = format!("<style>{STYLE}{page} p{{break-after:page}}</style>{pinned}{text}");
        let Some(document) = print(&html) else { return };
        assert_eq!(document.pages.len(), PAGES);
        for page in 1..=PAGES {
            assert_eq!(document.only(&format!("p{page}of{PAGES}")).page, page);
            assert_eq!(document.only(&format!("w{page}")).page, page);
        }
        let on = document.pages_of("pinned");
        assert_eq!(on.len(), if pinned.is_empty() { 0 } else { PAGES });
    }
}

#[test]
fn long_tables_repeat_their_header_and_keep_every_row() {
    // So long that its text is measured without being shaped, and shaped for its pages.
    const ROWS: usize = 10_500;
    let cells = [
        "<td>x y",
        "<td nowrap>of one line",
        "<td><b>bold</b> text",
        "<td style='text-indent:1em'>indented",
        "<td>\u{e9}t\u{e9}",
    ];
    let page = "@page{size:800px 2000px;margin:0}";
    let html = |rows: usize| {
        let rows: String = (1..=rows)
            .map(|row| format!("<tr><td>r{row:05}{}", cells[row % cells.len()]))
            .collect();
        format!(
            "<style>{STYLE}{page} td{{padding:0;line-height:10px;font-size:8px}}</style>\
             <table><thead><tr><th>head<th>y</thead>{rows}</table>"
        )
    };
    let Some(document) = print(&html(ROWS)) else {
        return;
    };
    let pages = document.pages.len();
    assert_eq!(document.pages_of("head"), (1..=pages).collect::<Vec<_>>());
    let text = document.words.iter().map(|word| word.text.as_str());
    let rows = text
        .filter(|text| text.starts_with("r0") || text.starts_with("r1"))
        .collect::<Vec<_>>();
    let expected = (1..=ROWS)
        .map(|row| format!("r{row:05}"))
        .collect::<Vec<_>>();
    assert_eq!(rows, expected);

    let Some(short) = print(&html(cells.len())) else {
        return;
    };
    let left = |document: &Document, text: &str| {
        let found = document.words.iter().find(|word| word.text == text);
        found.map(|word| word.x)
    };
    for word in ["r00001", "of", "one", "line", "bold", "text", "indented"] {
        let x = left(&short, word);
        assert!(x.is_some());
        assert_eq!(left(&document, word), x, "as in a short table: {word}");
    }
}

#[test]
fn a_running_element_counts_where_it_is() {
    let boxes = "@top-left{content:element(h);width:200px}";
    let css = "body{counter-reset:d} h1{counter-increment:c;font-size:1em;margin:0} .h{position:running(h)} \
               .n::before{content:counter(c) '-' counter(d)} .d{counter-increment:d 7} \
               .t::after{content:'d' counter(d)}";
    let chapter =
        "<h1>one</h1><div class=h>Chapter <b class=n></b><u class=d></u></div><p class=t>t</p>";
    let body = format!("{chapter}<div style='break-before:page'>{chapter}</div>");
    let Some(found) = headers(boxes, css, &body, 2) else {
        return;
    };
    let found: Vec<&str> = found.iter().map(|(left, _)| left.as_str()).collect();
    assert_eq!(found, ["Chapter 1-0", "Chapter 2-7"]);
    let html = format!("<style>{STYLE}@page{{size:200px;margin:40px}}{css}</style>{body}");
    let Some(document) = print(&html) else { return };
    assert_eq!(document.pages_of("td7"), [1]);
    assert_eq!(document.pages_of("td14"), [2]);
}

#[test]
fn an_inline_running_element_is_on_a_line_of_the_margin_box() {
    let top = |element: &str, width: &str| {
        let html = format!(
            "<style>@page{{size:400px;margin:100px;@top-left{{content:'a';vertical-align:top}}\
             @top-right{{content:element(t);vertical-align:top;{width}}}}}\
             {element}{{position:running(t);font-size:5px}}</style><{element}>b</{element}><p>c"
        );
        let document = print(&html)?;
        Some(document.only("b").y - document.only("a").y)
    };
    for width in ["", "width:50px"] {
        let Some(span) = top("span", width) else {
            return;
        };
        let Some(div) = top("div", width) else { return };
        // Its baseline is that of larger text, a block's its own.
        assert!(span > 5.0, "{span}, {width}");
        assert!(div.abs() < 1.0, "{div}, {width}");
    }
}

#[test]
fn a_running_element_names_its_page() {
    let boxes = "@top-left{content:string(s)}";
    let css = ".h{position:running(h);string-set:s content()} \
               a::after{content:'p' target-counter(attr(href),page)}";
    for place in [
        "<div class=h id=x>name</div><p>two</p>",
        "<p>two <b class=h id=x>name</b></p>",
        "<div style='display:flex'><div class=h id=x>name</div><p>two</p></div>",
    ] {
        let body = format!("<p><a href='#x'></a></p><div style='break-before:page'>{place}</div>");
        let Some(found) = headers(boxes, css, &body, 2) else {
            return;
        };
        assert_eq!(found[1].0, "name", "{place}");
        let html = format!("<style>{STYLE}@page{{size:200px;margin:40px}}{css}</style>{body}");
        let Some(document) = print(&html) else { return };
        assert_eq!(document.pages_of("p2"), [1], "{place}");
    }
}

#[test]
fn pages_and_margin_boxes_count() {
    let html = "<style>@page{size:200px;margin:40px;counter-increment:sheet 2;@top-left{content:'s'counter(sheet)}\
                @bottom-left{counter-increment:sheet;content:'t'counter(sheet)}}</style>a<p style='break-before:page'>b";
    let Some(document) = print(html) else {
        return;
    };
    assert_eq!(document.pages_of("s2"), [1]);
    assert_eq!(document.pages_of("s4"), [2]);
    assert_eq!(document.pages_of("t5"), [2]);
}

#[test]
fn a_page_that_sets_its_number_has_it() {
    let boxes = "@top-left{content:counter(page)}";
    for (css, expected) in [
        ("@page{counter-reset:page 7}", ["7", "7"]),
        ("@page :first{counter-reset:page 7}", ["7", "8"]),
        ("@page :first{counter-set:page 4}", ["4", "5"]),
        ("@page{counter-increment:page 2}", ["2", "4"]),
        (
            "@page :first{counter-reset:page 7;counter-increment:page}",
            ["8", "9"],
        ),
    ] {
        let Some(found) = headers(boxes, css, "<p>a</p><p style='break-before:page'>b</p>", 2)
        else {
            return;
        };
        let found: Vec<&str> = found.iter().map(|(left, _)| left.as_str()).collect();
        assert_eq!(found, expected, "{css}");
    }
}

#[test]
fn margin_boxes_show_the_text_of_elements_that_they_name() {
    let boxes = "@top-left{content:target-text('#x')} @top-right{content:target-text(url(#x), first-letter)}";
    let body =
        "<h1 id=x style='font-size:16px'>Head</h1><p>a</p><p style='break-before:page'>b</p>";
    // Counters of pages make more passes over the document.
    for more in ["", "p::after{content:counter(page)}"] {
        let Some(headers) = headers(boxes, more, body, 2) else {
            return;
        };
        assert_eq!(
            headers,
            [("Head".into(), "H".into()), ("Head".into(), "H".into())]
        );
    }
}

#[test]
fn a_string_takes_a_counter_as_the_pseudo_element_counts_it() {
    let css = "@page{size:400px 300px;margin:60px;@top-left{content:string(s)}}\
               p{string-set:s content(before) content(text);visibility:hidden}\
               p::before{counter-increment:n;content:counter(n) '-'}";
    let Some(document) = print(&format!("<style>{STYLE}{css}</style><p>One<p>Two")) else {
        return;
    };
    let words: Vec<&str> = document.words.iter().map(|word| &*word.text).collect();
    assert_eq!(words, ["1-One"]);
}

#[test]
fn a_string_takes_what_is_generated_at_an_element() {
    for (part, expected) in [
        ("before", "B1"),
        ("after", "Z"),
        ("first-letter", "M"),
        ("text", "Middle"),
    ] {
        let css = format!(
            "@page{{size:400px 300px;margin:60px;@top-left{{content:string(s)}}}}\
             p{{string-set:s content({part});counter-increment:n;visibility:hidden}}\
             p::before{{content:'B' counter(n)}} p::after{{content:'Z'}}"
        );
        let Some(document) = print(&format!("<style>{STYLE}{css}</style><p>Middle")) else {
            return;
        };
        let words: Vec<&str> = document.words.iter().map(|word| &*word.text).collect();
        assert_eq!(words, [expected], "content({part})");
    }
}
