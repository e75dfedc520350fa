//! Counters and their scopes (CSS Lists 3 §4).

use fanfold_style::computed::{ContentItem, GeneratedStyle};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The counters in scope at a point of the document walk.
///
/// An element's `counter-reset` makes an instance that its following siblings see too, unless their
/// parent has a counter of that name (§4.4.2): so instances end when the *parent* of their creator ends,
/// and those within another of their name when the next sibling begins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    instances: FxHashMap<Arc<str>, Vec<Instance>>,
    /// For each open element, what its children made.
    scopes: Vec<Scope>,
}

/// The instances that the children of an element made.
#[derive(Clone, Debug, Default)]
struct Scope {
    names: Vec<Arc<str>>,
    /// How many of them all further children see.
    kept: usize,
}

#[derive(Clone, Debug)]
struct Instance {
    value: i32,
    depth: usize,
    /// Made by `reversed()`.
    down: bool,
}

impl Counters {
    /// Enters an element's children.
    pub(crate) fn enter(&mut self) {
        self.scopes.push(Scope::default());
    }

    /// Begins an element or pseudo-element: instances that its sibling made within another end.
    pub(crate) fn begin(&mut self) {
        let Some(scope) = self.scopes.last_mut() else {
            return;
        };
        for name in scope.names.split_off(scope.kept) {
            let stack = self.instances.get_mut(&name);
            match stack.filter(|stack| stack.len() > 1) {
                Some(stack) => drop(stack.pop()),
                None => scope.names.push(name),
            }
        }
        scope.kept = scope.names.len();
    }

    /// Leaves them: instances made by those children end.
    pub(crate) fn leave(&mut self) {
        for name in self.scopes.pop().unwrap_or_default().names {
            if let Some(stack) = self.instances.get_mut(&name) {
                stack.pop();
            }
        }
    }

    /// `counter-reset`: a new instance, replacing one that an earlier sibling made.
    pub(crate) fn reset(&mut self, name: &Arc<str>, value: i32) {
        self.instantiate(name, value, false);
    }

    /// The same with `reversed()`.
    pub(crate) fn reset_down(&mut self, name: &Arc<str>, value: i32) {
        self.instantiate(name, value, true);
    }

    /// Whether the innermost one is reversed.
    pub(crate) fn counts_down(&self, name: &str) -> bool {
        let stack = self.instances.get(name);
        (stack.and_then(|stack| stack.last())).is_some_and(|last| last.down)
    }

    /// Whether an instance made here would be within another.
    pub(crate) fn is_nested(&self, name: &str) -> bool {
        let depth = self.scopes.len();
        let stack = self.instances.get(name);
        stack.is_some_and(|stack| stack.iter().any(|instance| instance.depth < depth))
    }

    fn instantiate(&mut self, name: &Arc<str>, value: i32, down: bool) {
        let depth = self.scopes.len();
        let stack = self.instances.entry(name.clone()).or_default();
        if let Some(last) = stack.last_mut().filter(|last| last.depth == depth) {
            (last.value, last.down) = (value, down);
            return;
        }
        stack.push(Instance { value, depth, down });
        if let Some(scope) = self.scopes.last_mut() {
            scope.names.push(name.clone());
        }
    }

    /// `counter-increment`; makes the counter where there is none.
    pub(crate) fn increment(&mut self, name: &Arc<str>, by: i32) {
        let instance = self.innermost(name);
        instance.value = instance.value.saturating_add(by);
    }

    /// `counter-set`.
    pub(crate) fn set(&mut self, name: &Arc<str>, value: i32) {
        self.innermost(name).value = value;
    }

    /// Runs the counter properties of a page or margin box (CSS Paged Media 3 §7.4).
    pub(crate) fn count(&mut self, style: &GeneratedStyle) {
        for (name, value, _) in &style.counter_reset {
            self.reset(name, *value);
        }
        for (name, by) in &style.counter_increment {
            self.increment(name, *by);
        }
        for (name, value) in &style.counter_set {
            self.set(name, *value);
        }
    }

    /// The innermost value; 0 where there is none.
    pub(crate) fn value(&self, name: &str) -> i32 {
        self.instances
            .get(name)
            .and_then(|stack| stack.last())
            .map_or(0, |last| last.value)
    }

    /// All values, outermost first.
    pub(crate) fn values(&self, name: &str) -> Vec<i32> {
        let stack = self.instances.get(name).filter(|stack| !stack.is_empty());
        stack.map_or_else(
            || vec![0],
            |stack| stack.iter().map(|instance| instance.value).collect(),
        )
    }

    /// Those that `items` ask for as a pseudo-element of `style` inside would see them.
    pub(crate) fn inside(&self, style: &GeneratedStyle, items: &[ContentItem]) -> Self {
        let mut copy = Self::default();
        for item in items {
            if let ContentItem::Counter(name, _) | ContentItem::Counters(name, ..) = item
                && let Some(stack) = self.instances.get(name)
            {
                copy.instances.insert(name.clone(), stack.clone());
            }
        }
        copy.scopes = vec![Scope::default(); self.scopes.len() + 1];
        copy.count(style);
        copy
    }

    /// How much a copy holds.
    pub(crate) fn size(&self) -> usize {
        let instances = self.instances.values().map(Vec::len);
        instances.sum::<usize>() + self.scopes.len()
    }

    fn innermost(&mut self, name: &Arc<str>) -> &mut Instance {
        if self.instances.get(name).is_none_or(Vec::is_empty) {
            self.reset(name, 0);
        }
        let stack = self.instances.entry(name.clone()).or_default();
        let last = stack.len() - 1;
        &mut stack[last]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_lists_number_apart() {
        let item: Arc<str> = "list-item".into();
        let mut counters = Counters::default();
        counters.enter();
        counters.reset(&item, 0);
        counters.enter();
        counters.increment(&item, 1);
        counters.enter();
        counters.reset(&item, 0);
        counters.enter();
        counters.increment(&item, 1);
        assert_eq!(counters.values("list-item"), [1, 1]);
        counters.leave();
        counters.leave();
        counters.increment(&item, 1);
        assert_eq!(counters.values("list-item"), [2]);
    }

    #[test]
    fn siblings_see_what_their_parent_has_not() {
        let [outer, own]: [Arc<str>; 2] = ["outer".into(), "own".into()];
        let mut counters = Counters::default();
        counters.enter();
        counters.reset(&outer, 1);
        counters.enter();
        counters.begin();
        counters.reset(&outer, 5);
        counters.reset(&own, 5);
        assert_eq!(counters.values("outer"), [1, 5]);
        counters.begin();
        counters.increment(&outer, 1);
        counters.increment(&own, 1);
        assert_eq!(counters.values("outer"), [2]);
        assert_eq!(counters.values("own"), [6]);
    }
}
