//! The short forms of the rule language: text that knows where it stands, one value or several, a string for a table.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use toml::Spanned;

/// Text and the bytes of the file where it stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Word {
    /// The text.
    pub(crate) text: String,
    /// Its range in the file, quotes included.
    pub(crate) span: Range<usize>,
}

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl Eq for Word {}
impl PartialOrd for Word {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Word {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<String>::deserialize(deserializer)?;
        Ok(Word { span: spanned.span(), text: spanned.into_inner() })
    }
}

impl JsonSchema for Word {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Word".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// A value that a string can stand for.
pub(crate) trait FromWord: Sized {
    /// What the string means.
    fn from_word(word: Word) -> Result<Self, String>;
}

impl FromWord for Word {
    fn from_word(word: Word) -> Result<Self, String> {
        Ok(word)
    }
}

/// A value or the string that stands for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Short<T>(pub(crate) T);

/// One value or an array of them; each may be the string that stands for it.
#[derive(Debug, Clone)]
pub(crate) struct Many<T>(pub(crate) Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Many(Vec::new())
    }
}

/// What stands in the file.
enum Written<T> {
    Text(String),
    Table(T),
    Array(Vec<Short<T>>),
}

/// Tells the forms apart; arrays only where `ARRAYS`.
struct WrittenVisitor<T, const ARRAYS: bool>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + FromWord, const ARRAYS: bool> Visitor<'de> for WrittenVisitor<T, ARRAYS> {
    type Value = Written<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if ARRAYS { "a string, a table or an array of them" } else { "a string or a table" })
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Written::Text(text.to_owned()))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Written::Table)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Self::Value, A::Error> {
        if !ARRAYS {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self));
        }
        Vec::deserialize(SeqAccessDeserializer::new(sequence)).map(Written::Array)
    }
}

/// Lets [`Spanned`] record where a written value stands.
struct WrittenSeed<T, const ARRAYS: bool>(Written<T>);

impl<'de, T: Deserialize<'de> + FromWord, const ARRAYS: bool> Deserialize<'de> for WrittenSeed<T, ARRAYS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WrittenVisitor::<T, ARRAYS>(PhantomData)).map(WrittenSeed)
    }
}

/// Reads one of the forms.
fn written<'de, T, D, const ARRAYS: bool>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de> + FromWord,
    D: Deserializer<'de>,
{
    let spanned = Spanned::<WrittenSeed<T, ARRAYS>>::deserialize(deserializer)?;
    let span = spanned.span();
    match spanned.into_inner().0 {
        Written::Text(text) => T::from_word(Word { text, span }).map(|value| vec![value]).map_err(D::Error::custom),
        Written::Table(value) => Ok(vec![value]),
        Written::Array(values) => Ok(values.into_iter().map(|value| value.0).collect()),
    }
}

impl<'de, T: Deserialize<'de> + FromWord> Deserialize<'de> for Short<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = written::<T, D, false>(deserializer)?;
        values.into_iter().next().map(Short).ok_or_else(|| D::Error::custom("a string or a table is missing"))
    }
}

impl<'de, T: Deserialize<'de> + FromWord> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        written::<T, D, true>(deserializer).map(Many)
    }
}

/// The schemas of a string and of `T`, once where `T` is a string itself.
fn one_schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let table = generator.subschema_for::<T>();
    if table.get("type").and_then(|kind| kind.as_str()) == Some("string") {
        return table;
    }
    json_schema!({ "anyOf": [{ "type": "string" }, table] })
}

impl<T: JsonSchema> JsonSchema for Short<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Short{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        one_schema::<T>(generator)
    }
}

impl<T: JsonSchema> JsonSchema for Many<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Many{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = one_schema::<T>(generator);
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

/// An argument's position, or a fixed text.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum IndexOrText {
    /// The argument at this position.
    Index(u32),
    /// This text.
    Text(String),
}
