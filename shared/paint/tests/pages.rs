//! What is drawn, and what is around it, as other programs see them.

mod typeset;

use fanfold_geometry::{Cmyk, Color, Point, Px, Rect, Size, Transform};
use fanfold_paint::{
    Anchor, Catalog, CmykProfile, Gradient, GradientLine, Item, LineCap, LineJoin, Link,
    LinkTarget, Mask, OutlineEntry, PaintCache, PaintImage, Path, PathSegment, Sheet, Spread,
    Stroke, Tiles, write,
};
use lopdf::{Document, Object};
use std::sync::Arc;
use typeset::{Look, ask, file, fonts, line, sheet};

/// A page of 100 × 100 points.
fn small(items: Vec<Item>) -> Sheet {
    Sheet {
        size: Size::new(Px(100.0 / 0.75), Px(100.0 / 0.75)),
        items,
        ..Sheet::default()
    }
}

fn points(x: f32, y: f32, width: f32, height: f32) -> Rect {
    Rect::new(
        Px(x / 0.75),
        Px(y / 0.75),
        Px(width / 0.75),
        Px(height / 0.75),
    )
}

fn point(x: f32, y: f32) -> Point {
    Point::new(Px(x / 0.75), Px(y / 0.75))
}

/// The page at one pixel a point; `None` without poppler.
fn render(pdf: &[u8]) -> Option<impl Fn(usize, usize) -> [u8; 3] + use<>> {
    let folder = tempfile::tempdir().expect("a folder");
    let prefix = folder.path().join("page");
    let prefix = prefix.to_str().expect("a UTF-8 path");
    ask("pdftoppm", &["-r", "72", "-aa", "no"], pdf, &[prefix])?;
    let image = std::fs::read(format!("{prefix}-1.ppm")).expect("a page");
    let start = image.len() - 100 * 100 * 3;
    Some(move |x: usize, y: usize| {
        let at = start + (y * 100 + x) * 3;
        [image[at], image[at + 1], image[at + 2]]
    })
}

/// The places on a page of 100 × 100 where anything is drawn.
fn inked(pixel: impl Fn(usize, usize) -> [u8; 3]) -> Vec<(usize, usize)> {
    let places = (0..100).flat_map(|x| (0..100).map(move |y| (x, y)));
    places.filter(|&(x, y)| pixel(x, y) != WHITE).collect()
}

const RED: Color = Color::rgb(1.0, 0.0, 0.0);
const BLUE: Color = Color::rgb(0.0, 0.0, 1.0);
const WHITE: [u8; 3] = [255; 3];

#[test]
fn rectangles_clips_transforms_and_opacity_paint_where_they_should() {
    let turned = Transform {
        a: 0.0,
        b: 1.0,
        c: -1.0,
        d: 0.0,
        e: 100.0 / 0.75,
        f: 0.0,
    };
    let pdf = file(&[small(vec![
        Item::FillRect(points(10.0, 10.0, 20.0, 20.0), RED),
        Item::PushClip(Path::rect(points(50.0, 0.0, 10.0, 100.0))),
        Item::FillRect(points(40.0, 40.0, 40.0, 10.0), BLUE),
        Item::Pop,
        Item::PushTransform(turned),
        Item::FillRect(points(80.0, 10.0, 10.0, 10.0), RED),
        Item::Pop,
        Item::PushOpacity(0.5),
        Item::FillRect(points(0.0, 60.0, 20.0, 20.0), RED),
        Item::FillRect(points(10.0, 60.0, 20.0, 20.0), BLUE),
        Item::Pop,
        Item::Pop, // One too many is nothing.
    ])]);
    ask("qpdf", &["--check"], &pdf, &[]);
    let Some(pixel) = render(&pdf) else { return };
    assert_eq!(pixel(20, 20), [255, 0, 0]);
    assert_eq!([pixel(45, 45), pixel(65, 45)], [WHITE; 2], "clipped");
    assert_eq!(pixel(55, 45), [0, 0, 255]);
    assert_eq!(pixel(85, 85), [255, 0, 0], "turned by a quarter");
    let [red, green, blue] = pixel(15, 70);
    assert!(
        red.abs_diff(128) < 3 && green.abs_diff(128) < 3 && blue == 255,
        "a group is opaque inside"
    );
}

#[test]
fn gradients_run_from_stop_to_stop() {
    let pdf = file(&[small(vec![
        Item::Gradient(Gradient {
            area: points(0.0, 0.0, 100.0, 20.0),
            line: GradientLine::Linear {
                start: point(0.0, 0.0),
                end: point(100.0, 0.0),
            },
            spread: Spread::Pad,
            stops: vec![(0.0, RED), (0.5, BLUE), (1.0, RED)],
        }),
        Item::Gradient(Gradient {
            area: points(0.0, 40.0, 100.0, 20.0),
            line: GradientLine::Linear {
                start: point(0.0, 0.0),
                end: point(100.0, 0.0),
            },
            spread: Spread::Pad,
            stops: vec![(0.0, RED), (1.0, Color::TRANSPARENT)],
        }),
    ])]);
    ask("qpdf", &["--check"], &pdf, &[]);
    let Some(pixel) = render(&pdf) else { return };
    let near = |found: [u8; 3], expected: [u8; 3]| {
        assert!(
            found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 12),
            "{found:?} is not {expected:?}"
        );
    };
    near(pixel(1, 10), [255, 0, 0]);
    near(pixel(50, 10), [0, 0, 255]);
    near(pixel(25, 10), [128, 0, 128]);
    near(pixel(50, 50), [255, 128, 128]);
    near(pixel(98, 50), [255, 250, 250]);
}

#[test]
fn dashes_leave_gaps() {
    let path = Path {
        segments: vec![
            PathSegment::Move(point(0.0, 50.5)),
            PathSegment::Line(point(100.0, 50.5)),
        ],
    };
    let stroke = Stroke {
        width: Px(4.0 / 0.75),
        color: RED,
        dashes: vec![Px(10.0 / 0.75), Px(10.0 / 0.75)],
        dash_offset: Px::ZERO,
        cap: LineCap::Butt,
        join: LineJoin::Bevel,
    };
    let Some(pixel) = render(&file(&[small(vec![Item::StrokePath(path, stroke)])])) else {
        return;
    };
    assert_eq!(
        [pixel(5, 50), pixel(15, 50), pixel(25, 50)],
        [[255, 0, 0], WHITE, [255, 0, 0]]
    );
}

/// A PNG of 2 × 1 pixels: red, and blue at half opacity.
fn two_pixels() -> Vec<u8> {
    let mut png = Vec::new();
    let pixels =
        image::RgbaImage::from_raw(2, 1, vec![255, 0, 0, 255, 0, 0, 255, 128]).expect("two pixels");
    pixels
        .write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)
        .expect("encoded");
    png
}

#[test]
fn images_paint_with_their_opacity() {
    let image = Arc::new(PaintImage::decode(&two_pixels(), 100).expect("an image"));
    assert_eq!((image.width, image.height), (2, 1));
    let pdf = file(&[small(vec![Item::Image(
        image,
        points(0.0, 0.0, 100.0, 50.0),
    )])]);
    ask("qpdf", &["--check"], &pdf, &[]);
    let Some(pixel) = render(&pdf) else { return };
    assert_eq!(pixel(10, 25), [255, 0, 0]);
    let [red, _, blue] = pixel(90, 25);
    assert!(red.abs_diff(127) < 4 && blue == 255);
}

#[test]
fn images_over_the_limit_or_damaged_are_refused() {
    let png = two_pixels();
    assert!(PaintImage::decode(&png, 1).is_err());
    assert!(PaintImage::decode(b"no image", 100).is_err());
    for length in 0..png.len() - 12 {
        assert!(
            PaintImage::decode(&png[..length], 100).is_err(),
            "cut at {length}"
        );
    }
    for length in 0..JPEG.len() {
        let _ = PaintImage::decode(&JPEG[..length], 1 << 20);
    }
    let turned = PaintImage::decode(JPEG, 1 << 20).expect("headers of a JPEG");
    assert_eq!(
        (turned.width, turned.height),
        (16, 32),
        "EXIF orientation 6 swaps the sides"
    );
}

/// The headers of a JPEG of 32 × 16 pixels with EXIF orientation 6.
const JPEG: &[u8] = b"\xff\xd8\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0\
    \xff\xc0\x00\x11\x08\0\x10\0\x20\x03\x01\x11\0\x02\x11\x01\x03\x11\x01\xff\xda\x00\x02\x00\xff\xd9";

#[test]
fn navigation_leads_to_its_places() {
    let mut first = sheet(&[("One", Look::default())]);
    let area = points(10.0, 10.0, 50.0, 20.0);
    first.links = vec![
        Link {
            area,
            target: LinkTarget::Anchor("end".into()),
        },
        Link {
            area,
            target: LinkTarget::Anchor("nowhere".into()),
        },
        Link {
            area,
            target: LinkTarget::Uri("https://example.org/ü?a=(b)".into()),
        },
    ];
    let mut second = sheet(&[("Two", Look::default())]);
    second.anchors = vec![Anchor {
        name: "end".into(),
        at: point(0.0, 100.0),
    }];
    let entry = |title: &str, level, sheet| OutlineEntry {
        title: title.into(),
        level,
        sheet,
        at: point(0.0, 0.0),
    };
    let catalog = Catalog {
        title: Some("Überschrift".into()),
        language: Some("de".into()),
        created: Some("2024-05-01T10:20:30+05:30".into()),
        outline: vec![
            entry("A", 1, 0),
            entry("A.1", 3, 1),
            entry("B", 1, 1),
            entry("lost", 1, 9),
        ],
        ..Catalog::default()
    };
    let pdf = write(&[first, second], &catalog, fonts(), &PaintCache::new()).expect("a document");
    ask("qpdf", &["--check"], &pdf, &[]);
    let document = Document::load_mem(&pdf).expect("a readable file");
    assert_eq!(document.version, "1.7");
    let pages = document.get_pages();
    let annotations = document.get_page_annotations(pages[&1]).expect("links");
    assert_eq!(annotations.len(), 2, "a link to nowhere is left out");
    let toc = document.get_toc().expect("an outline");
    let found: Vec<_> = toc
        .toc
        .iter()
        .map(|entry| (entry.title.as_str(), entry.level, entry.page))
        .collect();
    assert_eq!(found, [("A", 1, 1), ("A.1", 2, 2), ("B", 1, 2)]);
    let catalog = document.catalog().expect("a catalog");
    assert_eq!(
        catalog
            .get(b"Lang")
            .and_then(Object::as_str)
            .expect("a language"),
        b"de"
    );
    let info = ask("pdfinfo", &[], &pdf, &[]).unwrap_or_else(|| "Überschrift".into());
    assert!(info.contains("Überschrift"), "{info}");
}

#[test]
fn documents_of_one_template_share_their_fonts() {
    let programs = |text: &str| -> Vec<Vec<u8>> {
        let document =
            Document::load_mem(&file(&[sheet(&[(text, Look::default())])])).expect("a file");
        let streams = document
            .objects
            .values()
            .filter_map(|object| object.as_stream().ok());
        streams
            .filter(|stream| stream.dict.has(b"Length1"))
            .map(|stream| stream.content.clone())
            .collect()
    };
    let invoice = programs("Invoice 17 for Ms Quill: 1,204.50");
    assert_eq!(invoice.len(), 1);
    assert_eq!(
        invoice,
        programs("INVOICE 9281 for Mr. Zola & Sons: 88.00 %")
    );
    assert!(
        invoice[0].len() < 14_000,
        "{} bytes of font",
        invoice[0].len()
    );
}

#[test]
fn the_same_input_gives_the_same_bytes_with_any_cache() {
    let lines: Vec<(&str, Look)> = ["One", "नमस्ते", "مرحبا"]
        .map(|text| (text, Look::default()))
        .into();
    let sheets = [sheet(&lines), sheet(&lines[..1])];
    let cache = PaintCache::new();
    let warm =
        |sheets: &[Sheet]| write(sheets, &Catalog::default(), fonts(), &cache).expect("a document");
    let first = warm(&sheets);
    let _other = warm(&sheets[1..]);
    assert_eq!(first, warm(&sheets));
    assert_eq!(first, file(&sheets));
}

#[test]
fn hostile_display_lists_give_a_valid_file() {
    let wild = [f32::NAN, f32::INFINITY, -1e30, 0.0, -5.0];
    let mut items = Vec::new();
    for x in wild {
        for y in wild {
            items.push(Item::FillRect(
                Rect::new(Px(x), Px(y), Px(y), Px(x)),
                Color {
                    r: x,
                    g: y,
                    b: x,
                    a: 1.0,
                    cmyk: None,
                },
            ));
            items.push(Item::PushTransform(Transform {
                a: x,
                b: y,
                c: x,
                d: y,
                e: x,
                f: y,
            }));
            items.push(Item::PushOpacity(x));
            items.push(Item::StrokePath(
                Path {
                    segments: vec![
                        PathSegment::Close,
                        PathSegment::Line(Point::new(Px(x), Px(y))),
                    ],
                },
                Stroke {
                    width: Px(x),
                    color: RED,
                    dashes: vec![Px(y); 3],
                    dash_offset: Px(x),
                    cap: LineCap::Round,
                    join: LineJoin::Miter(x),
                },
            ));
            items.push(Item::Gradient(Gradient {
                area: points(0.0, 0.0, 9.0, 9.0),
                line: GradientLine::Linear {
                    start: Point::new(Px(x), Px(y)),
                    end: point(1.0, 1.0),
                },
                spread: Spread::Pad,
                stops: vec![(x, RED), (y, Color::TRANSPARENT)],
            }));
        }
    }
    items.extend(line("text", f32::NAN, f32::INFINITY, Look::default()));
    let wild_sheet = Sheet {
        size: Size::new(Px(f32::NAN), Px(f32::INFINITY)),
        items,
        ..Sheet::default()
    };
    ask(
        "qpdf",
        &["--check"],
        &file(&[wild_sheet, Sheet::default()]),
        &[],
    );
    ask("qpdf", &["--check"], &file(&[]), &[]);
}

#[test]
fn synthetic_styles_do_not_leak() {
    let bold = Look {
        bold: true,
        oblique: true,
        color: BLUE,
        ..Look::default()
    };
    let pdf = file(&[sheet(&[
        ("plain", Look::default()),
        ("styled", bold),
        ("plain again", Look::default()),
    ])]);
    let document = Document::load_mem(&pdf).expect("a readable file");
    let page = document.get_pages()[&1];
    let content = String::from_utf8_lossy(&document.get_page_content(page)).into_owned();
    let operators: Vec<&str> = content
        .lines()
        .filter(|line| line.ends_with("Tr") || line.ends_with("Tm"))
        .collect();
    assert_eq!(operators.len(), 4, "{operators:?}");
    assert!(
        operators[0] == "2 Tr" && operators[1].starts_with("1 0 0.2 1 "),
        "{operators:?}"
    );
    assert!(
        operators[2] == "0 Tr" && operators[3].starts_with("1 0 0 1 "),
        "{operators:?}"
    );
}

#[test]
fn a_long_table_is_written_in_linear_time() {
    let row = line(
        "0123456789 a cell, another cell",
        60.0,
        60.0,
        Look::default(),
    );
    let sheet = Sheet {
        size: Size::new(Px(793.7), Px(1122.5)),
        items: (0..40).flat_map(|_| row.clone()).collect(),
        ..Sheet::default()
    };
    let pdf = file(&vec![sheet; 300]);
    assert_eq!(
        Document::load_mem(&pdf)
            .expect("a readable file")
            .get_pages()
            .len(),
        300
    );
}

fn gradient(line: GradientLine, spread: Spread, stops: &[(f32, Color)]) -> Item {
    Item::Gradient(Gradient {
        area: points(0.0, 0.0, 100.0, 100.0),
        line,
        spread,
        stops: stops.to_vec(),
    })
}

#[test]
fn gradients_repeat_over_their_area() {
    let line = GradientLine::Linear {
        start: point(20.0, 0.0),
        end: point(40.0, 0.0),
    };
    let stops = [(0.0, RED), (0.5, RED), (0.5, BLUE), (1.0, BLUE)];
    let pdf = file(&[small(vec![gradient(line, Spread::Repeat, &stops)])]);
    ask("qpdf", &["--check"], &pdf, &[]);
    let Some(pixel) = render(&pdf) else { return };
    for (x, expected) in [
        (5, RED),
        (15, BLUE),
        (25, RED),
        (35, BLUE),
        (85, RED),
        (95, BLUE),
    ] {
        let wanted = [expected.r, expected.g, expected.b].map(|part| (part * 255.0) as u8);
        assert_eq!(pixel(x, 50), wanted, "at {x}");
    }
}

#[test]
fn radial_and_conic_gradients_go_around_their_centre() {
    let center = point(50.0, 50.0);
    let radial = GradientLine::Radial {
        from: (center, Px(0.0)),
        to: (center, point(30.0, 0.0).x),
    };
    let hard = [(0.0, RED), (1.0, RED), (1.0, BLUE)];
    let pdf = file(&[small(vec![gradient(radial, Spread::Pad, &hard)])]);
    ask("qpdf", &["--check"], &pdf, &[]);
    let Some(pixel) = render(&pdf) else { return };
    assert_eq!(pixel(50, 25), [255, 0, 0]);
    assert_eq!(pixel(50, 15), [0, 0, 255]);
    assert_eq!(pixel(75, 75), [0, 0, 255]);
    // Quarters, clockwise from the top.
    let conic = GradientLine::Conic { center, from: 0.0 };
    let quarters = [(0.0, RED), (0.25, RED), (0.25, BLUE), (1.0, BLUE)];
    let pdf = file(&[small(vec![gradient(conic, Spread::Pad, &quarters)])]);
    ask("qpdf", &["--check"], &pdf, &[]);
    let Some(pixel) = render(&pdf) else { return };
    assert_eq!(pixel(75, 25), [255, 0, 0]);
    assert_eq!(pixel(75, 75), [0, 0, 255]);
    assert_eq!(pixel(25, 25), [0, 0, 255]);
}

#[test]
fn tiles_fill_their_area_under_a_transform() {
    let cell = points(10.0, 10.0, 10.0, 10.0);
    let tiles = Item::Tiles(Box::new(Tiles {
        area: points(0.0, 0.0, 40.0, 40.0),
        cell,
        step: (point(20.0, 0.0).x, point(20.0, 0.0).x),
        items: vec![Item::FillRect(cell, RED)],
    }));
    let shift = Item::PushTransform(Transform::translate(point(5.0, 0.0).x, Px(0.0)));
    let pdf = file(&[small(vec![shift, tiles, Item::Pop])]);
    ask("qpdf", &["--check"], &pdf, &[]);
    let Some(pixel) = render(&pdf) else { return };
    assert_eq!(pixel(20, 15), [255, 0, 0]);
    assert_eq!(pixel(40, 35), [255, 0, 0]);
    assert_eq!(pixel(30, 15), [255, 255, 255]);
    assert_eq!(pixel(60, 15), [255, 255, 255]);
}

#[test]
fn masks_show_what_they_cover() {
    let mask = Item::PushMask(Box::new(Mask {
        items: vec![Item::FillRect(points(0.0, 0.0, 30.0, 30.0), BLUE)],
        luminance: false,
    }));
    let painted = Item::FillRect(points(0.0, 0.0, 60.0, 60.0), RED);
    let pdf = file(&[small(vec![mask, painted, Item::Pop])]);
    ask("qpdf", &["--check"], &pdf, &[]);
    let Some(pixel) = render(&pdf) else { return };
    assert_eq!(pixel(15, 15), [255, 0, 0]);
    assert_eq!(pixel(45, 45), [255, 255, 255]);
}

#[test]
fn inks_are_written_as_they_are() {
    let magenta = Color {
        cmyk: Some(Cmyk::new([0.0, 1.0, 0.25, 0.0])),
        ..RED
    };
    let pdf = file(&[small(vec![
        Item::FillRect(points(10.0, 10.0, 50.0, 50.0), magenta),
        Item::FillRect(points(60.0, 10.0, 20.0, 50.0), magenta),
        Item::FillRect(points(10.0, 60.0, 50.0, 20.0), RED),
    ])]);
    let document = Document::load_mem(&pdf).expect("a PDF");
    let page = *document.get_pages().values().next().expect("a page");
    let content = document.get_page_content(page);
    let content = String::from_utf8_lossy(&content);
    assert_eq!(content.matches("0 1 0.25 0 k").count(), 1, "{content}");
    assert_eq!(content.matches("1 0 0 rg").count(), 1, "{content}");
}

#[test]
fn process_colours_have_their_profile() {
    let mut data = vec![0; 200];
    data[16..20].copy_from_slice(b"CMYK");
    data[36..40].copy_from_slice(b"acsp");
    assert!(CmykProfile::new(data[..100].into()).is_none());
    assert!(CmykProfile::new(vec![0; 200].into()).is_none());
    let catalog = Catalog {
        cmyk_profile: CmykProfile::new(data.clone().into()),
        ..Catalog::default()
    };
    let pdf = write(&[small(Vec::new())], &catalog, fonts(), &PaintCache::new());
    let document = Document::load_mem(&pdf.expect("it is written")).expect("a PDF");
    let page = *document.get_pages().values().next().expect("a page");
    let (_, resources) = document.get_page_resources(page).expect("resources");
    let resources = document.get_dictionary(resources[0]).expect("resources");
    let spaces = resources.get(b"ColorSpace").and_then(Object::as_dict);
    let space = spaces.and_then(|spaces| spaces.get(b"DefaultCMYK"));
    let space = space.and_then(Object::as_array).expect("a space");
    assert_eq!(space[0].as_name().expect("its kind"), b"ICCBased");
    let profile = space[1].as_reference().expect("its profile");
    let stream = document.get_object(profile).and_then(Object::as_stream);
    let stream = stream.expect("a stream");
    assert_eq!(stream.decompressed_content().expect("its data"), data);
    let inks = stream.dict.get(b"N").and_then(Object::as_i64);
    assert_eq!(inks.ok(), Some(4));
}

#[test]
fn shapes_of_glyphs_look_like_text_and_are_none() {
    let looks = [(false, false), (true, false), (false, true)].map(|(bold, oblique)| Look {
        size: 40.0,
        bold,
        oblique,
        ..Look::default()
    });
    for look in looks {
        let text = line("Rag", 10.0, 60.0, look);
        let shapes = text.iter().cloned().map(|item| match item {
            Item::Text(run) => Item::Shapes(run),
            other => other,
        });
        let shapes = file(&[small(shapes.collect())]);
        let document = Document::load_mem(&shapes).expect("a readable file");
        let page = document.get_pages()[&1];
        let content = String::from_utf8_lossy(&document.get_page_content(page)).into_owned();
        assert!(!content.contains("BT"), "{content}");
        let text = file(&[small(text)]);
        let (Some(shapes), Some(text)) = (render(&shapes), render(&text)) else {
            return;
        };
        // Readers fill the pixels of paths and of glyphs by other rules.
        let (shapes, text) = (inked(shapes), inked(text));
        let near = |(x, y): (usize, usize), others: &[(usize, usize)]| {
            let beside = |&(a, b): &(usize, usize)| a.abs_diff(x) <= 2 && b.abs_diff(y) <= 2;
            others.iter().any(beside)
        };
        assert!(text.len() > 300, "{}", text.len());
        assert!(shapes.iter().all(|&place| near(place, &text)));
        assert!(text.iter().all(|&place| near(place, &shapes)));
    }
}
