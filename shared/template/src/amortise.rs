//! Loans repaid in equal monthly instalments.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use minijinja::value::{Enumerator, Object};
use minijinja::{Error, Value};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::decimal::{self, bad, overflow};

/// Instalments of the longest schedule.
const MAX_MONTHS: u32 = 360;

/// A schedule as a template sees it: `instalment`, `months`, `first_date`, `last_date`, `total_principal`,
/// `total_interest`, `total_payment` and `rows`.
#[derive(Debug)]
pub(crate) struct Schedule {
    instalment: Decimal,
    rows: Arc<Vec<Row>>,
    total_principal: Decimal,
    total_interest: Decimal,
}

#[derive(Debug, Clone)]
struct Row {
    number: u32,
    date: Date,
    opening: Decimal,
    instalment: Decimal,
    principal: Decimal,
    interest: Decimal,
    closing: Decimal,
}

/// Makes the schedule of a loan: `P·r / (1 − (1+r)⁻ⁿ)` each month, r being the yearly rate / 12 / 100, every
/// amount rounded half away from zero to `scale` decimals; the last instalment takes what rounding left
/// over, so the principal is repaid exactly.
///
/// # Errors
/// When an amount, the rate (0 to 100 per cent a year) or the months (1 to 360) are out of range.
pub(crate) fn schedule(
    principal: Decimal,
    annual_rate: Decimal,
    months: u32,
    first: Date,
    scale: u32,
) -> Result<Schedule, Error> {
    let round = |value: Decimal| {
        value.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero)
    };
    if principal <= Decimal::ZERO || principal > Decimal::from(1_000_000_000_000_000_i64) {
        return Err(bad(format!(
            "amortise: the principal must be above 0 and at most 10^15, not {principal}"
        )));
    }
    if annual_rate < Decimal::ZERO || annual_rate > Decimal::ONE_HUNDRED {
        return Err(bad(format!(
            "amortise: the annual rate must be 0 to 100 per cent, not {annual_rate}"
        )));
    }
    if !(1..=MAX_MONTHS).contains(&months) {
        return Err(bad(format!(
            "amortise: the months must be 1 to {MAX_MONTHS}, not {months}"
        )));
    }
    if scale > 4 {
        return Err(bad(format!(
            "amortise: the scale must be 0 to 4 decimals, not {scale}"
        )));
    }
    let rate = annual_rate / Decimal::from(1200);
    let instalment = round(level_instalment(principal, rate, months).ok_or_else(overflow)?);

    let mut rows = Vec::with_capacity(months as usize);
    let mut opening = round(principal);
    let mut total_interest = Decimal::ZERO;
    for number in 1..=months {
        let interest = round(opening.checked_mul(rate).ok_or_else(overflow)?);
        let repaid = if number == months {
            opening
        } else {
            (instalment - interest).clamp(Decimal::ZERO, opening)
        };
        // Counted from the first date, so that a 31st comes back after a shorter month.
        let date = first
            .checked_add(i64::from(number - 1).months())
            .map_err(|_| bad("amortise: the schedule ends after the year 9999".to_owned()))?;
        let closing = opening - repaid;
        rows.push(Row {
            number,
            date,
            opening,
            instalment: repaid + interest,
            principal: repaid,
            interest,
            closing,
        });
        total_interest += interest;
        opening = closing;
    }
    Ok(Schedule {
        instalment,
        rows: Arc::new(rows),
        total_principal: round(principal),
        total_interest,
    })
}

fn level_instalment(principal: Decimal, rate: Decimal, months: u32) -> Option<Decimal> {
    if rate.is_zero() {
        return principal.checked_div(Decimal::from(months));
    }
    let mut growth = Decimal::ONE;
    for _ in 0..months {
        growth = growth.checked_mul(Decimal::ONE + rate)?;
    }
    let share = Decimal::ONE.checked_sub(Decimal::ONE.checked_div(growth)?)?;
    if share.is_zero() {
        // A rate below 10⁻²⁶ a month makes no difference in 28 digits.
        return principal.checked_div(Decimal::from(months));
    }
    principal.checked_mul(rate)?.checked_div(share)
}

impl Object for Schedule {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "instalment" => decimal::to_value(self.instalment),
            "months" => Value::from(self.rows.len()),
            "first_date" => Value::from(self.rows.first()?.date.to_string()),
            "last_date" => Value::from(self.rows.last()?.date.to_string()),
            "total_principal" => decimal::to_value(self.total_principal),
            "total_interest" => decimal::to_value(self.total_interest),
            "total_payment" => decimal::to_value(self.total_principal + self.total_interest),
            "rows" => Value::from_object(Rows(Arc::clone(&self.rows))),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&[
            "instalment",
            "months",
            "first_date",
            "last_date",
            "total_principal",
            "total_interest",
            "total_payment",
            "rows",
        ])
    }
}

#[derive(Debug)]
struct Rows(Arc<Vec<Row>>);

impl Object for Rows {
    fn repr(self: &Arc<Self>) -> minijinja::value::ObjectRepr {
        minijinja::value::ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(Value::from_object(self.0.get(key.as_usize()?)?.clone()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.len())
    }
}

impl Object for Row {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "number" => Value::from(self.number),
            "date" => Value::from(self.date.to_string()),
            "opening" => decimal::to_value(self.opening),
            "instalment" => decimal::to_value(self.instalment),
            "principal" => decimal::to_value(self.principal),
            "interest" => decimal::to_value(self.interest),
            "closing" => decimal::to_value(self.closing),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&[
            "number",
            "date",
            "opening",
            "instalment",
            "principal",
            "interest",
            "closing",
        ])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a number")
    }

    #[test]
    fn a_known_schedule() {
        // 100,000 at 12 % over 12 months: the textbook instalment is 8,884.88.
        let loan = schedule(
            decimal("100000"),
            decimal("12"),
            12,
            Date::constant(2026, 1, 31),
            2,
        )
        .expect("in range");
        assert_eq!(loan.instalment, decimal("8884.88"));
        assert_eq!(loan.rows[0].interest, decimal("1000.00"));
        assert_eq!(loan.rows[0].principal, decimal("7884.88"));
        assert_eq!(loan.rows[1].date, Date::constant(2026, 2, 28));
        assert_eq!(loan.rows[2].date, Date::constant(2026, 3, 31));
        assert_eq!(loan.rows[11].closing, Decimal::ZERO);
        assert_eq!(loan.total_interest, decimal("6618.53"));
    }

    #[test]
    fn out_of_range_is_an_error() {
        let date = Date::constant(2026, 1, 1);
        for (principal, rate, months) in [
            ("0", "1", 1),
            ("-5", "1", 1),
            ("1e16", "1", 1),
            ("1", "-1", 1),
            ("1", "101", 1),
            ("1", "1", 0),
            ("1", "1", 361),
        ] {
            let principal =
                Decimal::from_scientific(principal).unwrap_or_else(|_| decimal(principal));
            assert!(
                schedule(principal, decimal(rate), months, date, 2).is_err(),
                "{principal} {rate} {months}"
            );
        }
        assert!(schedule(Decimal::ONE, Decimal::ONE, 2, Date::MAX, 2).is_err());
    }

    proptest! {
        #[test]
        fn every_schedule_repays_its_principal(
            cents in 1_i64..100_000_000_000_000,
            rate in 0_i64..=10_000,
            months in 1_u32..=360,
        ) {
            let principal = Decimal::new(cents, 2);
            let loan = schedule(principal, Decimal::new(rate, 2), months, Date::constant(2024, 2, 29), 2);
            let loan = loan.expect("in range");
            prop_assert_eq!(loan.rows.len(), months as usize);
            prop_assert_eq!(loan.rows.iter().map(|row| row.principal).sum::<Decimal>(), principal);
            prop_assert_eq!(loan.rows[months as usize - 1].closing, Decimal::ZERO);
            for pair in loan.rows.windows(2) {
                prop_assert_eq!(pair[0].closing, pair[1].opening);
                prop_assert!(pair[0].date < pair[1].date);
            }
            for row in loan.rows.iter() {
                prop_assert_eq!(row.instalment, row.principal + row.interest);
                prop_assert!(row.closing >= Decimal::ZERO && row.principal >= Decimal::ZERO);
            }
        }
    }
}
