//! YAML as a tree, built from parser events. JSON is read through the same door.

use std::rc::Rc;

use saphyr_parser::{Event, Parser, Span};

use super::tree::{Node, Pair, Value};

/// Nesting beyond this is an error.
const MAX_DEPTH: usize = 100;

/// What could be read of a file.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// Complete documents.
    pub(super) documents: Vec<Rc<Node>>,
    /// Why reading stopped.
    pub(super) error: Option<ParseError>,
}

/// Why a file could not be read to its end.
#[derive(Debug)]
pub(super) struct ParseError {
    /// 1-based line.
    pub(super) line: u32,
    /// One sentence.
    pub(super) message: String,
}

/// Reads all documents of a text.
pub(super) fn parse(text: &str) -> Parsed {
    let mut builder = Builder { offsets: Offsets::new(text), ..Builder::default() };
    for event in Parser::new_from_str(text) {
        let result = match event {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => Err(ParseError { line: error.marker().line() as u32, message: error.info().to_owned() }),
        };
        if let Err(error) = result {
            return Parsed { documents: builder.documents, error: Some(error) };
        }
    }
    Parsed { documents: builder.documents, error: None }
}

/// From the parser's characters to bytes.
#[derive(Default)]
struct Offsets {
    /// The byte of each character; empty where both are the same.
    bytes: Vec<u32>,
    length: usize,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let bytes = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(offset, _)| offset as u32).collect()
        };
        Offsets { bytes, length: text.len() }
    }

    fn byte(&self, character: usize) -> usize {
        match self.bytes.get(character) {
            Some(&byte) => byte as usize,
            None if self.bytes.is_empty() => character.min(self.length),
            None => self.length,
        }
    }
}

/// A collection that is still open.
struct Open {
    start: usize,
    anchor: usize,
    is_mapping: bool,
    children: Vec<Rc<Node>>,
}

#[derive(Default)]
struct Builder {
    offsets: Offsets,
    documents: Vec<Rc<Node>>,
    open: Vec<Open>,
    /// By anchor id; ids count from 1.
    anchors: Vec<Option<Rc<Node>>>,
}

impl Builder {
    fn take(&mut self, event: Event, span: Span) -> Result<(), ParseError> {
        let (start, end) = (self.offsets.byte(span.start.index()), self.offsets.byte(span.end.index()));
        match event {
            Event::Scalar(text, _, anchor, _) => {
                self.close(anchor, Node { start, end, value: Value::Scalar(text.into_owned(), true) });
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(anchor).cloned().flatten();
                self.add(target.unwrap_or_else(|| Node::scalar(start..end, "")));
            }
            Event::SequenceStart(anchor, _) => self.begin(span, anchor, false)?,
            Event::MappingStart(anchor, _) => self.begin(span, anchor, true)?,
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

    fn begin(&mut self, span: Span, anchor: usize, is_mapping: bool) -> Result<(), ParseError> {
        if self.open.len() == MAX_DEPTH {
            let message = format!("The file nests deeper than {MAX_DEPTH} levels.");
            return Err(ParseError { line: span.start.line() as u32, message });
        }
        let start = self.offsets.byte(span.start.index());
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
fn pairs(children: Vec<Rc<Node>>) -> Vec<Pair> {
    let mut children = children.into_iter();
    std::iter::from_fn(|| Some((children.next()?, children.next()?))).collect()
}
