//! What the suites share: a fetcher over a list, and finding elements.

use fanfold_style::{ComputedStyle, Fetch, FetchError, NodeId, StyleSet, Styled};
use std::sync::Arc;

/// Serves the listed sheets and nothing else.
pub(crate) struct Files(pub(crate) &'static [(&'static str, &'static str)]);

impl Fetch for Files {
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        let file = self.0.iter().find(|(name, _)| *name == url);
        file.map(|(_, text)| Arc::from(text.as_bytes()))
            .ok_or(FetchError::NotFound)
    }
}

/// Styles `body` with `css` in a `<style>` element.
pub(crate) fn styled(css: &str, body: &str) -> Styled {
    StyleSet::style(
        &format!("<!doctype html><style>{css}</style><body>{body}"),
        &Files(&[]),
    )
}

/// The element whose id is `id`.
pub(crate) fn node(styled: &Styled, id: &str) -> NodeId {
    (0..styled.dom.nodes.len())
        .map(NodeId::new)
        .find(|node| {
            styled
                .dom
                .element(*node)
                .is_some_and(|element| element.id.as_deref() == Some(id))
        })
        .unwrap_or_else(|| panic!("no element #{id}"))
}

/// The style of the element whose id is `x`.
pub(crate) fn x(css: &str, body: &str) -> Arc<ComputedStyle> {
    let styled = styled(css, body);
    Arc::clone(styled.style(node(&styled, "x")))
}
