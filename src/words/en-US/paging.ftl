# At the foot of a list that has several pages.
paging-page = Page { $page } of { $pages }
paging-previous-button = Previous page
paging-next-button = Next page
