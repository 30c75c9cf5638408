//! Which files are JavaScript or TypeScript.

use std::io::Read;

use camino::Utf8Path;

use super::Language;

/// The language of a file by its name; none for type declarations, which hold no code.
pub(super) fn of_path(path: &Utf8Path) -> Option<Language> {
    let name = path.file_name()?;
    let (stem, extension) = name.rsplit_once('.')?;
    match extension {
        "js" | "jsx" | "mjs" | "cjs" => Some(Language::JavaScript),
        "ts" | "mts" | "cts" if stem.ends_with(".d") => None,
        "ts" | "mts" | "cts" => Some(Language::TypeScript),
        "tsx" => Some(Language::Tsx),
        _ => None,
    }
}

/// Whether a file without an extension is a Node script: `bin/www` with `#!/usr/bin/env node`, where many
/// generated servers create their HTTP server.
pub(super) fn is_node_script(root: &Utf8Path, path: &Utf8Path) -> bool {
    let in_bin = path.parent().and_then(Utf8Path::file_name) == Some("bin");
    if !in_bin || path.extension().is_some() {
        return false;
    }
    let mut head = [0; 64];
    let Ok(mut file) = std::fs::File::open(root.join(path)) else { return false };
    let Ok(length) = file.read(&mut head) else { return false };
    let first_line = head[..length].split(|&byte| byte == b'\n').next().unwrap_or_default();
    first_line.starts_with(b"#!") && memchr::memmem::find(first_line, b"node").is_some()
}
