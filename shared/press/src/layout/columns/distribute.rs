//! Sharing a width out among columns (CSS Tables 3 §3.9.3).

use super::super::sizing::{LARGEST, bounded};
use super::Column;
use fanfold_geometry::Px;

/// Gives what a spanning cell needs more than its columns have to them. CSS 2.2 §17.5.2.2 leaves open how:
/// as WeasyPrint does, by the groups of CSS Tables 3 §3.9.3.3, weighed by the columns' max-content widths.
pub(super) fn spread(columns: &mut [Column], min: Px, max: Px) {
    let excess = min - columns.iter().map(|column| column.min).sum();
    if excess > Px::ZERO {
        let shares = shares(columns);
        for (column, share) in columns.iter_mut().zip(shares) {
            column.min += excess * share;
        }
    }
    let excess = max - columns.iter().map(|column| column.max).sum();
    if excess > Px::ZERO {
        let shares = shares(columns);
        for (column, share) in columns.iter_mut().zip(shares) {
            column.max += excess * share;
        }
    }
}

/// What each column without a percentage of its own gets of a spanning cell's, by its max-content width.
pub(super) fn spread_percent(columns: &[Column], percent: f32) -> Vec<f32> {
    let have: f32 = columns.iter().map(|column| column.percent).sum();
    let open = |column: &&Column| column.percent <= 0.0;
    let count = columns.iter().filter(open).count();
    let content: Px = columns.iter().filter(open).map(|column| column.max).sum();
    let missing = (percent - have).max(0.0);
    columns
        .iter()
        .map(|column| match column {
            column if column.percent > 0.0 => column.percent,
            column if content > Px::ZERO => missing * (column.max / content),
            _ => missing / count.max(1) as f32,
        })
        .collect()
}

/// Percentages of no more than the whole table, the first columns' first (CSS Tables 3 §3.8.3.2).
pub(super) fn limit_percents(columns: &mut [Column]) {
    let mut left = 1.0f32;
    for column in columns {
        column.percent = column.percent.min(left);
        left = (left - column.percent).max(0.0);
    }
}

/// The max-content width at which percentage columns have what they need too.
pub(super) fn inflated(columns: &[Column], max: Px) -> Px {
    let mut width = max;
    let percents: f32 = columns.iter().map(|column| column.percent).sum();
    for column in columns.iter().filter(|column| column.percent > 0.0) {
        width = width.max(column.max / column.percent);
    }
    let rest: Px = columns
        .iter()
        .filter(|column| column.percent <= 0.0)
        .map(|column| column.max)
        .sum();
    if percents > 0.0 && percents < 1.0 {
        width = width.max(rest / (1.0 - percents));
    }
    // Percentages that leave nothing ask for all there is.
    if percents >= 1.0 && rest > Px::ZERO {
        LARGEST
    } else {
        bounded(width)
    }
}

/// Shares `width` out among the columns (CSS Tables 3 §3.9.3.2): by interpolating between ever more
/// generous guesses, or giving the surplus beyond the last to those that can take it.
pub(super) fn distribute(columns: &[Column], width: Px) -> Vec<Px> {
    let guess = |level: u8| -> Vec<Px> {
        let one = |column: &Column| match level {
            1.. if column.percent > 0.0 => (width * column.percent).max(column.min),
            2 if column.fixed => column.max,
            3 => column.max,
            _ => column.min,
        };
        columns.iter().map(one).collect()
    };
    let sum = |widths: &[Px]| widths.iter().copied().sum::<Px>();
    let most = guess(3);
    let surplus = width - sum(&most);
    if surplus >= Px::ZERO {
        let shares = shares(columns);
        let widths = most.iter().zip(shares);
        return widths
            .map(|(most, share)| *most + surplus * share)
            .collect();
    }
    let guesses = [guess(0), guess(1), guess(2), most];
    // What a spanning cell was given may make a more generous guess the smaller one.
    let fitting = guesses.iter().take_while(|guess| sum(guess) <= width);
    let lower = fitting.last().unwrap_or(&guesses[0]);
    let exceeding = guesses.iter().rev().take_while(|guess| sum(guess) >= width);
    let upper = exceeding.last().unwrap_or(&guesses[3]);
    let (low, high) = (sum(lower), sum(upper));
    if high <= low || low >= width {
        return lower.clone();
    }
    let part = (width - low) / (high - low);
    let widths = lower.iter().zip(upper);
    widths
        .map(|(low, high)| *low + (*high - *low) * part)
        .collect()
}

/// Which part of a surplus each column gets (CSS Tables 3 §3.9.3.3).
fn shares(columns: &[Column]) -> Vec<f32> {
    let weights = |test: &dyn Fn(&Column) -> Option<f32>| -> Option<Vec<f32>> {
        let weights = columns.iter().map(|column| test(column).unwrap_or(0.0));
        let weights: Vec<f32> = weights.collect();
        (weights.iter().sum::<f32>() > 0.0).then_some(weights)
    };
    let open = |column: &Column| !column.fixed && column.percent <= 0.0;
    let weights = weights(&|column| open(column).then_some(column.max.0))
        .or_else(|| weights(&|column| (open(column) && column.used).then_some(1.0)))
        .or_else(|| weights(&|column| open(column).then_some(1.0)))
        .or_else(|| weights(&|column| (column.percent <= 0.0).then_some(column.max.0)))
        .or_else(|| weights(&|column| (column.max > Px::ZERO).then_some(column.percent)))
        .unwrap_or_else(|| vec![1.0; columns.len()]);
    let total = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    weights.iter().map(|weight| weight / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surplus_goes_to_auto_columns_by_their_content() {
        let auto = |min, max| Column {
            min: Px(min),
            max: Px(max),
            ..Column::default()
        };
        let fixed = Column {
            fixed: true,
            ..auto(10.0, 50.0)
        };
        let widths = distribute(&[auto(10.0, 100.0), auto(10.0, 50.0), fixed], Px(350.0));
        assert_eq!(widths, [Px(200.0), Px(100.0), Px(50.0)]);
    }

    #[test]
    fn percentages_come_before_content() {
        let column = Column {
            min: Px(10.0),
            max: Px(100.0),
            ..Column::default()
        };
        let half = Column {
            percent: 0.5,
            ..column
        };
        assert_eq!(distribute(&[half, column], Px(150.0)), [Px(75.0), Px(75.0)]);
    }
}
