//! S3 and SQS that refuse, fail, conflict, are slow, or whose answers do not arrive.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::faults::{Fault, Seen};
use crate::kit::kit;
use crate::processes::Signal;
use crate::suite::{Suite, batch_of};

/// Of the requests that `applies` to, one in `n`.
fn one_in(
    n: u32,
    applies: impl Fn(&Seen) -> bool + Send + Sync,
) -> impl Fn(&Seen) -> bool + Send + Sync {
    let count = AtomicU32::new(0);
    move |seen| applies(seen) && count.fetch_add(1, Ordering::Relaxed).is_multiple_of(n)
}

/// S3 asks for a slower pace: for a while of every part, longer than all tries of some documents, and
/// of a third of everything else.
pub(crate) async fn s3_throttles(suite: &Suite, name: &str) {
    refuses(suite, name, Fault::Refuse(503, "SlowDown")).await;
}

/// S3 fails in the same way.
pub(crate) async fn s3_fails(suite: &Suite, name: &str) {
    refuses(suite, name, Fault::Refuse(500, "InternalError")).await;
}

async fn refuses(suite: &Suite, name: &str, fault: Fault) {
    let (parts, all) = (
        format!("{}/parts/", batch_of(name)),
        format!("{}/", batch_of(name)),
    );
    let bursts = suite
        .rules()
        .add(fault, 0, 60, move |seen| seen.writes(&parts));
    let rule = suite
        .rules()
        .add(fault, 0, 100, one_in(3, move |seen| seen.touches(&all)));
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!(bursts.happened(), 60);
    assert!(rule.happened() > 20, "{}", rule.happened());
}

/// Every answer takes a second, and one longer than a client waits.
pub(crate) async fn s3_is_slow(suite: &Suite, name: &str) {
    let (parts, all) = (
        format!("{}/parts/note-2.pdf", batch_of(name)),
        format!("{}/", batch_of(name)),
    );
    let hung = suite
        .rules()
        .add(Fault::Delay(Duration::from_secs(40)), 0, 1, move |seen| {
            seen.writes(&parts)
        });
    let slow = suite.rules().add(
        Fault::Delay(Duration::from_secs(1)),
        0,
        u32::MAX,
        move |seen| seen.touches(&all),
    );
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!(hung.happened(), 1);
    assert!(slow.happened() > 40);
}

/// Conditional writes meet others under way, several times over: HTTP 409, which says that nothing was
/// written and nothing is there.
pub(crate) async fn s3_conflicts(suite: &Suite, name: &str) {
    let all = format!("{}/", batch_of(name));
    let conflict = Fault::Refuse(409, "ConditionalRequestConflict");
    let rule = suite.rules().add(
        conflict,
        0,
        40,
        one_in(2, move |seen| seen.conditional && seen.writes(&all)),
    );
    let batch = suite.hand_in(name, kit("bulk")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert!(rule.happened() > 10, "{}", rule.happened());
}

/// Writes that are carried out, and whose answers are lost: the second try finds the first one's object.
pub(crate) async fn answers_of_s3_are_lost(suite: &Suite, name: &str) {
    let id = batch_of(name);
    let mut rules = Vec::new();
    for (part, times) in [
        ("manifest.json", 1),
        ("parts/", 3),
        ("settled/", 2),
        ("groups/", 1),
        ("complete.json", 1),
        ("volumes/", 1),
        ("merged.json", 1),
    ] {
        let key = format!("{id}/{part}");
        rules.push((
            part,
            suite
                .rules()
                .add(Fault::Lose, 0, times, move |seen| seen.writes(&key)),
        ));
    }
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    for (part, rule) in rules {
        assert!(rule.happened() >= 1, "{part}");
    }
}

/// The answers to half of all reads end in their middle: parts under the merge's hands, markers, and
/// what a chunk's documents are made of.
pub(crate) async fn bodies_of_s3_are_cut(suite: &Suite, name: &str) {
    let all = format!("{}/", batch_of(name));
    let rule = suite.rules().add(
        Fault::Truncate,
        0,
        60,
        one_in(2, move |seen| seen.reads(&all)),
    );
    let parts = format!("{}/parts/", batch_of(name));
    let in_a_row = suite
        .rules()
        .add(Fault::Truncate, 0, 4, move |seen| seen.reads(&parts));
    let batch = suite.hand_in(name, kit("bulk")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert!(rule.happened() > 5, "{}", rule.happened());
    assert!(in_a_row.happened() > 0);
}

/// The answers to some reads stop in their middle, and the connection stays: nothing waits for ever.
pub(crate) async fn bodies_of_s3_stop(suite: &Suite, name: &str) {
    let (parts, all) = (
        format!("{}/parts/", batch_of(name)),
        format!("{}/", batch_of(name)),
    );
    let part = suite
        .rules()
        .add(Fault::Stall, 1, 1, move |seen| seen.reads(&parts));
    let other = suite.rules().add(Fault::Stall, 2, 1, move |seen| {
        seen.reads(&all) && !seen.reads("/parts/")
    });
    let batch = suite.hand_in(name, kit("bulk")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!((part.happened(), other.happened()), (1, 1));
}

/// A bit is another in the answers to half of all reads: of parts, manifests, records.
pub(crate) async fn bodies_of_s3_are_wrong(suite: &Suite, name: &str) {
    let all = format!("{}/", batch_of(name));
    let rule = suite
        .rules()
        .add(Fault::Spoil, 0, 40, one_in(2, move |seen| seen.reads(&all)));
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert!(rule.happened() > 5, "{}", rule.happened());
}

/// For longer than anything tries at once, neither S3 nor SQS can be reached, from the middle of the
/// batch on.
pub(crate) async fn everything_is_away(suite: &Suite, name: &str) {
    let begun = Arc::new(OnceLock::new());
    let away = move |begun: &OnceLock<Instant>| {
        begun
            .get()
            .is_some_and(|at: &Instant| at.elapsed() < Duration::from_secs(30))
    };
    let (first, s3, sqs) = (Arc::clone(&begun), Arc::clone(&begun), begun);
    let (parts, all, id) = (
        format!("{}/parts/", batch_of(name)),
        format!("{}/", batch_of(name)),
        batch_of(name),
    );
    suite.rules().add(Fault::Cut, 5, 1, move |seen| {
        let part = seen.writes(&parts);
        if part {
            first.get_or_init(Instant::now);
        }
        part
    });
    let s3 = suite.rules().add(Fault::Cut, 0, u32::MAX, move |seen| {
        away(&s3) && seen.touches(&all)
    });
    suite.rules().add(Fault::Cut, 0, u32::MAX, move |seen| {
        away(&sqs) && seen.sends(None, id.as_str())
    });
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert!(s3.happened() > 5, "{}", s3.happened());
}

/// Lists take seconds, and some fail: by them it is seen that a batch is complete.
pub(crate) async fn lists_are_slow_and_fail(suite: &Suite, name: &str) {
    let (id, other) = (batch_of(name), batch_of(name));
    let failing = suite.rules().add(
        Fault::Refuse(500, "InternalError"),
        0,
        12,
        one_in(3, move |seen| seen.lists(id.as_str())),
    );
    let slow = suite
        .rules()
        .add(Fault::Delay(Duration::from_secs(4)), 0, 20, move |seen| {
            seen.lists(other.as_str())
        });
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert!(failing.happened() > 0 && slow.happened() > 1);
}

/// S3 finds a function's clock wrong for a while, as that of a machine that was suspended is.
pub(crate) async fn clocks_differ(suite: &Suite, name: &str) {
    let all = format!("{}/", batch_of(name));
    let rule = suite.rules().add(
        Fault::Refuse(403, "RequestTimeTooSkewed"),
        0,
        12,
        one_in(4, move |seen| seen.touches(&all)),
    );
    let batch = suite.hand_in(name, kit("bulk")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert!(rule.happened() > 5, "{}", rule.happened());
}

/// A fifth of all connections end before anything is answered.
pub(crate) async fn connections_are_cut(suite: &Suite, name: &str) {
    let (all, id) = (format!("{}/", batch_of(name)), batch_of(name));
    let s3 = suite
        .rules()
        .add(Fault::Cut, 0, 60, one_in(5, move |seen| seen.touches(&all)));
    let sqs = suite.rules().add(
        Fault::Cut,
        0,
        4,
        one_in(2, move |seen| seen.sends(None, id.as_str())),
    );
    let batch = suite.hand_in(name, kit("bulk")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert!(
        s3.happened() > 5 && sqs.happened() > 0,
        "{} {}",
        s3.happened(),
        sqs.happened()
    );
}

/// SQS takes only some messages of a batch: of the chunks, and of the singles that a chunk is split
/// into when its function was killed.
pub(crate) async fn sqs_refuses_some(suite: &Suite, name: &str) {
    let interactive = suite.stack.addresses().interactive.clone();
    let (parts, id) = (format!("{}/parts/", batch_of(name)), batch_of(name));
    let kill = suite
        .rules()
        .add(Fault::KillBefore(Signal::KILL), 3, 1, move |seen| {
            seen.writes(&parts)
        });
    let rule = suite.rules().add(
        Fault::RefuseEveryOther,
        0,
        u32::MAX,
        one_in(2, move |seen| seen.sends(Some(&interactive), id.as_str())),
    );
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!(kill.happened(), 1);
    assert!(rule.happened() >= 2, "{}", rule.happened());
}

/// SQS takes messages and its answer is lost: they are sent, and come, twice.
pub(crate) async fn answers_of_sqs_are_lost(suite: &Suite, name: &str) {
    let id = batch_of(name);
    let rule = suite.rules().add(
        Fault::Lose,
        0,
        2,
        one_in(2, move |seen| seen.sends(None, id.as_str())),
    );
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!(rule.happened(), 2);
}

/// Everything at once, at requests that nobody chose.
pub(crate) async fn storm(suite: &Suite, name: &str) {
    let faults = [
        (Fault::KillBefore(Signal::KILL), 41, 3),
        (Fault::Refuse(503, "SlowDown"), 5, 30),
        (Fault::Lose, 7, 20),
        (Fault::Cut, 9, 20),
        (Fault::Refuse(500, "InternalError"), 11, 20),
        (Fault::Delay(Duration::from_secs(3)), 13, 20),
    ];
    let mut rules = Vec::new();
    for (fault, n, times) in faults {
        let (all, id) = (format!("{}/", batch_of(name)), batch_of(name));
        let its = move |seen: &Seen| seen.touches(&all) || seen.sends(None, id.as_str());
        rules.push(suite.rules().add(fault, 0, times, one_in(n, its)));
    }
    let batch = suite.hand_in(name, kit("bulk")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    for rule in rules {
        assert!(rule.happened() >= 1, "{:?}", rule.fault);
    }
}
