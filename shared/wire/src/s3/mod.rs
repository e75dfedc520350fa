//! S3 over the local stores: `s3s` speaks the protocol, this is what it speaks for.
//!
//! The etag of an object is opaque, as S3 allows, and not its MD5. Versions, lists of access rights and
//! encryption are answered with `NotImplemented`.

mod buckets;
mod checksum;
mod copy;
mod failure;
mod headers;
mod list;
mod multipart;
mod read;
mod write;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use fanfold_cloud::{CloudResult, ObjectMeta};
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

pub use buckets::Buckets;
use multipart::Uploads;

/// Who is told of objects that come into a bucket, as S3's notifications do.
#[async_trait]
pub trait Notify: Send + Sync {
    /// An object has come; the writer gets its answer when this has returned.
    ///
    /// # Errors
    /// When it could not be passed on; the writer is told to try again.
    async fn created(&self, bucket: &str, object: &ObjectMeta) -> CloudResult<()>;
}

/// The operations.
pub(crate) struct Service {
    buckets: Buckets,
    uploads: Uploads,
    notify: Option<Arc<dyn Notify>>,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("buckets", &self.buckets)
            .finish_non_exhaustive()
    }
}

impl Service {
    pub(crate) fn new(buckets: Buckets, notify: Option<Arc<dyn Notify>>) -> Self {
        Self {
            buckets,
            uploads: Uploads::default(),
            notify,
        }
    }

    async fn created(&self, bucket: &str, object: &ObjectMeta) -> S3Result<()> {
        match &self.notify {
            None => Ok(()),
            Some(notify) => notify
                .created(bucket, object)
                .await
                .map_err(failure::of_cloud),
        }
    }
}

type Answer<T> = S3Result<S3Response<T>>;

#[async_trait]
impl S3 for Service {
    async fn list_buckets(&self, _: S3Request<ListBucketsInput>) -> Answer<ListBucketsOutput> {
        self.buckets.list()
    }

    async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> Answer<CreateBucketOutput> {
        self.buckets.create(&request.input)
    }

    async fn delete_bucket(
        &self,
        request: S3Request<DeleteBucketInput>,
    ) -> Answer<DeleteBucketOutput> {
        self.buckets.delete(&request.input).await
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> Answer<HeadBucketOutput> {
        self.buckets.head(&request.input)
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> Answer<GetBucketLocationOutput> {
        self.buckets.location(&request.input)
    }

    async fn get_bucket_versioning(
        &self,
        request: S3Request<GetBucketVersioningInput>,
    ) -> Answer<GetBucketVersioningOutput> {
        self.buckets.store(&request.input.bucket)?;
        Ok(S3Response::new(GetBucketVersioningOutput::default()))
    }

    async fn list_objects(
        &self,
        request: S3Request<ListObjectsInput>,
    ) -> Answer<ListObjectsOutput> {
        list::v1(&self.buckets, request.input).await
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> Answer<ListObjectsV2Output> {
        list::v2(&self.buckets, request.input).await
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
        read::get(&self.buckets, request.input).await
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> Answer<HeadObjectOutput> {
        read::head(&self.buckets, request.input).await
    }

    async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> Answer<GetObjectTaggingOutput> {
        read::tagging(&self.buckets, request.input).await
    }

    async fn get_object_attributes(
        &self,
        request: S3Request<GetObjectAttributesInput>,
    ) -> Answer<GetObjectAttributesOutput> {
        read::attributes(&self.buckets, request.input).await
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
        write::put(self, request).await
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> Answer<CopyObjectOutput> {
        copy::object(self, request.input).await
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> Answer<DeleteObjectOutput> {
        write::delete(&self.buckets, request.input).await
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> Answer<DeleteObjectsOutput> {
        write::delete_all(&self.buckets, request.input).await
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> Answer<CreateMultipartUploadOutput> {
        multipart::create(self, request.input)
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> Answer<UploadPartOutput> {
        multipart::part(self, request).await
    }

    async fn upload_part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> Answer<UploadPartCopyOutput> {
        copy::part(self, request.input).await
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> Answer<CompleteMultipartUploadOutput> {
        multipart::complete(self, request.input).await
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> Answer<AbortMultipartUploadOutput> {
        multipart::abort(self, &request.input)
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> Answer<ListPartsOutput> {
        multipart::list_parts(self, request.input)
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> Answer<ListMultipartUploadsOutput> {
        multipart::list_uploads(self, request.input)
    }
}
