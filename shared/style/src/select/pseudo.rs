//! Pseudo-classes and pseudo-elements that mean something on paper.

use crate::styled::Pseudo;
use cssparser::ToCss;
use std::fmt;
use std::sync::Arc;

/// Pseudo-classes beyond the structural ones, which `selectors` knows itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PseudoClass {
    /// `:link` and `:any-link`: on paper no link is visited.
    Link,
    /// `:lang()` with its ranges.
    Lang(Vec<Arc<str>>),
    /// `:dir()`; true for `rtl`.
    Dir(bool),
    /// `:checked`.
    Checked,
    /// `:disabled`.
    Disabled,
    /// `:enabled`.
    Enabled,
    /// `:required`.
    Required,
    /// `:optional`.
    Optional,
    /// `:read-only`.
    ReadOnly,
    /// `:read-write`.
    ReadWrite,
    /// `:placeholder-shown`.
    PlaceholderShown,
    /// `:defined`: not a custom element, which only a script defines.
    Defined,
    /// What never holds on paper: `:hover`, `:focus`, `:visited`, `:target`, …
    Never(NeverHolds),
}

/// A pseudo-class that never matches, kept by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NeverHolds(pub(super) &'static str);

/// The pseudo-classes of a person at a screen.
pub(super) const NEVER: &[&str] = &[
    "hover",
    "active",
    "focus",
    "focus-visible",
    "focus-within",
    "visited",
    "target",
    "target-within",
    "fullscreen",
    "modal",
    "popover-open",
    "picture-in-picture",
    "user-valid",
    "user-invalid",
    "autofill",
    "-webkit-autofill",
    "current",
    "past",
    "future",
    "playing",
    "paused",
    "seeking",
    "buffering",
    "stalled",
    "muted",
    "indeterminate",
    "invalid",
    "valid",
    "out-of-range",
    "in-range",
    "local-link",
];

impl ToCss for PseudoClass {
    fn to_css<W: fmt::Write>(&self, dest: &mut W) -> fmt::Result {
        let name = match self {
            Self::Link => "link",
            Self::Lang(ranges) => return write!(dest, ":lang({})", ranges.join(", ")),
            Self::Dir(true) => "dir(rtl)",
            Self::Dir(false) => "dir(ltr)",
            Self::Checked => "checked",
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::Required => "required",
            Self::Optional => "optional",
            Self::ReadOnly => "read-only",
            Self::ReadWrite => "read-write",
            Self::PlaceholderShown => "placeholder-shown",
            Self::Defined => "defined",
            Self::Never(NeverHolds(name)) => name,
        };
        write!(dest, ":{name}")
    }
}

impl selectors::parser::NonTSPseudoClass for PseudoClass {
    fn is_active_or_hover(&self) -> bool {
        matches!(self, Self::Never(NeverHolds("hover" | "active")))
    }

    fn is_user_action_state(&self) -> bool {
        matches!(self, Self::Never(NeverHolds("hover" | "active" | "focus")))
    }
}

/// A pseudo-element in a selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PseudoElement {
    /// One that makes boxes.
    Is(Pseudo),
    /// One that never does on paper: `::selection`, `::placeholder`, vendor parts.
    Never,
}

impl ToCss for PseudoElement {
    fn to_css<W: fmt::Write>(&self, dest: &mut W) -> fmt::Result {
        dest.write_str(match self {
            Self::Is(Pseudo::Before) => "::before",
            Self::Is(Pseudo::After) => "::after",
            Self::Is(Pseudo::Marker) => "::marker",
            Self::Is(Pseudo::FirstLine) => "::first-line",
            Self::Is(Pseudo::FirstLetter) => "::first-letter",
            Self::Is(Pseudo::FootnoteCall) => "::footnote-call",
            Self::Is(Pseudo::FootnoteMarker) => "::footnote-marker",
            Self::Never => "::-fanfold-never",
        })
    }
}

impl selectors::parser::PseudoElement for PseudoElement {
    fn is_before_or_after(&self) -> bool {
        matches!(self, Self::Is(Pseudo::Before | Pseudo::After))
    }

    fn accepts_state_pseudo_classes(&self) -> bool {
        // `::file-selector-button:focus`
        *self == Self::Never
    }
}

/// The pseudo-element called `name`.
pub(super) fn element_named(name: &str) -> Option<PseudoElement> {
    let lower = name.to_ascii_lowercase();
    Some(match lower.as_str() {
        "before" => PseudoElement::Is(Pseudo::Before),
        "after" => PseudoElement::Is(Pseudo::After),
        "marker" => PseudoElement::Is(Pseudo::Marker),
        "first-line" => PseudoElement::Is(Pseudo::FirstLine),
        "first-letter" => PseudoElement::Is(Pseudo::FirstLetter),
        "footnote-call" => PseudoElement::Is(Pseudo::FootnoteCall),
        "footnote-marker" => PseudoElement::Is(Pseudo::FootnoteMarker),
        "selection"
        | "placeholder"
        | "backdrop"
        | "file-selector-button"
        | "details-content"
        | "cue"
        | "spelling-error"
        | "grammar-error"
        | "target-text" => PseudoElement::Never,
        vendor
            if vendor.starts_with("-webkit-")
                || vendor.starts_with("-moz-")
                || vendor.starts_with("-ms-") =>
        {
            PseudoElement::Never
        }
        _ => return None,
    })
}

/// The pseudo-class called `name`, without arguments.
pub(super) fn class_named(name: &str) -> Option<PseudoClass> {
    let lower = name.to_ascii_lowercase();
    Some(match lower.as_str() {
        "link" | "any-link" | "-webkit-any-link" | "-moz-any-link" => PseudoClass::Link,
        "checked" => PseudoClass::Checked,
        "disabled" => PseudoClass::Disabled,
        "enabled" => PseudoClass::Enabled,
        "required" => PseudoClass::Required,
        "optional" => PseudoClass::Optional,
        "read-only" => PseudoClass::ReadOnly,
        "read-write" => PseudoClass::ReadWrite,
        "placeholder-shown" => PseudoClass::PlaceholderShown,
        "defined" => PseudoClass::Defined,
        _ => {
            let name = NEVER.iter().find(|never| **never == lower)?;
            PseudoClass::Never(NeverHolds(name))
        }
    })
}
