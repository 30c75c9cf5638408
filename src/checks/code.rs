//! Source text as one line: for the report, and to tell a finding again in a later version of its file.

/// Source text longer than this is cut.
const MAX_CODE: usize = 200;

/// Words of a text joined by single spaces, cut after [`MAX_CODE`] characters.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        // A chain that is broken over lines reads `io.to(r).emit(…)`, not `io .to(r) .emit(…)`.
        if !line.is_empty() && !word.starts_with(['.', ')', '?']) && !line.ends_with('(') {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.char_indices().nth(MAX_CODE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
