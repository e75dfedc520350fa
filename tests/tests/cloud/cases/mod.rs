//! The cases. Each hands in batches of its own, whose idempotency key is the case's name.

mod deaths;
mod flow;
mod limits;
mod messages;
mod objects;
mod services;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::suite::Suite;

/// A case under way; it panics when something is not as it must be.
type Running = Pin<Box<dyn Future<Output = ()>>>;

/// One case.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) run: fn(Arc<Suite>) -> Running,
}

macro_rules! cases {
    ($($module:ident::$case:ident),* $(,)?) => {
        vec![$(Case {
            name: concat!(stringify!($module), "::", stringify!($case)),
            run: |suite| Box::pin(async move {
                $module::$case(&suite, concat!(stringify!($module), "::", stringify!($case))).await;
            }),
        }),*]
    };
}

/// All cases; those that take longest first.
pub(crate) fn all() -> Vec<Case> {
    cases![
        messages::unreadable,
        limits::memory,
        limits::time,
        limits::frozen,
        deaths::document_that_exits,
        deaths::document_that_exits_beside_others,
        services::s3_is_slow,
        messages::visible_again_during_work,
        services::lists_are_slow_and_fail,
        services::s3_throttles,
        services::s3_fails,
        services::s3_conflicts,
        services::answers_of_s3_are_lost,
        services::connections_are_cut,
        services::bodies_of_s3_are_cut,
        services::bodies_of_s3_stop,
        services::bodies_of_s3_are_wrong,
        services::everything_is_away,
        objects::part_is_gone,
        objects::part_is_another,
        objects::may_not_be_written,
        objects::batch_is_gone,
        services::clocks_differ,
        services::storm,
        services::sqs_refuses_some,
        services::answers_of_sqs_are_lost,
        deaths::render_in_the_middle,
        deaths::render_before_the_last_marker,
        deaths::render_between_the_last_marker_and_the_merge_message,
        deaths::render_after_the_merge_message,
        deaths::merge_before_a_volume,
        deaths::merge_after_a_volume,
        deaths::enqueue_before_the_messages,
        deaths::enqueue_after_the_messages,
        deaths::enqueue_of_an_upload,
        messages::twice_at_once,
        messages::again_after_settling,
        messages::in_no_order,
        messages::merge_message_is_lost,
        flow::http_api,
        flow::upload,
        flow::upload_twice,
        flow::waiting_for_a_document,
        flow::failed_documents_again,
        flow::cancelled,
        flow::cancelled_while_stitching,
        flow::again_while_stitching,
    ]
}
