//! What every command needs: settings, key, chain.

use crate::{exit::Usage, output::Progress, Global};
use anyhow::Context as _;
use ogpu_client::{
    chain::{Call, Chain, ChainError, Included, Stage, Wait, DEFAULT_URL},
    config::{self, ClientConfig},
    keys::{AccountKey, KeyError, KeyStore},
    AccountId, H256,
};
use std::path::PathBuf;

/// Key that is used when none is named.
pub const DEFAULT_KEY: &str = "default";

/// Resolved settings.
pub struct Context {
    /// The node.
    pub url: String,
    /// Folder of keys and unfinished jobs.
    pub data_dir: PathBuf,
    /// Folder of models.
    pub models_dir: PathBuf,
    /// Results as JSON.
    pub json: bool,
    /// No progress.
    pub quiet: bool,
    genesis: Option<[u8; 32]>,
    key_name: String,
    dev_account: Option<String>,
}

impl Context {
    /// Flags, environment (both in `global`) and the configuration file, in this order.
    pub fn new(global: &Global) -> anyhow::Result<Self> {
        let file = ClientConfig::load(global.config.as_deref())?;
        let data_dir = match global.data_dir.clone().or(file.data_dir) {
            Some(folder) => folder,
            None => config::default_data_dir()?,
        };
        let models_dir = match global.models_dir.clone().or(file.models_dir) {
            Some(folder) => folder,
            None => config::default_models_dir()?,
        };
        let genesis = global.genesis.clone().or(file.genesis);
        Ok(Self {
            url: global
                .url
                .clone()
                .or(file.url)
                .unwrap_or_else(|| DEFAULT_URL.to_owned()),
            data_dir,
            models_dir,
            json: global.json,
            quiet: global.quiet,
            genesis: genesis.map(|text| crate::resolve::hash(&text)).transpose()?,
            key_name: global
                .account
                .clone()
                .or(file.account)
                .unwrap_or_else(|| DEFAULT_KEY.to_owned()),
            dev_account: global.dev_account.clone(),
        })
    }

    /// The account keys.
    pub fn keys(&self) -> KeyStore {
        KeyStore::in_data_dir(&self.data_dir)
    }

    /// The key to sign with.
    pub fn key(&self) -> anyhow::Result<AccountKey> {
        Ok(match &self.dev_account {
            Some(name) => AccountKey::dev(name)?,
            None => self.keys().load(&self.key_name)?,
        })
    }

    /// An account: an SS58 address, the name of a key, or the key to sign with when `text` is `None`.
    pub fn account(&self, text: Option<&str>) -> anyhow::Result<AccountId> {
        let Some(text) = text else {
            return Ok(self.key()?.account_id());
        };
        if let Ok(account) = text.parse() {
            return Ok(account);
        }
        match self.keys().load(text) {
            Ok(key) => Ok(key.account_id()),
            Err(KeyError::Unknown { .. } | KeyError::BadName(_)) => Err(Usage(format!(
                "'{text}' is neither an SS58 address nor the name of a key; `ogpu keys list` shows the keys"
            ))
            .into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Connects to the node and checks network and runtime.
    pub async fn chain(&self) -> anyhow::Result<Chain> {
        Ok(Chain::connect(&self.url, self.genesis.map(Into::into)).await?)
    }

    /// Connects to a node of the network that something kept here belongs to.
    pub async fn chain_of(&self, genesis: H256) -> anyhow::Result<Chain> {
        let chain = self.chain().await?;
        let have = chain.genesis();
        match have == genesis {
            true => Ok(chain),
            false => Err(ChainError::WrongGenesis { have, want: genesis }.into()),
        }
    }

    /// A progress display.
    pub fn progress(&self) -> Progress {
        Progress::new(self.quiet)
    }

    /// Signs and submits a call and waits until it is final.
    pub async fn send(&self, chain: &Chain, call: &Call, what: &str) -> anyhow::Result<Included> {
        let key = self.key()?;
        let progress = self.progress();
        progress.step(format!("{what}: signing"));
        let included = chain
            .submit(call, &key, Wait::Final, |stage| match stage {
                Stage::Accepted => progress.step(format!("{what}: waiting for a block")),
                Stage::InBlock(_) => progress.step(format!("{what}: in a block, waiting for finality")),
                Stage::Finalized(_) => {}
            })
            .await
            .with_context(|| what.to_owned())?;
        progress.done(format!("{what}: done in block {}", included.block_number));
        Ok(included)
    }
}
