//! DOT, for Graphviz: <https://graphviz.org/doc/info/lang.html>.

use super::super::text::on_one_line;
use std::io::{self, Write};

use super::{Column, Mark, Node, Topology};
use crate::output::Style;
use crate::report::Report;

/// Writes a digraph.
pub(in crate::output) fn write(report: &Report, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let topology = Topology::new(report);
    writeln!(out, "digraph crosscast {{")?;
    writeln!(out, "  rankdir=LR;\n  node [fontname=\"Helvetica\", fontsize=10, style=filled];")?;
    writeln!(out, "  edge [fontname=\"Helvetica\", fontsize=9];")?;
    for (number, service) in topology.services().into_iter().enumerate() {
        writeln!(out, "  subgraph cluster_{number} {{\n    label=\"{}\";", escaped(service))?;
        for (index, node) in topology.nodes.iter().enumerate().filter(|(_, node)| node.service == service) {
            writeln!(out, "    n{index} [{}];", attributes(node))?;
        }
        writeln!(out, "  }}")?;
    }
    for edge in &topology.edges {
        let style = match edge.mark {
            Mark::Island if topology.nodes[edge.to].column == Column::Endpoint => {
                " [color=\"#c81e1e\", style=dashed, label=\"stays here\"]"
            }
            Mark::Island => " [color=\"#c81e1e\", style=dashed]",
            Mark::Suppressed => " [color=\"#6b7280\", style=dotted]",
            Mark::Shared => " [color=\"#046c4e\"]",
            Mark::Plain => "",
        };
        writeln!(out, "  n{} -> n{}{style};", edge.from, edge.to)?;
    }
    writeln!(out, "}}")
}

fn attributes(node: &Node) -> String {
    let shape = match node.column {
        Column::Trigger => "oval",
        Column::Handler => "box",
        Column::Path => "parallelogram",
        Column::Endpoint | Column::Remote => "hexagon",
        Column::Broker => "cylinder",
    };
    let (fill, line) = match node.mark {
        Mark::Island => ("#fde8e8", "#c81e1e"),
        Mark::Shared => ("#def7ec", "#046c4e"),
        Mark::Suppressed => ("#f3f4f6", "#6b7280"),
        Mark::Plain => ("#ffffff", "#6b7280"),
    };
    let place = if node.place.is_empty() { String::new() } else { format!("\\n{}", escaped(&node.place)) };
    let is_island = node.column == Column::Endpoint && node.mark == Mark::Island;
    let island = if is_island { "\\nin-process island" } else { "" };
    let label = escaped(&node.label);
    format!("label=\"{label}{place}{island}\", shape={shape}, fillcolor=\"{fill}\", color=\"{line}\"")
}

/// Text within quotes.
fn escaped(text: &str) -> String {
    on_one_line(text).replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    #[test]
    fn labels_cannot_end_early() {
        assert_eq!(super::escaped("a \"b\" \\c\n"), "a \\\"b\\\" \\\\c ");
    }
}
