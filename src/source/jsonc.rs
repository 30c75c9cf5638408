//! JSON with comments and trailing commas, as `tsconfig.json` and `bun.lock` are written.

use serde::de::DeserializeOwned;

/// Parses JSON that may hold comments, trailing commas and a byte order mark. Error positions are those of the
/// text as given.
pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    let mut plain = text.trim_start_matches('\u{feff}').to_owned();
    // Comments are blanked in place. What cannot be stripped is left for the parser to report.
    let _ = json_strip_comments::strip(&mut plain);
    if plain.trim().is_empty() {
        plain = "{}".to_owned();
    }
    serde_json::from_str(&plain)
}
