//! Sharing a width out among columns (CSS Tables 3 §3.9.3).

use super::super::sizing::{LARGEST, bounded};
use super::Column;
use fanfold_geometry::Px;

/// Gives what a spanning cell needs more to its columns, as a table of that width would have them
/// (CSS Tables 3 §3.9.3).
pub(super) fn spread(columns: &mut [Column], min: Px, max: Px) {
    let flexible = columns
        .iter()
        .any(|column| !column.fixed && column.percent <= 0.0);
    let share = |columns: &[Column], width: Px| {
        // Percentages are of the whole table: such columns only help out.
        let columns: Vec<Column> = columns
            .iter()
            .map(|column| Column {
                fixed: column.fixed || (flexible && column.percent > 0.0),
                percent: 0.0,
                ..*column
            })
            .collect();
        distribute(&columns, width)
    };
    if min > columns.iter().map(|column| column.min).sum() {
        let widths = share(columns, min);
        for (column, width) in columns.iter_mut().zip(widths) {
            column.min = column.min.max(width);
            column.max = column.max.max(column.min);
        }
    }
    if max > columns.iter().map(|column| column.max).sum() {
        let widths = share(columns, max);
        for (column, width) in columns.iter_mut().zip(widths) {
            column.max = column.max.max(width);
        }
    }
}

pub(super) fn spread_percent(columns: &mut [Column], percent: f32) {
    let have: f32 = columns.iter().map(|column| column.percent).sum();
    let open = columns
        .iter()
        .filter(|column| column.percent <= 0.0)
        .count();
    if open == 0 || percent <= have {
        return;
    }
    for column in columns.iter_mut().filter(|column| column.percent <= 0.0) {
        column.percent = (percent - have) / open as f32;
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
    let mut left = 1.0f32;
    let percents: Vec<f32> = columns
        .iter()
        .map(|column| {
            let percent = column.percent.min(left);
            left -= percent;
            percent
        })
        .collect();
    let by_percent = |index: usize| (width * percents[index]).max(columns[index].min);
    let guess = |level: u8| -> Vec<Px> {
        columns
            .iter()
            .enumerate()
            .map(|(index, column)| match level {
                1 if column.percent > 0.0 => by_percent(index),
                2 if column.percent > 0.0 => by_percent(index),
                2 if column.fixed => column.max,
                3 if column.percent > 0.0 => by_percent(index),
                3 => column.max,
                _ => column.min,
            })
            .collect()
    };
    let sum = |widths: &[Px]| widths.iter().copied().sum::<Px>();
    let mut lower = guess(0);
    if sum(&lower) >= width {
        return lower;
    }
    for level in 1..=3 {
        let upper = guess(level);
        let (low, high) = (sum(&lower), sum(&upper));
        if high >= width {
            let part = if high > low {
                (width - low) / (high - low)
            } else {
                0.0
            };
            return lower
                .iter()
                .zip(&upper)
                .map(|(low, high)| *low + (*high - *low) * part)
                .collect();
        }
        lower = upper;
    }
    let surplus = width - sum(&lower);
    let weights = |test: &dyn Fn(&Column) -> Option<f32>| -> Option<Vec<f32>> {
        let weights: Vec<f32> = columns
            .iter()
            .map(|column| test(column).unwrap_or(0.0))
            .collect();
        (weights.iter().sum::<f32>() > 0.0).then_some(weights)
    };
    let open = |column: &Column| !column.fixed && column.percent <= 0.0;
    let weights = weights(&|column| open(column).then_some(column.max.0))
        .or_else(|| weights(&|column| (open(column) && column.used).then_some(1.0)))
        .or_else(|| weights(&|column| open(column).then_some(1.0)))
        .or_else(|| weights(&|column| (column.percent <= 0.0).then_some(column.max.0)))
        .or_else(|| weights(&|column| Some(column.percent)))
        .unwrap_or_else(|| vec![1.0; columns.len()]);
    let total: f32 = weights.iter().sum();
    lower
        .iter()
        .zip(&weights)
        .map(|(width, weight)| *width + surplus * (weight / total.max(f32::MIN_POSITIVE)))
        .collect()
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
