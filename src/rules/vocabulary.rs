//! Words that hint at what a store holds: the last resort, where nothing better than a name is known.

use super::error::{RuleError, RuleFault, RuleSource};
use super::schema::Word;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::sync::OnceLock;

/// The words of `rules/vocabulary.toml`.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// Entries, split into words, and the state type that each hints at.
    entries: FxHashMap<Vec<String>, &'static str>,
    /// The number of words of the longest entry.
    longest: usize,
    /// Words after which a name only says what its keys are: `messagesByRoom`.
    keys: Vec<String>,
    /// Words at a name's end that only say how it is kept: `userSocketMap`.
    containers: Vec<String>,
}

/// The file's shape: entries by state type.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct VocabularyFile {
    keys: Vec<String>,
    containers: Vec<String>,
    presence: Vec<Word>,
    message_history: Vec<Word>,
    subscriptions: Vec<Word>,
    channel_membership: Vec<Word>,
    connections: Vec<Word>,
    other: Vec<Word>,
}

impl Vocabulary {
    /// The vocabulary that crosscast brings along.
    pub fn builtin() -> Result<&'static Vocabulary, &'static RuleError> {
        static VOCABULARY: OnceLock<Result<Vocabulary, RuleError>> = OnceLock::new();
        let text = include_str!("../../rules/vocabulary.toml");
        let load = || Vocabulary::load(&RuleSource::new("vocabulary", "rules/vocabulary.toml", text));
        VOCABULARY.get_or_init(load).as_ref()
    }

    /// Reads a vocabulary.
    fn load(source: &RuleSource) -> Result<Vocabulary, RuleError> {
        let file: VocabularyFile =
            toml::from_str(&source.text).map_err(|error| RuleError { faults: vec![source.toml_fault(&error)] })?;
        let lists = [
            ("presence", file.presence),
            ("message-history", file.message_history),
            ("subscriptions", file.subscriptions),
            ("channel-membership", file.channel_membership),
            ("connections", file.connections),
            ("other", file.other),
        ];
        let (keys, containers) = (file.keys, file.containers);
        let mut vocabulary = Vocabulary { keys, containers, ..Vocabulary::default() };
        let mut faults: Vec<RuleFault> = Vec::new();
        for (state, entry) in lists.into_iter().flat_map(|(state, list)| list.into_iter().map(move |e| (state, e)))
        {
            let words: Vec<String> = entry.text.split_whitespace().map(str::to_lowercase).collect();
            vocabulary.longest = vocabulary.longest.max(words.len());
            if let Some(first) = vocabulary.entries.insert(words, state) {
                let message = format!("`{}` stands under {first} too", entry.text);
                faults.push(source.fault(Some(entry.span), message).help("remove one"));
            }
        }
        if faults.is_empty() { Ok(vocabulary) } else { Err(RuleError { faults }) }
    }

    /// The state type that a store's name hints at: the entry of the most words, then the one that ends last.
    pub fn hint(&self, identifier: &str) -> Option<&'static str> {
        let words = split_words(identifier);
        let words = self.what_it_is(&words);
        (1..=self.longest.min(words.len()))
            .rev()
            .find_map(|length| words.windows(length).rev().find_map(|window| self.entries.get(window).copied()))
    }

    /// A name's words without its keys and its container; a name that is nothing else stays as it is.
    fn what_it_is<'w>(&self, words: &'w [String]) -> &'w [String] {
        let key = words.iter().skip(1).position(|word| self.keys.contains(word));
        let words = key.map_or(words, |key| &words[..=key]);
        let last = words.iter().rposition(|word| !self.containers.contains(word));
        last.map_or(words, |last| &words[..=last])
    }
}

/// The lower-case words of an identifier: `userIDToSocket_map` has five.
fn split_words(identifier: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = identifier.chars().collect();
    for (index, &char) in chars.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| chars[before]);
        let after = chars.get(index + 1);
        let begins = char.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase() || before.is_numeric())
                || after.is_some_and(|after| after.is_lowercase()));
        if (begins || !char.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if char.is_alphanumeric() {
            word.extend(char.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_split_into_words() {
        for (identifier, words) in [
            ("onlineUsers", "online users"),
            ("online_users", "online users"),
            ("ONLINE_USERS", "online users"),
            ("userIDToSocket", "user id to socket"),
            ("#rooms", "rooms"),
            ("io.sockets.sockets", "io sockets sockets"),
            ("room2users", "room2users"),
            ("", ""),
        ] {
            assert_eq!(split_words(identifier).join(" "), words, "{identifier}");
        }
    }

    #[test]
    fn names_hint_at_state_types() {
        let vocabulary = Vocabulary::builtin().unwrap();
        for (identifier, state) in [
            ("onlineUsers", Some("presence")),
            ("userSocketMap", Some("presence")),
            ("socketToUser", Some("presence")),
            ("typingUsers", Some("presence")),
            ("rooms", Some("channel-membership")),
            ("_rooms", Some("channel-membership")),
            ("usersInRoom", Some("channel-membership")),
            ("BoardMembership", Some("channel-membership")),
            ("roomMessages", Some("message-history")),
            ("messagesByRoom", Some("message-history")),
            ("chatMessages", Some("message-history")),
            ("Message", Some("message-history")),
            ("CardSubscription", Some("subscriptions")),
            ("topics", Some("subscriptions")),
            ("clients", Some("connections")),
            ("socketConn", Some("connections")),
            ("rateLimitMap", Some("other")),
            ("activeCountdowns", Some("other")),
            ("foo", None),
            ("", None),
        ] {
            assert_eq!(vocabulary.hint(identifier), state, "{identifier}");
        }
    }

    #[test]
    fn a_word_hints_at_one_state_type() {
        let text = "keys = []\ncontainers = []\npresence = ['online']\nmessage-history = []\nsubscriptions = []\nchannel-membership = []\n\
                    connections = ['Online']\nother = []";
        let error = Vocabulary::load(&RuleSource::new("v", "v.toml", text)).unwrap_err();
        assert_eq!(error.faults[0].message, "`Online` stands under presence too");
    }
}
