//! The tests' one binary: stories through sandbox and bot, delivery, the sandbox by itself, and the architecture.

mod architecture;
mod sandbox;
mod story;
mod weekly;
mod wins;
