//! Predefined counter styles that no `@counter-style` rule can describe (CSS Counter Styles 3 §7).

use crate::sheet::counter_style::System;
use std::sync::Arc;

/// The algorithm of a predefined style, where its rule only lists the symbols.
pub(super) fn system_of(name: &str) -> Option<System> {
    Some(match name {
        "simp-chinese-informal" | "trad-chinese-informal" => System::Chinese { informal: true },
        "simp-chinese-formal" | "trad-chinese-formal" => System::Chinese { informal: false },
        "ethiopic-numeric" => System::Ethiopic,
        _ => return None,
    })
}

/// Longhand Chinese (§7.1.2): `symbols` are ten digits and the marks of tens, hundreds, thousands.
pub(super) fn chinese(value: i64, symbols: &[Arc<str>], informal: bool) -> Option<String> {
    let symbol = |index: i64| {
        symbols
            .get(usize::try_from(index).ok()?)
            .map(|text| &**text)
    };
    if value == 0 {
        return symbol(0).map(str::to_owned);
    }
    if value > 9999 {
        return None;
    }
    let mut text = String::new();
    // A zero is said once for all in a row, and not at the end.
    let mut zero = false;
    for (place, weight) in [(3, 1000), (2, 100), (1, 10), (0, 1)] {
        let digit = value / weight % 10;
        if digit == 0 {
            zero = !text.is_empty();
            continue;
        }
        if std::mem::take(&mut zero) {
            text.push_str(symbol(0)?);
        }
        if !(informal && place == 1 && value < 20) {
            text.push_str(symbol(digit)?);
        }
        if place > 0 {
            text.push_str(symbol(9 + place)?);
        }
    }
    Some(text)
}

/// Ethiopic (§7.2): `symbols` are one to nine, ten to ninety, hundred, ten thousand.
pub(super) fn ethiopic(value: i64, symbols: &[Arc<str>]) -> Option<String> {
    let symbol = |index: i64| {
        symbols
            .get(usize::try_from(index).ok()?)
            .map(|text| &**text)
    };
    if value == 1 {
        return symbol(0).map(str::to_owned);
    }
    let groups: Vec<i64> = std::iter::successors(Some(value), |rest| Some(rest / 100))
        .take_while(|rest| *rest > 0)
        .map(|rest| rest % 100)
        .collect();
    let mut text = String::new();
    for (index, group) in groups.iter().copied().enumerate().rev() {
        let silent = group == 0 || (group == 1 && (index + 1 == groups.len() || index % 2 == 1));
        if !silent {
            let (tens, units) = (group / 10, group % 10);
            if tens > 0 {
                text.push_str(symbol(8 + tens)?);
            }
            if units > 0 {
                text.push_str(symbol(units - 1)?);
            }
        }
        if index % 2 == 1 && group != 0 {
            text.push_str(symbol(18)?);
        } else if index % 2 == 0 && index > 0 {
            text.push_str(symbol(19)?);
        }
    }
    Some(text)
}
