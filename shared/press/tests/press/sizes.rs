//! Widths and heights by content, by the space there is, and by ratio.

use crate::read::{Picture, draw};

/// Pages of one box of 200 px by 100 px with lime in it, words being squares of 20 px.
fn picture(html: &str) -> Option<Picture> {
    draw(&format!(
        "<style>@page{{size:400px 300px;margin:0}}body{{margin:0;width:200px;height:100px;font:0/0 x}}\
         u{{display:inline-block;width:20px;height:20px}}</style>{html}"
    ))
}

/// How far the lime reaches to the right of and below the corner.
fn extent(picture: &Picture) -> (usize, usize) {
    let lime = |x, y| picture.at(x, y) == [0, 255, 0];
    let width = (0..400).take_while(|x| lime(*x, 5)).count();
    let height = (0..300).take_while(|y| lime(5, *y)).count();
    (width, height)
}

#[track_caller]
fn assert_extent(style: &str, content: &str, expected: (usize, usize)) {
    let html = format!("<div style='background:lime;{style}'>{content}</div>");
    let Some(picture) = picture(&html) else {
        return;
    };
    assert_eq!(extent(&picture), expected, "{html}");
}

#[test]
fn fit_content_of_a_length_is_between_the_contents_least_and_most() {
    let words = "<u></u> <u></u> <u></u>";
    for (width, expected) in [
        ("fit-content(10px)", 20),
        ("fit-content(50px)", 50),
        ("fit-content(15%)", 30),
        ("fit-content(500px)", 60),
        ("10px;min-width:fit-content(45px)", 45),
        ("500px;max-width:fit-content(45px)", 45),
        (
            "fit-content(50px);box-sizing:border-box;padding-left:10px",
            50,
        ),
        ("fit-content(50px);padding-left:10px", 60),
    ] {
        let style = format!("width:{width};height:30px");
        assert_extent(&style, words, (expected, 30));
        // It adds as much to what is around it.
        if !width.contains('%') {
            let inner = format!("<div style='{style}'>{words}</div>");
            assert_extent("width:min-content", &inner, (expected, 30));
        }
    }
}

#[test]
fn stretched_boxes_fill_what_their_margins_leave() {
    for (style, expected) in [
        ("float:left;height:30px;width:stretch", (200, 30)),
        (
            "float:left;height:30px;width:-webkit-fill-available;margin-right:50px",
            (150, 30),
        ),
        (
            "display:table;height:30px;width:-moz-available;padding-left:30px",
            (200, 30),
        ),
        (
            "position:absolute;right:20px;height:30px;width:stretch;left:0",
            (380, 30),
        ),
        ("height:stretch;width:30px;margin-bottom:10px", (30, 90)),
        ("min-height:stretch;width:30px", (30, 100)),
        ("height:200px;max-height:stretch;width:30px", (30, 100)),
    ] {
        assert_extent(style, "", expected);
    }
    // No height is known to fill.
    let html = "<div><div style='background:lime;width:30px;height:stretch'><u></u></div></div>";
    if let Some(picture) = picture(html) {
        assert_eq!(extent(&picture), (30, 20));
    }
}

#[test]
fn limits_of_the_height_may_be_those_of_the_content() {
    let content = "<div style='height:40px'></div>";
    for (style, height) in [
        ("height:10px;min-height:max-content", 40),
        ("height:80px;max-height:min-content", 40),
        ("height:10px;min-height:fit-content;padding-top:5px", 45),
        ("height:20px;max-height:max-content", 20),
    ] {
        assert_extent(&format!("width:30px;{style}"), content, (30, height));
    }
}

#[test]
fn widths_by_content_follow_the_height_where_there_is_a_ratio() {
    for (style, expected) in [
        ("aspect-ratio:2;height:30px;width:min-content", (60, 30)),
        (
            "aspect-ratio:2;height:90px;max-height:20px;width:max-content",
            (40, 20),
        ),
        ("aspect-ratio:1;max-height:50%", (50, 50)),
        (
            "aspect-ratio:3;height:20px;position:absolute;inset:0",
            (60, 20),
        ),
    ] {
        assert_extent(style, "", expected);
    }
}

#[test]
fn a_height_that_a_limit_decides_keeps_the_last_margin() {
    for (style, height) in [
        ("min-height:50px", 50),
        ("max-height:30px", 30),
        ("min-height:9px", 60),
    ] {
        let inner = format!(
            "<div style='{style}'><div style='height:40px;margin-bottom:20px'></div></div>\
             <div style='border-top:1px solid lime'></div>"
        );
        assert_extent("width:30px", &inner, (30, height + 1));
    }
}

#[test]
fn the_attributes_of_an_svg_are_lengths() {
    // SVG 2 §6.6: presentation attributes. What is no length says nothing.
    for (attributes, expected) in [
        ("width='2em' height='1em'", (40, 20)),
        ("width=30 height=' 15 '", (30, 15)),
        ("width='50%' viewBox='0 0 2 1'", (100, 50)),
        ("width=wide height=10 viewBox='0 0 2 1'", (20, 10)),
    ] {
        let html = format!(
            "<style>svg{{display:block;font-size:20px;background:lime}}</style><svg {attributes}></svg>"
        );
        let Some(picture) = picture(&html) else {
            return;
        };
        assert_eq!(extent(&picture), expected, "{attributes}");
    }
}
