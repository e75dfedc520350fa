//! Which legend of a fieldset stands in its border (HTML §15.3.13).

use super::{Builder, Cx, Flow, Step, is_absolute, is_float};
use crate::boxes::BoxId;
use fanfold_style::computed::Display;
use fanfold_style::{ComputedStyle, NodeId};
use std::sync::Arc;

/// The legend of what is being built.
#[derive(Default)]
pub(super) enum Legend {
    /// It is no fieldset.
    #[default]
    None,
    /// The first that comes is it.
    Wanted,
    /// It is there.
    Found(BoxId),
}

impl Builder<'_> {
    /// Takes the element at `node` for the legend of the fieldset around, where it is.
    pub(super) fn takes_legend(
        &mut self,
        node: NodeId,
        style: &Arc<ComputedStyle>,
        flow: &mut Flow,
        cx: &Cx,
    ) -> Step<bool> {
        if !matches!(flow.legend, Legend::Wanted) || is_absolute(style) || is_float(style) {
            return Ok(false);
        }
        let dom = &self.input.styled.dom;
        let named = |id: NodeId, name: &str| {
            dom.element(id)
                .is_some_and(|element| &*element.name == name)
        };
        let parent = dom.node(node).parent;
        if !named(node, "legend") || !parent.is_some_and(|parent| named(parent, "fieldset")) {
            return Ok(false);
        }
        let mut own = style.clone();
        if own.box_.display == Display::Inline {
            Arc::make_mut(&mut own).box_.display = Display::Block;
        }
        let inner = Cx {
            depth: cx.depth + 1,
            decorations: None,
            link: cx.link.clone(),
        };
        let id = self.aside(|builder| builder.principal(node, &own, &inner))?;
        flow.legend = Legend::Found(id);
        Ok(true)
    }
}
