//! Functions: what takes an event and gives an answer, and the processes that do so as on Lambda.

mod invoke;
mod output;
mod pool;
mod process;
mod runtime;
mod usage;
mod watchdog;

use std::fmt;

use async_trait::async_trait;
use serde_json::{Value, json};

pub use invoke::Asynchronous;
pub(crate) use invoke::{PATH, answer};
pub use pool::{Program, ProgramFunction};
pub use watchdog::{Watchdog, watch};

/// A function: a process of its own, or code of this one.
#[async_trait]
pub trait Function: Send + Sync {
    /// Handles an event.
    ///
    /// # Errors
    /// When the function says so, or ends without an answer.
    async fn invoke(&self, event: Value) -> Result<Value, FunctionError>;
}

/// Why an invocation gave no answer, in Lambda's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The kind, such as `Runtime.ExitError`, or what the function calls it.
    pub kind: String,
    /// What happened.
    pub message: String,
}

impl FunctionError {
    /// An error of that kind.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            message: message.into(),
        }
    }

    /// As an invocation's answer shows it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"errorType": self.kind, "errorMessage": self.message})
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl std::error::Error for FunctionError {}
