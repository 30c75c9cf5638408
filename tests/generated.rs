//! Generated files equal what the program generates; `CROSSCAST_UPDATE=1 cargo test --test generated` rewrites them.

use std::path::Path;

#[track_caller]
fn is_current(path: &str, expected: &str) {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("CROSSCAST_UPDATE").is_some() {
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(&full, expected).unwrap();
    }
    let found = std::fs::read_to_string(&full).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == expected, "{path} is stale: run `CROSSCAST_UPDATE=1 cargo test --test generated`");
}

#[test]
fn the_schema_of_the_report() {
    is_current("docs/report.schema.json", &crosscast::report::schema().unwrap());
}
