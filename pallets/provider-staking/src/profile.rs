//! What a worker says of itself, what it asks and which models it serves.

use crate::{
    roster::Change, Capability, Config, Error, Event, Models, Pallet, Profiles, RosterKey, Served,
    TransportKeys, Worker, Workers, MAX_ASK_PERMILLE, MAX_MODELS, MAX_SLOTS, MIN_ASK_PERMILLE,
};
use frame_support::{dispatch::Pays, ensure};
use ogpu_primitives::{traits::Clock, ModelId, WorkerProfile};
use sp_runtime::{traits::Get, DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Implements [`Pallet::set_profile`].
    pub(crate) fn do_set_profile(
        account: T::AccountId,
        profile: WorkerProfile,
    ) -> Result<(Change, Pays), DispatchError> {
        let mut worker = Workers::<T>::get(&account).ok_or(Error::<T>::NotAWorker)?;
        Self::check_profile(&profile)?;
        let previous = Profiles::<T>::get(&account);
        ensure!(previous.as_ref() != Some(&profile), Error::<T>::ProfileUnchanged);
        Self::claim_transport_key(
            &account,
            previous.map(|profile| profile.network.transport_key),
            profile.network.transport_key,
        )?;

        let was_full = worker.free_slots() == 0;
        let capability = Capability::of(&profile);
        let moved = Self::change_class(&account, &worker, &capability);
        worker.capability = Some(capability);
        let pays_fee = Self::profile_fee(&mut worker);
        Profiles::<T>::insert(&account, profile);
        let mut change = Self::save_and_list(&account, worker);
        change.moved = change.moved.max(moved);
        if change.told == 0 && was_full {
            change.told = Self::tell_of_slot(&account);
        }
        Self::deposit_event(Event::ProfileSet {
            worker: account,
            capability,
        });
        Ok((change, pays_fee))
    }

    /// Implements [`Pallet::set_ask`]; returns how many models were told.
    pub(crate) fn do_set_ask(
        caller: T::AccountId,
        account: T::AccountId,
        ask_permille: u32,
    ) -> Result<u32, DispatchError> {
        ensure!(
            (MIN_ASK_PERMILLE..=MAX_ASK_PERMILLE).contains(&ask_permille),
            Error::<T>::AskOutOfRange
        );
        let mut worker = Self::worker_of(&caller, &account)?;
        let cheaper = ask_permille < worker.ask_permille;
        worker.ask_permille = ask_permille;
        Workers::<T>::insert(&account, worker);
        let told = if cheaper { Self::tell_of_slot(&account) } else { 0 };
        Self::deposit_event(Event::AskSet {
            worker: account,
            ask_permille,
        });
        Ok(told)
    }

    /// Implements [`Pallet::serve_model`].
    pub(crate) fn do_serve_model(account: T::AccountId, model: ModelId) -> DispatchResult {
        let mut worker = Workers::<T>::get(&account).ok_or(Error::<T>::NotAWorker)?;
        ensure!(T::Models::exists(&model), Error::<T>::UnknownModel);
        ensure!(
            !Served::<T>::contains_key(&account, model),
            Error::<T>::AlreadyServed
        );
        ensure!(worker.models < MAX_MODELS, Error::<T>::TooManyModels);
        let capability = worker.capability.ok_or(Error::<T>::NoProfile)?;
        let needed = T::Models::vram_mib(&model).ok_or(Error::<T>::UnknownModel)?;
        ensure!(needed <= capability.max_vram_mib, Error::<T>::ModelTooLarge);

        worker.models = worker.models.saturating_add(1);
        Served::<T>::insert(&account, model, ());
        let listed = worker.listed;
        let free = worker.free_slots() > 0;
        Workers::<T>::insert(&account, &worker);
        if listed {
            Self::roster_insert(&RosterKey::Model(model), &account, &worker);
        }
        Self::deposit_event(Event::ModelServed {
            worker: account,
            model,
        });
        if listed && free {
            Self::tell(&[model]);
        }
        Ok(())
    }

    /// Implements [`Pallet::stop_serving`].
    pub(crate) fn do_stop_serving(account: T::AccountId, model: ModelId) -> DispatchResult {
        let mut worker = Workers::<T>::get(&account).ok_or(Error::<T>::NotAWorker)?;
        ensure!(
            Served::<T>::take(&account, model).is_some(),
            Error::<T>::NotServed
        );
        if worker.listed {
            Self::roster_remove(&RosterKey::Model(model), &account, &worker);
        }
        worker.models = worker.models.saturating_sub(1);
        Workers::<T>::insert(&account, worker);
        Self::deposit_event(Event::ServingStopped {
            worker: account,
            model,
        });
        Ok(())
    }

    /// Refuses what no worker can be.
    fn check_profile(profile: &WorkerProfile) -> DispatchResult {
        ensure!(!profile.devices.is_empty(), Error::<T>::NoDevice);
        ensure!(
            (1..=MAX_SLOTS).contains(&profile.slots),
            Error::<T>::SlotsOutOfRange
        );
        let network = &profile.network;
        let keys = [network.transport_key, network.encryption_key];
        ensure!(!keys.contains(&[0; 32]), Error::<T>::MissingKey);
        let names = profile.devices.iter().map(|device| &device.name[..]);
        let relays = network.relays.iter().map(|relay| &relay[..]);
        ensure!(
            names.chain(relays).all(|text| core::str::from_utf8(text).is_ok()),
            Error::<T>::NotUtf8
        );
        Ok(())
    }

    /// Gives the worker its transport key and frees the one before it. Two workers with one key could not be
    /// told apart by who dials them.
    fn claim_transport_key(account: &T::AccountId, old: Option<[u8; 32]>, new: [u8; 32]) -> DispatchResult {
        if old == Some(new) {
            return Ok(());
        }
        ensure!(
            !TransportKeys::<T>::contains_key(new),
            Error::<T>::TransportKeyTaken
        );
        if let Some(old) = old {
            TransportKeys::<T>::remove(old);
        }
        TransportKeys::<T>::insert(new, account);
        Ok(())
    }

    /// Moves a listed worker to the roster of its new class; returns how many rosters were touched.
    fn change_class(account: &T::AccountId, worker: &Worker<T::AccountId>, new: &Capability) -> u32 {
        match worker.capability {
            Some(old) if worker.listed && old.class != new.class => {
                Self::roster_remove(&RosterKey::Class(old.class), account, worker);
                Self::roster_insert(&RosterKey::Class(new.class), account, worker);
                1
            }
            _ => 0,
        }
    }

    /// Whether this change costs a fee. A paid change does not put the next free one off.
    fn profile_fee(worker: &mut Worker<T::AccountId>) -> Pays {
        let now = T::Clock::now();
        let free = worker
            .free_profile_at
            .is_none_or(|last| now.saturating_sub(last) >= T::ProfileInterval::get());
        if free {
            worker.free_profile_at = Some(now);
            Pays::No
        } else {
            Pays::Yes
        }
    }
}
