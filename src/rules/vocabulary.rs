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
    /// What the columns of a table are, by kind.
    columns: FxHashMap<&'static str, Vec<Vec<String>>>,
}

/// What a column of a table, or a field of a document, is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// What somebody said.
    Text,
    /// Who said it, whose row it is.
    User,
    /// Where: a room, channel, group, document.
    Room,
    /// A list of those who belong to it.
    Members,
    /// Whether somebody is there.
    Online,
    /// What a push service needs to reach a device.
    Push,
    /// What somebody pays for.
    Payment,
}

impl Column {
    const ALL: [(Column, &'static str); 7] = [
        (Column::Text, "text"),
        (Column::User, "user"),
        (Column::Room, "room"),
        (Column::Members, "members"),
        (Column::Online, "online"),
        (Column::Push, "push"),
        (Column::Payment, "payment"),
    ];

    fn word(self) -> &'static str {
        Column::ALL.iter().find(|(column, _)| *column == self).map_or("", |(_, word)| word)
    }
}

/// The file's shape: entries by state type.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct VocabularyFile {
    keys: Vec<String>,
    containers: Vec<String>,
    #[serde(default)]
    ends: Vec<String>,
    presence: Vec<Word>,
    message_history: Vec<Word>,
    subscriptions: Vec<Word>,
    channel_membership: Vec<Word>,
    connections: Vec<Word>,
    other: Vec<Word>,
    #[serde(default)]
    columns: ColumnsShape,
    #[serde(default)]
    rows: RowsShape,
}

/// The words of columns, by what they are for.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct ColumnsShape {
    text: Vec<String>,
    user: Vec<String>,
    room: Vec<String>,
    members: Vec<String>,
    online: Vec<String>,
    push: Vec<String>,
    payment: Vec<String>,
}

/// Names of tables that have a row for each of these, which says nothing of who is there or belongs where.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct RowsShape {
    accounts: Vec<String>,
    places: Vec<String>,
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
        let ColumnsShape { text, user, room, members, online, push, payment } = file.columns;
        let columns = [text, user, room, members, online, push, payment];
        let named = Column::ALL.iter().map(|(_, word)| *word).zip(columns);
        let rows = [("accounts", file.rows.accounts), ("places", file.rows.places), ("ends", file.ends)];
        let words = |list: Vec<String>| list.iter().map(|entry| split_words(entry)).collect::<Vec<_>>();
        vocabulary.columns = named.chain(rows).map(|(kind, list)| (kind, words(list))).collect();
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
        let entry = self.matched(&words)?;
        // A name's last word says what it is: an `EVENT_LOG_COUNTER` is no log.
        let ends = self.columns.get("ends");
        let is_end = ends.is_some_and(|ends| {
            let counts = |number: &Vec<String>| words.ends_with(number) && !entry.ends_with(number);
            ends.iter().any(counts)
        });
        if is_end { Some("other") } else { self.entries.get(entry).copied() }
    }

    /// The entry that decides about a name's words.
    fn matched<'w>(&self, words: &'w [String]) -> Option<&'w [String]> {
        let words = self.what_it_is(words);
        (1..=self.longest.min(words.len()))
            .rev()
            .find_map(|length| words.windows(length).rev().find(|window| self.entries.contains_key(*window)))
    }

    /// Whether a column's name says that it is for this: its last words (for texts, all of them) are one of the entries.
    pub fn is_column(&self, name: &str, column: Column) -> bool {
        let words = split_words(name);
        // A `latestMessage` is not what the row itself says.
        let is = |entry: &Vec<String>| match column {
            Column::Text => words == *entry,
            _ => words.ends_with(entry),
        };
        self.columns.get(column.word()).is_some_and(|entries| entries.iter().any(is))
    }

    /// Whether a table's name says that it has a row per account or per place (room, channel), not per stay in one.
    pub fn is_plain_row(&self, name: &str) -> bool {
        let words = split_words(name);
        let Some(entry) = self.matched(&words) else { return false };
        let rows = ["accounts", "places"].iter().filter_map(|kind| self.columns.get(kind)).flatten();
        rows.into_iter().any(|row| row.as_slice() == entry)
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
            ("EVENT_LOG_COUNTER", Some("other")),
            ("userCount", Some("presence")),
            ("foo", None),
            ("", None),
        ] {
            assert_eq!(vocabulary.hint(identifier), state, "{identifier}");
        }
    }

    #[test]
    fn columns_say_what_a_row_is() {
        let vocabulary = Vocabulary::builtin().unwrap();
        for (name, column, is) in [
            ("content", Column::Text, true),
            ("sender_user_id", Column::User, true),
            ("game_lobby_id", Column::Room, true),
            ("UserId", Column::User, true),
            ("RoomName", Column::Room, true),
            ("users", Column::Members, true),
            ("isOnline", Column::Online, true),
            ("fcmToken", Column::Push, true),
            ("price", Column::Text, false),
            ("userAgent", Column::User, false),
        ] {
            assert_eq!(vocabulary.is_column(name, column), is, "{name}");
        }
        assert!(vocabulary.is_plain_row("users") && vocabulary.is_plain_row("game_lobbies"));
        assert!(!vocabulary.is_plain_row("onlineUsers") && !vocabulary.is_plain_row("BoardMembership"));
    }

    #[test]
    fn a_word_hints_at_one_state_type() {
        let text = "keys = []\ncontainers = []\npresence = ['online']\nmessage-history = []\nsubscriptions = []\nchannel-membership = []\n\
                    connections = ['Online']\nother = []";
        let error = Vocabulary::load(&RuleSource::new("v", "v.toml", text)).unwrap_err();
        assert_eq!(error.faults[0].message, "`Online` stands under presence too");
    }
}
