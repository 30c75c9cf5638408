//! Mermaid, which GitHub, GitLab and many wikis draw: <https://mermaid.js.org/syntax/flowchart.html>.

use super::super::text::replaced;
use std::io::{self, Write};

use super::{Column, Mark, Node, Topology};
use crate::output::Style;
use crate::report::Report;

/// Writes a flowchart.
pub(in crate::output) fn write(report: &Report, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let topology = Topology::new(report);
    writeln!(out, "flowchart LR")?;
    if topology.nodes.is_empty() {
        return writeln!(out, "  none[\"no broadcast path was found\"]");
    }
    for (number, service) in topology.services().into_iter().enumerate() {
        writeln!(out, "  subgraph s{number}[\"{}\"]", escaped(service))?;
        for (index, node) in topology.nodes.iter().enumerate().filter(|(_, node)| node.service == service) {
            writeln!(out, "    {}", shape(index, node))?;
        }
        writeln!(out, "  end")?;
    }
    for edge in &topology.edges {
        let arrow = match edge.mark {
            Mark::Island if topology.nodes[edge.to].column == Column::Endpoint => "-. stays here .->",
            Mark::Island | Mark::Suppressed => "-.->",
            Mark::Shared | Mark::Plain => "-->",
        };
        writeln!(out, "  n{} {arrow} n{}", edge.from, edge.to)?;
    }
    writeln!(out, "  classDef island fill:#fde8e8,stroke:#c81e1e,color:#771d1d,stroke-dasharray:4 3")?;
    writeln!(out, "  classDef shared fill:#def7ec,stroke:#046c4e,color:#014737")?;
    writeln!(out, "  classDef suppressed fill:#f3f4f6,stroke:#6b7280,color:#374151,stroke-dasharray:2 2")?;
    writeln!(out, "  classDef plain fill:#ffffff,stroke:#6b7280,color:#111827")
}

/// A node in the shape of its column.
fn shape(index: usize, node: &Node) -> String {
    let (open, close) = match node.column {
        Column::Trigger => ("([", "])"),
        Column::Handler => ("[", "]"),
        Column::Path => ("[/", "/]"),
        Column::Endpoint | Column::Remote => ("{{", "}}"),
        Column::Broker => ("[(", ")]"),
    };
    let place = if node.place.is_empty() { String::new() } else { format!("<br/>{}", escaped(&node.place)) };
    let island = match (node.column, node.mark) {
        (Column::Endpoint, Mark::Island) => "<br/>in-process island",
        _ => "",
    };
    format!("n{index}{open}\"{}{place}{island}\"{close}:::{}", escaped(&node.label), node.mark.word())
}

/// Text within quotes: what would end it, and what the renderer reads as markup, as entities. A backtick at the start
/// would make Markdown of it.
fn escaped(text: &str) -> String {
    replaced(text, |character| match character {
        '"' => Some("#quot;"),
        '#' => Some("#35;"),
        '&' => Some("#amp;"),
        '<' => Some("#lt;"),
        '>' => Some("#gt;"),
        '`' => Some("'"),
        other => other.is_control().then_some(" "),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn labels_cannot_end_early() {
        assert_eq!(super::escaped("a \"b\" <c> #1 `d`\n"), "a #quot;b#quot; #lt;c#gt; #35;1 'd' ");
    }
}
