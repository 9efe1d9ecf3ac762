//! The project's one hash: BLAKE2b-256 with a 16-byte ASCII domain tag.

use alloc::vec::Vec;
use sp_core::H256;

/// H(tag, data) = BLAKE2b-256(tag padded with zeros to 16 bytes ‖ data).
///
/// `tag` must be at most 16 ASCII bytes; longer tags do not compile.
pub fn tagged_hash<const N: usize>(tag: &[u8; N], data: &[u8]) -> H256 {
    const { assert!(N <= 16, "a domain tag has at most 16 bytes") };
    let mut bytes = Vec::with_capacity(16 + data.len());
    bytes.extend_from_slice(tag);
    bytes.resize(16, 0);
    bytes.extend_from_slice(data);
    H256(sp_crypto_hashing::blake2_256(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tagged_hash_should_differ_when_only_the_tag_differs() {
        assert_ne!(tagged_hash(b"ogpu/a", b"x"), tagged_hash(b"ogpu/b", b"x"));
    }

    #[test]
    fn tagged_hash_should_equal_blake2b_of_the_padded_tag() {
        let expected = sp_crypto_hashing::blake2_256(b"ogpu/a\0\0\0\0\0\0\0\0\0\0x");
        assert_eq!(tagged_hash(b"ogpu/a", b"x").0, expected);
    }
}
