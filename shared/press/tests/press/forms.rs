//! Form controls, as browsers draw them.

use crate::read::{Document, draw, print};

const STYLE: &str = "<style>@page{size:400px 300px;margin:0}\
                     body{margin:0;font:16px/20px 'DejaVu Sans'}p{margin:0}</style>";

#[test]
fn fields_are_as_wide_as_their_attributes_ask() {
    let html = format!(
        "{STYLE}<p><input value=one size=10>a<p><input placeholder=two>b<p><select><option>x\
         <option selected>chosen<option>mmmmmmmmmm</select>c<p><textarea rows=1 cols=10>three</textarea>d"
    );
    let Some(document) = print(&html) else { return };
    for word in ["one", "two", "chosen", "three"] {
        assert!(document.only(word).x < 8.0);
    }
    assert!(document.pages_of("x").is_empty());
    let x = |word: &str| document.only(word).x;
    assert!((x("a") - 105.0).abs() < 1.0, "{}", x("a"));
    assert!((x("b") - 185.0).abs() < 1.0, "{}", x("b"));
    // As wide as the widest of the options.
    assert!((x("c") - 133.0).abs() < 4.0, "{}", x("c"));
    assert!((x("d") - 101.0).abs() < 1.0, "{}", x("d"));
}

#[test]
fn lists_show_their_options() {
    let options = "<option>one<option selected>two<option>three<option>four";
    let html = format!("{STYLE}<select size=3>{options}</select><p>after");
    let Some(document) = print(&html) else { return };
    let y = |word: &str| document.only(word).y;
    assert!((y("two") - y("one") - 17.0).abs() < 1.0);
    assert!((y("after") - y("one") - 53.0).abs() < 8.0, "{}", y("after"));
}

#[test]
fn bars_are_filled_by_their_values() {
    let html = format!(
        "{STYLE}<style>progress,meter{{display:block;width:100px;height:20px}}</style>\
         <progress value=30 max=60>fallback</progress><progress></progress>\
         <meter value=2 max=10 low=3 high=7 optimum=8><b>fallback</b></meter>"
    );
    let Some(picture) = draw(&html) else { return };
    assert_eq!(picture.at(40, 10), [0, 117, 255]);
    assert_eq!(picture.at(60, 10), [239, 239, 239]);
    assert_eq!(picture.at(5, 30), [239, 239, 239]);
    assert_eq!(picture.at(10, 50), [216, 59, 1]);
    assert_eq!(picture.at(30, 50), [239, 239, 239]);
    let Some(document) = print(&html) else { return };
    assert!(document.words.is_empty());
}

#[test]
fn boxes_are_ticked() {
    let html = format!("{STYLE}<input type=checkbox><input type=checkbox checked>");
    let Some(picture) = draw(&html) else { return };
    let blue = |from: usize| (from..from + 20).any(|x| picture.at(x, 5) == [0, 117, 255]);
    assert!(!blue(0) && blue(20));
}

#[test]
fn a_legend_stands_in_the_border() {
    let html = format!(
        "{STYLE}<style>fieldset{{margin:0;border:2px solid blue;padding:10px}}\
         legend{{padding:0}}</style><fieldset>inside<legend>name</legend></fieldset>"
    );
    let Some(document) = print(&html) else { return };
    let (name, inside) = (document.only("name"), document.only("inside"));
    assert!((name.x - 12.0).abs() < 1.0 && (inside.y - name.y - 30.0).abs() < 1.0);
    let Some(picture) = draw(&html) else { return };
    // The line is in the legend's middle, and not behind it.
    assert_eq!(picture.at(200, 9), [0, 0, 255]);
    assert_eq!(picture.at(200, 1), [255, 255, 255]);
    assert!((12..30).all(|x| picture.at(x, 9) != [0, 0, 255]));
    assert_eq!(picture.at(1, 30), [0, 0, 255]);
}

#[test]
fn a_legend_higher_than_the_page_goes_on() {
    for lines in [6, 12] {
        let legend: String = (0..lines).map(|line| format!("l{line}<br>")).collect();
        let html = format!(
            "<style>@page{{size:300px 100px;margin:0}}body{{margin:0;font:16px/20px 'DejaVu Sans'}}\
             fieldset{{margin:0}}</style>start<fieldset><legend>{legend}</legend>inside</fieldset>end"
        );
        let Some(document) = print(&html) else { return };
        let line = |line: usize| document.only(&format!("l{line}"));
        for index in 1..lines {
            let (above, below) = (line(index - 1), line(index));
            assert!((above.page, above.y) < (below.page, below.y), "{index}");
        }
        let (inside, end) = (document.only("inside"), document.only("end"));
        let last = line(lines - 1);
        assert!(last.page <= inside.page && inside.page <= end.page);
        assert!(end.page <= lines / 4 + 2, "{end:?}");
    }
}

#[test]
fn a_legend_goes_to_the_page_that_has_room_for_it() {
    let html = "<style>@page{size:300px 100px;margin:0}body{margin:0;font:16px/20px 'DejaVu Sans'}\
                fieldset{margin:0}</style>start<br>start<fieldset><legend>l0<br>l1<br>l2<br>l3</legend>\
                inside</fieldset>end";
    let Some(document) = print(html) else { return };
    assert_eq!(document.pages_of("start"), [1, 1]);
    let pages = ["l0", "l3", "inside", "end"].map(|word| document.only(word).page);
    assert_eq!(pages, [2, 2, 3, 3]);
}

#[test]
fn buttons_have_their_words_in_the_middle() {
    let html = format!(
        "{STYLE}<style>button{{height:60px;padding:0;border:0;font:inherit}}</style>\
         <div style='height:60px;align-content:center'>block</div><button>press</button>"
    );
    let Some(document) = print(&html) else { return };
    let place = |word: &str| document.only(word).y;
    assert!((place("press") - place("block") - 60.0).abs() < 1.0);
    let Some(top) = print(&format!("{STYLE}block")) else {
        return;
    };
    assert!((place("block") - top.only("block").y - 20.0).abs() < 1.0);
    // What sticks out of a box in it stays on the sheet.
    let html = format!(
        "{STYLE}<div style='height:200px;align-content:end'><p style='height:20px'>first\
         <b style='display:block;margin-top:200px'>low</b></p></div>"
    );
    let Some(document) = print(&html) else { return };
    assert!(place_of(&document, "low") < 300.0);
    // A cell's content is moved once.
    let html = format!(
        "{STYLE}<style>td{{height:100px;padding:0;vertical-align:middle}}</style><table><tr>\
         <td style='align-content:center'><p>one<b style='display:block;height:0%'></b><td><p>two</table>"
    );
    let Some(document) = print(&html) else { return };
    assert!((place_of(&document, "one") - place_of(&document, "two")).abs() < 1.0);
}

fn place_of(document: &Document, word: &str) -> f32 {
    document.only(word).y
}
