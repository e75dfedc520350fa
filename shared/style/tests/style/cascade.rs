//! Which declaration wins, and what is inherited.

use crate::support::{Files, node, styled, x};
use fanfold_geometry::{Color, Px};
use fanfold_style::computed::{Display, FontCaps, TextAlign};
use fanfold_style::values::{LengthPercentage, Sizing};
use fanfold_style::{Pseudo, StyleSet};

const RED: Color = Color::rgb(1.0, 0.0, 0.0);
const LIME: Color = Color::rgb(0.0, 1.0, 0.0);
const BLUE: Color = Color::rgb(0.0, 0.0, 1.0);

#[track_caller]
fn color(css: &str, body: &str, expected: Color) {
    assert_eq!(x(css, body).text.color, expected, "{css} on {body}");
}

#[test]
fn specificity_then_order() {
    color("p{color:red} p{color:lime}", "<p id=x>", LIME);
    color(
        "#x{color:lime} p.a.b{color:red} p{color:red}",
        "<p id=x class='a b'>",
        LIME,
    );
    color(".a{color:lime} p{color:red}", "<p id=x class=a>", LIME);
    color(":where(#x){color:red} p{color:lime}", "<p id=x>", LIME);
    color(
        ":is(#y, p){color:lime} p.a{color:red}",
        "<p id=x class=a>",
        LIME,
    );
}

#[test]
fn importance_and_inline_style() {
    color("p{color:red}", "<p id=x style='color:lime'>", LIME);
    color(
        "p{color:lime!important}",
        "<p id=x style='color:red'>",
        LIME,
    );
    color(
        "p{color:red ! important}",
        "<p id=x style='color:lime !important'>",
        LIME,
    );
}

#[test]
fn presentational_attributes_yield_to_any_author_rule() {
    color("", "<font id=x color=lime>", LIME);
    color("*{color:lime}", "<font id=x color=red>", LIME);
}

#[test]
fn layers_order_before_specificity() {
    color(
        "@layer a, b; @layer b{p{color:lime}} @layer a{#x{color:red}}",
        "<p id=x>",
        LIME,
    );
    color("@layer a{#x{color:red}} p{color:lime}", "<p id=x>", LIME);
    color(
        "@layer a{p{color:lime!important}} p{color:red!important}",
        "<p id=x>",
        LIME,
    );
    color(
        "@layer a, b; @layer b{p{color:red!important}} @layer a{p{color:lime!important}}",
        "<p id=x>",
        LIME,
    );
    color(
        "@layer a{p{color:lime} @layer b{#x{color:red}}}",
        "<p id=x>",
        LIME,
    );
    color(
        "@layer a{p{color:lime}} @layer b{p{color:red} #x{color:revert-layer}}",
        "<p id=x>",
        LIME,
    );
}

#[test]
fn wide_keywords() {
    color(
        "body{color:lime} p{color:red} #x{color:inherit}",
        "<p id=x>",
        LIME,
    );
    color(
        "body{color:lime} #x{color:initial}",
        "<p id=x>",
        Color::BLACK,
    );
    color("body{color:lime} #x{color:unset}", "<p id=x>", LIME);
    assert_eq!(
        x("p{display:inline} #x{display:revert}", "<p id=x>")
            .box_
            .display,
        Display::Block
    );
    assert_eq!(
        x("#x{display:unset}", "<p id=x>").box_.display,
        Display::Inline
    );
    let style = x(
        "#x{all:initial}",
        "<p id=x style='margin:9px;direction:rtl'>",
    );
    assert_eq!(style.box_.display, Display::Inline);
    assert!(style.text.rtl);
}

#[test]
fn custom_properties_inherit_and_fall_back() {
    color(":root{--c:lime} #x{color:var(--c)}", "<p id=x>", LIME);
    color("#x{color:var(--none, lime)}", "<p id=x>", LIME);
    color(
        "#x{color:var(--none, var(--other, lime))}",
        "<p id=x>",
        LIME,
    );
    // Invalid at computed-value time is unset: inherited, not the earlier declaration.
    color(
        "body{color:lime} #x{color:red; color:var(--none)}",
        "<p id=x>",
        LIME,
    );
    color(
        ":root{--a:var(--b);--b:lime} p{--b:red} #x{color:var(--a)}",
        "<p id=x>",
        LIME,
    );
    let style = x(
        ":root{--w:2px;--s:solid} #x{border:var(--w) var(--s) lime}",
        "<p id=x>",
    );
    assert_eq!(style.border.sides.left.width, Px(2.0));
    assert_eq!(style.border.sides.top.color, LIME);
}

#[test]
fn cycles_are_invalid_and_others_are_not() {
    color(
        "body{color:lime} :root{--a:var(--b);--b:var(--a)} #x{color:var(--a)}",
        "<p id=x>",
        LIME,
    );
    color(
        ":root{--a:var(--a)} #x{color:var(--a, lime)}",
        "<p id=x>",
        LIME,
    );
    color(
        ":root{--a:var(--b);--b:var(--a);--c:lime} #x{color:var(--c)}",
        "<p id=x>",
        LIME,
    );
}

#[test]
fn nesting() {
    color(".a{& p{color:lime}}", "<div class=a><p id=x>", LIME);
    color(".a{p{color:lime}}", "<div class=a><p id=x>", LIME);
    color(".a{&.b{color:lime}}", "<p id=x class='a b'>", LIME);
    color("p{.a > &{color:lime}}", "<div class=a><p id=x>", LIME);
    color("p{color:red; @media print{color:lime}}", "<p id=x>", LIME);
    // Declarations after a nested rule come after it.
    color("p{&{color:red} color:lime}", "<p id=x>", LIME);
    color("p{@media screen{color:red}}", "<p id=x>", Color::BLACK);
}

#[test]
fn conditions() {
    color(
        "@media screen{p{color:red}} @media print{p{color:lime}}",
        "<p id=x>",
        LIME,
    );
    color("@supports (display:flex){p{color:lime}}", "<p id=x>", LIME);
    color(
        "@supports not (display:flux){p{color:lime}}",
        "<p id=x>",
        LIME,
    );
    color(
        "@supports selector(:has(a)) and (color:red){p{color:lime}}",
        "<p id=x>",
        LIME,
    );
    color(
        "p{color:lime} @supports (no-such:thing){p{color:red}}",
        "<p id=x>",
        LIME,
    );
    // Only the user-agent sheet may say so.
    color(
        "p{color:lime} @supports (text-align:-internal-center){p{color:red}}",
        "<p id=x>",
        LIME,
    );
}

#[test]
fn imports_come_first_and_can_be_layered() {
    let files = Files(&[
        ("css/main.css", "@import 'deep/more.css'; p{color:lime}"),
        (
            "css/deep/more.css",
            "p{color:red} p{background:url(../img/a.png)}",
        ),
        ("css/layered.css", "#x{color:red}"),
    ]);
    let html = "<link rel=stylesheet href=css/main.css><p id=x>";
    let document = StyleSet::style(html, &files);
    let style = document.style(node(&document, "x"));
    assert_eq!(style.text.color, LIME);
    let image = &style.background.layers[0].image;
    assert_eq!(format!("{image:?}"), "Url(\"css/img/a.png\")");
    let html = "<style>@import url(css/layered.css) layer(l); p{color:lime}</style><p id=x>";
    let document = StyleSet::style(html, &files);
    assert_eq!(document.style(node(&document, "x")).text.color, LIME);
    assert!(
        document.diagnostics.is_empty(),
        "{:?}",
        document.diagnostics
    );
}

#[test]
fn a_missing_sheet_is_a_diagnostic() {
    let document = StyleSet::style("<p>\n<link rel=stylesheet href=no.css>", &Files(&[]));
    assert_eq!(document.diagnostics.len(), 1);
    assert_eq!(document.diagnostics[0].place.line, 2);
    assert!(document.diagnostics[0].message.contains("no.css"));
}

#[test]
fn problems_have_their_place() {
    let html = "<html>\n<style>\n  p { colour: red;\n    color: lime; width: 3 }\n</style>\n<p id=x style='heigth:1px'>";
    let document = StyleSet::style(html, &Files(&[]));
    let places: Vec<_> = document
        .diagnostics
        .iter()
        .map(|diagnostic| {
            (
                diagnostic.place.line,
                diagnostic.place.column,
                diagnostic.message.as_str(),
            )
        })
        .collect();
    assert_eq!(places.len(), 3, "{places:?}");
    assert_eq!((places[0].0, places[0].1), (3, 7));
    assert!(
        places[0].2.contains("unknown property `colour`"),
        "{places:?}"
    );
    assert_eq!((places[1].0, places[1].1), (4, 18));
    assert!(places[1].2.contains("invalid value"), "{places:?}");
    assert_eq!(places[2].0, 6);
    assert_eq!(document.style(node(&document, "x")).text.color, LIME);
}

#[test]
fn the_user_agent_sheet_is_understood_whole() {
    let document = StyleSet::style("<p>plain", &Files(&[]));
    assert!(document.diagnostics.is_empty());
    let style = x("", "<h1 id=x>T</h1>");
    assert_eq!(style.box_.display, Display::Block);
    assert_eq!(style.font.size, Px(32.0));
    assert_eq!(style.generated.bookmark_level, Some(1));
    assert_eq!(
        x("", "<ul><li><ul><li id=x>").box_.display,
        Display::ListItem
    );
    assert_eq!(x("", "<table><tr><th id=x>").text.align, TextAlign::Center);
    // HTML §15.3.8: only where nobody asked for another alignment of the table.
    let left = "table { text-align: left }";
    assert_eq!(x(left, "<table><tr><th id=x>").text.align, TextAlign::Left);
    assert_eq!(
        x("", "<a id=x href=y>").text.color,
        Color::rgb(0.0, 0.0, 238.0 / 255.0)
    );
    assert_eq!(x("", "<p id=x hidden>").box_.display, Display::None);
}

#[test]
fn pseudo_elements() {
    let document = styled(
        "p::before{content:'a' attr(title)} p.b::before{content:none} p::first-letter{color:red} li::marker{color:lime}",
        "<p id=x title=T><p id=y class=b><ul><li id=z><span id=s></span>",
    );
    let x = node(&document, "x");
    let before = document.pseudo(x, Pseudo::Before).expect("has content");
    assert_eq!(
        format!("{:?}", before.generated.content),
        "Some([Text(\"a\"), Text(\"T\")])"
    );
    assert!(document.pseudo(x, Pseudo::After).is_none());
    assert!(document.pseudo(x, Pseudo::Marker).is_none());
    assert_eq!(
        document
            .pseudo(x, Pseudo::FirstLetter)
            .map(|style| style.text.color),
        Some(RED)
    );
    assert!(
        document
            .pseudo(node(&document, "y"), Pseudo::Before)
            .is_none()
    );
    let marker = document
        .pseudo(node(&document, "z"), Pseudo::Marker)
        .expect("list items have markers");
    assert_eq!(marker.text.color, LIME);
    assert!(marker.font.features.contains(&(*b"tnum", 1)));
}

#[test]
fn inheritance_of_fonts_and_currentcolor() {
    let style = x(
        "body{font:italic small-caps bold 20px/1.5 A, 'B C'} #x{border:solid}",
        "<p id=x style='color:blue'>",
    );
    assert_eq!(style.font.size, Px(20.0));
    assert_eq!(style.font.weight, 700.0);
    assert_eq!(style.font.variants.caps, FontCaps::Small);
    assert_eq!(
        style
            .font
            .families
            .iter()
            .map(|family| &**family)
            .collect::<Vec<_>>(),
        ["A", "B C"]
    );
    assert_eq!(style.border.sides.bottom.color, BLUE);
    assert_eq!(style.border.sides.bottom.width, Px(3.0));
}

#[test]
fn equal_elements_share_one_style() {
    let rows = "<tr><td class=n>1<td>2".repeat(50);
    let document = styled(
        "td{padding:2px} .n{text-align:right}",
        &format!("<table>{rows}"),
    );
    let cells: Vec<_> = (0..document.dom.nodes.len())
        .map(fanfold_style::NodeId::new)
        .filter(|id| {
            document
                .dom
                .element(*id)
                .is_some_and(|element| &*element.name == "td")
        })
        .collect();
    assert_eq!(cells.len(), 100);
    for pair in cells.windows(3) {
        assert!(std::sync::Arc::ptr_eq(
            document.style(pair[0]),
            document.style(pair[2])
        ));
    }
}

#[test]
fn equal_elements_in_different_places_have_their_own_styles() {
    let css = "td{color:black} tr:nth-child(even) td{color:red} td:nth-child(2){color:blue} \
        .a + td{color:lime} div td{color:teal} :lang(fr) td{color:navy} td:last-child{color:gray} \
        tr:has(b) td{color:olive}";
    // Equal cells in rows before those that are looked at.
    let filler = "<tr><td><td><td><td>".repeat(2);
    let color = |around: &str, rows: &str| {
        let html = format!("<table>{filler}</table>{around}<table><tbody>{rows}");
        let document = styled(css, &html);
        let ids = (0..document.dom.nodes.len()).map(fanfold_style::NodeId::new);
        let cells = ids.filter(|id| {
            let element = document.dom.element(*id);
            element.is_some_and(|element| element.attribute("class") == Some("t"))
        });
        let colors = cells.map(|cell| document.style(cell).text.color);
        colors.collect::<Vec<_>>()
    };
    let cells = "<td class=t><td class=t><td class=t><td>";
    let [black, red, blue, lime, teal, navy, gray, olive] = [
        "black", "red", "blue", "lime", "teal", "navy", "gray", "olive",
    ]
    .map(|name| x(&format!("#x{{color:{name}}}"), "<p id=x>").text.color);
    let two_rows = format!("<tr>{cells}<tr>{cells}");
    assert_eq!(color("", &two_rows), [black, blue, black, red, red, red]);
    let inside = color("<div>", &two_rows);
    assert_eq!(inside, [teal, blue, teal, red, red, red]);
    assert_eq!(
        color("<section lang=fr>", &format!("<tr>{cells}")),
        [navy, navy, navy]
    );
    assert_eq!(
        color("", "<tr><td class=a><td class=t><td class=t><td>"),
        [lime, black]
    );
    assert_eq!(color("", "<tr><td class=t><td class=t>"), [black, gray]);
    assert_eq!(
        color("", "<tr><td class=t><td class=t><td class=t><td><b>x</b>"),
        [olive, blue, olive]
    );
}

#[test]
fn one_set_styles_many_documents_alike() {
    let set = StyleSet::new();
    let files = Files(&[("a.css", "p{color:lime}")]);
    let colors: Vec<Color> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let document =
                        set.style_document("<link rel=stylesheet href=a.css><p id=x>", &files);
                    document.style(node(&document, "x")).text.color
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    assert_eq!(colors, [LIME; 4]);
    // The same URL with other text is another sheet.
    let changed = set.style_document(
        "<link rel=stylesheet href=a.css><p id=x>",
        &Files(&[("a.css", "p{color:red}")]),
    );
    assert_eq!(changed.style(node(&changed, "x")).text.color, RED);
}

#[test]
fn documents_of_one_set_do_not_see_each_other() {
    let set = StyleSet::new();
    let files = Files(&[("a.css", "p{width:2rem;color:var(--c,lime)} b{color:blue}")]);
    let document = |start: &str| {
        let html = format!("{start}<link rel=stylesheet href=a.css><p id=x style='colour:red'><b>");
        set.style_document(&html, &files)
    };
    let roots = [
        ("<html style='font-size:10px'>", 20.0, LIME),
        ("<html>", 32.0, LIME),
        ("<html style='font-size:10px;--c:red'>", 20.0, RED),
    ];
    // Twice, as what one document leaves the next one with the same sheets takes.
    for (start, width, color) in roots.into_iter().cycle().take(6) {
        let document = document(start);
        let style = document.style(node(&document, "x"));
        let length = LengthPercentage::length(Px(width));
        assert_eq!(style.box_.width, Sizing::Size(length));
        assert_eq!(style.text.color, color);
        // What is wrong with an attribute is told of every document.
        assert_eq!(document.diagnostics.len(), 1, "{:?}", document.diagnostics);
    }
}

#[test]
fn registered_properties() {
    let rule = |syntax: &str, inherits: &str, initial: &str| {
        format!("@property --c{{syntax:'{syntax}';inherits:{inherits};initial-value:{initial}}}")
    };
    let lime = rule("<color>", "false", "lime");
    let use_it = "#x{color:var(--c)}";
    let body = "<div><p id=x>";
    color(&format!("{lime}{use_it}"), body, LIME);
    // It does not inherit, unless it is asked to.
    color(&format!("{lime}div{{--c:red}}{use_it}"), body, LIME);
    color(
        &format!(
            "{}div{{--c:lime}}#x{{--c:inherit}}{use_it}",
            rule("<color>", "false", "red")
        ),
        body,
        LIME,
    );
    color(
        &format!("{}div{{--c:lime}}{use_it}", rule("*", "true", "red")),
        body,
        LIME,
    );
    // What it does not take is as if it were not there.
    color(&format!("{lime}#x{{--c:10px}}{use_it}"), body, LIME);
    color(
        &format!(
            "{}div{{--c:lime}}#x{{--c:1 2}}{use_it}",
            rule("<color>+ | x", "true", "red")
        ),
        body,
        LIME,
    );
    // Without an initial value that fits, there is no such rule.
    color(
        &format!(
            "{}{use_it}div{{color:lime}}",
            rule("<color>", "true", "10px")
        ),
        body,
        LIME,
    );
}

#[test]
fn bounds_may_be_sums_with_percentages() {
    let document = styled("#x{width:min(100px, 50% + 10px);}", "<p id=x>");
    let box_ = &document.style(node(&document, "x")).box_;
    let Sizing::Size(width) = box_.width else {
        panic!("{:?} is not a size", box_.width);
    };
    assert_eq!(
        [60.0, 400.0].map(|base| width.resolve(Px(base))),
        [Px(40.0), Px(100.0)]
    );
}

#[test]
fn registered_lengths_are_computed_where_they_are_declared() {
    let width = |syntax: &str, value: &str, css: &str| {
        let css = format!(
            "@property --l{{syntax:'{syntax}';inherits:true;initial-value:0px}}\
             html{{font-size:10px}}div{{font-size:20px;--l:{value}}}\
             #x{{font-size:5px;width:var(--l)}}{css}"
        );
        let document = styled(&css, "<div><p id=x>");
        document.style(node(&document, "x")).box_.width
    };
    let px = |px: f32| Sizing::Size(LengthPercentage::length(Px(px)));
    assert_eq!(width("<length>", "2em", ""), px(40.0));
    assert_eq!(width("<length>", "calc(1em + 1rem)", ""), px(30.0));
    for (value, is) in [
        ("calc(1em + 50%)", 70.0),
        ("min(1em, 50%)", 20.0),
        ("clamp(1em, 10%, 2em)", 20.0),
        ("clamp(1em, 90%, 2em)", 40.0),
    ] {
        let Sizing::Size(width) = width("<length-percentage>", value, "") else {
            panic!("{value} is not a size");
        };
        assert_eq!(width.resolve(Px(100.0)), Px(is), "{value}");
    }
    assert_eq!(width("auto | <length>+", "1em", ""), px(20.0));
    // Its own is of its own font, and what is not registered is text.
    assert_eq!(width("<length>", "2em", "#x{--l:2em}"), px(10.0));
    assert_eq!(width("*", "2em", ""), px(10.0));
}

#[test]
fn the_profile_of_process_colours_is_the_last() {
    let document = styled(
        "@color-profile device-cmyk{src:url(a.icc)} @color-profile device-cmyk{src:url('b.icc');\
         components:C,M,Y,K} @color-profile device-cmyk{} @color-profile --own{src:url(c.icc)}",
        "<p id=x>",
    );
    assert_eq!(document.cmyk_profile.as_deref(), Some("b.icc"));
}
