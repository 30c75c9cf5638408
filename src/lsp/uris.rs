//! Paths and the `file:` URIs that editors know them by.

use camino::{Utf8Path, Utf8PathBuf};
use lsp_types::Uri;
use std::str::FromStr;

/// The URI of an absolute path.
pub(super) fn of_path(path: &Utf8Path) -> Option<Uri> {
    let url = url::Url::from_file_path(path).ok()?;
    // What the URL standard leaves as it is, and RFC 3986, by which the protocol goes, does not allow in a path.
    let mut text = url.to_string();
    for (character, escape) in [("[", "%5B"), ("]", "%5D"), ("^", "%5E"), ("|", "%7C")] {
        text = text.replace(character, escape);
    }
    Uri::from_str(&text).ok()
}

/// The path of a `file:` URI; editors differ in how they escape, so URIs are compared as paths.
pub(super) fn to_path(uri: &Uri) -> Option<Utf8PathBuf> {
    let url = url::Url::parse(uri.as_str()).ok()?;
    Utf8PathBuf::from_path_buf(url.to_file_path().ok()?).ok()
}

/// The path without links, as an audit knows its root; as it is where it does not exist.
pub(super) fn canonical(path: &Utf8Path) -> Utf8PathBuf {
    let Some(found) = path.canonicalize_utf8().ok() else { return path.to_owned() };
    // Windows marks canonical paths in a way that URIs do not have.
    found.as_str().strip_prefix(r"\\?\").map(Utf8PathBuf::from).unwrap_or(found)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn uris_are_read_however_they_are_escaped() {
        let path = Utf8Path::new("/home/me/a b/ü[1].ts");
        let uri = of_path(path).unwrap();
        assert_eq!(to_path(&uri).unwrap(), path);
        let other = Uri::from_str("file:///home/me/a%20b/%C3%BC%5B1%5D.ts").unwrap();
        assert_eq!(to_path(&other).unwrap(), path);
        assert_eq!(to_path(&Uri::from_str("untitled:Untitled-1").unwrap()), None);
    }
}
