//! What is deployed fits the code: `template.yaml` and the OpenAPI file against each other, against the
//! job model's keys and limits, and against the configuration that the functions read.

mod api;
mod configuration;
mod lint;
mod permissions;
mod queues;
mod stack;
mod yaml;
