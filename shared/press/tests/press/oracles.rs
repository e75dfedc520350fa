//! Faults that the corpus of `tests/fixtures/press` showed, each in its smallest form.

use crate::read::print;

const PAGE: &str = "<style>@page{size:200px 200px;margin:20px} body{margin:0;font:16px/20px \
                    'DejaVu Sans'} p{margin:0}</style>";

#[test]
fn clear_keeps_a_margin_where_no_float_is() {
    // 24 px of margin collapse through the containers; the body has none.
    let html = format!("{PAGE}<div><div><p style='clear:both;margin-top:24px'>Clear</div></div>");
    let Some(document) = print(&html) else { return };
    let plain = print(&html.replace("clear:both", "")).expect("poppler is there");
    assert_eq!(document.only("Clear").y, plain.only("Clear").y);
    // Below a float, the margin is not added to the float's height.
    let html = format!(
        "{PAGE}<div style='float:left;width:9px;height:50px'></div>\
         <div><div><p style='clear:both;margin-top:24px'>Clear</div></div>"
    );
    let cleared = print(&html).expect("poppler is there");
    let expected = plain.only("Clear").y - 24.0 + 50.0;
    assert!((cleared.only("Clear").y - expected).abs() < 0.1);
}

#[test]
fn a_stretched_box_has_its_height_while_it_is_laid_out() {
    let inner = "<b style='position:absolute;bottom:0;left:0'>low</b>";
    for outer in [
        format!("<div style='position:absolute;top:20px;bottom:20px;left:0'>top{inner}</div>"),
        format!(
            "<div style='display:flex'><i style='height:120px'>x&nbsp;&nbsp;</i>\
             <div style='position:relative'>top{inner}</div></div>"
        ),
        "<div style='display:flex'><i style='height:120px'>x&nbsp;&nbsp;</i>\
         <div style='display:flex;align-items:flex-end'><b>low</b></div><u>top</u></div>"
            .to_owned(),
    ] {
        let Some(document) = print(&format!("{PAGE}{outer}")) else {
            return;
        };
        let (top, low) = (document.only("top"), document.only("low"));
        assert!((low.y - top.y - 100.0).abs() < 1.0, "{top:?}, {low:?}");
    }
}

#[test]
fn a_margin_above_the_bottom_of_a_float_adds_nothing() {
    let html = format!(
        "{PAGE}<div style='overflow:hidden'><div style='float:left;width:9px;height:60px'></div>\
         <p style='margin-bottom:20px'>beside</p></div><p>after</p>"
    );
    let Some(document) = print(&html) else { return };
    assert!((document.only("after").y - document.only("beside").y - 60.0).abs() < 0.5);
}

#[test]
fn a_float_in_a_line_stands_beside_what_is_before_it() {
    let html = format!(
        "{PAGE}<p>Some <span style='float:right;width:80px'>floated</span> words that take more than \
         a line"
    );
    let Some(document) = print(&html) else { return };
    assert_eq!(document.only("floated").y, document.only("Some").y);
}

#[test]
fn a_margin_that_ends_the_document_makes_no_page() {
    let html = format!("{PAGE}<p style='height:140px;margin-bottom:40px'>last</p>");
    let Some(document) = print(&html) else { return };
    assert_eq!(document.pages.len(), 1);
}

#[test]
fn a_static_position_is_in_the_middle_of_a_text_too() {
    let html = format!("{PAGE}<p>Before <b style='position:absolute;top:60px'>it</b>after that");
    let Some(document) = print(&html) else { return };
    assert!((document.only("it").x - document.only("after").x).abs() < 0.5);
}
