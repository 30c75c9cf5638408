//! The known word nearest to a mistyped one.

/// `did you mean …`, or all words where none is near.
pub(crate) fn suggestion<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(written, known.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?"),
        None if known.is_empty() => "nothing can stand here".to_owned(),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// The known word with the smallest edit distance, if that is at most a third of the longer word.
pub(crate) fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|word| (distance(written, word), word))
        .filter(|&(distance, word)| distance * 3 <= written.chars().count().max(word.chars().count()))
        .min()
        .map(|(_, word)| word)
}

/// The number of inserted, removed, replaced and swapped letters; case counts for nothing.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.to_lowercase().chars().collect();
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for (i, &a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &b) in right.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(a != b);
            let mut best = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a == right[j - 1] && left[i - 1] == b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_word() {
        for (written, word) in
            [("retruns", "returns"), ("return", "returns"), ("Sever", "Server"), ("callbacks", "callback")]
        {
            assert_eq!(nearest(written, ["flows", "returns", "Server", "callback"]), Some(word));
        }
    }

    #[test]
    fn a_different_word_finds_none() {
        assert_eq!(nearest("wombat", ["flows", "returns"]), None);
        assert_eq!(suggestion("wombat", ["flows", "returns"]), "known here: flows, returns");
    }
}
