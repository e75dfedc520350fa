//! The counter properties of elements, and what HTML's lists add to them.

use super::Builder;
use fanfold_style::computed::{Counting, Display};
use fanfold_style::{ComputedStyle, NodeId, list_start};
use std::sync::Arc;

impl Builder<'_> {
    /// Runs `counter-reset`; `last` finds where a counter starts that ends with the last of those it counts
    /// (CSS Lists 3 §4.4.2).
    pub(super) fn reset_counters(
        &mut self,
        resets: &[(Arc<str>, i32, Counting)],
        last: impl Fn(&mut Self, &str) -> i32,
    ) {
        for (name, value, counting) in resets {
            match counting {
                Counting::Up => self.counters.reset(name, *value),
                Counting::Down => self.counters.reset_down(name, *value),
                Counting::DownToLast => {
                    let start = last(self, name);
                    self.counters.reset_down(name, start);
                }
            }
        }
    }

    /// Runs the counter properties of an element's box (CSS Lists 3 §4.4).
    pub(super) fn count(&mut self, style: &ComputedStyle, node: NodeId) {
        let generated = &style.generated;
        self.counters.begin();
        let resets = &generated.counter_reset;
        self.reset_counters(resets, |builder, name| builder.reversed_start(node, name));
        let element = self.input.styled.dom.element(node);
        let name = element.map_or("", |element| &*element.name);
        let in_list = is_list(name) || name == "li" || style.box_.display == Display::ListItem;
        let counts = !(generated.counter_increment.is_empty() && generated.counter_set.is_empty());
        if !in_list && !counts {
            return;
        }
        let item = &self.list_item.clone();
        let number = |name: &str| {
            element.and_then(|element| element.attribute(name)?.trim().parse::<i32>().ok())
        };
        let named = generated
            .counter_reset
            .iter()
            .any(|(of, value, counting)| of == item && (*value != 0 || *counting != Counting::Up));
        if let Some(element) = element.filter(|_| is_list(name) && !named) {
            let (value, counting) = list_start(element);
            let reset = (Arc::clone(item), value, counting);
            self.reset_counters(&[reset], |builder, name| builder.reversed_start(node, name));
        }
        if style.box_.display == Display::ListItem
            && !generated
                .counter_increment
                .iter()
                .any(|(name, _)| name == item)
        {
            let down = self.counters.counts_down(item);
            self.counters.increment(item, if down { -1 } else { 1 });
        }
        for (name, by) in &generated.counter_increment {
            self.counters.increment(name, *by);
        }
        if name == "li"
            && let Some(value) = number("value")
        {
            self.counters.set(item, value);
        }
        for (name, value) in &generated.counter_set {
            self.counters.set(name, *value);
        }
    }
}

/// Whether an element starts to count its items anew (HTML §15.3.8).
pub(super) fn is_list(name: &str) -> bool {
    matches!(name, "ol" | "ul" | "menu")
}
