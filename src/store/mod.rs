//! The database and everything around it: its handle and migrations, the state passed to use cases, which
//! tables hold whose data, metrics, backups, copies to another database, and the seal on a database that has
//! moved.

pub mod batch;
pub mod copy;
pub mod db;
pub mod meters;
pub mod seal;
pub mod state;
pub mod sweep;
pub mod table;
mod writer;
