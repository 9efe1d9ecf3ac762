//! Stake and machines, moved by anybody at any time.

use super::Walk;
use crate::{AccountId, ProviderStaking, Runtime, OGPU};
use ogpu_primitives::{pairing::pairing_message, ModelId};
use pallet_provider_staking::Call;
use sp_core::Pair;

impl Walk<'_> {
    fn amount(&mut self) -> u128 {
        let whole = OGPU * self.dice.below(400) as u128;
        match self.dice.below(10) {
            0 => self.dice.below(3) as u128,
            1 => u128::MAX >> self.dice.below(100),
            _ => whole + self.dice.below(3) as u128,
        }
    }

    pub(super) fn call_staking(&mut self) {
        let worker = self.dice.one(&self.workers);
        let owner = ProviderStaking::owner_of(&worker).unwrap_or_else(|| self.dice.one(&self.owners));
        let (by_owner, by_worker) = (self.who(&owner), self.who(&worker));
        let amount = self.amount();
        let model = self.dice.one(&[self.network.model, self.small]);
        let (who, call) = match self.dice.below(14) {
            0..=1 => (by_owner, Call::stake { amount }),
            2..=3 => (by_owner, Call::unstake { amount }),
            4 => (by_owner, Call::withdraw {}),
            5 => return self.pair(),
            6 => (by_owner, Call::unpair { worker }),
            7 => (by_owner, Call::allot { worker, amount }),
            8 => {
                let ask_permille = 50 + self.dice.below(2_000) as u32;
                (by_owner, Call::set_ask { worker, ask_permille })
            }
            9 if self.dice.chance(70) => (by_worker, Call::serve_model { model }),
            9 => (by_worker, Call::stop_serving { model }),
            10 if self.dice.chance(40) => (by_owner, Call::drain { worker }),
            10..=11 => (by_owner, Call::resume { worker }),
            12 => (by_owner, Call::rejoin { worker }),
            _ => {
                let amount = amount % OGPU;
                (by_owner, Call::top_up { worker, amount })
            }
        };
        self.send(&who, call);
    }

    /// A new machine, or one that has an owner already, with its proof or another's.
    fn pair(&mut self) {
        let owner = self.dice.one(&self.owners);
        let new = self.workers.len() < 90 && self.dice.chance(70);
        let worker = if new {
            self.network.keys.make()
        } else {
            self.dice.one(&self.workers)
        };
        let named: AccountId = self.who(&owner);
        let message = pairing_message(crate::System::block_hash(0).as_ref(), &named);
        let proof = self.network.keys.of(&worker).sign(&message).into();
        let allotment = OGPU * self.dice.below(150) as u128;
        let call = Call::pair {
            worker: worker.clone(),
            proof,
            allotment,
        };
        if !self.send(&owner, call) {
            return;
        }
        if new {
            self.workers.push(worker.clone());
            self.people.push(worker.clone());
        }
        let profile = self.network.profile();
        self.send(&worker, Call::set_profile { profile });
        for model in self.served() {
            self.send(&worker, Call::serve_model { model });
        }
    }

    /// Models that a new machine serves: now and then the small one too, so that few owners have it.
    fn served(&mut self) -> Vec<ModelId> {
        let both = [self.network.model, self.small];
        let count = if self.dice.chance(10) { 2 } else { 1 };
        both[..count].to_vec()
    }

    /// Another owner with a machine, in the place of those that were slashed or jailed out of the market.
    pub(super) fn newcomer(&mut self) {
        if crate::SafeMode::is_entered() || self.owners.len() >= 60 {
            return;
        }
        let provider = self.network.provider((100 + self.dice.below(200) as u128) * OGPU);
        self.people
            .extend([provider.owner.clone(), provider.worker.clone()]);
        self.owners.push(provider.owner);
        self.workers.push(provider.worker);
    }

    /// Moves money, now and then all of it.
    pub(super) fn transfer(&mut self) {
        let (from, to) = (self.dice.one(&self.people), self.dice.one(&self.people));
        let to = match self.dice.below(10) {
            0 => crate::JobMarket::pot_account(),
            1 => crate::Slashing::pot_account(),
            2 => crate::TokenReserve::audit_fund_account(),
            _ => to,
        };
        let dest = to.into();
        if self.dice.chance(5) {
            let keep_alive = self.dice.chance(50);
            self.send(
                &from,
                pallet_balances::Call::<Runtime>::transfer_all { dest, keep_alive },
            );
        } else {
            let value = OGPU / 100 * self.dice.below(2_000) as u128;
            self.send(
                &from,
                pallet_balances::Call::<Runtime>::transfer_allow_death { dest, value },
            );
        }
        // Somebody always has something.
        let poor = self.dice.one(&self.people);
        if super::super::wealth([&poor]) < OGPU {
            self.network.give(&poor, 50 * OGPU);
        }
    }
}
