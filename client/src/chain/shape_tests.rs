//! Whether our types have the shape that the committed metadata says.
//!
//! Calls are encoded and answers decoded with the types of `ogpu-primitives` and of `view`; were one of them to
//! drift from the runtime, a field would be read as another. These tests compare names, order and types of every
//! field, down to the numbers.

use super::{
    call::{Call, Report},
    compat::our_metadata,
    query,
    view::*,
    view_check::*,
};
use crate::AccountId;
use ogpu_primitives::{
    work::Subject, AuditOpening, AuditReport, Balance, Commitment, DeviceClass, EmbedParams, FinishReason,
    JobHistoryEvent, JobId, JobKind, JobLedger, JobParams, JobRequest, Limits, MatchRecord, ModelId,
    ModelSpec, NetworkProfile, Receipt, Requirements, SignedReceipt, Tick, WhiteningTable, WorkKey,
    WorkerProfile, H256,
};
use scale_info::{form::PortableForm, meta_type, MetaType, PortableRegistry, Registry, TypeDef};
use std::collections::HashSet;
use subxt::ext::{scale_decode::DecodeAsFields, scale_value::Composite};

/// Compares two types in two registries; says where they differ.
struct Comparison<'a> {
    ours: &'a PortableRegistry,
    theirs: &'a PortableRegistry,
    seen: HashSet<(u32, u32)>,
}

type Field = scale_info::Field<PortableForm>;

impl Comparison<'_> {
    fn compare(&mut self, path: &str, ours: u32, theirs: u32) -> Result<(), String> {
        let (ours, theirs) = (unwrap(self.ours, ours), unwrap(self.theirs, theirs));
        if !self.seen.insert((ours, theirs)) {
            return Ok(());
        }
        let our_type = &self.ours.resolve(ours).unwrap().type_def;
        let their_type = &self.theirs.resolve(theirs).unwrap().type_def;
        match (our_type, their_type) {
            (TypeDef::Composite(ours), TypeDef::Composite(theirs)) => {
                self.fields(path, &ours.fields, &theirs.fields)
            }
            (TypeDef::Variant(ours), TypeDef::Variant(theirs)) => {
                let names = |variants: &[scale_info::Variant<PortableForm>]| {
                    variants
                        .iter()
                        .map(|variant| (variant.index, variant.name.clone()))
                        .collect::<Vec<_>>()
                };
                if names(&ours.variants) != names(&theirs.variants) {
                    return Err(format!(
                        "{path}: {:?} / {:?}",
                        names(&ours.variants),
                        names(&theirs.variants)
                    ));
                }
                ours.variants
                    .iter()
                    .zip(&theirs.variants)
                    .try_for_each(|(ours, theirs)| {
                        self.fields(&format!("{path}::{}", ours.name), &ours.fields, &theirs.fields)
                    })
            }
            (TypeDef::Sequence(ours), TypeDef::Sequence(theirs)) => {
                self.compare(&format!("{path}[]"), ours.type_param.id, theirs.type_param.id)
            }
            (TypeDef::Array(ours), TypeDef::Array(theirs)) if ours.len == theirs.len => {
                self.compare(&format!("{path}[]"), ours.type_param.id, theirs.type_param.id)
            }
            (TypeDef::Tuple(ours), TypeDef::Tuple(theirs)) if ours.fields.len() == theirs.fields.len() => {
                ours.fields
                    .iter()
                    .zip(&theirs.fields)
                    .enumerate()
                    .try_for_each(|(index, (ours, theirs))| {
                        self.compare(&format!("{path}.{index}"), ours.id, theirs.id)
                    })
            }
            (TypeDef::Primitive(ours), TypeDef::Primitive(theirs)) if ours == theirs => Ok(()),
            (TypeDef::Compact(ours), TypeDef::Compact(theirs)) => {
                self.compare(path, ours.type_param.id, theirs.type_param.id)
            }
            _ => Err(format!("{path}: {our_type:?} / {their_type:?}")),
        }
    }

    fn fields(&mut self, path: &str, ours: &[Field], theirs: &[Field]) -> Result<(), String> {
        let names = |fields: &[Field]| fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
        let positional = ours
            .iter()
            .chain(theirs)
            .all(|field| field.name.is_none() || ours.len() == 1);
        if ours.len() != theirs.len() || (!positional && names(ours) != names(theirs)) {
            return Err(format!("{path}: {:?} / {:?}", names(ours), names(theirs)));
        }
        ours.iter().zip(theirs).try_for_each(|(ours, theirs)| {
            let name = ours.name.as_deref().unwrap_or("_");
            self.compare(&format!("{path}.{name}"), ours.ty.id, theirs.ty.id)
        })
    }
}

/// A type that only wraps another is encoded as that other.
fn unwrap(types: &PortableRegistry, id: u32) -> u32 {
    match &types.resolve(id).unwrap().type_def {
        TypeDef::Composite(composite) if composite.fields.len() == 1 => {
            unwrap(types, composite.fields[0].ty.id)
        }
        TypeDef::Tuple(tuple) if tuple.fields.len() == 1 => unwrap(types, tuple.fields[0].id),
        _ => id,
    }
}

/// Where one of our types differs from one of the metadata's.
fn difference(what: &str, ours: MetaType, theirs: u32) -> Option<String> {
    let mut registry = Registry::new();
    let id = registry.register_type(&ours).id;
    let ours: PortableRegistry = registry.into();
    let metadata = our_metadata().expect("client/artifacts/metadata.scale");
    let mut comparison = Comparison {
        ours: &ours,
        theirs: metadata.types(),
        seen: HashSet::new(),
    };
    comparison.compare(what, id, theirs).err()
}

fn assert_shape(what: &str, ours: MetaType, theirs: u32) {
    if let Some(difference) = difference(what, ours, theirs) {
        panic!("ours / the runtime's: {difference}");
    }
}

#[test]
fn comparison_should_notice_when_a_type_or_a_name_differs() {
    #[derive(scale_info::TypeInfo)]
    #[allow(dead_code)]
    struct OtherType {
        worker: AccountId,
        ask_permille: u16,
    }
    #[derive(scale_info::TypeInfo)]
    #[allow(dead_code)]
    struct OtherName {
        total: Balance,
        reserve: Balance,
        staking_pot: Balance,
        audit_fund: Balance,
        fee_pot: Balance,
    }
    let metadata = our_metadata().expect("client/artifacts/metadata.scale");
    let supply = metadata
        .runtime_api_trait_by_name("TokenReserveApi")
        .and_then(|api| api.method_by_name("supply"))
        .map(|method| method.output_ty())
        .expect("the API");
    assert_eq!(difference("same", meta_type::<SupplyView>(), supply), None);
    assert!(difference("type", meta_type::<OtherType>(), supply).is_some());
    assert!(difference("name", meta_type::<OtherName>(), supply).is_some());
    assert!(difference("number", meta_type::<u32>(), supply).is_some());
}

fn assert_call(pallet: &str, call: &str, arguments: &[MetaType]) {
    let metadata = our_metadata().expect("client/artifacts/metadata.scale");
    let variant = metadata
        .pallet_by_name(pallet)
        .unwrap()
        .call_variant_by_name(call)
        .unwrap();
    assert_eq!(variant.fields.len(), arguments.len(), "{pallet}.{call}");
    for (field, ours) in variant.fields.iter().zip(arguments) {
        assert_shape(
            &format!("{pallet}.{call}.{}", field.name.as_deref().unwrap_or("_")),
            *ours,
            field.ty.id,
        );
    }
}

fn assert_api(api: &str, method: &str, inputs: &[MetaType], output: MetaType) {
    let metadata = our_metadata().expect("client/artifacts/metadata.scale");
    let found = metadata
        .runtime_api_trait_by_name(api)
        .unwrap()
        .method_by_name(method)
        .unwrap();
    let theirs: Vec<_> = found.inputs().collect();
    assert_eq!(theirs.len(), inputs.len(), "{api}.{method}");
    for (theirs, ours) in theirs.iter().zip(inputs) {
        assert_shape(&format!("{api}.{method}({})", theirs.name), *ours, theirs.id);
    }
    assert_shape(&format!("{api}.{method}()"), output, found.output_ty());
}

#[test]
fn call_types_should_fit_when_compared_with_the_metadata() {
    let work = meta_type::<WorkKey>();
    assert_call(
        "JobMarket",
        "register_model",
        &[meta_type::<ModelSpec<AccountId>>()],
    );
    assert_call("JobMarket", "submit", &[meta_type::<JobRequest<AccountId>>()]);
    assert_call("JobMarket", "acknowledge", &[work]);
    assert_call("JobMarket", "commit", &[work, meta_type::<Commitment>()]);
    assert_call("ProviderStaking", "set_profile", &[meta_type::<WorkerProfile>()]);
    let set_ask = [meta_type::<AccountId>(), meta_type::<u32>()];
    assert_call("ProviderStaking", "set_ask", &set_ask);
    let allot = [meta_type::<AccountId>(), meta_type::<Balance>()];
    assert_call("ProviderStaking", "allot", &allot);
    let (subject, bytes) = (meta_type::<Subject>(), meta_type::<[u8; 32]>());
    let table = [meta_type::<ModelId>(), meta_type::<WhiteningTable>()];
    assert_call("JobMarket", "add_whitening", &table);
    assert_call("Verification", "accept", &[subject, bytes]);
    assert_call("Verification", "challenge", &[subject]);
    assert_call("Verification", "audit_commit", &[subject, meta_type::<H256>()]);
    assert_call("Verification", "open", &[subject, meta_type::<AuditOpening>()]);
    let report = [subject, meta_type::<AuditReport>(), bytes];
    assert_call("Verification", "audit_open", &report);
    assert_call("Verification", "demand_data", &[subject, bytes]);
    let posted = [subject, meta_type::<AccountId>(), meta_type::<Vec<u8>>()];
    assert_call("Verification", "post_data", &posted);
    let receipts = [meta_type::<SignedReceipt>(), meta_type::<Option<SignedReceipt>>()];
    assert_call("Verification", "report_equivocation", &receipts);
}

#[test]
fn answer_types_should_fit_when_compared_with_the_metadata() {
    let (job, account) = (meta_type::<JobId>(), meta_type::<AccountId>());
    assert_api("JobMarketApi", "job", &[job], meta_type::<Option<JobView>>());
    assert_api(
        "JobMarketApi",
        "history",
        &[job],
        meta_type::<Vec<(Tick, JobHistoryEvent<AccountId>)>>(),
    );
    assert_api("JobMarketApi", "ledger", &[job], meta_type::<Option<JobLedger>>());
    let quote = [
        meta_type::<ModelId>(),
        meta_type::<u32>(),
        meta_type::<u32>(),
        meta_type::<DeviceClass>(),
    ];
    assert_api("JobMarketApi", "quote", &quote, meta_type::<Option<Balance>>());
    assert_api(
        "JobMarketApi",
        "explain",
        &[job],
        meta_type::<Vec<MatchRecord<AccountId>>>(),
    );
    assert_api(
        "JobMarketApi",
        "assigned_to",
        &[account],
        meta_type::<Vec<JobId>>(),
    );
    assert_api(
        "JobMarketApi",
        "next_nonce",
        &[account],
        meta_type::<Option<u64>>(),
    );
    assert_api("JobMarketApi", "earnings", &[account], meta_type::<Balance>());
    assert_api("JobMarketApi", "totals", &[], meta_type::<MarketTotals>());
    assert_api(
        "ProviderStakingApi",
        "worker",
        &[account],
        meta_type::<Option<WorkerView>>(),
    );
    assert_api(
        "ProviderStakingApi",
        "owner",
        &[account],
        meta_type::<Option<OwnerView>>(),
    );
    let providers = [
        meta_type::<Option<ModelId>>(),
        meta_type::<u32>(),
        meta_type::<u32>(),
    ];
    assert_api(
        "ProviderStakingApi",
        "providers",
        &providers,
        meta_type::<Vec<WorkerView>>(),
    );
    assert_api(
        "ProviderStakingApi",
        "idle_reason",
        &[account],
        meta_type::<Option<IdleReason>>(),
    );
    let subject = [meta_type::<Subject>()];
    assert_api(
        "VerificationApi",
        "commitment",
        &subject,
        meta_type::<Option<CommitmentRecord>>(),
    );
    assert_api(
        "VerificationApi",
        "audit",
        &subject,
        meta_type::<Option<AuditView>>(),
    );
    assert_api(
        "VerificationApi",
        "duties",
        &[account],
        meta_type::<Vec<(Subject, AuditView)>>(),
    );
    let model = [meta_type::<ModelId>()];
    assert_api(
        "JobMarketApi",
        "whitening",
        &model,
        meta_type::<Option<WhiteningTable>>(),
    );
    assert_api(
        "SlashingApi",
        "pending",
        &[meta_type::<Option<AccountId>>()],
        meta_type::<Vec<(u32, PendingSlash)>>(),
    );
    assert_api(
        "SlashingApi",
        "standing",
        &[account, meta_type::<JobKind>()],
        meta_type::<StandingView>(),
    );
    assert_api(
        "SlashingApi",
        "precision",
        &[account],
        meta_type::<Vec<(ModelId, PrecisionView)>>(),
    );
    assert_api("BeaconApi", "tick", &[], meta_type::<Tick>());
    assert_api("TokenReserveApi", "supply", &[], meta_type::<SupplyView>());
}

/// The fields of an event as a struct or tuple of ours has them, in order.
fn assert_event(pallet: &str, event: &str, ours: &[MetaType]) {
    let metadata = our_metadata().expect("client/artifacts/metadata.scale");
    let pallet_metadata = metadata.pallet_by_name(pallet).unwrap();
    let variants = pallet_metadata.event_variants().unwrap();
    let variant = variants.iter().find(|variant| variant.name == event).unwrap();
    assert_eq!(variant.fields.len(), ours.len(), "{pallet}.{event}");
    for (field, ours) in variant.fields.iter().zip(ours) {
        let name = field.name.as_deref().unwrap_or("_");
        assert_shape(&format!("{pallet}.{event}.{name}"), *ours, field.ty.id);
    }
}

#[test]
fn event_types_should_fit_when_compared_with_the_metadata() {
    let account = meta_type::<AccountId>();
    let news = [
        account,
        account,
        account,
        meta_type::<JobKind>(),
        meta_type::<Balance>(),
        meta_type::<u32>(),
        meta_type::<u16>(),
    ];
    assert_event("Slashing", "AuditCounted", &news);
    assert_event("Slashing", "AuditFailed", &news);
    let posted = [meta_type::<Subject>(), account, meta_type::<H256>()];
    assert_event("Verification", "DataPosted", &posted);
}

#[test]
fn storage_types_should_fit_when_compared_with_the_metadata() {
    let metadata = our_metadata().expect("client/artifacts/metadata.scale");
    let types = [
        meta_type::<AccountInfo>(),
        meta_type::<Model>(),
        meta_type::<JobId>(),
        meta_type::<u64>(),
    ];
    assert_eq!(types.len(), query::STORAGE.len());
    for ((pallet, entry), ours) in query::STORAGE.into_iter().zip(types) {
        let storage = metadata.pallet_by_name(pallet).unwrap().storage().unwrap();
        assert_shape(
            &format!("{pallet}.{entry}"),
            ours,
            storage.entry_by_name(entry).unwrap().value_ty(),
        );
    }
}

#[test]
fn every_call_should_decode_to_the_last_byte_when_read_with_the_metadata() {
    let metadata = our_metadata().expect("client/artifacts/metadata.scale");
    let calls = samples();
    let targets: HashSet<_> = calls.iter().map(Call::target).collect();
    assert_eq!(targets.len(), super::CALLS.len(), "a sample of every call");
    for call in calls {
        let (pallet, name) = call.target();
        let variant = metadata
            .pallet_by_name(pallet)
            .unwrap()
            .call_variant_by_name(name)
            .unwrap();
        let mut fields = variant
            .fields
            .iter()
            .map(|field| subxt::ext::scale_decode::Field::new(field.ty.id, field.name.as_deref()));
        let arguments = call.arguments();
        let mut input = arguments.as_slice();
        Composite::<()>::decode_as_fields(&mut input, &mut fields, metadata.types())
            .unwrap_or_else(|error| panic!("{pallet}.{name}: {error}"));
        assert!(
            input.is_empty(),
            "{pallet}.{name}: {} bytes too many",
            input.len()
        );
    }
}

fn samples() -> Vec<Call> {
    let worker = AccountId::from([1; 32]);
    let hash = JobId::repeat_byte(2);
    let work = WorkKey {
        job: hash,
        segment: 0,
        attempt: 1,
    };
    let commitment = Commitment {
        root: hash,
        output: hash,
        n_in: 1,
        n_out: 2,
        finish: FinishReason::Length,
    };
    let subject = Subject::Work(work);
    let receipt = SignedReceipt {
        receipt: Receipt::new(hash, work, &commitment),
        signature: [6; 64],
    };
    let spec = ModelSpec {
        owner: worker,
        name: b"model".to_vec().try_into().unwrap(),
        kind: ogpu_primitives::JobKind::Embed,
        manifest: Default::default(),
        tokenizer: hash,
        template: Some(hash),
        profile: ogpu_primitives::NumericProfile::A8,
        sampler_version: 1,
        costs: ogpu_primitives::Costs {
            input_milli_cu: 1,
            output_milli_cu: 2,
        },
        context_tokens: 3,
        vram_mib: 4,
    };
    let request = JobRequest {
        nonce: 1,
        model: hash,
        params: JobParams::Embed(EmbedParams { normalize: true }),
        input_commitment: hash,
        input_tokens: 3,
        secret_hash: Some(hash),
        replica_secret_hash: Some(hash),
        limits: Limits {
            max_price: 5,
            deadline_ticks: 6,
            replicas: 1,
            requirements: Requirements {
                min_class: DeviceClass(1),
                region: Some(276),
                min_reputation_permille: 1,
                worker: Some(worker),
            },
        },
    };
    let profile = WorkerProfile {
        devices: Default::default(),
        network: NetworkProfile {
            transport_key: [3; 32],
            encryption_key: [4; 32],
            addresses: Default::default(),
            relays: Default::default(),
        },
        region: 0,
        slots: 1,
    };
    vec![
        Call::RegisterModel(spec),
        Call::SubmitJob(request),
        Call::CancelJob(hash),
        Call::Acknowledge(work),
        Call::NoInput(work),
        Call::Commit(work, commitment),
        Call::ReportMany(vec![
            Report::Acknowledge(work),
            Report::NoInput(work),
            Report::Commit(work, commitment),
        ]),
        Call::PokeJob(hash),
        Call::WithdrawEarnings,
        Call::Stake(1),
        Call::Unstake(1),
        Call::Withdraw,
        Call::Pair {
            worker,
            proof: [5; 64],
            allotment: 7,
        },
        Call::Unpair(worker),
        Call::Allot { worker, amount: 1 },
        Call::SetProfile(profile),
        Call::SetAsk {
            worker,
            ask_permille: 900,
        },
        Call::ServeModel(hash),
        Call::StopServing(hash),
        Call::Drain(worker),
        Call::Resume(worker),
        Call::Rejoin(worker),
        Call::TopUp { worker, amount: 1 },
        Call::Transfer {
            to: worker,
            amount: 1,
        },
        Call::AddWhitening {
            model: hash,
            table: WhiteningTable::unit(4).unwrap(),
        },
        Call::Accept {
            subject,
            secret: [1; 32],
        },
        Call::Challenge(subject),
        Call::AuditCommit {
            subject,
            report: hash,
        },
        Call::Open {
            subject,
            opening: AuditOpening::Embed(vec![1; 8].try_into().unwrap()),
        },
        Call::AuditOpen {
            subject,
            report: AuditReport::Embed(vec![1; 8].try_into().unwrap()),
            salt: [2; 32],
        },
        Call::DemandData {
            subject,
            key: [3; 32],
        },
        Call::PostData {
            subject,
            demander: worker,
            ciphertext: vec![4; 100],
        },
        Call::ReportEquivocation {
            receipt,
            other: Some(receipt),
        },
    ]
}
