use crate::{mock::*, Error, Event, HoldReason, Models, Whitening};
use codec::Encode;
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use ogpu_primitives::{Balance, JobKind, ModelId, WhiteningTable, H256};

fn table() -> WhiteningTable {
    WhiteningTable::unit(576).expect("a valid table")
}

fn add(who: AccountId, model: ModelId, table: WhiteningTable) -> frame_support::dispatch::DispatchResult {
    JobMarket::add_whitening(RuntimeOrigin::signed(who), model, table)
}

fn held() -> Balance {
    Balances::balance_on_hold(&HoldReason::ModelDeposit.into(), &MODEL_OWNER)
}

#[test]
fn table_should_be_kept_with_a_deposit_for_each_byte_when_the_owner_adds_it() {
    ExtBuilder.build_and_execute(|| {
        let model = register();
        assert_eq!(JobMarket::whitening(&model), None);
        assert_ok!(add(MODEL_OWNER, model, table()));
        assert_eq!(JobMarket::whitening(&model), Some(table()));
        // Two exponents, two lengths of two bytes, 576 means and scales of two bytes.
        let deposit = 3 * (2 + 2 * (2 + 576 * 2));
        assert_eq!(table().encoded_size() as u128 * 3, deposit);
        assert_eq!(held(), 5_000 + deposit);
        assert_eq!(
            Models::<Test>::get(model).map(|model| model.deposit),
            Some(5_000 + deposit)
        );
        System::assert_last_event(
            Event::WhiteningAdded {
                model,
                hash: table().hash(),
                dimensions: 576,
                deposit,
            }
            .into(),
        );
    });
}

#[test]
fn table_should_be_refused_when_the_model_has_one() {
    ExtBuilder.build_and_execute(|| {
        let model = register();
        assert_ok!(add(MODEL_OWNER, model, table()));
        assert_noop!(add(MODEL_OWNER, model, table()), Error::<Test>::WhiteningExists);
    });
}

#[test]
fn table_should_be_refused_when_the_signer_is_not_the_models_owner() {
    ExtBuilder.build_and_execute(|| {
        let model = register();
        assert_noop!(add(CLIENT, model, table()), Error::<Test>::NotModelOwner);
    });
}

#[test]
fn table_should_be_refused_when_there_is_no_such_model() {
    ExtBuilder.build_and_execute(|| {
        assert_noop!(
            add(MODEL_OWNER, H256::zero(), table()),
            Error::<Test>::UnknownModel
        );
    });
}

#[test]
fn table_should_be_refused_when_the_model_embeds() {
    ExtBuilder.build_and_execute(|| {
        let mut spec = spec();
        spec.kind = JobKind::Embed;
        spec.costs.output_milli_cu = 0;
        let model = ogpu_primitives::model::model_id(&spec);
        assert_ok!(JobMarket::register_model(
            RuntimeOrigin::signed(MODEL_OWNER),
            spec
        ));
        assert_noop!(add(MODEL_OWNER, model, table()), Error::<Test>::NotSketched);
    });
}

#[test]
fn table_should_be_refused_when_it_cannot_be_used() {
    let wrong: [fn(&mut WhiteningTable); 4] = [
        |table| table.scales.clear(),
        |table| {
            table.means.clear();
            table.scales.clear();
        },
        |table| table.mean_shift = u8::MAX,
        |table| table.scales.iter_mut().for_each(|scale| *scale = 0),
    ];
    for change in wrong {
        ExtBuilder.build_and_execute(|| {
            let model = register();
            let mut table = table();
            change(&mut table);
            assert_noop!(add(MODEL_OWNER, model, table), Error::<Test>::InvalidWhitening);
        });
    }
}

#[test]
fn table_should_be_refused_when_its_owner_cannot_pay_for_it() {
    ExtBuilder.build_and_execute(|| {
        let model = register();
        WhiteningDepositPerByte::set(FUNDS);
        assert_noop!(
            add(MODEL_OWNER, model, table()),
            Error::<Test>::InsufficientDeposit
        );
        WhiteningDepositPerByte::set(3);
        assert!(!Whitening::<Test>::contains_key(model));
    });
}

#[test]
fn job_should_be_checked_with_the_table_when_it_was_there_at_the_assignment() {
    ExtBuilder.build_and_execute(|| {
        let first = acknowledged();
        assert_ok!(add(MODEL_OWNER, job(&first).request.model, table()));
        let second = submit_as(CLIENT, request(1));
        run_blocks(2);
        let whitened = |id| job(id).assignment.map(|given| given.terms.whitened);
        assert_eq!((whitened(&first), whitened(&second)), (Some(false), Some(true)));
    });
}
