//! Documents that end their process, for the program's own tests. Not in a release build.
//!
//! `FANFOLD_TEST_KILLERS` lists the ids of documents that abort the process when they are drawn, as a
//! stack overflow does.

use std::sync::Arc;

use fanfold_job::Document;
use fanfold_render::{BundleFiles, RenderError, RenderInput, RenderLimits, RenderedPart, Renderer};

/// The renderer, with the killers that the environment names.
pub(crate) fn with_killers(renderer: Arc<dyn Renderer>) -> Arc<dyn Renderer> {
    match std::env::var("FANFOLD_TEST_KILLERS") {
        Err(_) => renderer,
        Ok(ids) => Arc::new(Killers {
            renderer,
            ids: ids.split(',').map(str::to_owned).collect(),
        }),
    }
}

struct Killers {
    renderer: Arc<dyn Renderer>,
    ids: Vec<String>,
}

impl Renderer for Killers {
    fn render(
        &self,
        document: &Document,
        input: &RenderInput,
        limits: &RenderLimits,
    ) -> Result<RenderedPart, RenderError> {
        if self.ids.iter().any(|id| id == document.id.as_str()) {
            std::process::abort();
        }
        self.renderer.render(document, input, limits)
    }

    fn pages(&self, pdf: &[u8]) -> Option<u32> {
        self.renderer.pages(pdf)
    }

    fn built_in(&self, name: &str) -> Option<Arc<BundleFiles>> {
        self.renderer.built_in(name)
    }
}
