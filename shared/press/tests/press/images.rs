//! Backgrounds, border images and vector images, by the colours that they put on the page.

use crate::read::{Fixtures, PRESS, draw, print, through};
use fanfold_press::Options;

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const LIME: [u8; 3] = [0, 255, 0];
const WHITE: [u8; 3] = [255, 255, 255];

/// A page of 100 px without margins.
fn page(css: &str, body: &str) -> String {
    format!("<style>@page{{size:100px;margin:0}}body{{margin:0}}{css}</style>{body}")
}

#[test]
fn inline_svg_takes_the_size_and_colour_around_it() {
    let body = "<svg viewBox='0 0 10 10' width=50 height=20><rect width=5 height=10 fill=currentColor></rect></svg>";
    let Some(picture) = draw(&page("svg{display:block;color:lime}", body)) else {
        return;
    };
    // 20 px square in the middle of 50 px, its left half filled.
    assert_eq!(picture.at(10, 10), WHITE);
    assert_eq!(picture.at(20, 10), LIME);
    assert_eq!(picture.at(30, 10), WHITE);
}

#[test]
fn svg_shapes_have_gradients_clips_masks_and_patterns() {
    let body = "<svg width=100 height=100 style='display:block'>
      <defs>
        <linearGradient id=g><stop offset=.5 stop-color=red /><stop offset=.5 stop-color=blue /></linearGradient>
        <clipPath id=c><circle cx=50 cy=50 r=10 /></clipPath>
        <mask id=m><rect x=80 width=10 height=100 fill=white /></mask>
        <pattern id=p width=10 height=10 patternUnits=userSpaceOnUse><rect width=5 height=10 fill=lime /></pattern>
      </defs>
      <rect width=40 height=20 fill='url(#g)' />
      <rect y=40 width=100 height=20 fill=red clip-path='url(#c)' />
      <rect x=60 width=40 height=20 fill=blue mask='url(#m)' />
      <rect y=80 width=100 height=20 fill='url(#p)' />
    </svg>";
    let Some(picture) = draw(&page("", body)) else {
        return;
    };
    assert_eq!((picture.at(10, 10), picture.at(30, 10)), (RED, BLUE));
    assert_eq!((picture.at(50, 50), picture.at(35, 50)), (RED, WHITE));
    assert_eq!((picture.at(85, 10), picture.at(70, 10)), (BLUE, WHITE));
    assert_eq!((picture.at(22, 90), picture.at(27, 90)), (LIME, WHITE));
}

#[test]
fn svg_backgrounds_repeat_with_space_between() {
    let css = "body{height:100px;background:url(\"data:image/svg+xml,<svg width='40' height='40'><rect width='40' height='40' fill='red'/></svg>\") space}";
    let Some(picture) = draw(&page(css, "")) else {
        return;
    };
    for (x, expected) in [(2, RED), (38, RED), (50, WHITE), (62, RED), (98, RED)] {
        assert_eq!(picture.at(x, 20), expected, "at {x}");
    }
}

#[test]
fn border_images_are_cut_into_nine() {
    let css = "div{width:60px;height:60px;border:20px solid lime;
      border-image:linear-gradient(to right, red 50%, blue 50%) 20%}";
    let Some(picture) = draw(&page(css, "<div></div>")) else {
        return;
    };
    assert_eq!((picture.at(10, 50), picture.at(90, 50)), (RED, BLUE));
    assert_eq!((picture.at(40, 10), picture.at(60, 10)), (RED, BLUE));
    assert_eq!(picture.at(50, 50), WHITE);
}

#[test]
fn what_cannot_be_loaded_is_told_in_words() {
    let html = "<img src=no.png alt=told><object data=no.png>inside</object><embed src=no.png>";
    let Some(document) = print(html) else { return };
    let words: Vec<&str> = document.words.iter().map(|word| &*word.text).collect();
    assert_eq!(words, ["toldinside"]);
}

#[test]
fn hostile_svg_ends() {
    let deep = format!("<svg>{}{}</svg>", "<g>".repeat(5_000), "</g>".repeat(5_000));
    let doubling: String = (1..40)
        .map(|n| {
            format!(
                "<g id=a{n}><use href='#a{0}' /><use href='#a{0}' /></g>",
                n - 1
            )
        })
        .collect();
    let endless = "<svg><defs><pattern id=p width=1 height=1><rect width=9 height=9 fill='url(#p)' /></pattern></defs><rect width=9 height=9 fill='url(#p)' /><use href='#u' id=u /></svg>";
    let bodies = [
        deep,
        format!("<svg><rect id=a0 width=1 height=1 />{doubling}</svg>"),
        endless.to_owned(),
        "<svg width=1e30 height=-4 viewBox='0 0 NaN 1'><path d='M1e38 1e38L-1e38 0Z' /></svg>"
            .to_owned(),
        "<img src='data:image/svg+xml,<!DOCTYPE svg [<!ENTITY a \"&a;&a;\">]><svg>&a;</svg>'>"
            .to_owned(),
    ];
    for body in &bodies {
        let Some(document) = print(&page("", body)) else {
            return;
        };
        assert!(!document.pages.is_empty());
    }
}

#[test]
fn what_sticks_out_of_a_vector_image_shows_only_where_it_may() {
    let image = "<img src=\"data:image/svg+xml,<svg width='40' height='40'><rect width='90' height='40' fill='red'/></svg>\">";
    for (overflow, expected) in [("", WHITE), ("overflow:visible", RED)] {
        let css = format!("img{{display:block;{overflow}}}");
        let Some(picture) = draw(&page(&css, image)) else {
            return;
        };
        assert_eq!((picture.at(20, 20), picture.at(60, 20)), (RED, expected));
    }
}

#[test]
fn an_inline_box_fades_as_one() {
    let html = |style: &str| {
        format!(
            "<style>@page{{size:40px 20px;margin:0}} body{{margin:0;line-height:20px}}</style>\
             <span style='background:#000;color:#000;{style}'>\u{a0}\u{a0}\
             <img style='width:10px;height:10px;background:#000;vertical-align:top' alt=''></span>"
        )
    };
    let Some(faded) = draw(&html("opacity:.5")) else {
        return;
    };
    let Some(whole) = draw(&html("")) else { return };
    assert_eq!(whole.at(3, 10), [0, 0, 0]);
    let [grey, ..] = faded.at(3, 10);
    assert!((120..=135).contains(&grey), "{grey}");
}

#[test]
fn a_hidden_page_context_paints_nothing_of_its_own() {
    let html = "<style>@page{size:20px;margin:5px;background:#f00;visibility:hidden}</style>\
                <div style='background:#00f;height:5px'></div>";
    let Some(picture) = draw(html) else { return };
    assert_eq!(picture.at(1, 1), [255, 255, 255]);
}

#[test]
fn the_page_s_background_and_marks_are_in_the_bleed() {
    let html = "<style>@page{size:40px;margin:0;bleed:20px;marks:crop cross;background:#ff0} \
                html{background:#00f} body{margin:0} div{margin:-10px;background:#f00;height:5px}</style><div></div>";
    let Some(picture) = draw(html) else { return };
    assert_eq!(picture.at(15, 3), [255, 255, 0]);
    assert_eq!(picture.at(40, 40), BLUE);
    assert_eq!(picture.at(12, 12), RED, "content reaches into the bleed");
    let black = |x: usize, y: usize| picture.at(x, y)[1] < 128;
    let either = |x: usize, y: usize| black(x, y) || black(x - 1, y) || black(x, y - 1);
    assert!(
        either(5, 20) && either(20, 5) && either(74, 60),
        "crop marks"
    );
    assert!(either(40, 3) && either(3, 40), "crosses");
    assert!(!either(15, 25), "nothing between");
}

#[test]
fn a_block_image_keeps_its_lower_margin() {
    let Some(document) = print(
        "<style>*{margin:0}body{font:10px/10px monospace}\
         svg{display:block;width:20px;height:20px;margin-bottom:30px}</style>\
         <svg viewBox='0 0 1 1'></svg><p>one</p>\
         <div style='float:left'><svg viewBox='0 0 1 1'></svg></div>\
         <p style='clear:both'>two</p>",
    ) else {
        return;
    };
    let (one, two) = (document.only("one").y, document.only("two").y);
    assert!((two - one - 60.0).abs() < 1.0, "{one} {two}");
}

#[test]
fn an_image_a_little_taller_than_the_page_reaches_into_its_margin() {
    let pages = |height: u32| {
        let html = format!(
            "<style>@page{{size:100px;margin:10px}}*{{margin:0}}svg{{display:block}}</style>\
             <svg viewBox='0 0 1 1' style='width:10px;height:{height}px'></svg>"
        );
        print(&html).map(|document| document.pages.len())
    };
    let Some(count) = pages(85) else { return };
    assert_eq!(count, 1);
    assert_eq!(pages(95), Some(2));
}

#[test]
fn outlines_lie_on_what_comes_after_them() {
    let css = "p{height:20px;margin:10px 10px 0;outline:10px solid red} p+p{margin:0;outline:0;background:lime}
      i{display:inline-block;width:40px;height:20px;background:blue;vertical-align:top}
      span{outline:4px solid red;outline-offset:-4px}";
    let body = "<p></p><p></p><div><span><i></i></span></div>";
    let Some(picture) = draw(&page(css, body)) else {
        return;
    };
    // The paragraph below begins in the outline of the one above.
    assert_eq!((picture.at(50, 36), picture.at(50, 45)), (RED, LIME));
    // An inline box's is on what is in it.
    assert_eq!((picture.at(2, 60), picture.at(20, 60)), (RED, BLUE));
}

#[test]
fn an_svg_image_of_a_size_of_its_own_scales_without_a_view_box() {
    let image = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'><rect width='5' height='10' fill='red'/><rect x='5' width='5' height='10' fill='blue'/></svg>";
    let body = format!("<img width=80 height=20 src=\"{image}\" style='display:block'>");
    let Some(picture) = draw(&page("", &body)) else {
        return;
    };
    assert_eq!(picture.at(39, 18), RED);
    assert_eq!(picture.at(41, 18), BLUE);
    assert_eq!(picture.at(79, 18), BLUE);
}

#[test]
fn an_aspect_ratio_gives_the_side_that_is_not_set() {
    for (style, width, height) in [
        ("aspect-ratio:2;width:60px", 60, 30),
        ("aspect-ratio:2;height:30px", 60, 30),
        ("aspect-ratio:2;height:30px;float:left", 60, 30),
        ("aspect-ratio:2;height:30px;position:absolute", 60, 30),
        ("aspect-ratio:1;max-height:30px", 30, 30),
        ("aspect-ratio:1;min-height:30px;float:left", 30, 30),
        ("aspect-ratio:2;width:60px;padding:5px", 70, 40),
        (
            "aspect-ratio:2;width:60px;padding:5px;box-sizing:border-box",
            60,
            30,
        ),
        (
            "aspect-ratio:auto 2;width:60px;padding:5px;box-sizing:border-box",
            60,
            35,
        ),
        ("position:absolute;top:0;bottom:60px;aspect-ratio:2", 80, 40),
        ("aspect-ratio:2;width:60px;overflow:hidden", 60, 30),
    ] {
        let body = format!("<div style='{style};background:red'></div>");
        let Some(picture) = draw(&page("", &body)) else {
            return;
        };
        assert_eq!(picture.at(width - 1, height - 1), RED, "{style}");
        assert_eq!(picture.at(width - 1, height + 1), WHITE, "{style}");
        assert_eq!(picture.at(width + 1, height - 1), WHITE, "{style}");
    }
    // What is inside is no less seen.
    let tall = "<div style='aspect-ratio:4;width:40px;background:red'><p style='margin:0;height:30px'></div>";
    for (css, height) in [("", 30), ("div{overflow:hidden}", 10)] {
        let Some(picture) = draw(&page(css, tall)) else {
            return;
        };
        assert_eq!(picture.at(5, height - 1), RED, "{css}");
        assert_eq!(picture.at(5, height + 1), WHITE, "{css}");
    }
}

#[test]
fn transform_properties_come_before_transform() {
    let css = "div{width:10px;height:10px;background:red;transform-origin:0 0;translate:20px 50%;rotate:90deg;scale:2 1;transform:translate(5px)}";
    let Some(picture) = draw(&page(css, "<div></div>")) else {
        return;
    };
    // Moved by 20 and 5, turned, twice as long, moved by 5 in all that: 10 px left of 20, from 15 to 35 down.
    assert_eq!(picture.at(11, 16), RED);
    assert_eq!(picture.at(18, 34), RED);
    assert_eq!(picture.at(21, 20), WHITE);
    assert_eq!(picture.at(15, 13), WHITE);
    assert_eq!(picture.at(15, 37), WHITE);
}

#[test]
fn transforms_in_space_are_projected_on_the_page() {
    for (transform, [width, height]) in [
        ("translate3d(10px,0,5px) translateZ(9px)", [30, 20]),
        ("rotateX(60deg)", [20, 10]),
        ("rotate3d(0,2,0,60deg) perspective(9px)", [10, 20]),
        ("scale3d(2,1,3)", [40, 20]),
        ("matrix3d(2,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1)", [40, 20]),
        ("matrix3d(1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,2)", [10, 10]),
        ("rotateX(60deg) rotateX(-60deg)", [20, 20]),
        ("rotateX(-90deg) translateZ(30px) rotateX(90deg)", [20, 50]),
        (
            "rotateY(45deg) rotateX(0deg) translateZ(1in) translateZ(-1in) rotateY(15deg)",
            [10, 20],
        ),
        ("rotateY(30deg) translateZ(60px) rotateY(-30deg)", [50, 20]),
        ("rotateX(30deg) scaleZ(0) rotateX(-30deg)", [20, 15]),
        ("perspective(100px) translateZ(50px)", [40, 40]),
        ("perspective(none) translateZ(50px)", [20, 20]),
        ("none;rotate:y 60deg", [10, 20]),
        ("none;rotate:60deg 1 0 0", [20, 10]),
        ("none;translate:10px 0 30px", [30, 20]),
        ("none;scale:1 .5 2", [20, 10]),
        ("perspective(100px);translate:0 0 50px", [20, 20]),
    ] {
        let css = format!(
            "div{{width:20px;height:20px;background:red;transform-origin:0 0;transform:{transform}}}"
        );
        let Some(picture) = draw(&page(&css, "<div></div>")) else {
            return;
        };
        assert_eq!(picture.at(width - 1, height - 1), RED, "{transform}");
        assert_eq!(picture.at(width + 1, height - 1), WHITE, "{transform}");
        assert_eq!(picture.at(width - 1, height + 1), WHITE, "{transform}");
    }
}

#[test]
fn images_are_turned_as_asked() {
    // Stored as four columns and two rows of pixels, upright after a quarter of a turn clockwise: red
    // is then at the upper right.
    let png = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAGmVYSWZNTQAqAAAACAABARIAAwAAAAEA\
               BgAAAAAAANZnS2kAAAAaSURBVHicPcahAQAACMAg9P+fZ5PEhAL2hwNW9wT/JHHT4wAAAABJRU5ErkJg\
               gg==";
    for (orientation, [width, height], [x, y]) in [
        ("from-image", [20, 40], [15, 5]),
        ("none", [40, 20], [5, 5]),
        ("90deg", [20, 40], [15, 5]),
        ("180deg", [40, 20], [35, 15]),
        ("270deg flip", [20, 40], [15, 35]),
        ("flip", [40, 20], [35, 5]),
    ] {
        let css = format!(
            "img{{display:block;width:{width}px;image-orientation:{orientation};background:blue}}"
        );
        let body = format!("<img src='data:image/png;base64,{png}'>");
        let Some(picture) = draw(&page(&css, &body)) else {
            return;
        };
        assert_eq!(picture.at(x, y), RED, "{orientation}");
        for (x, y) in [(5, 5), (width - 5, 5), (5, height - 5)] {
            assert_ne!(picture.at(x, y), BLUE, "{orientation}");
        }
        assert_eq!(picture.at(width - 5, height + 5), WHITE, "{orientation}");
    }
}

#[test]
fn an_svg_image_has_its_roots_background() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='20' height='20' style='fill:red; background-color: rgb(0, 255, 0)'><rect width='5' height='5'/></svg>";
    let css = "img{display:block;background:blue;padding-left:10px}";
    let body = format!("<img src=\"data:image/svg+xml,{svg}\">");
    let Some(picture) = draw(&page(css, &body)) else {
        return;
    };
    for (x, expected) in [(5, BLUE), (12, RED), (18, LIME), (28, LIME), (35, WHITE)] {
        assert_eq!(picture.at(x, 2), expected, "at {x}");
    }
}

#[test]
fn the_background_of_an_svg_root_cascades() {
    for (style, expected) in [
        ("background-color:lime;background:none", WHITE),
        ("background:lime!important;background:blue", LIME),
        ("background:url('data:;x') blue;background-color:lime", LIME),
        ("background-color:lime;background-color:nonsense", LIME),
    ] {
        let svg = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='20' height='20' style=\"{style}\"/>"
        );
        let body = format!(
            "<img style='display:block' src='data:image/svg+xml,{}'>",
            svg.replace('\'', "%27")
        );
        let Some(picture) = draw(&page("", &body)) else {
            return;
        };
        assert_eq!(picture.at(10, 10), expected, "{style}");
    }
}

#[test]
fn a_stretched_image_is_moved_by_lengths() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='20' height='20'><rect width='20' height='20' fill='red'/></svg>";
    let css = "img{display:block;width:40px;height:40px;background:blue;object-position:top 10px left 50%}";
    let body = format!("<img src=\"data:image/svg+xml,{svg}\">");
    let Some(picture) = draw(&page(css, &body)) else {
        return;
    };
    for (y, expected) in [(5, BLUE), (15, RED), (38, RED), (45, WHITE)] {
        assert_eq!(picture.at(20, y), expected, "at {y}");
    }
}

#[test]
fn a_circles_shadow_is_a_circle() {
    let css = "div{position:absolute;left:40px;top:40px;width:20px;height:20px;border-radius:50%;box-shadow:0 0 0 30px red}";
    let Some(picture) = draw(&page(css, "<div></div>")) else {
        return;
    };
    // 40 px around the middle.
    for (x, y, expected) in [
        (12, 50, RED),
        (50, 12, RED),
        (25, 25, RED),
        (18, 18, WHITE),
        (82, 18, WHITE),
    ] {
        assert_eq!(picture.at(x, y), expected, "at {x} {y}");
    }
}

#[test]
fn of_a_set_of_images_one_dot_a_pixel_is_taken() {
    let svg = |color: &str| {
        format!(
            "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='20' height='20'><rect width='20' height='20' fill='{color}'/></svg>"
        )
    };
    let (red, lime) = (svg("red"), svg("lime"));
    let cases = [
        (
            format!("image-set(\"{red}\" 2x, url(\"{lime}\") 1x)"),
            [LIME, LIME, WHITE],
        ),
        (
            format!("-webkit-image-set(url(\"{red}\") .5x, url(\"{lime}\") 2x)"),
            [LIME, WHITE, WHITE],
        ),
        (
            format!(
                "image-set(\"{red}\" type('image/avif'), \"{lime}\" type('image/svg+xml') 48dpi)"
            ),
            [LIME, LIME, LIME],
        ),
    ];
    for (value, expected) in cases {
        let css = format!("body{{height:100px;background:{value} no-repeat}}");
        let Some(picture) = draw(&page(&css, "")) else {
            return;
        };
        let found = [5, 15, 35].map(|x| picture.at(x, 5));
        assert_eq!(found, expected, "{value}");
    }
}

#[test]
fn an_svg_image_of_percentages_is_as_large_as_its_place() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='10'><rect width='100%' height='50%' fill='red'/><rect y='50%' width='25%' height='50%' fill='blue'/></svg>";
    let css = format!(
        "body{{height:100px;background:url(\"data:image/svg+xml,{svg}\") 0 0/20px auto no-repeat}}"
    );
    let Some(picture) = draw(&page(&css, "")) else {
        return;
    };
    for (x, y, expected) in [
        (2, 40, RED),
        (18, 40, RED),
        (25, 40, WHITE),
        (2, 90, BLUE),
        (8, 90, WHITE),
    ] {
        assert_eq!(picture.at(x, y), expected, "at {x} {y}");
    }
}

#[test]
fn images_and_links_start_from_the_base() {
    let html = "<base href='https://fanfold.example/a/'><img src=b.png alt=none><a href='c.html'>link</a><a href='#d'>down</a><p id=d>";
    let pdf = PRESS
        .print(html, &Fixtures, &Options::default())
        .expect("the document prints");
    let sources: Vec<_> = pdf
        .diagnostics
        .iter()
        .map(|found| &*found.place.source)
        .collect();
    assert_eq!(sources, ["https://fanfold.example/a/b.png"]);
    let Some(links) = through("pdfinfo", &["-url", "-"], pdf.bytes) else {
        return;
    };
    let links = String::from_utf8_lossy(&links);
    let uris: Vec<&str> = links
        .split_whitespace()
        .filter(|word| word.contains("://"))
        .collect();
    assert_eq!(uris, ["https://fanfold.example/a/c.html"]);
}

#[test]
fn markers_take_the_paint_of_a_line_without_width() {
    let html = "<style>@page{size:40px;margin:0}body{margin:0}svg{display:block}</style>\
                <svg width=40 height=40><marker id=m markerUnits=userSpaceOnUse markerWidth=20 markerHeight=20>\
                <rect width=20 height=20 fill=context-stroke></rect></marker>\
                <path d='M10 10h20' fill=none stroke=red stroke-width=0 marker-start='url(#m)' /></svg>";
    let Some(picture) = draw(html) else { return };
    assert_eq!(picture.at(15, 20), [255, 0, 0]);
    let html = html.replace("marker-start='url(#m)'", "marker-start='url(#none)'");
    let Some(picture) = draw(&html) else { return };
    assert_eq!(picture.at(20, 10), [255, 255, 255]);
}

#[test]
fn a_shadow_is_cut_where_a_page_cuts_its_box() {
    let css = "@page{margin:0 0 20px}div{margin:20px;box-shadow:0 0 0 10px red}i{display:block;height:40px}";
    let Some(picture) = draw(&page(css, "<div><i></i><i></i></div>")) else {
        return;
    };
    for (x, y, expected) in [
        (50, 15, RED),
        (15, 50, RED),
        (85, 77, RED),
        (50, 50, WHITE),
        (50, 85, WHITE),
        (15, 85, WHITE),
    ] {
        assert_eq!(picture.at(x, y), expected, "at {x} {y}");
    }
}
