use serde_json::{Value, json};

use crate::program::{Workplace, outline, pages};

fn names(place: &Workplace, folder: &str) -> Vec<String> {
    place.files(folder).into_keys().collect()
}

#[test]
fn a_volume_may_have_more_than_its_documents() {
    let place = Workplace::new();
    let manifest = |merge: Value| {
        let note = |id: &str| json!({"id": id, "html": "<p>one page</p>"});
        json!({"documents": [note("a"), note("b")], "merge": merge}).to_string()
    };
    place.write("cover.json", manifest(json!([])));
    place
        .run(&["batch", "cover.json", "--out", "made"])
        .with_code(0);
    let volumes = json!([
        {"output": "dressed.pdf", "cover": "made/a.pdf", "contents": "Contents", "stamp": "Page {page} of {pages}",
         "separators": true, "right_hand": true},
        {"output": "locked.pdf", "passwords": {"user": "open", "owner": "all"}, "forbid": ["print"]},
        {"output": "coverless.pdf", "cover": "made/none.pdf"},
    ]);
    place.write("kit.json", manifest(volumes));
    place
        .run(&["batch", "kit.json", "--out", "out"])
        .with_code(1);
    // Cover and contents; a separator, a blank page and a document, twice, without a blank at the end.
    assert_eq!(pages(&place.read("out/dressed.pdf")), 2 + 4 + 3);
    let document = lopdf::Document::load_mem(&place.read("out/dressed.pdf")).unwrap();
    let content = |page: u32| {
        let page = document.get_pages()[&page];
        String::from_utf8_lossy(&document.get_page_content(page)).into_owned()
    };
    for (page, stamp) in [(5, "(Page 5 of 9)"), (9, "(Page 9 of 9)")] {
        assert!(content(page).contains(stamp), "{}", content(page));
    }
    assert!(!content(3).contains("of 9"), "a separator has no stamp");
    let locked = place.read("out/locked.pdf");
    for (password, opens) in [("open", true), ("wrong", false)] {
        let options = lopdf::LoadOptions::with_password(password);
        let read = lopdf::Document::load_mem_with_options(&locked, options);
        assert_eq!(read.is_ok(), opens, "{password}");
    }
    let report = place.json("out/report.json");
    let error = report["volumes"][2]["error"].as_str().unwrap();
    assert!(
        error.contains("cover made/none.pdf is not there"),
        "{error}"
    );
}

#[test]
fn a_manifest_becomes_documents_volumes_and_a_report() {
    let place = Workplace::new();
    place.write(
        "rows.csv",
        "case_id,name\nLN-1,Asha\nLN-2,Omar\nLN-3,வள்ளி\n",
    );
    place.write(
        "bundles/note/template.html",
        "<h1>{{ case_id }}</h1><p>{{ name }}</p>",
    );
    let manifest = json!({
        "documents": [
            {"id": "{case_id}-note", "bundle": "note", "output": "{case_id}/note.pdf"},
            {"id": "{case_id}-memo", "markdown": "# Memo\n\nfor {{ name }}", "output": "{case_id}/memo.pdf"}
        ],
        "rows": "rows.csv",
        "merge": [{"output": "{case_id}/kit.pdf", "by": "case_id"}, {"output": "all.pdf"}],
    });
    place.write("kit.json", manifest.to_string());
    let ended = place
        .run(&["batch", "kit.json", "--out", "out"])
        .with_code(0);
    assert!(
        ended.said().contains("6 documents") && ended.said().contains("4 volumes"),
        "{}",
        ended.said()
    );
    let mut expected = vec!["all.pdf".to_owned(), "report.json".into()];
    for case in ["LN-1", "LN-2", "LN-3"] {
        for name in ["kit", "memo", "note"] {
            expected.push(format!("{case}/{name}.pdf"));
        }
    }
    expected.sort();
    assert_eq!(names(&place, "out"), expected);
    assert_eq!(pages(&place.read("out/all.pdf")), 6);
    assert_eq!(pages(&place.read("out/LN-3/kit.pdf")), 2);
    let top: Vec<_> = outline(&place.read("out/all.pdf"))
        .into_iter()
        .filter(|(level, _)| *level == 1)
        .collect();
    assert_eq!(top.len(), 6);
    let report = place.json("out/report.json");
    assert_eq!(
        (&report["total"], &report["succeeded"], &report["failed"]),
        (&json!(6), &json!(6), &json!(0))
    );
    assert_eq!(
        (&report["status"], &report["pages"]),
        (&json!("complete"), &json!(6))
    );
    let first = &report["documents"][0];
    assert_eq!(
        (&first["id"], &first["status"], &first["output"]),
        (&json!("LN-1-note"), &json!("ok"), &json!("LN-1/note.pdf"))
    );
    assert_eq!(first["bytes"], place.read("out/LN-1/note.pdf").len());
    assert_eq!(first["error"], Value::Null);
    assert_eq!(report["documents"].as_array().unwrap().len(), 6);
    let volume = &report["volumes"][3];
    assert_eq!(
        (&volume["output"], &volume["documents"], &volume["missing"]),
        (&json!("all.pdf"), &json!(6), &json!(0))
    );
    let _: fanfold_job::report::BatchReport = serde_json::from_value(report).unwrap();
}

#[test]
fn bad_documents_fail_alone_and_the_result_says_why() {
    let place = Workplace::new();
    let mut documents: Vec<Value> = (0..30)
        .map(|n| json!({"id": format!("d{n}"), "markdown": format!("# {n}")}))
        .collect();
    documents[3] = json!({"id": "d3", "html": "{{ missing.field }}", "data": {"a": 1}});
    documents[17] = json!({"id": "d17", "bundle": "invoice", "data": {"number": 7}});
    documents[29] = json!({"id": "d29", "pdf": "broken.pdf"});
    documents[8] = json!({"id": "d8", "bundle": "invoise", "data": {}});
    place.write("broken.pdf", "not a PDF");
    place.write("m.json", json!({"documents": documents, "merge": [
        {"output": "skip.pdf"}, {"output": "hold.pdf", "on_failure": "placeholder"}, {"output": "whole.pdf", "on_failure": "fail"}]}).to_string());
    let ended = place.run(&["batch", "m.json"]).with_code(1);
    assert!(ended.said().contains("4 failed"), "{}", ended.said());
    assert!(ended.said().contains("d17: data"), "{}", ended.said());
    assert_eq!(pages(&place.read("out/skip.pdf")), 26);
    assert_eq!(pages(&place.read("out/hold.pdf")), 30);
    assert!(!place.path("out/whole.pdf").exists());
    let report = place.json("out/report.json");
    assert_eq!(
        (&report["succeeded"], &report["failed"]),
        (&json!(26), &json!(4))
    );
    for (at, kind) in [
        (3, "bad_template"),
        (8, "bad_bundle"),
        (17, "bad_data"),
        (29, "bad_pdf"),
    ] {
        let document = &report["documents"][at];
        assert_eq!(
            (&document["status"], &document["error"]["kind"]),
            (&json!("failed"), &json!(kind)),
            "{document}"
        );
        assert!(!document["error"]["message"].as_str().unwrap().is_empty());
        let output = document["output"].as_str().unwrap();
        assert!(!place.path("out").join(output).exists());
    }
}

#[test]
fn a_wrong_manifest_is_refused_whole_with_every_error() {
    let place = Workplace::new();
    for (name, manifest, wrong) in [
        (
            "m.json",
            r#"{"documents": [{"id": "a", "html": "x"}, {"id": "a"}, {"id": "c", "html": "x", "pdf": "y"},
                {"id": "d", "html": "x", "output": "../d.pdf"}, {"id": "e", "bundle": "invoise"}],
                "merge": [{"output": "e.pdf"}, {"output": "NUL"}]}"#,
            &[
                "/documents/1: no source",
                "/documents/1: the id",
                "/documents/2: more than one source",
                "/documents/3/output: ",
                "/documents/4/bundle: there is no bundle \"invoise\", did you mean \"invoice\"?",
                "/documents/4: the output \"e.pdf\" is a volume's",
                "/merge/1/output: ",
            ][..],
        ),
        (
            "m.jsonl",
            "{\"id\": \"a\", \"html\": \"x\"}\n{\"id\": \"a\", \"bundle\": \"own\"}\n{\"id\": \"b\"\n{\"id\": \"c\"}\n",
            &[
                "line 2: the id",
                "line 2 /bundle: there is no bundle \"own\"",
                "line 3:",
                "line 4: no source",
            ],
        ),
        (
            "m.csv",
            "bundle,id\nreceipt,a\nreceipt,a\nreceipt\n,c\nrecept,d\nreceipt,\"e\n",
            &[
                "line 3: the id",
                "line 4: 1 fields",
                "line 5: no bundle",
                "line 6 /bundle: there is no bundle \"recept\", did you mean \"receipt\"?",
                "line 7:9: the quotation mark is never closed",
            ],
        ),
    ] {
        place.write(name, manifest);
        let ended = place.run(&["batch", name]).with_code(1);
        for place_of_error in wrong {
            assert!(ended.stderr.contains(place_of_error), "{}", ended.stderr);
        }
    }
    assert!(
        names(&place, "out").is_empty(),
        "{:?}",
        names(&place, "out")
    );
    place.write("m.txt", "x");
    place.run(&["batch", "m.txt"]).with_code(1);
    place.run(&["batch", "none.json"]).with_code(1);
    let outside = json!({"documents": [{"id": "a", "pdf": "../secret.pdf"}]});
    place.write("sub/m.json", outside.to_string());
    place.write("secret.pdf", "x");
    place
        .run(&["batch", "sub/m.json", "--out", "out2"])
        .with_code(1);
}

#[test]
fn csv_and_json_lines_are_manifests_too() {
    let place = Workplace::new();
    place.write("bundles/note/template.html", "<p>{{ name }}</p>");
    place.write("m.csv", "name\nAsha\nOmar\n");
    place
        .run(&["batch", "m.csv", "--bundle", "note", "--out", "csv"])
        .with_code(0);
    assert_eq!(names(&place, "csv").len(), 3);
    place.write(
        "m.jsonl",
        "{\"id\": \"a\", \"html\": \"x\"}\n{\"id\": \"b\", \"markdown\": \"y\"}\n",
    );
    place
        .run(&["batch", "m.jsonl", "--out", "jsonl", "--jobs", "1"])
        .with_code(0);
    assert_eq!(names(&place, "jsonl"), ["a.pdf", "b.pdf", "report.json"]);
}

#[test]
fn running_it_again_makes_nothing_twice_and_a_changed_manifest_is_another_batch() {
    let place = Workplace::new();
    place.write(
        "m.json",
        r##"{"documents": [{"id": "a", "markdown": "# A"}, {"id": "b", "markdown": "# B"}]}"##,
    );
    place.run(&["batch", "m.json"]).with_code(0);
    let written = |name: &str| {
        std::fs::metadata(place.path(name))
            .unwrap()
            .modified()
            .unwrap()
    };
    let (first, at) = (place.files("out"), written("out/a.pdf"));
    std::fs::remove_file(place.path("out/b.pdf")).unwrap();
    let ended = place.run(&["batch", "m.json"]).with_code(0);
    assert!(ended.said().contains("done before"), "{}", ended.said());
    assert_eq!(written("out/a.pdf"), at, "not made again");
    assert_eq!(
        place.files("out")["b.pdf"],
        first["b.pdf"],
        "delivered again"
    );
    let id = place.json("out/report.json")["batch_id"].clone();
    place.write(
        "m.json",
        r##"{"documents": [{"id": "a", "markdown": "# Other"}]}"##,
    );
    let ended = place.run(&["batch", "m.json"]).with_code(0);
    assert!(!ended.said().contains("done before"));
    assert_ne!(place.json("out/report.json")["batch_id"], id);
    assert_ne!(place.files("out")["a.pdf"], first["a.pdf"]);
}

#[test]
fn an_existing_pdf_beside_the_manifest_is_a_document() {
    let place = Workplace::new();
    place.write("annex.md", "# Annex");
    place
        .run(&["render", "annex.md", "-o", "letters/files/annex.pdf"])
        .with_code(1);
    std::fs::create_dir_all(place.path("letters/files")).unwrap();
    place
        .run(&["render", "annex.md", "-o", "letters/files/annex.pdf"])
        .with_code(0);
    place.write("letters/m.json", r#"{"documents": [{"id": "annex-1", "pdf": "files/annex.pdf"}], "merge": [{"output": "all.pdf"}]}"#);
    place.run(&["batch", "letters/m.json"]).with_code(0);
    assert_eq!(
        place.read("out/annex-1.pdf"),
        place.read("letters/files/annex.pdf")
    );
    assert_eq!(pages(&place.read("out/all.pdf")), 1);
}
