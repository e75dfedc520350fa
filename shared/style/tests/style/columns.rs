//! Columns: the shorthands and what they compute to.

use crate::support::x;
use fanfold_geometry::{Color, Px};
use fanfold_style::ComputedStyle;
use std::sync::Arc;

fn style(css: &str) -> Arc<ComputedStyle> {
    x(&format!("p{{{css}}}"), "<p id=x>")
}

#[test]
fn columns_have_a_width_and_a_count() {
    let both = style("font-size:10px; columns:10em 2").columns.clone();
    assert_eq!((both.count, both.width), (Some(2), Some(Px(100.0))));
    let count = style("columns:auto 3").columns.clone();
    assert_eq!((count.count, count.width), (Some(3), None));
    for css in [
        "columns:2 3",
        "column-count:0",
        "columns:auto auto auto",
        "column-width:-1px",
    ] {
        assert!(!style(css).columns.is_multicol(), "{css}");
    }
}

#[test]
fn a_rule_has_the_text_s_color_unless_it_says_otherwise() {
    let ruled = style("column-rule:2px solid; color:#f00");
    assert_eq!(ruled.columns.rule.width, Px(2.0));
    assert_eq!(ruled.columns.rule.color, Color::rgb(1.0, 0.0, 0.0));
    let ruled = style("column-rule:solid #00f");
    assert_eq!(ruled.columns.rule.width, Px(3.0));
    assert_eq!(ruled.columns.rule.color, Color::rgb(0.0, 0.0, 1.0));
    assert_eq!(style("column-rule:2px").columns.rule.width, Px(0.0));
}
