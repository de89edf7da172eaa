//! The schema as all migrations together leave it: what a change of one makes of it is read here.

use bellringer::kernel::db::Db;

#[tokio::test]
async fn the_schema_is_what_all_migrations_together_leave() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite://{}", folder.path().join("x.db").display())).await.unwrap();
    let made: Vec<(String,)> = sqlx::query_as(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' ORDER BY tbl_name, type DESC, name",
    )
    .fetch_all(db.read())
    .await
    .unwrap();
    db.close().await;
    let made: Vec<String> = made.into_iter().map(|(sql,)| format!("{sql};")).collect();
    insta::assert_snapshot!(made.join("\n\n"));
}
