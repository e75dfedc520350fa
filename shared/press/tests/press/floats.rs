//! Floats: what is beside them, and where they go on over pages.

use crate::read::{PAGE, draw, lines, print};

#[test]
fn a_context_of_its_own_goes_below_a_float_that_leaves_no_room() {
    for clip in ["overflow:hidden", "display:flow-root"] {
        for width in [150, 160] {
            let html = format!(
                "{PAGE}<div style='float:left;width:{width}px;height:40px'></div>\
                 <div style='{clip}'>Below it</div>"
            );
            let Some(document) = print(&html) else { return };
            let word = document.only("Below");
            assert!(
                (word.x - 20.0).abs() < 1.0 && word.y > 59.0,
                "{word:?}, {html}"
            );
        }
    }
}

#[test]
fn margins_beside_a_float_are_from_the_containers_edge() {
    for (style, x) in [
        ("overflow:hidden;margin-left:70px", 90.0),
        ("overflow:hidden;margin-left:5px", 80.0),
        ("overflow:hidden;margin-left:-5px;padding-left:3px", 83.0),
        ("display:flow-root;width:40px;margin-left:70px", 90.0),
        ("display:flex;margin-left:70px", 90.0),
        ("display:flow-root;width:40px;margin:0 auto", 110.0),
        ("display:flow-root;width:40px;margin:0 30px 0 auto", 110.0),
        ("display:table;margin-left:70px", 90.0),
    ] {
        let html = format!(
            "{PAGE}<div style='float:left;width:60px;height:40px'></div>\
             <div style='{style}'>In</div>"
        );
        let Some(document) = print(&html) else { return };
        let word = document.only("In");
        assert!(
            (word.x - x).abs() < 1.0 && word.y < 40.0,
            "{word:?} should be at {x}: {style}"
        );
    }
}

#[test]
fn a_context_of_its_own_goes_beside_a_float_where_its_words_fit() {
    let html = format!(
        "{PAGE}<div style='float:left;width:80px;height:40px'></div>\
         <div style='overflow:hidden'>Beside it anyway</div>"
    );
    let Some(document) = print(&html) else { return };
    let word = document.only("Beside");
    assert!((word.x - 100.0).abs() < 1.0 && word.y < 40.0, "{word:?}");
}

#[test]
fn a_context_of_its_own_keeps_off_floats_that_begin_further_down() {
    let floats = "<div style='float:left;width:20px;height:20px'></div>\
                  <div style='float:left;clear:left;width:60px;height:40px'></div>";
    for (style, x, y) in [
        // Moved to the right of the wider float, which it reaches.
        ("height:30px;width:80px", 80.0, 20.0),
        // Not reaching it, it is beside the narrow one alone.
        ("height:20px;width:80px", 40.0, 20.0),
        // Too wide beside it: below both.
        ("height:30px;width:130px", 20.0, 80.0),
        // Its own width gives way.
        ("height:30px", 80.0, 20.0),
        // Drawn up, it reaches the float from above.
        ("height:30px;margin-top:-10px;width:150px", 20.0, 80.0),
    ] {
        let html = format!("{PAGE}{floats}<div style='overflow:hidden;{style}'>In</div>");
        let Some(document) = print(&html) else { return };
        let word = document.only("In");
        let off = ((word.x - x).abs(), (word.y - y).abs());
        assert!(
            off.0 < 1.0 && off.1 < 3.0,
            "{word:?} should be at {x}, {y}: {style}"
        );
    }
}

#[test]
fn a_float_that_sticks_out_keeps_off_floats_outside_of_its_container() {
    for (outer, margin, inner, width, y) in [
        ("right", "right", "left", 155, 60.0),
        ("left", "left", "left", 155, 60.0),
        ("left", "left", "right", 155, 60.0),
        ("right", "right", "right", 155, 60.0),
        // It does not stick out so far.
        ("right", "right", "left", 145, 20.0),
        ("left", "left", "right", 145, 20.0),
    ] {
        let html = format!(
            "{PAGE}<div style='float:{outer};width:10px;height:40px'></div>\
             <div style='margin-{margin}:20px'>\
             <div style='float:{inner};width:{width}px'>In</div></div>"
        );
        let Some(document) = print(&html) else { return };
        let word = document.only("In");
        assert!((word.y - y).abs() < 3.0, "{word:?}, {html}");
    }
}

#[test]
fn floats_without_width_are_cleared() {
    let html = format!(
        "{PAGE}<div style='float:left;width:0;height:40px'></div><p>beside</p>\
         <p style='clear:left'>below</p>"
    );
    let Some(document) = print(&html) else { return };
    let (beside, below) = (document.only("beside"), document.only("below"));
    assert!((beside.x - 20.0).abs() < 1.0 && (below.y - beside.y - 40.0).abs() < 0.5);
}

#[test]
fn a_float_between_lines_breaks_and_goes_on_once() {
    let tall = lines("f", 10);
    let html =
        format!("{PAGE}<div>one <div style='float:left;width:100%'>{tall}</div>two<br>three</div>");
    let Some(document) = print(&html) else { return };
    for line in 0..10 {
        let word = document.only(&format!("f{line}"));
        assert_eq!(word.page, if line < 7 { 1 } else { 2 }, "{word:?}");
    }
    assert_eq!(document.only("two").page, 1);
    let (last, three) = (document.only("f9"), document.only("three"));
    assert!(three.page == 2 && three.y > last.y + 10.0, "{three:?}");
}

#[test]
fn a_tall_line_is_kept_off_floats_below_its_top() {
    let Some(document) = print(
        "<style>*{margin:0}body{width:200px;font:10px/10px monospace}div{float:left}</style>\
         <div style='width:20px;height:30px'></div><div style='width:200px;height:30px'></div>\
         <span style='display:inline-block;height:50px;width:100px'>tall</span>",
    ) else {
        return;
    };
    // 20 px are taken beside its top, all 200 px further down: it goes below both floats.
    let at = document.only("tall");
    assert!(at.y > 45.0, "{at:?}");
}

#[test]
fn a_float_on_a_line_makes_what_follows_it_go_on_below() {
    let html = "<style>*{margin:0}body{width:160px;font:10px/20px monospace}\
                b{float:left;width:100px}</style><p>one two <b>float</b> three four";
    let Some(document) = print(html) else { return };
    let (float, one, three) = (
        document.only("float"),
        document.only("one"),
        document.only("three"),
    );
    assert_eq!(float.y, one.y, "it fits beside what is before it");
    assert!((one.x - float.x - 100.0).abs() < 1.0, "{one:?}");
    assert!(three.y > one.y, "{three:?}");
}

#[test]
fn a_float_where_a_line_is_wrapped_stands_beside_that_line() {
    let html = format!(
        "{PAGE}<div style='width:96px;font:20px Liberation Mono'>abcd <span style='float:right'>fg</span>ghi"
    );
    let Some(document) = print(&html) else { return };
    assert_eq!(document.only("fg").y, document.only("abcd").y);
    assert!(document.only("ghi").y > document.only("abcd").y);
}

#[test]
fn a_line_break_may_clear_floats() {
    let html = "<style>@page{size:200px;margin:0}body{margin:0;font:16px/20px 'DejaVu Sans'}\
                i{float:left;width:50px;height:70px}</style><i></i>one<br clear=all>two<p></p>\
                <section><i></i>three<br style='clear:right'>four<br style='clear:left'></section>five";
    let Some(document) = print(html) else { return };
    let [one, two, three, four, five] =
        ["one", "two", "three", "four", "five"].map(|word| document.only(word));
    assert!((two.y - one.y - 70.0).abs() < 1.0 && two.x < 1.0, "{two:?}");
    assert!((four.y - three.y - 20.0).abs() < 1.0 && four.x > 49.0);
    assert!((five.y - three.y - 70.0).abs() < 1.0, "{five:?}");
}

#[test]
fn a_floated_letter_has_the_style_of_the_first_line() {
    let html = "<style>@page{size:200px;margin:0}body{margin:0;font:16px/20px 'DejaVu Sans'}\
                p{margin:0}p::first-line{color:lime}p::first-letter{float:left}</style><p>\u{2588}b<br>c";
    let Some(picture) = draw(html) else { return };
    assert_eq!(picture.at(5, 10), [0, 255, 0]);
}

#[test]
fn a_float_goes_on_where_an_avoided_break_ends_the_page_above() {
    let html = format!(
        "{PAGE}<div style='float:left;width:50%'>{}</div><p>a0</p><p>a1</p><p>a2<br>a3</p>\
         <p style='break-before:avoid;break-inside:avoid'>{}</p>",
        lines("f", 12),
        lines("b", 6)
    );
    let Some(document) = print(&html) else { return };
    for line in 0..12 {
        let page = document.only(&format!("f{line}")).page;
        assert_eq!(page, 1 + line / 8, "f{line}");
    }
    assert_eq!(document.only("a1").page, 1);
}

#[test]
fn what_follows_a_box_is_beside_its_floats_that_go_on() {
    let float = format!("<div style='float:left;width:50%'>{}</div>", lines("f", 12));
    let following: String = (0..9).map(|line| format!("<p>b{line}</p>")).collect();
    for [before, after] in [
        ["<div>", "<p>a0</p></div>"],
        ["<div><div>", "</div><p>a0</p></div>"],
        ["<div>a0", "</div>"],
        ["<div style='max-height:20px'>", "<p>a0</p></div>"],
        ["<div style='padding:0 10px 0 20px'>", "<p>a0</p></div>"],
    ] {
        let html = format!("{PAGE}{before}{float}{after}{following}");
        let Some(document) = print(&html) else { return };
        // Eight lines are on a page.
        for line in 0..9 {
            let (word, page) = (document.only(&format!("b{line}")), 1 + (line + 1) / 8);
            assert_eq!(word.page, page, "b{line}, {before}");
        }
        for line in 0..12 {
            let word = document.only(&format!("f{line}"));
            assert_eq!(word.page, 1 + line / 8, "f{line}, {before}");
            assert!(
                (word.x - document.only("f0").x).abs() < 0.1,
                "f{line}, {before}"
            );
        }
    }
}

#[test]
fn floats_in_boxes_that_go_to_the_next_page_begin_there() {
    let float = format!("<div style='float:left;width:50%'>{}</div>", lines("f", 12));
    for (html, page) in [
        // The break is found above the box with the float, in it above the float, and in it below.
        (format!("<p>a0</p><div>{float}<p>a1</p></div>"), 2),
        (
            format!("<div><p>a0</p><div>{float}<p>a1</p></div></div>"),
            2,
        ),
        (format!("<div>{float}<p>a0</p><p>a1</p></div>"), 1),
    ] {
        let html = format!(
            "{PAGE}{html}<p style='break-before:avoid;break-inside:avoid'>{}</p>",
            lines("b", 8)
        );
        let Some(document) = print(&html) else { return };
        assert_eq!(document.only("f0").page, page, "{html}");
        for line in 0..12 {
            document.only(&format!("f{line}"));
        }
        assert_eq!(document.only("a0").page, 1);
        assert_eq!(document.only("a1").page, 2);
    }
}

#[test]
fn floats_of_transformed_boxes_go_on_in_them() {
    let float = format!("<div style='float:left'>{}</div>", lines("f", 12));
    let following: String = (0..3).map(|line| format!("<p>b{line}</p>")).collect();
    let html = format!(
        "{PAGE}<div style='transform:translateX(60px)'><div>{float}a0</div></div>{following}"
    );
    let Some(document) = print(&html) else { return };
    for line in 0..12 {
        let word = document.only(&format!("f{line}"));
        assert_eq!(word.page, 1 + line / 8, "f{line}");
        assert!((word.x - document.only("f0").x).abs() < 0.1, "f{line}");
    }
}

#[test]
fn lines_are_beside_where_a_float_would_be_without_its_relative_position() {
    let float = format!("<div style='float:left;width:50%'>{}</div>", lines("f", 12));
    let following: String = (0..9).map(|line| format!("<p>b{line}</p>")).collect();
    let html = format!(
        "{PAGE}<div style='position:relative;left:40px;top:3px'>{float}<p>a0</p></div>{following}"
    );
    let Some(document) = print(&html) else { return };
    let [first, last] = ["f0", "f11"].map(|word| document.only(word));
    assert!((first.x - last.x).abs() < 0.1);
    let [before, beside] = ["b0", "b8"].map(|word| document.only(word));
    assert_eq!((before.page, beside.page), (1, 2));
    assert!((before.x - beside.x).abs() < 0.1);
    // Two lines further down, and moved.
    assert!((last.y - beside.y - 43.0).abs() < 0.1);
}

#[test]
fn a_float_beside_an_empty_inline_box_goes_to_the_next_page_alone() {
    let float = "<a id=x></a><div style='float:left;padding:8px'>float</div>";
    let filled = "<p style='height:105px'>a0</p>";
    let heading = "<p style='break-after:avoid'>heading</p>";
    for (html, pages) in [
        // What follows has room beside where it would be, or has none.
        (format!("{heading}{float}<p>b0</p>"), [1, 2, 1]),
        (
            format!("{heading}{float}<p>b0<br>b1<br>b2<br>b3</p>"),
            [1, 2, 2],
        ),
        // It is below the float.
        (
            format!("{heading}{float}<p style='clear:left'>b0</p>"),
            [1, 2, 2],
        ),
        // The break is above the float after all.
        (
            format!("{heading}{float}<p style='break-before:avoid'>b0<br>b1<br>b2<br>b3</p>"),
            [2, 2, 2],
        ),
        // The box around is left together.
        (
            format!("<div style='break-inside:avoid'>{heading}{float}<p>b0</p></div>"),
            [2, 2, 2],
        ),
        // The one after it is no higher.
        (
            format!("{heading}{float}<div style='float:left'>b0</div>"),
            [1, 2, 2],
        ),
    ] {
        let Some(document) = print(&format!("{PAGE}{filled}{html}")) else {
            return;
        };
        let words = ["heading", "float", "b0"];
        assert_eq!(words.map(|word| document.only(word).page), pages, "{html}");
    }
}

#[test]
fn a_float_after_one_that_comes_below_its_line_is_not_above_that() {
    // The first goes on on the next page, where the line has to begin again with the second, not the third.
    let html = "<style>@page{size:400px 80px;margin:0} body{margin:0;font:14px/24px 'DejaVu Sans'} \
                i{float:right}</style><p style='width:60px'><span style='font-size:30px'>\
                <i style='min-height:200px'>a000</i> X<i>b000</i></span> <i></i> </p>";
    let Some(document) = print(html) else { return };
    for word in ["a000", "X", "b000"] {
        document.only(word);
    }
}
