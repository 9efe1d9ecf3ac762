//! How a price is shared out: floor shares, the remainders to named parties, the sum always the price.

use crate::Balance;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::U256;

/// One whole in parts per million.
pub const PPM: u32 = 1_000_000;

/// The governed rates, in parts per million; a rate above [`PPM`] counts as [`PPM`].
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct FeeRates {
    /// The protocol fee, of the price.
    pub protocol_ppm: u32,
    /// The validators' share, of the protocol fee.
    pub validators_ppm: u32,
    /// The treasury's share, of the protocol fee. What the two shares leave goes to the audit fund.
    pub treasury_ppm: u32,
}

/// A price shared out, in planck.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct FeeSplit {
    /// To the provider's owner.
    pub provider: Balance,
    /// To the validators' fee pot.
    pub validators: Balance,
    /// To the treasury.
    pub treasury: Balance,
    /// To the audit fund: the rest of the protocol fee.
    pub audit_fund: Balance,
    /// To the audit fund: the job's audit premium.
    pub audit_premium: Balance,
}

impl FeeSplit {
    /// What leaves the provider's part: everything but `provider`.
    pub fn fees(&self) -> Balance {
        self.validators
            .saturating_add(self.treasury)
            .saturating_add(self.audit_fund)
            .saturating_add(self.audit_premium)
    }

    /// All of it: the price that was split.
    pub fn total(&self) -> Balance {
        self.provider.saturating_add(self.fees())
    }
}

/// ⌊amount × ppm / 10⁶⌋, exact for every amount; a `ppm` above one whole counts as one whole.
pub fn ppm_floor(amount: Balance, ppm: u32) -> Balance {
    let (ppm, whole) = (Balance::from(ppm.min(PPM)), Balance::from(PPM));
    // Split at the divisor, so that no product exceeds the amount.
    (amount / whole) * ppm + (amount % whole) * ppm / whole
}

/// A job's audit premium in planck, ⌊p·(1 + r)·fee⌋: what its audit costs on average, when one auditor is paid
/// `audit_fee`, an audit is drawn with chance p and a second auditor then with chance r; both in parts per million.
///
/// So each job pays for its own risk, and no common fund can be milked. A chance above one whole counts as one.
pub fn premium(audit_fee: Balance, rate_ppm: u32, second_ppm: u32) -> Balance {
    let whole = U256::from(PPM);
    let auditors = U256::from(rate_ppm.min(PPM)) * (whole + U256::from(second_ppm.min(PPM)));
    // At most twice the fee: 41 bits more than a balance in between, one more after the division.
    let premium = U256::from(audit_fee) * auditors / (whole * whole);
    Balance::try_from(premium).unwrap_or(Balance::MAX)
}

/// Shares `price` out: floors for validators and treasury, the remainder of the protocol fee to the audit fund,
/// `premium` out of what is left and at most all of it, the remainder to the provider.
pub fn split(price: Balance, rates: &FeeRates, premium: Balance) -> FeeSplit {
    let protocol = ppm_floor(price, rates.protocol_ppm);
    let validators = ppm_floor(protocol, rates.validators_ppm);
    let treasury = ppm_floor(protocol, rates.treasury_ppm).min(protocol - validators);
    let audit_premium = premium.min(price - protocol);
    FeeSplit {
        provider: price - protocol - audit_premium,
        validators,
        treasury,
        audit_fund: protocol - validators - treasury,
        audit_premium,
    }
}

#[cfg(test)]
#[path = "fees_tests.rs"]
mod tests;
