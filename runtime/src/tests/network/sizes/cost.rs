//! What a flow takes of blocks, and how many of it they hold.

use super::super::meter::{HookWeights, Sent};
use crate::{
    configs::compute::{AgendaShare, FullBlock, MatchShare, SlashShare, WindowShare},
    system::{RuntimeBlockLength, RuntimeBlockWeights},
    Balance, SLOT_DURATION_MS,
};
use frame_support::{dispatch::DispatchClass, weights::Weight};
use std::collections::BTreeMap;

/// Who pays fees.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Party {
    Client,
    Worker,
    Auditors,
    Jurors,
}

/// What a flow takes.
#[derive(Clone, Default, Debug)]
pub struct Cost {
    /// Transactions.
    pub transactions: u64,
    /// Bytes of those of the normal class, and of all.
    pub normal_bytes: u64,
    pub bytes: u64,
    /// Weight of those of the normal class, and of all, in picoseconds.
    pub normal: u64,
    pub calls: u64,
    /// Weight of hooks.
    pub hooks: HookWeights,
    /// Fees by who pays them, in planck; nobody who pays none.
    pub fees: BTreeMap<Party, Balance>,
}

impl Cost {
    /// Adds a transaction of `party`.
    pub fn add(&mut self, sent: &Sent, party: Party) {
        self.transactions += 1;
        self.bytes += sent.bytes;
        self.calls += sent.used;
        if sent.class == DispatchClass::Normal {
            self.normal_bytes += sent.bytes;
            self.normal += sent.used;
        }
        if sent.fee > 0 {
            *self.fees.entry(party).or_default() += sent.fee;
        }
    }

    /// What this takes more than `other`.
    pub fn without(&self, other: &Self) -> Self {
        let mut fees = self.fees.clone();
        for (party, fee) in &other.fees {
            let left = fees.entry(*party).or_default();
            *left = left.saturating_sub(*fee);
        }
        fees.retain(|_, fee| *fee > 0);
        Self {
            transactions: self.transactions.saturating_sub(other.transactions),
            normal_bytes: self.normal_bytes.saturating_sub(other.normal_bytes),
            bytes: self.bytes.saturating_sub(other.bytes),
            normal: self.normal.saturating_sub(other.normal),
            calls: self.calls.saturating_sub(other.calls),
            hooks: self.hooks.combine(&other.hooks, u64::saturating_sub),
            fees,
        }
    }

    /// How many flows a block holds, by each thing that is scarce; the scarcest first.
    ///
    /// Flows last for many blocks; when as many begin as end, every block holds as much as one whole flow takes for
    /// each that begins.
    pub fn bounds(&self) -> Vec<(&'static str, f64)> {
        let weights = RuntimeBlockWeights::get();
        let lengths = RuntimeBlockLength::get();
        let normal = weights
            .get(DispatchClass::Normal)
            .max_total
            .unwrap_or(weights.max_block);
        // Above this the work clock stands, and nothing is drawn any more.
        let whole = FullBlock::get() * weights.max_block.ref_time() - weights.base_block.ref_time();
        let share = |share: Weight| share.ref_time();
        let market = share(AgendaShare::get()) + share(MatchShare::get());
        let of = |limit: u64, taken: u64| limit as f64 / taken.max(1) as f64;
        let length = |class| u64::from(*lengths.max.get(class));
        let mut bounds = vec![
            ("weight of transactions", of(normal.ref_time(), self.normal)),
            ("weight of the block", of(whole, self.calls + self.hooks.total())),
            ("share of matching", of(market, self.hooks.market)),
            (
                "share of checks",
                of(share(WindowShare::get()), self.hooks.verification),
            ),
            (
                "share of slashes",
                of(share(SlashShare::get()), self.hooks.slashing),
            ),
            (
                "length of transactions",
                of(length(DispatchClass::Normal), self.normal_bytes),
            ),
            (
                "length of the block",
                of(length(DispatchClass::Operational), self.bytes),
            ),
        ];
        bounds.sort_by(|(_, one), (_, other)| one.total_cmp(other));
        bounds
    }

    /// How many flows one block holds.
    pub fn in_a_block(&self) -> f64 {
        self.bounds()[0].1
    }

    /// How many flows the chain takes in a second.
    pub fn a_second(&self) -> f64 {
        self.in_a_block() * 1_000.0 / SLOT_DURATION_MS as f64
    }
}
