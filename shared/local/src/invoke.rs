//! `fanfold invoke`: one of the three functions is called with an event, as AWS Lambda does.

use std::fs;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use crate::arguments::{Function, Invoke};
use crate::failure::Failure;
use crate::host::{Host, HostOptions, bundles};
use crate::output;

/// Calls the function and prints its answer.
pub(crate) async fn run(arguments: &Invoke) -> Result<(), Failure> {
    let event = read(&arguments.event)?;
    let kind = Kind::of(&event).ok_or_else(|| {
        Failure::new("it is neither an HTTP API, an S3, an EventBridge nor an SQS event")
            .at(arguments.event.display())
            .advise("see events/README.md for one of each")
    })?;
    let options = HostOptions {
        bundles: bundles::find(&[])?,
        ..HostOptions::default()
    };
    let host = Host::open(&arguments.data_dir, options)?;
    let functions = host.functions().callable();
    let function = match (arguments.function, kind) {
        (Function::Enqueue, Kind::Http | Kind::Upload) => functions.enqueue,
        (Function::Render, Kind::Queue) => functions.render,
        (Function::Merge, Kind::Queue) => functions.merge,
        (function, kind) => {
            let wanted = match kind {
                Kind::Http | Kind::Upload => "enqueue",
                Kind::Queue => "render or merge",
            };
            return Err(Failure::new(
                format!("this is not an event of {function:?}").to_lowercase(),
            )
            .at(arguments.event.display())
            .advise(format!("give it to {wanted}")));
        }
    };
    let answer = function.invoke(event).await.map_err(|error| {
        let why = error.message;
        Failure::new(format!("the function failed: {why}")).at(arguments.event.display())
    })?;
    let text = serde_json::to_string_pretty(&answer).map_err(Failure::new)?;
    output::print(&format!("{text}\n"));
    Ok(())
}

fn read(path: &Path) -> Result<Value, Failure> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = bytes.map_err(|error| Failure::file(path, &error))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure::new(error)
            .at(path.display())
            .advise("correct the JSON")
    })
}

/// What kind of event it is, told by its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// API Gateway, HTTP API, payload format 2.0.
    Http,
    /// An upload, from S3 itself or by EventBridge.
    Upload,
    /// SQS.
    Queue,
}

impl Kind {
    fn of(event: &Value) -> Option<Self> {
        if event["requestContext"]["http"].is_object() {
            return Some(Self::Http);
        }
        if event["source"] == "aws.s3" && event["detail"].is_object() {
            return Some(Self::Upload);
        }
        let record = event["Records"].get(0)?;
        match record["eventSource"].as_str()? {
            "aws:s3" => Some(Self::Upload),
            "aws:sqs" => Some(Self::Queue),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn events_are_told_by_their_shape() {
        let http = json!({"requestContext": {"http": {}}});
        let bridge = json!({"source": "aws.s3", "detail": {}});
        let s3 = json!({"Records": [{"eventSource": "aws:s3"}]});
        let sqs = json!({"Records": [{"eventSource": "aws:sqs"}]});
        assert_eq!(Kind::of(&http), Some(Kind::Http));
        assert_eq!(Kind::of(&bridge), Some(Kind::Upload));
        assert_eq!(Kind::of(&s3), Some(Kind::Upload));
        assert_eq!(Kind::of(&sqs), Some(Kind::Queue));
        for other in [json!({}), json!([]), json!({"Records": []}), json!(null)] {
            assert_eq!(Kind::of(&other), None);
        }
    }
}
