//! Checks of the origins, for the configuration of other pallets.

use crate::pallet::Origin;
use core::marker::PhantomData;
use frame_support::traits::{EnsureOrigin, Get};
use ogpu_primitives::Balance;

/// Passes the origin that sets governed parameters.
pub struct EnsureParameters;

impl<O: Into<Result<Origin, O>> + From<Origin>> EnsureOrigin<O> for EnsureParameters {
    type Success = ();

    fn try_origin(origin: O) -> Result<Self::Success, O> {
        expect(origin, Origin::Parameters)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<O, ()> {
        Ok(Origin::Parameters.into())
    }
}

/// Passes the origin that cancels referenda and pending slashes.
pub struct EnsureCanceller;

impl<O: Into<Result<Origin, O>> + From<Origin>> EnsureOrigin<O> for EnsureCanceller {
    type Success = ();

    fn try_origin(origin: O) -> Result<Self::Success, O> {
        expect(origin, Origin::Canceller)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<O, ()> {
        Ok(Origin::Canceller.into())
    }
}

/// Passes the origin that spends from the treasury, and answers how many planck one referendum may spend.
pub struct EnsureTreasurer<Limit>(PhantomData<Limit>);

impl<O: Into<Result<Origin, O>> + From<Origin>, Limit: Get<Balance>> EnsureOrigin<O>
    for EnsureTreasurer<Limit>
{
    type Success = Balance;

    fn try_origin(origin: O) -> Result<Self::Success, O> {
        expect(origin, Origin::Treasurer).map(|()| Limit::get())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn try_successful_origin() -> Result<O, ()> {
        Ok(Origin::Treasurer.into())
    }
}

fn expect<O: Into<Result<Origin, O>> + From<Origin>>(origin: O, wanted: Origin) -> Result<(), O> {
    match origin.into()? {
        found if found == wanted => Ok(()),
        other => Err(other.into()),
    }
}
