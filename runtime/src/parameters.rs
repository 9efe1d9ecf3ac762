//! Every governed figure. Token holders change one by referendum on the `parameters` track, with
//! `parameters.setParameter`. Bounds are in the value types: a value outside does not decode.
//!
//! Group and key indexes are fixed for ever: append, never reorder.

use crate::{Balance, Runtime, OGPU};
use core::marker::PhantomData;
use frame_support::{
    dynamic_params::{dynamic_pallet_params, dynamic_params},
    traits::{dynamic_params::Key, Get},
};
use ogpu_primitives::governed::{BoundedU128, BoundedU32};

#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
    use super::*;

    /// The job market.
    #[dynamic_pallet_params]
    #[codec(index = 0)]
    pub mod market {
        /// Ticks that a worker has to acknowledge a job.
        #[codec(index = 0)]
        pub static AcknowledgeTicks: BoundedU32<3, 600> = BoundedU32::from_const(15);
        /// Ticks from a commitment to its settlement when it is not audited.
        #[codec(index = 1)]
        pub static CheckWindowTicks: BoundedU32<2, 7_200> = BoundedU32::from_const(31);
        /// Most ticks from submission to deadline.
        #[codec(index = 2)]
        pub static MaxDeadlineTicks: BoundedU32<1_200, 1_296_000> = BoundedU32::from_const(43_200);
        /// Ticks that a finished job's record is kept.
        #[codec(index = 3)]
        pub static PruneTicks: BoundedU32<100, 1_296_000> = BoundedU32::from_const(648_000);
        /// Candidates drawn for one match.
        #[codec(index = 4)]
        pub static CandidatesPerMatch: BoundedU32<1, 64> = BoundedU32::from_const(32);
        /// Fruitless matches after which a job is parked; each submission pays for as many. News of supply opens
        /// a parked job again, so that more tries in vain buy little.
        #[codec(index = 5)]
        pub static MaxMatchTries: BoundedU32<1, 32> = BoundedU32::from_const(3);
        /// Workers that are tried for one job.
        #[codec(index = 6)]
        pub static MaxAttempts: BoundedU32<1, 8> = BoundedU32::from_const(5);
        /// Planck per compute unit, every device class.
        #[codec(index = 7)]
        pub static PriceIndex: BoundedU128<1, { 1_000 * OGPU }> = BoundedU128::from_const(OGPU / 100_000);
        /// Paid to a worker that waited in vain for the input twice over, in planck.
        #[codec(index = 8)]
        pub static NoInputFee: BoundedU128<0, OGPU> = BoundedU128::from_const(OGPU / 1_000);
        /// Held for registering a model, in planck.
        #[codec(index = 9)]
        pub static ModelDeposit: BoundedU128<{ OGPU / 100 }, { 100_000 * OGPU }> =
            BoundedU128::from_const(10 * OGPU);
        /// Part of its declared throughput at which a worker must get a job done by its deadline to be given it,
        /// in 1/1000: what one stream of tokens, bound by memory, gets out of a large card.
        #[codec(index = 10)]
        pub static EfficiencyPermille: BoundedU32<1, 1_000> = BoundedU32::from_const(20);
    }

    /// Provider staking.
    #[dynamic_pallet_params]
    #[codec(index = 1)]
    pub mod providers {
        /// Least stake of one worker, in planck.
        #[codec(index = 0)]
        pub static MinWorkerStake: BoundedU128<OGPU, { 1_000_000 * OGPU }> =
            BoundedU128::from_const(50 * OGPU);
        /// Planck of stake that count per 10^9 multiply-adds/s of a worker in draws.
        #[codec(index = 1)]
        pub static StakePerThroughput: BoundedU128<{ OGPU / 1_000 }, { 1_000 * OGPU }> =
            BoundedU128::from_const(OGPU);
        /// Float that pairing moves to the hot key, in planck.
        #[codec(index = 2)]
        pub static WorkerFloat: BoundedU128<{ OGPU / 100 }, { 100 * OGPU }> =
            BoundedU128::from_const(OGPU / 2);
        /// Strikes after which a worker is jailed.
        #[codec(index = 3)]
        pub static MaxStrikes: BoundedU32<1, 100> = BoundedU32::from_const(3);
        /// Price of leaving jail, to the treasury, in planck.
        #[codec(index = 4)]
        pub static RejoinFee: BoundedU128<0, { 50 * OGPU }> = BoundedU128::from_const(OGPU);
        /// Ticks between two free profile updates.
        #[codec(index = 5)]
        pub static ProfileIntervalTicks: BoundedU32<5, 43_200> = BoundedU32::from_const(300);
        /// Ticks that unbonding stake stays slashable: 14 days.
        #[codec(index = 6)]
        pub static UnbondingTicks: BoundedU32<10, 2_592_000> = BoundedU32::from_const(604_800);
        /// Unsettled work of one owner, in parts per million of its stake.
        #[codec(index = 7)]
        pub static ExposureSharePpm: BoundedU32<1_000, 1_000_000> = BoundedU32::from_const(250_000);
        /// Draw weight that is always accepted, in planck; heavier workers gain nothing more.
        #[codec(index = 8)]
        pub static MaxDrawWeight: BoundedU128<OGPU, { 1_000_000 * OGPU }> =
            BoundedU128::from_const(5_000 * OGPU);
        /// Most tries of one draw.
        #[codec(index = 9)]
        pub static MaxDrawTries: BoundedU32<32, 512> = BoundedU32::from_const(128);
    }

    /// Fees and their split.
    #[dynamic_pallet_params]
    #[codec(index = 2)]
    pub mod fees {
        /// The protocol's part of a job's price, in parts per million.
        #[codec(index = 0)]
        pub static ProtocolFeePpm: BoundedU32<0, 300_000> = BoundedU32::from_const(50_000);
        /// The validators' part of the protocol fee, in parts per million.
        #[codec(index = 1)]
        pub static ValidatorsPpm: BoundedU32<0, 500_000> = BoundedU32::from_const(500_000);
        /// The treasury's part of the protocol fee, in parts per million; the rest feeds the audit fund.
        #[codec(index = 2)]
        pub static TreasuryPpm: BoundedU32<0, 500_000> = BoundedU32::from_const(300_000);
        /// The audit premium in parts per million of the price; nothing until audits are drawn.
        #[codec(index = 3)]
        pub static AuditPremiumPpm: BoundedU32<0, 300_000> = BoundedU32::from_const(0);
        /// The treasury's part of transaction fees, in parts per million; the rest goes to the validators.
        #[codec(index = 4)]
        pub static TransactionTreasuryPpm: BoundedU32<0, 1_000_000> = BoundedU32::from_const(200_000);
    }

    /// The validators' pay from the reserve.
    #[dynamic_pallet_params]
    #[codec(index = 3)]
    pub mod supply {
        /// Paid from the reserve in the first eras, in planck an era.
        #[codec(index = 0)]
        pub static EraBudget: BoundedU128<0, { 10_000 * OGPU }> = BoundedU128::from_const(116 * OGPU);
        /// Eras after which the pay halves: four years of 6 hours.
        #[codec(index = 1)]
        pub static HalvingEras: BoundedU32<1_000, 100_000> = BoundedU32::from_const(5_840);
    }
}

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
    fn default() -> Self {
        RuntimeParameters::Market(dynamic_params::market::Parameters::AcknowledgeTicks(
            dynamic_params::market::AcknowledgeTicks,
            Some(BoundedU32::from_const(15)),
        ))
    }
}

/// Reads a governed value as the plain number that a pallet asks for.
pub struct Governed<P>(PhantomData<P>);

impl<P> Get<u32> for Governed<P>
where
    P: Key + Get<<P as Key>::Value>,
    <P as Key>::Value: Into<u32>,
{
    fn get() -> u32 {
        P::get().into()
    }
}

impl<P> Get<Balance> for Governed<P>
where
    P: Key + Get<<P as Key>::Value>,
    <P as Key>::Value: Into<Balance>,
{
    fn get() -> Balance {
        P::get().into()
    }
}
