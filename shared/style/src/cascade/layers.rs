//! Cascade layers of a whole document (CSS Cascade 5 §6.4).

use std::sync::Arc;

/// The layer number of rules outside all layers, the strongest.
pub(crate) const UNLAYERED: u16 = u16::MAX;
/// Deepest nesting of layers; deeper names count as their ancestor at this level.
const DEEPEST: usize = 32;

/// Layers in order of appearance, as a tree.
#[derive(Debug, Default)]
pub(crate) struct LayerTree {
    roots: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    name: Arc<str>,
    children: Vec<Layer>,
    number: u16,
}

impl Layer {
    /// Numbers the sublayers, then itself: its own rules are stronger. Gives the next free number.
    fn number_from(&mut self, first: u16) -> u16 {
        self.number = self
            .children
            .iter_mut()
            .fold(first, |next, child| child.number_from(next));
        self.number.saturating_add(1).min(UNLAYERED - 1)
    }
}

impl LayerTree {
    /// Enters the layer called `path`, after those before it.
    pub(crate) fn enter(&mut self, path: &[Arc<str>]) {
        let mut level = &mut self.roots;
        for name in path.iter().take(DEEPEST) {
            let at = level
                .iter()
                .position(|layer| layer.name == *name)
                .unwrap_or_else(|| {
                    level.push(Layer {
                        name: Arc::clone(name),
                        children: Vec::new(),
                        number: 0,
                    });
                    level.len() - 1
                });
            level = &mut level[at].children;
        }
    }

    /// Numbers all layers, weakest first.
    pub(crate) fn number(&mut self) {
        self.roots
            .iter_mut()
            .fold(0, |next, layer| layer.number_from(next));
    }

    /// The number of the layer called `path`; [`UNLAYERED`] when it is empty.
    pub(crate) fn get(&self, path: &[Arc<str>]) -> u16 {
        let (mut level, mut number) = (&self.roots, UNLAYERED);
        for name in path.iter().take(DEEPEST) {
            let Some(layer) = level.iter().find(|layer| layer.name == *name) else {
                return UNLAYERED;
            };
            number = layer.number;
            level = &layer.children;
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::{LayerTree, UNLAYERED};
    use std::sync::Arc;

    fn path(name: &str) -> Vec<Arc<str>> {
        name.split('.').map(Arc::from).collect()
    }

    #[test]
    fn a_layer_is_stronger_than_its_sublayers_and_those_before() {
        let mut tree = LayerTree::default();
        for name in ["reset", "base.type", "base.boxes", "theme"] {
            tree.enter(&path(name));
        }
        tree.number();
        let order: Vec<u16> = ["reset", "base.type", "base.boxes", "base", "theme"]
            .iter()
            .map(|name| tree.get(&path(name)))
            .collect();
        assert!(order.is_sorted_by(|left, right| left < right), "{order:?}");
        assert_eq!(tree.get(&[]), UNLAYERED);
    }
}
