//! Errors as SQS gives them in the AWS JSON 1.0 protocol: a shape's name in the body, and the older
//! query protocol's code in a header, which SDKs prefer.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use fanfold_cloud::CloudError;
use serde_json::json;

/// An error of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SqsError {
    status: StatusCode,
    /// The shape, with its namespace.
    shape: &'static str,
    /// The code of the query protocol.
    pub(super) code: &'static str,
    pub(super) message: String,
}

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $shape:literal, $code:literal;)*) => {
        impl SqsError {
            $($(#[$doc])*
            pub(super) fn $name(message: impl Into<String>) -> Self {
                Self { status: StatusCode::BAD_REQUEST, shape: $shape, code: $code, message: message.into() }
            })*
        }
    };
}

errors! {
    /// There is no such queue.
    no_queue = "com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue";
    /// There is a queue of this name with other attributes.
    queue_exists = "com.amazonaws.sqs#QueueNameExists", "QueueAlreadyExists";
    /// An attribute that queues do not have.
    unknown_attribute = "com.amazonaws.sqs#InvalidAttributeName", "InvalidAttributeName";
    /// An attribute's value that is not allowed.
    bad_attribute = "com.amazonaws.sqs#InvalidAttributeValue", "InvalidAttributeValue";
    /// A parameter's value that is not allowed.
    bad_parameter = "com.amazon.coral.service#InvalidParameterValueException", "InvalidParameterValue";
    /// A parameter that is not there.
    missing = "com.amazon.coral.service#MissingRequiredParameterException", "MissingParameter";
    /// A body with characters that XML 1.0 has not.
    bad_contents = "com.amazonaws.sqs#InvalidMessageContents", "InvalidMessageContents";
    /// A batch without entries.
    empty_batch = "com.amazonaws.sqs#EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest";
    /// A batch of more than ten entries.
    too_many_entries = "com.amazonaws.sqs#TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest";
    /// Two entries of one id.
    same_ids = "com.amazonaws.sqs#BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct";
    /// An id that is not one.
    bad_id = "com.amazonaws.sqs#InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId";
    /// A batch whose bodies are too long together.
    too_long = "com.amazonaws.sqs#BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong";
    /// A receipt that is not one.
    bad_receipt = "com.amazonaws.sqs#ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid";
    /// A delivery whose message is deleted, or visible again.
    not_in_flight = "com.amazonaws.sqs#MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight";
    /// What this server does not do.
    unsupported = "com.amazonaws.sqs#UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation";
    /// An action that does not exist.
    unknown_action = "com.amazon.coral.service#UnknownOperationException", "InvalidAction";
    /// A body that is not JSON, or not of the action's shape.
    malformed = "com.amazon.coral.service#SerializationException", "MalformedInput";
}

impl SqsError {
    pub(super) fn response(&self, request_id: &str) -> Response<Body> {
        let body = json!({"__type": self.shape, "message": self.message});
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(super::MEDIA_TYPE),
        );
        let fault = if self.by_sender() {
            "Sender"
        } else {
            "Receiver"
        };
        if let Ok(code) = HeaderValue::try_from(format!("{};{fault}", self.code)) {
            headers.insert("x-amzn-query-error", code);
        }
        if let Ok(id) = HeaderValue::try_from(request_id) {
            headers.insert("x-amzn-requestid", id);
        }
        response
    }

    /// Whether asking again the same is of no use.
    pub(super) fn by_sender(&self) -> bool {
        self.status.is_client_error()
    }
}

impl From<CloudError> for SqsError {
    fn from(error: CloudError) -> Self {
        let message = error.to_string();
        match error {
            CloudError::Invalid { .. } => Self::bad_parameter(message),
            error => Self {
                status: match error.is_transient() {
                    true => StatusCode::SERVICE_UNAVAILABLE,
                    false => StatusCode::INTERNAL_SERVER_ERROR,
                },
                shape: "com.amazonaws.sqs#InternalFailure",
                code: "InternalFailure",
                message,
            },
        }
    }
}
