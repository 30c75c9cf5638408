//! The rules as data for people: what `crosscast rules` lists, and every operation by name.

use super::model::{OperationId, Role};
use super::set::RuleSet;

/// One operation or property read, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRow {
    /// The rule file.
    pub family: String,
    /// The type, as [`super::ApiType::name`].
    pub ty: String,
    /// `call`, `construct`, `methods.to|in`, `properties.local`, `properties.onmessage.on-assign`.
    pub member: String,
    /// Which of the member's operations.
    pub index: u32,
    /// Whether no file says it: calling or constructing a class object gives an instance.
    pub implied: bool,
}

impl std::fmt::Display for OperationRow {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {} #{}", self.ty, self.member, self.index)
    }
}

/// One rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRow {
    /// The file's stem.
    pub family: String,
    /// What the family is.
    pub title: String,
    /// The packages.
    pub packages: Vec<String>,
    /// What the family gives, sorted: `adapter`, `broker`, `container`, `emitter`, `store`, `transport`; `carrier`
    /// where it only passes values on.
    pub gives: Vec<&'static str>,
    /// The number of operations that the file writes.
    pub operations: usize,
    /// Where its facts come from.
    pub documentation: Vec<String>,
    /// Whether crosscast brings the file along.
    pub builtin: bool,
}

/// All rule files, sorted by name.
pub fn table(rules: &RuleSet) -> Vec<RuleRow> {
    let rows = rules.families.iter().enumerate().map(|(index, family)| {
        let own = rules.types.iter().filter(|ty| ty.family as usize == index);
        let mut gives: Vec<&str> = own.filter_map(|ty| role_word(&ty.role)).collect();
        gives.sort_unstable();
        gives.dedup();
        if gives.is_empty() {
            gives.push("carrier");
        }
        let written = rules.operations.iter().filter(|row| row.family == family.name && !row.implied);
        RuleRow {
            family: family.name.clone(),
            title: family.title.clone(),
            packages: family.packages.clone(),
            gives,
            operations: written.count(),
            documentation: family.documentation.clone(),
            builtin: family.builtin,
        }
    });
    rows.collect()
}

impl RuleSet {
    /// The name of an operation.
    pub fn operation_row(&self, id: OperationId) -> &OperationRow {
        &self.operations[id.0 as usize]
    }
}

fn role_word(role: &Role) -> Option<&'static str> {
    match role {
        Role::Plain => None,
        Role::Endpoint(_) | Role::Connection(_) => Some("transport"),
        Role::Adapter(_) => Some("adapter"),
        Role::Broker(_) => Some("broker"),
        Role::Emitter => Some("emitter"),
        Role::Container => Some("container"),
        Role::Database(_) => Some("store"),
    }
}
