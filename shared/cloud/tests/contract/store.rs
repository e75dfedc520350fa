//! What every object store promises.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fanfold_cloud::{CloudError, CloudResult, Key, MultipartUpload, ObjectStore, PutOptions};

/// An object store under test, and the prefix that keeps this run's objects apart.
#[derive(Clone, Debug)]
pub(crate) struct StoreUnderTest {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) prefix: String,
}

impl StoreUnderTest {
    fn key(&self, rest: &str) -> Key {
        Key::new(format!("{}/{rest}", self.prefix)).unwrap()
    }

    async fn put(&self, rest: &str, bytes: &'static str) {
        self.store
            .put(
                &self.key(rest),
                Bytes::from_static(bytes.as_bytes()),
                PutOptions::overwrite(),
            )
            .await
            .unwrap();
    }

    async fn list_all(&self, prefix: &str, page: usize) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        loop {
            let after = keys.last().map(String::as_str);
            let answer = self.store.list(prefix, after, page).await.unwrap();
            assert!(answer.objects.len() <= page);
            assert!(answer.more || answer.objects.len() <= page);
            keys.extend(
                answer
                    .objects
                    .into_iter()
                    .map(|object| object.key.to_string()),
            );
            if !answer.more {
                return keys;
            }
        }
    }
}

/// Runs all checks.
pub(crate) async fn check(subject: &StoreUnderTest) {
    reads_what_was_written(subject).await;
    tells_what_is_missing(subject).await;
    reads_ranges(subject).await;
    creates_once(subject).await;
    one_of_many_creators_wins(subject).await;
    never_shows_a_part_of_a_write(subject).await;
    lists_in_key_order(subject).await;
    deletes(subject).await;
    uploads_in_pieces(subject).await;
    upload_creates_once(subject).await;
    abandoned_uploads_show_nothing(subject).await;
    uploads_go_on_where_they_stopped(subject).await;
    presigns(subject).await;
}

async fn reads_what_was_written(subject: &StoreUnderTest) {
    let key = subject.key("मेरा पत्र (1) & more+=%~.pdf");
    let written = subject
        .store
        .put(&key, Bytes::from_static(b"one"), PutOptions::overwrite())
        .await
        .unwrap();
    let read = subject.store.get(&key).await.unwrap();
    assert_eq!(&read.bytes[..], b"one");
    assert_eq!((read.meta.size, &read.meta.key), (3, &key));
    assert_eq!(read.meta.etag, written.etag);
    assert_eq!(subject.store.head(&key).await.unwrap().etag, written.etag);
    let options = PutOptions::overwrite()
        .content_type("text/plain")
        .retention_days(Some(3));
    let again = subject
        .store
        .put(&key, Bytes::from_static(b"two"), options)
        .await
        .unwrap();
    assert_ne!(again.etag, written.etag);
    assert_eq!(&subject.store.get(&key).await.unwrap().bytes[..], b"two");
    let empty = subject.key("empty");
    subject
        .store
        .put(&empty, Bytes::new(), PutOptions::create())
        .await
        .unwrap();
    assert!(subject.store.get(&empty).await.unwrap().bytes.is_empty());
}

async fn tells_what_is_missing(subject: &StoreUnderTest) {
    let key = subject.key("none/there");
    assert!(subject.store.get(&key).await.unwrap_err().is_not_found());
    assert!(subject.store.head(&key).await.unwrap_err().is_not_found());
    assert!(
        subject
            .store
            .get_range(&key, 0..1)
            .await
            .unwrap_err()
            .is_not_found()
    );
    subject.put("file", "x").await;
    let below = subject.key("file/below");
    assert!(subject.store.get(&below).await.unwrap_err().is_not_found());
    subject.put("file/below", "y").await;
    assert_eq!(&subject.store.get(&below).await.unwrap().bytes[..], b"y");
    assert_eq!(
        &subject.store.get(&subject.key("file")).await.unwrap().bytes[..],
        b"x"
    );
}

async fn reads_ranges(subject: &StoreUnderTest) {
    let key = subject.key("range");
    subject.put("range", "0123456789").await;
    let read = async |range| subject.store.get_range(&key, range).await;
    assert_eq!(&read(2..5).await.unwrap()[..], b"234");
    assert_eq!(&read(8..99).await.unwrap()[..], b"89");
    for outside in [10..11, 3..3] {
        let error = read(outside).await.unwrap_err();
        assert!(matches!(error, CloudError::Invalid { .. }), "{error:?}");
    }
}

async fn creates_once(subject: &StoreUnderTest) {
    let key = subject.key("once");
    let put = async |text: &'static str| {
        subject
            .store
            .put(
                &key,
                Bytes::from_static(text.as_bytes()),
                PutOptions::create(),
            )
            .await
    };
    put("first").await.unwrap();
    let error = put("second").await.unwrap_err();
    assert!(
        error.is_already_exists() && !error.is_transient(),
        "{error:?}"
    );
    assert_eq!(&subject.store.get(&key).await.unwrap().bytes[..], b"first");
}

async fn one_of_many_creators_wins(subject: &StoreUnderTest) {
    let key = subject.key("race/new/folder/winner");
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..12_u8 {
        let (store, key) = (subject.store.clone(), key.clone());
        writers.spawn(async move {
            match store
                .put(&key, vec![number; 1000].into(), PutOptions::create())
                .await
            {
                Ok(_) => Some(number),
                Err(error) => {
                    assert!(error.is_already_exists(), "{error:?}");
                    None
                }
            }
        });
    }
    let winners: Vec<u8> = writers.join_all().await.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(
        subject.store.get(&key).await.unwrap().bytes,
        vec![winners[0]; 1000]
    );
}

async fn never_shows_a_part_of_a_write(subject: &StoreUnderTest) {
    let key = subject.key("torn");
    let whole = |number: u8| Bytes::from(vec![number; 100_000]);
    subject
        .store
        .put(&key, whole(0), PutOptions::overwrite())
        .await
        .unwrap();
    let (store, writing) = (subject.store.clone(), key.clone());
    let writer = tokio::spawn(async move {
        for number in 1..20 {
            store
                .put(&writing, whole(number), PutOptions::overwrite())
                .await
                .unwrap();
        }
    });
    while !writer.is_finished() {
        let bytes = subject.store.get(&key).await.unwrap().bytes;
        assert_eq!(bytes.len(), 100_000);
        assert!(bytes.iter().all(|&byte| byte == bytes[0]));
        let part = subject.store.get_range(&key, 50_000..50_010).await.unwrap();
        assert!(part.iter().all(|&byte| byte == part[0]));
    }
    writer.await.unwrap();
}

async fn lists_in_key_order(subject: &StoreUnderTest) {
    // `.` and `!` sort before `/`, digits and letters after it.
    let names = [
        "a", "a!", "a.txt", "a/b", "a/b/c", "a/b.d", "a0", "ab/c", "b", "é/x", "é",
    ];
    for name in names {
        subject.put(&format!("list/{name}"), "x").await;
    }
    let base = format!("{}/list/", subject.prefix);
    let expected = |start: &str| -> Vec<String> {
        let sorted: BTreeSet<&str> = names
            .into_iter()
            .filter(|it| it.starts_with(start))
            .collect();
        sorted
            .into_iter()
            .map(|name| format!("{base}{name}"))
            .collect()
    };
    for page in [1, 3, 1000] {
        assert_eq!(
            subject.list_all(&base, page).await,
            expected(""),
            "pages of {page}"
        );
        assert_eq!(
            subject.list_all(&format!("{base}a"), page).await,
            expected("a")
        );
        assert_eq!(
            subject.list_all(&format!("{base}a/"), page).await,
            expected("a/")
        );
        assert_eq!(
            subject.list_all(&format!("{base}é"), page).await,
            expected("é")
        );
    }
    assert!(
        subject
            .list_all(&format!("{base}nothing/"), 10)
            .await
            .is_empty()
    );
    // A start between keys, inside a folder, and before the prefix.
    let after = async |name: &str| {
        let after = format!("{base}{name}");
        subject
            .store
            .list(&base, Some(&after), 2)
            .await
            .unwrap()
            .objects[0]
            .key
            .to_string()
    };
    assert_eq!(after("a/a").await, format!("{base}a/b"));
    assert_eq!(after("a/b.zzz").await, format!("{base}a/b/c"));
    assert_eq!(after("a/").await, format!("{base}a/b"));
    assert_eq!(after("").await, format!("{base}a"));
    let page = subject.store.list(&base, Some(""), 2).await.unwrap();
    assert_eq!((page.objects[0].size, page.more), (1, true));
}

async fn deletes(subject: &StoreUnderTest) {
    let key = subject.key("gone/soon");
    subject.put("gone/soon", "x").await;
    subject.store.delete(&key).await.unwrap();
    assert!(subject.store.get(&key).await.unwrap_err().is_not_found());
    assert!(subject.list_all(key.as_str(), 10).await.is_empty());
    subject.store.delete(&key).await.unwrap();
}

async fn uploads_in_pieces(subject: &StoreUnderTest) {
    let key = subject.key("pieces");
    // Over one part of S3's smallest size, in writes that do not line up with parts.
    let piece: Vec<u8> = (0..700_001_u32).map(|at| (at % 251) as u8).collect();
    let mut upload = subject
        .store
        .put_multipart(
            &key,
            PutOptions::overwrite().content_type("application/pdf"),
        )
        .await
        .unwrap();
    for _ in 0..20 {
        upload.write(Bytes::copy_from_slice(&piece)).await.unwrap();
    }
    assert!(
        subject.store.head(&key).await.unwrap_err().is_not_found(),
        "visible before the end"
    );
    let meta = upload.complete().await.unwrap();
    assert_eq!(meta.size, 20 * piece.len() as u64);
    let object = subject.store.get(&key).await.unwrap();
    assert_eq!(object.meta.etag, meta.etag);
    assert!(object.bytes.chunks(piece.len()).all(|chunk| chunk == piece));
    let small = subject.key("pieces-small");
    let mut upload = subject
        .store
        .put_multipart(&small, PutOptions::create())
        .await
        .unwrap();
    upload.write(Bytes::from_static(b"tiny")).await.unwrap();
    upload.complete().await.unwrap();
    assert_eq!(&subject.store.get(&small).await.unwrap().bytes[..], b"tiny");
}

async fn upload_creates_once(subject: &StoreUnderTest) {
    let key = subject.key("pieces-once");
    let mut first = subject
        .store
        .put_multipart(&key, PutOptions::create())
        .await
        .unwrap();
    let mut second = subject
        .store
        .put_multipart(&key, PutOptions::create())
        .await
        .unwrap();
    first.write(Bytes::from_static(b"first")).await.unwrap();
    second.write(Bytes::from_static(b"second")).await.unwrap();
    second.complete().await.unwrap();
    assert!(first.complete().await.unwrap_err().is_already_exists());
    assert_eq!(&subject.store.get(&key).await.unwrap().bytes[..], b"second");
}

async fn abandoned_uploads_show_nothing(subject: &StoreUnderTest) {
    let key = subject.key("abandoned");
    let mut upload = subject
        .store
        .put_multipart(&key, PutOptions::overwrite())
        .await
        .unwrap();
    upload.write(Bytes::from(vec![1; 300_000])).await.unwrap();
    upload.abort().await.unwrap();
    let mut upload = subject
        .store
        .put_multipart(&key, PutOptions::overwrite())
        .await
        .unwrap();
    upload.write(Bytes::from(vec![1; 300_000])).await.unwrap();
    drop(upload);
    assert!(subject.store.head(&key).await.unwrap_err().is_not_found());
}

async fn uploads_go_on_where_they_stopped(subject: &StoreUnderTest) {
    let key = subject.key("stopped");
    let piece: Vec<u8> = (0..9_000_001_u32).map(|at| (at % 251) as u8).collect();
    let options = PutOptions::overwrite;
    let mut upload = subject.store.put_multipart(&key, options()).await.unwrap();
    let mut expected = Vec::new();
    let mut tokens = Vec::new();
    for cut in [0, 7, 3_000_000, 9_000_001, 0] {
        upload
            .write(Bytes::copy_from_slice(&piece[..cut]))
            .await
            .unwrap();
        expected.extend_from_slice(&piece[..cut]);
        let token = upload.suspend().await.unwrap();
        assert!(subject.store.head(&key).await.unwrap_err().is_not_found());
        tokens.push(token.clone());
        upload = resumed(subject, &key, &token).await.unwrap();
    }
    // What stopped before, and goes on a second time, writes the same again.
    drop(upload);
    let mut upload = resumed(subject, &key, &tokens[2]).await.unwrap();
    upload.write(Bytes::copy_from_slice(&piece)).await.unwrap();
    drop(upload);
    let upload = resumed(subject, &key, &tokens[3]).await.unwrap();
    let late = resumed(subject, &key, &tokens[4]).await.unwrap();
    let meta = upload.complete().await.unwrap();
    assert_eq!(meta.size, expected.len() as u64);
    let object = subject.store.get(&key).await.unwrap();
    assert!(object.bytes == expected, "other bytes");
    // The upload is over.
    assert!(late.complete().await.unwrap_err().is_not_found());
    let ended = async {
        let mut upload = resumed(subject, &key, &tokens[3]).await?;
        upload.write(Bytes::copy_from_slice(&piece)).await?;
        upload.complete().await
    };
    assert!(ended.await.unwrap_err().is_not_found());
    let nothing = resumed(subject, &key, b"").await;
    assert!(matches!(nothing, Err(CloudError::Invalid { .. })));
}

async fn resumed(
    subject: &StoreUnderTest,
    key: &Key,
    token: &[u8],
) -> CloudResult<Box<dyn MultipartUpload>> {
    let options = PutOptions::overwrite();
    subject.store.resume_multipart(key, options, token).await
}

async fn presigns(subject: &StoreUnderTest) {
    subject.put("signed file.pdf", "x").await;
    let key = subject.key("signed file.pdf");
    let url = subject
        .store
        .presign(&key, Duration::from_secs(60), Some("नाम.pdf"))
        .await
        .unwrap();
    assert!(url.contains("://"), "{url}");
}
