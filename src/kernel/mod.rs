//! Pure domain vocabulary without I/O. Every other room may use this one; it uses none.

pub mod calendar;
pub mod chance;
pub mod clock;
pub mod error;
pub mod ids;
pub mod money;
pub mod name;
pub mod number;
pub mod patience;
pub mod quantity;
pub mod text;
pub mod wall_cron;
