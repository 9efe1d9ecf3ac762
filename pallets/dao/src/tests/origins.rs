use super::*;
use crate::{EnsureCanceller, EnsureParameters, EnsureTreasurer, Origin};
use codec::Encode;
use frame_support::traits::EnsureOrigin;

const ALL: [Origin; 3] = [Origin::Parameters, Origin::Treasurer, Origin::Canceller];

fn passes<E: EnsureOrigin<RuntimeOrigin>>(origin: impl Into<RuntimeOrigin>) -> bool {
    E::try_origin(origin.into()).is_ok()
}

#[test]
fn origin_should_pass_its_own_check_only() {
    for origin in ALL {
        assert_eq!(
            passes::<EnsureParameters>(origin.clone()),
            origin == Origin::Parameters
        );
        assert_eq!(
            passes::<EnsureCanceller>(origin.clone()),
            origin == Origin::Canceller
        );
        assert_eq!(
            passes::<EnsureTreasurer<SpendLimit>>(origin.clone()),
            origin == Origin::Treasurer
        );
    }
}

#[test]
fn origin_should_be_handed_back_when_a_check_refuses_it() {
    let refused = EnsureParameters::try_origin(RuntimeOrigin::from(Origin::Canceller));
    let back: Result<Origin, RuntimeOrigin> = refused.expect_err("another origin").into();
    assert_eq!(back.expect("an origin of the dao"), Origin::Canceller);
}

#[test]
fn origin_should_not_pass_when_it_is_signed_or_root() {
    for origin in [
        RuntimeOrigin::signed(1),
        RuntimeOrigin::root(),
        RuntimeOrigin::none(),
    ] {
        assert!(!passes::<EnsureParameters>(origin.clone()));
        assert!(!passes::<EnsureCanceller>(origin.clone()));
        assert!(!passes::<EnsureTreasurer<SpendLimit>>(origin));
    }
}

#[test]
fn treasurer_should_be_told_the_limit_when_it_passes() {
    let limit = EnsureTreasurer::<SpendLimit>::try_origin(RuntimeOrigin::from(Origin::Treasurer));
    assert_eq!(limit.expect("the treasurer"), SpendLimit::get());
}

#[test]
fn origins_should_keep_their_indexes_when_encoded() {
    assert_eq!(ALL.map(|origin| origin.encode()), [vec![0], vec![1], vec![2]]);
}
