//! One tree for all formats: scalars, sequences and mappings with their places in the text. Shared nodes are shared, not
//! copied, and every walk is bounded, so a hostile file costs no more than its own length.

use std::rc::Rc;

/// Merge keys (`<<`) are followed this deep, and through this many mappings.
const MAX_MERGES: usize = 8;
const MAX_MERGED: usize = 1_000;
/// A path finds at most this many nodes; a file with more is data and no deployment.
const MAX_FOUND: usize = 2_000;

/// The key of YAML's merges; spreads of other languages become it too.
pub(super) const MERGE: &str = "<<";

/// A node with its byte range.
#[derive(Debug)]
pub(super) struct Node {
    /// First byte.
    pub(super) start: usize,
    /// One past the last byte.
    pub(super) end: usize,
    /// What it is.
    pub(super) value: Value,
}

/// A pair of a mapping.
pub(super) type Pair = (Rc<Node>, Rc<Node>);

/// What a node is.
#[derive(Debug)]
pub(super) enum Value {
    /// A literal; expressions keep their source text, with `false`.
    Scalar(String, bool),
    /// A list.
    Sequence(Vec<Rc<Node>>),
    /// A mapping; keys may repeat (blocks of HCL).
    Mapping(Vec<Pair>),
}

/// The place of a node that another file gives.
const INHERITED: usize = usize::MAX;
/// Files are laid over each other this deep.
const MAX_OVERLAID: usize = 16;

/// `over` with what `base` says where it says nothing: mappings are merged, everything else is replaced. What comes from
/// `base` has no place.
pub(super) fn overlay(over: &Rc<Node>, base: &Rc<Node>) -> Rc<Node> {
    overlay_within(over, base, MAX_OVERLAID)
}

fn overlay_within(over: &Rc<Node>, base: &Rc<Node>, depth: usize) -> Rc<Node> {
    let (Value::Mapping(own), Value::Mapping(others)) = (&over.value, &base.value) else { return over.clone() };
    if depth == 0 {
        return over.clone();
    }
    let find = |pairs: &[Pair], key: &Node| pairs.iter().find(|(name, _)| name.text() == key.text()).cloned();
    let mut pairs: Vec<Pair> = own
        .iter()
        .map(|(key, value)| match find(others, key) {
            Some((_, under)) => (key.clone(), overlay_within(value, &under, depth - 1)),
            None => (key.clone(), value.clone()),
        })
        .collect();
    let missing = others.iter().filter(|(key, _)| find(own, key).is_none());
    pairs.extend(missing.map(|(key, value)| (key.inherited(depth), value.inherited(depth))));
    Rc::new(Node { start: over.start, end: over.end, value: Value::Mapping(pairs) })
}

impl Node {
    /// Whether another file gives it.
    pub(super) fn is_inherited(&self) -> bool {
        self.start == INHERITED
    }

    /// A copy that stands nowhere; what lies deeper than `depth` is left out.
    fn inherited(&self, depth: usize) -> Rc<Node> {
        let value = match &self.value {
            Value::Scalar(text, literal) => Value::Scalar(text.clone(), *literal),
            _ if depth == 0 => Value::Sequence(Vec::new()),
            Value::Sequence(items) => Value::Sequence(items.iter().map(|item| item.inherited(depth - 1)).collect()),
            Value::Mapping(pairs) => {
                let copy = |(key, value): &Pair| (key.inherited(depth - 1), value.inherited(depth - 1));
                Value::Mapping(pairs.iter().map(copy).collect())
            }
        };
        Rc::new(Node { start: INHERITED, end: INHERITED, value })
    }

    /// A literal.
    pub(super) fn scalar(range: std::ops::Range<usize>, text: impl Into<String>) -> Rc<Node> {
        Rc::new(Node { start: range.start, end: range.end, value: Value::Scalar(text.into(), true) })
    }

    /// An expression that only running the program would evaluate.
    pub(super) fn expression(range: std::ops::Range<usize>, text: impl Into<String>) -> Rc<Node> {
        Rc::new(Node { start: range.start, end: range.end, value: Value::Scalar(text.into(), false) })
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// The text of a literal.
    pub(super) fn literal(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text, true) => Some(text),
            _ => None,
        }
    }

    /// The words of a list of texts, as one text.
    pub(super) fn words(&self) -> Option<String> {
        let words: Vec<&str> = self.items().iter().filter_map(|item| item.text()).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// The items of a sequence; nothing for other nodes.
    pub(super) fn items(&self) -> &[Rc<Node>] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The pairs of a mapping; nothing for other nodes.
    pub(super) fn pairs(&self) -> &[Pair] {
        match &self.value {
            Value::Mapping(pairs) => pairs,
            _ => &[],
        }
    }

    /// How many items or pairs it has.
    pub(super) fn len(&self) -> usize {
        self.items().len() + self.pairs().len()
    }

    /// All pairs with this key; where there are none, those of merged mappings.
    fn pairs_of(&self, key: &str) -> Vec<(&Node, &Node)> {
        let mut budget = MAX_MERGED;
        self.pairs_within(key, MAX_MERGES, &mut budget)
    }

    fn pairs_within(&self, key: &str, depth: usize, budget: &mut usize) -> Vec<(&Node, &Node)> {
        let own: Vec<_> = self.pairs().iter().filter(|(name, _)| name.text() == Some(key)).collect();
        if !own.is_empty() || depth == 0 {
            return own.into_iter().map(|(name, value)| (&**name, &**value)).collect();
        }
        for (_, merged) in self.pairs().iter().filter(|(name, _)| name.text() == Some(MERGE)) {
            for each in std::iter::once(merged).chain(merged.items()) {
                if *budget == 0 {
                    return Vec::new();
                }
                *budget -= 1;
                let found = each.pairs_within(key, depth - 1, budget);
                if !found.is_empty() {
                    return found;
                }
            }
        }
        Vec::new()
    }
}

/// A chain of keys: `spec > containers > *`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Path(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Any,
    /// The key that the node stands under.
    OwnKey,
}

impl Path {
    /// Reads a path; the empty text is the node itself.
    pub(super) fn parse(text: &str) -> Path {
        let step = |word: &str| match word {
            "*" => Step::Any,
            "@key" => Step::OwnKey,
            key => Step::Key(key.to_owned()),
        };
        let words = text.split(" > ").map(str::trim).filter(|word| !word.is_empty());
        Path(words.map(step).collect())
    }

    /// Every node at the path.
    pub(super) fn find<'n>(&self, from: Found<'n>) -> Vec<Found<'n>> {
        let mut found = vec![from];
        for step in &self.0 {
            let mut next = Vec::new();
            for each in found {
                each.step(step, &mut next);
                if next.len() >= MAX_FOUND {
                    next.truncate(MAX_FOUND);
                    break;
                }
            }
            found = next;
        }
        found
    }
}

/// A node, and the key that it stands under.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'n> {
    /// Its key, where it is a value of a mapping.
    pub(super) key: Option<&'n Node>,
    /// The node.
    pub(super) node: &'n Node,
}

impl<'n> Found<'n> {
    /// A node without a key.
    pub(super) fn root(node: &'n Node) -> Self {
        Found { key: None, node }
    }

    /// From the start of the key (or of the value) to the end of the value.
    pub(super) fn range(&self) -> std::ops::Range<usize> {
        let start = self.key.map_or(self.node.start, |key| key.start);
        // A shared node may stand before the key that refers to it.
        start..self.node.end.max(self.key.map_or(0, |key| key.end))
    }

    /// Its items and the values of its pairs.
    pub(super) fn children(self) -> impl Iterator<Item = Found<'n>> {
        let items = self.node.items().iter().take(MAX_FOUND).map(|item| Found::root(item));
        let pairs = self.node.pairs().iter().take(MAX_FOUND);
        items.chain(pairs.map(|(key, node)| Found { key: Some(key), node }))
    }

    fn step(self, step: &Step, next: &mut Vec<Found<'n>>) {
        match step {
            Step::Key(key) => {
                next.extend(self.node.pairs_of(key).into_iter().map(|(key, node)| Found { key: Some(key), node }));
            }
            Step::Any => next.extend(self.children()),
            Step::OwnKey => next.extend(self.key.map(Found::root)),
        }
    }
}
