//! The queues that there are, and their attributes. Both outlive the process, in a file beside the
//! journal that holds the messages.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fanfold_cloud::{Clock, CloudError, CloudResult, LocalCloud, LocalQueue, Redrive, SystemClock};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::attributes::{self, Attributes};
use super::failure::SqsError;
use crate::{ACCOUNT, REGION};

/// The queues of one cloud; clones share them.
#[derive(Clone, Debug)]
pub struct Queues {
    cloud: LocalCloud,
    path: PathBuf,
    known: Arc<Mutex<BTreeMap<String, Known>>>,
}

/// What is kept of a queue.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Record {
    attributes: Attributes,
    created_ms: u64,
    modified_ms: u64,
}

#[derive(Debug)]
struct Known {
    record: Record,
    queue: LocalQueue,
    visibility: watch::Sender<Duration>,
}

impl Known {
    fn new(record: Record, queue: LocalQueue) -> Self {
        let visibility = watch::Sender::new(visibility_of(&record));
        Self {
            record,
            queue,
            visibility,
        }
    }
}

fn visibility_of(record: &Record) -> Duration {
    Duration::from_secs(attributes::number(&record.attributes, "VisibilityTimeout"))
}

impl Queues {
    /// The queues that earlier runs have made.
    ///
    /// # Errors
    /// When the file or the journal cannot be read.
    pub fn open(cloud: &LocalCloud) -> CloudResult<Self> {
        let path = cloud.folder().join("queues.json");
        let records: BTreeMap<String, Record> = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| CloudError::other(format!("reading {}", path.display()), error))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => {
                return Err(CloudError::other(
                    format!("reading {}", path.display()),
                    error,
                ));
            }
        };
        let queues = Self {
            cloud: cloud.clone(),
            path,
            known: Arc::default(),
        };
        for (name, record) in records {
            let queue = queues.declare(&name, &record.attributes)?;
            queues.locked().insert(name, Known::new(record, queue));
        }
        Ok(queues)
    }

    /// The queue of that name, made with these attributes when there is none; of those it has, these
    /// replace none.
    ///
    /// # Errors
    /// [`CloudError::Invalid`] for attributes that queues do not have; else when it cannot be kept.
    pub fn ensure(&self, name: &str, attributes: &[(&str, String)]) -> CloudResult<LocalQueue> {
        let given: serde_json::Map<_, _> = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
            .collect();
        let invalid = |error: SqsError| CloudError::invalid(error.message);
        let checked = attributes::check(&given.into()).map_err(invalid)?;
        if self.locked().contains_key(name) {
            return self.queue(name).map_err(invalid);
        }
        self.create(name, checked).map_err(invalid)?;
        self.queue(name).map_err(invalid)
    }

    /// How long a message of the queue stays invisible when its receiver does not say, and will.
    ///
    /// # Errors
    /// [`CloudError::NotFound`] when there is no such queue.
    pub fn visibility(&self, name: &str) -> CloudResult<watch::Receiver<Duration>> {
        let known = self.locked();
        let known = known.get(name).ok_or_else(|| CloudError::not_found(name))?;
        Ok(known.visibility.subscribe())
    }

    /// The ARN of a queue.
    #[must_use]
    pub fn arn(name: &str) -> String {
        format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
    }

    pub(super) fn queue(&self, name: &str) -> Result<LocalQueue, SqsError> {
        let known = self.locked();
        let known = known.get(name).ok_or_else(|| no_queue(name))?;
        Ok(known.queue.clone())
    }

    pub(super) fn names(&self, prefix: &str) -> Vec<String> {
        let known = self.locked();
        known
            .keys()
            .filter(|name| name.starts_with(prefix))
            .cloned()
            .collect()
    }

    /// The attributes that were set, and when it was made and changed, in milliseconds since 1970.
    pub(super) fn describe(&self, name: &str) -> Result<(Attributes, u64, u64), SqsError> {
        let known = self.locked();
        let record = &known.get(name).ok_or_else(|| no_queue(name))?.record;
        Ok((
            record.attributes.clone(),
            record.created_ms,
            record.modified_ms,
        ))
    }

    pub(super) fn create(&self, name: &str, attributes: Attributes) -> Result<(), SqsError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if name.is_empty() || name.len() > 80 || !name.bytes().all(allowed) {
            return Err(SqsError::bad_parameter(
                "a queue's name has 1 to 80 letters, digits, hyphens and underscores; there are no FIFO queues here",
            ));
        }
        let mut known = self.locked();
        if let Some(there) = known.get(name) {
            let same = attributes.iter().all(|(name, value)| {
                attributes::all(&there.record.attributes).get(name) == Some(value)
            });
            return match same {
                true => Ok(()),
                false => Err(SqsError::queue_exists(format!(
                    "there is a queue {name} with other attributes"
                ))),
            };
        }
        let now = SystemClock.now_ms();
        let record = Record {
            attributes,
            created_ms: now,
            modified_ms: now,
        };
        self.check_redrive(&known, name, &record.attributes)?;
        let queue = self.declare(name, &record.attributes)?;
        known.insert(name.to_owned(), Known::new(record, queue));
        self.save(&known)?;
        Ok(())
    }

    pub(super) fn change(&self, name: &str, attributes: Attributes) -> Result<(), SqsError> {
        let mut known = self.locked();
        self.check_redrive(&known, name, &attributes)?;
        let there = known.get_mut(name).ok_or_else(|| no_queue(name))?;
        there.record.attributes.extend(attributes);
        there.record.modified_ms = SystemClock.now_ms();
        there.visibility.send_replace(visibility_of(&there.record));
        there.queue = self.declare(name, &there.record.attributes)?;
        self.save(&known)?;
        Ok(())
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), SqsError> {
        let queue = self.queue(name)?;
        {
            let mut known = self.locked();
            known.remove(name);
            self.save(&known)?;
        }
        queue.purge().await?;
        Ok(())
    }

    fn check_redrive(
        &self,
        known: &BTreeMap<String, Known>,
        name: &str,
        attributes: &Attributes,
    ) -> Result<(), SqsError> {
        let Some(policy) = attributes.get("RedrivePolicy") else {
            return Ok(());
        };
        match attributes::redrive_of(policy)? {
            Some(redrive)
                if redrive.dead_letters != name && !known.contains_key(&redrive.dead_letters) =>
            {
                Err(SqsError::bad_attribute(format!(
                    "RedrivePolicy: there is no queue {}",
                    redrive.dead_letters
                )))
            }
            _ => Ok(()),
        }
    }

    fn declare(&self, name: &str, attributes: &Attributes) -> CloudResult<LocalQueue> {
        let policy = attributes.get("RedrivePolicy").map_or("", String::as_str);
        let redrive = attributes::redrive_of(policy)
            .map_err(|error| CloudError::invalid(error.message))?
            .map(|policy| Redrive {
                dead_letters: policy.dead_letters,
                max_receive_count: policy.max_receive_count,
            });
        self.cloud.queue(name, redrive.as_ref())
    }

    fn save(&self, known: &BTreeMap<String, Known>) -> CloudResult<()> {
        let records: BTreeMap<&String, &Record> = known
            .iter()
            .map(|(name, known)| (name, &known.record))
            .collect();
        let new = self.path.with_extension("json.new");
        let failed = |error| CloudError::other(format!("writing {}", self.path.display()), error);
        let bytes = serde_json::to_vec_pretty(&records)
            .map_err(|error| CloudError::other("writing the queues' attributes", error))?;
        std::fs::write(&new, bytes)
            .and_then(|()| std::fs::rename(&new, &self.path))
            .map_err(failed)
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn no_queue(name: &str) -> SqsError {
    SqsError::no_queue(format!("there is no queue {name}"))
}
