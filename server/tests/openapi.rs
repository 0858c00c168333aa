//! The description of the API is committed: the browser's types are made from it (`npm run api` in `web/`).

/// `UPDATE=1` writes it anew; `npm run check` tells when the types are older.
#[test]
fn the_committed_description_is_that_of_the_routes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let document = server::api::docs::document().to_pretty_json().expect("a description is JSON") + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &document).expect("openapi.json is written");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == document,
        "server/openapi.json is not up to date: UPDATE=1 cargo nextest run -p server openapi"
    );
}
