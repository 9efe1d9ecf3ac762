use super::*;
use std::fs;

#[test]
fn key_should_sign_for_the_known_account_when_it_is_alice() {
    let key = AccountKey::dev("alice").unwrap();
    assert_eq!(
        key.account_id().to_string(),
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
    );
    let signature = key.sign_bytes(b"message");
    assert!(verify(&key.account_id(), b"message", &signature));
    assert!(!verify(&key.account_id(), b"other", &signature));
}

#[test]
fn key_should_be_the_same_when_it_is_stored_and_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let store = KeyStore::in_data_dir(folder.path());
    let mnemonic = new_mnemonic();
    assert_eq!(mnemonic.split_whitespace().count(), 12);
    let info = store.store("mine", &mnemonic).unwrap();
    assert_eq!(store.load("mine").unwrap().account_id().to_string(), info.account);
    assert_eq!(store.list().unwrap().len(), 1);
}

#[test]
fn key_should_be_refused_when_the_name_is_taken_or_bad() {
    let folder = tempfile::tempdir().unwrap();
    let store = KeyStore::in_data_dir(folder.path());
    store.store("mine", "//Alice").unwrap();
    assert!(matches!(store.store("mine", "//Bob"), Err(KeyError::Exists(_))));
    assert!(matches!(
        store.store("../mine", "//Bob"),
        Err(KeyError::BadName(_))
    ));
    assert!(matches!(store.load("other"), Err(KeyError::Unknown { .. })));
    assert!(matches!(
        store.store("bad", "not a mnemonic"),
        Err(KeyError::BadSecret)
    ));
}

#[cfg(unix)]
#[test]
fn key_should_be_refused_when_others_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = KeyStore::in_data_dir(folder.path());
    store.store("mine", "//Alice").unwrap();
    let path = folder.path().join("keys/mine.toml");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(store.load("mine"), Err(KeyError::Exposed { .. })));
}

#[test]
fn worker_keys_should_stay_when_they_are_loaded_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = WorkerKeys::load_or_create(folder.path()).unwrap();
    let second = WorkerKeys::load_or_create(folder.path()).unwrap();
    assert_eq!(first.account.account_id(), second.account.account_id());
    assert_eq!(first.transport.public(), second.transport.public());
    assert_eq!(first.encryption.public(), second.encryption.public());
}

#[test]
fn worker_keys_should_be_refused_when_a_file_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    WorkerKeys::load_or_create(folder.path()).unwrap();
    fs::write(folder.path().join("transport.secret"), "abcd").unwrap();
    assert!(matches!(
        WorkerKeys::load_or_create(folder.path()),
        Err(KeyError::Damaged(_))
    ));
}
