//! Fonts whose glyphs have colours of their own.

use crate::read::{Fixtures, PRESS, Picture, draw, print};
use fanfold_press::{Fetch, FetchError, Options, Press};
use std::sync::Arc;

const FONTS: [&str; 3] = ["layers.ttf", "bitmaps.ttf", "pictures.ttf"];
/// What the three have.
const ALL: &str = "ALFGRSTCXBD \u{1F600} \u{1F469}\u{200D}\u{1F4BB} \u{1F469}\u{1F4BB}";

/// `text` in a font at 100 px, with lines of 100 px and the baseline at 90 px of each.
fn page(font: &str, text: &str) -> String {
    format!(
        "<style>@page{{size:400px 200px;margin:0}} body{{margin:0;font:100px/1 K}} \
         @font-face{{font-family:K;src:url({font})}}</style>{text}"
    )
}

/// Asserts the colours at places.
#[track_caller]
fn assert_colors(picture: &Picture, expected: &[((usize, usize), [u8; 3])]) {
    for &((x, y), color) in expected {
        let drawn = picture.at(x, y);
        let near = drawn
            .iter()
            .zip(color)
            .all(|(one, two)| one.abs_diff(two) <= 12);
        assert!(near, "{drawn:?} at {x}, {y}, not {color:?}");
    }
}

const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const YELLOW: [u8; 3] = [255, 204, 0];
const WHITE: [u8; 3] = [255; 3];

#[test]
fn layers_are_drawn_in_the_palettes_colors() {
    // "L" is a square with a circle on it; "A" has no colours.
    let html = page("layers.ttf", "<p style='margin:0;color:#0f0'>LAG");
    let Some(picture) = draw(&html) else { return };
    assert_colors(
        &picture,
        &[
            ((5, 5), RED),
            ((50, 50), YELLOW),
            ((150, 50), GREEN),
            ((205, 50), [242, 0, 13]),
            ((295, 50), [13, 0, 242]),
        ],
    );
}

#[test]
fn layers_are_composed() {
    // Of a circle and a box below it: what is in both; what is in one alone; the product.
    let Some(picture) = draw(&page("layers.ttf", "CXB")) else {
        return;
    };
    assert_colors(
        &picture,
        &[
            ((50, 50), RED),
            ((13, 88), WHITE),
            ((150, 50), WHITE),
            ((113, 88), BLUE),
            ((150, 14), RED),
            ((250, 14), YELLOW),
        ],
    );
}

#[test]
fn a_glyph_may_be_in_the_texts_color() {
    // A red square, the text's circle, and a box of half a blue.
    let Some(picture) = draw(&page("layers.ttf", "<b style='color:#0f0'>F</b>F")) else {
        return;
    };
    let half = |color: [u8; 3]| [color[0] / 2, color[1] / 2, 128 + color[2] / 2];
    assert_colors(
        &picture,
        &[
            ((2, 2), RED),
            ((50, 60), half(GREEN)),
            ((150, 60), half([0; 3])),
        ],
    );
}

#[test]
fn bitmaps_are_drawn_where_their_font_has_them() {
    // Eight pixels an em, seven of them above the baseline.
    let text = "<p style='margin:0'>\u{1F600}\u{1F469}\u{200D}\u{1F4BB}\u{1F4BB}";
    let Some(picture) = draw(&page("bitmaps.ttf", text)) else {
        return;
    };
    assert_colors(
        &picture,
        &[
            ((50, 1), WHITE),
            ((50, 50), RED),
            ((150, 50), GREEN),
            ((250, 50), BLUE),
            ((350, 50), WHITE),
        ],
    );
    let Some(picture) = draw(&page("pictures.ttf", "ABD")) else {
        return;
    };
    assert_colors(
        &picture,
        &[((50, 50), RED), ((150, 50), BLUE), ((250, 50), RED)],
    );
}

#[test]
fn colors_fade_with_the_text() {
    let text = "<span style='color:#00000080'>\u{1F600}</span>\
                <span style='color:transparent'>\u{1F600}</span><b>\u{1F600}</b>";
    let Some(picture) = draw(&page("bitmaps.ttf", text)) else {
        return;
    };
    assert_colors(
        &picture,
        &[
            ((50, 50), [255, 127, 127]),
            ((150, 50), WHITE),
            ((250, 50), RED),
        ],
    );
}

#[test]
fn shadows_have_the_shape_of_the_glyph_and_their_own_color() {
    let Some(picture) = draw(&page(
        "bitmaps.ttf",
        "<span style='text-shadow:20px 20px #0f0'>\u{1F600}</span>",
    )) else {
        return;
    };
    assert_colors(
        &picture,
        &[((50, 50), RED), ((110, 110), GREEN), ((130, 130), WHITE)],
    );
    // Backgrounds are cut to the shape too.
    let Some(picture) = draw(&page(
        "layers.ttf",
        "<span style='background:#00f;background-clip:text;color:transparent'>LA</span>",
    )) else {
        return;
    };
    assert_colors(
        &picture,
        &[((50, 50), BLUE), ((150, 50), BLUE), ((195, 50), WHITE)],
    );
}

#[test]
fn emoji_are_text_to_be_found() {
    let text = "a \u{1F600} \u{1F469}\u{200D}\u{1F4BB} \u{1F469}\u{FE0F}\u{1F4BB} \
                <i style='background:red;background-clip:text;color:transparent'>\u{1F600}</i>";
    let Some(document) = print(&page(
        "bitmaps.ttf",
        &format!("<p style='font-size:20px'>{text}"),
    )) else {
        return;
    };
    let words: Vec<&str> = document.words.iter().map(|word| &*word.text).collect();
    let whole = "\u{1F469}\u{200D}\u{1F4BB}";
    let selected = "\u{1F469}\u{FE0F}\u{1F4BB}";
    assert_eq!(words, ["a", "\u{1F600}", whole, selected, "\u{1F600}"]);
    // As high as the line's letters, for readers that mark what is found.
    let (emoji, letter) = (document.only(whole), document.only("a"));
    assert!(
        (emoji.y - letter.y).abs() < 5.0,
        "{} and {}",
        emoji.y,
        letter.y
    );
}

#[test]
fn emoji_presentation_is_by_the_selector() {
    // The embedded fonts have both characters, in black; the font of bitmaps is not named.
    let text = "<p style='margin:0;font-family:sans-serif;color:#00f'>\
                \u{1F600}<span style='letter-spacing:400px'> </span>\u{1F600}\u{FE0E}";
    let Some(picture) = draw(&page("bitmaps.ttf", text)) else {
        return;
    };
    assert_colors(&picture, &[((50, 50), RED)]);
    let line = 130..200;
    let mut below = line.flat_map(|y| (0..100).map(move |x| (x, y)));
    assert!(
        below.all(|(x, y)| picture.at(x, y) != RED),
        "the text is in colours"
    );
}

#[test]
fn a_glyph_is_stored_once() {
    let size = |text: &str| {
        let html = page("bitmaps.ttf", text);
        let printed = PRESS.print(&html, &Fixtures, &Options::default());
        let pdf = printed.expect("the document prints").bytes;
        let images = pdf.windows(14).filter(|bytes| bytes == b"/Subtype/Image");
        (images.count(), pdf.len())
    };
    let (images, once) = size("\u{1F600}");
    let many = "\u{1F600} <b>\u{1F600}</b><p style='font-size:20px'>\u{1F600}";
    assert_eq!((images, size(many).0), (1, 1), "images");
    assert!(size(many).1 < once + 200, "{} bytes", size(many).1);
}

/// A font of bytes.
struct Given(Vec<u8>);

impl Fetch for Given {
    fn fetch(&self, _: &str) -> Result<Arc<[u8]>, FetchError> {
        Ok(self.0.clone().into())
    }
}

#[test]
fn damaged_fonts_do_no_harm() {
    let html = page(
        "f",
        &format!("<p style='text-shadow:1px 1px red'>{ALL}<p style='color:#0008'>{ALL}"),
    );
    for name in FONTS {
        let font = Fixtures.fetch(name).expect("it is there").to_vec();
        let press = Press::new();
        for at in (0..font.len()).step_by(4) {
            let mut damaged = font.clone();
            damaged[at] ^= 0xff;
            let printed = press.print(&html, &Given(damaged), &Options::default());
            assert!(printed.is_ok(), "{name} with another byte {at}");
        }
    }
}
