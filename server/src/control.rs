//! How the command line reaches a running server on the same folder: a file that only its owner can read names
//! the address and a secret.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

use serde_json::json;

/// The file's name in the data folder.
const FILE: &str = "server.json";

/// A running server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Where it listens.
    pub address: SocketAddr,
    /// What its own machine's commands say to it.
    pub secret: String,
}

impl Control {
    /// Notes a server in its folder.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self, data: &Path) -> io::Result<()> {
        let text = json!({ "address": self.address, "secret": self.secret }).to_string();
        write_private(&data.join(FILE), text.as_bytes())
    }

    /// The server of a folder, if one was noted.
    pub fn read(data: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(data.join(FILE)).ok()?;
        let json: serde_json::Value = serde_json::from_str(&text).ok()?;
        Some(Self {
            address: json["address"].as_str()?.parse().ok()?,
            secret: json["secret"].as_str()?.to_owned(),
        })
    }

    /// Takes the note away.
    pub fn remove(data: &Path) {
        drop(std::fs::remove_file(data.join(FILE)));
    }
}

/// Writes a file that only its owner can read.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = path.with_extension("tmp");
    drop(std::fs::remove_file(&partial));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&partial, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_back() {
        let dir = tempfile::tempdir().expect("a folder");
        assert_eq!(Control::read(dir.path()), None);
        let control = Control { address: "127.0.0.1:7300".parse().expect("an address"), secret: "s".into() };
        control.write(dir.path()).expect("it can be written");
        assert_eq!(Control::read(dir.path()), Some(control));
    }
}
