//! What a batch has left is what it should have.

use std::collections::BTreeMap;

use fanfold_job::settled::{Accepted, Merged, Status};
use fanfold_job::{BatchId, BatchKeys, TenantId, sha256_hex};
use fanfold_ledger::{Absent, Ledger, Results};

use crate::documents::{kind_of, part_of};
use crate::platform::{Platform, Report};

impl Platform {
    /// Every document has ended exactly once, as it should, and what it left is what it should be.
    pub(crate) async fn check(
        &self,
        ledger: &Ledger,
        batch: &BatchId,
        documents: u64,
        report: &mut Report,
        digest: &mut String,
    ) {
        let tenant = TenantId::default();
        let accepted = ledger
            .accepted(&tenant, batch)
            .await
            .expect("memory answers")
            .expect("a batch");
        let keys = BatchKeys::new(&tenant, batch);
        let plans = ledger.plans(&accepted).await.expect("plans");
        assert_eq!(plans.len(), 1, "nobody asked for a retry");
        let mut results = Results::new(ledger.clone(), &accepted, &plans, 0, Absent::Refuse);
        let (mut n, mut groups) = (0, BTreeMap::<u64, String>::new());
        let mut all = String::new();
        while let Some(document) = results.next().await.expect("every document has a result") {
            let seed = self.model.seed;
            assert_eq!(
                document.index, n,
                "seed {seed}: results in order, each once"
            );
            let kind = kind_of(seed, n, self.scenario.bad_one_in);
            let part = ledger
                .bytes(&keys.part(&document.result.output))
                .await
                .expect("memory answers");
            let expected = part_of(&n.to_string());
            match document.result.status {
                Status::Ok => {
                    assert_eq!(kind, "good", "seed {seed}: document {n} is ok");
                    assert_eq!(
                        part.as_deref(),
                        Some(expected.as_bytes()),
                        "seed {seed}: the part of {n}"
                    );
                    assert_eq!(
                        document.result.sha256,
                        sha256_hex(expected.as_bytes()),
                        "seed {seed}: its hash"
                    );
                    report.succeeded += 1;
                }
                Status::Failed => {
                    let error = document.result.error.as_ref();
                    assert!(
                        error.is_some_and(|error| !error.message.is_empty()),
                        "seed {seed}: {n} failed without a reason"
                    );
                    // A process that dies again and again takes a good document for one that kills.
                    let may = kind != "good" || self.model.faults.die_one_in > 0;
                    assert!(may, "seed {seed}: document {n} failed: {error:?}");
                    report.failed += 1;
                }
            }
            if self.scenario.merge {
                let group = groups.entry(n / 4).or_default();
                match document.result.status {
                    Status::Ok => {
                        all.push_str(&expected);
                        group.push_str(&expected);
                    }
                    Status::Failed => group.push_str("%PLACEHOLDER\n"),
                }
            }
            digest.push_str(&format!("{n} {:?}\n", document.result.status));
            n += 1;
        }
        assert_eq!(
            n, documents,
            "seed {}: a result for each document",
            self.model.seed
        );
        report.documents += n;
        if self.scenario.merge {
            self.check_volumes(ledger, &accepted, all, groups).await;
        }
    }

    async fn check_volumes(
        &self,
        ledger: &Ledger,
        accepted: &Accepted,
        all: String,
        groups: BTreeMap<u64, String>,
    ) {
        let keys = BatchKeys::new(&accepted.tenant, &accepted.batch_id);
        let merged: Merged = ledger
            .must_read(&keys.run(0).merged())
            .await
            .expect("a run is merged");
        let records = ledger.volumes(accepted, &merged, 0, merged.count());
        let records = records.await.expect("records");
        let mut expected = BTreeMap::from([("all.pdf".to_owned(), all)]);
        assert_eq!(records.len(), expected.len() + groups.len());
        for (group, text) in groups {
            expected.insert(format!("g{group}.pdf"), text);
        }
        for (name, text) in expected {
            let output = fanfold_job::OutputName::parse(&name).expect("an output name");
            let volume = ledger
                .bytes(&keys.run(0).volume(&output))
                .await
                .expect("memory answers");
            let volume = volume.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            if volume.is_none() && self.model.faults.die_one_in > 0 {
                // A process that dies again and again takes a good volume for one that kills, too.
                let given_up = records.iter().any(|record| {
                    record.output == output && record.key.is_none() && record.error.is_some()
                });
                assert!(given_up, "seed {}: {name}", self.model.seed);
                continue;
            }
            match text.is_empty() {
                // Nothing succeeded that it could hold.
                true => assert_eq!(volume, None, "seed {}: {name}", self.model.seed),
                false => assert_eq!(
                    volume.as_ref(),
                    Some(&text),
                    "seed {}: {name}",
                    self.model.seed
                ),
            }
        }
    }
}
