//! What an earlier audit found, as it can be told again when the code around it has moved.

use std::collections::BTreeMap;

/// A failure of an earlier audit. It names no line: what it says of itself is what makes it the same failure again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// The check's short name.
    pub check: String,
    /// The file, relative to the root.
    pub file: String,
    /// The source text on one line, or the store's name.
    pub code: String,
    /// The enclosing named functions and classes.
    pub function: String,
    /// A hash of check, operation, code without layout, and enclosing function; the file is no part of it.
    pub fingerprint: String,
}

/// Failures that an earlier audit found, and which of them have been met again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    failures: Vec<Failure>,
    /// Whether failures were taken, by position.
    met: Vec<bool>,
    /// Positions by fingerprint, in order of file.
    positions: BTreeMap<String, Vec<usize>>,
}

impl FromIterator<Failure> for Baseline {
    fn from_iter<I: IntoIterator<Item = Failure>>(failures: I) -> Self {
        let mut failures: Vec<Failure> = failures.into_iter().collect();
        failures.sort();
        let mut positions: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (position, failure) in failures.iter().enumerate() {
            positions.entry(failure.fingerprint.clone()).or_default().push(position);
        }
        Baseline { met: vec![false; failures.len()], failures, positions }
    }
}

impl Baseline {
    /// Whether it names a failure of this file once more; takes it out. A failure that is named twice is accepted
    /// twice.
    pub fn take(&mut self, fingerprint: &str, file: &str) -> bool {
        self.take_where(fingerprint, |failure| failure.file == file)
    }

    /// Whether it names a failure once more in any file: its code was moved. To be asked after [`Self::take`] was asked
    /// for everything, so that a copy does not take the place of what it was copied from.
    pub fn take_moved(&mut self, fingerprint: &str) -> bool {
        self.take_where(fingerprint, |_| true)
    }

    fn take_where(&mut self, fingerprint: &str, fits: impl Fn(&Failure) -> bool) -> bool {
        let Some(positions) = self.positions.get(fingerprint) else { return false };
        let found = positions.iter().find(|&&position| !self.met[position] && fits(&self.failures[position]));
        found.map(|&position| self.met[position] = true).is_some()
    }

    /// What was taken.
    pub fn met(&self) -> impl Iterator<Item = &Failure> {
        self.failures.iter().zip(&self.met).filter(|(_, met)| **met).map(|(failure, _)| failure)
    }

    /// What was not found again: it is fixed, or its code was changed.
    pub fn gone(&self) -> impl Iterator<Item = &Failure> {
        self.failures.iter().zip(&self.met).filter(|(_, met)| !**met).map(|(failure, _)| failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(file: &str, fingerprint: &str) -> Failure {
        Failure {
            check: "c".into(),
            file: file.into(),
            code: "x".into(),
            function: String::new(),
            fingerprint: fingerprint.into(),
        }
    }

    #[test]
    fn a_failure_is_accepted_as_often_as_it_is_named() {
        let mut baseline: Baseline = [failure("a.js", "1"), failure("a.js", "1")].into_iter().collect();
        assert!(baseline.take("1", "a.js") && baseline.take("1", "a.js"));
        assert!(!baseline.take("1", "a.js") && !baseline.take_moved("1"));
        assert_eq!((baseline.met().count(), baseline.gone().count()), (2, 0));
    }

    #[test]
    fn moved_code_is_met_in_its_new_file_once_its_old_file_was_asked() {
        let mut baseline: Baseline = [failure("a.js", "1"), failure("b.js", "2")].into_iter().collect();
        assert!(!baseline.take("1", "c.js"));
        assert!(baseline.take_moved("1") && !baseline.take_moved("1"));
        assert_eq!(baseline.gone().map(|each| each.file.as_str()).collect::<Vec<_>>(), ["b.js"]);
    }
}
