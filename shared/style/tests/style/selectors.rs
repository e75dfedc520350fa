//! Which elements a selector matches.

use crate::support::{node, styled};
use fanfold_geometry::Color;

/// Asserts which of the elements `a` to `h` of `body` match `selector`.
#[track_caller]
fn matches(selector: &str, body: &str, expected: &str) {
    let document = styled(
        &format!("{selector}{{color:lime!important}} *{{color:red}}"),
        body,
    );
    assert!(
        document.diagnostics.is_empty(),
        "{selector}: {:?}",
        document.diagnostics
    );
    let lime = Color::rgb(0.0, 1.0, 0.0);
    let found: String = ('a'..='h')
        .filter(|id| body.contains(&format!("id={id}")))
        .filter(|id| {
            document
                .style(node(&document, id.encode_utf8(&mut [0; 4])))
                .text
                .color
                == lime
        })
        .collect();
    assert_eq!(found, expected, "{selector} in {body}");
}

const LIST: &str = "<ul><li id=a class=odd>1</li><li id=b>2</li><li id=c class=odd>3</li><li id=d><i id=e></i></li></ul>";

#[test]
fn structure() {
    for (selector, expected) in [
        ("li", "abcd"),
        ("li:first-child", "a"),
        ("li:last-child", "d"),
        ("i:only-child", "e"),
        ("li:nth-child(odd)", "ac"),
        ("li:nth-child(2n)", "bd"),
        ("li:nth-child(-n+2)", "ab"),
        ("li:nth-last-child(1)", "d"),
        ("li:nth-child(2 of .odd)", "c"),
        ("li:nth-of-type(3)", "c"),
        ("li + li", "bcd"),
        ("li.odd ~ li", "bcd"),
        ("ul > i", ""),
        ("ul i", "e"),
        ("i:empty", "e"),
        ("li:has(i)", "d"),
        ("li:has(+ .odd)", "b"),
        ("li:not(.odd, :last-child)", "b"),
        (":is(#a, #e)", "ae"),
        (":is(ul li, i)", "abcde"),
        (":where(p, li):first-child", "a"),
        (":is(li, .odd)", "abcd"),
        ("li:where(.odd):nth-child(3)", "c"),
        ("*|li#a", "a"),
    ] {
        matches(selector, LIST, expected);
    }
}

#[test]
fn attributes() {
    let body = "<p id=a title='one two'></p><p id=b title=two-x></p><p id=c lang=en-GB></p><p id=d TITLE=ONE data-n=1></p>";
    for (selector, expected) in [
        ("[title]", "abd"),
        ("[title~=two]", "a"),
        ("[title|=two]", "b"),
        ("[title^=one]", "a"),
        ("[title^=one i]", "ad"),
        ("[title$=x]", "b"),
        ("[title*='e t']", "a"),
        ("[data-n='1']", "d"),
        (":lang(en)", "c"),
        (":lang(fr, 'en-GB')", "c"),
        (":lang('*-gb')", ""),
    ] {
        matches(selector, body, expected);
    }
}

#[test]
fn links_direction_and_forms() {
    let body = "<x-card></x-card><a id=a href=x></a><a id=b></a><div dir=rtl><p id=c></p></div><input id=d disabled><input id=e checked type=checkbox>\
                <s id=f dir=auto>\u{5d0} a</s><s id=g dir=auto>1 a \u{5d0}</s><bdi>\u{5d0}<b id=h></b></bdi>";
    for (selector, expected) in [
        (":link", "a"),
        (":any-link", "a"),
        ("a:not(:link)", "b"),
        ("p:dir(rtl)", "c"),
        ("[dir=auto]:dir(rtl), bdi:dir(rtl) b", "fh"),
        ("s:dir(ltr)", "g"),
        (":disabled", "d"),
        (":checked", "e"),
        ("input:enabled", "e"),
        ("a:hover", ""),
        (":root p", "c"),
        ("a:visited", ""),
        ("x-card:defined, a:link:defined", "a"),
        // Nothing is in a shadow tree, and nobody uses a control; that says nothing of the rest of a list.
        (":host, p", "c"),
        (":host(.dark) p, :host", ""),
        ("::slotted(p), p", "c"),
        ("::part(label), p", "c"),
        ("input::file-selector-button:focus, p", "c"),
    ] {
        matches(selector, body, expected);
    }
}

#[test]
fn a_bad_selector_drops_its_rule_only() {
    let document = styled(
        "p:unknown{color:red} p,{color:red} p{color:lime}",
        "<p id=x>",
    );
    assert_eq!(
        document.style(node(&document, "x")).text.color,
        Color::rgb(0.0, 1.0, 0.0)
    );
    assert_eq!(document.diagnostics.len(), 2, "{:?}", document.diagnostics);
}

#[test]
fn descendants_are_found_after_siblings_of_ancestors() {
    // The ancestor filter must forget what it left.
    matches(
        ".p p",
        "<div class=p></div><div><p id=a></p></div><div class=p><div><p id=b></p></div></div>",
        "b",
    );
}
