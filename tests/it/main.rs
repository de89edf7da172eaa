//! Runs the sandbox's tests in this scratch crate.
mod sandbox;
