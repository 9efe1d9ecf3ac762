//! `ogpu-node session-keys`: what a validator needs to join, in one command.

use codec::Encode;
use sc_cli::{Error, KeystoreParams, SharedParams, SubstrateCli};
use sc_keystore::LocalKeystore;
use sc_service::{config::KeystoreConfig, BasePath};
use sp_core::crypto::{AccountId32, Ss58Codec};
use sp_keystore::{KeystoreExt, KeystorePtr};
use sp_state_machine::BasicExternalities;

/// Makes session keys in this node's keystore, bound to an account, and prints the `session.setKeys` call with
/// its proof. A running node finds the keys without a restart.
#[derive(Debug, Clone, clap::Parser)]
pub struct SessionKeysCmd {
    /// The validator's account (SS58), which will send the call.
    #[arg(long, value_name = "SS58")]
    account: String,

    /// Print JSON.
    #[arg(long)]
    json: bool,

    #[clap(flatten)]
    shared_params: SharedParams,

    #[clap(flatten)]
    keystore_params: KeystoreParams,
}

impl SessionKeysCmd {
    /// Makes the keys and prints the call.
    pub fn run<C: SubstrateCli>(&self, cli: &C) -> Result<(), Error> {
        let account = AccountId32::from_ss58check(&self.account).map_err(|error| {
            Error::Input(format!(
                "`{}` is no SS58 address ({error:?}): copy it from your wallet",
                self.account
            ))
        })?;
        let base_path = self
            .shared_params
            .base_path()?
            .unwrap_or_else(|| BasePath::from_project("", "", &C::executable_name()));
        let chain_id = self.shared_params.chain_id(self.shared_params.is_dev());
        let spec = cli.load_spec(&chain_id)?;
        let config_dir = base_path.config_dir(spec.id());
        let (path, password) = match self.keystore_params.keystore_config(&config_dir)? {
            KeystoreConfig::Path { path, password } => (path, password),
            KeystoreConfig::InMemory => {
                return Err(Error::Input(
                    "keys in memory are lost at once: give --base-path".into(),
                ))
            }
        };
        let keystore: KeystorePtr = LocalKeystore::open(path.clone(), password)?.into();

        let mut externalities = BasicExternalities::default();
        externalities.register_extension(KeystoreExt(keystore));
        let generated =
            externalities.execute_with(|| ogpu_runtime::SessionKeys::generate(&account.encode(), None));

        let keys = generated.keys.encode();
        let proof = generated.proof.encode();
        let call = ogpu_runtime::RuntimeCall::Session(pallet_session::Call::set_keys {
            keys: generated.keys,
            proof: proof.clone(),
        })
        .encode();
        if self.json {
            println!(
                "{}",
                serde_json::json!({
                    "account": account.to_ss58check(),
                    "keystore": path,
                    "keys": format!("0x{}", hex::encode(&keys)),
                    "proof": format!("0x{}", hex::encode(&proof)),
                    "call": format!("0x{}", hex::encode(&call)),
                })
            );
        } else {
            eprintln!(
                "Made session keys in {} for {}.",
                path.display(),
                account.to_ss58check()
            );
            eprintln!("Send this call from that account: polkadot.js apps, Developer > Extrinsics > Decode,");
            eprintln!("paste it, submit; then Staking > Validate.");
            println!("0x{}", hex::encode(&call));
        }
        Ok(())
    }
}
