//! Absolutely positioned boxes in stacking contexts that are not their containing blocks.

use super::{Layer, Painter, is_stacking_context};
use crate::boxes::{BoxId, contains_absolutes, is_absolute};
use crate::fragment::{Fragment, Kind};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

impl Painter<'_> {
    /// Hands absolutely positioned boxes over to the stacking contexts that they are in: a box in a transparent one
    /// is as transparent, though its containing block is further out (CSS Color 4 §3.2). One that is clipped on the
    /// way is painted with its containing block, which does not cut it off.
    pub(super) fn adopt(&self, layers: &mut Vec<Layer<'_>>) {
        let style = |id: BoxId| self.layout.tree.style(id);
        let open = |layer: &Layer<'_>| {
            let style = style(layer.id);
            is_stacking_context(style) && !contains_absolutes(style) && !style.box_.clips
        };
        let absolute = |layer: &Layer<'_>| is_absolute(style(layer.id));
        if !layers.iter().any(open) || !layers.iter().any(absolute) {
            return;
        }
        let mut hosts = FxHashMap::default();
        for layer in layers.iter().filter(|layer| open(layer)) {
            self.placeholders(layer.fragment, layer.id, &mut hosts);
        }
        let mut guests: BTreeMap<BoxId, Vec<Layer<'_>>> = BTreeMap::new();
        let all = std::mem::take(layers);
        for layer in all {
            match hosts.get(&layer.id) {
                Some(host) if absolute(&layer) => guests.entry(*host).or_default().push(layer),
                _ => layers.push(layer),
            }
        }
        // A box may have several fragments on a page; its guests are in the last.
        for layer in layers.iter_mut().rev() {
            layer.guests = guests.remove(&layer.id).unwrap_or_default();
        }
        layers.extend(guests.into_values().flatten());
    }

    /// The absolutely positioned boxes in a fragment of `host` whose containing block is further out.
    fn placeholders(&self, fragment: &Fragment, host: BoxId, found: &mut FxHashMap<BoxId, BoxId>) {
        for child in &fragment.children {
            match &child.fragment.kind {
                Kind::Placeholder { id, .. } => {
                    found.insert(*id, host);
                }
                Kind::Box(box_) => {
                    if !contains_absolutes(self.layout.tree.style(box_.id)) {
                        self.placeholders(&child.fragment, host, found);
                    }
                }
                _ => self.placeholders(&child.fragment, host, found),
            }
        }
    }
}
