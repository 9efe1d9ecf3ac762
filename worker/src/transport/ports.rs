//! Keeps the UDP ports that the system chose, so that a restart does not move the worker: clients that wait for
//! an output know the old address, and a new one costs a new profile on chain.

use std::{
    net::{SocketAddr, UdpSocket},
    path::Path,
};

/// `listen` with each port 0 replaced by the one used last time at that address, when that is free.
pub fn recall(listen: &[SocketAddr], file: &Path) -> Vec<SocketAddr> {
    let mut last: Vec<SocketAddr> = std::fs::read(file)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let recalled = listen.iter().map(|wanted| {
        let known = last
            .iter()
            .position(|known| wanted.port() == 0 && known.ip() == wanted.ip());
        let known = known.map(|index| last.remove(index));
        known
            .filter(|address| UdpSocket::bind(address).is_ok())
            .unwrap_or(*wanted)
    });
    recalled.collect()
}

/// Remembers the bound addresses. A file that cannot be written costs a new port next time, nothing else.
pub fn remember(bound: &[SocketAddr], file: &Path) {
    let written = serde_json::to_vec(bound)
        .map_err(std::io::Error::other)
        .and_then(|bytes| std::fs::write(file, bytes));
    if let Err(error) = written {
        tracing::warn!(path = %file.display(), %error, "the UDP port could not be remembered");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recall_should_give_the_last_port_when_it_is_free() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ports.json");
        let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        assert_eq!(recall(&[any], &file), [any]);
        let socket = UdpSocket::bind(any).expect("bound");
        let bound = socket.local_addr().expect("an address");
        remember(&[bound], &file);
        assert_eq!(recall(&[any], &file), [any], "the port is taken");
        drop(socket);
        assert_eq!(recall(&[any], &file), [bound]);
    }

    #[test]
    fn recall_should_leave_a_configured_port_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ports.json");
        let [last, wanted] =
            ["127.0.0.1:4000", "127.0.0.1:4100"].map(|text| text.parse().expect("an address"));
        remember(&[last], &file);
        assert_eq!(recall(&[wanted], &file), [wanted]);
    }
}
