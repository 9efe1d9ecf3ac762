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
        // 3 was an audit premium by price; each job pays for its own chance of an audit instead.
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

    /// Audits and juries.
    #[dynamic_pallet_params]
    #[codec(index = 4)]
    pub mod audits {
        /// Least chance of an audit, in parts per million: a worker with the longest record.
        #[codec(index = 0)]
        pub static LeastRatePpm: BoundedU32<1_000, 1_000_000> = BoundedU32::from_const(20_000);
        /// Chance of an audit of a worker without a record, in parts per million.
        #[codec(index = 1)]
        pub static MostRatePpm: BoundedU32<1_000, 1_000_000> = BoundedU32::from_const(250_000);
        /// Chance that an audit gets a hidden second auditor, in parts per million.
        #[codec(index = 2)]
        pub static SecondPpm: BoundedU32<0, 1_000_000> = BoundedU32::from_const(250_000);
        /// Ticks that an auditor has to fetch the output, compute and commit.
        #[codec(index = 3)]
        pub static AuditTicks: BoundedU32<10, 21_600> = BoundedU32::from_const(210);
        /// Ticks that a worker has to open what it committed to.
        #[codec(index = 4)]
        pub static OpenTicks: BoundedU32<5, 21_600> = BoundedU32::from_const(60);
        /// Ticks that auditors and jurors have to open their reports.
        #[codec(index = 5)]
        pub static ReportTicks: BoundedU32<5, 21_600> = BoundedU32::from_const(60);
        /// Seats of a jury.
        #[codec(index = 6)]
        pub static JurySeats: BoundedU32<3, 21> = BoundedU32::from_const(15);
        /// Fewest jurors that may judge.
        #[codec(index = 7)]
        pub static JuryMinimum: BoundedU32<3, 21> = BoundedU32::from_const(9);
        /// Ticks that jurors have to fetch the output, compute and commit.
        #[codec(index = 8)]
        pub static JuryTicks: BoundedU32<10, 21_600> = BoundedU32::from_const(300);
        /// Auditors drawn in the place of absent ones, for one result.
        #[codec(index = 9)]
        pub static MaxRedraws: BoundedU32<0, 4> = BoundedU32::from_const(2);
        /// Ticks after which demanded data that was not posted costs a strike.
        #[codec(index = 10)]
        pub static DataTicks: BoundedU32<5, 7_200> = BoundedU32::from_const(30);
        /// Ticks after which demanded data that was not posted is priced like a wrong result: a machine at home
        /// may restart in between.
        #[codec(index = 11)]
        pub static DataDeadlineTicks: BoundedU32<10, 129_600> = BoundedU32::from_const(10_800);
        /// Held of whoever demands data; half of it goes to the audit fund once the data is posted. In planck.
        #[codec(index = 12)]
        pub static DataBond: BoundedU128<{ OGPU / 1_000 }, { 100 * OGPU }> =
            BoundedU128::from_const(OGPU / 10);
        /// 1 when models whose thresholds nobody has calibrated may have workers slashed; 0 logs their verdicts.
        #[codec(index = 13)]
        pub static SlashUncalibrated: BoundedU32<0, 1> = BoundedU32::from_const(0);
        /// Planck held for each byte of a model's whitening table.
        #[codec(index = 14)]
        pub static WhiteningDepositPerByte: BoundedU128<0, OGPU> = BoundedU128::from_const(OGPU / 10_000);
        /// Planck that the audit fund pays for juries on one owner's results in a day where no slash pays it back.
        #[codec(index = 15)]
        pub static JuryFundLimit: BoundedU128<0, { 100 * OGPU }> = BoundedU128::from_const(OGPU / 20);
        /// Owners below which a model counts as served by few: others with the same class of device judge it too.
        #[codec(index = 16)]
        pub static SmallModelOwners: BoundedU32<0, 100> = BoundedU32::from_const(8);
    }

    /// Slashes.
    #[dynamic_pallet_params]
    #[codec(index = 5)]
    pub mod slashing {
        /// Ticks between an offence and its slash, in which the canceller can undo it: 7 days.
        #[codec(index = 0)]
        pub static DeferralTicks: BoundedU32<5, 1_296_000> = BoundedU32::from_const(302_400);
        /// Ticks for which an offence doubles the next one's slash: 90 days.
        #[codec(index = 1)]
        pub static RepetitionTicks: BoundedU32<10, 15_552_000> = BoundedU32::from_const(3_888_000);
        /// Results that are all audited after a failed one.
        #[codec(index = 2)]
        pub static ForcedAudits: BoundedU32<0, 200> = BoundedU32::from_const(20);
        /// Chance that an audit by an honest auditor finds a cheat, in parts per million, as penalties count it.
        #[codec(index = 3)]
        pub static DetectionPpm: BoundedU32<100_000, 1_000_000> = BoundedU32::from_const(990_000);
        /// Colluding part of the audit stake that penalties count with, in parts per million: up to a third, cheats
        /// lose on average although accomplices let them pass as auditors and acquit them on juries.
        #[codec(index = 4)]
        pub static ColludingPpm: BoundedU32<0, 500_000> = BoundedU32::from_const(333_333);
        /// Ticks of a window in which silence of many is a fault of the network.
        #[codec(index = 5)]
        pub static NetworkWindowTicks: BoundedU32<10, 43_200> = BoundedU32::from_const(300);
        /// Part of all stake whose silence in one window, the largest owner left out, is a fault of the network, in parts
        /// per million.
        #[codec(index = 6)]
        pub static NetworkFaultPpm: BoundedU32<10_000, 1_000_000> = BoundedU32::from_const(100_000);
        /// Ticks of a day, in which audits of one owner for one client count once, and for all clients `CountedADay`
        /// times. One outage of the network is forgiven for as long.
        #[codec(index = 7)]
        pub static DayTicks: BoundedU32<1, 432_000> = BoundedU32::from_const(43_200);
        /// Part of the blocks, in parts per million, whose authors collude with a worker and leave out a block that
        /// draws an audit, as penalties count it.
        #[codec(index = 8)]
        pub static WithholdingPpm: BoundedU32<0, 500_000> = BoundedU32::from_const(200_000);
        /// Most passed audits of one owner and kind of job that count in its record in a day, whoever the clients are.
        #[codec(index = 9)]
        pub static CountedADay: BoundedU32<1, 64> = BoundedU32::from_const(8);
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

/// A governed figure of 0 or 1 as a switch.
pub struct GovernedSwitch<P>(PhantomData<P>);

impl<P> Get<bool> for GovernedSwitch<P>
where
    P: Key + Get<<P as Key>::Value>,
    <P as Key>::Value: Into<u32>,
{
    fn get() -> bool {
        P::get().into() != 0
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
