//! Reading one file: limits, encoding, and the signs of generated text.

use std::io::Read;

use camino::Utf8Path;

use super::{Problem, ProblemKind};

/// Reads a file as text; broken encodings are repaired and reported, unusable files only reported.
pub(super) fn read(root: &Utf8Path, path: &Utf8Path, max_bytes: u64) -> (Option<String>, Option<Problem>) {
    let problem = |kind, message: String| Some(Problem { file: path.to_owned(), line: None, kind, message });
    let bytes = match read_bytes(&root.join(path), max_bytes) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            let message = format!("It is larger than {max_bytes} bytes.");
            return (None, problem(ProblemKind::TooLarge, message));
        }
        Err(error) => {
            let message = format!("It could not be read: {error}.");
            return (None, problem(ProblemKind::Unreadable, message));
        }
    };
    if memchr::memchr(0, &bytes).is_some() {
        return (None, problem(ProblemKind::Binary, "It holds NUL bytes, so it is no text.".to_owned()));
    }
    match String::from_utf8(bytes) {
        Ok(text) => (Some(text), None),
        Err(error) => {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = 1 + memchr::memchr_iter(b'\n', valid).count() as u32;
            let message = "It is not valid UTF-8; the bad bytes were replaced.".to_owned();
            let problem =
                Problem { file: path.to_owned(), line: Some(line), kind: ProblemKind::InvalidUtf8, message };
            (Some(String::from_utf8_lossy(error.as_bytes()).into_owned()), Some(problem))
        }
    }
}

/// The bytes of a file; none where it is above the limit.
fn read_bytes(path: &Utf8Path, max_bytes: u64) -> std::io::Result<Option<Vec<u8>>> {
    let file = std::fs::File::open(path)?;
    let size = file.metadata()?.len();
    if size > max_bytes {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(size as usize + 1);
    // The file may grow while it is read.
    file.take(max_bytes + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= max_bytes).then_some(bytes))
}

/// Below this size a file is always read as written by hand.
const SMALL: usize = 4_000;
/// A line above this many bytes is a long one.
const LONG_LINE: usize = 1_000;

/// Whether the text was made by a minifier or bundler.
pub(super) fn is_generated(text: &str) -> bool {
    text.len() > SMALL && (is_bundle(text) || is_minified(text))
}

/// Minified code has nearly all of its bytes in very long lines, and those lines are dense with statements; a
/// long line of data (a certificate, an embedded image) is not.
fn is_minified(text: &str) -> bool {
    let mut long = 0;
    let mut statements = 0;
    for line in text.lines().filter(|line| line.len() > LONG_LINE) {
        long += line.len();
        statements += memchr::memchr3_iter(b';', b'{', b'(', line.as_bytes()).count();
    }
    long * 10 > text.len() * 8 && statements * 50 > long
}

/// Bundlers put their module loader at the top of what they write.
fn is_bundle(text: &str) -> bool {
    let head = &text.as_bytes()[..text.len().min(4_000)];
    ["webpackBootstrap", "__webpack_modules__", "var __commonJS = ", "parcelRequire = "]
        .iter()
        .any(|mark| memchr::memmem::find(head, mark.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minified_code_is_generated_but_long_data_is_not() {
        let minified = "function a(b){return b.c(d)};".repeat(400);
        assert!(is_generated(&minified));
        let data = format!("export const image = '{}';\nexport const size = 3;\n", "QUJD".repeat(4_000));
        assert!(!is_generated(&data));
        let lines = "function handle(socket) { return socket.id; }\n".repeat(400);
        assert!(!is_generated(&lines));
    }

    #[test]
    fn bundles_are_generated() {
        let bundle = format!("/******/ (() => {{ // webpackBootstrap\n{}", "var x = 1;\n".repeat(1_000));
        assert!(is_generated(&bundle));
    }
}
