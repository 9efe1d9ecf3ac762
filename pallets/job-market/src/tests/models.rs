use crate::{mock::*, Error, Event, HoldReason, Models};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use ogpu_primitives::{model::model_id, JobKind, ModelSpec, H256};

fn refused(change: impl FnOnce(&mut ModelSpec<AccountId>), error: Error<Test>) {
    ExtBuilder.build_and_execute(|| {
        let mut spec = spec();
        change(&mut spec);
        assert_noop!(
            JobMarket::register_model(RuntimeOrigin::signed(MODEL_OWNER), spec),
            error
        );
    });
}

#[test]
fn model_should_be_registered_with_its_deposit_held_when_its_spec_is_sound() {
    ExtBuilder.build_and_execute(|| {
        let id = register();
        assert_eq!(id, model_id(&spec()));
        assert_eq!(
            Balances::balance_on_hold(&HoldReason::ModelDeposit.into(), &MODEL_OWNER),
            5_000
        );
        let model = Models::<Test>::get(id).expect("registered");
        assert_eq!(
            (model.spec, model.deposit, model.jobs_settled),
            (spec(), 5_000, 0)
        );
        assert!(JobMarket::model_exists(&id));
        assert_eq!(JobMarket::model_vram_mib(&id), Some(8_000));
        System::assert_last_event(
            Event::ModelRegistered {
                model: id,
                owner: MODEL_OWNER,
                deposit: 5_000,
            }
            .into(),
        );
    });
}

#[test]
fn model_should_be_unknown_when_it_is_not_registered() {
    ExtBuilder.build_and_execute(|| {
        assert!(!JobMarket::model_exists(&H256::zero()));
        assert_eq!(JobMarket::model_vram_mib(&H256::zero()), None);
    });
}

#[test]
fn model_should_be_refused_when_it_is_registered_already() {
    ExtBuilder.build_and_execute(|| {
        register();
        assert_noop!(
            JobMarket::register_model(RuntimeOrigin::signed(MODEL_OWNER), spec()),
            Error::<Test>::ModelExists
        );
    });
}

#[test]
fn model_should_be_refused_when_its_owner_cannot_pay_the_deposit() {
    ExtBuilder.build_and_execute(|| {
        let spec = ModelSpec {
            owner: POOR,
            ..spec()
        };
        assert_noop!(
            JobMarket::register_model(RuntimeOrigin::signed(POOR), spec),
            Error::<Test>::InsufficientDeposit
        );
    });
}

#[test]
fn model_should_be_refused_when_another_account_is_its_owner() {
    refused(|spec| spec.owner = CLIENT, Error::NotModelOwner);
}

#[test]
fn model_should_be_refused_when_its_name_is_not_printable() {
    for name in [
        b"".to_vec(),
        b"  ".to_vec(),
        b"a\x07b".to_vec(),
        b"\xff\xfe".to_vec(),
    ] {
        refused(
            |spec| spec.name = name.try_into().expect("short"),
            Error::InvalidModelName,
        );
    }
}

#[test]
fn model_should_be_refused_when_its_manifest_is_empty() {
    refused(|spec| spec.manifest = Default::default(), Error::EmptyManifest);
}

#[test]
fn model_should_be_refused_when_a_file_name_leaves_the_folder() {
    for name in ["", ".hidden", "..", "a/b", "a\\b", "C:x", "new\nline"] {
        let name = name.as_bytes().to_vec();
        refused(
            |spec| spec.manifest[0].name = name.try_into().expect("short"),
            Error::InvalidFileName,
        );
    }
}

#[test]
fn model_should_be_refused_when_a_file_is_empty() {
    refused(|spec| spec.manifest[1].size_bytes = 0, Error::EmptyFile);
}

#[test]
fn model_should_be_refused_when_its_manifest_is_not_sorted_or_has_doubles() {
    refused(|spec| spec.manifest.as_mut().swap(0, 1), Error::ManifestNotSorted);
    refused(
        |spec| spec.manifest[0].name = spec.manifest[1].name.clone(),
        Error::ManifestNotSorted,
    );
}

#[test]
fn model_should_be_refused_when_its_tokenizer_is_no_listed_file() {
    refused(
        |spec| spec.tokenizer = H256::repeat_byte(9),
        Error::TokenizerNotInManifest,
    );
}

#[test]
fn model_should_be_refused_when_its_sampler_is_unknown() {
    refused(|spec| spec.sampler_version = 2, Error::UnknownSampler);
}

#[test]
fn model_should_be_refused_when_its_costs_do_not_fit_its_kind() {
    refused(|spec| spec.costs.input_milli_cu = 0, Error::InvalidCosts);
    refused(|spec| spec.costs.output_milli_cu = 0, Error::InvalidCosts);
    refused(|spec| spec.kind = JobKind::Embed, Error::InvalidCosts);
}

#[test]
fn model_should_be_refused_when_it_declares_no_size() {
    refused(|spec| spec.context_tokens = 1, Error::InvalidModelSize);
    refused(|spec| spec.vram_mib = 0, Error::InvalidModelSize);
}

#[test]
fn model_should_be_registered_when_it_embeds_and_output_is_free() {
    ExtBuilder.build_and_execute(|| {
        let mut spec = spec();
        spec.kind = JobKind::Embed;
        spec.costs.output_milli_cu = 0;
        assert_ok!(JobMarket::register_model(
            RuntimeOrigin::signed(MODEL_OWNER),
            spec
        ));
    });
}
