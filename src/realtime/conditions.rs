//! Conditions of the configuration under which code runs (SPEC section 2: `condition`, `fallback`).

use super::program::Program;
use crate::facts::{ExprKind, FunctionId, GuardKind};
use crate::flow::{EdgeKind, ExprRef};

/// A condition as written, and whether it has to hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Condition {
    /// Its source text, negations stripped.
    pub(crate) text: String,
    /// Whether the code runs when it holds (or when it does not).
    pub(crate) holds: bool,
    /// For a variable: what it is assigned.
    meaning: String,
}

impl Condition {
    /// The text that the report shows.
    pub(crate) fn shown(&self) -> String {
        if self.holds { self.text.clone() } else { format!("!({})", self.text) }
    }

    /// Whether it speaks of configuration rather than of data.
    pub(crate) fn is_configuration(&self) -> bool {
        let text = format!("{} {}", self.text, self.meaning).to_lowercase();
        CONFIGURATION.iter().any(|word| text.contains(word))
    }

    /// Whether both cannot hold at once.
    pub(crate) fn excludes(&self, other: &Condition) -> bool {
        self.text == other.text && self.holds != other.holds
    }
}

/// Words that mark a condition as one of configuration rather than of data.
const CONFIGURATION: &[&str] = &[
    "env",
    "config",
    "setting",
    "option",
    "opts",
    "enable",
    "disable",
    "flag",
    "distributed",
    "scal",
    "production",
];

/// All conditions around an expression within its function and around the creation of the functions it stands in,
/// innermost first.
pub(crate) fn conditions(program: &Program, at: ExprRef) -> Vec<Condition> {
    conditions_at(program, at).into_iter().map(|(condition, _)| condition).collect()
}

/// The same, each with the expression that is tested.
pub(crate) fn conditions_at(program: &Program, at: ExprRef) -> Vec<(Condition, ExprRef)> {
    let written = guards_around(program, at).filter_map(|guard| match guard {
        GuardKind::If { condition, negated } => {
            let condition = program.at(at, condition);
            Some((normalize(program, condition, negated), condition))
        }
        _ => None,
    });
    written.collect()
}

/// All guards around an expression within its function and around the creation of the functions it stands in, innermost
/// first.
pub(crate) fn guards_around<'p>(program: &'p Program, at: ExprRef) -> impl Iterator<Item = GuardKind> + use<'p> {
    let facts = program.flow.facts(at.module);
    let own = facts.expr(at.expr);
    let functions = std::iter::successors(Some(own.function), |&each| Some(facts.function(each).parent));
    let created = functions.take_while(|&each| each != FunctionId::MODULE).map(|each| facts.function(each).guard);
    let innermost = std::iter::once(own.guard).chain(created);
    innermost
        .flat_map(|guard| std::iter::successors(guard, |&each| facts.guard(each).parent))
        .map(|each| facts.guard(each).kind)
}

fn normalize(program: &Program, condition: ExprRef, negated: bool) -> Condition {
    let mut at = condition;
    let mut holds = !negated;
    while let ExprKind::Unary { operator, operand } = program.expr(at).kind
        && program.name(at.module, operator) == "!"
    {
        at = program.at(at, operand);
        holds = !holds;
    }
    let words = |at: ExprRef| program.source(at).split_whitespace().collect::<Vec<_>>().join(" ");
    let resolved = program.resolve(at);
    let meaning = if resolved == at { String::new() } else { words(resolved) };
    Condition { text: words(at), holds, meaning }
}

/// The outermost condition of configuration under which an expression runs: around itself, else around the calls
/// that lead to it. `words` are further words that mark one, such as the backend's.
pub(crate) fn condition_of_setup(program: &Program, at: ExprRef, words: &[&str]) -> Option<Condition> {
    let relevant = |condition: &Condition| {
        let text = format!("{} {}", condition.text, condition.meaning).to_lowercase();
        condition.is_configuration() || words.iter().any(|word| text.contains(word))
    };
    let mut at = at;
    for _ in 0..6 {
        let found = conditions(program, at).into_iter().rfind(|each| relevant(each));
        if found.is_some() {
            return found;
        }
        let function = program.function_at(at);
        let mut callers = program
            .callers(function)
            .filter(|edge| !matches!(edge.kind, EdgeKind::Override { .. } | EdgeKind::External));
        let (Some(only), None) = (callers.next(), callers.next()) else { return None };
        at = only.site;
    }
    None
}
