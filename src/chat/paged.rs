//! Pagination for what is too long for one post.

use super::target::Page;
use crate::people::Voice;
use crate::render::post::Post;
use crate::words::{Message, paging as words};

/// One page of a list.
#[derive(Debug, Clone, Copy)]
pub struct Paged {
    /// The page.
    pub page: Page,
    /// The total number of items.
    pub count: i64,
    /// The number of items per page.
    pub size: i64,
}

impl Paged {
    fn pages(self) -> i64 {
        (self.count + self.size - 1) / self.size
    }

    /// "Page 2 of 5", if there are several.
    pub fn told(self) -> Option<Message> {
        (self.pages() > 1).then(|| words::page(self.page.0 + 1, self.pages()))
    }

    /// A post with the page number in its footer, unless it has another footer, and buttons to the previous
    /// and next pages, if any.
    pub fn turning(
        self,
        voice: Voice<'_>,
        mut post: Post,
        [before, after]: [Message; 2],
        to: impl Fn(Page) -> String,
    ) -> Post {
        post.footer = post.footer.or_else(|| self.told().map(|page| voice.say(page)));
        if self.page.0 > 0 {
            post = post.button(to(Page(self.page.0 - 1)), voice.say(before));
        }
        if self.page.0 + 1 < self.pages() {
            post = post.button(to(Page(self.page.0 + 1)), voice.say(after));
        }
        post
    }
}
