//! Blocks as the node handles them.

/// A block whose transactions are bytes to the node: only the runtime knows what is in them, so that a new
/// runtime needs no new node, and the RPC shows each transaction as one hexadecimal string.
pub type Block = sp_runtime::generic::Block<ogpu_runtime::Header, sp_runtime::OpaqueExtrinsic>;
