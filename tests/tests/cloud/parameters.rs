//! What the suite sets of the template's parameters, wherever the stack runs.

/// Chunks are small, so that there are some; memory and time are what documents that exceed them can
/// exceed quickly; and a few functions are as many as two cores can run.
pub(crate) const ALL: [&str; 9] = [
    "ChunkDocuments=4",
    "RenderMemory=300",
    "MergeMemory=300",
    "SoftLimitSeconds=12",
    "HardLimitSeconds=14",
    "InteractiveMaximumConcurrency=6",
    "BulkMaximumConcurrency=3",
    "BulkBatchSize=4",
    "MergeMaximumConcurrency=3",
];
