//! The render function: documents become parts, and chunks settle.
//!
//! [`Render::batch`] takes a delivered SQS batch, [`Render::direct`] one chunk that somebody waits
//! for. What a document is made of is behind [`Renderer`]; the real one is [`PressRenderer`].

mod bundles;
mod chunk;
mod cores;
mod draw;
mod handler;
mod part;
#[cfg(feature = "press")]
mod press;
mod renderer;
mod single;

pub use cores::Threads;
pub use handler::{DirectAnswer, Render};
#[cfg(feature = "press")]
pub use press::PressRenderer;
pub use renderer::{BundleFiles, RenderError, RenderInput, RenderLimits, RenderedPart, Renderer};
