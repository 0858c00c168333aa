//! The reference page is what the registry says; `UPDATE=1` writes it.

#[test]
fn the_reference_page_is_up_to_date() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/formulas.md");
    let page = formulas::reference();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, page).expect("the page can be written");
        return;
    }
    let there = std::fs::read_to_string(path).expect("the page is there");
    for (line, (made, kept)) in page.lines().zip(there.lines()).enumerate() {
        assert_eq!(kept, made, "docs/formulas.md, line {}: run it again with UPDATE=1", line + 1);
    }
    assert_eq!(there.len(), page.len(), "docs/formulas.md: run it again with UPDATE=1");
}
