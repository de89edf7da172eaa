//! What can be scheduled, as declared by features: scheduled posts and deadlines.

use std::fmt;

use crate::kernel::calendar::Period;
use crate::kernel::error::Doing;
use crate::kernel::ids::ChannelId;
use crate::people::{Guild, Voice};
use crate::render::post::Post;
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::words::Message;

/// A scheduled post. A guild has one schedule for each.
pub struct Scheduled {
    /// Its unique name in the database.
    pub name: &'static str,
    /// Its displayed name.
    pub title: fn() -> Message,
    /// When it is due unless a guild changes it, as cron fields in the guild's local time.
    pub cron: &'static str,
    /// Where it goes.
    pub place: Place,
    /// Composes the post about a period when it is due; nothing if there is nothing to say.
    pub compose: for<'a> fn(&'a mut Reader, Voice<'a>, Period) -> Doing<'a, Option<Composed>>,
    /// Composes it again at delivery, from what was chosen when it was due. If none, `compose` is used.
    pub tell: Option<Tell>,
}

/// Composes a scheduled post from its period and what was chosen for it.
pub type Tell = for<'a> fn(&'a mut Reader, Voice<'a>, Period, &'a Chosen) -> Doing<'a, Option<Post>>;

/// Where a scheduled post goes.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// To a channel: this one of the guild's, unless the schedule names another.
    Channel(fn(&Guild) -> Option<ChannelId>),
    /// To each manager's inbox.
    Inboxes,
    /// Nowhere: it changes something that exists, however late it runs. The message says where.
    There(fn() -> Message),
}

/// A kind of scheduled post.
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
    /// Whether it creates a message in a channel.
    pub fn makes_a_message(&self) -> bool {
        matches!(self.place, Place::Channel(_))
    }
}

/// What was chosen when a post was due, for composing it at delivery. Null unless a feature sets it.
pub type Chosen = serde_json::Value;

/// The result of a scheduled post's `compose`.
#[derive(Debug)]
pub struct Composed {
    /// The post as of now; none if everything is for individual persons.
    pub post: Option<Post>,
    /// What the post is about, if that is fixed now rather than computed again at delivery.
    pub chosen: Chosen,
    /// What else to write in the transaction that posts it.
    pub beside: Option<Box<dyn Beside>>,
}

impl From<Option<Post>> for Composed {
    fn from(post: Option<Post>) -> Self {
        Self { post, chosen: Chosen::Null, beside: None }
    }
}

/// Writes made along with a scheduled post.
pub trait Beside: fmt::Debug + Send + Sync {
    /// Stores what the next post must know, and notifies individual persons. False if the data it was
    /// composed from has changed in the meantime: then drop the transaction.
    fn write<'a>(
        &'a self,
        tx: &'a mut Tx,
        state: &'a State,
        guild: &'a Guild,
        period: Period,
        is_posted: bool,
    ) -> Doing<'a, bool>;
}

/// The end of something at a local time, such as a goal. A guild has one schedule for each subject.
#[derive(Debug)]
pub struct Deadline {
    /// Its unique name in the database.
    pub name: &'static str,
    /// Runs when a subject's deadline has passed, however late, in the transaction that records it. One that
    /// fails or panics is rolled back and postponed, and holds up no other.
    pub passed: for<'a> fn(&'a mut Tx, &'a State, &'a Guild, i64) -> Doing<'a, ()>,
}

/// The registry of kinds.
pub trait Kinds: Sync {
    /// Every scheduled post.
    fn posts(&self) -> Vec<Kind>;

    /// Every deadline.
    fn deadlines(&self) -> Vec<&'static Deadline>;

    /// The post with this name.
    fn post(&self, name: &str) -> Option<Kind> {
        self.posts().into_iter().find(|it| it.name == name)
    }

    /// The deadline with this name.
    fn deadline(&self, name: &str) -> Option<&'static Deadline> {
        self.deadlines().into_iter().find(|it| it.name == name)
    }
}
