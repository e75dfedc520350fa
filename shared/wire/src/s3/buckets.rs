//! The buckets: the cloud's own store under one name, and further stores beside it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use fanfold_cloud::{CloudError, CloudResult, LocalCloud, LocalStore, ObjectStore};
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Response, S3Result};

use super::{Answer, failure};

/// The buckets of one cloud; clones share them.
#[derive(Clone, Debug)]
pub struct Buckets {
    cloud: LocalCloud,
    /// The name of the cloud's own store.
    own: Arc<str>,
    open: Arc<Mutex<BTreeMap<String, LocalStore>>>,
}

impl Buckets {
    /// The buckets of `cloud`, whose own store is the bucket `own`.
    ///
    /// # Errors
    /// When a bucket cannot be opened.
    pub fn open(cloud: &LocalCloud, own: &str) -> CloudResult<Self> {
        let mut open = BTreeMap::from([(own.to_owned(), cloud.store().clone())]);
        for name in cloud.buckets()? {
            if name != own {
                let store = cloud.bucket(&name)?;
                open.insert(name, store);
            }
        }
        Ok(Self {
            cloud: cloud.clone(),
            own: own.into(),
            open: Arc::new(Mutex::new(open)),
        })
    }

    /// The name of the cloud's own store.
    #[must_use]
    pub fn own(&self) -> &str {
        &self.own
    }

    /// The store of a bucket.
    pub(super) fn store(&self, name: &str) -> S3Result<LocalStore> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(name).cloned().ok_or_else(|| {
            failure::error(
                S3ErrorCode::NoSuchBucket,
                format!("there is no bucket {name}"),
            )
        })
    }

    pub(super) fn list(&self) -> Answer<ListBucketsOutput> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let buckets = open
            .keys()
            .map(|name| Bucket {
                name: Some(name.clone()),
                // When it was made is not kept.
                creation_date: Some(UNIX_EPOCH.into()),
                ..Bucket::default()
            })
            .collect();
        Ok(S3Response::new(ListBucketsOutput {
            buckets: Some(buckets),
            owner: Some(owner()),
            ..ListBucketsOutput::default()
        }))
    }

    pub(super) fn create(&self, input: &CreateBucketInput) -> Answer<CreateBucketOutput> {
        let name = &input.bucket;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.contains_key(name) {
            return Err(failure::error(
                S3ErrorCode::BucketAlreadyOwnedByYou,
                format!("there is a bucket {name}"),
            ));
        }
        let store = self.cloud.bucket(name).map_err(|error| match error {
            CloudError::Invalid { what } => failure::error(S3ErrorCode::InvalidBucketName, what),
            error => failure::of_cloud(error),
        })?;
        open.insert(name.clone(), store);
        Ok(S3Response::new(CreateBucketOutput {
            location: Some(format!("/{name}")),
        }))
    }

    pub(super) async fn delete(&self, input: &DeleteBucketInput) -> Answer<DeleteBucketOutput> {
        let name = &input.bucket;
        let store = self.store(name)?;
        if **name == *self.own {
            let what = "this is the store of the batches; delete what is in it";
            return Err(failure::error(S3ErrorCode::AccessDenied, what));
        }
        let page = store.list("", None, 1).await.map_err(failure::of_cloud)?;
        if !page.objects.is_empty() {
            let what = format!("{name} holds objects");
            return Err(failure::error(S3ErrorCode::BucketNotEmpty, what));
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        self.cloud.remove_bucket(name).map_err(failure::of_cloud)?;
        open.remove(name);
        Ok(S3Response::new(DeleteBucketOutput::default()))
    }

    pub(super) fn head(&self, input: &HeadBucketInput) -> Answer<HeadBucketOutput> {
        self.store(&input.bucket)?;
        Ok(S3Response::new(HeadBucketOutput {
            bucket_region: Some(crate::REGION.to_owned()),
            ..HeadBucketOutput::default()
        }))
    }

    pub(super) fn location(
        &self,
        input: &GetBucketLocationInput,
    ) -> Answer<GetBucketLocationOutput> {
        self.store(&input.bucket)?;
        // An empty location is us-east-1, which is what everything here says it is in.
        Ok(S3Response::new(GetBucketLocationOutput::default()))
    }
}

/// The owner of everything.
pub(super) fn owner() -> Owner {
    Owner {
        display_name: Some("fanfold".into()),
        id: Some(crate::ACCOUNT.into()),
    }
}
