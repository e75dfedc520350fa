use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use fanfold_cloud::{CloudError, Key, ObjectStore};

use crate::Server;

const BUCKET: &str = "own-bucket";

async fn put(client: &Client, key: &str, body: &'static str) -> String {
    let put = client.put_object().bucket(BUCKET).key(key);
    let answer = put
        .body(ByteStream::from_static(body.as_bytes()))
        .send()
        .await
        .unwrap();
    answer.e_tag().unwrap().to_owned()
}

async fn text(client: &Client, key: &str) -> String {
    let answer = client
        .get_object()
        .bucket(BUCKET)
        .key(key)
        .send()
        .await
        .unwrap();
    String::from_utf8(answer.body.collect().await.unwrap().to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_writes_on_one_etag_at_once_one_wins() {
    let server = Server::start().await;
    let client = server.cloud().s3().clone();
    let etag = put(&client, "a", "0").await;
    let mut writes = tokio::task::JoinSet::new();
    for number in 0..12 {
        let put = client.put_object().bucket(BUCKET).key("a").if_match(&etag);
        writes.spawn(put.body(ByteStream::from(vec![number])).send());
    }
    let (mut won, mut lost) = (0, 0);
    while let Some(written) = writes.join_next().await {
        match written.unwrap() {
            Ok(_) => won += 1,
            Err(error) => {
                assert_eq!(
                    error.raw_response().unwrap().status().as_u16(),
                    412,
                    "{error:?}"
                );
                lost += 1;
            }
        }
    }
    assert_eq!((won, lost), (1, 11));
    let gone = client
        .put_object()
        .bucket(BUCKET)
        .key("none")
        .if_match(&etag)
        .send()
        .await;
    assert_eq!(
        gone.unwrap_err().raw_response().unwrap().status().as_u16(),
        404
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lists_roll_prefixes_up_page_by_page() {
    let server = Server::start().await;
    let client = server.cloud().s3().clone();
    for key in ["a/1", "a/2", "a/b/1", "b", "c/1", "c-1", "d"] {
        put(&client, key, "x").await;
    }
    let list = async |prefix: &str, size: i32| {
        let (mut keys, mut prefixes, mut pages) = (Vec::new(), Vec::new(), 0);
        let request = client
            .list_objects_v2()
            .bucket(BUCKET)
            .prefix(prefix)
            .delimiter("/");
        let mut answers = request.into_paginator().page_size(size).send();
        while let Some(answer) = answers.next().await {
            let answer = answer.unwrap();
            assert!(answer.key_count().unwrap() <= size);
            pages += 1;
            keys.extend(
                answer
                    .contents()
                    .iter()
                    .map(|object| object.key().unwrap().to_owned()),
            );
            let common = answer.common_prefixes().iter();
            prefixes.extend(common.map(|common| common.prefix().unwrap().to_owned()));
        }
        (keys, prefixes, pages)
    };
    for size in [1, 2, 3, 1000] {
        let (keys, prefixes, pages) = list("", size).await;
        assert_eq!(
            (keys, prefixes),
            (
                vec!["b".into(), "c-1".into(), "d".into()],
                vec!["a/".to_owned(), "c/".into()]
            )
        );
        assert_eq!(pages, 5_usize.div_ceil(usize::try_from(size).unwrap()));
    }
    let (keys, prefixes, _) = list("a/", 1000).await;
    assert_eq!(
        (keys, prefixes),
        (vec!["a/1".into(), "a/2".into()], vec!["a/b/".to_owned()])
    );
    let after = client
        .list_objects_v2()
        .bucket(BUCKET)
        .delimiter("/")
        .start_after("a/1")
        .send()
        .await
        .unwrap();
    assert_eq!(after.common_prefixes()[0].prefix(), Some("a/"));
    let older = client
        .list_objects()
        .bucket(BUCKET)
        .marker("c-1")
        .send()
        .await
        .unwrap();
    let keys: Vec<_> = older
        .contents()
        .iter()
        .map(|object| object.key().unwrap())
        .collect();
    assert_eq!(keys, ["c/1", "d"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn headers_come_back_and_are_copied_or_replaced() {
    let server = Server::start().await;
    let client = server.cloud().s3().clone();
    client
        .put_object()
        .bucket(BUCKET)
        .key("letter.pdf")
        .content_type("text/x-letter")
        .content_disposition("inline")
        .metadata("tenant", "acme")
        .tagging("kept=3")
        .body(ByteStream::from_static(b"dear"))
        .send()
        .await
        .unwrap();
    let copy = |to: &str| {
        client
            .copy_object()
            .bucket(BUCKET)
            .copy_source(format!("{BUCKET}/letter.pdf"))
            .key(to)
    };
    copy("copy.pdf").send().await.unwrap();
    let head = client
        .head_object()
        .bucket(BUCKET)
        .key("copy.pdf")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (head.content_type(), head.content_disposition()),
        (Some("text/x-letter"), Some("inline"))
    );
    assert_eq!(head.metadata().unwrap()["tenant"], "acme");
    let tags = client
        .get_object_tagging()
        .bucket(BUCKET)
        .key("copy.pdf")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (tags.tag_set()[0].key(), tags.tag_set()[0].value()),
        ("kept", "3")
    );
    copy("plain.pdf")
        .metadata_directive("REPLACE".into())
        .send()
        .await
        .unwrap();
    let head = client
        .head_object()
        .bucket(BUCKET)
        .key("plain.pdf")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (head.content_type(), head.content_length()),
        (Some("application/pdf"), Some(4))
    );
    assert!(
        head.metadata()
            .is_none_or(std::collections::HashMap::is_empty)
    );
    assert!(copy("letter.pdf").send().await.is_err(), "onto itself");
    assert_eq!(text(&client, "copy.pdf").await, "dear");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reads_are_conditional() {
    let server = Server::start().await;
    let client = server.cloud().s3().clone();
    let etag = put(&client, "a", "0123456789").await;
    let get = || client.get_object().bucket(BUCKET).key("a");
    assert!(get().if_match(&etag).send().await.is_ok());
    let status =
        |error: &aws_sdk_s3::error::SdkError<_, aws_sdk_s3::config::http::HttpResponse>| {
            error
                .raw_response()
                .map(|response| response.status().as_u16())
        };
    let unchanged = get().if_none_match(&etag).send().await.unwrap_err();
    assert_eq!(status(&unchanged), Some(304));
    let changed = get().if_match("\"other\"").send().await.unwrap_err();
    assert_eq!(status(&changed), Some(412));
    let outside = get().range("bytes=10-").send().await.unwrap_err();
    assert_eq!(
        (status(&outside), outside.code()),
        (Some(416), Some("InvalidRange"))
    );
    let end = get().range("bytes=-3").send().await.unwrap();
    assert_eq!(end.content_range(), Some("bytes 7-9/10"));
    assert_eq!(&end.body.collect().await.unwrap().to_vec(), b"789");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn content_that_is_not_what_was_sent_is_refused() {
    let server = Server::start().await;
    let client = server.cloud().s3().clone();
    let put = || {
        client
            .put_object()
            .bucket(BUCKET)
            .key("a")
            .body(ByteStream::from_static(b"abc"))
    };
    for algorithm in [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Sha256,
        ChecksumAlgorithm::Crc64Nvme,
    ] {
        put().checksum_algorithm(algorithm).send().await.unwrap();
    }
    let wrong = put().checksum_crc32("AAAAAA==").send().await.unwrap_err();
    assert_eq!(wrong.code(), Some("BadDigest"));
    let wrong = put()
        .content_md5("AAAAAAAAAAAAAAAAAAAAAA==")
        .send()
        .await
        .unwrap_err();
    assert_eq!(wrong.code(), Some("BadDigest"));
    // What is read comes with the sum that the SDK holds it against.
    let whole = client.get_object().bucket(BUCKET).key("a");
    let whole = whole.send().await.unwrap();
    assert_eq!(whole.checksum_crc32(), Some("NSRBwg=="));
    let range = client.get_object().bucket(BUCKET).key("a");
    let range = range.range("bytes=1-2").send().await.unwrap();
    assert_eq!(range.checksum_crc32(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn uploads_are_checked_part_by_part_and_answered_again() {
    let server = Server::start().await;
    let client = server.cloud().s3().clone();
    let created = client
        .create_multipart_upload()
        .bucket(BUCKET)
        .key("m")
        .send()
        .await
        .unwrap();
    let id = created.upload_id().unwrap();
    let part = async |number: i32, bytes: usize| {
        let upload = client
            .upload_part()
            .bucket(BUCKET)
            .key("m")
            .upload_id(id)
            .part_number(number);
        let done = upload
            .body(ByteStream::from(vec![
                b'0' + u8::try_from(number).unwrap();
                bytes
            ]))
            .send()
            .await
            .unwrap();
        CompletedPart::builder()
            .part_number(number)
            .e_tag(done.e_tag().unwrap())
            .build()
    };
    let complete = async |parts: &[&CompletedPart]| {
        let parts = parts.iter().map(|&part| part.clone()).collect();
        let named = CompletedMultipartUpload::builder()
            .set_parts(Some(parts))
            .build();
        client
            .complete_multipart_upload()
            .bucket(BUCKET)
            .key("m")
            .upload_id(id)
            .if_none_match("*")
            .multipart_upload(named)
            .send()
            .await
    };
    let (large, small, last) = (part(1, 5 << 20).await, part(2, 10).await, part(3, 10).await);
    let unknown = CompletedPart::builder()
        .part_number(1)
        .e_tag("\"x\"")
        .build();
    for (parts, code) in [
        (&[&small, &large][..], "InvalidPartOrder"),
        (&[&unknown][..], "InvalidPart"),
        (&[&large, &small, &last][..], "EntityTooSmall"),
    ] {
        assert_eq!(complete(parts).await.unwrap_err().code(), Some(code));
    }
    assert_eq!(
        client
            .list_parts()
            .bucket(BUCKET)
            .key("m")
            .upload_id(id)
            .send()
            .await
            .unwrap()
            .parts()
            .len(),
        3
    );
    put(&client, "m", "there first").await;
    assert_eq!(
        complete(&[&large, &last]).await.unwrap_err().code(),
        Some("PreconditionFailed")
    );
    client
        .delete_object()
        .bucket(BUCKET)
        .key("m")
        .send()
        .await
        .unwrap();
    let done = complete(&[&large, &last]).await.unwrap();
    let again = complete(&[&large, &last]).await.unwrap();
    assert_eq!(
        done.e_tag(),
        again.e_tag(),
        "the answer was lost and is given again"
    );
    let whole = text(&client, "m").await;
    assert_eq!(
        (whole.len(), &whole[whole.len() - 11..]),
        ((5 << 20) + 10, "13333333333")
    );
    assert!(
        client
            .list_multipart_uploads()
            .bucket(BUCKET)
            .send()
            .await
            .unwrap()
            .uploads()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn buckets_are_apart_and_secrets_are_checked() {
    let server = Server::start().await;
    let client = server.cloud().s3().clone();
    client.create_bucket().bucket("other").send().await.unwrap();
    let again = client
        .create_bucket()
        .bucket("other")
        .send()
        .await
        .unwrap_err();
    assert_eq!(again.code(), Some("BucketAlreadyOwnedByYou"));
    put(&client, "a", "own").await;
    let listed = client.list_buckets().send().await.unwrap();
    let names: Vec<_> = listed
        .buckets()
        .iter()
        .map(|bucket| bucket.name().unwrap())
        .collect();
    assert_eq!(names, ["other", "own-bucket"]);
    let key = Key::new("a").unwrap();
    assert!(
        server
            .cloud()
            .store("other")
            .get(&key)
            .await
            .unwrap_err()
            .is_not_found()
    );
    let delete = |bucket: &str| client.delete_bucket().bucket(bucket).send();
    assert_eq!(
        delete(BUCKET).await.unwrap_err().code(),
        Some("AccessDenied")
    );
    let put = client.put_object().bucket("other").key("x").send();
    put.await.unwrap();
    assert_eq!(
        delete("other").await.unwrap_err().code(),
        Some("BucketNotEmpty")
    );
    client
        .delete_object()
        .bucket("other")
        .key("x")
        .send()
        .await
        .unwrap();
    delete("other").await.unwrap();
    let gone = client
        .head_bucket()
        .bucket("other")
        .send()
        .await
        .unwrap_err();
    assert_eq!(gone.raw_response().unwrap().status().as_u16(), 404);
    assert!(
        server
            .cloud_as("me", "me")
            .store(BUCKET)
            .get(&key)
            .await
            .is_ok()
    );
    let refused = server
        .cloud_as("test", "guessed")
        .store(BUCKET)
        .get(&key)
        .await
        .unwrap_err();
    assert!(matches!(refused, CloudError::Other { .. }), "{refused:?}");
}
