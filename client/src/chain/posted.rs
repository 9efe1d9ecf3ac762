//! Data that a worker posted on the chain because somebody demanded it: the call's argument, found by its event.

use super::{AtBlock, Chain, ChainError};
use crate::AccountId;
use codec::{Compact, Decode, Encode};
use ogpu_primitives::{Subject, H256};
use subxt::config::Hasher;

/// Fields of `Verification.DataPosted`.
type DataPosted = (Subject, AccountId, H256);

impl Chain {
    /// The ciphertext that was posted in this block for `demander`, if there was one.
    pub async fn posted_data(
        &self,
        at: &AtBlock,
        subject: &Subject,
        demander: &AccountId,
    ) -> Result<Option<Vec<u8>>, ChainError> {
        let Some(hash) = posted_hash(at, subject, demander).await? else {
            return Ok(None);
        };
        let hasher = at.hasher();
        for extrinsic in self.body(at.block_hash()).await? {
            if let Some(found) = ciphertext(&extrinsic, subject, demander, |data| hasher.hash(data) == hash) {
                return Ok(Some(found.to_vec()));
            }
        }
        Err(ChainError::Decode(format!(
            "the data posted in block {} is in none of its transactions",
            at.block_number()
        )))
    }
}

async fn posted_hash(
    at: &AtBlock,
    subject: &Subject,
    demander: &AccountId,
) -> Result<Option<H256>, ChainError> {
    let events = at.events().fetch().await.map_err(ChainError::from_subxt)?;
    for event in events.iter() {
        let event = event.map_err(ChainError::from_subxt)?;
        if event.pallet_name() != "Verification" || event.event_name() != "DataPosted" {
            continue;
        }
        let (posted, to, hash) = DataPosted::decode(&mut event.field_bytes())
            .map_err(|error| ChainError::Decode(format!("Verification.DataPosted: {error}")))?;
        if posted == *subject && to == *demander {
            return Ok(Some(hash));
        }
    }
    Ok(None)
}

/// The ciphertext in the bytes of an extrinsic: what follows subject and demander. Found in this way it may also be
/// inside a batch; `right` compares its hash.
fn ciphertext<'a>(
    extrinsic: &'a [u8],
    subject: &Subject,
    demander: &AccountId,
    right: impl Fn(&[u8]) -> bool,
) -> Option<&'a [u8]> {
    let before = (subject, demander).encode();
    let starts = (0..extrinsic.len().saturating_sub(before.len()))
        .filter(|start| extrinsic[*start..].starts_with(&before));
    starts
        .filter_map(|start| {
            let mut rest = &extrinsic[start + before.len()..];
            let length = Compact::<u32>::decode(&mut rest).ok()?.0 as usize;
            rest.get(..length)
        })
        .find(|data| right(data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Call;
    use ogpu_primitives::{JobId, WorkKey};

    fn subject(attempt: u8) -> Subject {
        Subject::Work(WorkKey {
            job: JobId::repeat_byte(1),
            segment: 0,
            attempt,
        })
    }

    fn extrinsic(data: &[u8]) -> Vec<u8> {
        let call = Call::PostData {
            subject: subject(0),
            demander: AccountId::from([2; 32]),
            ciphertext: data.to_vec(),
        };
        // Signature, extensions and indexes of pallet and call come first; a batch may go on behind.
        [vec![9; 110], call.arguments(), vec![7; 5]].concat()
    }

    #[test]
    fn ciphertext_should_be_found_when_it_is_in_the_extrinsic() {
        let data = vec![3u8; 7_000];
        let bytes = extrinsic(&data);
        let find = |attempt: u8, account: u8, want: &[u8]| {
            ciphertext(
                &bytes,
                &subject(attempt),
                &AccountId::from([account; 32]),
                |data| data == want,
            )
            .map(<[u8]>::to_vec)
        };
        assert_eq!(find(0, 2, &data), Some(data.clone()));
        assert_eq!(find(1, 2, &data), None, "another attempt");
        assert_eq!(find(0, 3, &data), None, "another demander");
        assert_eq!(find(0, 2, &[3; 10]), None, "another hash");
        assert_eq!(
            ciphertext(&bytes[..400], &subject(0), &AccountId::from([2; 32]), |_| true),
            None,
            "cut off"
        );
    }
}
