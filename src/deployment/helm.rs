//! Helm templates, as far as they are literal: actions are blanked out in place, and a branch that the values of the chart
//! turn off is blanked out as a whole.

use std::rc::Rc;

use super::tree::{Found, Node, Path};

/// Fills the place of a value that only rendering would give. No number and no name is written so.
const FILL: u8 = b'~';

/// Whether a text holds a value that only rendering would give.
pub(super) fn is_rendered(text: &str) -> bool {
    text.contains("~~") || text.contains("{{")
}

/// What a condition of a template is, by the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    True,
    False,
    Unknown,
}

impl Truth {
    fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

/// An open block.
struct Block {
    /// What its branch so far was; `range` and `with` are unknown.
    truth: Truth,
    /// Whether its text counts.
    shown: bool,
}

/// The template as YAML of the same length, so that places stay. `values` are the values files of the chart.
pub(super) fn blank(text: &str, values: &[Rc<Node>]) -> String {
    let mut plain = text.as_bytes().to_vec();
    let mut blocks: Vec<Block> = Vec::new();
    let mut at = 0;
    let mut hidden_from = None;
    while let Some(open) = text[at..].find("{{").map(|offset| at + offset) {
        let Some(close) = text[open..].find("}}").map(|offset| open + offset + 2) else { break };
        let action = text[open + 2..close - 2].trim_matches(['-', ' ', '\t', '\n', '\r']);
        if let Some(from) = hidden_from.take() {
            erase(&mut plain[from..open], b' ');
        }
        let is_structure = follow(action, &mut blocks, values);
        let fill = if is_structure || stands_alone(text, open, close) { b' ' } else { FILL };
        erase(&mut plain[open..close], fill);
        if let Some(name) = included_name(action).filter(|name| name.len() <= close - open) {
            erase(&mut plain[open..close], b' ');
            plain[close - name.len()..close].copy_from_slice(name.as_bytes());
        }
        if blocks.iter().any(|block| !block.shown) {
            hidden_from = Some(close);
        }
        at = close;
    }
    // Bytes were replaced by ASCII from one border of a character to another.
    String::from_utf8(plain).unwrap_or_default()
}

/// The name that an action includes by the convention of `helm create`: `wiki.postgresql.fullname` gives `wiki-postgresql`,
/// and the prefix of the release before it.
fn included_name(action: &str) -> Option<String> {
    let template = action.strip_prefix("include")?.trim_start().strip_prefix('"')?.split('"').next()?;
    let (name, last) = template.rsplit_once('.')?;
    let is_plain = name.chars().all(|each| each.is_ascii_alphanumeric() || matches!(each, '.' | '-' | '_'));
    (is_plain && matches!(last, "fullname" | "name")).then(|| name.replace('.', "-"))
}

/// What is literal in a name: `{{ .Release.Name }}-redis` is some `redis`.
pub(super) fn literal_part(name: &str) -> Option<&str> {
    if !is_rendered(name) {
        return Some(name);
    }
    let end = name.rsplit(['~', '}']).next().unwrap_or_default();
    let part = end.trim_matches(['-', '_', '.']);
    (!part.is_empty()).then_some(part)
}

fn erase(bytes: &mut [u8], fill: u8) {
    bytes.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = fill);
}

/// Whether an action is all that its line holds.
fn stands_alone(text: &str, open: usize, close: usize) -> bool {
    let before = text[..open].rsplit('\n').next().unwrap_or_default();
    let after = text[close..].split('\n').next().unwrap_or_default();
    before.trim().is_empty() && after.trim().is_empty()
}

/// Follows an action that opens, continues or closes a block; `false` for one that gives a value.
fn follow(action: &str, blocks: &mut Vec<Block>, values: &[Rc<Node>]) -> bool {
    let (word, rest) = action.split_once(char::is_whitespace).unwrap_or((action, ""));
    match word {
        "if" => {
            let truth = judge(rest.trim(), values);
            blocks.push(Block { truth, shown: truth != Truth::False });
        }
        "range" | "with" | "define" | "block" => blocks.push(Block { truth: Truth::Unknown, shown: true }),
        "else" => {
            if let Some(block) = blocks.last_mut() {
                let condition = rest.trim().strip_prefix("if").map(|rest| judge(rest.trim(), values));
                let here = match block.truth {
                    Truth::True => Truth::False,
                    _ => condition.unwrap_or(block.truth.not()),
                };
                block.shown = here != Truth::False;
                if block.truth == Truth::False {
                    block.truth = here;
                }
            }
        }
        "end" => drop(blocks.pop()),
        "template" | "include" => return word == "template",
        _ => return word.starts_with("/*") || word.starts_with('$') && rest.starts_with(":="),
    }
    true
}

/// What a condition is by the values; several files of values may differ, and one that turns it on is enough.
fn judge(condition: &str, values: &[Rc<Node>]) -> Truth {
    if let Some(rest) = condition.strip_prefix("not ") {
        return judge(rest.trim().trim_matches(['(', ')']), values).not();
    }
    let Some(path) = condition.trim_matches(['(', ')']).trim().strip_prefix(".Values.") else {
        return Truth::Unknown;
    };
    if path.contains(char::is_whitespace) {
        return Truth::Unknown;
    }
    let path = Path::parse(&path.replace('.', " > "));
    let found = values.iter().flat_map(|file| path.find(Found::root(file))).map(|found| truth_of(found.node));
    let mut known = found.collect::<Vec<_>>();
    known.sort_by_key(|truth| *truth != Truth::True);
    known.first().copied().unwrap_or(Truth::Unknown)
}

fn truth_of(node: &Node) -> Truth {
    let is_empty = match node.text() {
        Some(text) => matches!(text, "false" | "0" | "" | "null" | "~"),
        None => node.len() == 0,
    };
    if is_empty { Truth::False } else { Truth::True }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str, values: &str) -> String {
        let values = super::super::yaml::parse(values).documents;
        let plain = blank(text, &values);
        assert_eq!(plain.len(), text.len());
        plain.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn actions_are_blanked_out_in_place() {
        let text = "{{- $x := 1 }}\nname: {{ include \"a\" . }}\nreplicas: 3\nlabels:\n  {{- toYaml .Values.l | nindent 2 }}\n";
        assert_eq!(rendered(text, ""), "name: ~~~~~~~~~~~~~~~~~~~\nreplicas: 3\nlabels:");
    }

    #[test]
    fn names_by_convention_are_read() {
        let name = |text: &str| rendered(text, "").split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(name("name: {{ include \"wiki.fullname\" . }}"), "name: wiki");
        assert_eq!(name("name: {{ include \"wiki.postgresql.fullname\" $ }}-0"), "name: wiki-postgresql-0");
        assert!(name("labels: {{ include \"wiki.labels\" . }}").contains("~~"));
        assert_eq!(literal_part("~~~~~~-redis"), Some("redis"));
        assert_eq!(literal_part("~~~~~~"), None);
        assert_eq!(literal_part("plain-1"), Some("plain-1"));
    }

    #[test]
    fn branches_follow_the_values() {
        let text = "{{- if .Values.auto.on }}\na: 1\n{{- else }}\nb: 1\n{{- end }}\n{{ if not .Values.auto.on }}\nc: 1\n{{ end }}\nd: 1\n";
        assert_eq!(rendered(text, "auto: { on: false }"), "b: 1\nc: 1\nd: 1");
        assert_eq!(rendered(text, "auto: { on: true }"), "a: 1\nd: 1");
        assert_eq!(rendered(text, ""), "a: 1\nb: 1\nc: 1\nd: 1");
        assert_eq!(rendered("{{ if and .Values.a .Values.b }}\nx: 1\n{{ end }}", "a: 0"), "x: 1");
        assert_eq!(rendered("x: {{ unclosed", ""), "x: {{ unclosed");
    }
}
