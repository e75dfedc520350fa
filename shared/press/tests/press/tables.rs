//! Tables over pages: rows, spanning cells, captions, repeated groups.

use crate::read::{Document, draw, print};

const PAGE: &str = "<style>@page{size:300px 200px;margin:20px} body{margin:0;font:12px/15px \
                    'DejaVu Sans'} p{margin:0} table{border-spacing:0} td,th{padding:0;\
                    vertical-align:top;border:0}</style>";

fn words(name: &str, count: usize) -> String {
    let words: Vec<String> = (0..count).map(|word| format!("{name}{word}")).collect();
    words.join(" ")
}

/// Each of `count` words is once in the document, above the page's end.
#[track_caller]
fn assert_whole(document: &Document, name: &str, count: usize) {
    let mut last = (0, 0.0);
    for index in 0..count {
        let word = document.only(&format!("{name}{index}"));
        assert!(word.y < 170.0, "{word:?} is in the margin");
        assert!((word.page, word.y) >= last, "{word:?} comes after {last:?}");
        last = (word.page, word.y);
    }
}

#[test]
fn a_spanning_cell_taller_than_the_page_goes_on_after_its_last_row() {
    let tall = words("a", 300);
    for style in ["", "border-collapse:collapse"] {
        let html = format!(
            "{PAGE}<p>before<table style='{style}'><tr><td rowspan=3>{tall}<td>x<tr><td>y<tr><td>z\
             <tr><td>next<td>row</table><p>after"
        );
        let Some(document) = print(&html) else { return };
        assert_whole(&document, "a", 300);
        for word in ["x", "y", "z"] {
            assert_eq!(document.only(word).page, 1, "{word} is beside the start");
        }
        let (last, next) = (document.only("a299"), document.only("next"));
        assert!(
            (next.page, next.y) > (last.page, last.y + 14.0),
            "{next:?} is below {last:?}"
        );
    }
}

#[test]
fn rows_beside_a_spanning_cell_break_by_themselves() {
    let (tall, rows) = (words("a", 120), words("b", 60));
    let html = format!(
        "{PAGE}<table><tr><td rowspan=2 style='width:120px'>{tall}<td>x<tr><td>{rows}</table>"
    );
    let Some(document) = print(&html) else { return };
    assert_whole(&document, "a", 120);
    assert_whole(&document, "b", 60);
}

#[test]
fn captions_taller_than_the_page_go_on() {
    for side in ["top", "bottom"] {
        let html = format!(
            "{PAGE}<table style='width:100%'><caption style='caption-side:{side}'>{}</caption>\
             <tr><td>cell</table><p>after",
            words("c", 400)
        );
        let Some(document) = print(&html) else { return };
        assert_whole(&document, "c", 400);
        let (cell, last) = (document.only("cell"), document.only("c399"));
        let below = (cell.page, cell.y) > (last.page, last.y);
        assert_eq!(below, side == "top", "{cell:?}, {last:?}");
        assert!(document.only("after").page >= last.page);
    }
}

#[test]
fn header_and_footer_are_on_every_page() {
    let rows: String = (0..30).map(|row| format!("<tr><td>r{row}")).collect();
    let html = format!(
        "{PAGE}<table><thead><tr><th>head</thead><tfoot><tr><td>foot</tfoot>{rows}</table>"
    );
    let Some(document) = print(&html) else { return };
    assert_whole(&document, "r", 30);
    let pages: Vec<usize> = (1..=document.pages.len()).collect();
    assert_eq!(document.pages_of("head"), pages);
    assert_eq!(document.pages_of("foot"), pages);
    // Ten lines have room on a page, two of them are header and footer.
    assert_eq!(document.only("r8").page, 2);
}

#[test]
fn header_and_footer_too_tall_to_repeat_lose_nothing() {
    let html = format!(
        "{PAGE}<table><thead><tr><th>{}</thead><tfoot><tr><td>{}</tfoot><tr><td>body</table>",
        words("h", 200),
        words("f", 200)
    );
    let Some(document) = print(&html) else { return };
    assert_whole(&document, "h", 200);
    assert_whole(&document, "f", 200);
    let (body, head) = (document.only("body"), document.only("h199"));
    assert!((body.page, body.y) > (head.page, head.y), "{body:?}");
}

#[test]
fn rows_break_inside_unless_that_is_avoided() {
    let lines = |name: &str| -> String { (0..5).map(|line| format!("{name}{line}<br>")).collect() };
    for (style, page) in [("", 1), ("break-inside:avoid", 2)] {
        let html = format!(
            "{PAGE}<table><tr><td>{}<tr style='{style}'><td>{}</table>",
            (0..7)
                .map(|line| format!("a{line}<br>"))
                .collect::<String>(),
            lines("b")
        );
        let Some(document) = print(&html) else { return };
        assert_eq!(document.only("b0").page, page, "{style}");
        assert_eq!(document.only("b4").page, 2, "{style}");
    }
}

#[test]
fn rows_and_groups_keep_together_and_apart() {
    let rows = |name: &str, count: usize| -> String {
        (0..count)
            .map(|row| format!("<tr><td>{name}{row}"))
            .collect()
    };
    for (case, html, word, page) in [
        (
            "a row kept with the one below",
            format!(
                "{}<tr style='break-after:avoid'><td>kept<tr><td>end",
                rows("a", 9)
            ),
            "kept",
            2,
        ),
        (
            "a group kept whole",
            format!(
                "<tbody>{}</tbody><tbody style='break-inside:avoid'>{}</tbody>",
                rows("a", 8),
                rows("b", 4)
            ),
            "b0",
            2,
        ),
        (
            "a group on a page of its own",
            format!(
                "<tbody>{}</tbody><tbody style='break-before:page'>{}</tbody>",
                rows("a", 2),
                rows("b", 2)
            ),
            "b0",
            2,
        ),
        (
            "a forced break is stronger",
            format!(
                "<tbody style='break-after:avoid'><tr style='break-after:page'><td>a</tbody>\
                 <tbody>{}</tbody>",
                rows("b", 2)
            ),
            "b0",
            2,
        ),
    ] {
        let html = format!("{PAGE}<table>{html}</table>");
        let Some(document) = print(&html) else { return };
        assert_eq!(
            document.only(word).page,
            page,
            "{case}: {:?}",
            document.words
        );
    }
}

#[test]
fn what_follows_a_table_can_keep_its_last_row() {
    let head = "<thead><tr><td>head</thead>";
    for (case, inside, count, pages) in [
        ("on its first page", "", 10, (1, 2)),
        ("on a later page", "", 20, (2, 3)),
        ("below a caption", "<caption>caption</caption>", 9, (1, 2)),
        (
            "after a caption's page",
            "<caption>caption</caption>",
            19,
            (2, 3),
        ),
        ("under a repeated header", head, 18, (2, 3)),
    ] {
        let rows: String = (0..count).map(|row| format!("<tr><td>r{row}")).collect();
        let html = format!("{PAGE}<table>{inside}{rows}</table><p style='break-before:avoid'>note");
        let Some(document) = print(&html) else { return };
        let [above, last] = [2, 1].map(|back| document.only(&format!("r{}", count - back)).page);
        let note = document.only("note").page;
        assert_eq!((above, last, note), (pages.0, pages.1, pages.1), "{case}");
    }
}

#[test]
fn a_page_of_one_row_keeps_it() {
    let rows: String = (0..4)
        .map(|row| format!("<tr style='height:150px'><td>r{row}"))
        .collect();
    let html = format!("{PAGE}<table>{rows}</table><p style='break-before:avoid'>note");
    let Some(document) = print(&html) else { return };
    let pages: Vec<_> = (0..4)
        .map(|row| document.only(&format!("r{row}")).page)
        .collect();
    assert_eq!(pages, [1, 2, 3, 4]);
    assert_eq!(document.only("note").page, 5);
}

#[test]
fn a_tables_height_stretches_its_rows() {
    let html = format!(
        "{PAGE}<table style='height:120px'><tr><td>a<tr style='height:20px'><td>b<tr><td>c</table>\
         <p>after"
    );
    let Some(document) = print(&html) else { return };
    let y = |word: &str| document.only(word).y;
    assert!((y("b") - y("a") - 50.0).abs() < 0.5, "{:?}", document.words);
    assert!((y("c") - y("b") - 20.0).abs() < 0.5, "{:?}", document.words);
    assert!((y("after") - y("a") - 120.0).abs() < 0.5);
}

#[test]
fn a_row_whose_cell_ends_in_more_padding_than_is_left_moves() {
    let page = "<style>@page { size: 300px 110px; margin: 10px }
        body, p { margin: 0; font: 12px/16px 'Liberation Sans'; orphans: 1; widows: 1 }
        table { border-collapse: collapse } td { padding: 0 9px 0 0; vertical-align: top }</style>";
    let (blocks, pad) = ("<p>a<p>b<p>c", "padding-bottom:30px");
    for (case, html, expected) in [
        (
            "with its last block",
            format!("<p>t<p>t<table><tr><td style='{pad}'>{blocks}</table>"),
            2,
        ),
        (
            "with what is beside it",
            format!("<p>t<p>t<table><tr><td>z<td style='{pad}'>{blocks}</table>"),
            2,
        ),
        (
            "with its last margin",
            "<p>t<p>t<table><tr><td>z<td style='padding-bottom:1px'><p>a<p>b<p style='margin-bottom:30px'>c</table>"
                .to_owned(),
            2,
        ),
        (
            "with what is beside it and goes on",
            format!(
                "<p>t<p>t<table><tr><td><p>z<p>z<p>z<p>z<p>z<td style='{pad}'>{blocks}</table>"
            ),
            2,
        ),
        (
            "a row inside a row",
            format!("<p>t<table><tr><td><p>t<table><tr><td style='{pad}'>{blocks}</table></table>"),
            2,
        ),
        (
            "a box around the table: between rows",
            format!("<p>t<div style='{pad}'><table><tr><td>t<tr><td>{blocks}</table></div>"),
            2,
        ),
        (
            "a box that begins the page loses the padding",
            format!("<div style='{pad}'><p>t<table><tr><td>t<tr><td>{blocks}</table></div>"),
            1,
        ),
        (
            "not from a page's top, where the padding is cut",
            format!("<table><tr><td style='{pad}'><p>t<p>t{blocks}</table>"),
            1,
        ),
    ] {
        let Some(document) = print(&format!("{page}{html}")) else {
            return;
        };
        for word in ["a", "b", "c"] {
            assert_eq!(document.only(word).page, expected, "{case}: {word}");
        }
    }
}

#[test]
fn a_header_is_not_alone_above_a_cell_whose_lower_edge_has_no_room() {
    let css = "<style>@page{size:300px 110px;margin:10px} body{margin:0;font:12px/16px 'Liberation Sans'} \
               p{margin:0} td,th{padding:0;vertical-align:top}</style>";
    let table = |spacing: &str| {
        format!(
            "<table style='border-spacing:{spacing}'><thead><tr><th>HEAD</thead>\
             <tr><td style='padding-bottom:40px'><p>a<p>b<p>c<tr><td>next</table>"
        )
    };
    for (before, spacing, pages) in [("", "0", 2), ("", "2px", 2), ("<p>t", "0", 3)] {
        let html = format!("<!DOCTYPE html>{css}{before}{}", table(spacing));
        let Some(document) = print(&html) else { return };
        assert_eq!(document.pages.len(), pages, "{html}");
        for word in ["a", "b", "c"] {
            assert_eq!(document.only(word).page, pages - 1, "{html}");
        }
        assert_eq!(document.only("next").page, pages, "{html}");
    }
}

#[test]
fn columns_are_as_wide_as_asked() {
    // Left edges of what is in the first row's cells.
    for (case, html, expected) in [
        (
            "fixed, whatever the content",
            "<table style='table-layout:fixed;width:100px'><tr><td>muchtoolongforit<td>b",
            &[("muchtoolongforit", 0.0), ("b", 50.0)][..],
        ),
        (
            "fixed, more than the table's width",
            "<table style='table-layout:fixed;width:50px'><tr><td style='width:80px'>a<td>b",
            &[("a", 0.0), ("b", 80.0)],
        ),
        (
            "fixed, percentages of more than there is",
            "<table style='table-layout:fixed;width:200px'><tr><td style='width:90%'>a\
             <td style='width:60%'>b",
            &[("a", 0.0), ("b", 120.0)],
        ),
        (
            "fixed, percentages beside a length and of more than it leaves",
            "<table style='table-layout:fixed;width:200px'><tr><td style='width:50px'>a\
             <td style='width:60%'>b<td style='width:90%'>c",
            &[("a", 0.0), ("b", 50.0), ("c", 110.0)],
        ),
        (
            "fixed, percentages beside lengths that leave nothing",
            "<table style='table-layout:fixed;width:100px'><tr><td style='width:100px'>a\
             <td style='width:50%'>b<td style='width:50%'>c",
            &[("a", 0.0), ("b", 100.0), ("c", 100.0)],
        ),
        (
            "fixed, a percentage and padding beside it",
            "<table style='table-layout:fixed;width:200px'><tr><td style='width:20%;padding-right:10px'>a\
             <td>b",
            &[("a", 0.0), ("b", 50.0)],
        ),
        (
            "a column group's width is each column's",
            "<table><colgroup style='width:60px'><col><col></colgroup><tr><td>a<td>b<td>c",
            &[("a", 0.0), ("b", 60.0), ("c", 120.0)],
        ),
        (
            "a span with something after the number",
            "<table><col span='2px' style='width:30px'><tr><td colspan='2 columns'>a<td>b",
            &[("a", 0.0), ("b", 60.0)],
        ),
        (
            "a cell's max-width",
            "<table><tr><td style='max-width:40px;overflow:hidden;white-space:nowrap'>\
             a&nbsp;word&nbsp;too&nbsp;long<td>b",
            &[("b", 40.0)],
        ),
        (
            "a spanning cell between columns with widths",
            "<table><tr><td colspan=2><div style='width:200px'></div><td>c<tr>\
             <td style='width:80px'>a<td style='width:80px'>b",
            &[("a", 0.0), ("b", 100.0), ("c", 200.0)],
        ),
    ] {
        let Some(document) = print(&format!("{PAGE}{html}</table>")) else {
            return;
        };
        for (word, x) in expected {
            let found = document.only(word);
            assert!(
                (found.x - 20.0 - x).abs() < 1.5,
                "{case}: {found:?}, not at {x}"
            );
        }
    }
}

#[test]
fn rows_taller_than_the_page_by_their_height_show_their_content() {
    for align in ["top", "middle", "bottom"] {
        let html = format!(
            "{PAGE}<table><tr style='height:400px'><td style='vertical-align:{align}'>in<td \
             style='vertical-align:bottom'>beside<tr><td>next</table>"
        );
        let Some(document) = print(&html) else { return };
        assert!(document.only("in").y < 170.0, "{align}");
        assert!(document.only("beside").y < 170.0, "{align}");
        // 400 of 160 a page.
        let next = document.only("next");
        assert_eq!(next.page, 3, "{align}");
        assert!((next.y - 100.0).abs() < 3.0, "{next:?}");
    }
}

#[test]
fn forced_breaks_in_cells_lose_nothing() {
    let html = format!(
        "{PAGE}<table><tr><td><p>a<p style='break-before:page'>b<td style='padding-left:20px'>c<tr><td>d</table>\
         <div style='float:left'><p>e<p style='break-before:page'>f</div>"
    );
    let Some(document) = print(&html) else { return };
    let page = |word: &str| document.only(word).page;
    assert_eq!((page("a"), page("c"), page("b")), (1, 1, 2));
    assert!(page("d") >= 2 && page("e") >= 2 && page("f") >= 2);
}

#[test]
fn percentages_in_a_cell_with_a_height_are_of_it() {
    let Some(document) = print(
        "<style>*{margin:0;padding:0}body{font:10px/10px monospace}td{vertical-align:top}</style>\
         <table style='border-spacing:0'><tr><td style='height:100px'>\
         <div style='height:50%'>half</div><div>below</div></td><td>beside</td></tr></table>",
    ) else {
        return;
    };
    let (half, below) = (document.only("half").y, document.only("below").y);
    assert!((below - half - 50.0).abs() < 1.0, "{half} {below}");
}

#[test]
fn what_centres_a_table_does_not_centre_its_cells() {
    for (start, end) in [("<center>", "</center>"), ("<div align=center>", "</div>")] {
        let html = format!("{PAGE}{start}<table style='width:100px'><tr><td>cell</table>{end}");
        let Some(document) = print(&html) else { return };
        let plain = print(&format!(
            "{PAGE}<table style='width:100px;margin:auto'><tr><td>cell</table>"
        ));
        assert_eq!(
            document.only("cell").x,
            plain.expect("poppler is there").only("cell").x
        );
    }
}

#[test]
fn generated_boxes_are_tables_flex_containers_and_cells_too() {
    // The empty tables of a clearing rule keep margins apart, as elements do.
    let body = |css: &str, html: &str| {
        format!(
            "<style>@page{{size:300px 200px;margin:0}} body{{margin:0;font:12px/15px 'DejaVu Sans'}}\
             p{{margin:10px 0}} {css}</style>{html}"
        )
    };
    let clearing = ".c::before,.c::after{content:\" \";display:table}";
    let by_rule = body(clearing, "<p>a<div class=c><p>b</div><p>c");
    let by_hand = body(
        "",
        "<p>a<div><div style='display:table'> </div><p>b</p><div style='display:table'></div></div><p>c",
    );
    let (Some(by_rule), Some(by_hand)) = (print(&by_rule), print(&by_hand)) else {
        return;
    };
    assert_eq!(by_rule.words, by_hand.words);
    assert!(by_rule.only("b").y - by_rule.only("a").y > 34.0);

    // A cell before those of a row, and items at the ends of a row.
    let cells = body(
        "table{border-spacing:0} td,tr::before{padding:0;width:50px} \
         tr::before{content:'no';display:table-cell}",
        "<table><tr><td>first<tr><td>second</table>",
    );
    let Some(cells) = print(&cells) else { return };
    assert_eq!(cells.pages_of("no"), [1, 1]);
    assert!(
        (cells.only("first").x - 50.0).abs() < 1.0,
        "{:?}",
        cells.words
    );
    let flex = body(
        "p::after{content:'end';display:flex;justify-content:flex-end}",
        "<p>start",
    );
    let Some(flex) = print(&flex) else { return };
    assert!(flex.only("end").x > 250.0, "{:?}", flex.words);
}

#[test]
fn percentages_in_a_cell_are_of_the_height_its_table_gives_it() {
    for (table, row) in [("height:200px", ""), ("", "height:200px")] {
        let html = format!(
            "<style>@page{{size:300px;margin:0}}*{{margin:0;padding:0}}table{{border-spacing:0;{table}}}tr{{{row}}}\
             div{{height:50%;background:red;width:20px}}td{{vertical-align:top}}</style>\
             <table><tr><td><div></div></table>"
        );
        let Some(picture) = draw(&html) else {
            return;
        };
        assert_eq!(picture.at(10, 95), [255, 0, 0]);
        assert_eq!(picture.at(10, 105), [255, 255, 255]);
    }
}

#[test]
fn cells_in_an_inline_box_are_a_table_on_its_line() {
    let html = format!(
        "{PAGE}<p>before <span>a <b style='display:table-cell'>b</b> <b style='display:table-cell'>c</b> d</span>"
    );
    let Some(document) = print(&html) else { return };
    // Nothing is between cells; white space after them is.
    let (cells, last) = (document.only("bc"), document.only("d"));
    for word in ["before", "a", "bc"] {
        assert!(
            (document.only(word).y - last.y).abs() < 1.0,
            "{word} is on the line"
        );
    }
    assert!(document.only("a").x < cells.x && cells.x < last.x);
}

#[test]
fn the_width_of_a_box_that_is_a_table_is_its_contents() {
    let sized = |element: &str| {
        let css = "width:50px;height:50px;border:25px solid lime;border-spacing:0;padding:0";
        let html = format!(
            "<style>@page{{size:200px;margin:0}}body{{margin:0}}</style><{element} style='display:table;{css}'></{element}>"
        );
        let picture = draw(&html)?;
        let reaches = |to: usize| [picture.at(to - 2, 10), picture.at(to + 2, 10)];
        Some((reaches(50), reaches(100)))
    };
    const LIME: [u8; 3] = [0, 255, 0];
    let (Some(div), Some(table)) = (sized("div"), sized("table")) else {
        return;
    };
    assert_eq!(div, ([LIME, LIME], [LIME, [255; 3]]));
    // That of an HTML table has its border in it.
    assert_eq!(table, ([LIME, [255; 3]], [[255; 3], [255; 3]]));
}

#[test]
fn rows_and_row_groups_are_positioned_and_contain_absolute_boxes() {
    let html = format!(
        "{PAGE}<table><thead style='position:relative;left:7px'><tr><th>head</thead>\
         <caption style='position:relative;left:9px'>caption</caption>\
         <tbody><tr><td>still<tr style='position:relative;left:30px;top:5px'><td>moved\
         <i style='position:absolute;left:100px;bottom:0'>in</i>\
         <tbody style='position:relative;left:3px'><tr><td>group\
         <i style='position:absolute;left:50px;top:15px'>below</i><tr><td>next\
         <tbody style='transform:translate(0,0)'><tr style='opacity:.5'><td>pale</table>"
    );
    let Some(document) = print(&html) else { return };
    let at = |name: &str| {
        let word = document.only(name);
        (word.x - 20.0, word.y)
    };
    let top = at("still").1;
    for (name, x, y) in [
        ("caption", 9.0, -30.0),
        ("head", 7.0, -15.0),
        ("still", 0.0, 0.0),
        ("moved", 30.0, 20.0),
        ("in", 130.0, 20.0),
        ("group", 3.0, 30.0),
        ("below", 53.0, 45.0),
        ("next", 3.0, 45.0),
        ("pale", 0.0, 60.0),
    ] {
        let found = at(name);
        let off = ((found.0 - x).abs(), (found.1 - top - y).abs());
        let centred = matches!(name, "caption" | "head");
        assert!(
            (off.0 < 1.0 || centred) && off.1 < 0.5,
            "{name} is at {found:?}"
        );
    }
    let plain = html.replace("left:7px", "").replace("left:9px", "");
    let Some(plain) = print(&plain) else { return };
    for (name, by) in [("caption", 9.0), ("head", 7.0)] {
        let moved = document.only(name).x - plain.only(name).x;
        assert!((moved - by).abs() < 0.1, "{name} moved by {moved}");
    }
}

#[test]
fn a_header_that_is_positioned_is_on_every_page() {
    let rows: String = (0..20).map(|row| format!("<tr><td>r{row}")).collect();
    let html = format!(
        "{PAGE}<table><thead style='position:relative;left:9px'><tr style='position:relative;left:2px'>\
         <td>head<i style='position:absolute;left:60px'>mark</i></thead>{rows}</table>"
    );
    let Some(document) = print(&html) else { return };
    for (name, x) in [("head", 31.0), ("mark", 91.0)] {
        assert_eq!(document.pages_of(name), [1, 2, 3], "{name}");
        for word in document.words.iter().filter(|word| word.text == name) {
            assert!((word.x - x).abs() < 1.0, "{word:?}");
        }
    }
}

#[test]
fn a_row_that_is_moved_takes_its_background_over_what_is_there() {
    let html = "<style>@page{size:100px 60px;margin:0}body{margin:0}table{border-spacing:0}\
                td{padding:0;width:40px;height:20px;background:red}\
                tr+tr{position:relative;left:10px;top:-20px;background:lime}tr+tr td{background:none}\
                </style><table><tr><td><tr><td></table>";
    let Some(picture) = draw(html) else { return };
    assert_eq!(picture.at(5, 10), [255, 0, 0]);
    assert_eq!(picture.at(15, 10), [0, 255, 0]);
    assert_eq!(picture.at(45, 10), [0, 255, 0]);
    assert_eq!(picture.at(15, 30), [255, 255, 255]);
}

#[test]
fn hidden_tables_hide_their_collapsed_borders() {
    let html = "<style>@page{size:100px;margin:0}body{margin:0}table{border-collapse:collapse}\
                td{border:10px solid red;padding:20px}</style><table style='visibility:hidden'><td>x</table>";
    let Some(page) = draw(html) else { return };
    assert_eq!(page.at(5, 30), [255, 255, 255]);
}

#[test]
fn rules_draw_lines_between_groups_rows_columns_or_cells() {
    let lines = |attributes: &str| {
        let html = format!(
            "<style>@page{{size:100px;margin:0}}body{{margin:0}}td{{padding:0;width:20px;height:20px}}</style>\
             <table {attributes}><thead><tr><td><td></thead><tr><td><td><tr><td><td></table>"
        );
        let page = draw(&html)?;
        let dark = |x: usize, y: usize| page.at(x, y) != [255, 255, 255];
        let row = (0..70).filter(|y| dark(10, *y)).count();
        let column = (0..50).filter(|x| dark(*x, 10)).count();
        Some((column, row))
    };
    for (attributes, expected) in [
        ("rules=groups", (0, 1)),
        ("rules=rows", (0, 2)),
        ("rules=cols", (1, 0)),
        ("rules=all", (1, 2)),
        ("rules=ALL border=1", (3, 4)),
        ("rules=none border=1 style=border-style:solid", (2, 2)),
        ("rules=rows border=1 style=border-style:solid", (2, 4)),
    ] {
        let Some(found) = lines(attributes) else {
            return;
        };
        assert_eq!(found, expected, "{attributes}");
    }
}

#[test]
fn what_follows_a_cell_with_a_lower_edge_higher_than_a_page_is_shown() {
    for (cell, pages) in [
        ("<td style='padding:0 0 220px'></td>", 2),
        ("<td style='padding:0 0 220px'>a</td>", 2),
        ("<td style='padding:0 0 400px'></td>", 3),
    ] {
        let html = format!(
            "<style>@page{{size:300px 200px;margin:0}}body{{margin:0;font:16px/20px 'DejaVu Sans'}}\
             table{{border-spacing:0}}td{{padding:0}}</style><table>{cell}</table>word"
        );
        let Some(document) = print(&html) else { return };
        let word = document.only("word");
        assert!(word.page == pages && word.y < 45.0, "{cell}: {word:?}");
        assert_eq!(document.pages.len(), pages, "{cell}");
    }
}

#[test]
fn collapsed_rows_and_columns_take_no_room() {
    let style = "<style>@page{size:300px 400px;margin:0}body{margin:0;font:16px/20px 'DejaVu Sans'}\
                 table{border-spacing:2px}td{padding:0}</style>";
    let hidden = "style='visibility:collapse'";
    let rows = format!(
        "{style}<table><tr><td>a<td rowspan=3>b<tr {hidden}><td>wiiiiiide<br>e<br>f<tr><td>g</table>after"
    );
    let Some(document) = print(&rows) else { return };
    assert!(document.pages_of("wiiiiiide").is_empty());
    let top = |word: &str| document.only(word).y;
    assert!((top("g") - top("a") - 22.0).abs() < 1.0);
    assert!((top("after") - top("g") - 22.0).abs() < 1.0);
    // The columns are as wide as with it.
    assert!(document.only("b").x > 60.0);
    let groups = format!(
        "{style}<table><tr><td>a<tbody {hidden}><tr><td>b<tr style='visibility:visible'><td>c</table>after"
    );
    let Some(document) = print(&groups) else {
        return;
    };
    assert!(document.pages_of("c").is_empty());
    assert!((document.only("after").y - document.only("a").y - 22.0).abs() < 1.0);
    let columns = format!(
        "{style}<table style='width:206px'><col><col {hidden}><col><tr><td>a<td>b<td>c\
         <tr><td colspan=2>dd<td>e</table>"
    );
    let Some(document) = print(&columns) else {
        return;
    };
    assert!(document.pages_of("b").is_empty());
    assert!((document.only("c").x - document.only("e").x).abs() < 0.1);
    // Where the second one began.
    assert!(document.only("c").x < 80.0, "{:?}", document.only("c"));
    document.only("dd");
}

#[test]
fn a_thousand_rows_that_avoid_breaks_stay_together_where_a_page_has_room() {
    let style = "td::before{content:'';display:block;height:0.05px}";
    let rows = "<tr style='break-after:avoid'><td>".repeat(1500);
    let html = format!(
        "{PAGE}<style>{style}</style><p style='height:40px'>a</p>\
         <table>{rows}<tr><td style='height:40px'>z</table>"
    );
    let html = html.replacen("<td>", "<td>b", 1);
    let Some(document) = print(&html) else { return };
    assert_eq!(document.only("b").page, 2);
    assert_eq!(document.only("z").page, 2);
}

#[test]
fn rows_below_one_that_just_fills_the_page_are_not_lost() {
    // What is left of the page is a little less than the first row, as sums of lengths are.
    for high in [45.997, 46.0, 46.003] {
        let html = format!(
            "{PAGE}<p style='height:{}px'>a</p><table><tr><td rowspan=2>b\
             <td style='height:{high}px'>c<tr><td>d</table>",
            160 - 46
        );
        let Some(document) = print(&html) else { return };
        assert_eq!(document.only("c").page, 1, "{high}");
        assert_eq!(document.only("d").page, 2, "{high}");
    }
}

#[test]
fn what_floats_in_a_cell_or_has_margins_is_centred_as_it_was_laid_out() {
    // As in Chromium. Boxes that are positioned against the cell's edges stay there.
    let html = "<style>@page{size:300px 400px;margin:0} body{margin:0;font:10px/10px 'DejaVu Sans'} \
                table{border-collapse:collapse} td{padding:0} p{margin:20px 0 10px}</style><table>\
                <tr style='height:200px'><td style='position:relative'><div>\
                <i style='float:left;height:100px'>floated</i></div><td style='position:relative'>\
                <p>inner<b style='position:absolute;bottom:0'>last</b><b style='position:absolute;top:0'>\
                first</b><td><p>plain</table>";
    let Some(document) = print(html) else { return };
    let place = |word: &str| document.only(word).y;
    assert!((place("inner") - place("plain")).abs() < 0.1);
    assert!((place("inner") - place("floated") - 50.0).abs() < 1.0);
    assert!((place("last") - place("first") - 190.0).abs() < 0.1);
}

#[test]
fn what_is_missing_of_a_height_goes_to_the_bodies_and_to_rows_without_one() {
    let style = "<style>@page{size:300px 400px;margin:0} body{margin:0;font:10px/10px 'DejaVu Sans'} \
                 table{border-spacing:0} td{padding:0;vertical-align:top}</style>";
    let document = print(&format!(
        "{style}<table style='height:100px'><thead><tr><td>head<tbody><tr><td>one<tbody><tr><td>two\
         <tfoot><tr><td>foot</table>after"
    ));
    let Some(document) = document else { return };
    let place = |word: &str| (document.only(word).y - document.only("head").y).round();
    let places = ["one", "two", "foot", "after"].map(place);
    assert_eq!(places, [10.0, 50.0, 90.0, 100.0]);
    // Of the rows that a cell spans, too.
    let document = print(&format!(
        "{style}<table><tr><td rowspan=3 style='height:90px'><td style='height:20px'>one\
         <tr><td>two<tr><td>three</table>after"
    ));
    let Some(document) = document else { return };
    let place = |word: &str| (document.only(word).y - document.only("one").y).round();
    assert_eq!(["two", "three", "after"].map(place), [20.0, 55.0, 90.0]);
}

#[test]
fn a_cell_whose_text_is_all_on_the_next_page_is_aligned_there() {
    let document = |align: &str| {
        print(&format!(
            "<style>@page{{size:200px 120px;margin:0}}body{{margin:0;font:10px/20px 'DejaVu Sans';orphans:1;widows:1}}\
             table{{border-spacing:0}}td{{padding:0;vertical-align:top}}</style><div style='height:90px'></div>\
             <table><tr><td>b1<br>b2<br>b3<br>b4<td style='vertical-align:{align};orphans:2'>c1<br>c2</table>"
        ))
    };
    for (align, below) in [("top", 0.0), ("middle", 10.0), ("bottom", 20.0)] {
        let Some(document) = document(align) else {
            return;
        };
        assert_eq!(document.only("b1").page, 1);
        let (one, other) = (document.only("c1"), document.only("b2"));
        let place = (one.page, one.y - other.y);
        assert_eq!(place, (other.page, below), "{align}");
    }
}
