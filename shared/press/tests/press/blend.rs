//! `mix-blend-mode` and `isolation`.

use crate::read::draw;

/// Asserts the colour in the middle of a blue box of 40 by 40 px, inside what `around` makes of a yellow one.
#[track_caller]
fn assert_mixed(around: &str, style: &str, color: [u8; 3]) {
    let Some(picture) = draw(&format!(
        "<style>@page{{size:100px;margin:0}}body{{margin:0;background:#ff0}}\
         i{{display:block;width:40px;height:40px;background:#06f}}</style>\
         <div style='{around}'><i style='{style}'></i></div>"
    )) else {
        return;
    };
    assert_eq!(picture.at(20, 20), color, "{style} in {around}");
    assert_eq!(picture.at(70, 70), [255, 255, 0], "{style} in {around}");
}

#[test]
fn boxes_are_mixed_with_what_is_below() {
    assert_mixed("", "mix-blend-mode:normal", [0, 102, 255]);
    assert_mixed("", "mix-blend-mode:multiply", [0, 102, 0]);
    assert_mixed("", "mix-blend-mode:screen", [255, 255, 255]);
    assert_mixed("", "mix-blend-mode:darken", [0, 102, 0]);
    assert_mixed("", "mix-blend-mode:difference", [255, 153, 255]);
}

#[test]
fn stacking_contexts_keep_what_is_mixed_to_themselves() {
    let mixed = "mix-blend-mode:multiply";
    // A stacking context has nothing in it to be mixed with.
    assert_mixed("isolation:isolate", mixed, [0, 102, 255]);
    assert_mixed("position:relative;z-index:1", mixed, [0, 102, 255]);
    assert_mixed("position:relative", mixed, [0, 102, 0]);
    assert_mixed("isolation:isolate;background:white", mixed, [0, 102, 255]);
}

#[test]
fn what_is_translucent_is_mixed_too() {
    // Half of (0, 102, 0), half of (255, 255, 0).
    let close = |color: [u8; 3]| {
        let off = color.iter().zip([127_u8, 178, 0]);
        off.map(|(one, other)| one.abs_diff(other)).max() <= Some(2)
    };
    for display in ["block", "inline"] {
        let Some(picture) = draw(&format!(
            "<style>@page{{size:100px;margin:0}}body{{margin:0;background:#ff0;font:40px/1 sans-serif}}\
             i{{display:{display};background:#06f;color:transparent;opacity:.5;mix-blend-mode:multiply}}</style>\
             <i>aaa</i>"
        )) else {
            return;
        };
        let color = picture.at(20, 20);
        assert!(close(color), "{display}: {color:?}");
    }
}

#[test]
fn inline_boxes_are_mixed() {
    let Some(picture) = draw(
        "<style>@page{size:100px;margin:0}body{margin:0;background:#ff0;font:40px/1 sans-serif}\
         span{background:#06f;color:transparent;mix-blend-mode:multiply}</style><span>aaa</span>",
    ) else {
        return;
    };
    assert_eq!(picture.at(20, 20), [0, 102, 0]);
}

#[test]
fn a_stacking_context_keeps_inline_boxes_to_itself() {
    let Some(picture) = draw(
        "<style>@page{size:100px;margin:0}body{margin:0;background:#ff0;font:40px/1 sans-serif}\
         div{isolation:isolate}\
         span{background:#06f;color:transparent;mix-blend-mode:multiply}</style><div><span>aaa</span></div>",
    ) else {
        return;
    };
    assert_eq!(picture.at(20, 20), [0, 102, 255]);
}
