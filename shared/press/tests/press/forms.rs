//! Form controls, as browsers draw them.

use crate::read::{draw, print};

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
