//! Words with no I/O, and the database handle. Every other room may call this one; it calls none.

pub mod calendar;
pub mod clock;
pub mod db;
pub mod error;
pub mod ids;
pub mod meters;
pub mod money;
pub mod name;
pub mod number;
pub mod patience;
pub mod seal;
pub mod state;
pub mod table;
pub mod text;
pub mod wall_cron;
