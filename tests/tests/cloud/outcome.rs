//! What came of a batch: its results, parts and volumes, and whether they are those of an undisturbed one.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use fanfold_job::sha256_hex;
use serde_json::Value;

use crate::kit::VOLUMES;
use crate::suite::{Batch, Suite};

/// Documents of a page of results.
const PAGE: usize = 5;

/// Parts and volumes by output.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Files {
    pub(crate) parts: BTreeMap<String, Bytes>,
    pub(crate) volumes: BTreeMap<String, Bytes>,
}

impl Suite {
    /// Waits until a batch is complete, checks that each of its documents is in its results exactly
    /// once, and gives the kinds of error of those that failed.
    pub(crate) async fn ended(&self, batch: &Batch) -> BTreeMap<String, String> {
        let path = format!("/v1/batches/{}", batch.id);
        let what = format!("batch {} completes", batch.id);
        let status = self
            .until(&what, async || {
                let status = self.ask(&path).await?;
                let over = ["complete", "failed", "cancelled"];
                let now = status["status"].as_str()?.to_owned();
                over.contains(&now.as_str()).then_some(status)
            })
            .await;
        let expected = batch.documents();
        assert_eq!(status["status"], "complete", "{status}");
        assert_eq!(status["total"], expected.len(), "{status}");
        assert_eq!(status["processed"], expected.len(), "{status}");

        let (mut documents, mut cursor): (Vec<Value>, _) = (Vec::new(), Some(String::new()));
        while let Some(at) = cursor {
            let start = if at.is_empty() {
                at
            } else {
                format!("&cursor={at}")
            };
            let page = format!("{path}/documents?limit={PAGE}{start}");
            let page = self
                .until("the results are answered", async || self.ask(&page).await)
                .await;
            documents.extend(
                page["documents"]
                    .as_array()
                    .expect("it is a list")
                    .iter()
                    .cloned(),
            );
            cursor = page["next"].as_str().map(str::to_owned);
        }
        let ids: Vec<&str> = documents
            .iter()
            .filter_map(|document| document["id"].as_str())
            .collect();
        assert_eq!(
            ids, expected,
            "each document is in the results once, in order"
        );

        let mut failed = BTreeMap::new();
        for document in &documents {
            let id = document["id"].as_str().unwrap_or_default().to_owned();
            match document["status"].as_str() {
                Some("ok") => assert!(document["error"].is_null(), "{document}"),
                Some("failed") => {
                    let message = document["error"]["message"].as_str().unwrap_or_default();
                    assert!(!message.is_empty(), "it says why: {document}");
                    let kind = document["error"]["kind"]
                        .as_str()
                        .expect("an error has a kind");
                    failed.insert(id, kind.to_owned());
                }
                _ => panic!("it is neither ok nor failed: {document}"),
            }
        }
        assert_eq!(status["failed"], failed.len(), "{status}");
        self.check_parts(batch, &documents).await;
        failed
    }

    /// The parts are those that the results name, and no others.
    async fn check_parts(&self, batch: &Batch, documents: &[Value]) {
        let parts = self.files(batch).await.parts;
        let ok = documents
            .iter()
            .filter(|document| document["status"] == "ok");
        let named: BTreeSet<&str> = ok
            .clone()
            .filter_map(|document| document["output"].as_str())
            .collect();
        let there: BTreeSet<&str> = parts.keys().map(String::as_str).collect();
        assert_eq!(named, there, "left: the results; right: the store");
        for document in ok {
            let part = &parts[document["output"].as_str().unwrap_or_default()];
            assert_eq!(document["sha256"], sha256_hex(part), "{document}");
            assert_eq!(document["bytes"], part.len(), "{document}");
        }
    }

    /// A batch's parts as they are in the store, and its volumes as its links give them.
    pub(crate) async fn files(&self, batch: &Batch) -> Files {
        let prefix = format!("t/default/batches/{}/parts/", batch.id);
        let mut files = Files::default();
        for key in self.keys(&prefix).await {
            let bytes = self.get(&key).await.expect("a listed object is there");
            files.parts.insert(key[prefix.len()..].to_owned(), bytes);
        }
        let path = format!("/v1/batches/{}", batch.id);
        let status = self
            .until("the status is answered", async || self.ask(&path).await)
            .await;
        for volume in status["volumes"].as_array().into_iter().flatten() {
            let output = volume["output"]
                .as_str()
                .expect("a volume has a name")
                .to_owned();
            let url = volume["url"].as_str().expect("a volume has a link");
            files.volumes.insert(output, self.follow(url).await);
        }
        files
    }

    /// Waits until a batch is complete, and checks that it is what the undisturbed one was: each
    /// document once, parts and volumes byte by byte. The documents in `lost` are not in the kit, and
    /// must have failed, each for one of its reasons.
    pub(crate) async fn is_as_undisturbed(&self, batch: &Batch, lost: &[(&str, &[&str])]) {
        let failed = self.ended(batch).await;
        let expected: BTreeSet<&str> = lost.iter().map(|(id, _)| *id).collect();
        let found: BTreeSet<&str> = failed.keys().map(String::as_str).collect();
        assert_eq!(found, expected, "failed: {failed:?}");
        for (id, kinds) in lost {
            assert!(
                kinds.contains(&failed[*id].as_str()),
                "{id} failed for {:?}, not {kinds:?}",
                failed[*id]
            );
        }
        let files = self.files(batch).await;
        assert!(
            files.parts == self.reference().parts,
            "parts differ: {:?}",
            differing(&files.parts, &self.reference().parts)
        );
        assert_eq!(
            files.volumes.len(),
            VOLUMES.len(),
            "{:?}",
            files.volumes.keys()
        );
        assert!(
            files.volumes == self.reference().volumes,
            "volumes differ: {:?}",
            differing(&files.volumes, &self.reference().volumes)
        );
    }
}

fn differing<'a>(
    ours: &'a BTreeMap<String, Bytes>,
    theirs: &'a BTreeMap<String, Bytes>,
) -> BTreeSet<&'a String> {
    let names = ours.keys().chain(theirs.keys());
    names
        .filter(|name| ours.get(*name) != theirs.get(*name))
        .collect()
}
