//! Text that must not be read as markup, or command a terminal.

/// Text on one line: line breaks and other control characters become spaces.
pub(crate) fn on_one_line(text: &str) -> String {
    text.chars().map(|each| if each.is_control() { ' ' } else { each }).collect()
}

/// Text with some of its characters written in another way.
pub(super) fn replaced(text: &str, instead: impl Fn(char) -> Option<&'static str>) -> String {
    let mut replaced = String::with_capacity(text.len());
    for character in text.chars() {
        match instead(character) {
            Some(written) => replaced.push_str(written),
            None => replaced.push(character),
        }
    }
    replaced
}

/// The entity of a character that HTML and XML read as markup in elements and quoted attributes.
pub(super) fn entity(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        _ => None,
    }
}
