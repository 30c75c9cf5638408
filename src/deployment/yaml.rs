//! A small YAML tree with places, built from parser events. Aliased nodes are shared, not copied, and size and depth
//! are bounded, so a hostile file costs no more than its own length. JSON is read through the same door.

use saphyr_parser::{Event, Marker, Parser, Span};
use std::rc::Rc;

use crate::source::{Location, ManifestFile};

/// Nesting beyond this is an error.
const MAX_DEPTH: usize = 100;
/// Merge keys (`<<`) are followed this far.
const MAX_MERGES: usize = 8;

/// A 1-based line and a 0-based column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark {
    line: usize,
    column: usize,
}

/// A node.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it starts.
    pub(super) start: Mark,
    /// Where it ends.
    pub(super) end: Mark,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Scalar(String),
    Sequence(Vec<Rc<Node>>),
    Mapping(Vec<(Rc<Node>, Rc<Node>)>),
}

impl Node {
    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a sequence; nothing for other nodes.
    pub(super) fn items(&self) -> impl Iterator<Item = &Node> {
        let items: &[Rc<Node>] = match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        };
        items.iter().map(|item| &**item)
    }

    /// Whether this is a sequence.
    pub(super) fn is_sequence(&self) -> bool {
        matches!(self.value, Value::Sequence(_))
    }

    /// The pairs of a mapping; nothing for other nodes.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&Node, &Node)> {
        let pairs: &[(Rc<Node>, Rc<Node>)] = match &self.value {
            Value::Mapping(pairs) => pairs,
            _ => &[],
        };
        pairs.iter().map(|(key, value)| (&**key, &**value))
    }

    /// The pair with this key, merged mappings included.
    pub(super) fn pair(&self, key: &str) -> Option<(&Node, &Node)> {
        self.pair_within(key, MAX_MERGES)
    }

    /// The value under a key, merged mappings included.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.pair(key).map(|(_, value)| value)
    }

    fn pair_within(&self, key: &str, merges: usize) -> Option<(&Node, &Node)> {
        let own = self.pairs().find(|(name, _)| name.text() == Some(key));
        if own.is_some() || merges == 0 {
            return own;
        }
        let merged = self.pairs().filter(|(name, _)| name.text() == Some("<<")).map(|(_, value)| value);
        merged.into_iter().find_map(|value| {
            let direct = value.pair_within(key, merges - 1);
            direct.or_else(|| value.items().find_map(|item| item.pair_within(key, merges - 1)))
        })
    }
}

/// What could be read of a file.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// Complete documents.
    pub(super) documents: Vec<Rc<Node>>,
    /// Why reading stopped.
    pub(super) error: Option<YamlError>,
}

/// Why a file could not be read to its end.
#[derive(Debug)]
pub(super) struct YamlError {
    /// 1-based line.
    pub(super) line: u32,
    /// One sentence.
    pub(super) message: String,
}

/// Reads all documents of a text.
pub(super) fn parse(text: &str) -> Parsed {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let result = match event {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => Err(YamlError { line: error.marker().line() as u32, message: error.info().to_owned() }),
        };
        if let Err(error) = result {
            return Parsed { documents: builder.documents, error: Some(error) };
        }
    }
    Parsed { documents: builder.documents, error: None }
}

/// A collection that is still open.
struct Open {
    start: Mark,
    anchor: usize,
    is_mapping: bool,
    children: Vec<Rc<Node>>,
}

#[derive(Default)]
struct Builder {
    documents: Vec<Rc<Node>>,
    open: Vec<Open>,
    /// By anchor id; ids count from 1.
    anchors: Vec<Option<Rc<Node>>>,
}

impl Builder {
    fn take(&mut self, event: Event, span: Span) -> Result<(), YamlError> {
        let (start, end) = (mark(span.start), mark(span.end));
        match event {
            Event::Scalar(text, _, anchor, _) => {
                self.close(anchor, Node { start, end, value: Value::Scalar(text.into_owned()) });
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(anchor).cloned().flatten();
                let empty = || Rc::new(Node { start, end, value: Value::Scalar(String::new()) });
                let node = target.unwrap_or_else(empty);
                self.add(node);
            }
            Event::SequenceStart(anchor, _) => self.begin(start, anchor, false)?,
            Event::MappingStart(anchor, _) => self.begin(start, anchor, true)?,
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let value = if open.is_mapping {
                    Value::Mapping(pairs(open.children))
                } else {
                    Value::Sequence(open.children)
                };
                self.close(open.anchor, Node { start: open.start, end, value });
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn begin(&mut self, start: Mark, anchor: usize, is_mapping: bool) -> Result<(), YamlError> {
        if self.open.len() == MAX_DEPTH {
            let message = format!("The file nests deeper than {MAX_DEPTH} levels.");
            return Err(YamlError { line: start.line as u32, message });
        }
        self.open.push(Open { start, anchor, is_mapping, children: Vec::new() });
        Ok(())
    }

    fn close(&mut self, anchor: usize, node: Node) {
        let node = Rc::new(node);
        if anchor > 0 {
            if self.anchors.len() <= anchor {
                self.anchors.resize(anchor + 1, None);
            }
            self.anchors[anchor] = Some(Rc::clone(&node));
        }
        self.add(node);
    }

    fn add(&mut self, node: Rc<Node>) {
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.documents.push(node),
        }
    }
}

/// Alternating keys and values as pairs.
fn pairs(children: Vec<Rc<Node>>) -> Vec<(Rc<Node>, Rc<Node>)> {
    let mut children = children.into_iter();
    std::iter::from_fn(|| Some((children.next()?, children.next()?))).collect()
}

fn mark(marker: Marker) -> Mark {
    Mark { line: marker.line(), column: marker.col() }
}

/// A range of a file, in the report's terms. The parser's end marks may include white space, the report's do not.
pub(super) fn location(file: &ManifestFile, start: Mark, end: Mark) -> Location {
    let before = |mark: Mark| {
        let line = file.text.lines().nth(mark.line.saturating_sub(1)).unwrap_or_default();
        let end = line.char_indices().nth(mark.column).map_or(line.len(), |(offset, _)| offset);
        &line[..end]
    };
    let column = |text: &str| text.encode_utf16().count() as u32 + 1;
    Location {
        file: file.path.clone(),
        line: start.line as u32,
        column: column(before(start)),
        end_line: end.line as u32,
        end_column: column(before(end).trim_end()),
    }
}
