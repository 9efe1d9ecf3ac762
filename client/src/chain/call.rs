//! The calls that our programs make, as they are kept in queues and put into transactions.
//!
//! A [`Call`] is ours: it is stored as SCALE with fixed indexes and turned into the runtime's own encoding only
//! when it is signed, so that a request in a queue survives an upgrade of the runtime.

use super::compat;
use crate::AccountId;
use codec::{Decode, Encode};
use ogpu_primitives::{
    AuditOpening, AuditReport, Balance, Commitment, JobId, JobRequest, ModelId, ModelSpec, SignedReceipt,
    Subject, WhiteningTable, WorkKey, WorkerProfile, H256,
};
use subxt::{
    ext::{
        scale_encode::{self, EncodeAsFields},
        scale_type_resolver::{FieldIter, TypeResolver},
    },
    tx::ValidationDetails,
};

/// One report of a worker inside `report_many`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Report {
    /// The input is here.
    #[codec(index = 0)]
    Acknowledge(WorkKey),
    /// No input came.
    #[codec(index = 1)]
    NoInput(WorkKey),
    /// Here is the result.
    #[codec(index = 2)]
    Commit(WorkKey, Commitment),
}

/// A call of the runtime. Indexes are of our own storage format and never change.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Call {
    /// `JobMarket.register_model`.
    #[codec(index = 0)]
    RegisterModel(ModelSpec<AccountId>),
    /// `JobMarket.submit`.
    #[codec(index = 1)]
    SubmitJob(JobRequest<AccountId>),
    /// `JobMarket.cancel`.
    #[codec(index = 2)]
    CancelJob(JobId),
    /// `JobMarket.acknowledge`.
    #[codec(index = 3)]
    Acknowledge(WorkKey),
    /// `JobMarket.no_input`.
    #[codec(index = 4)]
    NoInput(WorkKey),
    /// `JobMarket.commit`.
    #[codec(index = 5)]
    Commit(WorkKey, Commitment),
    /// `JobMarket.report_many`, at most 16.
    #[codec(index = 6)]
    ReportMany(Vec<Report>),
    /// `JobMarket.poke`.
    #[codec(index = 7)]
    PokeJob(JobId),
    /// `JobMarket.withdraw_earnings`.
    #[codec(index = 8)]
    WithdrawEarnings,
    /// `JobMarket.add_whitening`.
    #[codec(index = 9)]
    AddWhitening { model: ModelId, table: WhiteningTable },
    /// `ProviderStaking.stake`, planck.
    #[codec(index = 20)]
    Stake(Balance),
    /// `ProviderStaking.unstake`, planck.
    #[codec(index = 21)]
    Unstake(Balance),
    /// `ProviderStaking.withdraw`.
    #[codec(index = 22)]
    Withdraw,
    /// `ProviderStaking.pair`: the proof is the worker's sr25519 signature of the pairing message.
    #[codec(index = 23)]
    Pair {
        worker: AccountId,
        proof: [u8; 64],
        allotment: Balance,
    },
    /// `ProviderStaking.unpair`.
    #[codec(index = 24)]
    Unpair(AccountId),
    /// `ProviderStaking.allot`, planck.
    #[codec(index = 25)]
    Allot { worker: AccountId, amount: Balance },
    /// `ProviderStaking.set_profile`.
    #[codec(index = 26)]
    SetProfile(WorkerProfile),
    /// `ProviderStaking.set_ask`, in 1/1000 of the price index.
    #[codec(index = 27)]
    SetAsk { worker: AccountId, ask_permille: u32 },
    /// `ProviderStaking.serve_model`.
    #[codec(index = 28)]
    ServeModel(ModelId),
    /// `ProviderStaking.stop_serving`.
    #[codec(index = 29)]
    StopServing(ModelId),
    /// `ProviderStaking.drain`.
    #[codec(index = 30)]
    Drain(AccountId),
    /// `ProviderStaking.resume`.
    #[codec(index = 31)]
    Resume(AccountId),
    /// `ProviderStaking.rejoin`.
    #[codec(index = 32)]
    Rejoin(AccountId),
    /// `ProviderStaking.top_up`, planck.
    #[codec(index = 33)]
    TopUp { worker: AccountId, amount: Balance },
    /// `Balances.transfer_keep_alive`, planck.
    #[codec(index = 40)]
    Transfer { to: AccountId, amount: Balance },
    /// `Verification.accept` with the client's secret.
    #[codec(index = 50)]
    Accept { subject: Subject, secret: [u8; 32] },
    /// `Verification.challenge`.
    #[codec(index = 51)]
    Challenge(Subject),
    /// `Verification.audit_commit` with `AuditReport::commitment`.
    #[codec(index = 52)]
    AuditCommit { subject: Subject, report: H256 },
    /// `Verification.open`.
    #[codec(index = 53)]
    Open { subject: Subject, opening: AuditOpening },
    /// `Verification.audit_open`.
    #[codec(index = 54)]
    AuditOpen {
        subject: Subject,
        report: AuditReport,
        salt: [u8; 32],
    },
    /// `Verification.demand_data`: the key is the X25519 key to encrypt for.
    #[codec(index = 55)]
    DemandData { subject: Subject, key: [u8; 32] },
    /// `Verification.post_data`: at most 64 KiB.
    #[codec(index = 56)]
    PostData {
        subject: Subject,
        demander: AccountId,
        ciphertext: Vec<u8>,
    },
    /// `Verification.report_equivocation`: two receipts, or one that differs from the commitment.
    #[codec(index = 57)]
    ReportEquivocation {
        receipt: SignedReceipt,
        other: Option<SignedReceipt>,
    },
}

/// Every call of the runtime that a [`Call`] stands for; compared with the node's when we connect.
pub const CALLS: [(&str, &str); 33] = [
    ("JobMarket", "register_model"),
    ("JobMarket", "submit"),
    ("JobMarket", "cancel"),
    ("JobMarket", "acknowledge"),
    ("JobMarket", "no_input"),
    ("JobMarket", "commit"),
    ("JobMarket", "report_many"),
    ("JobMarket", "poke"),
    ("JobMarket", "withdraw_earnings"),
    ("ProviderStaking", "stake"),
    ("ProviderStaking", "unstake"),
    ("ProviderStaking", "withdraw"),
    ("ProviderStaking", "pair"),
    ("ProviderStaking", "unpair"),
    ("ProviderStaking", "allot"),
    ("ProviderStaking", "set_profile"),
    ("ProviderStaking", "set_ask"),
    ("ProviderStaking", "serve_model"),
    ("ProviderStaking", "stop_serving"),
    ("ProviderStaking", "drain"),
    ("ProviderStaking", "resume"),
    ("ProviderStaking", "rejoin"),
    ("ProviderStaking", "top_up"),
    ("Balances", "transfer_keep_alive"),
    ("JobMarket", "add_whitening"),
    ("Verification", "accept"),
    ("Verification", "challenge"),
    ("Verification", "audit_commit"),
    ("Verification", "open"),
    ("Verification", "audit_open"),
    ("Verification", "demand_data"),
    ("Verification", "post_data"),
    ("Verification", "report_equivocation"),
];

/// `MultiSignature::Sr25519`.
const SR25519: u8 = 1;

/// `MultiAddress::Id`.
const ADDRESS_ID: u8 = 0;

impl Call {
    /// Pallet and call by the names of the metadata.
    pub fn target(&self) -> (&'static str, &'static str) {
        let index = match self {
            Self::RegisterModel(_) => 0,
            Self::SubmitJob(_) => 1,
            Self::CancelJob(_) => 2,
            Self::Acknowledge(_) => 3,
            Self::NoInput(_) => 4,
            Self::Commit(..) => 5,
            Self::ReportMany(_) => 6,
            Self::PokeJob(_) => 7,
            Self::WithdrawEarnings => 8,
            Self::Stake(_) => 9,
            Self::Unstake(_) => 10,
            Self::Withdraw => 11,
            Self::Pair { .. } => 12,
            Self::Unpair(_) => 13,
            Self::Allot { .. } => 14,
            Self::SetProfile(_) => 15,
            Self::SetAsk { .. } => 16,
            Self::ServeModel(_) => 17,
            Self::StopServing(_) => 18,
            Self::Drain(_) => 19,
            Self::Resume(_) => 20,
            Self::Rejoin(_) => 21,
            Self::TopUp { .. } => 22,
            Self::Transfer { .. } => 23,
            Self::AddWhitening { .. } => 24,
            Self::Accept { .. } => 25,
            Self::Challenge(_) => 26,
            Self::AuditCommit { .. } => 27,
            Self::Open { .. } => 28,
            Self::AuditOpen { .. } => 29,
            Self::DemandData { .. } => 30,
            Self::PostData { .. } => 31,
            Self::ReportEquivocation { .. } => 32,
        };
        CALLS[index]
    }

    /// The arguments in the runtime's encoding.
    pub fn arguments(&self) -> Vec<u8> {
        match self {
            Self::RegisterModel(spec) => spec.encode(),
            Self::SubmitJob(request) => request.encode(),
            Self::CancelJob(job) | Self::PokeJob(job) => job.encode(),
            Self::Acknowledge(work) | Self::NoInput(work) => work.encode(),
            Self::Commit(work, commitment) => (work, commitment).encode(),
            Self::ReportMany(reports) => reports.encode(),
            Self::WithdrawEarnings | Self::Withdraw => Vec::new(),
            Self::Stake(amount) | Self::Unstake(amount) => amount.encode(),
            Self::Pair {
                worker,
                proof,
                allotment,
            } => (worker, SR25519, proof, allotment).encode(),
            Self::Unpair(worker) | Self::Drain(worker) | Self::Resume(worker) | Self::Rejoin(worker) => {
                worker.encode()
            }
            Self::Allot { worker, amount } | Self::TopUp { worker, amount } => (worker, amount).encode(),
            Self::SetProfile(profile) => profile.encode(),
            Self::SetAsk { worker, ask_permille } => (worker, ask_permille).encode(),
            Self::ServeModel(model) | Self::StopServing(model) => model.encode(),
            Self::Transfer { to, amount } => (ADDRESS_ID, to, codec::Compact(*amount)).encode(),
            Self::AddWhitening { model, table } => (model, table).encode(),
            Self::Accept {
                subject,
                secret: bytes,
            }
            | Self::DemandData { subject, key: bytes } => (subject, bytes).encode(),
            Self::Challenge(subject) => subject.encode(),
            Self::AuditCommit { subject, report } => (subject, report).encode(),
            Self::Open { subject, opening } => (subject, opening).encode(),
            Self::AuditOpen {
                subject,
                report,
                salt,
            } => (subject, report, salt).encode(),
            Self::PostData {
                subject,
                demander,
                ciphertext,
            } => (subject, demander, ciphertext).encode(),
            Self::ReportEquivocation { receipt, other } => (receipt, other).encode(),
        }
    }

    /// The call as subxt puts it into a transaction.
    pub fn payload(&self) -> CallPayload {
        let (pallet, call) = self.target();
        CallPayload {
            pallet,
            call,
            hash: compat::call_hash(pallet, call),
            arguments: Arguments(self.arguments()),
        }
    }
}

/// A [`Call`] ready for subxt, with the hash that the metadata we were built with has for it.
pub struct CallPayload {
    pallet: &'static str,
    call: &'static str,
    hash: Option<[u8; 32]>,
    arguments: Arguments,
}

impl subxt::tx::Payload for CallPayload {
    type CallData = Arguments;

    fn pallet_name(&self) -> &str {
        self.pallet
    }

    fn call_name(&self) -> &str {
        self.call
    }

    fn call_data(&self) -> &Arguments {
        &self.arguments
    }

    fn validation_details(&self) -> Option<ValidationDetails<'_>> {
        let hash = self.hash?;
        Some(ValidationDetails {
            pallet_name: self.pallet,
            call_name: self.call,
            hash,
        })
    }
}

/// Arguments that are encoded already. They cannot differ from what the runtime expects, because the call's hash
/// over its argument types is compared before they are used.
pub struct Arguments(Vec<u8>);

impl EncodeAsFields for Arguments {
    fn encode_as_fields_to<R: TypeResolver>(
        &self,
        _: &mut dyn FieldIter<'_, R::TypeId>,
        _: &R,
        out: &mut Vec<u8>,
    ) -> Result<(), scale_encode::Error> {
        out.extend_from_slice(&self.0);
        Ok(())
    }
}
