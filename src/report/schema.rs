//! The JSON Schema of the report, generated from its types.

/// The schema as JSON text, ending in a line break. `docs/report.schema.json` is this text.
pub fn schema() -> Result<String, serde_json::Error> {
    let schema = schemars::schema_for!(super::Report);
    serde_json::to_string_pretty(&schema).map(|text| text + "\n")
}
