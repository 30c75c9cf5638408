//! `crosscast rules`: the libraries that are known.

use camino::Utf8PathBuf;

use super::{Console, Outcome, Stop};
use crate::rules;

/// Prints one row per rule file.
pub(super) fn run(folders: &[Utf8PathBuf], console: &mut Console) -> Result<Outcome, Stop> {
    let rules = rules::load(folders).map_err(Stop::diagnostic)?;
    let rows = rules::table(&rules);
    let gives: Vec<String> = rows.iter().map(|row| row.gives.join(", ")).collect();
    let widest =
        |texts: &mut dyn Iterator<Item = usize>, heading: &str| texts.max().unwrap_or(0).max(heading.len());
    let family_width = widest(&mut rows.iter().map(|row| row.family.len()), "RULES");
    let gives_width = widest(&mut gives.iter().map(String::len), "GIVES");
    let out = &mut console.out;
    writeln!(out, "{:family_width$}  {:gives_width$}  {:>10}  PACKAGES", "RULES", "GIVES", "OPERATIONS")?;
    for (row, gives) in rows.iter().zip(&gives) {
        let packages = if row.packages.is_empty() { "(language)".to_owned() } else { row.packages.join(", ") };
        let (family, operations) = (&row.family, row.operations);
        writeln!(out, "{family:family_width$}  {gives:gives_width$}  {operations:>10}  {packages}")?;
    }
    Ok(Outcome::Success)
}
