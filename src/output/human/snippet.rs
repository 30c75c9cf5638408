//! Text cut to the columns that there are.

use super::super::text::on_one_line;

/// Text in at most `columns` columns; `…` stands for what is cut off.
pub(super) fn cut(text: &str, columns: usize) -> String {
    // Tabs and control characters have no width of their own.
    let text = on_one_line(text);
    if width(&text) <= columns {
        return text;
    }
    let mut kept = String::new();
    for character in text.chars() {
        if width(&kept) + 2 > columns {
            break;
        }
        kept.push(character);
    }
    format!("{}…", kept.trim_end())
}

/// The columns that a text takes; colours take none.
pub(super) fn width(text: &str) -> usize {
    textwrap::core::display_width(text)
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn text_is_cut_to_the_columns_it_takes() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer", 5), "long…");
        assert_eq!(cut("a\tb", 5), "a b");
        assert_eq!(cut("字字字", 5), "字字…");
        assert_eq!(cut("long   er", 6), "long…");
    }
}
