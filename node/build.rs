// The commit in `--version` is the one of the last build of this crate: rebuilding the node after every commit
// would cost minutes each.
fn main() {
    substrate_build_script_utils::generate_cargo_keys();
}
