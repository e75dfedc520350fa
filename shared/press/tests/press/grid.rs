//! Grid containers (CSS Grid 2).

use crate::read::{Document, draw_page, print};

const STYLE: &str = "<style>@page{size:400px 200px;margin:0}*{margin:0}body{font:10px/10px monospace}\
                     main{display:grid}</style>";

fn printed(html: &str) -> Option<Document> {
    print(&format!("{STYLE}{html}"))
}

/// Whether a word is at a place of page 1, within what a font's ascent may shift it.
#[track_caller]
fn at(document: &Document, word: &str, x: f32, y: f32) {
    let found = document.only(word);
    assert!(
        found.page == 1 && (found.x - x).abs() < 1.0 && (found.y - y).abs() < 3.0,
        "{word} is at {x}, {y}: {found:?}"
    );
}

#[test]
fn areas_and_fractions_place_items() {
    let html = "<main style=\"grid:'head head' 20px 'side main' / 100px 1fr;gap:10px\">\
                <p style='grid-area:main'>main</p><p style='grid-area:head'>head</p>\
                <p style='grid-area:side'>side</p></main><p>after</p>";
    let Some(document) = printed(html) else {
        return;
    };
    at(&document, "head", 0.0, 0.0);
    at(&document, "side", 0.0, 30.0);
    at(&document, "main", 110.0, 30.0);
    at(&document, "after", 0.0, 40.0);
}

#[test]
fn repetitions_fill_the_width_and_items_span() {
    let html = "<main style='grid-template-columns:repeat(auto-fill,minmax(90px,1fr))'>\
                <p>a<p style='grid-column:span 2'>b<p>c<p style='grid-row:span 2'>d<p>e<p>f<p>g<p>h</main>";
    let Some(document) = printed(html) else {
        return;
    };
    at(&document, "b", 100.0, 0.0);
    at(&document, "c", 300.0, 0.0);
    at(&document, "g", 300.0, 10.0);
    // The first cell of the third row is below the item that spans two rows.
    at(&document, "h", 100.0, 20.0);
}

#[test]
fn lines_are_counted_and_named() {
    let html = "<main style='grid-template-columns:[a] 50px [b] 50px repeat(2,[c] 100px) [z]'>\
                <p style='grid-column:c 2'>second</p><p style='grid-column:-2'>last</p>\
                <p style='grid-column:b / z'>named</p></main>";
    let Some(document) = printed(html) else {
        return;
    };
    at(&document, "second", 200.0, 0.0);
    at(&document, "last", 200.0, 10.0);
    at(&document, "named", 50.0, 20.0);
}

#[test]
fn alignment_moves_items_and_tracks() {
    let html = "<main style='grid-template-columns:100px 100px;justify-content:end;height:100px;\
                align-items:center;grid-template-rows:100px'>\
                <p>one<p style='justify-self:end;align-self:end'>two</main>";
    let Some(document) = printed(html) else {
        return;
    };
    at(&document, "one", 200.0, 45.0);
    at(&document, "two", 382.0, 90.0);
}

#[test]
fn grids_break_between_rows_and_inside_tall_items() {
    let rows: String = (0..30)
        .map(|row| format!("<p>l{row}</p><p style='height:20px'>r{row}</p>"))
        .collect();
    let html = format!("<main style='grid-template-columns:1fr 1fr'>{rows}</main>");
    let Some(document) = printed(&html) else {
        return;
    };
    assert_eq!(document.pages.len(), 3);
    for row in 0..30 {
        let (left, right) = (
            document.only(&format!("l{row}")),
            document.only(&format!("r{row}")),
        );
        assert_eq!(
            (left.page, right.page),
            (1 + row / 10, 1 + row / 10),
            "{row}"
        );
    }
    let lines: String = (0..30).map(|line| format!("t{line}<br>")).collect();
    let html = format!(
        "<main style='grid-template-columns:1fr 1fr'><p>{lines}</p><p>beside</p>\
         <p style='break-before:page'>forced</p></main>"
    );
    let Some(document) = printed(&html) else {
        return;
    };
    assert_eq!(document.only("t19").page, 1);
    assert_eq!(document.only("t20").page, 2);
    assert_eq!(document.pages_of("beside"), [1]);
    assert_eq!(document.pages_of("forced"), [3]);
}

#[test]
fn a_row_breaks_inside_items_that_can() {
    let lines: String = (0..15).map(|line| format!("t{line}<br>")).collect();
    let html = |style: &str| {
        format!(
            "<main style='grid-template-columns:1fr 1fr'><p style='height:100px'>a</p><p>b</p>\
             <p style='{style}'>{lines}</p><p>beside</p><p>c</p></main>"
        )
    };
    let Some(document) = printed(&html("")) else {
        return;
    };
    assert_eq!(document.only("t9").page, 1);
    assert_eq!(document.only("t10").page, 2);
    assert_eq!(document.only("beside").page, 1);
    assert!(document.only("c").page == 2 && document.only("c").y > document.only("t14").y);
    let Some(document) = printed(&html("break-inside:avoid")) else {
        return;
    };
    assert_eq!(document.only("t0").page, 2);
    assert_eq!(document.only("beside").page, 2);
}

#[test]
fn strange_grids_end() {
    for style in [
        "grid-template-columns:repeat(auto-fill,0px)",
        "grid-template-columns:repeat(999999,1fr)",
        "grid-template:repeat(auto-fit,1e-9px)/repeat(auto-fit,minmax(0,0))",
        "grid-auto-flow:column dense;grid-auto-columns:0fr",
    ] {
        let items = "<p style='grid-row:-5000/span 900;grid-column:9999'>x</p><p>y</p>".repeat(40);
        assert!(
            printed(&format!("<main style='{style}'>{items}</main>"))
                .is_none_or(|document| { document.pages.len() < 1000 })
        );
    }
}

#[test]
fn breaks_between_rows_are_those_of_the_items_beside_them() {
    let html = "<main style='grid-template-columns:1fr 1fr'>\
                <p style='grid-area:2/1'>C</p><p style='grid-area:1/2;break-after:page'>B</p>\
                <p style='grid-area:1/1'>A</p><p style='grid-area:2/2;break-before:page'>D</p></main>";
    let Some(document) = printed(html) else {
        return;
    };
    let pages = ["A", "B", "C", "D"].map(|word| document.only(word).page);
    assert_eq!(pages, [1, 1, 2, 2]);
}

#[test]
fn absolute_boxes_are_placed_in_grid_areas() {
    let html = "<style>@page{size:300px;margin:0}body{margin:0;font:16px/20px 'DejaVu Sans'}\
                main{display:grid;grid-template-columns:60px [b] 80px 100px;grid-template-rows:40px 50px;\
                gap:10px;padding:10px;position:relative}main *{position:absolute}</style><main>\
                <i style='grid-area:2/b/3/3;left:0;top:0'>area</i>\
                <i style='grid-column:3/4;grid-row:1/2;right:0;bottom:0'>end</i>\
                <i style='grid-column:2/3'>static</i><i style='grid-column:9;left:0;bottom:0'>none</i>\
                <i style='grid-row:1/span 1;left:0;bottom:0'>row</i></main>";
    let Some(document) = print(html) else { return };
    for (word, x, y) in [
        ("area", 80.0, 60.0),
        ("end", 240.0, 30.0),
        ("static", 80.0, 10.0),
        ("none", 0.0, 100.0),
        ("row", 0.0, 30.0),
    ] {
        let found = document.only(word);
        assert!((found.y - y).abs() < 3.0, "{found:?}");
        assert!(
            (found.x - x).abs() < 2.0 || word == "end" && found.x > x,
            "{found:?}"
        );
    }
}

#[test]
fn subgrids_have_the_tracks_of_the_grid_around() {
    let html = "<main style='grid-template-columns:[l] auto [f] 100px [e];column-gap:10px;\
                justify-content:start'>\
                <section><p>a</p><p>one</p></section>\
                <section style='padding-left:20px'><p>wwwwwwwwww</p><p style='grid-column:f'>two</p>\
                </section><p>b</p><p>three</p></main>";
    let css = "<style>section{display:grid;grid-column:1/-1;grid-template-columns:subgrid}</style>";
    let Some(document) = printed(&format!("{css}{html}")) else {
        return;
    };
    let width = document.only("one").x - 10.0;
    assert!((width - 80.0).abs() < 2.0, "{width}");
    for (word, y) in [("one", 0.0), ("two", 10.0), ("three", 20.0)] {
        at(&document, word, width + 10.0, y);
    }
    at(&document, "wwwwwwwwww", 20.0, 10.0);
}

#[test]
fn rows_of_subgrids_are_as_high_as_those_beside() {
    let card = |title: &str, body: &str, foot: &str| {
        format!("<section><p>{title}</p><p>{body}</p><p>{foot}</p></section>")
    };
    let css = "<style>main{grid-template-columns:100px 100px;gap:4px 0}section{display:grid;\
               grid-row:span 3;grid-template-rows:subgrid;padding:5px 0}</style>";
    let cards = card("t1<br>t1b", "b1", "f1") + &card("t2", "b2<br>b2b<br>b2c", "f2");
    let html = format!(
        "{css}<main>{cards}{}</main><p>after",
        card("t3", "b3", "f3")
    );
    let Some(document) = printed(&html) else {
        return;
    };
    at(&document, "t2", 100.0, 5.0);
    at(&document, "b1", 0.0, 29.0);
    at(&document, "b2", 100.0, 29.0);
    at(&document, "f1", 0.0, 63.0);
    at(&document, "f2", 100.0, 63.0);
    at(&document, "t3", 0.0, 87.0);
    at(&document, "after", 0.0, 130.0);
}

#[test]
fn rows_of_subgrids_in_subgrids_are_as_high_as_what_is_in_them() {
    let card = |number: u32| {
        format!(
            "<div><div><p>head{number}</p><p>body{number}<br>more</p><p>foot{number}</p></div></div>"
        )
    };
    let css = "<style>div{display:grid;grid-template-rows:subgrid;grid-row:span 3}\
               div div{padding-top:5px}</style>";
    let html = format!(
        "{css}<main style='grid-template-columns:1fr 1fr'>{}{}</main><p>after</p>",
        card(0),
        card(1)
    );
    let Some(document) = printed(&html) else {
        return;
    };
    for (number, x) in [(0, 0.0), (1, 200.0)] {
        at(&document, &format!("head{number}"), x, 5.0);
        at(&document, &format!("body{number}"), x, 15.0);
        at(&document, &format!("foot{number}"), x, 35.0);
    }
    at(&document, "after", 0.0, 45.0);
}

#[test]
fn subgrids_keep_the_tracks_of_the_grid_around_on_later_pages() {
    // Each card is broken between its lines; the middle names a line of the outer grid.
    let css = "<style>@page{size:400px 40px}main{grid-template-columns:100px [mid] 200px 100px}\
               div{display:grid;grid-template-columns:subgrid;grid-column:1/-1}\
               p+p{grid-column:mid}section{columns:1}</style>";
    let lines =
        |word: &str| (0..6).fold(String::new(), |all, line| format!("{all}{word}{line}<br>"));
    let card = |left: &str, right: &str| {
        format!("<div><p>{}</p><p>{}</p></div>", lines(left), lines(right))
    };
    let html = format!(
        "{css}<section><main>{}{}</main></section>",
        card("a", "b"),
        card("c", "d")
    );
    let Some(document) = printed(&html) else {
        return;
    };
    for (word, page) in [("b0", 1), ("b5", 2), ("d2", 3)] {
        let found = document.only(word);
        assert!(
            found.page == page && (found.x - 100.0).abs() < 1.0,
            "{found:?}"
        );
    }
    assert!(document.only("c5").x < 1.0);
}

#[test]
fn subgrids_in_one_another_end() {
    let nested = "<div>".repeat(60) + "x" + &"</div>".repeat(60);
    let css = "<style>div{display:grid;grid-template:subgrid / subgrid;grid-column:1/-1}\
               div+div{grid-row:span 2}</style>";
    let html = format!("{css}<main style='grid-template-columns:1fr 1fr'>{nested}</main>");
    let Some(document) = printed(&html) else {
        return;
    };
    assert_eq!(document.only("x").page, 1);
}

#[test]
fn an_item_whose_margin_is_higher_than_the_page_comes_to_an_end() {
    let html =
        "<style>@page{size:60px 20px;margin:5px}</style><main><p style='margin:35px 0'></p></main>";
    let Some(document) = printed(html) else {
        return;
    };
    assert!(document.pages.len() < 10, "{}", document.pages.len());
}

#[test]
fn rows_go_on_after_what_is_in_them() {
    // Not only an item of the second row is broken, but its box, and what follows is below it.
    let html = "<style>p{background:#00f}</style><div style='height:140px'></div>\
                <main style='grid-auto-rows:40px'><p>one</p><p>two</p></main><i>after</i>";
    let Some(document) = printed(html) else {
        return;
    };
    at(&document, "one", 0.0, 140.0);
    at(&document, "two", 0.0, 180.0);
    let after = document.only("after");
    assert!(after.page == 2 && (after.y - 20.0).abs() < 3.0, "{after:?}");
    let Some(picture) = draw_page(&format!("{STYLE}{html}"), 2) else {
        return;
    };
    assert_eq!(picture.at(300, 10), [0, 0, 255]);
    assert_eq!(picture.at(300, 25), [255; 3]);
}

#[test]
fn a_grid_of_a_set_height_begins_where_it_stands() {
    let html = "<div style='height:140px'></div><main style='height:100px;align-items:center'>\
                <p>one</p><p style='position:relative'>two<b style='position:absolute;bottom:0'>low</b></p>\
                </main><i>after</i>";
    let Some(document) = printed(html) else {
        return;
    };
    at(&document, "one", 0.0, 160.0);
    let after = document.only("after");
    assert!(after.page == 2 && (after.y - 40.0).abs() < 3.0, "{after:?}");
}

#[test]
fn items_that_may_not_break_take_their_row_to_the_next_page() {
    let html = "<div style='height:140px'></div><main style='grid-auto-rows:100px'>\
                <p style='break-inside:avoid'>one</p></main><i>after</i>";
    let Some(document) = printed(html) else {
        return;
    };
    assert_eq!(document.only("one").page, 2);
    let after = document.only("after");
    assert!((after.y - 100.0).abs() < 3.0, "{after:?}");
}

#[test]
fn a_subgrid_keeps_its_tracks_where_its_row_goes_on() {
    let html = "<style>section{display:grid;grid-template-columns:subgrid;grid-column:1/-1}</style>\
                <div style='height:150px'></div><main style='grid-template-columns:100px 200px;\
                grid-auto-rows:90px'><section><p>one</p><p>two</p></section></main>";
    let Some(document) = printed(html) else {
        return;
    };
    at(&document, "one", 0.0, 150.0);
    at(&document, "two", 100.0, 150.0);
}

#[test]
fn rows_that_an_item_joins_are_parted_where_the_second_cannot_be_broken() {
    let html = "<style>p{orphans:9}</style><div style='height:150px'></div><main style='grid-template-columns:\
                100px 200px'><section style='grid-row:span 2'>h1<br>h2</section><p>a1<br>a2</p>\
                <p>b1<br>b2<br>b3<br>b4</p><p>c1</p></main>";
    let Some(document) = printed(html) else {
        return;
    };
    for (words, page) in [("h1 h2 a1 a2", 1), ("b1 b2 b3 b4 c1", 2)] {
        for word in words.split(' ') {
            assert_eq!(document.only(word).page, page, "{word}");
        }
    }
    let distance = |one: &str, other: &str| document.only(other).y - document.only(one).y;
    assert_eq!(distance("h1", "a1"), 0.0);
    // What is below stays below.
    assert!(distance("b4", "c1") > 9.0);
    // Not where the break is to be avoided.
    let avoiding = html.replace("<p>b1", "<p style='break-before:avoid'>b1");
    let Some(document) = printed(&avoiding) else {
        return;
    };
    for word in ["h1", "a1", "b1"] {
        assert_eq!(document.only(word).page, 2, "{word}");
    }
}

#[test]
fn rows_begin_below_items_that_a_page_makes_longer() {
    // Five pixels of the first page are too few for a line.
    let html = "<div style='height:155px'></div><main style='grid-template-columns:100px 200px'>\
                <section style='grid-row:span 2'>h</section><p>a1<br>a2<br>a3<br>a4<br>a5<br>a6<br>a7<br>a8</p>\
                <p>b1<br>b2<br>b3</p></main>after";
    let Some(document) = printed(html) else {
        return;
    };
    assert_eq!(document.only("a4").page, 1);
    let last = document.only("a8");
    for (word, below) in [("b1", 10.0), ("b3", 30.0), ("after", 40.0)] {
        let word = document.only(word);
        assert_eq!(word.page, last.page, "{word:?}");
        assert!((word.y - last.y - below).abs() < 1.0, "{word:?}");
    }
    // What sticks out of a row of a set height pushes nothing.
    let set = html.replace("<main style='", "<main style='grid-auto-rows:60px;");
    let Some(document) = printed(&set) else {
        return;
    };
    assert!(document.only("b1").y < document.only("a8").y);
}
