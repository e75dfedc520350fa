//! Text of SVG images.

use crate::read::{draw, print};

const RED: [u8; 3] = [255, 0, 0];
const WHITE: [u8; 3] = [255, 255, 255];

/// A page of 200 px without margins.
fn page(body: &str) -> String {
    format!("<style>@page{{size:200px;margin:0}}body{{margin:0}}svg{{display:block}}</style>{body}")
}

#[test]
fn text_of_an_image_is_text() {
    let body = "<svg width=200 height=100 viewBox='0 0 100 50'>
      <text x=10 y=20 font-size=10>one <tspan x=50>two</tspan></text>
      <g transform='translate(20 10)'><text x=80 y=30 text-anchor=end font-family=monospace font-size=5>three</text></g>
      <text x=10 y=45 font-size=8>\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{939}\u{93f}\u{928}\u{94d}\u{926}\u{940}</text></svg>";
    let Some(document) = print(&page(body)) else {
        return;
    };
    let (one, two) = (document.only("one"), document.only("two"));
    assert!((one.x - 20.0).abs() < 0.5, "{one:?}");
    assert!((two.x - 100.0).abs() < 0.5, "{two:?}");
    // Five letters of 0.6 em, 10 px high, that end at 200 px.
    let three = document.only("three");
    assert!((three.x - 170.0).abs() < 0.5, "{three:?}");
    // As poppler has words from right to left: by place.
    document.only("\u{5dd}\u{5d5}\u{5dc}\u{5e9}");
    document.only("\u{939}\u{93f}\u{928}\u{94d}\u{926}\u{940}");
}

#[test]
fn text_of_an_image_has_the_font_around_it() {
    let body = "<div style='font:40px monospace'><svg width=200 height=100><text y=50>abc<tspan x=100 font-size=20>def</tspan></text></svg></div>
      <img src=\"data:image/svg+xml,<svg width='200' height='50'><text y='30' x='20'>ghi</text></svg>\">";
    let Some(document) = print(&page(body)) else {
        return;
    };
    document.only("abc");
    assert!((document.only("def").x - 100.0).abs() < 0.5);
    assert!((document.only("ghi").x - 20.0).abs() < 0.5);
}

#[test]
fn text_of_an_image_can_be_outlined() {
    let body = "<svg width=200 height=100><text y=80 font-size=100 fill=none stroke=red stroke-width=20>I</text></svg>";
    let Some(picture) = draw(&page(body)) else {
        return;
    };
    assert_eq!(picture.at(17, 50), RED);
    assert_eq!(picture.at(60, 50), WHITE);
}

#[test]
fn an_image_with_too_much_text_is_left_out() {
    let long = format!(
        "<svg width=10 height=10><text>{}</text></svg>a",
        "b".repeat(20_000)
    );
    let mut doubling = String::from("<svg width=10 height=10><defs><text id=t0>bbbbbbbbbb</text>");
    for step in 0..40 {
        let next = step + 1;
        doubling.push_str(&format!(
            "<g id=t{next}><use href='#t{step}' /><use href='#t{step}' /></g>"
        ));
    }
    doubling.push_str("</defs><use href='#t40' /></svg>a");
    for html in [long, doubling] {
        let Some(document) = print(&page(&html)) else {
            return;
        };
        assert_eq!(document.words.len(), 1, "only the text behind it");
    }
}

#[test]
fn text_that_cannot_be_laid_out_costs_its_image_alone() {
    // A joiner after a decorated span makes usvg assert a decoration for a cluster that begins outside.
    let body = "<svg width=50 height=50><text><tspan><tspan text-decoration='line-through overline'><tspan><tspan><textPath></textPath></tspan>\u{2026} \u{b95}\u{bcd}\u{bb7}</tspan>\u{200d}</tspan></tspan></text></svg><p>a";
    let Some(document) = print(&page(body)) else {
        return;
    };
    document.only("a");
}

#[test]
fn text_runs_along_paths_that_are_not_endless() {
    let image = |end: &str| {
        let body = format!(
            "<svg width=100 height=100><path id=p d='M50 90V{end}'/><text font-size=10><textPath href='#p'>up</textPath></text></svg><p>a"
        );
        print(&page(&body))
    };
    let (Some(short), Some(endless)) = (image("10"), image("-1e30")) else {
        return;
    };
    assert!(short.words.len() > 1, "{:?}", short.words);
    endless.only("a");
    assert_eq!(endless.words.len(), 1);
}
