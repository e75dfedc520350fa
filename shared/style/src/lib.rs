//! HTML and CSS → styled tree: parsing, selectors, the cascade and computed values.
//!
//! ```text
//! HTML ─html5ever→ Dom ─cssparser+selectors→ Styled (a ComputedStyle for each element and pseudo-element)
//! ```
//!
//! Nothing here knows of boxes or pages beyond what `@page` rules say. No I/O: every sheet, font and
//! image named by a document comes through [`Fetch`].

mod cascade;
pub mod computed;
mod counter;
mod css;
pub mod dom;
mod html;
pub mod page;
mod quotes;
mod select;
mod sheet;
mod style_set;
mod styled;
pub mod values;

pub use cascade::hints::list_start;
pub use computed::ComputedStyle;
pub use css::color::parse_color;
pub use dom::{Dom, NodeId};
pub use html::{decode_html, decode_text};
pub use quotes::quotes_for;
pub use style_set::{MeasureFonts, StyleSet};
pub use styled::{Diagnostic, Fetch, FetchError, FontFaceRule, FontSource, Place, Pseudo, Styled};
