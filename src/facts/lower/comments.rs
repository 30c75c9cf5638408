//! The comments that mean something: JSDoc with tags, and directives to crosscast.

use super::super::Directive;
use crate::source::Span;
use crate::syntax::Tree;
use rustc_hash::FxHashMap;

/// Comments by what they stand before.
#[derive(Default)]
pub(super) struct Comments {
    /// JSDoc with tags, by the first byte of the code after it.
    documentation: FxHashMap<u32, Span>,
    /// JSDoc that defines types.
    pub(super) typedefs: Vec<Span>,
    directives: Vec<Span>,
}

impl Comments {
    /// Sorts the comments of a file.
    pub(super) fn read(tree: &Tree<'_>) -> Comments {
        let mut comments = Comments::default();
        let text = tree.text();
        // Backwards, so that a comment before another comment finds the code after both.
        let mut next: Option<(u32, u32)> = None;
        for comment in tree.comments.iter().rev() {
            let span = comment.span;
            let body = text.get(span.start as usize..span.end as usize).unwrap_or_default();
            let after = span.end + blanks(text, span.end);
            let code = next.filter(|&(start, _)| start == after).map_or(after, |(_, code)| code);
            next = Some((span.start, code));
            if directive(body).is_some() {
                comments.directives.push(span);
            }
            if body.starts_with("/**") && body.contains('@') {
                if body.contains("@typedef") {
                    comments.typedefs.push(span);
                }
                comments.documentation.entry(code).or_insert(span);
            }
        }
        comments.directives.reverse();
        comments.typedefs.reverse();
        comments
    }

    /// The JSDoc comment right before the code at an offset.
    pub(super) fn documentation(&self, at: u32) -> Option<Span> {
        self.documentation.get(&at).copied()
    }

    /// The directives.
    pub(super) fn directives(&self, text: &str) -> Vec<Directive> {
        let directive = |&span: &Span| {
            let body = text.get(span.start as usize..span.end as usize)?;
            Some(Directive { text: directive(body)?.to_owned(), span })
        };
        self.directives.iter().filter_map(directive).collect()
    }
}

/// What a comment says to crosscast.
fn directive(comment: &str) -> Option<&str> {
    let inner = comment.strip_prefix("//").or_else(|| comment.strip_prefix("/*")?.strip_suffix("*/"))?;
    let inner = inner.trim_start_matches(['/', '*', '!']).trim();
    inner.strip_prefix("crosscast-").map(str::trim)
}

fn blanks(text: &str, from: u32) -> u32 {
    let after = text.get(from as usize..).unwrap_or_default();
    (after.len() - after.trim_start().len()) as u32
}
