//! The database and what stands around it: its handle and its migrations, what use cases are given, what a table holds of whom,
//! what is measured, backups, copies to another database, and the seal on one that was moved.

pub mod copy;
pub mod db;
pub mod meters;
pub mod seal;
pub mod state;
pub mod sweep;
pub mod table;
mod writer;
