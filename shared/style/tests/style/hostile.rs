//! Inputs made to crash, loop or fill memory: each must end, soon, with something sensible.

use crate::support::{Files, node, styled, x};
use fanfold_geometry::{Color, Px};
use fanfold_style::page::PageSelector;
use fanfold_style::values::{LengthPercentage, Sizing};
use fanfold_style::{Fetch, FetchError, StyleSet, Styled};
use std::sync::Arc;
use std::time::{Duration, Instant};

const LIME: Color = Color::rgb(0.0, 1.0, 0.0);

/// Far above what is needed, far below what quadratic work would take.
fn soon<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "took {:?}",
        start.elapsed()
    );
    result
}

fn mentions(document: &Styled, text: &str) -> bool {
    document
        .diagnostics
        .iter()
        .any(|diagnostic| diagnostic.message.contains(text))
}

#[test]
fn a_hundred_thousand_nested_elements() {
    for tag in ["div", "b", "span", "svg", "ul"] {
        let html = format!(
            "<p>{}<p id=x style=color:lime>",
            format!("<{tag}>").repeat(100_000)
        );
        let document = soon(|| StyleSet::style(&html, &Files(&[])));
        assert!(
            mentions(&document, "nest deeper than 512"),
            "{tag}: {:?}",
            document.diagnostics
        );
    }
}

#[test]
fn formatting_elements_do_not_multiply_without_bound() {
    let open: String = (0..400).map(|index| format!("<b id=b{index}>")).collect();
    let html = format!("<p>{open}</p>{}", "<p>x</p>".repeat(300));
    let document = soon(|| StyleSet::style(&html, &Files(&[])));
    // Not one for each of the 400 in each of the 300.
    assert!(
        document.dom.nodes.len() < 300 * 70,
        "{}",
        document.dom.nodes.len()
    );
    assert!(
        mentions(&document, "nest deeper"),
        "{:?}",
        document.diagnostics
    );
}

#[test]
fn selectors_of_a_megabyte() {
    let list = format!("{} p{{color:lime}}", "extraordinarily,".repeat(65_000));
    soon(|| assert_eq!(x(&list, "<p id=x>").text.color, LIME));
    let chain = format!("{}p{{color:red}} p{{color:lime}}", "p~".repeat(500_000));
    let document = soon(|| styled(&chain, &"<p>".repeat(2_000)));
    assert!(
        mentions(&document, "over 256 parts"),
        "{:?}",
        document.diagnostics
    );
    let nested = format!(
        "{}p{}{{color:red}}",
        ":not(".repeat(10_000),
        ")".repeat(10_000)
    );
    let document = soon(|| styled(&nested, "<p id=x>"));
    assert!(!document.diagnostics.is_empty());
}

#[test]
fn nested_rules_that_multiply() {
    let deep = format!("p{{{}color:red{}}}", "& &,& &{".repeat(40), "}".repeat(40));
    let document = soon(|| styled(&deep, &"<p>".repeat(50)));
    assert!(mentions(&document, "nested"), "{:?}", document.diagnostics);
}

#[test]
fn variables_that_laugh_a_billion_times() {
    let mut css = String::from(":root{--v0:lololololol;");
    for level in 1..40 {
        let reference = format!("var(--v{}) ", level - 1);
        css.push_str(&format!("--v{level}:{};", reference.repeat(10)));
    }
    css.push_str("--ok:lime} p{font-family:var(--v39); color:var(--ok)}");
    soon(|| assert_eq!(x(&css, "<p id=x>").text.color, LIME));
}

#[test]
fn long_chains_of_variables() {
    let mut css = String::from(":root{--v0:red;");
    for level in 1..20_000 {
        css.push_str(&format!("--v{level}:var(--v{});", level - 1));
    }
    css.push_str("} body{color:lime} p{color:var(--v19999)}");
    soon(|| x(&css, "<p id=x>"));
    let mut forks = String::from(":root{--v0:red;");
    for level in 1..60 {
        let before = level - 1;
        forks.push_str(&format!(
            "--v{level}:var(--none, var(--v{before})) var(--none, var(--v{before}));"
        ));
    }
    forks.push_str("} p{color:lime; font-family:var(--v59)}");
    soon(|| assert_eq!(x(&forks, "<p id=x>").text.color, LIME));
}

#[test]
fn calculations_ten_thousand_deep() {
    let css = format!(
        "p{{width:{}1px{}; color:lime}}",
        "calc(".repeat(10_000),
        ")".repeat(10_000)
    );
    let document = soon(|| styled(&css, "<p id=x>"));
    let style = document.style(node(&document, "x"));
    assert_eq!(style.box_.width, Sizing::Auto);
    assert_eq!(style.text.color, LIME);
    assert_eq!(document.diagnostics.len(), 1);
    let long = format!("p{{width:calc(1px{})}}", " + 1px".repeat(100_000));
    let style = soon(|| x(&long, "<p id=x>"));
    assert_eq!(
        style.box_.width,
        Sizing::Size(LengthPercentage::length(Px(100_001.0)))
    );
}

#[test]
fn numbers_stay_finite() {
    for value in [
        "1e999px",
        "calc(1px / 0)",
        "calc(NaN * 1px)",
        "calc(-infinity * 1px)",
        "1e30em",
        "99999999999999in",
    ] {
        let style = x(
            &format!("p{{margin-left:{value};font-size:{value};line-height:{value}}}"),
            "<p id=x>",
        );
        let text = format!("{style:?}");
        assert!(!text.contains("NaN"), "{value}: {text}");
        let fanfold_style::values::AutoLength::Length(margin) = style.box_.margin.left else {
            panic!("{value}")
        };
        assert!(margin.resolve(Px(100.0)).is_finite(), "{value}");
        assert!(
            style.font.size.is_finite() && style.font.size.0 <= 100_000.0,
            "{value}"
        );
    }
    let style = x(
        "p{opacity:calc(0/0); order:calc(1e20); z-index:99999999999; flex-grow:calc(1/0)}",
        "<p id=x>",
    );
    assert_eq!(style.effects.opacity, 0.0);
    assert_eq!(style.box_.flex.order, i32::MAX);
    assert!(style.box_.flex.grow.is_finite());
    let style = x(
        "p{font-size:2em}",
        &format!("{}<p id=x>", "<div style=font-size:9em>".repeat(300)),
    );
    assert!(style.font.size.is_finite());
}

#[test]
fn page_sizes_stay_within_pdf() {
    for size in ["1e30mm", "0 0", "calc(1px/0) 10px", "5mm 1e9m"] {
        let page = styled(&format!("@page{{size:{size};margin:1e30px}}"), "")
            .page(PageSelector::default());
        assert!(
            page.size.width.0 >= 1.0 && page.size.width.0 <= 200_000.0,
            "{size}: {:?}",
            page.size
        );
        assert!(
            page.size.height.0 >= 1.0 && page.size.height.0 <= 200_000.0,
            "{size}: {:?}",
            page.size
        );
    }
}

/// A sheet that imports itself twice.
struct Mirror;

impl Fetch for Mirror {
    fn fetch(&self, _: &str) -> Result<Arc<[u8]>, FetchError> {
        Ok(Arc::from(
            b"@import 'a.css'; @import 'b.css'; p{color:lime}".as_slice(),
        ))
    }
}

#[test]
fn imports_that_never_end() {
    let document = soon(|| StyleSet::style("<link rel=stylesheet href=a.css><p id=x>", &Mirror));
    assert_eq!(document.style(node(&document, "x")).text.color, LIME);
    assert!(
        mentions(&document, "imports go deeper"),
        "{:?}",
        document.diagnostics
    );
}

#[test]
fn broken_bytes_and_unclosed_everything() {
    for html in [
        "",
        "<",
        "</",
        "<!",
        "<!--",
        "<style>",
        "<style>p{",
        "<style>@media",
        "<style>@page{@top-left{content:",
        "<style>p{color:rgb(",
        "<style>\u{0}p{color:red}",
        "<p style='color:",
        "<p style='\u{0};;;{}}'>",
        "<svg><style>p{}",
        "<style>@layer a.b.c.d{@layer{p{color:red",
        "<table><table><table><select><p>",
        "<template><p>",
        "<style>p{width:var(--",
        "<style>p{--x:{[(}",
        "<style>:is(",
        "<style>@import",
        "<style>@font-face{src:url(",
    ] {
        let document = StyleSet::style(html, &Files(&[]));
        for index in 0..document.dom.nodes.len() {
            let id = fanfold_style::NodeId::new(index);
            if document.dom.element(id).is_some() {
                document.style(id);
            }
        }
        document.page(PageSelector::default());
    }
}

#[test]
fn diagnostics_are_bounded() {
    let document = soon(|| styled(&"p{no:thing}".repeat(50_000), "<p id=x>"));
    assert!(document.diagnostics.len() <= 600);
    let document = soon(|| {
        let body: String = (0..5_000)
            .map(|index| format!("<p style='no:{index}'>"))
            .collect();
        styled("", &body)
    });
    assert!(document.diagnostics.len() <= 600);
}

#[test]
fn has_over_many_elements() {
    let rows = "<tr><td>1<td>2".repeat(3_000);
    soon(|| {
        styled(
            "tr:has(td:last-child){color:red} table:has(.no) td{color:red} td:nth-child(2n+1 of :not(.x)){color:red} tr:nth-last-child(3){color:red}",
            &format!("<table>{rows}"),
        )
    });
}
