use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use fanfold_job::{BatchId, TenantId};
use serde_json::{Value, json};

use crate::program::{Workplace, pages};

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; killed when the test ends.
struct Server {
    child: Child,
    address: String,
    /// What it says for programs.
    endpoints: Value,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let found = self
            .headers
            .iter()
            .find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    #[track_caller]
    fn json(&self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{text}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

impl Server {
    fn start(place: &Workplace) -> Self {
        let mut command = place.command(&["serve", "--port", "0", "--data-dir", "data"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let endpoints = lines
            .map(Result::unwrap)
            .find_map(|line| Some(line.strip_prefix("endpoints ")?.to_owned()))
            .expect("it says where it serves");
        let endpoints: Value = serde_json::from_str(&endpoints).unwrap();
        let address = address_of(&endpoints["api"]);
        Self {
            child,
            address,
            endpoints,
        }
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.ask_at(&self.address, method, path, headers, body)
    }

    /// Asks AWS's services.
    fn ask_aws(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let address = address_of(&self.endpoints["aws"]);
        self.ask_at(&address, "POST", path, headers, body.to_string().as_bytes())
    }

    fn ask_at(
        &self,
        address: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        if !headers.iter().any(|(name, _)| *name == "host") {
            head.push_str(&format!("host: {address}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            match line.trim_end().split_once(": ") {
                Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
                None => break,
            }
        }
        let mut body = Vec::new();
        let length = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        match length.and_then(|(_, value)| value.parse().ok()) {
            Some(length) => {
                body.resize(length, 0);
                reader.read_exact(&mut body).unwrap();
            }
            None => drop(reader.read_to_end(&mut body).unwrap()),
        }
        Answer {
            status,
            headers,
            body,
        }
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], b"")
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.ask("POST", path, &headers, body.to_string().as_bytes())
    }

    fn finished(&self, id: &str) -> Value {
        let began = Instant::now();
        loop {
            let batch = self.get(&format!("/v1/batches/{id}")).json(200);
            if ["complete", "failed", "cancelled"].contains(&batch["status"].as_str().unwrap()) {
                return batch;
            }
            assert!(began.elapsed() < PATIENCE, "{batch}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Follows a URL of this server.
    fn fetch(&self, url: &str) -> Answer {
        let path = url.split_once(&self.address).map_or(url, |(_, path)| path);
        self.get(path)
    }
}

fn address_of(url: &Value) -> String {
    url.as_str()
        .unwrap()
        .strip_prefix("http://")
        .unwrap()
        .to_owned()
}

#[test]
fn aws_is_served_beside_the_api() {
    let place = Workplace::new();
    let server = Server::start(&place);
    let sqs = |action: &str, input: Value| {
        let target = format!("AmazonSQS.{action}");
        server.ask_aws("/", &[("x-amz-target", &target)], &input)
    };
    let queues = sqs("ListQueues", json!({})).json(200);
    let said: Vec<&Value> = server.endpoints["queues"]
        .as_object()
        .unwrap()
        .values()
        .collect();
    assert_eq!(
        queues["QueueUrls"]
            .as_array()
            .unwrap()
            .iter()
            .collect::<Vec<_>>(),
        said
    );
    let event = json!({"version": "2.0", "rawPath": "/v1/batches", "body": "{\"documents\": [{\"id\": \"a\", \"markdown\": \"# A\"}]}",
        "headers": {}, "requestContext": {"http": {"method": "POST", "path": "/v1/batches"}}});
    let answer = server
        .ask_aws("/2015-03-31/functions/enqueue/invocations", &[], &event)
        .json(200);
    assert_eq!(answer["statusCode"], 202, "{answer}");
    let accepted: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let batch = server.finished(accepted["batch_id"].as_str().unwrap());
    assert_eq!(batch["succeeded"], 1);
    let waits_for_none = [("x-amz-invocation-type", "Event")];
    let mut event = event;
    event["headers"] = json!({"idempotency-key": "nobody waits"});
    let taken = server.ask_aws(
        "/2015-03-31/functions/enqueue/invocations",
        &waits_for_none,
        &event,
    );
    assert_eq!((taken.status, taken.body.len()), (202, 0));
    let id = BatchId::from_idempotency_key(&TenantId::default(), "nobody waits");
    let began = Instant::now();
    while server.get(&format!("/v1/batches/{id}")).status == 404 {
        assert!(began.elapsed() < PATIENCE, "it is never handled");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(server.finished(id.as_str())["succeeded"], 1);
    let unknown = server.ask_aws("/2015-03-31/functions/none/invocations", &[], &json!({}));
    assert_eq!(
        (unknown.status, unknown.header("x-amzn-errortype")),
        (404, "ResourceNotFoundException")
    );
    let aws = address_of(&server.endpoints["aws"]);
    let unsigned = server.ask_at(&aws, "GET", "/fanfold/a", &[], b"");
    assert_eq!(unsigned.status, 403);
    let page = server.ask_aws(
        "/",
        &[
            ("origin", "http://localhost"),
            ("x-amz-target", "AmazonSQS.ListQueues"),
        ],
        &json!({}),
    );
    assert_eq!(page.status, 403, "a web page");
}

#[test]
fn functions_that_are_not_there_are_named() {
    let place = Workplace::new();
    let run = place
        .run(&[
            "serve",
            "--port",
            "0",
            "--data-dir",
            "data",
            "--functions",
            ".",
        ])
        .with_code(1);
    assert!(
        run.stderr.contains("there is no function enqueue"),
        "{}",
        run.stderr
    );
    let wrong = [
        "serve",
        "--port",
        "0",
        "--functions",
        ".",
        "--parameter",
        "Colour=1",
    ];
    assert!(
        place
            .run(&wrong)
            .with_code(1)
            .stderr
            .contains("there is no parameter Colour")
    );
    place
        .run(&["serve", "--parameter", "RenderMemory=512"])
        .with_code(2);
}

#[test]
fn a_batch_through_the_api_to_its_volume() {
    let place = Workplace::new();
    let server = Server::start(&place);
    let manifest = json!({"documents": [{"id": "a", "markdown": "# A"}, {"id": "b", "markdown": "# B"}, {"id": "c", "bundle": "invoice", "data": {}}],
        "merge": [{"output": "all.pdf"}]});
    let answer = server.post("/v1/batches", &manifest);
    let location = answer.header("location").to_owned();
    let accepted = answer.json(202);
    let id = accepted["batch_id"].as_str().unwrap();
    assert_eq!(location, format!("/v1/batches/{id}"));
    let batch = server.finished(id);
    assert_eq!(
        (&batch["status"], &batch["succeeded"], &batch["failed"]),
        (&json!("complete"), &json!(2), &json!(1))
    );
    let url = batch["volumes"][0]["url"].as_str().unwrap();
    let volume = server.fetch(url);
    assert_eq!(
        (volume.status, volume.header("content-type")),
        (200, "application/pdf")
    );
    assert_eq!(pages(&volume.body), 2);
    assert_eq!(
        server.fetch(&format!("{url}0")).status,
        403,
        "a changed signature"
    );
    assert_eq!(server.fetch(url.split('?').next().unwrap()).status, 400);
    let part = server.get(&format!("/local/parts/{id}/a.pdf"));
    assert_eq!(part.status, 303);
    assert_eq!(pages(&server.fetch(part.header("location")).body), 1);
    for absent in [
        "/local/parts/x/a.pdf",
        &format!("/local/parts/{id}/none.pdf"),
        &format!("/local/parts/{id}/..%2F..%2Fmanifest.json"),
        "/none",
    ] {
        assert_eq!(server.get(absent).status, 404, "{absent}");
    }
    let failed = server
        .get(&format!("/v1/batches/{id}/documents?status=failed"))
        .json(200);
    assert_eq!(failed["documents"][0]["id"], "c");
    let seen = server.get("/local/batches").json(200);
    assert_eq!(seen[0]["batch_id"], id);
}

#[test]
fn wrong_requests_are_problems_and_queue_nothing() {
    let place = Workplace::new();
    let server = Server::start(&place);
    let answer = server.post("/v1/batches", &json!({"documents": [{"id": "a"}]}));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json(422);
    assert!(
        problem["errors"][0]["where"]
            .as_str()
            .unwrap()
            .starts_with("/documents/0"),
        "{problem}"
    );
    assert_eq!(server.get("/v1/nothing").status, 404);
    assert_eq!(
        server.get("/v1/batches/aaaaaaaaaaaaaaaaaaaaaaaaaa").status,
        404
    );
    let long = vec![b' '; 10 * 1024 * 1024 + 1];
    assert_eq!(
        server
            .ask(
                "POST",
                "/v1/batches",
                &[("content-type", "application/json")],
                &long
            )
            .status,
        413
    );
    let foreign = [
        ("host", "evil.example"),
        ("content-type", "application/json"),
    ];
    assert_eq!(
        server.ask("POST", "/v1/batches", &foreign, b"{}").status,
        403
    );
    let origin = [
        ("origin", "https://evil.example"),
        ("content-type", "application/json"),
    ];
    assert_eq!(
        server.ask("POST", "/v1/batches", &origin, b"{}").status,
        403
    );
    assert_eq!(server.get("/local/batches").json(200), json!([]));
}

#[test]
fn one_document_can_be_waited_for() {
    let place = Workplace::new();
    let server = Server::start(&place);
    let answer = server.post(
        "/v1/documents?wait=true",
        &json!({"id": "n", "markdown": "# Now"}),
    );
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "application/pdf")
    );
    assert_eq!(pages(&answer.body), 1);
}

#[test]
fn a_file_in_the_uploads_folder_starts_a_batch_and_a_restart_does_not_start_it_again() {
    let place = Workplace::new();
    let server = Server::start(&place);
    place.write(
        "data/uploads/daily.jsonl",
        "{\"id\": \"a\", \"markdown\": \"# A\"}\n",
    );
    let began = Instant::now();
    let id = loop {
        let seen = server.get("/local/batches").json(200);
        if let Some(batch) = seen.get(0) {
            assert_eq!(batch["name"], "daily.jsonl");
            break batch["batch_id"].as_str().unwrap().to_owned();
        }
        assert!(began.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(server.finished(&id)["succeeded"], 1);
    drop(server);
    let server = Server::start(&place);
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(server.get("/local/batches").json(200), json!([]));
    assert_eq!(server.finished(&id)["status"], "complete", "it is kept");
}

#[test]
fn the_page_is_there_and_may_load_nothing_else() {
    let place = Workplace::new();
    let server = Server::start(&place);
    let page = server.get("/");
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert!(String::from_utf8_lossy(&page.body).contains("Drop a manifest"));
}

#[cfg(unix)]
#[test]
fn it_stops_when_it_is_told_to() {
    let place = Workplace::new();
    let mut server = Server::start(&place);
    let id = server.child.id().to_string();
    std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .unwrap();
    let began = Instant::now();
    let status = loop {
        if let Some(status) = server.child.try_wait().unwrap() {
            break status;
        }
        assert!(began.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(0));
}
