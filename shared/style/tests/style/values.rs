//! Values: what is written against what it computes to.

use crate::support::{node, styled, x};
use fanfold_geometry::{Cmyk, Color, Px};
use fanfold_style::computed::*;
use fanfold_style::page::{MarginBox, PageSelector};
use fanfold_style::values::{AutoLength, LengthPercentage, Sizing};

#[track_caller]
fn width(value: &str, expected: LengthPercentage) {
    let style = x(
        &format!("p{{width:{value}}}"),
        "<p id=x style='font-size:20px;line-height:2'>",
    );
    let Sizing::Size(found) = style.box_.width else {
        panic!("{value} is {:?}", style.box_.width)
    };
    for base in [20.0, 100.0, 1000.0] {
        let (found, expected) = (found.resolve(Px(base)).0, expected.resolve(Px(base)).0);
        assert!(
            (found - expected).abs() < 0.01,
            "{value}: {found} for {expected}"
        );
    }
}

fn px(value: f32) -> LengthPercentage {
    LengthPercentage::length(Px(value))
}

#[test]
fn lengths() {
    for (value, expected) in [
        ("96px", 96.0),
        ("1in", 96.0),
        ("2.54cm", 96.0),
        ("25.4mm", 96.0),
        ("101.6q", 96.0),
        ("72pt", 96.0),
        ("6pc", 96.0),
        ("2em", 40.0),
        ("2rem", 32.0),
        ("2ex", 20.0),
        ("2ch", 20.0),
        ("1lh", 40.0),
        ("0", 0.0),
        ("calc(1px + 2 * 3px - 1px / 2)", 6.5),
        ("calc((1em + 4px) * 2)", 48.0),
        ("min(1em, 30px)", 20.0),
        ("max(1em, 30px, 3px)", 30.0),
        ("clamp(1px, 50px, 20px)", 20.0),
        ("calc(10px * pi)", 31.416),
        ("round(13px, 5px)", 15.0),
        ("mod(18px, 5px)", 3.0),
        ("abs(-3px)", 3.0),
    ] {
        width(value, px(expected));
    }
}

#[test]
fn page_relative_lengths_are_of_the_page_area() {
    let css = "@page{size:1000px 800px;margin:50px 100px} p{width:10vw;height:10vh;margin-left:10vmin;margin-right:10vmax}";
    let style = x(css, "<p id=x>");
    assert_eq!(style.box_.width, Sizing::Size(px(80.0)));
    assert_eq!(style.box_.height, Sizing::Size(px(70.0)));
    assert_eq!(style.box_.margin.left, AutoLength::Length(px(70.0)));
    assert_eq!(style.box_.margin.right, AutoLength::Length(px(80.0)));
}

#[test]
fn percentages_in_calculations() {
    width("50%", LengthPercentage::percent(0.5));
    width("calc(50% - 10px)", LengthPercentage::sum(Px(-10.0), 0.5));
    let style = x(
        "p{width:min(50%, 200px); height:clamp(10px, 50%, 200px); max-width:max(100px, 10% + 5px)}",
        "<p id=x>",
    );
    let resolve = |sizing: Sizing, base: f32| match sizing {
        Sizing::Size(length) => length.resolve(Px(base)).0,
        other => panic!("{other:?}"),
    };
    assert_eq!(resolve(style.box_.width, 300.0), 150.0);
    assert_eq!(resolve(style.box_.width, 600.0), 200.0);
    assert_eq!(resolve(style.box_.height, 10.0), 10.0);
    assert_eq!(resolve(style.box_.height, 100.0), 50.0);
    assert_eq!(resolve(style.box_.height, 900.0), 200.0);
    assert_eq!(resolve(style.box_.max_width, 100.0), 100.0);
    assert_eq!(resolve(style.box_.max_width, 2000.0), 205.0);
    // Any number of bounds, where one of two is never the one that counts.
    for (value, narrow, wide) in [
        ("max(5%, 20%, 10%)", 20.0, 80.0),
        ("max(100px, 25% + 100px, 150px + 10%)", 160.0, 200.0),
        ("min(100%, 300px, 200px)", 100.0, 200.0),
        ("min(max(10%, 20px), 50px)", 20.0, 40.0),
        ("min(clamp(10px, 50%, 180px), 150px)", 50.0, 150.0),
    ] {
        let width = x(&format!("p{{width:{value}}}"), "<p id=x>").box_.width;
        let found = (resolve(width, 100.0), resolve(width, 400.0));
        assert_eq!(found, (narrow, wide), "{value}");
    }
}

#[test]
fn invalid_values_change_nothing() {
    for value in [
        "10",
        "-1px",
        "1px 2px",
        "calc(1px + 1)",
        "calc(1px*1px)",
        "10xx",
        "red",
        "calc(1px+1px)",
        "rgb(1,2)",
    ] {
        let document = styled(&format!("p{{width:7px;width:{value}}}"), "<p id=x>");
        assert_eq!(
            document.style(node(&document, "x")).box_.width,
            Sizing::Size(px(7.0)),
            "{value}"
        );
        assert_eq!(document.diagnostics.len(), 1, "{value}");
    }
}

#[track_caller]
fn color(value: &str, expected: [f32; 4]) {
    let document = styled(&format!("p{{color:{value}}}"), "<p id=x>");
    let found = document.style(node(&document, "x")).text.color;
    let found = [found.r, found.g, found.b, found.a];
    let near = found
        .iter()
        .zip(expected)
        .all(|(found, expected)| (found - expected).abs() < 0.006);
    assert!(
        near,
        "{value}: {found:?} for {expected:?}; {:?}",
        document.diagnostics
    );
}

#[test]
fn colors() {
    for (value, expected) in [
        ("red", [1.0, 0.0, 0.0, 1.0]),
        ("RebeccaPurple", [0.4, 0.2, 0.6, 1.0]),
        ("transparent", [0.0, 0.0, 0.0, 0.0]),
        ("#f80", [1.0, 0.533, 0.0, 1.0]),
        ("#ff880080", [1.0, 0.533, 0.0, 0.502]),
        ("rgb(255, 0, 51)", [1.0, 0.0, 0.2, 1.0]),
        ("rgba(100%, 0%, 20%, 50%)", [1.0, 0.0, 0.2, 0.5]),
        ("rgb(255 0 51 / .25)", [1.0, 0.0, 0.2, 0.25]),
        ("hsl(120, 100%, 25%)", [0.0, 0.5, 0.0, 1.0]),
        ("hsl(0.5turn 100% 50% / 50%)", [0.0, 1.0, 1.0, 0.5]),
        ("hwb(60 20% 20%)", [0.8, 0.8, 0.2, 1.0]),
        ("lab(50% 40 59.5)", [0.754, 0.338, 0.0, 1.0]),
        ("lch(52.2345% 72.2 56.2)", [0.776, 0.364, 0.025, 1.0]),
        // sRGB red in each space, from CSS Color 4's own conversions.
        ("lab(54.29 80.80 69.89)", [1.0, 0.0, 0.0, 1.0]),
        ("lch(54.29 106.84 40.85)", [1.0, 0.0, 0.0, 1.0]),
        ("oklab(62.796% 0.22486 0.12585)", [1.0, 0.0, 0.0, 1.0]),
        ("oklch(0.62796 0.25768 29.234deg)", [1.0, 0.0, 0.0, 1.0]),
        ("color(srgb 1 0.5 0 / 0.5)", [1.0, 0.5, 0.0, 0.5]),
        ("color(display-p3 1 1 1)", [1.0, 1.0, 1.0, 1.0]),
        ("color(xyz 0.9505 1 1.089)", [1.0, 1.0, 1.0, 1.0]),
        ("color-mix(in srgb, red, blue 25%)", [0.75, 0.0, 0.25, 1.0]),
        // From CSS Color 5 §3.1 and §3.5, and Chromium.
        (
            "color-mix(in lch, purple 50%, plum)",
            [0.6849, 0.3602, 0.6831, 1.0],
        ),
        (
            "color-mix(in lch, plum 20%, purple 80%)",
            [0.5757, 0.1874, 0.5739, 1.0],
        ),
        (
            "color-mix(in oklab, red, transparent 25%)",
            [1.0, 0.0, 0.0, 0.75],
        ),
        (
            "color-mix(in oklch, red 50%, transparent)",
            [1.0, 0.0, 0.0, 0.5],
        ),
        (
            "color-mix(in oklab, white, black)",
            [0.3887, 0.3887, 0.3887, 1.0],
        ),
        (
            "color-mix(in lab, white, black)",
            [0.4663, 0.4663, 0.4663, 1.0],
        ),
        (
            "color-mix(in srgb-linear, red, lime)",
            [0.7354, 0.7354, 0.0, 1.0],
        ),
        ("color-mix(in xyz, red, lime)", [0.7354, 0.7354, 0.0, 1.0]),
        (
            "color-mix(in hsl, hsl(120deg 10% 20%), hsl(30deg 30% 40%))",
            [0.33, 0.36, 0.24, 1.0],
        ),
        ("color-mix(in hsl, red, white)", [0.875, 0.625, 0.625, 1.0]),
        (
            "color-mix(in hsl longer hue, red, blue)",
            [0.0, 1.0, 0.0, 1.0],
        ),
        (
            "color-mix(in hsl increasing hue, blue, red)",
            [1.0, 0.0, 1.0, 1.0],
        ),
        (
            "color-mix(in hwb, hwb(120deg 10% 20%), hwb(30deg 30% 40%))",
            [0.575, 0.7, 0.2, 1.0],
        ),
        ("rgb(300 -5 calc(51 * 1))", [1.0, 0.0, 0.2, 1.0]),
    ] {
        color(value, expected);
    }
}

#[test]
fn shorthands() {
    let style = x(
        "p{margin:1px auto 3px; padding:1px 2px 3px 4px; inset:1px 2px}",
        "<p id=x>",
    );
    assert_eq!(style.box_.margin.top, AutoLength::Length(px(1.0)));
    assert_eq!(style.box_.margin.left, AutoLength::Auto);
    assert_eq!(style.box_.margin.bottom, AutoLength::Length(px(3.0)));
    assert_eq!(style.box_.padding.left, px(4.0));
    assert_eq!(style.box_.inset.left, AutoLength::Length(px(2.0)));
    let style = x(
        "p{border:2px dashed red; border-left:none; border-radius:1px 2px / 3px}",
        "<p id=x>",
    );
    assert_eq!(style.border.sides.top.style, LineStyle::Dashed);
    assert_eq!(style.border.sides.left, BorderSide::default());
    assert_eq!(style.border.radii.top_right, (px(2.0), px(3.0)));
    let style = x("p{flex:1} ", "<p id=x>");
    assert_eq!((style.box_.flex.grow, style.box_.flex.shrink), (1.0, 1.0));
    assert_eq!(style.box_.flex.basis, Sizing::Size(px(0.0)));
    let style = x("p{list-style:inside upper-roman}", "<p id=x>");
    assert!(style.text.list_inside);
    assert_eq!(
        style.text.list_style,
        Some(CounterStyleName::Named("upper-roman".into()))
    );
    assert_eq!(x("p{list-style:none}", "<p id=x>").text.list_style, None);
    let style = x("p{text-decoration:underline dotted red 2px}", "<p id=x>")
        .effects
        .decoration;
    assert!(style.underline && !style.overline);
    assert_eq!(
        (style.style, style.thickness),
        (DecorationStyle::Dotted, Some(Px(2.0)))
    );
    let style = x(
        "p{page-break-before:always; break-inside:avoid; white-space:pre-line; gap:1px 2px}",
        "<p id=x>",
    );
    assert_eq!(style.breaks.before, Break::Page);
    assert!(style.breaks.avoid_inside);
    assert_eq!(
        style.text.white_space,
        WhiteSpace {
            collapse: Collapse::PreserveBreaks,
            nowrap: false
        }
    );
    assert_eq!(style.box_.flex.gap, (px(1.0), Some(px(2.0))));
    assert!(x("p{overflow:hidden visible}", "<p id=x>").box_.clips);
}

#[test]
fn backgrounds() {
    let style = x(
        "p{background:url(a.png) no-repeat right 10px bottom 20% / cover, linear-gradient(to right, red 10%, lime, blue) #fff}",
        "<p id=x>",
    );
    let background = &style.background;
    assert_eq!(background.color, Color::WHITE);
    assert_eq!(background.layers.len(), 2);
    let first = &background.layers[0];
    assert_eq!(first.image, Image::Url("a.png".into()));
    assert_eq!(
        (first.repeat, first.size),
        ((Repeat::No, Repeat::No), BackgroundSize::Cover)
    );
    assert_eq!(first.position.0.resolve(Px(100.0)), Px(90.0));
    assert_eq!(first.position.1.resolve(Px(100.0)), Px(80.0));
    let Image::Gradient(gradient) = &background.layers[1].image else {
        panic!("{background:?}")
    };
    assert_eq!(
        gradient.line,
        GradientLine::Angle(std::f32::consts::FRAC_PI_2)
    );
    let offsets: Vec<_> = gradient.stops.iter().map(|stop| stop.offset).collect();
    assert_eq!(offsets, [Some(LengthPercentage::percent(0.1)), None, None]);
    let style = x(
        "p{background-image:url(a),url(b),url(c);background-repeat:repeat-x,no-repeat}",
        "<p id=x>",
    );
    let repeats: Vec<_> = style
        .background
        .layers
        .iter()
        .map(|layer| layer.repeat)
        .collect();
    let across = (Repeat::Repeat, Repeat::No);
    assert_eq!(repeats, [across, (Repeat::No, Repeat::No), across]);
    let style = x(
        "p{background:url(a) fixed space,red content-box}",
        "<p id=x>",
    );
    let layer = &style.background.layers[0];
    assert!(layer.fixed);
    assert_eq!(layer.repeat, (Repeat::Space, Repeat::Space));
    assert_eq!(style.background.color_clip, BoxArea::Content);
}

fn gradient(css: &str) -> Option<Gradient> {
    let style = x(&format!("p{{background-image:{css}}}"), "<p id=x>");
    match &style.background.layers.first()?.image {
        Image::Gradient(gradient) => Some((**gradient).clone()),
        Image::Url(_) | Image::Dense(..) => None,
    }
}

#[test]
fn gradients() {
    let middle = (
        LengthPercentage::percent(0.5),
        LengthPercentage::percent(0.5),
    );
    for (css, line) in [
        (
            "linear-gradient(to top right, red, blue)",
            GradientLine::Corner {
                right: true,
                bottom: false,
            },
        ),
        (
            "radial-gradient(red, blue)",
            GradientLine::Radial(RadialExtent::FarthestCorner { circle: false }, middle),
        ),
        (
            "radial-gradient(closest-side circle at 1px 2px, red, blue)",
            GradientLine::Radial(
                RadialExtent::ClosestSide { circle: true },
                (px(1.0), px(2.0)),
            ),
        ),
        (
            "radial-gradient(20px 40px, red, blue)",
            GradientLine::Radial(RadialExtent::Ellipse(px(20.0), px(40.0)), middle),
        ),
        (
            "conic-gradient(from 0deg, red, 25%, blue 180deg)",
            GradientLine::Conic(0.0, middle),
        ),
    ] {
        let found = gradient(css).unwrap_or_else(|| panic!("{css} is refused"));
        assert_eq!(found.line, line, "{css}");
    }
    let hinted = gradient("repeating-linear-gradient(red, 3px, blue 5px 9px)").expect("valid");
    assert!(hinted.repeating);
    let colors: Vec<_> = hinted
        .stops
        .iter()
        .map(|stop| stop.color.is_some())
        .collect();
    assert_eq!(colors, [true, false, true, true]);
    for css in [
        "linear-gradient()",
        "linear-gradient(3px, red)",
        "linear-gradient(red, 3px)",
        "radial-gradient(circle 1px 2px, red, blue)",
        "radial-gradient(-1px, red, blue)",
        "conic-gradient(red 3px, blue)",
    ] {
        assert_eq!(gradient(css), None, "{css}");
    }
}

#[test]
fn border_images() {
    let style = x(
        "p{border:1px solid;border-image:url(a.png) 25% 3 fill / 2 auto / 1px round}",
        "<p id=x>",
    );
    let image = &style.border.image;
    assert_eq!(image.source, Some(Image::Url("a.png".into())));
    assert_eq!(image.slices.edges.top, (0.25, true));
    assert_eq!(image.slices.edges.left, (3.0, false));
    assert!(image.slices.fill);
    assert_eq!(image.width.bottom, Extent::Times(2.0));
    assert_eq!(image.width.right, Extent::Auto);
    assert_eq!(image.outset.top, Extent::Length(px(1.0)));
    assert_eq!(image.repeat, (SliceRepeat::Round, SliceRepeat::Round));
    let style = x("p{border-image:url(a.png);border:1px solid}", "<p id=x>");
    assert_eq!(style.border.image.source, None);
}

#[test]
fn logical_properties_follow_direction() {
    let css = "p{margin-inline:1px 2px; padding-inline-start:3px; border-inline-end:4px solid; float:inline-start}";
    let style = x(css, "<p id=x>");
    assert_eq!(style.box_.margin.left, AutoLength::Length(px(1.0)));
    assert_eq!(style.border.sides.right.width, Px(4.0));
    assert_eq!(style.box_.float, Float::Left);
    let style = x(css, "<p id=x dir=rtl>");
    assert_eq!(style.box_.margin.right, AutoLength::Length(px(1.0)));
    assert_eq!(style.box_.padding.right, px(3.0));
    assert_eq!(style.border.sides.left.width, Px(4.0));
    assert_eq!(style.box_.float, Float::Right);
    // The one declared later wins.
    let style = x("p{margin-inline-start:1px; margin-left:2px}", "<p id=x>");
    assert_eq!(style.box_.margin.left, AutoLength::Length(px(2.0)));
    let style = x("p{margin-left:2px; margin-inline-start:1px}", "<p id=x>");
    assert_eq!(style.box_.margin.left, AutoLength::Length(px(1.0)));
    // Lists are indented at their start.
    assert_eq!(x("", "<ul id=x dir=rtl>").box_.padding.right, px(40.0));
}

#[test]
fn display_is_blockified() {
    for (css, expected) in [
        ("span{float:left}", Display::Block),
        ("span{position:absolute;display:inline-flex}", Display::Flex),
        ("span{position:fixed;display:table-cell}", Display::Block),
        ("p{display:flex}", Display::Block),
        (
            "p{display:inline-flex} span{display:inline-block}",
            Display::FlowRoot,
        ),
        ("span{display:inline flow-root}", Display::InlineBlock),
        ("span{display:block flex}", Display::Flex),
        ("span{display:-webkit-flex}", Display::Flex),
    ] {
        assert_eq!(x(css, "<p><span id=x>").box_.display, expected, "{css}");
    }
}

#[test]
fn presentational_attributes() {
    let style = x(
        "",
        "<table width=50% cellspacing=4 bgcolor=#eee border=2 id=x>",
    );
    assert_eq!(
        style.box_.width,
        Sizing::Size(LengthPercentage::percent(0.5))
    );
    assert_eq!(style.text.spacing, (Px(4.0), Px(4.0)));
    assert_eq!(style.border.sides.top.width, Px(2.0));
    let style = x(
        "",
        "<table cellpadding=5 border=1><tr><td id=x width=100 align=right valign=top nowrap>",
    );
    assert_eq!(style.box_.padding.top, px(5.0));
    assert_eq!(style.box_.width, Sizing::Size(px(100.0)));
    assert_eq!(style.text.align, TextAlign::LegacyRight);
    assert_eq!(style.box_.vertical_align, VerticalAlign::Top);
    assert_eq!(style.border.sides.top.style, LineStyle::Inset);
    assert!(style.text.white_space.nowrap);
    let style = x("", "<ol start=5 type=a id=x>");
    assert_eq!(
        style.text.list_style,
        Some(CounterStyleName::Named("lower-alpha".into()))
    );
    assert_eq!(
        style.generated.counter_reset,
        [("list-item".into(), 4, Counting::Up)]
    );
    let style = x("", "<font id=x color=chucknorris face='A, B' size=+1>");
    assert_eq!(style.text.color, Color::rgb(192.0 / 255.0, 0.0, 0.0));
    assert_eq!(style.font.size, Px(19.2));
    assert_eq!(
        x("", "<div lang=hi><p id=x>").text.language.as_deref(),
        Some("hi")
    );
}

#[test]
fn fonts() {
    let style = x(
        "p{font-size:150%} p{font-weight:bolder}",
        "<div style='font-size:20px;font-weight:600'><p id=x>",
    );
    assert_eq!(style.font.size, Px(30.0));
    assert_eq!(style.font.weight, 900.0);
    let style = x(
        "p{font-variant-numeric:tabular-nums slashed-zero;font-feature-settings:'ss01','kern' 0}",
        "<p id=x>",
    );
    assert_eq!(
        style.font.features,
        [(*b"tnum", 1), (*b"zero", 1), (*b"ss01", 1), (*b"kern", 0)]
    );
    // Each longhand inherits by itself.
    let style = x(
        "div{font-feature-settings:'ss01'} p{font-variant-numeric:tabular-nums}",
        "<div><p id=x>",
    );
    assert_eq!(style.font.features, [(*b"tnum", 1), (*b"ss01", 1)]);
    let faces = styled(
        "@font-face{font-family:'My Font';src:local('Mine'),url(a.eot) format('embedded-opentype'),url(a.woff2) format('woff2');font-weight:100 900;unicode-range:U+0-FF,U+9??}",
        "",
    );
    let face = &faces.font_faces[0];
    assert_eq!(&*face.family, "My Font");
    assert_eq!(face.sources.len(), 2);
    assert_eq!(face.weight, Some((100.0, 900.0)));
    assert_eq!(face.ranges, [(0, 0xff), (0x900, 0x9ff)]);
}

#[test]
fn generated_content() {
    let css =
        "p{counter-reset:a 2 b; counter-increment:a; string-set:title content(); quotes:'«' '»'}
        p::before{content:counter(a, upper-roman) '. ' counters(b, '.') open-quote}
        a::after{content:leader('.') target-counter(attr(href), page)}
        a::before{content:target-text(attr(href, url)) target-text('#u', first-letter)
          target-counters('#u', a, '-', none)}";
    let document = styled(css, "<p id=x><a id=a href='#t'>");
    let style = document.style(node(&document, "x"));
    assert_eq!(
        style.generated.counter_reset,
        [("a".into(), 2, Counting::Up), ("b".into(), 0, Counting::Up)]
    );
    assert_eq!(style.generated.counter_increment, [("a".into(), 1)]);
    assert_eq!(
        style.generated.string_set,
        [(
            "title".into(),
            vec![ContentItem::OfElement(ElementPart::Text)]
        )]
    );
    assert_eq!(style.text.quotes, Some(vec![("«".into(), "»".into())]));
    let after = document
        .pseudo(node(&document, "a"), fanfold_style::Pseudo::After)
        .expect("has content");
    let decimal = CounterStyleName::Named("decimal".into());
    assert_eq!(
        after.generated.content.as_deref(),
        Some(
            [
                ContentItem::Leader(".".into()),
                ContentItem::TargetCounter("#t".into(), "page".into(), None, decimal)
            ]
            .as_slice()
        )
    );
    let before = document
        .pseudo(node(&document, "a"), fanfold_style::Pseudo::Before)
        .expect("has content");
    assert_eq!(
        before.generated.content.as_deref(),
        Some(
            [
                ContentItem::TargetText("#t".into(), TargetPart::Content),
                ContentItem::TargetText("#u".into(), TargetPart::FirstLetter),
                ContentItem::TargetCounter(
                    "#u".into(),
                    "a".into(),
                    Some("-".into()),
                    CounterStyleName::Text("".into())
                )
            ]
            .as_slice()
        )
    );
}

#[test]
fn counter_styles() {
    let document = styled(
        "@counter-style thumbs{system:cyclic;symbols:'👍';suffix:' '}",
        "",
    );
    let name = |name: &str| CounterStyleName::Named(name.into());
    assert_eq!(document.counter_text(3, &name("thumbs")), "👍");
    assert_eq!(document.marker_suffix(&name("thumbs")), " ");
    assert_eq!(document.counter_text(12, &name("lower-roman")), "xii");
    assert_eq!(document.marker_suffix(&name("decimal")), ". ");
    let text = CounterStyleName::Text("–".into());
    assert_eq!(
        (
            document.counter_text(1, &text).as_str(),
            document.marker_suffix(&text)
        ),
        ("–", "")
    );
}

#[test]
fn pages() {
    let css = "@page{size:A5 landscape;margin:1cm;@bottom-center{content:counter(page) ' / ' counter(pages)}}
        @page :first{margin-top:5cm;@bottom-center{content:none}}
        @page :left{margin-left:3cm} @page wide{size:400mm 200mm} @page :nth(2n+4){margin-bottom:7px} @page :blank{@top-left{content:'blank'}}";
    let document = styled(css, "<p>");
    let at = |index: usize, right: bool, name: Option<&'static str>, blank: bool| {
        document.page(PageSelector {
            name,
            index,
            blank,
            right,
            groups: &[],
        })
    };
    let mm = |value: f32| value * 96.0 / 25.4;
    let margin = |margin: AutoLength| match margin {
        AutoLength::Length(length) => length.resolve(Px(0.0)).0,
        AutoLength::Auto => f32::NAN,
    };
    let near = |left: f32, right: f32| (left - right).abs() < 0.01;
    let first = at(0, true, None, false);
    assert!(
        near(first.size.width.0, mm(210.0)) && near(first.size.height.0, mm(148.0)),
        "{:?}",
        first.size
    );
    assert!(near(margin(first.style.box_.margin.top), mm(50.0)));
    assert!(first.margin_boxes.is_empty());
    let second = at(1, false, None, false);
    assert!(near(margin(second.style.box_.margin.left), mm(30.0)));
    let (place, style) = &second.margin_boxes[0];
    assert_eq!(*place, MarginBox::BottomCenter);
    assert_eq!(style.text.align, TextAlign::Center);
    assert_eq!(style.box_.vertical_align, VerticalAlign::Middle);
    assert_eq!(style.generated.content.as_ref().map(Vec::len), Some(3));
    assert!(near(
        margin(at(3, false, None, false).style.box_.margin.bottom),
        7.0
    ));
    assert!(near(
        margin(at(4, true, None, false).style.box_.margin.bottom),
        mm(10.0)
    ));
    assert!(near(
        at(2, true, Some("wide"), false).size.width.0,
        mm(400.0)
    ));
    assert_eq!(at(5, false, None, true).margin_boxes.len(), 2);
    assert!(
        document.diagnostics.is_empty(),
        "{:?}",
        document.diagnostics
    );
}

#[test]
fn the_plain_page_is_a4_with_75_px_margins() {
    let page = styled("", "<p>").page(PageSelector::default());
    assert!(
        (page.size.width.0 - 793.7).abs() < 0.01 && (page.size.height.0 - 1122.52).abs() < 0.01
    );
    assert_eq!(page.style.box_.margin.left, AutoLength::Length(px(75.0)));
}

#[test]
fn margin_boxes_inherit_from_page_and_root() {
    let css = "html{color:lime;font-size:10px} @page{font-size:2em;@top-left{content:'x'}}";
    let page = styled(css, "<p>").page(PageSelector::default());
    let style = &page.margin_boxes[0].1;
    assert_eq!(style.text.color, Color::rgb(0.0, 1.0, 0.0));
    assert_eq!(style.font.size, Px(20.0));
}

#[test]
fn unknown_layouts_are_reported_and_leave_the_display_before() {
    let styled = styled(
        "p{display:flex;display:run-in} @supports (display:run-in){p{display:none}}",
        "<p id=x>",
    );
    let style = styled.style(node(&styled, "x"));
    assert_eq!(style.box_.display, Display::Flex);
    let messages: Vec<&str> = styled
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.message.as_str())
        .collect();
    assert!(
        matches!(messages[..], [message] if message.contains("display: run-in is not supported")),
        "{messages:?}"
    );
}

#[test]
fn grid_templates_and_places_are_read() {
    let styled = styled(
        "div{display:grid;grid:[top] 'a a' 20px 'b .' / repeat(2, minmax(1em, 1fr)) [end]}\
         p{grid-area:b;grid-column-end:span 3} @supports (display:grid){p{color:lime}}",
        "<div id=g><p id=x></div>",
    );
    let grid = &styled.style(node(&styled, "g")).grid;
    assert_eq!(grid.rows.list.len(), 2);
    assert_eq!(grid.rows.list[1], TrackSize::AUTO);
    assert_eq!(&*grid.rows.names[0].1, "top");
    assert_eq!(grid.columns.list.len(), 2);
    let first = grid.columns.list[0];
    assert_eq!(first.min, Breadth::Length(px(16.0)));
    assert_eq!(first.max, Breadth::Flex(1.0));
    assert_eq!(grid.columns.names, [(2, "end".into())]);
    assert_eq!(grid.areas.areas[0].1, [0, 1, 0, 2]);
    assert_eq!(grid.areas.areas[1].1, [1, 2, 0, 1]);
    let item = styled.style(node(&styled, "x"));
    assert_eq!(item.grid.row.start, GridLine::Named("b".into()));
    assert_eq!(item.grid.column.end, GridLine::Span(3, None));
    assert_eq!(item.text.color, Color::rgb(0.0, 1.0, 0.0));
}

#[test]
fn areas_that_are_no_rectangles_are_refused() {
    let style = x("p{grid-template-areas:'a b' 'b a'}", "<p id=x>");
    assert!(style.grid.areas.areas.is_empty());
}

#[test]
fn page_keys_tell_pages_apart() {
    let styled = styled(
        "@page{margin:1cm} @page:first{margin:2cm} @page:left{margin:3cm} @page a:nth(4){size:A5}",
        "",
    );
    let key = |name, index: usize| {
        styled.page_key(PageSelector {
            name,
            index,
            blank: false,
            right: index.is_multiple_of(2),
            groups: &[],
        })
    };
    assert_eq!(key(None, 1), key(None, 3));
    assert_eq!(key(None, 2), key(Some("b"), 4));
    assert_ne!(key(None, 0), key(None, 2));
    assert_ne!(key(None, 1), key(None, 2));
    assert_ne!(key(None, 3), key(Some("a"), 3));
}

#[test]
fn process_colors_keep_their_inks() {
    for css in ["device-cmyk(0 1 100% 0)", "device-cmyk(0, 1, 1, 0)"] {
        let style = x(&format!("p{{color:{css}}}"), "<p id=x>");
        let inks = Some(Cmyk([0, 1000, 1000, 0]));
        let red = Color::rgb(1.0, 0.0, 0.0);
        assert_eq!(style.text.color, Color { cmyk: inks, ..red }, "{css}");
    }
    let style = x("p{color:device-cmyk(0 0 0 1 / 50%)}", "<p id=x>");
    assert_eq!(
        style.text.color,
        Color {
            a: 0.5,
            cmyk: Some(Cmyk([0, 0, 0, 1000])),
            ..Color::BLACK
        }
    );
}

#[test]
fn currentcolor_is_inherited_as_a_keyword() {
    let style = x(
        "div{color:red;border:1px solid;background:currentcolor} p{color:lime;border:inherit;background:inherit}",
        "<div><p id=x></div>",
    );
    let lime = Color::rgb(0.0, 1.0, 0.0);
    assert_eq!(style.border.sides.top.color, lime);
    assert_eq!(style.background.color, lime);
}
