//! The topology as an SVG: six columns, nodes ordered so that edges cross little.

use super::super::topology::{Column, Edge, Mark, Node, Topology};
use super::escaped;

/// Sizes in SVG units.
const NODE_WIDTH: usize = 210;
const NODE_HEIGHT: usize = 42;
const COLUMN_GAP: usize = 70;
const ROW_GAP: usize = 14;
const MARGIN: usize = 16;
const HEAD: usize = 34;
/// Characters of a label that fit a node.
const LABEL_MAX: usize = 30;
/// Rounds of ordering; more change nothing that can be seen.
const ROUNDS: usize = 6;

const COLUMNS: [(Column, &str); 6] = [
    (Column::Trigger, "Triggers"),
    (Column::Handler, "Handlers"),
    (Column::Path, "Broadcasts"),
    (Column::Endpoint, "This instance"),
    (Column::Broker, "Carried by"),
    (Column::Remote, "Other instances"),
];

/// The place of a node.
#[derive(Clone, Copy, Default)]
struct Spot {
    x: usize,
    y: usize,
}

/// Draws the topology; nothing where there is none.
pub(super) fn svg(topology: &Topology) -> String {
    if topology.nodes.is_empty() {
        return String::new();
    }
    let columns = ordered(topology);
    let rows = columns.iter().map(Vec::len).max().unwrap_or_default();
    let height = HEAD + 2 * MARGIN + rows * (NODE_HEIGHT + ROW_GAP);
    let used: Vec<usize> = (0..columns.len()).filter(|&column| !columns[column].is_empty()).collect();
    let width = 2 * MARGIN + used.len() * (NODE_WIDTH + COLUMN_GAP) - COLUMN_GAP;
    let mut spots = vec![Spot::default(); topology.nodes.len()];
    let mut heads = String::new();
    for (place, &column) in used.iter().enumerate() {
        let x = MARGIN + place * (NODE_WIDTH + COLUMN_GAP);
        heads += &format!("<text class=\"head\" x=\"{x}\" y=\"{}\">{}</text>\n", MARGIN + 8, COLUMNS[column].1);
        let free = rows - columns[column].len();
        // Short columns stand in the middle.
        let top = HEAD + MARGIN + free * (NODE_HEIGHT + ROW_GAP) / 2;
        for (row, &node) in columns[column].iter().enumerate() {
            spots[node] = Spot { x, y: top + row * (NODE_HEIGHT + ROW_GAP) };
        }
    }
    let edges: String = topology.edges.iter().map(|edge| drawn_edge(edge, &spots)).collect();
    let nodes: String =
        topology.nodes.iter().enumerate().map(|(index, node)| drawn_node(index, node, spots[index])).collect();
    format!(
        "<svg id=\"picture\" role=\"img\" aria-label=\"Realtime topology\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n{ARROWS}{heads}{edges}{nodes}</svg>\n"
    )
}

const ARROWS: &str = "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
orient=\"auto-start-reverse\"><path d=\"M0 0 8 4 0 8z\" fill=\"context-stroke\"/></marker></defs>\n";

/// Per column its nodes from top to bottom: each as near as possible to the middle of its neighbours.
fn ordered(topology: &Topology) -> Vec<Vec<usize>> {
    let column_of = |node: &Node| COLUMNS.iter().position(|(column, _)| *column == node.column).unwrap_or_default();
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); COLUMNS.len()];
    for (index, node) in topology.nodes.iter().enumerate() {
        columns[column_of(node)].push(index);
    }
    let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); topology.nodes.len()];
    for edge in &topology.edges {
        neighbours[edge.from].push(edge.to);
        neighbours[edge.to].push(edge.from);
    }
    // Heights are compared as fractions of their column, in thousandths: columns differ in length.
    let mut heights = vec![0_usize; topology.nodes.len()];
    for column in &columns {
        set_heights(column, &mut heights);
    }
    for round in 0..ROUNDS {
        let order: Vec<usize> =
            if round % 2 == 0 { (0..columns.len()).collect() } else { (0..columns.len()).rev().collect() };
        for column in order {
            let middle = |node: usize| {
                let near = &neighbours[node];
                let sum: usize = near.iter().map(|&each| heights[each]).sum();
                if near.is_empty() { heights[node] } else { sum / near.len() }
            };
            // Services stay together; the sort is stable, so equals keep their order.
            let service = |node: usize| topology.nodes[node].service.as_str();
            columns[column].sort_by_key(|&node| (service(node), middle(node)));
            set_heights(&columns[column], &mut heights);
        }
    }
    columns
}

fn set_heights(column: &[usize], heights: &mut [usize]) {
    for (row, &node) in column.iter().enumerate() {
        heights[node] = (2 * row + 1) * 500 / column.len().max(1);
    }
}

fn drawn_edge(edge: &Edge, spots: &[Spot]) -> String {
    let (from, to) = (spots[edge.from], spots[edge.to]);
    let middle = NODE_HEIGHT / 2;
    let is_back = to.x <= from.x;
    let (x1, y1) = (if is_back { from.x } else { from.x + NODE_WIDTH }, from.y + middle);
    let (x2, y2) = (if is_back { to.x + NODE_WIDTH } else { to.x }, to.y + middle);
    let half = (x1 + x2) / 2;
    format!(
        "<path class=\"edge {}\" data-from=\"{}\" data-to=\"{}\" d=\"M{x1} {y1}C{half} {y1} {half} {y2} {x2} {y2}\"/>\n",
        edge.mark.word(),
        edge.from,
        edge.to
    )
}

fn drawn_node(index: usize, node: &Node, spot: Spot) -> String {
    let Spot { x, y } = spot;
    let id = node.id.as_ref().map(|id| format!(" data-id=\"{}\"", escaped(id))).unwrap_or_default();
    let is_island = node.column == Column::Endpoint && node.mark == Mark::Island;
    let place = if is_island { format!("island · {}", node.place) } else { node.place.clone() };
    let title = format!("{}\n{}", node.label, place);
    format!(
        "<g class=\"node {}\" tabindex=\"0\" data-node=\"{index}\" data-service=\"{}\"{id}><title>{}</title>\
         <rect x=\"{x}\" y=\"{y}\" width=\"{NODE_WIDTH}\" height=\"{NODE_HEIGHT}\" rx=\"6\"/>\
         <text x=\"{}\" y=\"{}\">{}</text><text class=\"place\" x=\"{}\" y=\"{}\">{}</text></g>\n",
        node.mark.word(),
        escaped(&node.service),
        escaped(&title),
        x + 10,
        y + 17,
        escaped(&end(&node.label.replace('`', "'"), false)),
        x + 10,
        y + 33,
        escaped(&end(&place, true)),
    )
}

/// As much of a text as fits; of a path the end, which tells files apart.
fn end(text: &str, keep_end: bool) -> String {
    let length = text.chars().count();
    if length <= LABEL_MAX {
        return text.to_owned();
    }
    if keep_end {
        let kept: String = text.chars().skip(length - LABEL_MAX + 1).collect();
        return format!("…{kept}");
    }
    let kept: String = text.chars().take(LABEL_MAX - 1).collect();
    format!("{kept}…")
}
