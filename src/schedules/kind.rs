//! What can be scheduled, as features say it: posts that come by themselves, and deadlines.

use std::fmt;

use crate::kernel::calendar::Period;
use crate::kernel::error::Doing;
use crate::kernel::ids::ChannelId;
use crate::people::{Guild, Voice};
use crate::render::post::Post;
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::words::Message;

/// A post that comes by itself. A guild has one schedule of each.
pub struct Scheduled {
    /// Its name in the database, which no other kind has.
    pub name: &'static str,
    /// Its name as people read it.
    pub title: fn() -> Message,
    /// When it comes unless a guild says otherwise, as cron fields on its wall clock.
    pub cron: &'static str,
    /// Where it goes.
    pub place: Place,
    /// Says what there is to tell about a period when it is due; nothing when there is nothing.
    pub compose: for<'a> fn(&'a mut Reader, Voice<'a>, Period) -> Doing<'a, Option<Composed>>,
    /// Composes it again when it leaves, about what was chosen when it was due. None: what `compose` says then.
    pub tell: Option<Tell>,
}

/// Composes a post that comes by itself, about a period and what was chosen of it.
pub type Tell = for<'a> fn(&'a mut Reader, Voice<'a>, Period, &'a Chosen) -> Doing<'a, Option<Post>>;

/// Where a post that comes by itself goes.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// To a channel: this one of the guild's, unless its schedule says another.
    Channel(fn(&Guild) -> Option<ChannelId>),
    /// To each manager's inbox.
    Inboxes,
    /// To no place of its own: it changes what is there, however late. In words, where that is.
    There(fn() -> Message),
}

/// A kind of post that comes by itself.
pub type Kind = &'static Scheduled;

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Scheduled {}

impl fmt::Debug for Scheduled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Scheduled {
    /// Whether it makes a message in a channel.
    pub fn makes_a_message(&self) -> bool {
        matches!(self.place, Place::Channel(_))
    }
}

/// What was chosen when a post was due, for whoever tells it later. Nothing unless a feature says so.
pub type Chosen = serde_json::Value;

/// What a schedule makes.
#[derive(Debug)]
pub struct Composed {
    /// The post, as it is now; none where everything is for single persons.
    pub post: Option<Post>,
    /// What it tells of, where that is chosen now and not reckoned again when it leaves.
    pub chosen: Chosen,
    /// What is written in the transaction that posts it.
    pub beside: Option<Box<dyn Beside>>,
}

impl From<Option<Post>> for Composed {
    fn from(post: Option<Post>) -> Self {
        Self { post, chosen: Chosen::Null, beside: None }
    }
}

/// What is written beside a post that comes by itself.
pub trait Beside: fmt::Debug + Send + Sync {
    /// Remembers what the next one must know, and tells single persons what is for them. False if what it was composed of has
    /// changed meanwhile: then the transaction must be dropped.
    fn write<'a>(
        &'a self,
        tx: &'a mut Tx,
        state: &'a State,
        guild: &'a Guild,
        period: Period,
        is_posted: bool,
    ) -> Doing<'a, bool>;
}

/// The end of something, at a time on its guild's wall clock: of each goal, say. A guild has one schedule for each subject.
#[derive(Debug)]
pub struct Deadline {
    /// Its name in the database, which no other kind has.
    pub name: &'static str,
    /// Does what follows when the time of a subject has come, however late, in the transaction that says so. One that fails or
    /// panics is taken back, put off, and holds up no other.
    pub passed: for<'a> fn(&'a mut Tx, &'a State, &'a Guild, i64) -> Doing<'a, ()>,
}

/// Whoever knows every kind.
pub trait Kinds: Sync {
    /// Every post that comes by itself.
    fn posts(&self) -> Vec<Kind>;

    /// Every deadline.
    fn deadlines(&self) -> Vec<&'static Deadline>;

    /// The post of a name.
    fn post(&self, name: &str) -> Option<Kind> {
        self.posts().into_iter().find(|it| it.name == name)
    }

    /// The deadline of a name.
    fn deadline(&self, name: &str) -> Option<&'static Deadline> {
        self.deadlines().into_iter().find(|it| it.name == name)
    }
}
