//! Footnotes: called in the text, at the foot of the page, or of the next one.

use crate::read::{Document, draw, print};

const STYLE: &str = "@page{size:200px 120px;margin:10px} \
                     body{margin:0;font:16px/20px 'DejaVu Sans';orphans:1;widows:1} p{margin:0} \
                     i{float:footnote} i::footnote-call{content:'c' counter(footnote);font-size:1em;\
                     vertical-align:baseline} i::footnote-marker{content:'m' counter(footnote) ' '}";

fn page(css: &str, body: &str) -> Option<Document> {
    print(&format!("<style>{STYLE}{css}</style>{body}"))
}

#[test]
fn a_footnote_is_at_the_foot_of_the_page_that_calls_it() {
    let body =
        "<p>one<i>first</i></p><p style='break-before:page'>two<i>second</i><i>third</i></p>";
    let Some(document) = page("", body) else {
        return;
    };
    for (word, number, y) in [("first", 1, 90.0), ("second", 2, 70.0), ("third", 2, 90.0)] {
        let word = document.only(word);
        assert_eq!(word.page, number, "{word:?}");
        assert!((word.y - y).abs() < 6.0, "{word:?}");
    }
    let (marker, note) = (document.only("m2"), document.only("second"));
    assert!(marker.x < note.x && marker.y == note.y);
    assert_eq!(document.only("onec1").page, 1);
    assert_eq!(document.only("twoc2c3").page, 2);
}

#[test]
fn text_goes_on_on_the_next_page_where_footnotes_take_its_room() {
    let lines: String = (0..7).map(|line| format!("a{line}<br>")).collect();
    let body = format!("<p>{lines}</p><p>call<i>note</i></p>");
    let Some(document) = page("", &body) else {
        return;
    };
    assert_eq!(document.only("callc1").page, 2);
    assert_eq!(document.only("note").page, 2);
    let body = format!("<p>call<i>note</i></p><p>{lines}</p>");
    let Some(document) = page("", &body) else {
        return;
    };
    assert_eq!(document.only("note").page, 1);
    assert_eq!(document.only("a2").page, 1);
    assert_eq!(document.only("a3").page, 2);
}

#[test]
fn what_has_no_room_moves_as_the_policy_says() {
    let before = "<p>a<br>b<br>c</p>";
    for (policy, text, call) in [("auto", 1, 1), ("line", 1, 2), ("block", 2, 2)] {
        let body =
            format!("{before}<p>text<br>call<i style='footnote-policy:{policy}'>note</i></p>");
        let Some(document) = page("", &body) else {
            return;
        };
        assert_eq!(document.only("text").page, text, "{policy}");
        assert_eq!(document.only("callc1").page, call, "{policy}");
        assert_eq!(document.only("note").page, 2, "{policy}");
    }
}

#[test]
fn every_footnote_is_shown_once() {
    let note = "<p>x<i>n0 n1 n2 n3 n4 n5 n6 n7 n8 n9</i></p>";
    let many: String = (0..12)
        .map(|index| format!("<p>call<i>k{index}<br>l{index}</i></p>"))
        .collect();
    let css = "i{width:20px}";
    let Some(document) = page(css, &format!("{note}{many}")) else {
        return;
    };
    for index in 0..12 {
        assert_eq!(
            document.only(&format!("k{index}")).page,
            document.only(&format!("l{index}")).page
        );
    }
    document.only("n9");
    let Some(nested) = page("", "<p>a<i>outer <i>inner</i></i></p>") else {
        return;
    };
    nested.only("outer");
    nested.only("inner");
}

#[test]
fn the_area_has_a_style_of_its_own() {
    let html = "<style>@page{size:40px 30px;margin:0;\
                @footnote{border-top:2px solid #f00;padding-top:3px;margin-left:10px}}\
                body{margin:0;font:10px/10px 'DejaVu Sans'} i{float:footnote}</style>a<i>b</i>";
    let Some(picture) = draw(html) else { return };
    assert_eq!(picture.at(20, 15), [255, 0, 0]);
    assert_eq!(picture.at(20, 16), [255, 0, 0]);
    assert_eq!(picture.at(20, 18), [255, 255, 255]);
    assert_eq!(picture.at(5, 15), [255, 255, 255]);
}

#[test]
fn a_call_in_an_inline_block_is_found() {
    let body = "<p>a <b style='display:inline-block'>word<i>note</i></b> b</p>";
    let Some(document) = page("", body) else {
        return;
    };
    assert!(document.only("note").y > 80.0);
}

#[test]
fn a_call_that_leaves_no_text_is_found() {
    let css = "i::footnote-call{content:''}";
    for body in [
        "<p><i>note</i></p>",
        "<p> <i>note</i> </p>",
        "<i>note</i><p>a</p>",
        "<p><i>note</i><b style='display:block'>a</b></p>",
    ] {
        let Some(document) = page(css, body) else {
            return;
        };
        assert!(document.only("note").y > 80.0, "{body}");
    }
    let css = "i::footnote-call{content:'' ;display:block}";
    let Some(document) = page(css, "<p><i>note</i></p>") else {
        return;
    };
    assert!(document.only("note").y > 80.0);
}

#[test]
fn a_policy_loses_no_text_where_nothing_breaks() {
    let box_of = |style: &str, inner: &str| format!("<div style='{style}'>{inner}</div>");
    for policy in ["line", "block"] {
        let call = format!(
            "before<br><b>x<i style='footnote-policy:{policy}'>n0<br>n1<br>n2</i></b><br>after"
        );
        let bodies = [
            format!("<p>a<br>b</p><table><tr><td>{call}</table>"),
            box_of("display:inline-block", &call),
            box_of("position:absolute;top:20px", &call),
            box_of("display:flex", &format!("<div>{call}</div>")),
            box_of("display:grid", &format!("<div>{call}</div>")),
        ];
        for body in bodies {
            let Some(document) = page("", &body) else {
                return;
            };
            for word in ["before", "after", "n0", "n2"] {
                document.only(word);
            }
        }
    }
}

#[test]
fn the_area_stays_on_the_page() {
    let lines: String = (0..30).map(|line| format!("n{line}<br>")).collect();
    let body = format!("<p>call<i>{lines}</i></p><p>after</p>");
    for css in [
        "@page{@footnote{max-height:50px}}",
        "@page{@footnote{height:50px}}",
        "@page{@footnote{margin-top:-500px}}",
    ] {
        let Some(document) = page(css, &body) else {
            return;
        };
        for word in &document.words {
            assert!((0.0..110.0).contains(&word.y), "{css}: {word:?}");
        }
        for line in 0..30 {
            document.only(&format!("n{line}"));
        }
        assert_eq!(document.only("after").page, 1, "{css}");
    }
    let lines: String = (0..12).map(|line| format!("a{line}<br>")).collect();
    let css = "@page{@footnote{margin-top:-500px}}";
    let Some(document) = page(css, &format!("<p>call<i>note</i><br>{lines}</p>")) else {
        return;
    };
    assert!(document.words.iter().all(|word| word.y < 110.0));
    assert_eq!(document.only("a11").page, 3);
}

#[test]
fn waiting_footnotes_do_not_cover_the_text() {
    let notes: String = (0..20).map(|index| format!("<i>n{index}</i>")).collect();
    let text: String = (0..10).map(|line| format!("<br>a{line}")).collect();
    let css = "i{font:10px/12px 'DejaVu Sans'} i::footnote-call{content:''} \
               i::footnote-marker{content:none}";
    let Some(document) = page(css, &format!("<p>call{notes}{text}</p>")) else {
        return;
    };
    for index in 0..20 {
        let note = document.only(&format!("n{index}"));
        let text = document.words.iter().filter(|word| {
            word.page == note.page && (word.text.starts_with('a') || word.text == "call")
        });
        for word in text {
            assert!(word.y + 15.0 < note.y, "{word:?} is above {note:?}");
        }
    }
    for line in 0..10 {
        document.only(&format!("a{line}"));
    }
}

#[test]
fn many_footnotes_take_no_longer_than_they_are_many() {
    let notes = |count: usize, inner: &str| format!("<p>a{}</p>", inner.repeat(count));
    let Some(document) = page(
        "@page{size:200px 1px;margin:0} i{line-height:1px;font-size:1px}",
        &notes(600, "<i>n</i>"),
    ) else {
        return;
    };
    assert!(document.pages.len() >= 600);
    let css = "i{height:0;overflow:hidden} i::footnote-call{content:''}";
    let Some(document) = page(css, &notes(10_000, "<i>n</i>")) else {
        return;
    };
    document.only("a");
}

#[test]
fn footnotes_of_boxes_apart_from_the_flow_are_shown() {
    let lines: String = (0..8).map(|line| format!("l{line}<br>")).collect();
    let absolute =
        format!("<p>a</p><div style='position:absolute;top:0'>{lines}call<i>note</i></div>");
    let Some(document) = page("", &absolute) else {
        return;
    };
    assert_eq!(document.only("note").page, 2);
    assert!(document.only("note").y > 80.0);
    let fixed = "<p>a</p><div style='position:fixed;top:0;right:0'>call <i>note</i></div>";
    let Some(document) = page("", fixed) else {
        return;
    };
    assert!((document.only("note").y - document.only("call").y).abs() < 2.0);
    let running = "<div style='position:running(h)'>call <i>note</i></div><p>a</p>";
    let css = "@page{margin:30px 10px;@top-left{content:element(h);width:180px}}";
    let Some(document) = page(css, running) else {
        return;
    };
    assert!((document.only("note").y - document.only("call").y).abs() < 2.0);
}

#[test]
fn columns_above_footnotes_keep_their_calls() {
    // Six lines in two columns: with three footnotes below, two lines a column stay on the page.
    let html = "<style>@page{size:90px 130px;margin:0}body{margin:0;font:20px/1 monospace}p{margin:0}\
                div{columns:2;column-gap:10px}span{float:footnote}\
                ::footnote-call,::footnote-marker{content:'';line-height:0}</style><p>ab</p>\
                <div>a<span>x1</span><br>a<span>x2</span><br>a<span>x3</span><br>b<br>c<br>d</div>";
    let Some(document) = print(html) else { return };
    for note in ["x1", "x2", "x3"] {
        assert_eq!(document.only(note).page, 1, "{note}");
    }
    assert_eq!(document.pages_of("a"), [1, 1, 1]);
    assert_eq!(document.only("b").page, 1);
    assert_eq!((document.only("c").page, document.only("d").page), (2, 2));
}

#[test]
fn inline_footnotes_share_lines() {
    let css = "i{footnote-display:inline;margin-right:8px}i::footnote-marker{content:''}";
    let body = "<p>a<i>one</i>b<i>two three four five</i>c<i>six</i></p>";
    let Some(document) = page(css, body) else {
        return;
    };
    let [one, two, last] = ["one", "two", "six"].map(|word| document.only(word));
    assert!((one.y - two.y).abs() < 1.0 && two.x > one.x + 30.0);
    assert!(last.y > one.y + 15.0 && last.y < one.y + 25.0, "{last:?}");
    let Some(document) = page(&css.replace("inline", "compact"), body) else {
        return;
    };
    let [one, two, last] = ["one", "two", "six"].map(|word| document.only(word));
    assert!(
        two.y > one.y + 15.0 && last.x < two.x + 1.0,
        "{two:?} {last:?}"
    );
    assert!((last.x - one.x).abs() < 1.0, "the longer one is a block");
}

#[test]
fn inline_footnotes_share_lines_only_where_there_is_room_after_them() {
    let body = "<p>a<i>one</i>b<i>two</i></p>";
    let places = |css: &str| {
        let css = format!(
            "i{{footnote-display:inline;margin:0 8px;{css}}}i::footnote-marker{{content:''}}"
        );
        let document = page(&css, body)?;
        Some(["one", "two"].map(|word| document.only(word).clone()))
    };
    for align in ["right", "center", "end", "justify;text-align-last:justify"] {
        let Some([one, two]) = places(&format!("text-align:{align}")) else {
            return;
        };
        assert!(two.y > one.y + 15.0, "{align}: {one:?} {two:?}");
    }
    for align in [
        "left",
        "justify",
        "right;direction:rtl",
        "start;direction:rtl",
    ] {
        let Some([one, two]) = places(&format!("text-align:{align}")) else {
            return;
        };
        assert!((two.y - one.y).abs() < 1.0, "{align}: {one:?} {two:?}");
    }
    // The indent is that of the line, not of each footnote.
    let Some([one, two]) = places("text-indent:-20px;padding-left:20px") else {
        return;
    };
    assert!(two.x > one.x + 20.0, "{one:?} {two:?}");
}

#[test]
fn a_higher_inline_footnote_moves_its_line_down() {
    let css = "i{footnote-display:inline;margin-right:8px}i::footnote-marker{content:''}\
               .block{footnote-display:block}.high{line-height:40px}";
    let body = "<p>a<i class=block>over</i>b<i>one</i>c<i class=high>two</i></p>";
    let Some(document) = page(css, body) else {
        return;
    };
    let [over, one, two] = ["over", "one", "two"].map(|word| document.only(word));
    assert!((two.y - one.y).abs() < 1.0, "{one:?} {two:?}");
    // Half the leading of the higher one is above the text.
    assert!((one.y - over.y - 30.0).abs() < 1.0, "{over:?} {one:?}");
}

#[test]
fn a_legends_footnotes_are_before_those_of_the_content() {
    let body = "<fieldset style='padding:0;border:0'><legend>leg<i>first</i></legend>in<i>second</i>\
                </fieldset>";
    let Some(document) = page("", body) else {
        return;
    };
    let [first, second] = ["first", "second"].map(|word| document.only(word));
    assert!(first.page == second.page && first.y < second.y);
}
