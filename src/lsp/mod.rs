//! The language server: audits the workspace folders of an editor on open, save and change, and answers for the places of
//! the last audit. Speaks the protocol on standard input and output.
//!
//! What an editor shows is what `crosscast` prints: the same audit, settings, findings and remedies.

mod client;
mod diagnostics;
mod features;
mod hover;
mod positions;
mod server;
mod snapshot;
mod uris;
mod worker;

use lsp_server::{Connection, ProtocolError};
use lsp_types::{InitializeParams, InitializeResult, ServerInfo};
use std::process::ExitCode;

/// Why a session ended other than by shutdown and exit.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// The client went without asking for a shutdown.
    #[error("the client went without a shutdown")]
    WithoutShutdown,
    /// The client does not speak the protocol.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The parameters of `initialize` cannot be read.
    #[error("the parameters of `initialize` cannot be read: {0}")]
    Parameters(#[from] serde_json::Error),
    /// No thread can be started.
    #[error("cannot start the auditing thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// Serves one client on this process's standard streams. The protocol asks for exit code 1 where the client goes
/// without a shutdown.
pub fn stdio() -> (ExitCode, Option<Ended>) {
    let (connection, threads) = Connection::stdio();
    let result = serve(&connection);
    // The writing thread ends when nobody can send any more.
    drop(connection);
    let result = result.and_then(|()| threads.join().map_err(Ended::from));
    match result {
        Ok(()) => (ExitCode::SUCCESS, None),
        Err(ended) => (ExitCode::FAILURE, Some(ended)),
    }
}

/// Serves one client from `initialize` to `exit`.
pub fn serve(connection: &Connection) -> Result<(), Ended> {
    let (id, parameters) = connection.initialize_start()?;
    let parameters: InitializeParams = serde_json::from_value(parameters)?;
    let client = client::Client::new(&parameters);
    let result = InitializeResult {
        capabilities: client.capabilities(),
        server_info: Some(ServerInfo {
            name: "crosscast".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    };
    connection.initialize_finish(id, serde_json::to_value(result)?)?;
    let worker = worker::Worker::start(client.encoding)?;
    server::Server::new(client, connection.sender.clone(), worker).run(connection)
}
