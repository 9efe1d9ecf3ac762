//! What a worker signs to say that it wants to work for an owner.

use alloc::vec::Vec;
use codec::Encode;

/// The domain tag of a pairing proof, padded to 16 bytes.
pub const PAIRING_TAG: [u8; 16] = *b"ogpu/pair/v1\0\0\0\0";

/// The bytes that a worker's account key signs for `ProviderStaking.pair`: tag ‖ genesis hash ‖ SCALE(owner).
///
/// The genesis hash keeps a proof from being used on another chain, the owner keeps it from being used by
/// somebody else. They are signed as they are, without the `<Bytes>` wrapper of browser wallets.
pub fn pairing_message<AccountId: Encode>(genesis: &[u8], owner: &AccountId) -> Vec<u8> {
    let mut message = PAIRING_TAG.to_vec();
    message.extend_from_slice(genesis);
    owner.encode_to(&mut message);
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairing_message_should_hold_tag_genesis_and_owner_when_built() {
        let message = pairing_message(&[7; 32], &[9u8; 32]);
        assert_eq!(message.len(), 16 + 32 + 32);
        assert_eq!(&message[..16], b"ogpu/pair/v1\0\0\0\0");
        assert_eq!(&message[16..48], &[7; 32]);
        assert_eq!(&message[48..], &[9; 32]);
    }
}
